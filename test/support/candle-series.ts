/** Series and candles for tests, the same in every run. */
import {
  type CandleBlock,
  type CandleColumns,
  type CandleRow,
  type CandleSeries,
  columnsOf,
  type Gap,
  type TickSeries,
  type VenueId,
} from '@nightdesk/core';

export const binance = 'binance' as VenueId;
export const kraken = 'kraken' as VenueId;
export const minuteMs = 60_000;
export const dayMs = 86_400_000;

/** Start of the day that most tests are about. */
export const day = '2026-11-20';
export const dayStartMs = Date.UTC(2026, 10, 20);

export const candleSeries = (fields: Partial<CandleSeries> = {}): CandleSeries => ({
  kind: 'candles',
  venue: binance,
  symbol: 'BTC/USDT',
  timeframe: '1m',
  ...fields,
});

export const tickSeries = (kind: TickSeries['kind'], fields: Partial<TickSeries> = {}): TickSeries => ({
  kind,
  venue: binance,
  symbol: 'BTC/USDT:USDT',
  ...fields,
});

/** A price that wanders by a cent at a time; what the venue does not tell is absent of every third candle. */
export function candleRow(index: number, { fromMs = dayStartMs, stepMs = minuteMs } = {}): CandleRow {
  const open = 90_000 + ((index * 7_919) % 1_000) / 100;
  const row = { openMs: fromMs + index * stepMs, open, high: open + 0.5, low: open - 0.25, close: open + 0.01 };
  return index % 3 === 2
    ? row
    : { ...row, volume: (index % 11) / 1_000, quoteVolume: index * 90.01, trades: index % 50 };
}

export const candles = (count: number, place: { fromMs?: number; stepMs?: number } = {}): CandleColumns =>
  columnsOf(Array.from({ length: count }, (_, index) => candleRow(index, place)));

/** Floats that share nothing, so that no packing makes less of them than they are; deterministic. */
export function noisyCandles(count: number, stepMs: number): CandleColumns {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const noise = () => 1 + next() + next() * 2 ** -27;
  return columnsOf(
    Array.from({ length: count }, (_, index) => ({
      ...{ openMs: dayStartMs + index * stepMs, open: noise(), high: noise(), low: noise(), close: noise() },
      ...{ volume: noise(), quoteVolume: noise(), trades: index },
    })),
  );
}

export const gap = (fields: Partial<Gap> = {}): Gap => ({
  ...{ fromMs: dayStartMs, toMs: dayStartMs + minuteMs, kind: 'open', attempts: 0 },
  ...fields,
});

export const candleBlock = (fields: Partial<CandleBlock> = {}): CandleBlock => ({
  ...{ period: day, candles: candles(3), gaps: [], rebuilt: [], revised: 0, checkedToMs: dayStartMs, version: 0 },
  ...fields,
});

/** Every bit of candles, in a form that says quickly whether others are the same. */
export const bitsOf = (columns: CandleColumns): Record<string, string> =>
  Object.fromEntries(
    Object.entries(columns).map(([name, values]) => {
      const { buffer, byteOffset, byteLength } = values;
      return [name, Buffer.from(buffer, byteOffset, byteLength).toString('base64')];
    }),
  );
