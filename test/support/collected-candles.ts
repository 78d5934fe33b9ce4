/** A few collected series in memory, for tests of what reads them. */
import {
  type CandleBlock,
  type CandleColumns,
  type CandleRow,
  type CandleSeries,
  type CandleStore,
  type ColdStore,
  columnsOf,
  cutColumns,
  emptyColumns,
  type Gap,
  noTotals,
  periodsOf,
  type SeriesRecord,
  type SeriesStore,
  type Span,
  spanOfPeriod,
  type VenueId,
} from '@nightdesk/core';
import { createMemoryCandles, createMemoryCold, createMemorySeries } from './memory-candles.ts';

export const minuteMs = 60_000;

export const candleSeries = (symbol = 'BTC/USDT', timeframe = '1m', venue = 'fake'): CandleSeries => ({
  ...{ kind: 'candles', venue: venue as VenueId, symbol, timeframe },
});

/** Prices with two decimals that differ from minute to minute. */
export function candleAt(openMs: number): CandleRow {
  const step = (openMs / minuteMs) % 997;
  const open = 40_000 + step / 4;
  return {
    ...{ openMs, open, high: open + 1.25, low: open - 0.75, close: open + 0.5 },
    ...{ volume: step / 1_000, quoteVolume: step * 40.125, trades: step },
  };
}

/** Every minute of a span but those left out. */
export function minutesOf({ fromMs, toMs }: Span, without: readonly Span[] = []): CandleColumns {
  const rows: CandleRow[] = [];
  for (let openMs = fromMs; openMs < toMs; openMs += minuteMs) {
    if (!without.some((gap) => openMs >= gap.fromMs && openMs < gap.toMs)) rows.push(candleAt(openMs));
  }
  return columnsOf(rows);
}

export function seriesRecord(series: SeriesRecord['series'], more: Partial<SeriesRecord> = {}): SeriesRecord {
  return { ...{ series, lane: 0, status: 'collected', sinceMs: 0, totals: noTotals, version: 0 }, ...more };
}

export interface CollectedStores {
  candles: CandleStore;
  series: SeriesStore;
  cold: ColdStore;
}

export const createStores = (): CollectedStores => ({
  ...{ candles: createMemoryCandles(), series: createMemorySeries(), cold: createMemoryCold() },
});

/** Stores candles as sealing does: of periods that are too old for the table, it knows the gaps only. */
export async function storeBlocks(
  stores: CollectedStores,
  series: CandleSeries,
  {
    candles,
    gaps = [],
    cold = () => false,
  }: { candles: CandleColumns; gaps?: readonly Gap[]; cold?: (period: string) => boolean },
): Promise<void> {
  const span = { fromMs: candles.openMs[0] ?? 0, toMs: (candles.openMs.at(-1) ?? 0) + 1 };
  for (const period of periodsOf(series.timeframe, span)) {
    const within = spanOfPeriod(period);
    const cut = cutColumns(candles, within);
    await stores.cold.writeCandles(series, period, cut);
    const block: CandleBlock = {
      ...{ period, candles: cut, gaps: gaps.filter((gap) => gap.fromMs >= within.fromMs && gap.toMs <= within.toMs) },
      ...{ rebuilt: [], revised: 0, checkedToMs: within.toMs, version: 0 },
    };
    await stores.candles.writeBlock(series, cold(period) ? { ...block, candles: emptyColumns } : block);
  }
}
