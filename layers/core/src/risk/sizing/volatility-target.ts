/** How much to hold of what moves much, and of what moves little. */
import { type Notional, type Price, scaleBy } from '../../money.ts';
import { capped, type Size, type SizeCaps } from './caps.ts';
import { checkAboveZero, checkPositive, checkWithin, factorOf } from './checks.ts';

export interface VolatilityTerms {
  equity: Notional;
  entry: Price;
  /** Volatility wanted of the equity by this position, e.g. 0.2 a year. */
  target: number;
  /** Of the asset, over the same time as the target (`scaledTo`). */
  realized: number;
}

/**
 * Volatility-scaled: worth `equity × target / realized`, so that each position moves the equity as much as another would.
 *
 * Source: T. J. Moskowitz, Y. H. Ooi, L. H. Pedersen, Time Series Momentum, Journal of Financial Economics 104 (2012), 228–250.
 *
 * @throws SizingError
 */
export function sizeByVolatility({ equity, entry, target, realized }: VolatilityTerms, caps: SizeCaps = {}): Size {
  const factor = checkAboveZero('target', target) / checkAboveZero('realized', realized);
  return capped(scaleBy(checkPositive('equity', equity), factorOf(factor)), { equity, entry }, caps);
}

export interface LeverageTerms {
  /** Of the asset in one period. */
  realized: number;
  /** Periods until somebody looks again. */
  periods: number;
  /** Standard deviations that the position is to survive. @default 4 */
  deviations?: number;
  /** Share of the position's worth below which the venue closes it, e.g. 0.005. */
  maintenance: number;
  /** Never more than this. */
  leverageMax: number;
}

/**
 * Largest leverage at which a move of so many standard deviations does not end in a liquidation: what is put up, `1 / leverage`
 * of the worth, has to cover the move and what the venue wants to be left, so `1 / (deviations × realized × √periods +
 * maintenance)`. At least one, since a position without leverage is not liquidated.
 *
 * Source: P. Jorion, Value at Risk, 3rd edition (2006), chapter 5, for the multiple of the standard deviation over a horizon;
 * four instead of its 2.33, since crypto returns have heavier tails than the normal distribution.
 *
 * @returns a decimal, at most `leverageMax`
 * @throws SizingError
 */
export function leverageCap({ realized, periods, deviations = 4, maintenance, leverageMax }: LeverageTerms): string {
  checkWithin('leverageMax', leverageMax, [1, 1_000]);
  checkWithin('maintenance', maintenance, [0, 1]);
  const move = checkAboveZero('deviations', deviations) * checkAboveZero('realized', realized);
  const safe = 1 / (move * Math.sqrt(checkAboveZero('periods', periods)) + maintenance);
  return factorOf(Math.min(Math.max(1, safe), leverageMax));
}
