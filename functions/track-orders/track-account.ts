/** One account in one round: what waits, what rests, what is in doubt, and what protects positions. */
import { finalStates, isLookDue, lookPauseMs, needsCare, type Order, readSwitchesOnce } from '@nightdesk/core';
import { followOrder, needsLastLook } from '../shared/follow-order.ts';
import { keepMarket } from '../shared/keep-market.ts';
import { siftOpen } from './open-orders.ts';
import { type AccountRound, inLanes, lookAt } from './run.ts';
import { watchWaiting } from './waiting-orders.ts';

/** Orders of one account asked about singly in one run; the rest follows in the next ones. */
const ordersMax = 500;
/** Orders of one account that take turns. */
const listedMax = 5_000;
/** Steps of this part of a list come close to every place of it soon, whatever its length: the golden section. */
const turnStep = 0.618_033_988_75;
const minuteMs = 60_000;

/** @returns the orders as they are known after the round */
export async function trackAccount(round: AccountRound): Promise<Order[]> {
  const { account, ports, deadlineMs } = round;
  const nowMs = ports.clock.nowMs();
  const listed = await ports.orders.listOpen(account.id, listedMax);
  if (nowMs >= deadlineMs) return listed;
  // Decided before the first look: a look at an entry is none at its bracket.
  const due = new Set(listed.filter((order) => isLookDue(order, nowMs, round.lookedAtMs.get(order.orderId))));
  const unfinished = [...due].filter((order) => !finalStates.has(order.state) || needsLastLook(order));
  const seen = new Map(listed.map((order) => [order.orderId, order]));
  const take = (orders: readonly Order[]) => {
    for (const order of orders) seen.set(order.orderId, order);
  };
  await Promise.all([trackWaiting(unfinished, round).then(take), trackPlaced(unfinished, round).then(take)]);
  const isMoved = (order: Order) => seen.get(order.orderId)?.version !== order.version;
  const moved = listed.filter((order) => due.has(order) || isMoved(order)).map(({ symbol }) => symbol);
  await protect([...seen.values()], new Set(moved), round).then(take);
  return [...seen.values()];
}

async function trackWaiting(due: readonly Order[], round: AccountRound): Promise<Order[]> {
  const waiting = due.filter(({ state }) => state === 'waiting');
  const markets = Map.groupBy(waiting, ({ symbol }) => symbol);
  const watched = await inLanes([...markets.values()], round, (orders) => watchWaiting(orders, round));
  return watched.flat();
}

/** Orders in doubt first. Those that rest at the venue begin elsewhere each minute, so that none is always left over. */
async function trackPlaced(due: readonly Order[], round: AccountRound): Promise<Order[]> {
  const nowMs = round.ports.clock.nowMs();
  const doubtful = due.filter(({ state }) => state === 'intended' || state === 'unknown');
  const { unchanged, changed } = await siftOpen(
    due.filter(({ state }) => state === 'open'),
    round,
  );
  for (const { orderId } of unchanged) {
    round.lookedAtMs.set(orderId, nowMs);
    round.outcomes.set(orderId, 'known');
  }
  const start = Math.floor(((Math.floor(nowMs / minuteMs) * turnStep) % 1) * changed.length);
  const ended = due.filter((order) => finalStates.has(order.state) && needsLastLook(order));
  const resting = [...changed.slice(start), ...changed.slice(0, start), ...ended];
  // One after the other in each market: of two that may be the same order at the venue, one is told from what the other was found to be.
  const lookedMs = ({ orderId }: Order): number => round.lookedAtMs.get(orderId) ?? 0;
  const longestFirst = doubtful.toSorted((left, right) => lookedMs(left) - lookedMs(right));
  const inDoubt = [...Map.groupBy(longestFirst, ({ symbol }) => symbol).values()];
  const inTurn = [...inDoubt, ...resting.slice(0, Math.max(0, ordersMax - doubtful.length)).map((order) => [order])];
  const untilMs = Math.min(round.deadlineMs, nowMs + round.restingMsMax);
  const limited = { ...round, deadlineMs: untilMs };
  const begun = new Set<Order>();
  const looked = await inLanes(inTurn, limited, (orders) => lookInTurn(orders, limited, begun));
  // What there was no time for is due in the next round.
  for (const order of inTurn.flat()) {
    if (!begun.has(order)) round.lookedAtMs.set(order.orderId, nowMs - lookPauseMs(order, nowMs));
  }
  return looked.flat();
}

async function lookInTurn(orders: readonly Order[], round: AccountRound, begun: Set<Order>): Promise<Order[]> {
  const seen: Order[] = [];
  for (const order of orders) {
    if (round.ports.clock.nowMs() >= round.deadlineMs) break;
    begun.add(order);
    seen.push(await lookAt(order, round, () => followOrder(order, round)));
  }
  return seen;
}

/**
 * Brackets share the position of their market, so all of a market are looked after together: when the time of something in it
 * has come, and at once where something has changed.
 */
async function protect(orders: readonly Order[], symbols: ReadonlySet<string>, round: AccountRound): Promise<Order[]> {
  const { ports } = round;
  const brackets = orders.filter(({ exits, symbol }) => needsCare(exits) && symbols.has(symbol));
  const markets = [...Map.groupBy(brackets, ({ symbol }) => symbol).values()];
  const working = { ...round, ports: { ...ports, risk: readSwitchesOnce(ports.risk) } };
  const kept = await inLanes(markets, round, async (inMarket) => {
    const { entries, hasFailed } = await keepMarket(inMarket, working);
    note(inMarket, hasFailed, round);
    return entries;
  });
  return kept.flat();
}

function note(entries: readonly Order[], hasFailed: boolean, { outcomes, lookedAtMs, ports }: AccountRound): void {
  for (const { orderId } of entries) {
    lookedAtMs.set(orderId, ports.clock.nowMs());
    if (hasFailed) outcomes.set(orderId, 'failed');
    else if (!outcomes.has(orderId)) outcomes.set(orderId, 'known');
  }
}
