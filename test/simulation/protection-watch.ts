/** What must hold of the orders that protect positions, whatever the desk believes of them. */
import {
  type Amount,
  accountOf,
  add,
  compare,
  finalStates,
  isPositive,
  type Order,
  roundToStep,
  subtract,
  zeroAmount,
} from '@nightdesk/core';
import type { FakeOrder } from '../support/fake-venue.ts';
import { type Desk, tradedMarkets, venueOf } from './desk.ts';

interface Bracket {
  entry: Order;
  exits: { row: Order; truth: FakeOrder | undefined }[];
  /** What the entry and its exits have left by the venue's own account of them. */
  left: Amount;
}

/** Entries with a plan, as their venues know them. */
function bracketsOf(desk: Desk): Bracket[] {
  const rows = [...desk.tables.orders.values()];
  return rows
    .filter(({ exits }) => exits !== undefined)
    .map((entry) => {
      const truthOf = ({ orderId }: Order) => venueOf(desk, entry.account).ordersWith(orderId)[0];
      const exits = rows
        .filter(({ parentId }) => parentId === entry.orderId)
        .map((row) => ({ row, truth: truthOf(row) }));
      const closed = sum(exits.map(({ truth }) => truth?.filled ?? zeroAmount));
      return { entry, exits, left: subtract(truthOf(entry)?.filled ?? zeroAmount, closed) };
    });
}

const sum = (amounts: readonly Amount[]): Amount => amounts.reduce<Amount>(add, zeroAmount);
const restOf = ({ request, filled }: FakeOrder): Amount => subtract(request.amount, filled);
const isContract = ({ symbol }: Order): boolean => symbol.includes(':');

/** At every moment. @returns what is wrong, or `undefined` */
export function findExitsViolation(desk: Desk): string | undefined {
  for (const bracket of bracketsOf(desk)) {
    const { entry, exits, left } = bracket;
    // On contracts orders that may only reduce are worth no more than the account's position, whatever they say. Between the
    // fill of one exit and the end of the other, that other one may close what a second entry has opened.
    if (isContract(entry)) continue;
    if (compare(left, '0') < 0) return `the exits of ${entry.orderId} have closed more than it opened`;
    const resting = exits.flatMap(({ truth }) => (truth?.status === 'open' ? [restOf(truth)] : []));
    if (compare(sum(resting), left) > 0) {
      return `the exits of ${entry.orderId} would sell ${sum(resting)}, and it has ${left} left`;
    }
  }
  return undefined;
}

/** Once everything has come to rest. */
export function findProtectionViolation(desk: Desk): string | undefined {
  const brackets = bracketsOf(desk);
  for (const bracket of brackets) {
    const { entry } = bracket;
    // Nobody looks after what belongs to an account that was taken out.
    if (accountOf(desk.config, entry.account) === undefined) continue;
    const neighbours = brackets.filter((other) => isNeighbour(other.entry, entry));
    const isShared = heldElsewhere(entry, desk) || neighbours.some(({ left }) => compare(left, '0') < 0);
    const violation = finalViolation(bracket, isShared);
    if (violation !== undefined) return `${entry.orderId} has ${bracket.left} left, and ${violation}`;
  }
  return undefined;
}

const isNeighbour = (other: Order, { orderId, account, symbol }: Order): boolean =>
  other.orderId !== orderId && other.account === account && other.symbol === symbol;

/** @param isShared others closed some of what this entry opened, so how much of the position is its own is a matter of accounting */
function finalViolation({ entry, exits, left }: Bracket, isShared: boolean): string | undefined {
  const { exits: state, exitPlan } = entry;
  const step = tradedMarkets.find(({ symbol }) => symbol === entry.symbol)?.amountStep ?? zeroAmount;
  const size = roundToStep(left, step, 'down');
  const open = exits.filter(({ row, truth }) => truth?.status === 'open' || row.state === 'waiting');
  if (!finalStates.has(entry.state) || state === undefined || exitPlan === undefined) return undefined;
  if (state.state === 'done') return open.length > 0 ? 'is done with exits that are still open' : undefined;
  if (state.state === 'failed') return state.cause === undefined ? 'has failed without a cause' : undefined;
  if (state.state === 'waiting') return isPositive(size) ? 'still waits for something to protect' : undefined;
  const stops = open.filter(({ row }) => row.role === 'stop_loss');
  if (exitPlan.stopLoss === undefined) return undefined;
  const covered = sum(
    stops.map(({ row, truth }) => (truth === undefined ? (row.amount ?? zeroAmount) : restOf(truth))),
  );
  const fits = isShared ? compare(covered, size) <= 0 : compare(covered, size) === 0;
  return fits ? undefined : `is protected by stops over ${covered}`;
}

/** Other orders are on the other side of the position, so how much of it is this entry's is a matter of accounting. */
const heldElsewhere = ({ account, symbol, side }: Order, { tables }: Desk): boolean =>
  [...tables.orders.values()].some(
    (order) =>
      order.account === account &&
      order.symbol === symbol &&
      order.parentId === undefined &&
      order.side !== side &&
      isPositive(order.filled),
  );
