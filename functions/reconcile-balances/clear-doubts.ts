/** Orders that the venue shows otherwise than the desk has them: each is asked about, and what it brings is booked. */
import {
  createOwners,
  type DeskRecords,
  doubtsOf,
  finalStates,
  type IntentId,
  type Order,
  type OrderDoubt,
  type OrderLook,
  observedByTrades,
  recordSeen,
  referenceOf,
  type VenueView,
} from '@nightdesk/core';
import { followOrder, needsLastLook } from '../shared/follow-order.ts';
import { contextOf, onceWith } from '../shared/order-context.ts';
import type { ReconcileRound } from './round.ts';

/** Orders asked about singly in one look, and how many at once; the others have their turn in the next ones. */
const looksMax = 40;
const lanesMax = 4;
/** Recent orders of a market that are looked through for whose something is, and pages that are read for those of one market and of several. */
const recentMax = 300;
const pagesMax = { ofOne: 3, ofSeveral: 10 };
const pageSize = 500;
/** Orders that are named, and so read one by one. */
const namedMax = 100;

export interface Cleared {
  ended: Order[];
  looks: OrderLook[];
}

export async function clearDoubts(desk: DeskRecords, venue: VenueView, round: ReconcileRound): Promise<Cleared> {
  const ended = await findEnded(desk, venue, round);
  const context = contextFor(round);
  const owners = createOwners({ before: desk, after: desk, ended, looks: [] }, context);
  const waiting = doubtsOf(desk.orders, venue, owners).slice(0, looksMax);
  const looks: OrderLook[] = [];
  const worker = async () => {
    for (let doubt = waiting.shift(); doubt !== undefined; doubt = waiting.shift()) {
      if (round.ports.clock.nowMs() >= round.deadlineMs) return;
      looks.push(await look(doubt, round));
    }
  };
  await Promise.all(Array.from({ length: lanesMax }, worker));
  return { ended, looks };
}

export const contextFor = ({ account, clientOrderIdOf }: Pick<ReconcileRound, 'account' | 'clientOrderIdOf'>) => ({
  clientOrderIdOf: (orderId: string, symbol: string) => clientOrderIdOf(account, orderId, symbol),
});

/** Nightdesk's own ids, as venues have them that take them as they are. */
const ownId = /^nd[0-9a-z]{24}$/;

/** Recent orders of the markets in which something is not of an open one. */
async function findEnded(desk: DeskRecords, venue: VenueView, round: ReconcileRound): Promise<Order[]> {
  const owners = createOwners({ before: desk, after: desk, ended: [], looks: [] }, contextFor(round));
  const traces = [
    ...venue.openOrders.map((open) => ({ ...open, isWhole: true })),
    ...venue.trades.map((trade) => ({ ...trade, isWhole: false })),
  ].filter((trace) => owners.ownerOf(trace).kind !== 'desk');
  const symbols = [...new Set(traces.map(({ symbol }) => symbol))];
  const ids = [...new Set(traces.flatMap(({ clientOrderId: id }) => (id !== undefined && ownId.test(id) ? [id] : [])))];
  const [listed, named] = await Promise.all([
    listRecent(symbols, round),
    Promise.all(ids.slice(0, namedMax).map((id) => round.ports.orders.get(id as IntentId))),
  ]);
  const own = named.filter((order) => order?.account === round.account.id);
  return [...listed, ...own].filter((order) => order !== undefined);
}

/**
 * Of some markets, newest first. They are read together: the index has the orders of a day, those of all markets, and reading it
 * for each of ten markets took as much of the table as ten days.
 */
async function listRecent(symbols: readonly string[], { account, ports }: ReconcileRound): Promise<Order[]> {
  const found = new Map(symbols.map((symbol) => [symbol, [] as Order[]]));
  const isEnough = () => [...found.values()].every(({ length }) => length >= recentMax);
  const only = symbols.length === 1 ? symbols[0] : undefined;
  const filter = { account: account.id, ...(only !== undefined && { symbol: only }) };
  const pages = only === undefined ? pagesMax.ofSeveral : pagesMax.ofOne;
  let cursor: string | undefined;
  for (let page = 0; page < pages && !isEnough(); page++) {
    const query = { ...filter, limit: pageSize, nowMs: ports.clock.nowMs(), ...(cursor !== undefined && { cursor }) };
    const answer = await ports.orders.list(query);
    for (const order of answer.orders) found.get(order.symbol)?.push(order);
    cursor = answer.cursor;
    if (cursor === undefined) break;
  }
  return [...found.values()].flat();
}

/** An order that could not be asked about stays in doubt: that is a state, and the next look is a minute away. */
async function look({ order, trades }: OrderDoubt, round: ReconcileRound): Promise<OrderLook> {
  let after = order;
  let isShown = false;
  try {
    const asked = await ask(order, round);
    [after, isShown] = [asked.order, asked.isShown];
  } catch (error) {
    round.telemetry.failure('order could not be looked at', error);
  }
  const told = observedByTrades(after, trades);
  if (told === undefined) return { before: order, after, isShown };
  try {
    const booked = await recordSeen(after, told, onceWith(round));
    return { before: order, after: booked, isShown: true, isHiding: isShown };
  } catch (error) {
    round.telemetry.failure('trades of an order could not be booked', error);
    return { before: order, after, isShown };
  }
}

async function ask(order: Order, round: ReconcileRound): Promise<{ order: Order; isShown: boolean }> {
  if (!finalStates.has(order.state) || needsLastLook(order)) {
    return { order: await followOrder(order, round), isShown: true };
  }
  const { venue, market } = await contextOf(order, round);
  const outcome = await venue.findOrder(referenceOf(order), market);
  if (outcome.kind !== 'found') return { order, isShown: false };
  return { order: await recordSeen(order, outcome.order, onceWith(round)), isShown: true };
}
