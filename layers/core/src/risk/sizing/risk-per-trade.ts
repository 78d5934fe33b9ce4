/** How much to trade so that one loss costs no more than was meant. */
import {
  amountFor,
  compare,
  type Notional,
  notional,
  notionalOf,
  type Price,
  price,
  scaleBy,
  subtract,
} from '../../money.ts';
import { capped, type Size, type SizeCaps } from './caps.ts';
import { checkAboveZero, checkPositive, checkWithin, factorOf, SizingError } from './checks.ts';

export interface RiskTerms {
  equity: Notional;
  /** Share of the equity that is lost at the stop, a decimal, e.g. `0.01`; fees and slippage come on top. */
  risk: string;
  entry: Price;
  /** Below the entry of a long position, above that of a short one. */
  stop: Price;
}

/**
 * Fixed fractional: what is lost between entry and stop is the same share of the equity with every trade.
 *
 * Source: R. Vince, Portfolio Management Formulas (1990), chapter 1.
 *
 * @throws SizingError
 */
export function sizeByRisk({ equity, risk, entry, stop }: RiskTerms, caps: SizeCaps = {}): Size {
  const [from, to] = [price(checkPositive('entry', entry)), price(checkPositive('stop', stop))];
  if (compare(from, to) === 0) throw new SizingError('stop', 'must not be the entry: nothing would be lost at it');
  if (compare(checkPositive('risk', risk), '1') > 0) throw new SizingError('risk', `must be 1 or less, got ${risk}`);
  const distance = compare(from, to) > 0 ? subtract(from, to) : subtract(to, from);
  const lost = scaleBy(notional(checkPositive('equity', equity)), risk);
  return capped(notionalOf(amountFor(lost, distance), from), { equity, entry }, caps);
}

export interface KellyTerms {
  /** How likely a trade wins, from 0 to 1. */
  winShare: number;
  /** What a won trade brings, as a multiple of what a lost one costs. */
  payoff: number;
  /** How much of the result is staked; estimates of the other two are never exact. @default 0.5 */
  portion?: number;
  /** Largest share of the equity whatever the result. */
  shareMax: number;
}

/**
 * Share of the equity to risk on a trade: `winShare - (1 - winShare) / payoff`, a portion of it, capped; zero without an edge.
 *
 * Source: J. L. Kelly, A New Interpretation of Information Rate, Bell System Technical Journal 35 (1956), 917–926; on staking
 * a portion of it: L. C. MacLean, E. O. Thorp, W. T. Ziemba, The Kelly Capital Growth Investment Criterion (2011), part II.
 *
 * @returns a decimal, which `sizeByRisk` takes as `risk` unless it is zero
 * @throws SizingError
 */
export function kellyShare({ winShare, payoff, portion = 0.5, shareMax }: KellyTerms): string {
  checkWithin('winShare', winShare, [0, 1]);
  checkAboveZero('payoff', payoff);
  checkWithin('portion', checkAboveZero('portion', portion), [0, 1]);
  checkWithin('shareMax', checkAboveZero('shareMax', shareMax), [0, 1]);
  const share = winShare - (1 - winShare) / payoff;
  return factorOf(Math.min(Math.max(0, share) * portion, shareMax));
}
