/** Looks which symbols of a venue are traded most. */
import {
  type CandleJob,
  type Market,
  type MarketKind,
  rankedSelections,
  type SymbolRanking,
  type Ticker,
  type VenueId,
} from '@nightdesk/core';
import { type CollectRound, hasTime } from './round.ts';

type RankJob = Extract<CandleJob, { job: 'rank' }>;

/** One question; more names than this make addresses that some venues refuse. */
const symbolsAtOnce = 200;

/** Only markets that a collection or a stream may choose from are asked about. */
export async function rank({ venue: id }: RankJob, round: CollectRound): Promise<void> {
  const { openVenue, config, series, clock, telemetry } = round;
  const markets = await candidatesOf(id, round);
  const venue = await openVenue(id, config, 'patient');
  const found: SymbolRanking['symbols'][number][] = [];
  for (const [, ofKind] of Map.groupBy(markets, ({ kind }) => kind)) {
    for (let start = 0; start < ofKind.length; start += symbolsAtOnce) {
      const [first, ...rest] = ofKind.slice(start, start + symbolsAtOnce);
      if (first === undefined) break;
      if (!hasTime(round)) throw new RankingUnfinishedError(id);
      found.push(...(await venue.fetchTickers([first, ...rest])).flatMap(volumeOf));
    }
  }
  const quotes = new Map(markets.map(({ symbol, quote }) => [symbol, quote]));
  const quoteOf = ({ symbol }: { symbol: string }) => quotes.get(symbol) ?? '';
  // Volumes in different assets cannot be compared, so each asset has an order of its own.
  const symbols = found.sort((a, b) => quoteOf(a).localeCompare(quoteOf(b)) || b.quoteVolume - a.quoteVolume);
  await series.saveRanking(id, { atMs: clock.nowMs(), symbols });
  telemetry.info('ranking', { venue: id, symbols: symbols.length });
}

/** The time was not enough; the job is done again. */
export class RankingUnfinishedError extends Error {
  override readonly name = 'RankingUnfinishedError';

  constructor(venue: string) {
    super(`${venue} answered too slowly to be ranked`);
  }
}

const volumeOf = ({ symbol, quoteVolume, baseVolume, last }: Ticker): SymbolRanking['symbols'][number][] => {
  const volume = quoteVolume === undefined ? Number(baseVolume) * Number(last) : Number(quoteVolume);
  return Number.isFinite(volume) && volume > 0 ? [{ symbol, quoteVolume: volume }] : [];
};

async function candidatesOf(venue: VenueId, { config, listMarkets, findMarket }: CollectRound): Promise<Market[]> {
  const selections = rankedSelections(config.collection).flatMap(({ venues, select }) =>
    venues.includes(venue) ? [select] : [],
  );
  const isWanted = ({ active, kind, quote }: { active: boolean; kind: MarketKind; quote: string }): boolean =>
    active && selections.some(({ kinds, quotes }) => isAmong(kind, kinds) && (quotes?.includes(quote) ?? true));
  const symbols = (await listMarkets(venue)).filter(isWanted).map(({ symbol }) => symbol);
  const markets: Market[] = [];
  for (const symbol of symbols) {
    const market = await findMarket(venue, symbol);
    if (market !== undefined) markets.push(market);
  }
  return markets;
}

const isAmong = (kind: MarketKind, kinds: readonly string[]): boolean => kinds.includes(kind);
