import type { Clock, Price, VenuePort } from '@nightdesk/core';

/**
 * How old a price may be that a market order is valued by. It is never sent to the venue: it turns a size in quote currency
 * into an amount, and an amount into what the order reserves of its limits. Both hold only about, since the venue fills the
 * order at the prices of a moment later.
 */
export const priceAgeMsMax = 1_000;
/** Distinct symbols and sides kept; beyond it the oldest goes. */
const entriesMax = 1_000;

/**
 * The same venue, except that signals close together share a price. Asking for one per order would use up two thirds of
 * Binance's request limit, and would be a round trip on the way of every order.
 */
export function withRecentPrices<Venue extends Pick<VenuePort, 'fetchPrice'>>(venue: Venue, clock: Clock): Venue {
  const kept = new Map<string, { price: Price; askedAtMs: number }>();
  return {
    ...venue,
    async fetchPrice(market, side) {
      const key = `${side} ${market.symbol}`;
      const known = kept.get(key);
      const askedAtMs = clock.nowMs();
      // A clock that was set back must not keep a price for longer, hence the distance in either direction.
      if (known !== undefined && Math.abs(askedAtMs - known.askedAtMs) < priceAgeMsMax) return known.price;
      const price = await venue.fetchPrice(market, side);
      kept.delete(key);
      const [oldest] = kept.keys();
      if (kept.size >= entriesMax && oldest !== undefined) kept.delete(oldest);
      kept.set(key, { price, askedAtMs });
      return price;
    },
  };
}
