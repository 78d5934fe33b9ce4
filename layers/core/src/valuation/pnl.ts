/**
 * What an account has made: by the desk's own positions, and by what reconciliation found it to be worth.
 *
 * - Realized profit, fees and funding are those of the desk's fills, all in all, in the currencies that they were in; in the
 *   owner's currency they are at the rates of the last reconciliation, not at those of their day.
 * - Unrealized profit is that of the account's contracts as the venue shows them, and of spot positions at the rates: for a
 *   priced quantity of base asset, quantity × rate of base ÷ rate of quote − cost, in the quote currency.
 * - net = realized + unrealized + funding − fees. A fee in the base asset of a spot market is in the profit already
 *   (`positions/ledger.ts`), so it is not taken off again.
 * - dailyPnl = equity − dayStart, where the day start has moved along with deposits and withdrawals, and what nobody has
 *   explained of the equity is left out.
 * - A total is absent where a part of it cannot be valued: absent is not zero.
 */
import type { Books, ValuedPosition } from '../books/books.ts';
import type { AccountId } from '../ids.ts';
import {
  type Amount,
  add,
  compare,
  divideBy,
  isNegative,
  type Notional,
  roundToStep,
  scaleBy,
  subtract,
  zeroAmount,
  zeroNotional,
} from '../money.ts';
import type { EquityDay } from '../ports/stores.ts';
import type { LedgerPosition, PositionRow } from '../positions/ledger.ts';
import { partsOf, profitCurrencyOf } from '../positions/position-delta.ts';
import { contractOf } from './contracts.ts';
import { ownersRate, ownersWorth, type Rates } from './rates.ts';
import { sumOf } from './sum-of.ts';

/** Sums by asset, and what they are in the owner's currency together. */
export interface Sums {
  byAsset: Record<string, Amount>;
  /** Absent where one of them cannot be valued. */
  total?: Notional;
}

/** What one of the desk's positions has made. */
export interface PositionPnl {
  symbol: string;
  /** What the profits are in; absent on contracts whose profit cannot be told from what was paid and got. */
  currency?: string;
  realized: Notional;
  /** Of the open quantity whose cost is known; on contracts as the venue shows it. */
  unrealized?: Notional;
  /** The same in the owner's currency. */
  realizedWorth?: Notional;
  unrealizedWorth?: Notional;
  fees: Record<string, Amount>;
  funding: Record<string, Amount>;
}

/** What the account made in a day of the owner's. */
export interface DayPnl {
  day: string;
  currency: string;
  dayStart: Notional;
  /** At the last look of the day. */
  equity: Notional;
  transfers: Notional;
  pnl: Notional;
}

export interface AccountPnl {
  account: AccountId;
  /** The owner's; absent before the account was reconciled, as is all that is in it. */
  currency?: string;
  /** When the venue told what the account is worth. */
  atMs?: number;
  equity?: Notional;
  day?: string;
  dayStart?: Notional;
  /** Deposits less withdrawals since the day began. */
  transfers?: Notional;
  dailyPnl?: Notional;
  dailyLoss?: Notional;
  peak?: Notional;
  drawdown?: Notional;
  realized: Sums;
  unrealized: Sums;
  fees: Sums;
  funding: Sums;
  net?: Notional;
  positions: PositionPnl[];
  /** Newest first; the last of them may be the day that goes on. */
  days: DayPnl[];
  /** Symbols of positions a part of which was opened or closed at a price that is not known: that part counts nowhere. */
  unpriced: string[];
}

/** Profits that are a share of something are rounded to this, half to even. */
const profitStep = '0.000000000000000001';
const noRates: Rates = {};

