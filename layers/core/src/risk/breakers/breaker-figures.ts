/**
 * What breakers look at. Each figure is collected by whoever has it; one that could not be had is absent, and then its breaker
 * neither trips nor is calmed: it is blind, which is told once it has lasted (`blindMsMax`).
 */
import type { Books, Difference } from '../../books/books.ts';
import type { BreakersConfig } from '../../config/risk-config.ts';
import { isOutage, type ProbeSample } from '../../health/venue-health.ts';
import { add, type Notional, type Price, zeroNotional } from '../../money.ts';
import type { Order, OrderState } from '../../orders/order.ts';
import type { EquityMarks } from '../../valuation/equity-marks.ts';

/** A price at the look before and at this one, both in one currency. */
export interface PricePair {
  symbol: string;
  /** Absent on what was not looked at before: there is nothing to compare with yet, and nothing is missing. */
  previous?: Price;
  present?: Price;
}

/** How the exchange answered to an order. */
export interface Placement {
  /** When it was asked last; UTC epoch milliseconds. */
  atMs: number;
  isRefused: boolean;
}

export interface BreakerFigures {
  nowMs: number;
  /**
   * False where the account's venue did not tell at this look. Then nothing of the account is judged, and nothing of it is
   * called missing: that it does not answer is told by the books, and judged by `venueHealth`.
   */
  isAnswered: boolean;
  /** Since when the account's venue has been down for reconciliation; absent where it is not. */
  silentSinceMs?: number;
  /** Of this look. */
  marks?: Pick<EquityMarks, 'equity' | 'dailyLoss' | 'drawdown'>;
  /** What confirmed drift is worth, and the subjects of such that nothing values. */
  drift?: { worth: Notional; unvalued: readonly string[] };
  /** Confirmed differences that somebody else made. */
  outsiders?: readonly Pick<Difference, 'id' | 'message'>[];
  /** Of `watchedSymbols`. */
  prices?: readonly PricePair[];
  /** Of the last hour, or of as many minutes as `rejects` looks back. */
  placements?: readonly Placement[];
  /** Of the venue, oldest first, as `probesOf` tells. */
  probes?: readonly ProbeSample[];
  /** Orders whose position is without a stop or targets that were wanted. */
  unprotected?: readonly Pick<Order, 'orderId' | 'symbol'>[];
}

/** Symbols whose prices are compared: those named by the configuration, else those of open positions and orders. */
export const watchedSymbols = (config: BreakersConfig, inUse: readonly string[]): readonly string[] =>
  config.priceJump === undefined ? [] : [...new Set(config.priceJump.symbols ?? inUse)];

/** Differences that somebody else made. */
const outsiderKinds: ReadonlySet<Difference['kind']> = new Set([
  'outsider_order',
  'outsider_fill',
  'outsider_position',
]);

export type BooksFigures = Pick<
  BreakerFigures,
  'isAnswered' | 'silentSinceMs' | 'marks' | 'drift' | 'outsiders' | 'prices'
>;

/**
 * What the books of two looks in a row tell. Prices are those of the base assets in the owner's currency, so assets of
 * `symbols` have to be among those that the look values.
 *
 * @param symbols of `watchedSymbols`
 */
export function figuresOfBooks(before: Books | undefined, after: Books, symbols: readonly string[]): BooksFigures {
  if (after.status === 'unanswered') {
    // One look without an answer is no outage, and neither is an answer that is a refusal.
    const isSilent = after.unansweredLooks >= 2 && isOutage(after.cause?.code);
    // The desk itself may have been away since the last answer.
    return { isAnswered: false, ...(isSilent && { silentSinceMs: after.unansweredSinceMs ?? after.answeredAtMs }) };
  }
  const confirmed = after.differences.filter(({ state }) => state === 'confirmed');
  return {
    isAnswered: true,
    // Where the equity could not be told at this look, marks are those of an earlier one.
    ...(after.marks?.atMs === after.answeredAtMs && { marks: after.marks }),
    drift: driftOf(confirmed.filter(({ kind }) => kind === 'drift')),
    outsiders: confirmed.filter(({ kind }) => outsiderKinds.has(kind)),
    prices: symbols.map((symbol) => pricePair(symbol, comparable(before, after), after.rates)),
  };
}

/** Looks further apart than this show no jump: prices move so far in hours. */
export const jumpMsMax = 3_600_000;

/** Rates of the look before, where they can be compared with: not after a long time, and not in another currency. */
function comparable(before: Books | undefined, after: Books): Books['rates'] {
  if (before === undefined || after.answeredAtMs - before.answeredAtMs > jumpMsMax) return {};
  return before.marks?.currency === after.marks?.currency ? before.rates : {};
}

function driftOf(differences: readonly Difference[]): { worth: Notional; unvalued: readonly string[] } {
  return {
    worth: differences.reduce((sum, { worth = zeroNotional }) => add(sum, worth), zeroNotional),
    unvalued: differences.filter(({ worth }) => worth === undefined).map(({ subject }) => subject),
  };
}

function pricePair(symbol: string, before: Books['rates'], after: Books['rates']): PricePair {
  const asset = symbol.split('/', 1).join();
  const [previous, present] = [before, after].map((rates) => (Object.hasOwn(rates, asset) ? rates[asset] : undefined));
  return { symbol, ...(previous !== undefined && { previous }), ...(present !== undefined && { present }) };
}

/** States that only the exchange's own answer leads to. */
const answeredStates: ReadonlySet<OrderState> = new Set(['open', 'filled', 'canceled', 'expired', 'rejected']);
/** Codes of rejections that are our own: nothing had been sent. */
const unsentCodes: ReadonlySet<string> = new Set(['not_sent', 'venue_blocked']);

/** How the exchange answered to orders: those that never got there, or have no answer yet, tell nothing of that. */
export function placementsOf(
  orders: readonly Pick<Order, 'state' | 'attempts' | 'attemptedAtMs' | 'cause'>[],
): Placement[] {
  return orders
    .filter(({ state, attempts, cause }) => attempts > 0 && answeredStates.has(state) && !isUnsent(state, cause?.code))
    .map(({ state, attemptedAtMs }) => ({ atMs: attemptedAtMs, isRefused: state === 'rejected' }));
}

const isUnsent = (state: OrderState, code: string | undefined): boolean =>
  state === 'rejected' && code !== undefined && unsentCodes.has(code);

/** Orders whose position is without a stop or targets that were wanted, as the last look at their exits found. */
export const unprotectedOf = (
  open: readonly Pick<Order, 'orderId' | 'symbol' | 'exits'>[],
): Pick<Order, 'orderId' | 'symbol'>[] =>
  open.filter(({ exits }) => exits?.state === 'failed').map(({ orderId, symbol }) => ({ orderId, symbol }));
