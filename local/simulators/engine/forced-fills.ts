/** A fault: an order trades in the instant before somebody cancels or changes it. */
import { type Decimal, floorToStep, smaller, zero } from './decimal.ts';
import type { MarketState } from './market-state.ts';
import type { Matcher } from './matcher.ts';
import type { Order } from './types.ts';

/** Trades a share of what is left: at least one step, at most all. Orders that do not rest are set going as they are. */
export function fillShare(
  { order, market, matcher }: { order: Order; market: MarketState; matcher: Matcher },
  share: Decimal,
): void {
  const resting = market.resting.get(order.id);
  if (resting !== undefined) {
    const { stepSize } = market.instrument;
    const part = floorToStep(resting.remaining.times(share), stepSize);
    matcher.takeResting(market, resting, smaller(part.gt(zero) ? part : stepSize, resting.remaining));
  } else if (market.triggers.has(order)) matcher.fire(order, market);
  else if (market.sliced.delete(order)) matcher.work(order, market);
}