/** @param positions the account's rows; `days` newest first */
export function pnlOf(
  account: AccountId,
  positions: readonly PositionRow[],
  { books, days }: { books?: Books | undefined; days: readonly EquityDay[] },
): AccountPnl {
  const rates = books?.rates ?? noRates;
  const rows = positions.map((row) => positionPnl(row, books));
  const realized = sumsOf(
    rows.map(({ currency, realized: profit }) => of(currency, profit)),
    rates,
  );
  const unrealized = unrealizedSums(positions, books);
  const fees = sumsOf(
    positions.map((row) => row.fees),
    rates,
  );
  const funding = sumsOf(
    positions.map((row) => row.funding ?? {}),
    rates,
  );
  const beside = sumsOf(positions.map(feesBesideProfit), rates);
  const net = netOf([realized.total, unrealized.total, funding.total], beside.total);
  return {
    account,
    ...marksOf(books),
    ...{ realized, unrealized, fees, funding },
    ...(net !== undefined && { net }),
    positions: rows,
    days: days.map(dayPnl),
    unpriced: positions.filter(hasUnpriced).map(({ symbol }) => symbol),
  };
}

function marksOf(books: Books | undefined): Partial<AccountPnl> {
  if (books?.marks === undefined) return {};
  const { atMs, currency, equity, day, dayStart, dayTransfers, dailyLoss, peak, drawdown } = books.marks;
  const dailyPnl = subtract(books.marks.explained ?? equity, dayStart);
  return { currency, atMs, equity, day, dayStart, transfers: dayTransfers, dailyPnl, dailyLoss, peak, drawdown };
}

function dayPnl({ day, marks }: EquityDay): DayPnl {
  const { currency, dayStart, equity, explained = equity, dayTransfers } = marks;
  return { day, currency, dayStart, equity, transfers: dayTransfers, pnl: subtract(explained, dayStart) };
}

const hasUnpriced = ({ unpriced, unpricedClosed }: LedgerPosition): boolean =>
  compare(unpriced, '0') !== 0 || compare(unpricedClosed, '0') !== 0;

/** A profit by its currency; nothing where it is in none, which is only where there is no profit that could be told. */
const of = (currency: string | undefined, profit: Notional): Record<string, Amount> =>
  currency === undefined ? {} : { [currency]: profit as string as Amount };

function positionPnl(row: LedgerPosition, books: Books | undefined): PositionPnl {
  const { symbol, realizedPnl, fees, funding = {} } = row;
  const rates = books?.rates ?? noRates;
  const currency = profitCurrencyOf(symbol);
  const realizedWorth = currency === undefined ? undefined : ownersWorth(rates, currency, realizedPnl);
  const { unrealized, worth } = isSpot(symbol) ? spotUnrealized(row, rates) : contractUnrealized(symbol, books);
  return {
    symbol,
    ...(currency !== undefined && { currency }),
    realized: realizedPnl,
    ...(unrealized !== undefined && { unrealized }),
    ...(realizedWorth !== undefined && { realizedWorth }),
    ...(worth !== undefined && { unrealizedWorth: worth }),
    fees,
    funding,
  };
}

const isSpot = (symbol: string): boolean => partsOf(symbol).settle === undefined;

export interface Unrealized {
  /** In the currency that the profit is paid in. */
  unrealized?: Notional;
  /** In the owner's. */
  worth?: Notional;
}

/**
 * Of a spot position, of the open quantity whose cost is known; nothing is known of it without the rates that it takes. What was
 * sold beyond what the desk had bought gains as the price falls.
 */
export function spotUnrealized({ symbol, quantity, unpriced, cost }: LedgerPosition, rates: Rates): Unrealized {
  const isShort = isNegative(quantity);
  const held = isShort ? subtract(zeroAmount, quantity) : quantity;
  const priced = subtract(held, unpriced);
  if (compare(priced, '0') === 0) return { unrealized: zeroNotional, worth: zeroNotional };
  const { base, quote } = partsOf(symbol);
  const [ofBase, ofQuote] = [ownersRate(rates, base), ownersRate(rates, quote)];
  if (ofBase === undefined || ofQuote === undefined) return {};
  const now = scaleBy(priced as string as Notional, ofBase);
  const inQuote = roundToStep(divideBy(now, ofQuote), profitStep, 'halfEven');
  return { unrealized: gained(isShort, inQuote, cost), worth: gained(isShort, now, scaleBy(cost, ofQuote)) };
}

