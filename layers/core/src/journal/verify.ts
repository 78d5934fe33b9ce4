/**
 * Verification: every chain is recomputed, every order and every position is rebuilt from its events alone, and the tables
 * must show exactly that. Names the first event that does not fit. A desk may go on working meanwhile: the tables are read first, so the
 * journal can only be ahead of them.
 */
import type { Order } from '../orders/order.ts';
import type { OrderEvent } from '../orders/order-events.ts';
import { applyEvent } from '../orders/transition.ts';
import type { PositionRow } from '../positions/ledger.ts';
import type { RiskState } from '../risk/risk-state.ts';
import { canonicalJson } from './canonical-json.ts';
import { type ChainCursor, chainStart, follow, type JournalEvent, type Misfit, streams } from './chain.ts';
import { auditBooks, type BooksHead } from './verify-books.ts';
import { auditPositions } from './verify-positions.ts';

export type Verification =
  | { kind: 'verified'; streams: number; events: number; orders: number }
  | { kind: 'misfit'; misfit: Misfit };

export interface VerificationInput {
  /** The orders as the table shows them; read to the end before the first event. */
  orders: AsyncIterable<Order>;
  /** The switches as the table shows them; read to the end before the first event. */
  switches: AsyncIterable<RiskState>;
  /** The positions as the table shows them; read to the end before the first event. */
  positions: AsyncIterable<PositionRow>;
  /** The books as their table shows them; read to the end before the first event. */
  books: AsyncIterable<BooksHead>;
  /** Every event, streams together and each in sequence. */
  events: AsyncIterable<JournalEvent>;
  /** When the reading began; UTC epoch milliseconds. An order made later may be missing from `orders`. */
  startedAtMs: number;
}

export async function verifyJournal(input: VerificationInput): Promise<Verification> {
  const { events, startedAtMs } = input;
  const shown = new Map<string, Order>();
  for await (const order of input.orders) shown.set(streams.order(order.orderId), order);
  const switches = new Map<string, RiskState>();
  for await (const row of input.switches) switches.set(streams.risk(row.account), row);
  const positions = auditPositions(await collect(input.positions), startedAtMs);
  const books = auditBooks(await collect(input.books), startedAtMs);
  let stream = { name: '', cursor: chainStart as ChainCursor, order: undefined as Order | undefined };
  let [streamCount, eventCount, orderCount] = [0, 0, 0];
  for await (const event of events) {
    if (event.stream !== stream.name) {
      const misfit = ended(stream, { shown, startedAtMs });
      if (misfit !== undefined) return { kind: 'misfit', misfit };
      stream = { name: event.stream, cursor: chainStart, order: undefined };
      streamCount += 1;
    }
    const cursor = follow(stream.cursor, event);
    if ('reason' in cursor) return { kind: 'misfit', misfit: cursor };
    const unfit = positions.follow(event) ?? books.follow(event);
    if (unfit !== undefined) return { kind: 'misfit', misfit: unfit };
    eventCount += 1;
    const order = replay(event, stream.order);
    if (order !== undefined && 'reason' in order) return { kind: 'misfit', misfit: order };
    const misfit = order
      ? compareWithTable(order, shown.get(event.stream))
      : compareSwitch(event, switches.get(event.stream));
    if (event.sequence === switches.get(event.stream)?.version) switches.delete(event.stream);
    if (misfit !== undefined) return { kind: 'misfit', misfit };
    if (order !== undefined && stream.order === undefined) orderCount += 1;
    stream = { name: event.stream, cursor, order };
  }
  const misfit = ended(stream, { shown, startedAtMs }) ?? withoutJournal(shown, switches);
  const left = misfit ?? positions.end() ?? books.end();
  if (left !== undefined) return { kind: 'misfit', misfit: left };
  return { kind: 'verified', streams: streamCount, events: eventCount, orders: orderCount };
}

async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const collected: Row[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}

/** The order after an event of its stream; `undefined` for events of other things. */
function replay(event: JournalEvent, before: Order | undefined): Order | Misfit | undefined {
  if (!event.type.startsWith('order.')) return undefined;
  const { stream, sequence, type, atMs, data } = event;
  try {
    // The hash has shown that this is what was sealed, so it has the shape of an order's event.
    const applied = applyEvent(before, { ...(data as object), type, atMs } as OrderEvent);
    if (applied?.journalEvent.hash === event.hash) return applied.order;
    return { stream, sequence, reason: 'replaying it does not give this event' };
  } catch (error) {
    return { stream, sequence, reason: (error as Error).message };
  }
}

function compareWithTable(order: Order, shown: Order | undefined): Misfit | undefined {
  if (shown?.version !== order.version || canonicalJson(shown) === canonicalJson(order)) return undefined;
  const reason = 'the orders table does not show what the journal leads to';
  return { stream: streams.order(order.orderId), sequence: order.version, reason };
}

/** At a stream's end the table must not be ahead of it, and must have the order. Takes the order off `shown`. */
function ended(
  { name, order }: { name: string; order: Order | undefined },
  { shown, startedAtMs }: { shown: Map<string, Order>; startedAtMs: number },
): Misfit | undefined {
  if (order === undefined) return undefined;
  const inTable = shown.get(name);
  shown.delete(name);
  if (inTable === undefined) {
    const reason = 'the journal has this order, the orders table has not';
    return order.createdAtMs < startedAtMs ? { stream: name, sequence: order.version, reason } : undefined;
  }
  if (inTable.version <= order.version) return undefined;
  return {
    stream: name,
    sequence: order.version + 1,
    reason: 'the orders table knows of this event, the journal has it not',
  };
}

/** A switch's row carries the hash of the event that set it. */
function compareSwitch({ stream, sequence, hash }: JournalEvent, row: RiskState | undefined): Misfit | undefined {
  if (row?.version !== sequence || row.journalHash === hash) return undefined;
  return { stream, sequence, reason: 'the risk table does not show what the journal leads to' };
}

/** What is left was in a table, and its last event was not in the journal. */
function withoutJournal(orders: Map<string, Order>, switches: Map<string, RiskState>): Misfit | undefined {
  const [order] = orders.keys();
  if (order !== undefined) {
    return { stream: order, sequence: 1, reason: 'the orders table has this order, the journal has not' };
  }
  const [left] = switches;
  if (left === undefined) return undefined;
  const reason = 'the risk table knows of this event, the journal has it not';
  return { stream: left[0], sequence: left[1].version, reason };
}
