/** Candles and day statistics of the seeded market. Statistics, hence floats; a closed candle never changes. */
import type { PricePath } from './price-path.ts';
import { hashUnit } from './random.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Candles of up to 15 minutes share this lattice, so that shorter ones add up to longer ones exactly. */
const latticeMs = 10_000;
const sharedLatticeMsMax = 15 * minuteMs;
const samplesPerLongCandle = 60;

export interface Candle {
  openMs: number;
  /** Last millisecond of the candle, also while it is still open. */
  closeMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  baseVolume: number;
  quoteVolume: number;
  takerBuyBaseVolume: number;
  tradeCount: number;
  closed: boolean;
}

export interface CandleSource {
  path: PricePath;
  seed: number;
  /** Mean turnover per minute in the quote asset. */
  quoteVolumePerMinute: number;
}

/** The candle that starts at `openMs` and ends before `endMs`, as far as it has got at `nowMs`. */
export function candleOf(source: CandleSource, span: { openMs: number; endMs: number }, nowMs: number): Candle {
  const { openMs, endMs } = span;
  const lastMs = Math.min(endMs - 1, Math.max(nowMs, openMs));
  const open = source.path(openMs);
  const close = source.path(lastMs);
  let high = Math.max(open, close);
  let low = Math.min(open, close);
  const durationMs = endMs - openMs;
  const stepMs = durationMs <= sharedLatticeMsMax ? latticeMs : Math.ceil(durationMs / samplesPerLongCandle);
  for (let atMs = openMs + stepMs; atMs < lastMs; atMs += stepMs) {
    const price = source.path(atMs);
    if (price > high) high = price;
    if (price < low) low = price;
  }
  const volume = volumeBetween(source, openMs, lastMs + 1);
  const baseVolume = volume.quote / ((open + close) / 2);
  return {
    openMs,
    closeMs: endMs - 1,
    open,
    high,
    low,
    close,
    baseVolume,
    quoteVolume: volume.quote,
    takerBuyBaseVolume: baseVolume * volume.buyShare,
    tradeCount: volume.trades,
    closed: nowMs >= endMs,
  };
}

function volumeBetween(source: CandleSource, fromMs: number, toMs: number) {
  let quote = 0;
  let trades = 0;
  const firstMinute = Math.floor(fromMs / minuteMs);
  for (let minute = firstMinute; minute * minuteMs < toMs; minute++) {
    const overlapMs = Math.min(toMs, (minute + 1) * minuteMs) - Math.max(fromMs, minute * minuteMs);
    const share = overlapMs / minuteMs;
    const unit = hashUnit(source.seed, minute);
    quote += source.quoteVolumePerMinute * (0.4 + 1.2 * unit) * share;
    trades += Math.round((50 + 400 * unit) * share);
  }
  return { quote, trades, buyShare: 0.4 + 0.2 * hashUnit(source.seed ^ 0x5bd1e995, firstMinute) };
}

export interface DayStatistics {
  open: number;
  high: number;
  low: number;
  baseVolume: number;
  quoteVolume: number;
  tradeCount: number;
}

/** The 24 hours that end at `nowMs`. */
export function dayStatistics(source: CandleSource, nowMs: number): DayStatistics {
  const candle = candleOf(source, { openMs: nowMs - dayMs, endMs: nowMs }, nowMs);
  return candle;
}
