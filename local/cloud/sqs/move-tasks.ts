/** Redrive: background tasks that move the messages of a dead-letter queue back to where they came from, or elsewhere. */
import { randomUUID } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import type { Database } from './database.ts';
import { invalidParameter, invalidValue, SqsError } from './errors.ts';
import type { MessageRow, MessageStore } from './messages.ts';
import type { Queue, QueueRegistry } from './queues.ts';

type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

interface TaskRow {
  id: number;
  sourceArn: string;
  destinationArn: string | null;
  perSecondMax: number | null;
  startedMs: number;
  status: MoveStatus;
  moved: number;
  toMove: number;
  failure: string | null;
}

/** A move task in the shape `ListMessageMoveTasks` answers with. */
export interface MoveTask {
  TaskHandle?: string;
  Status: MoveStatus;
  SourceArn: string;
  DestinationArn?: string;
  MaxNumberOfMessagesPerSecond?: number;
  ApproximateNumberOfMessagesMoved: number;
  ApproximateNumberOfMessagesToMove: number;
  FailureReason?: string;
  StartedTimestamp: number;
}

export interface MoveTaskOptions {
  database: Database;
  messages: MessageStore;
  queues: QueueRegistry;
  clock: CloudClock;
  onMoved: (queueIds: Iterable<number>) => void;
}

interface StartRequest {
  sourceArn: string;
  /** Where to; each message's own source queue when absent. */
  destinationArn: string | undefined;
  perSecondMax: number | undefined;
}

const stepMs = 1000;
const perSecondLimit = 500;
const resultsMax = 10;

const columns = `id, source_arn AS sourceArn, destination_arn AS destinationArn, per_second_max AS perSecondMax,
  started_ms AS startedMs, status, moved, to_move AS toMove, failure`;

function formatHandle({ id, sourceArn }: TaskRow): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString('base64');
}

function parseHandle(handle: string): { taskId: number; sourceArn: string } {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, 'base64').toString());
    if (Number.isSafeInteger(taskId) && typeof sourceArn === 'string') return { taskId, sourceArn };
  } catch {
    // Not one of ours: the same answer as for a handle with other fields.
  }
  throw invalidParameter('Value for parameter TaskHandle is invalid.');
}

function resourceNotFound(parameter: string): SqsError {
  return new SqsError(
    'ResourceNotFoundException',
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
  );
}

function describe(task: TaskRow): MoveTask {
  return {
    ...(task.status === 'RUNNING' ? { TaskHandle: formatHandle(task) } : {}),
    Status: task.status,
    SourceArn: task.sourceArn,
    ...(task.destinationArn === null ? {} : { DestinationArn: task.destinationArn }),
    ...(task.perSecondMax === null ? {} : { MaxNumberOfMessagesPerSecond: task.perSecondMax }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failure === null ? {} : { FailureReason: task.failure }),
    StartedTimestamp: task.startedMs,
  };
}

function prepare(database: Database) {
  return {
    insert: database.statement(
      `INSERT INTO move_tasks (source_arn, destination_arn, per_second_max, started_ms, status, to_move)
       VALUES (?, ?, ?, ?, 'RUNNING', ?)`,
    ),
    find: database.statement<TaskRow>(`SELECT ${columns} FROM move_tasks WHERE id = ? AND source_arn = ?`),
    latest: database.statement<TaskRow>(
      `SELECT ${columns} FROM move_tasks WHERE source_arn = ? ORDER BY id DESC LIMIT ?`,
    ),
    running: database.statement<TaskRow>(`SELECT ${columns} FROM move_tasks WHERE status = 'RUNNING'`),
    addMoved: database.statement('UPDATE move_tasks SET moved = moved + ? WHERE id = ?'),
    finish: database.statement('UPDATE move_tasks SET status = ?, failure = ? WHERE id = ?'),
  };
}

/** Runs the move tasks; those that ran when the process ended go on. */
export class MoveTasks {
  readonly #options: MoveTaskOptions;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #timers = new Map<number, () => void>();