const gained = (isShort: boolean, now: Notional, then: Notional): Notional =>
  isShort ? subtract(then, now) : subtract(now, then);

/** As the venue showed it last; zero where it showed no position in the market, and nothing where it was never asked. */
function contractUnrealized(symbol: string, books: Books | undefined): Unrealized {
  if (books === undefined) return {};
  const shown = books.positions.filter((position) => position.symbol === symbol);
  const profits = shown.map((position) => profitOf(position, books.rates));
  const sum = sumOf(profits.map(({ unrealized }) => unrealized));
  const worth = sumOf(profits.map((profit) => profit.worth));
  return { ...(sum !== undefined && { unrealized: sum }), ...(worth !== undefined && { worth }) };
}

const settleOf = (symbol: string): string => contractOf(symbol, []).settle;

/** Of all of the venue's contracts, whoever opened them, and of the desk's spot positions. */
function unrealizedSums(positions: readonly PositionRow[], books: Books | undefined): Sums {
  const spot = positions.filter(({ symbol }) => isSpot(symbol));
  const contracts = books?.positions ?? [];
  const rates = books?.rates ?? noRates;
  const ofSpot = spot.map((row) => ({ currency: partsOf(row.symbol).quote, ...spotUnrealized(row, rates) }));
  const ofContracts = contracts.map((position) => ({
    currency: settleOf(position.symbol),
    ...profitOf(position, rates),
  }));
  const parts = [...ofSpot, ...ofContracts];
  const { byAsset } = sumsOf(
    parts.map(({ currency, unrealized }) => (unrealized ? of(currency, unrealized) : {})),
    rates,
  );
  // Before the venue was asked nothing is known of contracts that the desk holds.
  const isComplete =
    books !== undefined || positions.every((row) => isSpot(row.symbol) || compare(row.quantity, '0') === 0);
  const total = isComplete ? sumOf(parts.map(({ worth }) => worth)) : undefined;
  return { byAsset, ...(total !== undefined && { total }) };
}

function profitOf({ symbol, unrealizedPnl }: ValuedPosition, rates: Rates): Unrealized {
  if (unrealizedPnl === undefined) return {};
  const unrealized = unrealizedPnl as string as Notional;
  const worth = ownersWorth(rates, settleOf(symbol), unrealized);
  return { unrealized, ...(worth !== undefined && { worth }) };
}

function feesBesideProfit({ symbol, fees }: LedgerPosition): Record<string, Amount> {
  if (!isSpot(symbol)) return fees;
  const { base } = partsOf(symbol);
  return Object.fromEntries(Object.entries(fees).filter(([asset]) => asset !== base));
}

function sumsOf(parts: readonly Record<string, Amount>[], rates: Rates): Sums {
  const byAsset = new Map<string, Amount>();
  for (const [asset, amount] of parts.flatMap((part) => Object.entries(part))) {
    byAsset.set(asset, add(byAsset.get(asset) ?? zeroAmount, amount));
  }
  // Nothing of an asset is worth nothing, whatever its rate.
  const worths = [...byAsset].map(([asset, amount]) =>
    compare(amount, '0') === 0 ? zeroNotional : ownersWorth(rates, asset, amount),
  );
  const total = sumOf(worths);
  return { byAsset: Object.fromEntries(byAsset), ...(total !== undefined && { total }) };
}

function netOf(gains: readonly (Notional | undefined)[], fees: Notional | undefined): Notional | undefined {
  const gain = sumOf(gains);
  return gain === undefined || fees === undefined ? undefined : subtract(gain, fees);
}
