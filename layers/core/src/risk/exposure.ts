/**
 * What an order and a position put at stake, in the owner's currency. An order counts with all that it can still open; what is
 * filled of it counts as position. So the counters of an account always are what its open orders and its positions add up to.
 *
 * A position counts gross: long in one market and short in another of the same asset are not set off against each other.
 */
import type { AccountConfig } from '../config/desk-config.ts';
import type { AccountId, VenueId } from '../ids.ts';
import {
  type Amount,
  add,
  compare,
  isNegative,
  isPositive,
  type Notional,
  roundToStep,
  shareOf,
  subtract,
  zeroAmount,
  zeroNotional,
} from '../money.ts';
import { finalStates, type Order } from '../orders/order.ts';
import type { LedgerPosition, PositionRow } from '../positions/ledger.ts';
import { type CounterClaim, counterNames } from './counters.ts';

/** What an order can add to what is at stake, or what a position adds. */
export interface IntentExposure {
  mode: AccountConfig['mode'];
  /** What its market's price is the price of. */
  asset: string;
  /** All of it; zero where it can only shrink a position. */
  notional: Notional;
}

/** False for what is sold on spot, which was there before. Where nothing was counted, nobody knows. */
export const mayOpen = ({ exposure }: { exposure?: IntentExposure | undefined }): boolean =>
  exposure === undefined || isPositive(exposure.notional);

/** Counters are multiples of this, so that the table adds them up exactly. */
export const exposureStep = '0.00000001';

const roundUp = (value: Notional): Notional => roundToStep(value, exposureStep, 'up');

/** What an order may still add. */
export function outstandingOf({
  state,
  amount,
  filled,
  exposure,
}: Pick<Order, 'state' | 'amount' | 'filled' | 'exposure'>): Notional {
  if (exposure === undefined || amount === undefined || finalStates.has(state)) return zeroNotional;
  const left = subtract(amount, filled);
  return isPositive(left) ? roundUp(shareOf(exposure.notional, left, amount)) : zeroNotional;
}

/** What of a position is at stake: on spot nothing of what was sold beyond what the desk had bought. */
function sizeOf({ symbol, quantity }: Pick<LedgerPosition, 'symbol' | 'quantity'>): Amount {
  if (!isNegative(quantity)) return quantity;
  return symbol.includes(':') ? subtract(zeroAmount, quantity) : zeroAmount;
}

/**
 * What a position counts for after an order has changed it: what is gone takes its share with it, and what was added counts
 * with what the order had put at stake for it. `undefined` where neither was counted.
 */
export function positionExposure(
  before: PositionRow | undefined,
  after: LedgerPosition,
  order: Pick<Order, 'amount' | 'exposure'>,
): IntentExposure | undefined {
  const was = before === undefined ? zeroAmount : sizeOf(before);
  const is = sizeOf(after);
  const hasTurned = before !== undefined && isNegative(before.quantity) !== isNegative(after.quantity);
  const smaller = compare(is, was) < 0 ? is : was;
  const left = hasTurned ? zeroAmount : smaller;
  const kept = isPositive(left)
    ? roundUp(shareOf(before?.exposure?.notional ?? zeroNotional, left, was))
    : zeroNotional;
  const added = subtract(is, left);
  const { amount, exposure } = order;
  if (!isPositive(added) || exposure === undefined || amount === undefined) {
    return before?.exposure && { ...before.exposure, notional: kept };
  }
  return { ...exposure, notional: add(kept, roundUp(shareOf(exposure.notional, added, amount))) };
}

/** What changes on one row of the risk table; never refused. */
export interface CounterChange {
  row: AccountId | '*';
  changes: Pick<CounterClaim, 'counter' | 'by'>[];
}

export interface PositionChange {
  before: Pick<PositionRow, 'exposure'> | undefined;
  /** It stays with the venue that it was opened at, also where its account has moved to another since. */
  after: Pick<PositionRow, 'exposure' | 'venue'>;
}

/** What a change of an order, and of the position that it filled, does to the counters. What stays as it is is left away. */
export function counterChanges(before: Order, after: Order, position?: PositionChange): CounterChange[] {
  const { account, venue, exposure } = after;
  const atStake = subtract(outstandingOf(after), outstandingOf(before));
  const changes = [
    ...exposureChanges({ account, venue }, exposure === undefined ? [] : [{ ...exposure, notional: atStake }]),
    ...(position === undefined
      ? []
      : exposureChanges({ account, venue: position.after.venue }, positionMoves(position))),
  ];
  const reserved = { counter: counterNames.reserved, by: subtract(after.reserved, before.reserved) };
  // An order that was given up may turn out to be there after all.
  const orders = {
    counter: counterNames.orders,
    by: String(Number(countsAsOpen(after)) - Number(countsAsOpen(before))),
  };
  return mergeChanges([{ row: account, changes: [reserved, orders] }, ...changes]);
}

/** What it does to the counters that a position counts for something else from now on. */
export const revaluation = (owner: Pick<PositionRow, 'account' | 'venue'>, position: PositionChange): CounterChange[] =>
  mergeChanges(exposureChanges(owner, positionMoves(position)));

function positionMoves(position: PositionChange): IntentExposure[] {
  const [was, is] = [position.before?.exposure, position.after.exposure];
  return [
    ...(was === undefined ? [] : [{ ...was, notional: subtract(zeroNotional, was.notional) }]),
    ...(is === undefined ? [] : [is]),
  ];
}

interface Owner {
  account: AccountId;
  venue: VenueId;
}

const exposureChanges = ({ account, venue }: Owner, moves: readonly IntentExposure[]): CounterChange[] =>
  moves.flatMap((move) => [
    { row: account, changes: accountExposure(move, move.notional) },
    { row: '*' as const, changes: deskExposure({ ...move, venue }, move.notional) },
  ]);

/** One entry for each row, one change for each counter, and none of zero. */
function mergeChanges(all: readonly CounterChange[]): CounterChange[] {
  const rows = [...Map.groupBy(all, ({ row }) => row)].map(([row, entries]) => {
    const counters = Map.groupBy(
      entries.flatMap(({ changes }) => changes),
      ({ counter }) => counter,
    );
    const changes = [...counters].map(([counter, parts]) => ({
      counter,
      by: parts.reduce((sum, part) => add(sum, part.by as Notional), zeroNotional),
    }));
    return { row, changes: changes.filter(({ by }) => compare(by, '0') !== 0) };
  });
  return rows.filter(({ changes }) => changes.length > 0);
}

/** True for an order that counts among the open ones of its account. */
export const countsAsOpen = ({ state, exposure, reduceOnly }: Order): boolean =>
  exposure !== undefined && reduceOnly !== true && !finalStates.has(state);

export const accountExposure = ({ asset }: Pick<IntentExposure, 'asset'>, by: string): CounterChange['changes'] => [
  { counter: counterNames.exposure, by },
  { counter: counterNames.asset(asset), by },
];

export const deskExposure = (
  { mode, asset, venue }: Pick<IntentExposure, 'mode' | 'asset'> & { venue: VenueId },
  by: string,
): CounterChange['changes'] => [
  { counter: counterNames.deskExposure(mode), by },
  { counter: counterNames.deskVenue(mode, venue), by },
  { counter: counterNames.deskAsset(mode, asset), by },
];