  constructor(options: MoveTaskOptions) {
    this.#options = options;
    this.#sql = prepare(options.database);
    for (const task of this.#sql.running.all()) this.#schedule(task, 0);
  }

  /** @returns the task's handle. @throws SqsError unless the source is a dead-letter queue without a running task */
  start(request: StartRequest): string {
    const { sourceArn, destinationArn, perSecondMax } = request;
    const source = this.#sourceQueue(sourceArn);
    this.#checkStart(source, request);
    const nowMs = this.#options.clock.nowMs();
    const toMove = this.#options.messages.depth(source, nowMs).visible;
    const { insertedId } = this.#sql.insert.run(sourceArn, destinationArn ?? null, perSecondMax ?? null, nowMs, toMove);
    const task = this.#sql.find.get(insertedId, sourceArn);
    if (task === undefined) throw new Error(`move task ${insertedId} of ${sourceArn} was not stored`);
    this.#schedule(task, 0);
    return formatHandle(task);
  }

  /** The latest tasks of a source queue, newest first. */
  list(sourceArn: string, countMax: number): MoveTask[] {
    if (countMax < 1 || countMax > resultsMax) {
      throw invalidValue(countMax, 'MaxResults', `Must be between 1 and ${resultsMax}, if provided.`);
    }
    this.#sourceQueue(sourceArn);
    return this.#sql.latest.all(sourceArn, countMax).map(describe);
  }

  /** Stops a running task; what it moved stays moved. @returns how many messages that is */
  cancel(handle: string): number {
    const { taskId, sourceArn } = parseHandle(handle);
    this.#sourceQueue(sourceArn);
    const task = this.#sql.find.get(taskId, sourceArn);
    if (task === undefined) throw new SqsError('ResourceNotFoundException', 'Task does not exist.');
    if (task.status !== 'RUNNING') {
      throw new SqsError('UnsupportedOperation', `Only a running task can be cancelled; this one is ${task.status}.`);
    }
    this.#timers.get(taskId)?.();
    this.#timers.delete(taskId);
    this.#sql.finish.run('CANCELLED', null, taskId);
    return task.moved;
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #checkStart(source: Queue, { destinationArn, perSecondMax }: StartRequest): void {
    if (this.#options.queues.sourcesOf(source).length === 0) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    }
    const destination = destinationArn === undefined ? undefined : this.#options.queues.byArn(destinationArn);
    if (destinationArn !== undefined && destination === undefined) throw resourceNotFound('DestinationArn');
    if (destination && (destination.fifo !== source.fifo || destination === source)) {
      throw invalidValue(destinationArn, 'DestinationArn', 'It must be another queue of the same type as the source.');
    }
    if (perSecondMax !== undefined && (perSecondMax < 1 || perSecondMax > perSecondLimit)) {
      throw invalidValue(perSecondMax, 'MaxNumberOfMessagesPerSecond', `Must be between 1 and ${perSecondLimit}.`);
    }
    if (this.#sql.latest.get(source.arn, 1)?.status === 'RUNNING') {
      throw invalidParameter(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
  }

  /** A redriven message is a new one: new id, age and receive counts (SQS Developer Guide, "DLQ redrive"). */
  #move(source: Queue, row: MessageRow, { target, nowMs }: { target: Queue; nowMs: number }): void {
    this.#options.messages.remove(source, row);
    const visibleMs = nowMs + target.settings.delayMs;
    this.#options.messages.insert(target, { ...row, messageId: randomUUID(), sentMs: nowMs, visibleMs });
  }

  #destinationOf(task: TaskRow, row: MessageRow): Queue | undefined {
    const arn = task.destinationArn ?? row.sourceArn;
    return arn === null ? undefined : this.#options.queues.byArn(arn);
  }

  /** Moves one second's worth. @returns the queues that got messages, and how the task ended if it did */
  #step(task: TaskRow, source: Queue): { reached: Set<number>; end?: { status: MoveStatus; failure: string | null } } {
    const nowMs = this.#options.clock.nowMs();
    const reached = new Set<number>();
    const perSecondMax = task.perSecondMax ?? perSecondLimit;
    const rows = this.#options.messages.ready(source, nowMs, perSecondMax);
    for (const row of rows) {
      const target = this.#destinationOf(task, row);
      if (target === undefined)
        return { reached, end: { status: 'FAILED', failure: 'CouldNotDetermineMessageSource' } };
      this.#move(source, row, { target, nowMs });
      this.#sql.addMoved.run(1, task.id);
      reached.add(target.id);
    }
    const drained = this.#options.messages.ready(source, nowMs, 1).length === 0;
    return drained ? { reached, end: { status: 'COMPLETED', failure: null } } : { reached };
  }

  #run(task: TaskRow): void {
    this.#timers.delete(task.id);
    const source = this.#options.queues.byArn(task.sourceArn);
    const { reached, end } = this.#options.database.transaction(() => {
      const result = source
        ? this.#step(task, source)
        : { reached: [], end: { status: 'FAILED' as const, failure: 'AWS.SimpleQueueService.NonExistentQueue' } };
      if (result.end) this.#sql.finish.run(result.end.status, result.end.failure, task.id);
      return result;
    });
    this.#options.onMoved(reached);
    if (end === undefined) this.#schedule(task, stepMs);
  }

  #schedule(task: TaskRow, delayMs: number): void {
    this.#timers.set(
      task.id,
      this.#options.clock.after(delayMs, () => this.#run(task)),
    );
  }

  #sourceQueue(sourceArn: string): Queue {
    const source = this.#options.queues.byArn(sourceArn);
    if (source === undefined) throw resourceNotFound('SourceArn');
    return source;
  }
}
