import type { Clock, Market, MarketsStore } from '@nightdesk/core';

/** How long a sandbox trusts what it read of a market. Steps and minimums change rarely; a stale one ends in a rejection. */
const ageMsMax = 300_000;
/** Distinct symbols and names kept; beyond it the oldest goes. */
const entriesMax = 5_000;

/** The markets store with found markets kept in memory. What was not found is asked for again each time. */
export function cachedMarkets(store: MarketsStore, clock: Clock): MarketsStore {
  const kept = new Map<string, { markets: Market[]; readAtMs: number }>();

  async function remember(key: string, read: () => Promise<Market[]>): Promise<Market[]> {
    const known = kept.get(key);
    if (known !== undefined && clock.nowMs() - known.readAtMs < ageMsMax) return known.markets;
    const markets = await read();
    kept.delete(key);
    const [oldest] = kept.keys();
    if (kept.size >= entriesMax && oldest !== undefined) kept.delete(oldest);
    if (markets.length > 0) kept.set(key, { markets, readAtMs: clock.nowMs() });
    return markets;
  }

  return {
    ...store,
    async get(venue, symbol) {
      const [market] = await remember(`${venue} ${symbol}`, async () => {
        const found = await store.get(venue, symbol);
        return found === undefined ? [] : [found];
      });
      return market;
    },
    findByName: (venue, name) => remember(`${venue}#${name}`, () => store.findByName(venue, name)),
  };
}
