/** What came tick by tick, as Parquet files in S3. */
import { setImmediate as otherWork } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { BookRow, LiveFunding, LiveLiquidation, LiveTrade, TickArchive, TickRows } from '@nightdesk/core';
import { createArchiveObjects } from '../candles/archive-objects.ts';
import { type FileColumn, startParquet } from '../candles/parquet.ts';

/** Of the columns and what they mean, for readers that depend on it. */
const formatVersion = '1';
/** Rows of a file are encoded so many at a time, some ten milliseconds of work, and whatever else has come goes first in between. */
const rowsAtOnce = { trades: 2_500, books: 500, funding: 2_500, liquidations: 2_500 };
const timeDigits = 15;
const dateLength = 'YYYY-MM-DD'.length;
const hourAt = dateLength + 1;
/** What a file may be called without being escaped anywhere. */
const unsafePattern = /[^A-Za-z0-9.]+/g;

type TickFile = Parameters<TickArchive['write']>[0];

export function createTickArchive(client: S3Client, bucket: string): TickArchive {
  const objects = createArchiveObjects(client, bucket);
  return {
    async write(file, ticks) {
      const { venue } = file;
      const metadata = { 'nightdesk.format': formatVersion, kind: `live-${ticks.kind}`, venue };
      const bytes = await encode(ticks, metadata);
      await objects.put(tickFile(file, ticks.kind), bytes);
      return { bytes: bytes.byteLength };
    },
  };
}

/** In Hive's folders, by the UTC hour in which its rows began to come. Names of one connection are in order of time. */
export function tickFile({ venue, connection, fromMs }: TickFile, kind: TickRows['kind']): string {
  const time = new Date(fromMs).toISOString();
  const folder = `live-${kind}/venue=${venue}/date=${time.slice(0, dateLength)}/hour=${time.slice(hourAt, hourAt + 2)}`;
  const name = connection.replaceAll(unsafePattern, '-');
  return `${folder}/${String(fromMs).padStart(timeDigits, '0')}-${name}.parquet`;
}

async function encode(ticks: TickRows, metadata: Record<string, string>): Promise<Uint8Array> {
  const atOnce = rowsAtOnce[ticks.kind];
  const encoder = startParquet(columnsOf(part(ticks, 0, 0)), metadata);
  const parts: Uint8Array[] = [];
  for (let start = 0; start < ticks.rows.length; start += atOnce) {
    if (start > 0) await otherWork();
    parts.push(encoder.add(columnsOf(part(ticks, start, start + atOnce))));
  }
  return Buffer.concat([...parts, encoder.end()]);
}

/** Typed as what it is cut from. */
const part = (ticks: TickRows, from: number, to: number): TickRows =>
  ({ ...ticks, rows: ticks.rows.slice(from, to) }) as TickRows;

function columnsOf(ticks: TickRows): FileColumn[] {
  switch (ticks.kind) {
    case 'trades':
      return tradeColumns(ticks.rows);
    case 'books':
      return bookColumns(ticks.rows);
    case 'funding':
      return fundingColumns(ticks.rows);
    case 'liquidations':
      return liquidationColumns(ticks.rows);
  }
}

/** As files of collected trades have them, and when each was received. */
const tradeColumns = (rows: readonly LiveTrade[]): FileColumn[] => [
  { name: 'time', kind: 'time', values: rows.map(({ atMs }) => atMs) },
  { name: 'received', kind: 'time', values: rows.map(({ receivedMs }) => receivedMs) },
  { name: 'symbol', kind: 'text', values: rows.map(({ symbol }) => symbol) },
  { name: 'price', kind: 'number', values: rows.map(({ price }) => Number(price)) },
  { name: 'amount', kind: 'number', values: rows.map(({ amount }) => Number(amount)) },
  { name: 'side', kind: 'text', optional: true, values: rows.map(({ side }) => side) },
  { name: 'trade_id', kind: 'text', optional: true, values: rows.map(({ tradeId }) => tradeId) },
];

const bookColumns = (rows: readonly BookRow[]): FileColumn[] => [
  { name: 'time', kind: 'time', optional: true, values: rows.map(({ exchangeTimeMs }) => exchangeTimeMs) },
  { name: 'received', kind: 'time', values: rows.map(({ receivedMs }) => receivedMs) },
  { name: 'symbol', kind: 'text', values: rows.map(({ symbol }) => symbol) },
  { name: 'sequence', kind: 'count', values: rows.map(({ sequence }) => sequence) },
  { name: 'bid_prices', kind: 'numbers', values: rows.map(({ bids }) => bids.map(([price]) => price)) },
  { name: 'bid_amounts', kind: 'numbers', values: rows.map(({ bids }) => bids.map(([, amount]) => amount)) },
  { name: 'ask_prices', kind: 'numbers', values: rows.map(({ asks }) => asks.map(([price]) => price)) },
  { name: 'ask_amounts', kind: 'numbers', values: rows.map(({ asks }) => asks.map(([, amount]) => amount)) },
];

const fundingColumns = (rows: readonly LiveFunding[]): FileColumn[] => [
  { name: 'time', kind: 'time', optional: true, values: rows.map(({ exchangeTimeMs }) => exchangeTimeMs) },
  { name: 'received', kind: 'time', values: rows.map(({ receivedMs }) => receivedMs) },
  { name: 'symbol', kind: 'text', values: rows.map(({ symbol }) => symbol) },
  { name: 'rate', kind: 'number', values: rows.map(({ rate }) => Number(rate)) },
  { name: 'next_time', kind: 'time', optional: true, values: rows.map(({ nextAtMs }) => nextAtMs) },
  { name: 'mark_price', kind: 'number', optional: true, values: rows.map(({ markPrice }) => numberOf(markPrice)) },
];

const liquidationColumns = (rows: readonly LiveLiquidation[]): FileColumn[] => [
  { name: 'time', kind: 'time', values: rows.map(({ atMs }) => atMs) },
  { name: 'received', kind: 'time', values: rows.map(({ receivedMs }) => receivedMs) },
  { name: 'symbol', kind: 'text', values: rows.map(({ symbol }) => symbol) },
  { name: 'side', kind: 'text', optional: true, values: rows.map(({ side }) => side) },
  { name: 'price', kind: 'number', values: rows.map(({ price }) => Number(price)) },
  { name: 'amount', kind: 'number', optional: true, values: rows.map(({ amount }) => numberOf(amount)) },
];

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
