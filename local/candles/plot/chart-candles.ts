/** What a chart shows: every time at which a candle opens, with its candle or with why there is none. */
import {
  type CandleColumns,
  type CandleSeries,
  countOpens,
  firstOpenFrom,
  type Gap,
  type GapKind,
  gapKinds,
  nextOpenTime,
  type Span,
} from '@nightdesk/core';

export interface ChartCandles {
  series: CandleSeries;
  /** What the candles were made of, where they are not stored in this timeframe. */
  derivedFrom?: string;
  span: Span;
  opensMs: readonly number[];
  /** In the order that ECharts wants: open, close, low, high; absent where there is no candle. */
  prices: readonly (readonly [number, number, number, number] | undefined)[];
  /** Absent where there is no candle, or the venue does not tell. */
  volumes: readonly (number | undefined)[];
  /** By kind, what part of each candle's time is missing: 1 where the candle is, 0 where nothing is. */
  missing: Readonly<Record<GapKind, readonly number[]>>;
  present: number;
}

/** @param gaps of the stored timeframe; what is missing beside them is `open` */
export function chartCandles(
  shown: { series: CandleSeries; span: Span; derivedFrom?: string },
  candles: CandleColumns,
  gaps: readonly Gap[],
): ChartCandles {
  const { series, span } = shown;
  const { timeframe } = series;
  const opensMs: number[] = [];
  for (let atMs = firstOpenFrom(timeframe, span.fromMs); atMs < span.toMs; atMs = nextOpenTime(timeframe, atMs)) {
    opensMs.push(atMs);
  }
  const indexes = new Map(Array.from(candles.openMs, (openMs, index) => [openMs, index]));
  const rows = opensMs.map((openMs) => indexes.get(openMs));
  const value = (name: 'open' | 'close' | 'low' | 'high' | 'volume', row: number) => candles[name][row] as number;
  return {
    ...{ ...shown, opensMs },
    prices: rows.map((row) => {
      return row === undefined
        ? undefined
        : [value('open', row), value('close', row), value('low', row), value('high', row)];
    }),
    volumes: rows.map((row) => {
      return row === undefined || Number.isNaN(value('volume', row)) ? undefined : value('volume', row);
    }),
    missing: missingByKind(shown, { opensMs, rows }, gaps),
    present: rows.filter((row) => row !== undefined).length,
  };
}

function missingByKind(
  { series: { timeframe }, derivedFrom = timeframe }: { series: CandleSeries; derivedFrom?: string },
  { opensMs, rows }: { opensMs: readonly number[]; rows: readonly (number | undefined)[] },
  gaps: readonly Gap[],
): Record<GapKind, number[]> {
  const shares = Object.fromEntries(gapKinds.map((kind) => [kind, opensMs.map(() => 0)])) as Record<GapKind, number[]>;
  let first = 0;
  for (const [index, openMs] of opensMs.entries()) {
    const toMs = nextOpenTime(timeframe, openMs);
    const expected = countOpens(derivedFrom, { fromMs: openMs, toMs });
    while ((gaps[first]?.toMs ?? Number.POSITIVE_INFINITY) <= openMs) first += 1;
    let explained = 0;
    for (const gap of gaps.slice(first)) {
      if (gap.fromMs >= toMs) break;
      const within = { fromMs: Math.max(openMs, gap.fromMs), toMs: Math.min(toMs, gap.toMs) };
      const count = countOpens(derivedFrom, within);
      shares[gap.kind][index] = (shares[gap.kind][index] as number) + count / expected;
      explained += count;
    }
    if (rows[index] === undefined && explained === 0) shares.open[index] = 1;
  }
  return shares;
}
