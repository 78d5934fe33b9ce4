/** Candles by column: statistics, so floats, each the nearest to the decimal that the venue sent. */

/** Number columns of a candle, beside its open time. */
export const valueColumns = ['open', 'high', 'low', 'close', 'volume', 'quoteVolume', 'trades'] as const;
export type ValueColumn = (typeof valueColumns)[number];

/**
 * Candles in order of their open times, no two with the same. Every column has one value per candle; `NaN` is what the venue
 * does not tell, which only `volume`, `quoteVolume` and `trades` may be.
 */
export type CandleColumns = Readonly<Record<ValueColumn, Float64Array>> & {
  /** UTC epoch milliseconds. */
  readonly openMs: Float64Array;
};

/** One row of `CandleColumns`; what the venue does not tell is absent. */
export interface CandleRow {
  openMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** In base asset; a number of contracts on inverse and quanto contracts, as everywhere (`amountUnitOf`). */
  volume?: number;
  /** In quote asset. */
  quoteVolume?: number;
  /** How many trades there were. */
  trades?: number;
}

export const emptyColumns: CandleColumns = columnsOf([]);

/** @param rows in order of their open times, no two with the same */
export function columnsOf(rows: readonly CandleRow[]): CandleColumns {
  const column = (name: keyof CandleRow) => Float64Array.from(rows, (row) => row[name] ?? Number.NaN);
  return {
    openMs: column('openMs'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
    quoteVolume: column('quoteVolume'),
    trades: column('trades'),
  };
}

/** @param index from 0; @throws RangeError beyond the last candle */
export function rowOf(columns: CandleColumns, index: number): CandleRow {
  const required = (name: 'openMs' | 'open' | 'high' | 'low' | 'close'): number => {
    const value = columns[name][index];
    if (value === undefined) throw new RangeError(`there is no candle ${index} of ${columns.openMs.length}`);
    return value;
  };
  const row: CandleRow = {
    ...{ openMs: required('openMs'), open: required('open'), high: required('high') },
    ...{ low: required('low'), close: required('close') },
  };
  for (const name of ['volume', 'quoteVolume', 'trades'] as const) {
    const value = columns[name][index] as number;
    if (!Number.isNaN(value)) row[name] = value;
  }
  return row;
}

/** Every candle as a row. */
export const rowsOf = (columns: CandleColumns): CandleRow[] =>
  Array.from(columns.openMs, (_, index) => rowOf(columns, index));

/** Those from index `start` up to `end`, without copying. */
export function sliceColumns(columns: CandleColumns, start: number, end: number): CandleColumns {
  const cut = (name: keyof CandleColumns) => columns[name].subarray(start, end);
  return {
    ...{ openMs: cut('openMs'), open: cut('open'), high: cut('high'), low: cut('low'), close: cut('close') },
    ...{ volume: cut('volume'), quoteVolume: cut('quoteVolume'), trades: cut('trades') },
  };
}

/** Index of the first candle that opens at or after a time. */
export function indexFrom({ openMs }: CandleColumns, atMs: number): number {
  let [low, high] = [0, openMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((openMs[middle] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Those that open within a span, without copying. */
export const cutColumns = (columns: CandleColumns, { fromMs, toMs }: { fromMs: number; toMs: number }): CandleColumns =>
  sliceColumns(columns, indexFrom(columns, fromMs), indexFrom(columns, toMs));

/** Both together; where both have a candle of the same open time, the one of `newer` counts. */
export function mergeColumns(older: CandleColumns, newer: CandleColumns): CandleColumns {
  if (newer.openMs.length === 0) return older;
  if (older.openMs.length === 0) return newer;
  const pick = takeOrder(older.openMs, newer.openMs);
  const column = (name: keyof CandleColumns) =>
    Float64Array.from(pick, (at) => (at < 0 ? newer[name][-at - 1] : older[name][at]) as number);
  return {
    ...{ openMs: column('openMs'), open: column('open'), high: column('high'), low: column('low') },
    ...{ close: column('close'), volume: column('volume'), quoteVolume: column('quoteVolume') },
    trades: column('trades'),
  };
}

/** Which candles make the merged ones: an index of the older, or `-1 -` one of the newer. */
function takeOrder(older: Float64Array, newer: Float64Array): number[] {
  const picked: number[] = [];
  let [left, right] = [0, 0];
  while (left < older.length || right < newer.length) {
    const [old, young] = [older[left] ?? Number.POSITIVE_INFINITY, newer[right] ?? Number.POSITIVE_INFINITY];
    if (young <= old) {
      picked.push(-right - 1);
      right += 1;
      if (young === old) left += 1;
    } else {
      picked.push(left);
      left += 1;
    }
  }
  return picked;
}
