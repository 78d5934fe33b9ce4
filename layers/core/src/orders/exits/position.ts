/** What an entry holds: how much of it is left to protect, at what price it was opened, and what of it a venue takes. */
import type { IntentId } from '../../ids.ts';
import {
  type Amount,
  add,
  averagePrice,
  compare,
  divideBy,
  isPositive,
  minimum,
  type Notional,
  notionalOf,
  type Price,
  roundToStep,
  scaleBy,
  subtract,
  zeroAmount,
  zeroNotional,
} from '../../money.ts';
import { amountUnitOf, type Market } from '../../ports/market-data.ts';
import type { Order } from '../order.ts';
import { type ExitView, heldSettlesMs, withoutFeesShare } from './exit-view.ts';

export const sum = (amounts: readonly Amount[]): Amount => amounts.reduce<Amount>(add, zeroAmount);
/** left − right, and zero where right is more. */
export const lessOf = (left: Amount, right: Amount): Amount =>
  compare(left, right) > 0 ? subtract(left, right) : zeroAmount;

/** What of an order is not filled yet. */
export const remainderOf = ({ amount = zeroAmount, filled }: Order): Amount => lessOf(amount, filled);

/** What an entry opened, and what of it its exits have left over. */
export interface EntryPosition {
  /** What it opened, less fees that were taken out of it. */
  opened: Amount;
  /** What is left to protect: a multiple of the amount step, rounded down. */
  size: Amount;
  /** The account holds less than the entry and its exits say. */
  isCut: boolean;
}

export function entryPositionOf({ entry, orders, market, held, isHeldCertain, nowMs }: ExitView): EntryPosition {
  const opened = lessOf(entry.filled, baseFeesOf(entry, market));
  const ended = sum(orders.map((order) => add(order.filled, baseFeesOf(order, market))));
  const left = lessOf(opened, ended);
  const isSettled = isHeldCertain === true || !hasJustFilled(entry, nowMs);
  const isCut = held !== undefined && compare(held, left) < 0 && (isSettled || isLessByFees(held, left));
  return { opened, size: roundToStep(isCut ? held : left, market.amountStep, 'down'), isCut };
}

/** True for a difference as small as fees are: what is missing is not a fill that does not show yet, but what was taken for one. */
export const isLessByFees = (held: Amount, left: Amount): boolean =>
  compare(held, scaleBy(left, withoutFeesShare)) >= 0;

/**
 * True while the account's position may still be that of before the entry's latest fill. What exits fill is no reason to wait: a
 * position that does not show it yet is larger than it will be, and cuts nothing away that is there.
 */
export function hasJustFilled({ fills, filled, updatedAtMs }: Order, nowMs: number): boolean {
  const known = sum(fills.map(({ amount }) => amount));
  const isTold = fills.length > 0 && compare(known, filled) >= 0;
  const lastFillAtMs = isTold ? Math.max(...fills.map(({ atMs }) => atMs)) : updatedAtMs;
  return nowMs - lastFillAtMs < heldSettlesMs;
}

/**
 * Fees in the asset itself, which a spot position is smaller by. Fills that the venue has not told yet are taken to cost as
 * much as the others. A rebate is not counted: what is not there cannot be sold.
 */
function baseFeesOf({ fills, filled }: Order, market: Market): Amount {
  if (market.kind !== 'spot') return zeroAmount;
  const fees = fills.flatMap(({ fee }) => (fee?.asset === market.base && isPositive(fee.amount) ? [fee.amount] : []));
  const known = sum(fills.map(({ amount }) => amount));
  const paid = sum(fees);
  if (!isPositive(paid) || compare(known, filled) >= 0) return paid;
  return divideBy(scaleBy(paid, filled), known);
}

/**
 * Average price of the entry's fills; its limit where the venue told neither their cost nor the fills; `undefined` where there
 * is not even that. Inverse contracts are worth a fixed amount of quote currency, so theirs is the harmonic mean.
 */
export function averageEntryPrice({ cost, filled, fills, price }: Order, market: Market): Price | undefined {
  if (amountUnitOf(market) === 'base' && cost !== undefined && isPositive(cost)) return averagePrice(cost, filled);
  const known = sum(fills.map(({ amount }) => amount));
  if (!isPositive(known)) return price;
  if (market.contractType === 'inverse') {
    const bought = sum(fills.map((fill) => divideBy(fill.amount, fill.price)));
    return averagePrice(known as string as Notional, bought);
  }
  const paid = fills.reduce((total, fill) => add(total, notionalOf(fill.amount, fill.price)), zeroNotional);
  return averagePrice(paid, known);
}

/**
 * True where an order of this size is one that the venue takes. Orders that only reduce are exempt from the least worth (at
 * Binance by its error -4164), and one that is refused for it all the same is a failure that the owner hears of.
 */
export function isPlaceable(
  amount: Amount,
  at: Price | undefined,
  { market, abilities }: Pick<ExitView, 'market' | 'abilities'>,
): boolean {
  if (compare(amount, market.amountMin ?? market.amountStep) < 0 || !isPositive(amount)) return false;
  if (market.notionalMin === undefined || at === undefined || abilities.reduceOnly) return true;
  return compare(notionalOf(amount, at), market.notionalMin) >= 0;
}

/**
 * Shares what an account holds of a position among the entries that opened it. Where they opened more than there still is, the
 * oldest are taken to be closed first, as in the usual accounting of positions. Those that have just filled come last all the same:
 * a position that does not show their fills yet is that of the others.
 *
 * @param held the account's position in the direction of these entries; in the market's unit
 * @param entries oldest first, with what each has left by its own fills and those of its exits
 */
export function allotHeld(
  held: Amount,
  entries: readonly { orderId: IntentId; left: Amount; hasJustFilled?: boolean }[],
): ReadonlyMap<IntentId, Amount> {
  const shares = new Map<IntentId, Amount>();
  let rest = held;
  const newestFirst = entries.toReversed();
  const settled = newestFirst.filter((entry) => entry.hasJustFilled !== true);
  const unsettled = newestFirst.filter((entry) => entry.hasJustFilled === true);
  for (const { orderId, left } of [...settled, ...unsettled]) {
    const share = minimum(left, rest);
    shares.set(orderId, share);
    rest = subtract(rest, share);
  }
  return shares;
}
