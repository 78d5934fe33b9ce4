/** What must fit between collection.yaml and exchanges.yaml, and within the former. */
import type { ConfigDefect } from './check-config.ts';
import { type Collection, durationMs } from './collection-config.ts';
import type { DeskConfig } from './desk-config.ts';

/** Venues that nobody knows would never be collected, unnoticed. */
export function checkCollectedVenues({ exchanges, collection }: Partial<DeskConfig>): ConfigDefect[] {
  if (exchanges === undefined || collection === undefined) return [];
  return collection.collections.flatMap(({ venues }, number) =>
    venues.flatMap((venue, index) => {
      if (Object.hasOwn(exchanges, venue)) return [];
      const message = `exchange "${venue}" is not in exchanges.yaml; add it there, or take it out here`;
      return [{ path: ['collection', 'collections', number, 'venues', index], message }];
    }),
  );
}

/**
 * Two collections that name one series by its symbol must not differ in how often it is fetched: only one of them can be meant. Where
 * one of them selects by what markets are, the shorter time counts.
 */
export function checkCollectedTwice({ collection }: Partial<DeskConfig>): ConfigDefect[] {
  const collections = collection?.collections ?? [];
  return collections.flatMap((later, number) =>
    collections.slice(0, number).flatMap((earlier, index) => {
      const shared = durationMs(later.every) === durationMs(earlier.every) ? undefined : sharedSeries(earlier, later);
      if (shared === undefined) return [];
      const message = `is ${later.every}, and collection ${index + 1} fetches ${shared} every ${earlier.every}; give both the same, or name it in one of them only`;
      return [{ path: ['collection', 'collections', number, 'every'], message }];
    }),
  );
}

/** The first series that both name, for people. */
function sharedSeries(left: Collection, right: Collection): string | undefined {
  const common = (first: readonly string[] = [], second: readonly string[] = []) =>
    first.find((each) => second.includes(each));
  const venue = common(left.venues, right.venues);
  const symbol = common(left.symbols, right.symbols);
  const part = common(partsOf(left), partsOf(right));
  return venue && symbol && part && `${part} of ${symbol} at ${venue}`;
}

const partsOf = ({ kinds, timeframes }: Collection): string[] =>
  kinds.flatMap((kind) => (kind === 'candles' ? timeframes : [kind]));
