/** Other ways to keep candles, to compare the desk's with. */
import { gzipSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  type CandleColumns,
  type CandleRow,
  cutColumns,
  periodOf,
  rowsOf,
  spanOfPeriod,
  valueColumns,
} from '@nightdesk/core';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { Compression, Table, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';
import { rounded } from './statistics.ts';
import { itemBytes } from './table-units.ts';

/** An array of `[time, open, high, low, close, volume]` for each candle, as venues send them, compressed by gzip. */
export function gzippedJson(candles: CandleColumns): Uint8Array {
  const rows = rowsOf(candles).map(({ openMs, open, high, low, close, volume }) => [
    openMs,
    open,
    high,
    low,
    close,
    volume,
  ]);
  return gzipSync(JSON.stringify(rows));
}

/** A file of whole columns as the Parquet library of Rust writes it unasked, with zstd. */
export function plainParquet(candles: CandleColumns): Uint8Array {
  const known = valueColumns.filter((name) => !candles[name].every(Number.isNaN));
  const columns = Object.fromEntries(known.map((name) => [name, candles[name]]));
  const openMs = BigInt64Array.from(candles.openMs, BigInt);
  const table = Table.fromIPCStream(tableToIPC(tableFromArrays({ openMs, ...columns }), 'stream'));
  return writeParquet(table, new WriterPropertiesBuilder().setCompression(Compression.ZSTD).build());
}

/** Bytes of a candle in each, where every day is kept by itself. */
export interface OtherFormats {
  gzippedJson: number;
  plainParquet: number;
}

export function bytesPerCandle(candles: CandleColumns): OtherFormats {
  const days = [...new Set(Array.from(candles.openMs, (openMs) => periodOf('1m', openMs)))];
  const columns = days.map((day) => cutColumns(candles, spanOfPeriod(day)));
  const bytesBy = (format: (day: CandleColumns) => Uint8Array) =>
    rounded(columns.reduce((sum, day) => sum + format(day).length, 0) / candles.openMs.length);
  return { gzippedJson: bytesBy(gzippedJson), plainParquet: bytesBy(plainParquet) };
}

/** One item of a table for each candle, with short names and no more than its key and the values. */
export function singleItem(row: CandleRow): { attributes: Record<string, AttributeValue>; bytes: number } {
  const { openMs, open, high, low, close, volume } = row;
  const number = (value: number): AttributeValue => ({ N: String(value) });
  const attributes = {
    ...{ series: { S: 'binance#BTC/USDT#1m' }, row: { S: String(openMs) } },
    ...{ o: number(open), h: number(high), l: number(low), c: number(close), v: number(volume ?? 0) },
  };
  return { attributes, bytes: itemBytes(attributes) };
}
