/** What is collected, by which name, and how it is cut into pieces. */
import type { VenueId } from '../ids.ts';

export const seriesKinds = ['candles', 'trades', 'funding'] as const;
export type SeriesKind = (typeof seriesKinds)[number];

/** Candles of one market in one timeframe. */
export interface CandleSeries {
  kind: 'candles';
  venue: VenueId;
  /** Unified symbol, e.g. `BTC/USDT`. */
  symbol: string;
  /** As the venue and ccxt name it, e.g. `1m`. */
  timeframe: string;
}

/** Every trade of one market, or every funding payment of one perpetual. */
export interface TickSeries {
  kind: 'trades' | 'funding';
  venue: VenueId;
  symbol: string;
}

export type Series = CandleSeries | TickSeries;

/** The last part of a series' key: its timeframe, or the word for what else it holds. Timeframes begin with a digit. */
export const partOf = (series: Series): string => (series.kind === 'candles' ? series.timeframe : series.kind);

/** `binance#BTC/USDT#1m`; neither venues nor symbols hold a `#`. */
export const seriesKeyOf = (series: Series): string => `${series.venue}#${series.symbol}#${partOf(series)}`;

/**
 * Series of one venue and part that are collected by one job, and share the rows of what was brought last: a row for each
 * would cost a write unit per candle.
 */
export interface Lane {
  venue: VenueId;
  /** As `partOf`. */
  part: string;
  /** Counts from 0. A series keeps its lane for good. */
  number: number;
}

export const laneKeyOf = ({ venue, part, number }: Lane): string => `${venue}#${part}#${number}`;

/** Most series that share a lane. */
export const laneSizeMax = 60;
