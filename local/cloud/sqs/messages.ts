/** Every statement on messages and on the heads of FIFO groups. Callers hold the transaction. */
import type { Database } from './database.ts';
import type { Queue } from './queues.ts';

export interface MessageRow {
  /** Order of arrival in its queue. */
  id: number;
  messageId: string;
  groupId: string | null;
  deduplicationId: string | null;
  body: string;
  /** User attributes as JSON. */
  attributes: string | null;
  traceHeader: string | null;
  sentMs: number;
  visibleMs: number;
  /** Set by the latest receive in this queue. */
  receipt: string | null;
  /** Receives in all queues so far. */
  receives: number;
  /** Receives since the message came to this queue: what `maxReceiveCount` is compared with. */
  receivesHere: number;
  firstReceiveMs: number | null;
  receivedMs: number | null;
  /** The queue that gave the message up to this dead-letter queue. */
  sourceArn: string | null;
}

export type NewMessage = Pick<
  MessageRow,
  'messageId' | 'groupId' | 'deduplicationId' | 'body' | 'attributes' | 'traceHeader' | 'sentMs' | 'visibleMs'
>;

/** How many messages a queue holds, by what can be done with them. */
export interface QueueDepth {
  visible: number;
  inFlight: number;
  delayed: number;
}

const columns = `id, message_id AS messageId, group_id AS groupId, deduplication_id AS deduplicationId, body, attributes,
  trace_header AS traceHeader, sent_ms AS sentMs, visible_ms AS visibleMs, receipt, receives,
  receives_here AS receivesHere, first_receive_ms AS firstReceiveMs, received_ms AS receivedMs, source_arn AS sourceArn`;

