/** Which file a series goes to. */
import { extname, join } from 'node:path';
import type { Series } from '@nightdesk/core';
import type { CandleFormat } from './candle-formats.ts';
import { freqtradeFileName, ownFileName } from './file-names.ts';

export type TargetFormat = CandleFormat;

/** What freqtrade calls its formats. */
export const targetFormats = { feather: 'feather', json: 'rows' } as const satisfies Record<string, TargetFormat>;

const endings: Readonly<Record<TargetFormat, string>> = {
  ...{ csv: 'csv', json: 'json', parquet: 'parquet', feather: 'feather', rows: 'json' },
};

/** Freqtrade looks for its files by their names, so they always go to a folder. */
export const isSingleFile = (out: string, format: TargetFormat): boolean =>
  format !== 'feather' && format !== 'rows' && extname(out) === `.${endings[format]}`;

export function targetOf(out: string, format: TargetFormat, series: Series): string {
  if (isSingleFile(out, format)) return out;
  if (series.kind === 'candles' && (format === 'feather' || format === 'rows')) {
    return join(out, freqtradeFileName(series, format === 'rows' ? 'json' : 'feather'));
  }
  return join(out, ownFileName(series, endings[format]));
}
