/** What must hold at every moment, and what must hold once everything has come to rest. */
import {
  type AccountId,
  type Amount,
  accountOf,
  add,
  compare,
  finalStates,
  type IntentId,
  type JournalEvent,
  type Order,
  orderIdOf,
  partsOf,
  type Side,
  streams,
  subtract,
  verifyJournal,
  zeroAmount,
} from '@nightdesk/core';
import type { FakeOrder } from '../support/fake-venue.ts';
import { createMemoryJournal, openReservations } from '../support/memory-stores.ts';
import { type Desk, ordersWith, venueOf } from './desk.ts';
import { HandOverWatch, legsViolation } from './hand-over-watch.ts';
import { findExitsViolation, findProtectionViolation } from './protection-watch.ts';
import { accountIds } from './settings.ts';
import { findLimitViolation, StakeWatch } from './stake-watch.ts';

/** Events by which an order is about to be placed. */
const placingEvents: ReadonlySet<string> = new Set(['order.intended', 'order.attempted', 'order.triggered']);

/** Once the venue has said this of an order it is over, whatever an older answer says. */
const overStates: ReadonlySet<Order['state']> = new Set(['filled', 'canceled', 'expired']);

/** Looks at a desk after each effect. Keeps what it saw before, since some things may only ever grow. */
export class Watch {
  readonly #desk: Desk;
  readonly #seen = new Map<string, Pick<Order, 'version' | 'filled' | 'state'>>();
  readonly #eventCounts = new Map<string, number>();
  readonly #venueOrders = new Map<string, number>();
  readonly #handOvers: HandOverWatch;
  readonly #stakes: StakeWatch;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#handOvers = new HandOverWatch(desk);
    this.#stakes = new StakeWatch(desk);
  }

  /** @returns what is wrong, or `undefined` */
  findViolation(): string | undefined {
    return (
      this.#handOvers.messageViolation() ??
      this.#venueViolation() ??
      this.#orderViolation() ??
      findExitsViolation(this.#desk) ??
      this.#journalViolation() ??
      this.#reservedViolation() ??
      this.#stakes.findViolation()
    );
  }

  #venueViolation(): string | undefined {
    for (const [id, { orders }] of this.#desk.venues) {
      const added = orders.slice(this.#venueOrders.get(id) ?? 0);
      this.#venueOrders.set(id, orders.length);
      for (const { request } of added) {
        const violation = this.#placedViolation(id, request.clientOrderId as IntentId);
        if (violation !== undefined) return violation;
      }
    }
    return undefined;
  }

  #placedViolation(account: AccountId, id: IntentId): string | undefined {
    const { length: count } = ordersWith(this.#desk, id);
    if (count > 1) return `the venues have ${count} orders for the one intent ${id}`;
    const row = this.#desk.tables.orders.get(id);
    if (row === undefined) return `the venue of ${account} has the order ${id}, of which nothing is recorded`;
    if (row.account !== account) return `${account} has the order ${id}, which is recorded to be for ${row.account}`;
    return this.#handOvers.rowViolation(row) ?? this.#handOvers.venueOrderViolation(row);
  }

  #orderViolation(): string | undefined {
    for (const order of this.#desk.tables.orders.values()) {
      const { orderId, version, filled, state } = order;
      const before = this.#seen.get(orderId);
      if (before?.version === version) continue;
      this.#seen.set(orderId, { version, filled, state });
      if (before !== undefined && version < before.version) return `${orderId} went back to version ${version}`;
      if (before !== undefined && compare(filled, before.filled) < 0) return `${orderId} lost fills: ${filled}`;
      const wasOver = before !== undefined && overStates.has(before.state);
      if (wasOver && !overStates.has(state)) return `${orderId} was ${before.state} and is ${state} again`;
      const truth = venueOf(this.#desk, order.account).ordersWith(orderId)[0]?.filled ?? '0';
      if (compare(filled, truth) > 0) return `${orderId} shows ${filled} filled, the venue filled ${truth}`;
      const violation = this.#handOvers.rowViolation(order);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #journalViolation(): string | undefined {
    for (const [stream, events] of this.#desk.tables.journal) {
      const seen = this.#eventCounts.get(stream) ?? 0;
      if (events.length === seen) continue;
      this.#eventCounts.set(stream, events.length);
      const placing = events.slice(seen).find(({ type }) => placingEvents.has(type));
      const violation = placing && (this.#haltedViolation(placing) ?? this.#limitViolation(placing));
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #haltedViolation({ stream, type }: JournalEvent): string | undefined {
    const { tables, halted } = this.#desk;
    const order = [...tables.orders.values()].find(({ orderId }) => streams.order(orderId) === stream);
    const isStopped = (account: AccountId | '*') =>
      halted.get(account) === 'halted' || (halted.has(account) && order?.reduceOnly !== true);
    const thrown = [order?.account, '*' as const].find((account) => account !== undefined && isStopped(account));
    return thrown && `${stream}: ${type} was recorded after the switch of ${thrown} had been thrown`;
  }

  #limitViolation({ stream, type }: JournalEvent): string | undefined {
    const order = [...this.#desk.tables.orders.values()].find(({ orderId }) => streams.order(orderId) === stream);
    return order && type === 'order.intended' ? findLimitViolation(this.#desk, order) : undefined;
  }

  #reservedViolation(): string | undefined {
    const { tables, settings } = this.#desk;
    for (const account of accountIds(settings.accounts)) {
      const reserved = tables.risk.get(account)?.reserved ?? '0';
      const total = openReservations(tables, account);
      if (reserved !== total) return `${account} has ${reserved} reserved; its open orders reserve ${total}`;
    }
    return undefined;
  }
}

/** What is wrong with a desk at rest, or `undefined`. */
export async function findFinalViolation(desk: Desk): Promise<string | undefined> {
  if (!desk.queue.isEmpty) return 'messages are left that nobody has finished with';
  return (
    findAnswerViolation(desk) ??
    findMessageViolation(desk) ??
    findTruthViolation(desk) ??
    findLedgerViolation(desk) ??
    findProtectionViolation(desk) ??
    (await verifyTables(desk))
  );
}

/** Every signal has one id and is accepted once. What was answered 2xx, `duplicate` included, is known and was seen to. */
function findAnswerViolation({ answers, tables, settings }: Desk): string | undefined {
  const ids = new Map<string, string>();
  const accepted = new Set<string>();
  for (const { signal, status, signalId } of answers) {
    const known = ids.get(signal) ?? signalId;
    ids.set(signal, known);
    if (known !== signalId) return `${signal} got two ids, ${known} and ${signalId}`;
    if (status === 202 && accepted.has(signalId)) return `${signal} was answered 202 twice`;
    if (status === 202) accepted.add(signalId);
    const record = tables.signals.get(signalId);
    if (record === undefined) return `${signal} was answered ${status} and is not recorded`;
    const violation = legsViolation(record.signal, { tables, settings });
    if (violation !== undefined) return `${signal} was answered ${status} and ${violation}`;
  }
  return undefined;
}

/** Whatever the queue took led to an order or to a recorded reason. */
function findMessageViolation({ queue, tables }: Desk): string | undefined {
  for (const { message } of queue.accepted.values()) {
    const id = orderIdOf(message);
    if (!tables.orders.has(id)) return `the message for ${id} left no order`;
  }
  return undefined;
}

/** Every order shows what its venue shows, unless its account is gone: then nobody can ask about it any more. */
function findTruthViolation(desk: Desk): string | undefined {
  for (const order of desk.tables.orders.values()) {
    if (!finalStates.has(order.state) && accountOf(desk.config, order.account) === undefined) continue;
    const [truth] = venueOf(desk, order.account).ordersWith(order.orderId);
    const difference = truth === undefined ? differenceFromNothing(order) : differenceFrom(truth, order);
    if (difference !== undefined) return `${order.orderId} is ${order.state}: ${difference}`;
  }
  return undefined;
}

const withoutVenue: ReadonlySet<Order['state']> = new Set(['denied', 'rejected', 'not_placed', 'no_order']);

function differenceFromNothing({ state, cause }: Order): string | undefined {
  // What waits for its trigger, or was canceled while it did, is nothing that a venue knows of.
  if (state === 'waiting' || cause?.code === 'canceled_while_waiting') return undefined;
  if (!finalStates.has(state)) return 'it is not final, and the venue has nothing of it';
  if (!withoutVenue.has(state)) return 'the venue has nothing of it';
  return cause === undefined ? 'no reason is recorded' : undefined;
}

function differenceFrom(truth: FakeOrder, order: Order): string | undefined {
  const tradeIds = (fills: Order['fills']) => fills.map(({ tradeId }) => tradeId).join(' ');
  const pairs = {
    state: [order.state, truth.status],
    filled: [order.filled, truth.filled],
    'venue order': [order.venueOrderId, truth.venueOrderId],
    fills: [tradeIds(order.fills), tradeIds(truth.fills)],
  };
  const [different] = Object.entries(pairs).filter(([, [shown, true_]]) => shown !== true_);
  return different && `its ${different[0]} is ${different[1][0]}, at the venue ${different[1][1]}`;
}

/** The desk's positions are what its venues filled, of all orders together. */
function findLedgerViolation({ tables, venues, config }: Desk): string | undefined {
  const sums = new Map<string, Amount>();
  const count = (key: string, change: Amount) => sums.set(key, add(sums.get(key) ?? zeroAmount, change));
  const signed = (side: Side, size: Amount) => (side === 'buy' ? size : subtract(zeroAmount, size));
  for (const { orders } of venues.values()) {
    for (const { request, ...truth } of orders) {
      const order = tables.orders.get(request.clientOrderId);
      if (order === undefined) continue;
      // Nobody can ask any more about an order of an account that was taken out.
      const isLost = !finalStates.has(order.state) && accountOf(config, order.account) === undefined;
      const { filled, fills } = isLost ? order : truth;
      const key = streams.position(order.account, order.symbol);
      count(key, signed(request.side, filled));
      const { base, settle } = partsOf(order.symbol);
      const paid = fills.flatMap(({ fee }) => (fee?.asset === base && settle === undefined ? [fee.amount] : []));
      for (const fee of paid) count(key, signed('sell', fee));
    }
  }
  const rows = [...tables.positions.values()].map((row) => [streams.position(row.account, row.symbol), row.quantity]);
  const shown = new Map(rows as [string, Amount][]);
  for (const key of new Set([...sums.keys(), ...shown.keys()])) {
    const [ledger, truth] = [shown.get(key) ?? zeroAmount, sums.get(key) ?? zeroAmount];
    if (compare(ledger, truth) !== 0) return `the ledger has ${ledger} of ${key}; the venue filled ${truth}`;
  }
  return undefined;
}

async function verifyTables({ tables, run }: Desk): Promise<string | undefined> {
  async function* orders() {
    yield* tables.orders.values();
  }
  async function* switches() {
    yield* structuredClone([...tables.risk.values()]);
  }
  async function* positions() {
    yield* structuredClone([...tables.positions.values()]);
  }
  const verification = await verifyJournal({
    orders: orders(),
    switches: switches(),
    positions: positions(),
    // The simulation reconciles nothing.
    books: (async function* () {})(),
    events: createMemoryJournal(tables).scan(),
    startedAtMs: run.time.nowMs() + 60_000,
  });
  if (verification.kind === 'verified') return undefined;
  const { stream, sequence, reason } = verification.misfit;
  return `the journal does not verify: ${stream} ${sequence}: ${reason}`;
}
