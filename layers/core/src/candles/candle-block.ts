/** What is stored of a series for one period, and what of a lane for a short while. */
import type { CandleColumns } from './columns.ts';
import type { CandleSeries, Lane } from './series.ts';
import type { Period, Span } from './timeframe.ts';

/**
 * Why there is no candle where the timeframe's calendar has one:
 *
 * - `open`: not found out yet; it is asked for again;
 * - `no-trades`: the venue was asked and has none, and nothing speaks for an outage;
 * - `outage`: the same, while the venue was down;
 * - `quarantined`: the venue has some, and they make no sense.
 */
export const gapKinds = ['open', 'no-trades', 'outage', 'quarantined'] as const;
export type GapKind = (typeof gapKinds)[number];

/** A span without candles. It begins and ends at open times. */
export interface Gap extends Span {
  kind: GapKind;
  /** How often the venue was asked to fill it. */
  attempts: number;
  /** When it was asked last; UTC epoch milliseconds. */
  checkedAtMs?: number;
  /** What its kind was concluded from: the venue's own candles, or also its trades. */
  by?: 'candles' | 'trades';
  /** The outage that it falls into. */
  incident?: Span;
}

/** Candles of one series and period, with what is known of those that are missing. */
export interface CandleBlock {
  period: Period;
  candles: CandleColumns;
  /** In order, without overlap. Before the block is sealed there may be more. */
  gaps: readonly Gap[];
  /** Spans whose candles were made of trades, since the venue had none. */
  rebuilt: readonly Span[];
  /** How many candles the venue has changed after they were stored. */
  revised: number;
  /** Until when the venue was asked for all there is; UTC epoch milliseconds. The end of the period, once it is sealed. */
  checkedToMs: number;
  /** Grows with every write; 0 is a block that was never stored. */
  version: number;
}

/** What one run has brought for the series of a lane: a short-lived row, of which sealing makes blocks. */
export interface LaneRow {
  /** When it was planned; UTC epoch milliseconds. Identifies the row in its lane. */
  plannedAtMs: number;
  members: readonly LaneMember[];
}

export interface LaneMember {
  symbol: string;
  /** Also those that came again with other values. Later rows go before earlier ones. */
  candles: CandleColumns;
  /** Open time of the first candle that is not asked for yet: where the next run goes on. */
  untilMs: number;
}

/**
 * A row is named by when its run began, and a run takes no longer than a function may: so long before a candle opens a row may have
 * been planned that holds it.
 */
export const laneRunMsMax = 15 * 60_000;

/** A candle that was not stored, since it makes no sense. */
export interface QuarantinedCandle {
  series: CandleSeries;
  openMs: number;
  reason: QuarantineReason;
  /** For people: what is wrong with it, with the figures. */
  message: string;
  /** As the venue sent it: open time, open, high, low, close, volume; `null` where a value is missing or no number. */
  values: readonly (number | null)[];
  atMs: number;
}

export const quarantineReasons = [
  'inconsistent',
  'price_not_positive',
  'volume_negative',
  'misaligned',
  'duplicate',
  'in_future',
  'outlier',
] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

/** A time in which a venue did not answer what it was asked. */
export interface VenueIncident {
  fromMs: number;
  /** Absent while it lasts. */
  toMs?: number;
  /** Stable word, as in a `Cause`. */
  code: string;
  message: string;
}

export type { Lane };
