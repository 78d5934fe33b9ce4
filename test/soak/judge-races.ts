/** What became of orders that were canceled and changed while they filled, with all that took their place. */
import {
  type Amount,
  add,
  amount,
  compare,
  finalStates,
  isPositive,
  type Order,
  subtract,
  zeroAmount,
} from '@nightdesk/core';
import type { Paired, Violation } from './judge-orders.ts';
import type { Race } from './race-commands.ts';

/** What an order and all that took its place have come to. */
export function judgeRaces(races: readonly Race[], pairs: readonly Paired[]): Violation[] {
  const byReplaced = new Map(
    pairs.flatMap((pair) => (pair.order.replaces ? [[pair.order.replaces as string, pair]] : [])),
  );
  const byId = new Map(pairs.map((pair) => [pair.order.orderId as string, pair]));
  return races.flatMap((race): Violation[] => {
    const root = byId.get(race.orderId ?? '');
    if (root === undefined) return [{ what: `the race ${race.id} has no order`, signalId: race.signalId }];
    return judgeChain(race, chainOf(root, byReplaced)).map((what) => ({ what, orderId: root.order.orderId as string }));
  });
}

/** Races whose orders filled in part, so that how much was left to cancel or change was not what had been asked for. */
export function contestedOf(races: readonly Race[], pairs: readonly Paired[]): number {
  const ids = new Set(races.map(({ orderId }) => orderId));
  return pairs.filter(({ order, atVenue }) => {
    const { orderId, amount: wanted = zeroAmount } = order;
    const executed = amount(atVenue?.executed ?? '0');
    return ids.has(orderId) && isPositive(executed) && compare(executed, wanted) < 0;
  }).length;
}

function chainOf(root: Paired, byReplaced: ReadonlyMap<string, Paired>): Paired[] {
  const chain: Paired[] = [];
  for (let next: Paired | undefined = root; next !== undefined && chain.length < 10; ) {
    chain.push(next);
    next = byReplaced.get(next.order.orderId);
  }
  return chain;
}

function judgeChain({ amounts, command: kind, filling }: Race, chain: readonly Paired[]): string[] {
  const about = `(${filling}, ${kind}, asked for ${amounts.join(' then ')})`;
  const most = amounts.map((text) => amount(text)).reduce((one, other) => (compare(one, other) >= 0 ? one : other));
  const filled = chain.reduce((sum, { atVenue }) => add(sum, amount(atVenue?.executed ?? '0')), zeroAmount);
  const live = chain.filter(({ order }) => !finalStates.has(order.state));
  const still = live.reduce((sum, { order }) => add(sum, leftOf(order)), zeroAmount);
  const found: string[] = [];
  if (compare(add(filled, still), most) > 0)
    found.push(`is filled ${filled} in all, and ${still} may still be ${about}`);
  if (live.length > 1) found.push(`has ${live.length} orders at work at once ${about}`);
  const isCanceled = kind === 'cancel' || kind === 'cancelBySignal';
  if (isCanceled && live.length > 0) found.push(`was canceled, and is still ${live[0]?.order.state} ${about}`);
  return found;
}

function leftOf({ amount: wanted = zeroAmount, filled }: Order): Amount {
  const left = subtract(wanted, filled);
  return isPositive(left) ? left : zeroAmount;
}