function prepare(database: Database) {
  return {
    insert: database.statement(
      `INSERT INTO messages (queue_id, message_id, group_id, deduplication_id, body, attributes, trace_header, sent_ms, visible_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    find: database.statement<MessageRow>(`SELECT ${columns} FROM messages WHERE id = ? AND queue_id = ?`),
    remove: database.statement('DELETE FROM messages WHERE id = ?'),
    take: database.statement(
      `UPDATE messages SET receipt = ?, visible_ms = ?, received_ms = ?, receives = receives + 1,
       receives_here = receives_here + 1, first_receive_ms = IFNULL(first_receive_ms, ?) WHERE id = ?`,
    ),
    setVisible: database.statement('UPDATE messages SET visible_ms = ? WHERE id = ?'),
    bury: database.statement(
      `INSERT INTO messages (queue_id, message_id, group_id, deduplication_id, body, attributes, trace_header, sent_ms,
         visible_ms, receives, first_receive_ms, source_arn)
       SELECT ?, message_id, group_id, deduplication_id, body, attributes, trace_header, ?, ?, receives,
         first_receive_ms, ? FROM messages WHERE id = ?`,
    ),
    ready: database.statement<MessageRow>(
      `SELECT ${columns} FROM messages WHERE queue_id = ? AND visible_ms <= ? ORDER BY visible_ms, id LIMIT ?`,
    ),
    readyLanes: database.statement<{ groupId: string }>(
      'SELECT group_id AS groupId FROM lanes WHERE queue_id = ? AND ready_ms <= ? ORDER BY ready_ms, head_id LIMIT ?',
    ),
    lane: database.statement<MessageRow>(
      `SELECT ${columns} FROM messages WHERE queue_id = ? AND group_id = ? ORDER BY id LIMIT ?`,
    ),
    setLane: database.statement(
      `INSERT INTO lanes (queue_id, group_id, head_id, ready_ms)
       SELECT queue_id, group_id, id, visible_ms FROM messages WHERE queue_id = ? AND group_id = ? ORDER BY id LIMIT 1
       ON CONFLICT (queue_id, group_id) DO UPDATE SET head_id = excluded.head_id, ready_ms = excluded.ready_ms`,
    ),
    removeLane: database.statement('DELETE FROM lanes WHERE queue_id = ? AND group_id = ?'),
    nextReady: database.statement<{ dueMs: number | null }>(
      'SELECT MIN(visible_ms) AS dueMs FROM messages WHERE queue_id = ? AND visible_ms > ?',
    ),
    nextLane: database.statement<{ dueMs: number | null }>(
      'SELECT MIN(ready_ms) AS dueMs FROM lanes WHERE queue_id = ? AND ready_ms > ?',
    ),
    countVisible: database.statement<{ total: number }>(
      'SELECT COUNT(*) AS total FROM messages WHERE queue_id = ? AND visible_ms <= ?',
    ),
    countHidden: database.statement<{ total: number }>(
      'SELECT COUNT(*) AS total FROM messages WHERE queue_id = ? AND visible_ms > ?',
    ),
    countInFlight: database.statement<{ total: number }>(
      'SELECT COUNT(*) AS total FROM messages WHERE queue_id = ? AND visible_ms > ? AND receipt IS NOT NULL',
    ),
    handBack: database.statement(
      `UPDATE messages SET visible_ms = ?, receives = receives - 1, receives_here = receives_here - 1
       WHERE queue_id = ? AND visible_ms > ? AND receipt IS NOT NULL AND receives_here > 0`,
    ),
    expired: database.statement<{ id: number; groupId: string | null }>(
      'SELECT id, group_id AS groupId FROM messages WHERE queue_id = ? AND sent_ms <= ? LIMIT ?',
    ),
    redelay: database.statement(
      'UPDATE messages SET visible_ms = sent_ms + ? WHERE queue_id = ? AND receives_here = 0 AND visible_ms > ?',
    ),
    removeAll: database.statement('DELETE FROM messages WHERE queue_id = ?'),
    removeLanes: database.statement('DELETE FROM lanes WHERE queue_id = ?'),
    lanes: database.statement<{ groupId: string }>('SELECT group_id AS groupId FROM lanes WHERE queue_id = ?'),
  };
}

/** Messages past their retention are dropped this many at a time, so that no call pays for a whole backlog. */
const expiredPerCallMax = 1000;

/** The messages of all queues. Every change to a message of a FIFO queue also keeps the head of its group. */
export class MessageStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  /** @returns the message's place in the order of arrival */
  insert(queue: Queue, message: NewMessage): number {
    const { messageId, groupId, deduplicationId, body, attributes, traceHeader, sentMs, visibleMs } = message;
    const identity = [queue.id, messageId, groupId, deduplicationId] as const;
    const { insertedId } = this.#sql.insert.run(...identity, body, attributes, traceHeader, sentMs, visibleMs);
    this.#settleLane(queue, groupId);
    return insertedId;
  }

  find(queue: Queue, id: number): MessageRow | undefined {
    return this.#sql.find.get(id, queue.id);
  }

  remove(queue: Queue, row: MessageRow): void {
    this.#sql.remove.run(row.id);
    this.#settleLane(queue, row.groupId);
  }

  /** Hands a message out until `visibleMs` under a new receipt. */
  take(
    queue: Queue,
    row: MessageRow,
    { receipt, nowMs, visibleMs }: { receipt: string; nowMs: number; visibleMs: number },
  ): void {
    this.#sql.take.run(receipt, visibleMs, nowMs, nowMs, row.id);
    this.#settleLane(queue, row.groupId);
  }

  setVisible(queue: Queue, row: MessageRow, visibleMs: number): void {
    this.#sql.setVisible.run(visibleMs, row.id);
    this.#settleLane(queue, row.groupId);
  }

  /**
   * Moves a message to a dead-letter queue, behind those already there. A standard message keeps its age, a FIFO
   * message starts anew (SQS Developer Guide, "Understanding message retention periods for dead-letter queues").
   */
  bury(source: Queue, row: MessageRow, { target, nowMs }: { target: Queue; nowMs: number }): void {
    this.#sql.bury.run(target.id, source.fifo ? nowMs : row.sentMs, nowMs, source.arn, row.id);
    this.#sql.remove.run(row.id);
    this.#settleLane(source, row.groupId);
    this.#settleLane(target, row.groupId);
  }

  /** What can be delivered now. FIFO: whole groups one after the other, the longest ready first, each in order. */
  ready(queue: Queue, nowMs: number, rowsMax: number): MessageRow[] {
    return queue.fifo ? this.#readyFifo(queue, nowMs, rowsMax) : this.#sql.ready.all(queue.id, nowMs, rowsMax);
  }

  /** When the first message that was hidden at `sinceMs` can be delivered, if any. */
  nextDueMs(queue: Queue, sinceMs: number): number | undefined {
    return (queue.fifo ? this.#sql.nextLane : this.#sql.nextReady).get(queue.id, sinceMs)?.dueMs ?? undefined;
  }

  inFlight(queue: Queue, nowMs: number): number {
    return this.#sql.countInFlight.get(queue.id, nowMs)?.total ?? 0;
  }

  /** Makes everything in flight visible, as if it had not been received. */
  handBack(queue: Queue, nowMs: number): void {
    if (this.#sql.handBack.run(nowMs, queue.id, nowMs).changes > 0) this.#settleLanes(queue);
  }

  depth(queue: Queue, nowMs: number): QueueDepth {
    const inFlight = this.#sql.countInFlight.get(queue.id, nowMs)?.total ?? 0;
    const hidden = this.#sql.countHidden.get(queue.id, nowMs)?.total ?? 0;
    return { visible: this.#sql.countVisible.get(queue.id, nowMs)?.total ?? 0, inFlight, delayed: hidden - inFlight };
  }

  dropExpired(queue: Queue, nowMs: number): void {
    const rows = this.#sql.expired.all(queue.id, nowMs - queue.settings.retentionMs, expiredPerCallMax);
    for (const { id } of rows) this.#sql.remove.run(id);
    for (const groupId of new Set(rows.map((row) => row.groupId))) this.#settleLane(queue, groupId);
  }

  /** A FIFO queue's new delay also applies to the messages that still wait out the old one. */
  redelay(queue: Queue, nowMs: number): void {
    if (!queue.fifo) return;
    if (this.#sql.redelay.run(queue.settings.delayMs, queue.id, nowMs).changes > 0) this.#settleLanes(queue);
  }

  purge(queue: Queue): void {
    this.#sql.removeAll.run(queue.id);
    this.#sql.removeLanes.run(queue.id);
  }

  /** Notes the new first message of a group after something happened to the old one. */
  #settleLane(queue: Queue, groupId: string | null): void {
    if (!queue.fifo || groupId === null) return;
    if (this.#sql.setLane.run(queue.id, groupId).changes === 0) this.#sql.removeLane.run(queue.id, groupId);
  }

  #settleLanes(queue: Queue): void {
    for (const { groupId } of this.#sql.lanes.all(queue.id)) this.#settleLane(queue, groupId);
  }

  /** The messages at the front of a group, up to the first one that is hidden: nothing overtakes it. */
  #laneFront(queue: Queue, groupId: string, { nowMs, rowsMax }: { nowMs: number; rowsMax: number }): MessageRow[] {
    const rows = this.#sql.lane.all(queue.id, groupId, rowsMax);
    const hidden = rows.findIndex((row) => row.visibleMs > nowMs);
    return hidden < 0 ? rows : rows.slice(0, hidden);
  }

  #readyFifo(queue: Queue, nowMs: number, rowsMax: number): MessageRow[] {
    const rows: MessageRow[] = [];
    for (const { groupId } of this.#sql.readyLanes.all(queue.id, nowMs, rowsMax)) {
      if (rows.length === rowsMax) break;
      rows.push(...this.#laneFront(queue, groupId, { nowMs, rowsMax: rowsMax - rows.length }));
    }
    return rows;
  }
}
