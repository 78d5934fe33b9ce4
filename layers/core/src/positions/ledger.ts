/**
 * The desk's own positions: what the fills of its orders add up to, per account and symbol, at average cost. It knows nothing
 * of what else an account has or does.
 *
 * - Profit is realized when a position is made smaller: what was got for that part less what it had cost on average. Fees are
 *   counted beside it, each in its own currency.
 * - A fee in the base asset of a spot market makes the position smaller, for nothing in return: that loss is in the profit.
 * - What was filled at a price that is not known, as all of inverse and quanto contracts is, is counted in the quantity, as
 *   unpriced, and in no cost and no profit.
 *
 * Additions are exact; a share of a cost is cut after 28 places, and what is left of it stays with the rest of the position.
 */
import type { AccountId, VenueId } from '../ids.ts';
import {
  type Amount,
  absolute,
  add,
  averagePrice,
  compare,
  isNegative,
  isPositive,
  minimum,
  type Notional,
  type Price,
  shareOf,
  subtract,
  zeroAmount,
  zeroNotional,
} from '../money.ts';
import type { Side } from '../ports/market-data.ts';
import type { IntentExposure } from '../risk/exposure.ts';
import type { FundedMark } from './funding.ts';
import { type PositionDelta, partsOf, profitCurrencyOf } from './position-delta.ts';

export interface LedgerPosition {
  account: AccountId;
  symbol: string;
  venue: VenueId;
  /** In the market's unit; below zero is short, or on spot sold beyond what the desk had bought. */
  quantity: Amount;
  /** What the priced part of `quantity` was entered at, above zero for either side. */
  cost: Notional;
  /** The part of `quantity`, without its sign, whose cost is not known. */
  unpriced: Amount;
  /** Of everything closed whose cost and price are known. */
  realizedPnl: Notional;
  /** What was closed, all in all, without a profit that could be told. */
  unpricedClosed: Amount;
  /** All in all, by asset; below zero is a rebate. */
  fees: Record<string, Amount>;
  /** What a perpetual has paid, by asset; below zero is what it cost. Absent before the first payment, as is `funded`. */
  funding?: Record<string, Amount>;
  /** The newest payments counted, oldest first. */
  funded?: FundedMark[];
}

/** A position with its place in the journal. */
export interface PositionRow extends LedgerPosition {
  /** What it counts for in the risk rows; absent is nothing. A valuation: the journal does not have it. */
  exposure?: IntentExposure;
  /** Counts how often that was found anew without a fill; absent is never. */
  valuations?: number;
  /** Sequence of its last journal event. */
  version: number;
  journalHash: string;
  updatedAtMs: number;
}

const signed = (side: Side, quantity: Amount): Amount => (side === 'buy' ? quantity : subtract(zeroAmount, quantity));

/** The position after one change of an order. */
export function applyFills(position: LedgerPosition | undefined, delta: PositionDelta): LedgerPosition {
  const { account, venue, symbol, side, quantity, cost, fees } = delta;
  let next = position ?? flatPosition({ account, venue, symbol });
  for (const part of delta.trades ?? [{ quantity, cost }]) {
    if (isPositive(part.quantity)) next = trade(next, { side, ...part });
  }
  for (const { asset, amount: paid } of fees) {
    next = { ...next, fees: { ...next.fees, [asset]: add(next.fees[asset] ?? zeroAmount, paid) } };
    next = takeBaseFee(next, asset, paid);
  }
  return next;
}

const flatPosition = (of: Pick<LedgerPosition, 'account' | 'venue' | 'symbol'>): LedgerPosition => ({
  ...of,
  quantity: zeroAmount,
  cost: zeroNotional,
  unpriced: zeroAmount,
  realizedPnl: zeroNotional,
  unpricedClosed: zeroAmount,
  fees: {},
});

/** Base asset that was paid is gone as if it had been sold for nothing; a rebate came for nothing. */
function takeBaseFee(position: LedgerPosition, asset: string, paid: Amount): LedgerPosition {
  const { base, settle } = partsOf(position.symbol);
  if (settle !== undefined || asset !== base || compare(paid, '0') === 0) return position;
  const side: Side = isPositive(paid) ? 'sell' : 'buy';
  return trade(position, { side, quantity: absolute(paid), cost: zeroNotional });
}

interface Trade {
  side: Side;
  quantity: Amount;
  cost: Notional | undefined;
}

function trade(position: LedgerPosition, { side, quantity, cost }: Trade): LedgerPosition {
  const held = absolute(position.quantity);
  const against = isPositive(position.quantity) ? side === 'sell' : isNegative(position.quantity) && side === 'buy';
  if (!against) return enlarge(position, { side, quantity, cost });
  const closing = minimum(quantity, held);
  const got = cost && (closing === quantity ? cost : shareOf(cost, closing, quantity));
  const reduced = reduce(position, { side, quantity: closing, cost: got });
  const opening = subtract(quantity, closing);
  if (!isPositive(opening)) return reduced;
  return enlarge(reduced, { side, quantity: opening, cost: cost && got && subtract(cost, got) });
}

function enlarge(position: LedgerPosition, { side, quantity, cost }: Trade): LedgerPosition {
  const enlarged = { ...position, quantity: add(position.quantity, signed(side, quantity)) };
  return cost === undefined
    ? { ...enlarged, unpriced: add(position.unpriced, quantity) }
    : { ...enlarged, cost: add(position.cost, cost) };
}

/** Takes `quantity`, which is no more than the position, off its priced and its unpriced part alike. */
function reduce(position: LedgerPosition, { side, quantity, cost }: Trade): LedgerPosition {
  const held = absolute(position.quantity);
  const isAll = compare(quantity, held) === 0;
  const unpriced = isAll ? position.unpriced : shareOf(position.unpriced, quantity, held);
  const priced = subtract(quantity, unpriced);
  const entered = isAll ? position.cost : shareOf(position.cost, quantity, held);
  const rest = {
    ...position,
    quantity: add(position.quantity, signed(side, quantity)),
    cost: subtract(position.cost, entered),
    unpriced: subtract(position.unpriced, unpriced),
  };
  if (cost === undefined) return { ...rest, unpricedClosed: add(position.unpricedClosed, quantity) };
  const got = compare(unpriced, '0') === 0 ? cost : shareOf(cost, priced, quantity);
  const profit = side === 'sell' ? subtract(got, entered) : subtract(entered, got);
  return {
    ...rest,
    realizedPnl: add(position.realizedPnl, profit),
    unpricedClosed: add(position.unpricedClosed, unpriced),
  };
}

/** What one unit of the priced part was entered at on average; `undefined` where nothing is open, or nothing is priced. */
export function averageEntryOf({ quantity, unpriced, cost }: LedgerPosition): Price | undefined {
  const priced = subtract(absolute(quantity), unpriced);
  return isPositive(priced) ? averagePrice(cost, priced) : undefined;
}

/** What the profit of a position is in; `undefined` where none is told. */
export const currencyOf = ({ symbol }: Pick<LedgerPosition, 'symbol'>): string | undefined => profitCurrencyOf(symbol);
