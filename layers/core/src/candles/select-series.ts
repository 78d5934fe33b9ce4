/** Which series a configuration means, at venues as they are now. */
import { type Collection, type CollectionConfig, durationMs } from '../config/collection-config.ts';
import type { VenueId } from '../ids.ts';
import type { SymbolRanking } from '../ports/candles.ts';
import type { Market } from '../ports/market-data.ts';
import { type Series, type SeriesKind, seriesKeyOf } from './series.ts';
import type { SeriesRecord } from './series-record.ts';

/** A symbol that is collected stays so until it is further behind than this many times `top`: lanes do not flap with the volumes. */
export const topSlack = 1.25;

export interface WantedSeries {
  series: Series;
  /** The shortest of the collections that want it. */
  everyMs: number;
  /** Of candles, the longest of the collections that want it. */
  historyMs?: number;
}

export interface SelectionIssue {
  reason: 'unknown_symbol' | 'inactive_market' | 'no_markets' | 'no_ranking' | 'no_funding';
  venue: VenueId;
  symbol?: string;
  /** For people; names the collection by its place in the list, counted from 1. */
  message: string;
}

/** What a configuration comes to. */
export interface Wanted {
  /** By key, each once. */
  series: readonly WantedSeries[];
  /** Venues of which the most traded symbols are wanted. */
  ranked: readonly VenueId[];
  /** What could not be found. The rest is wanted all the same. */
  issues: readonly SelectionIssue[];
}

type KnownMarket = Pick<Market, 'symbol' | 'kind' | 'quote' | 'active'>;

/** What is known of the venues. */
export interface SelectionFacts {
  /** By venue. */
  markets: ReadonlyMap<VenueId, readonly KnownMarket[]>;
  rankings: ReadonlyMap<VenueId, SymbolRanking>;
  /** All there are: what is collected already is kept where a venue's markets or ranking are not known. */
  records: readonly Pick<SeriesRecord, 'series' | 'status'>[];
}

/** One collection at one venue. */
interface Place {
  collection: Collection;
  /** Counted from 1. */
  number: number;
  venue: VenueId;
  facts: SelectionFacts;
  /** Keys of series that are collected now, and symbols of the venue of which this collection's own kinds and timeframes are. */
  collected: { keys: ReadonlySet<string>; symbols: ReadonlySet<string> };
}

interface Selected {
  /** Without a kind where nobody knows the market. */
  markets: readonly { symbol: string; kind?: Market['kind'] }[];
  issues: readonly SelectionIssue[];
}

/** Never throws for what a venue does not have: that is an issue, and holds nothing else back. */
export function wantedSeries(config: Pick<CollectionConfig, 'collections'>, facts: SelectionFacts): Wanted {
  const wanted = new Map<string, WantedSeries>();
  const issues: SelectionIssue[] = [];
  const ranked = new Set<VenueId>();
  for (const place of placesOf(config, facts)) {
    const { collection, venue } = place;
    const selected = select(place);
    issues.push(...selected.issues);
    if (collection.select?.top !== undefined) ranked.add(venue);
    const wants = selected.markets.flatMap((market) =>
      seriesOf(market, place).map((series) => wantOf(series, market, collection)),
    );
    for (const want of wants) {
      const key = seriesKeyOf(want.series);
      wanted.set(key, both(wanted.get(key), want));
    }
  }
  const inOrder = [...wanted].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each);
  return { series: inOrder, ranked: [...ranked].sort(), issues };
}

function placesOf({ collections }: Pick<CollectionConfig, 'collections'>, facts: SelectionFacts): Place[] {
  const records = facts.records.filter(({ status }) => status === 'collected');
  const keys = new Set(records.map(({ series }) => seriesKeyOf(series)));
  return collections.flatMap((collection, index) =>
    [...new Set(collection.venues)].map((name) => {
      const venue = name as VenueId;
      const own = records.filter(({ series }) => series.venue === venue && isOf(collection, series));
      const symbols = new Set(own.map(({ series }) => series.symbol));
      return { collection, number: index + 1, venue, facts, collected: { keys, symbols } };
    }),
  );
}

/** What another collection has of a symbol does not put it into this one. */
const isOf = ({ kinds, timeframes }: Collection, series: Series): boolean =>
  kinds.includes(series.kind) && (series.kind !== 'candles' || timeframes.includes(series.timeframe));

/** Where nobody knows the market, a selection may not mean it at all: it goes on, and no history is fetched for that. */
function wantOf(series: Series, { kind }: Selected['markets'][number], collection: Collection): WantedSeries {
  const { every, history, select: selection } = collection;
  const isMeant = kind !== undefined || selection === undefined;
  return {
    ...{ series, everyMs: durationMs(every) },
    ...(series.kind === 'candles' && history !== undefined && isMeant && { historyMs: durationMs(history) }),
  };
}

