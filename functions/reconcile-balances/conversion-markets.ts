/** Markets that tell what assets are worth. */
import {
  type Clock,
  conversionNames,
  type Market,
  type MarketsStore,
  type OwnersCurrency,
  type VenueId,
} from '@nightdesk/core';

/** How long is kept which markets a name stands for, that there is none included: most names stand for none. */
const ageMsMax = 30 * 60_000;
/** Names looked up at once, and kept. */
const atOnceMax = 20;
const namesMax = 20_000;
/** Markets that are asked for their prices in one look. */
const marketsMax = 100;

export type FindConversions = (venue: VenueId, assets: readonly string[], owners: OwnersCurrency) => Promise<Market[]>;

/** The same for all accounts of a sandbox, which mostly hold the same assets. */
export function createConversionFinder(markets: Pick<MarketsStore, 'findByName'>, clock: Clock): FindConversions {
  const kept = new Map<string, { markets: Market[]; readAtMs: number }>();
  const find = async (venue: VenueId, name: string): Promise<Market[]> => {
    const key = `${venue} ${name}`;
    const known = kept.get(key);
    if (known !== undefined && clock.nowMs() - known.readAtMs < ageMsMax) return known.markets;
    const found = await markets.findByName(venue, name);
    if (kept.size >= namesMax) kept.clear();
    kept.set(key, { markets: found, readAtMs: clock.nowMs() });
    return found;
  };
  return async (venue, assets, owners) => {
    const names = conversionNames(assets, owners);
    const found: Market[] = [];
    for (let start = 0; start < names.length; start += atOnceMax) {
      const slice = await Promise.all(names.slice(start, start + atOnceMax).map((name) => find(venue, name)));
      found.push(...slice.flatMap(preferred));
    }
    return firstOfEach(found).slice(0, marketsMax);
  };
}

/** The first market of every base asset, then the second ones: where not all can be asked, none is left without any. */
function firstOfEach(markets: readonly Market[]): Market[] {
  const counts = new Map<string, number>();
  const ranked = markets.map((market) => {
    const rank = counts.get(market.base) ?? 0;
    counts.set(market.base, rank + 1);
    return { market, rank };
  });
  return ranked.sort((one, other) => one.rank - other.rank).map(({ market }) => market);
}

/** A perpetual's price stands in where there is no spot market of the name. */
function preferred(markets: readonly Market[]): Market[] {
  const open = markets.filter(({ active }) => active);
  const spot = open.filter(({ kind }) => kind === 'spot');
  return spot.length > 0 ? spot : open.filter(({ kind }) => kind === 'perpetual').slice(0, 1);
}
