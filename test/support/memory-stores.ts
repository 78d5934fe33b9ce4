/**
 * The desk's tables in memory, with the rules of the real ones: conditions, versions, one transaction per change. They
 * pass the same contract suite as the DynamoDB repositories.
 */
import {
  type AccountId,
  accountToStore,
  add,
  applyEvent,
  bookFills,
  canonicalJson,
  counterChanges,
  finalStates,
  genesisHash,
  type JournalEvent,
  type JournalReader,
  leadsToCall,
  type Market,
  type MarketsStore,
  marketName,
  type Notional,
  needsTracking,
  type Order,
  type OrderEvent,
  type OrdersStore,
  type PaperAccount,
  type PaperOrder,
  type PaperStore,
  type PositionRow,
  type PositionsStore,
  passingSwitches,
  positionDelta,
  RequestError,
  type RiskState,
  recordFunding,
  revaluation,
  type SignalRecord,
  type SignalsStore,
  type SourceState,
  seal,
  streams,
  VersionConflictError,
  zeroNotional,
} from '@nightdesk/core';
import { addCounters, memoryRows, takeClaims } from './memory-risk.ts';

export { createMemoryRisk } from './memory-risk.ts';

/** What the tables hold; everything in it is a copy. */
export class MemoryTables {
  readonly orders = new Map<string, Order>();
  readonly journal = new Map<string, JournalEvent[]>();
  readonly signals = new Map<string, SignalRecord>();
  readonly windows = new Map<string, number>();
  readonly risk = new Map<string, RiskState>();
  readonly sources = new Map<string, SourceState>();
  readonly positions = new Map<string, PositionRow>();
  readonly markets = new Map<string, Market>();
  readonly paper = new Map<string, PaperAccount>();
  readonly paperOrders = new Map<string, PaperOrder>();

  append(event: JournalEvent): void {
    const events = this.journal.get(event.stream) ?? [];
    if (events.length !== event.sequence - 1) throw new VersionConflictError(`stream ${event.stream}`);
    this.journal.set(event.stream, [...events, structuredClone(event)]);
  }
}

export function createMemoryOrders(tables: MemoryTables): OrdersStore {
  const read = (orderId: string): Order | undefined => structuredClone(tables.orders.get(orderId));
  const write = (applied: { order: Order; journalEvent: JournalEvent }): Order => {
    tables.append(applied.journalEvent);
    tables.orders.set(applied.order.orderId, structuredClone(applied.order));
    return applied.order;
  };
  const find = (wanted: (order: Order) => boolean) => [...tables.orders.values()].filter(wanted).sort(newestFirst);
  return {
    get: async (orderId) => read(orderId),
    async insertIntent(event, gate) {
      const { orderId, account, source } = event.intent;
      const existing = read(orderId);
      if (existing !== undefined) return { kind: 'exists', order: existing };
      const early = gate.rows && gate.judge(gate.rows);
      if (early?.kind === 'passes' && takeClaims(tables, early.claims)) {
        return { kind: 'created', order: write(created(event)) };
      }
      const judged = gate.judge(memoryRows(tables, account, source));
      if (judged.kind === 'denied') return judged;
      // Nothing comes between judging and claiming here.
      if (!takeClaims(tables, judged.claims)) throw new Error(`not granted: ${JSON.stringify(judged.claims)}`);
      return { kind: 'created', order: write(created(event)) };
    },
    async insertDenied(event) {
      return read(event.intent.orderId) ?? write(created(event));
    },
    async apply(order, event) {
      const applied = applyEvent(order, event);
      if (applied === undefined) return order;
      const conflict = new VersionConflictError(`order ${order.orderId}`);
      if (tables.orders.get(order.orderId)?.version !== order.version) throw conflict;
      const allowed = passingSwitches(order);
      const halted = [order.account, '*'].some((key) => !allowed.includes(tables.risk.get(key)?.state ?? 'halted'));
      if (leadsToCall(event) && halted) throw conflict;
      bookChange(tables, order, { after: applied.order, atMs: event.atMs });
      return write(applied);
    },
    listBySignal: async (signalId) => structuredClone(find((order) => order.signalId === signalId).reverse()),
    async listOpen(account, limit) {
      const open = find((order) => order.account === account && needsTracking(order));
      return structuredClone(open.reverse().slice(0, limit));
    },
    async list({ account, status, symbol, sinceMs = 0, cursor, limit }) {
      const wanted = find(
        (order) =>
          order.createdAtMs >= sinceMs &&
          (account === undefined || order.account === account) &&
          (status === undefined || order.state === status) &&
          (symbol === undefined || order.symbol === symbol),
      );
      const before = cursor === undefined ? undefined : checkCursor(cursor);
      const left = before === undefined ? wanted : wanted.filter((order) => keyOf(order) < before);
      const orders = structuredClone(left.slice(0, limit));
      const last = orders.at(-1);
      return last && left.length > limit ? { orders, cursor: keyOf(last) } : { orders };
    },
  };
}

/** Sorts by time, and tells orders of one millisecond apart. */
const keyOf = (order: Order): string => `${String(order.createdAtMs).padStart(15, '0')}#${order.orderId}`;
const newestFirst = (left: Order, right: Order): number => (keyOf(left) < keyOf(right) ? 1 : -1);