function both(first: WantedSeries | undefined, second: WantedSeries): WantedSeries {
  if (first === undefined) return second;
  const historyMs = Math.max(first.historyMs ?? 0, second.historyMs ?? 0);
  return {
    ...{ series: first.series, everyMs: Math.min(first.everyMs, second.everyMs) },
    ...(historyMs > 0 && { historyMs }),
  };
}

type IssueFacts = Pick<SelectionIssue, 'reason' | 'symbol'>;

const issueOf = (place: Place, facts: IssueFacts, text: string): SelectionIssue => ({
  ...facts,
  venue: place.venue,
  message: `collection ${place.number} of collection.yaml: ${text}`,
});

function select(place: Place): Selected {
  const markets = place.facts.markets.get(place.venue) ?? [];
  const { symbols, select: selection } = place.collection;
  if (markets.length > 0) return selection === undefined ? find(place, markets) : choose(place, markets, selection);
  const isMeant = (symbol: string) => symbols?.includes(symbol) ?? !selection?.except.includes(symbol);
  const text = `no market of "${place.venue}" is known yet; what is collected already goes on`;
  return {
    markets: [...place.collected.symbols].filter(isMeant).map((symbol) => ({ symbol })),
    issues: [issueOf(place, { reason: 'no_markets' }, text)],
  };
}

/** Those named one by one. */
function find(place: Place, markets: readonly KnownMarket[]): Selected {
  const bySymbol = new Map(markets.map((market) => [market.symbol, market]));
  const isFundingOnly = place.collection.kinds.every((kind) => kind === 'funding');
  const found: KnownMarket[] = [];
  const issues: SelectionIssue[] = [];
  for (const symbol of new Set(place.collection.symbols)) {
    const market = bySymbol.get(symbol);
    const tell = (reason: SelectionIssue['reason'], text: string) =>
      issues.push(issueOf(place, { reason, symbol }, text));
    if (market === undefined) {
      tell('unknown_symbol', `"${place.venue}" has no market "${symbol}"`);
    } else if (!market.active) {
      tell('inactive_market', `"${symbol}" is not traded at "${place.venue}" now`);
    } else {
      found.push(market);
      if (isFundingOnly && market.kind !== 'perpetual') {
        tell('no_funding', `"${symbol}" is no perpetual, so it has no funding`);
      }
    }
  }
  return { markets: found, issues };
}

/** Those told by what they are. */
function choose(
  place: Place,
  markets: readonly KnownMarket[],
  { quotes, kinds, top, except }: NonNullable<Collection['select']>,
): Selected {
  const fitting = markets.filter(
    ({ symbol, kind, quote, active }) =>
      active && kinds.some((each) => each === kind) && (quotes?.includes(quote) ?? true) && !except.includes(symbol),
  );
  if (top === undefined) return { markets: fitting, issues: [] };
  const ranking = place.facts.rankings.get(place.venue);
  if (ranking !== undefined) return { markets: mostTraded(place, fitting, { ranking, top }), issues: [] };
  const text = `nobody has looked yet what is traded most at "${place.venue}"; what is collected already goes on`;
  return {
    markets: fitting.filter(({ symbol }) => place.collected.symbols.has(symbol)),
    issues: [issueOf(place, { reason: 'no_ranking' }, text)],
  };
}

/** The first ones of each quote asset: volumes in different assets cannot be compared. */
function mostTraded(
  { collected }: Place,
  fitting: readonly KnownMarket[],
  { ranking, top }: { ranking: SymbolRanking; top: number },
): KnownMarket[] {
  const bySymbol = new Map(fitting.map((market) => [market.symbol, market]));
  const ranks = new Map<string, number>();
  return ranking.symbols.flatMap(({ symbol }) => {
    const market = bySymbol.get(symbol);
    if (market === undefined) return [];
    const rank = (ranks.get(market.quote) ?? 0) + 1;
    ranks.set(market.quote, rank);
    return rank <= (collected.symbols.has(symbol) ? top * topSlack : top) ? [market] : [];
  });
}

function seriesOf({ symbol, kind }: Selected['markets'][number], place: Place): Series[] {
  const { collection, venue, collected } = place;
  const has = (what: SeriesKind) => collection.kinds.includes(what);
  const series: Series[] = [
    ...(has('candles') ? collection.timeframes : []).map((timeframe) => {
      return { kind: 'candles' as const, venue, symbol, timeframe };
    }),
    ...(has('trades') ? [{ kind: 'trades' as const, venue, symbol }] : []),
    // Nothing else pays funding.
    ...(has('funding') && (kind ?? 'perpetual') === 'perpetual' ? [{ kind: 'funding' as const, venue, symbol }] : []),
  ];
  return kind === undefined ? series.filter((each) => collected.keys.has(seriesKeyOf(each))) : series;
}
