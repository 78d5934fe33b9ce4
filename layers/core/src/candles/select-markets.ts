/** Which markets of a venue a part of collection.yaml means: those named one by one, or those told by what they are. */
import type { Collection, CollectionConfig } from '../config/collection-config.ts';
import type { VenueId } from '../ids.ts';
import type { SymbolRanking } from '../ports/candles.ts';
import type { Market } from '../ports/market-data.ts';

/** A symbol that is in stays so until it is further behind than this many times `top`: lanes do not flap with the volumes. */
export const topSlack = 1.25;

export type KnownMarket = Pick<Market, 'symbol' | 'kind' | 'quote' | 'active'>;

export interface MarketQuestion {
  venue: VenueId;
  /** What collection.yaml says: one of the two. */
  wanted: Pick<Collection, 'symbols' | 'select'>;
  /** Those of the venue; none where nobody knows them yet. */
  markets: readonly KnownMarket[];
  ranking: SymbolRanking | undefined;
  /** Symbols that are in now: they stay where the venue's markets or ranking are not known. */
  present: ReadonlySet<string>;
  /** For people: what is done with those. */
  doing: 'collected' | 'streamed';
}

export interface MarketIssue {
  reason: 'unknown_symbol' | 'inactive_market' | 'no_markets' | 'no_ranking';
  symbol?: string;
  text: string;
}

export interface SelectedMarkets {
  /** Without a kind where nobody knows the market. */
  markets: readonly { symbol: string; kind?: Market['kind'] }[];
  issues: readonly MarketIssue[];
}

/** What of collection.yaml chooses from the most traded markets, and of which venues: somebody has to look which those are. */
export const rankedSelections = ({ collections, streams }: Pick<CollectionConfig, 'collections' | 'streams'>) =>
  [...collections, ...streams].flatMap(({ venues, select }) =>
    select?.top === undefined ? [] : [{ venues: venues as VenueId[], select }],
  );

/** Never throws for what a venue does not have: that is an issue, and holds nothing else back. */
export function selectMarkets(question: MarketQuestion): SelectedMarkets {
  const { venue, wanted, markets, present, doing } = question;
  const { symbols, select: selection } = wanted;
  if (markets.length > 0) return selection === undefined ? find(question) : choose(question, selection);
  const isMeant = (symbol: string) => symbols?.includes(symbol) ?? !selection?.except.includes(symbol);
  return {
    markets: [...present].filter(isMeant).map((symbol) => ({ symbol })),
    issues: [{ reason: 'no_markets', text: `no market of "${venue}" is known yet; what is ${doing} already goes on` }],
  };
}

/** Those named one by one. */
function find({ venue, wanted, markets }: MarketQuestion): SelectedMarkets {
  const bySymbol = new Map(markets.map((market) => [market.symbol, market]));
  const found: KnownMarket[] = [];
  const issues: MarketIssue[] = [];
  for (const symbol of new Set(wanted.symbols)) {
    const market = bySymbol.get(symbol);
    if (market === undefined) {
      issues.push({ reason: 'unknown_symbol', symbol, text: `"${venue}" has no market "${symbol}"` });
    } else if (!market.active) {
      issues.push({ reason: 'inactive_market', symbol, text: `"${symbol}" is not traded at "${venue}" now` });
    } else {
      found.push(market);
    }
  }
  return { markets: found, issues };
}

/** Those told by what they are. */
function choose(
  { venue, markets, ranking, present, doing }: MarketQuestion,
  { quotes, kinds, top, except }: NonNullable<Collection['select']>,
): SelectedMarkets {
  const fitting = markets.filter(
    ({ symbol, kind, quote, active }) =>
      active && kinds.some((each) => each === kind) && (quotes?.includes(quote) ?? true) && !except.includes(symbol),
  );
  if (top === undefined) return { markets: fitting, issues: [] };
  if (ranking !== undefined) return { markets: mostTraded(fitting, { ranking, top, present }), issues: [] };
  const text = `nobody has looked yet what is traded most at "${venue}"; what is ${doing} already goes on`;
  return { markets: fitting.filter(({ symbol }) => present.has(symbol)), issues: [{ reason: 'no_ranking', text }] };
}

/** The first ones of each quote asset: volumes in different assets cannot be compared. */
function mostTraded(
  fitting: readonly KnownMarket[],
  { ranking, top, present }: { ranking: SymbolRanking; top: number; present: ReadonlySet<string> },
): KnownMarket[] {
  const bySymbol = new Map(fitting.map((market) => [market.symbol, market]));
  const ranks = new Map<string, number>();
  return ranking.symbols.flatMap(({ symbol }) => {
    const market = bySymbol.get(symbol);
    if (market === undefined) return [];
    const rank = (ranks.get(market.quote) ?? 0) + 1;
    ranks.set(market.quote, rank);
    return rank <= (present.has(symbol) ? top * topSlack : top) ? [market] : [];
  });
}
