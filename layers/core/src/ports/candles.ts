/** Where candles, trades and funding are kept, and how work on them is handed on. */
import type { CandleBlock, LaneRow, QuarantinedCandle, VenueIncident } from '../candles/candle-block.ts';
import type { CandleColumns } from '../candles/columns.ts';
import type { CandleSeries, Lane, Series, TickSeries } from '../candles/series.ts';
import type { SeriesRecord } from '../candles/series-record.ts';
import type { Period, Span } from '../candles/timeframe.ts';
import type { VenueId } from '../ids.ts';
import type { FundingPoint, PublicTrade } from './market-data.ts';

/** The table of what was collected last. */
export interface CandleStore {
  /** Blocks of the periods, both ends included, oldest first; those that are not stored are left out. Eventually consistent. */
  readBlocks(series: CandleSeries, periods: { from: Period; to: Period }): AsyncIterable<CandleBlock>;
  /** Strongly consistent. */
  readBlock(series: CandleSeries, period: Period): Promise<CandleBlock | undefined>;
  /**
   * Stores the block on condition that the stored one has `block.version`, and gives it the next.
   *
   * @returns the version it has now, and its size in bytes
   * @throws VersionConflictError when somebody else wrote it since
   */
  writeBlock(series: CandleSeries, block: CandleBlock): Promise<{ version: number; bytes: number }>;
  /** Removes blocks that a cold file holds. */
  deleteBlocks(series: CandleSeries, periods: readonly Period[]): Promise<void>;
  /**
   * Rows planned within the span, oldest first. Strongly consistent.
   *
   * @param symbols only these members of each row: those of 60 series take 60 times the memory. @default all
   */
  readLane(lane: Lane, span: Span, symbols?: ReadonlySet<string>): Promise<LaneRow[]>;
  /** The newest row. Strongly consistent. */
  lastOfLane(lane: Lane): Promise<LaneRow | undefined>;
  /**
   * Stores what a run has brought; a row planned at the same time is replaced, which a repeated run does.
   *
   * @param expiresAtMs when the row may be forgotten; sealing is long done by then
   */
  writeLane(lane: Lane, row: LaneRow, expiresAtMs: number): Promise<{ bytes: number }>;
  /** One row per candle: one that comes again replaces it. */
  quarantine(candles: readonly QuarantinedCandle[]): Promise<void>;
  readQuarantine(series: CandleSeries, span: Span): Promise<QuarantinedCandle[]>;
  /** Takes candles out of quarantine, when the venue sends them right. */
  releaseQuarantine(series: CandleSeries, openTimesMs: readonly number[]): Promise<void>;
}

/** One row per series, and what concerns a venue as a whole. */
export interface SeriesStore {
  get(series: Series): Promise<SeriesRecord | undefined>;
  /** Of one venue, by key. */
  list(venue: VenueId): Promise<SeriesRecord[]>;
  /** Venues that have any series. */
  venues(): Promise<VenueId[]>;
  /** On condition of `record.version`, which grows. @throws VersionConflictError */
  save(record: SeriesRecord): Promise<SeriesRecord>;
  /** Incidents that touch the span, oldest first. */
  incidents(venue: VenueId, span: Span): Promise<VenueIncident[]>;
  /** Begins an incident unless one lasts already, or ends the one that lasts. */
  openIncident(venue: VenueId, incident: VenueIncident): Promise<void>;
  closeIncident(venue: VenueId, atMs: number): Promise<void>;
  /** Symbols of a venue by what was traded of them in a day, most first, as of the last look. */
  ranking(venue: VenueId): Promise<SymbolRanking | undefined>;
  saveRanking(venue: VenueId, ranking: SymbolRanking): Promise<void>;
}

export interface SymbolRanking {
  atMs: number;
  /** Quote volume of 24 hours in the quote asset of each market; most first within a quote asset. */
  symbols: readonly { symbol: string; quoteVolume: number }[];
}

/** Files that any Parquet reader reads: `<dataset>/venue=…/symbol=…/timeframe=…/date=…/…`. */
export interface ColdStore {
  /** One file per period, replaced as a whole: who reads it sees the old one or the new one. */
  writeCandles(series: CandleSeries, period: Period, candles: CandleColumns): Promise<{ bytes: number }>;
  readCandles(series: CandleSeries, period: Period): Promise<CandleColumns | undefined>;
  /** What there is, oldest first. */
  listCandles(series: CandleSeries): Promise<{ period: Period; bytes: number }[]>;
  /** What a run has brought of a day's trades, until the day's file is made of it. The same span replaces itself. */
  writeTrades(series: TickSeries, span: Span, trades: readonly PublicTrade[]): Promise<{ bytes: number }>;
  /** Makes one file of a day (`YYYY-MM-DD`), every trade once, and removes what it was made of. */
  compactTrades(series: TickSeries, day: string): Promise<{ bytes: number; trades: number }>;
  /** In order of time, every trade once, whether its day is compacted or not. */
  readTrades(series: TickSeries, span: Span): AsyncIterable<PublicTrade[]>;
  /** Of one month (`YYYY-MM`): those that are there already are kept, those of the same time replaced. */
  writeFunding(series: TickSeries, month: string, points: readonly FundingPoint[]): Promise<{ bytes: number }>;
  readFunding(series: TickSeries, span: Span): Promise<FundingPoint[]>;
}

/** One piece of work of `collect-candles`. */
export type CandleJob =
  /** Fetches what is new of every series of a lane. */
  | { job: 'collect'; lane: Lane; plannedAtMs: number }
  /** Makes complete blocks and cold files of a period that is over, for the series of a lane. `after` goes on behind a symbol. */
  | { job: 'seal'; lane: Lane; period: Period; after?: string }
  /** Asks again for what a block lacks. */
  | { job: 'fill'; series: CandleSeries; period: Period }
  /**
   * Goes on with the backfill of the series' record. `turnMs` is when the planner had it gone on with, which makes it another job than
   * the one before, that may have done nothing.
   */
  | { job: 'backfill'; series: CandleSeries; doneToMs: number; turnMs?: number }
  /** Looks which symbols are traded most. */
  | { job: 'rank'; venue: VenueId; plannedAtMs: number };

export interface CandleJobs {
  /**
   * Every job once, however often it is sent within five minutes; those of one lane or series one after the other.
   * Backfills and fills wait in a queue of their own, so that they hold up nothing new.
   *
   * @throws Error naming the first job that was not taken
   */
  send(jobs: readonly CandleJob[]): Promise<void>;
}
