/** Formats that candles are exported to. Each is written piece by piece, so that years of them take no more memory than a day. */
import { startCandles } from '@nightdesk/aws/candles/cold-files.ts';
import {
  type CandleColumns,
  type CandleSeries,
  CandleText,
  type CandleTextColumn,
  candleTextColumns,
  type Span,
} from '@nightdesk/core';
import { createBatches } from './batches.ts';
import { openFeather } from './feather.ts';
import type { NewFile } from './new-file.ts';

/** `feather` and `rows` are what freqtrade reads. */
export const candleFormats = ['csv', 'json', 'parquet', 'feather', 'rows'] as const;
export type CandleFormat = (typeof candleFormats)[number];

export interface CandleWriter {
  /** @param columns behind all that were written before */
  write(columns: CandleColumns): Promise<void>;
  /** Writes what stands behind the last candle. */
  end(): Promise<void>;
}

export interface Contents {
  series: CandleSeries;
  span: Span;
}

const openers: Readonly<Record<CandleFormat, (file: NewFile, contents: Contents) => CandleWriter>> = {
  csv: (file) => openText(file, { format: 'csv', head: `${candleTextColumns.join(',')}\n`, tail: '' }),
  json: (file, { series, span }) => {
    const { kind: _kind, ...named } = series;
    const head = JSON.stringify({ ...named, from: span.fromMs, to: span.toMs, columns: candleTextColumns });
    return openText(file, { format: 'json', head: `${head.slice(0, -1)},"candles":[`, tail: ']}\n' });
  },
  parquet: (file, { series }) => openParquet(file, series),
  feather: openFeather,
  rows: (file) => openText(file, { format: 'json', head: '[', tail: ']', columns: freqtradeColumns }),
};

/** What freqtrade keeps of a candle, in this order (its `candle_columns.py`). */
export const freqtradeColumns = ['openMs', 'open', 'high', 'low', 'close', 'volume'] as const;

export const openCandleWriter = (format: CandleFormat, file: NewFile, contents: Contents): CandleWriter =>
  openers[format](file, contents);

/** Rows of a group: what a reader takes at once. */
const groupRows = 131_072;

/** The format of the desk's own cold files. */
function openParquet(file: NewFile, series: CandleSeries): CandleWriter {
  const encoder = startCandles(series);
  const groups = createBatches(groupRows, (columns) => file.write(encoder.add(columns)));
  return {
    write: groups.add,
    async end() {
      await groups.finish();
      await file.write(encoder.end());
    },
  };
}

interface Layout {
  format: 'csv' | 'json';
  head: string;
  tail: string;
  columns?: readonly CandleTextColumn[];
}

function openText(file: NewFile, { format, head, tail, ...options }: Layout): CandleWriter {
  const text = new CandleText(format, options);
  let before = head;
  const flush = async (more: string) => {
    const bytes = Buffer.concat([Buffer.from(before), text.view(), Buffer.from(more)]);
    before = '';
    text.clear();
    await file.write(bytes);
  };
  return {
    async write(columns) {
      text.add(columns);
      await flush('');
    },
    end: () => flush(tail),
  };
}
