/** Which series a configuration means, at venues as they are now. */
import { type Collection, type CollectionConfig, durationMs } from '../config/collection-config.ts';
import type { VenueId } from '../ids.ts';
import type { SymbolRanking } from '../ports/candles.ts';
import {
  type KnownMarket,
  type MarketIssue,
  rankedSelections,
  type SelectedMarkets,
  selectMarkets,
} from './select-markets.ts';
import { type Series, type SeriesKind, seriesKeyOf } from './series.ts';
import type { SeriesRecord } from './series-record.ts';

export interface WantedSeries {
  series: Series;
  /** The shortest of the collections that want it. */
  everyMs: number;
  /** Of candles, the longest of the collections that want it. */
  historyMs?: number;
}

export interface SelectionIssue {
  reason: MarketIssue['reason'] | 'no_funding';
  venue: VenueId;
  symbol?: string;
  /** For people; names the collection by its place in the list, counted from 1. */
  message: string;
}

/** What a configuration comes to. */
export interface Wanted {
  /** By key, each once. */
  series: readonly WantedSeries[];
  /** Venues of which the most traded symbols are wanted, for streams as well. */
  ranked: readonly VenueId[];
  /** What could not be found. The rest is wanted all the same. */
  issues: readonly SelectionIssue[];
}

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

/** Never throws for what a venue does not have: that is an issue, and holds nothing else back. */
export function wantedSeries(config: Pick<CollectionConfig, 'collections' | 'streams'>, facts: SelectionFacts): Wanted {
  const wanted = new Map<string, WantedSeries>();
  const issues: SelectionIssue[] = [];
  for (const place of placesOf(config, facts)) {
    const { collection } = place;
    const selected = select(place);
    issues.push(...selected.issues);
    const wants = selected.markets.flatMap((market) =>
      seriesOf(market, place).map((series) => wantOf(series, market, collection)),
    );
    for (const want of wants) {
      const key = seriesKeyOf(want.series);
      wanted.set(key, both(wanted.get(key), want));
    }
  }
  const inOrder = [...wanted].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each);
  const ranked = new Set(rankedSelections(config).flatMap(({ venues }) => venues));
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
function wantOf(series: Series, { kind }: SelectedMarkets['markets'][number], collection: Collection): WantedSeries {
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

function select(place: Place): { markets: SelectedMarkets['markets']; issues: SelectionIssue[] } {
  const { collection, venue, facts, number, collected } = place;
  const { markets, issues } = selectMarkets({
    ...{ venue, wanted: collection, doing: 'collected' as const, present: collected.symbols },
    ...{ markets: facts.markets.get(venue) ?? [], ranking: facts.rankings.get(venue) },
  });
  const isFundingOnly = collection.symbols !== undefined && collection.kinds.every((kind) => kind === 'funding');
  const unpaid = markets.filter(({ kind }) => isFundingOnly && kind !== undefined && kind !== 'perpetual');
  const told = [
    ...issues,
    ...unpaid.map(({ symbol }) => {
      return { reason: 'no_funding' as const, symbol, text: `"${symbol}" is no perpetual, so it has no funding` };
    }),
  ];
  return {
    markets,
    issues: told.map(({ text, ...facts }) => {
      return { ...facts, venue, message: `collection ${number} of collection.yaml: ${text}` };
    }),
  };
}

function seriesOf({ symbol, kind }: SelectedMarkets['markets'][number], place: Place): Series[] {
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