/** A cursor is the key of the last order given out, so that it holds whatever becomes of that order. */
function checkCursor(cursor: string): string {
  if (/^\d{15}#\w+$/.test(cursor)) return cursor;
  throw new RequestError('invalid_request', 'the cursor is not one this desk gave out');
}

function created(event: OrderEvent) {
  const applied = applyEvent(undefined, event);
  if (applied === undefined) throw new TypeError(`${event.type} creates no order`);
  return applied;
}

/** What a change of an order changes with it, which the caller writes in the same turn. */
function bookChange(tables: MemoryTables, before: Order, { after, atMs }: { after: Order; atMs: number }): void {
  const delta = positionDelta(before, after);
  if (delta === undefined) {
    addCounters(tables, counterChanges(before, after));
    return;
  }
  const key = positionKey(delta.account, delta.symbol);
  const booked = bookFills({ before, after }, delta, { before: tables.positions.get(key), atMs });
  tables.append(booked.journalEvent);
  tables.positions.set(key, structuredClone(booked.position));
  addCounters(tables, booked.counters);
}

const positionKey = (account: string, symbol: string): string => `${account} ${symbol}`;

export function createMemoryPositions(tables: MemoryTables): PositionsStore {
  return {
    async revalue(position, exposure) {
      const key = positionKey(position.account, position.symbol);
      const stored = tables.positions.get(key);
      if (stored?.version !== position.version || stored.valuations !== position.valuations) return false;
      const after = { ...stored, exposure, valuations: (stored.valuations ?? 0) + 1 };
      tables.positions.set(key, structuredClone(after));
      addCounters(tables, revaluation(stored, { before: stored, after }));
      return true;
    },
    async fund({ account, symbol }, payments, atMs) {
      const stored = tables.positions.get(positionKey(account, symbol));
      const applied = stored && recordFunding(stored, payments, atMs);
      if (applied === undefined) return structuredClone(stored);
      tables.append(applied.journalEvent);
      tables.positions.set(positionKey(account, symbol), structuredClone(applied.position));
      return structuredClone(applied.position);
    },
    get: async (account, symbol) => structuredClone(tables.positions.get(positionKey(account, symbol))),
    async listByAccount(account) {
      const rows = [...tables.positions.values()].filter((row) => row.account === account);
      return structuredClone(rows.sort((left, right) => (left.symbol < right.symbol ? -1 : 1)));
    },
  };
}

export function createMemorySignals(tables: MemoryTables): SignalsStore {
  return {
    get: async (signalId) => structuredClone(tables.signals.get(signalId)),
    async insert(record) {
      const { signalId, receivedAtMs } = record.signal;
      const stream = streams.signal(signalId);
      // The journal outlives the signal's row.
      if (tables.signals.has(signalId) || tables.journal.has(stream)) return false;
      const entry = { stream, sequence: 1, type: 'signal.accepted', atMs: receivedAtMs, data: structuredClone(record) };
      tables.append(seal(entry, genesisHash));
      tables.signals.set(signalId, structuredClone(record));
      return true;
    },
    async openWindow(windowKey, nowMs, windowMs) {
      const startedAtMs = tables.windows.get(windowKey);
      if (startedAtMs !== undefined && startedAtMs > nowMs - windowMs) return startedAtMs;
      tables.windows.set(windowKey, nowMs);
      return nowMs;
    },
  };
}

export function createMemoryMarkets(tables: MemoryTables): MarketsStore {
  const keyOf = (venue: string, symbol: string) => `${venue} ${symbol}`;
  const of = (venue: string) => [...tables.markets.values()].filter((market) => market.venue === venue);
  return {
    get: async (venue, symbol) => structuredClone(tables.markets.get(keyOf(venue, symbol))),
    findByName: async (venue, name) =>
      structuredClone(of(venue).filter((market) => marketName(market.base + market.quote) === name)),
    hasAny: async (venue) => of(venue).length > 0,
    async replaceAll(venue, markets) {
      const gone = new Set(of(venue).map((market) => market.symbol));
      let written = 0;
      for (const market of markets) {
        gone.delete(market.symbol);
        const key = keyOf(venue, market.symbol);
        const known = tables.markets.get(key);
        if (known !== undefined && canonicalJson(known) === canonicalJson(market)) continue;
        tables.markets.set(key, structuredClone(market));
        written += 1;
      }
      for (const symbol of gone) tables.markets.delete(keyOf(venue, symbol));
      return { written, removed: gone.size };
    },
  };
}

export function createMemoryPaper(tables: MemoryTables): PaperStore {
  const keyOf = (account: string, clientOrderId: string) => `${account} ${clientOrderId}`;
  return {
    load: async (account) => structuredClone(tables.paper.get(account)),
    find: async (account, clientOrderId) => structuredClone(tables.paperOrders.get(keyOf(account, clientOrderId))),
    async save(id, { account, orders }) {
      if ((tables.paper.get(id)?.version ?? 0) !== account.version)
        throw new VersionConflictError(`paper account ${id}`);
      tables.paper.set(id, structuredClone({ ...accountToStore(account), version: account.version + 1 }));
      for (const order of orders) {
        const key = keyOf(id, order.request.clientOrderId);
        const fills = [...(tables.paperOrders.get(key)?.fills ?? []), ...order.fills];
        tables.paperOrders.set(key, structuredClone({ ...order, fills }));
      }
    },
  };
}

export function createMemoryJournal(tables: MemoryTables): JournalReader {
  return {
    read: async (stream) => structuredClone(tables.journal.get(stream) ?? []),
    async *scan() {
      for (const events of tables.journal.values()) yield* structuredClone(events);
    },
  };
}

/** What an account's orders that are not final reserve: the independent sum for tests. */
export function openReservations(tables: MemoryTables, account: AccountId): Notional {
  const open = [...tables.orders.values()].filter(
    (order) => order.account === account && !finalStates.has(order.state),
  );
  return open.reduce((sum, order) => add(sum, order.reserved), zeroNotional);
}
