/**
 * Realized volatility: the standard deviation of the logarithmic return of one period. Statistics, so floats; what is made of
 * them meets money through `factorOf` only.
 */
import { checkAboveZero, checkWithin, SizingError } from './checks.ts';

/** Fewest periods that an estimate is made of; with fewer its own error is larger than what it is to tell. */
export const periodsMin = 10;

/**
 * Close to close: the sample standard deviation of the returns.
 *
 * Source: J. C. Hull, Options, Futures, and Other Derivatives, chapter "Estimating volatility from historical data".
 *
 * @param closes oldest first, at least `periodsMin` + 1
 * @throws SizingError
 */
export function closeToClose(closes: readonly number[]): number {
  const returns = returnsOf(closes);
  const mean = sum(returns) / returns.length;
  return Math.sqrt(sum(returns.map((each) => (each - mean) ** 2)) / (returns.length - 1));
}

/**
 * From highs and lows, which need about a fifth of the periods for the same certainty, and miss the jumps between them.
 *
 * Source: M. Parkinson, The Extreme Value Method for Estimating the Variance of the Rate of Return, Journal of Business 53
 * (1980), 61–65.
 *
 * @param ranges at least `periodsMin`
 * @throws SizingError
 */
export function parkinson(ranges: readonly { high: number; low: number }[]): number {
  if (ranges.length < periodsMin) throw tooFew('ranges', periodsMin, ranges.length);
  const squares = ranges.map(({ high, low }, index) => {
    checkAboveZero(`ranges[${index}].low`, low);
    checkAboveZero(`ranges[${index}].high`, high);
    if (high < low) throw new SizingError(`ranges[${index}]`, `has a high of ${high} below its low of ${low}`);
    return Math.log(high / low) ** 2;
  });
  return Math.sqrt(sum(squares) / (4 * Math.LN2 * ranges.length));
}

/**
 * Exponentially weighted, so that it follows the market; returns count as having no mean. The first square is the estimate to
 * begin with, as it is in the source for a window that is long enough.
 *
 * Source: J. P. Morgan/Reuters, RiskMetrics Technical Document, 4th edition (1996), chapter 5; 0.94 is its decay of days.
 *
 * @param closes oldest first, at least `periodsMin` + 1
 * @throws SizingError
 */
export function exponentiallyWeighted(closes: readonly number[], decay = 0.94): number {
  if (!(decay > 0 && decay < 1)) throw new SizingError('decay', `must be above 0 and below 1, got ${decay}`);
  const [first = 0, ...others] = returnsOf(closes).map((each) => each ** 2);
  return Math.sqrt(others.reduce((variance, square) => decay * variance + (1 - decay) * square, first));
}

/**
 * Of one period as of a longer time, where returns do not depend on each other. Crypto trades on all 365 days.
 *
 * @param periods how many of them there are in it, e.g. 365 days in a year
 */
export const scaledTo = (volatility: number, periods: number): number =>
  checkWithin('volatility', volatility, [0, Number.MAX_VALUE]) * Math.sqrt(checkAboveZero('periods', periods));

function returnsOf(closes: readonly number[]): number[] {
  if (closes.length < periodsMin + 1) throw tooFew('closes', periodsMin + 1, closes.length);
  const prices = closes.map((close, index) => checkAboveZero(`closes[${index}]`, close));
  return prices.slice(1).map((close, index) => Math.log(close / Number(prices[index])));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const tooFew = (field: string, least: number, given: number): SizingError =>
  new SizingError(field, `must be ${least} or more, got ${given}`);
