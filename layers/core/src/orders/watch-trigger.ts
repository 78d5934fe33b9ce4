/**
 * The triggers that Nightdesk watches because the venue cannot. They go by the price of the latest trade, as the venues' own
 * triggers do unless told otherwise; where the venue does not tell it, by the price that the order would fill at: the best ask to
 * buy, the best bid to sell. Pure.
 */
import { add, compare, type Price, scaleBy, subtract } from '../money.ts';
import type { Side, Ticker } from '../ports/market-data.ts';
import { trailDistance } from './exits/levels.ts';
import type { Order } from './order.ts';
import { isTriggeredRising } from './plan-orders-terms.ts';

export type TriggerWatch =
  | { kind: 'waits' }
  /** The best price is better than the one on record by enough to be written down. */
  | { kind: 'trailed'; price: Price }
  | { kind: 'triggered'; price: Price }
  /** The venue tells no price to go by. */
  | { kind: 'price_missing' };

/**
 * A better price is written down once it is better by this share of the trail's distance. Each is a write; what is not written
 * down is forgotten, so the stop is at most this much of its distance behind where it could be.
 */
export const trailWriteShare = '0.1';

export function watchTrigger(order: Order, ticker: Pick<Ticker, 'bid' | 'ask' | 'last'>): TriggerWatch {
  const { side, type, triggerPrice, trail } = order;
  if (side === undefined || order.state !== 'waiting') return { kind: 'waits' };
  const price = ticker.last ?? (side === 'buy' ? ticker.ask : ticker.bid);
  if (price === undefined) return { kind: 'price_missing' };
  if (type === 'trailing_stop')
    return trail === undefined ? { kind: 'waits' } : watchTrail(order, { side, price, trail });
  if (triggerPrice === undefined) return { kind: 'waits' };
  const distance = compare(price, triggerPrice);
  const isReached = isTriggeredRising(type, side) ? distance >= 0 : distance <= 0;
  return isReached ? { kind: 'triggered', price } : { kind: 'waits' };
}

interface TrailWatch {
  side: Side;
  price: Price;
  trail: NonNullable<Order['trail']>;
}

function watchTrail({ trailedTo, triggerPrice }: Order, { side, price, trail }: TrailWatch): TriggerWatch {
  const isBetter = (left: Price, right: Price) =>
    side === 'sell' ? compare(left, right) > 0 : compare(left, right) < 0;
  if (trailedTo === undefined) {
    const begins = triggerPrice === undefined || !isBetter(triggerPrice, price);
    return begins ? { kind: 'trailed', price } : { kind: 'waits' };
  }
  const distance = trailDistance(trail, trailedTo);
  if (isBetter(price, trailedTo)) {
    const gain = side === 'sell' ? subtract(price, trailedTo) : subtract(trailedTo, price);
    const isWorthWriting = compare(gain, scaleBy(distance, trailWriteShare)) >= 0;
    return isWorthWriting ? { kind: 'trailed', price } : { kind: 'waits' };
  }
  const stop = side === 'sell' ? subtract(trailedTo, distance) : add(trailedTo, distance);
  return isBetter(price, stop) ? { kind: 'waits' } : { kind: 'triggered', price };
}
