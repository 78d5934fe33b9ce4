/** What must fit between collection.yaml and exchanges.yaml, and within the former. */
import type { ConfigDefect } from './check-config.ts';
import { type Collection, durationMs, type Streaming } from './collection-config.ts';
import type { DeskConfig } from './desk-config.ts';

/** Venues that nobody knows would never be collected, nor streamed, unnoticed. */
export function checkCollectedVenues({ exchanges, collection }: Partial<DeskConfig>): ConfigDefect[] {
  if (exchanges === undefined || collection === undefined) return [];
  return (['collections', 'streams'] as const).flatMap((list) =>
    collection[list].flatMap(({ venues }, number) =>
      venues.flatMap((venue, index) => {
        if (Object.hasOwn(exchanges, venue)) return [];
        const message = `exchange "${venue}" is not in exchanges.yaml; add it there, or take it out here`;
        return [{ path: ['collection', list, number, 'venues', index], message }];
      }),
    ),
  );
}

/** What only contracts have, by whom it is had, and how one is told from its symbol. */
const contractStreams = [
  { kind: 'funding', markets: ['perpetual'], example: 'BTC/USDT:USDT', pattern: /:[^-]+$/ },
  { kind: 'liquidations', markets: ['perpetual', 'future'], example: 'BTC/USDT:USDT', pattern: /:/ },
] as const;

/** Where no market can have it, a stream would be waited for in vain. */
export function checkStreamedContracts({ collection }: Partial<DeskConfig>): ConfigDefect[] {
  const entries = collection?.streams ?? [];
  return entries.flatMap((entry, number) =>
    contractStreams
      .filter(({ kind }) => entry.kinds.includes(kind))
      .flatMap((each) => {
        const path = ['collection', 'streams', number];
        const missing = missingContract(entry, each);
        return missing === undefined ? [] : [{ path: [...path, ...missing.path], message: missing.message }];
      }),
  );
}

function missingContract({ symbols, select }: Streaming, { kind, markets, example, pattern }: ContractStream) {
  if (symbols !== undefined && !symbols.some((symbol) => pattern.test(symbol))) {
    const message = `must have a contract such as ${example}, since \`kinds\` wants ${kind} and no other market has any`;
    return { path: ['symbols'], message };
  }
  if (select === undefined || select.kinds.some((each) => markets.some((market) => market === each))) return undefined;
  const message = `must have ${markets.join(' or ')}, since \`kinds\` wants ${kind} and no other market has any`;
  return { path: ['select', 'kinds'], message };
}

type ContractStream = (typeof contractStreams)[number];

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
