/**
 * Stores real candles as collecting, sealing and backfilling do, in a table and a bucket of the embedded cloud, and counts bytes and
 * write units.
 *
 * stdin `StoreCandlesInput`, stdout `StoreCandlesOutput`, both JSON.
 */
import { json } from 'node:stream/consumers';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createArchive, createCandleRepository, createS3Client } from '@nightdesk/aws';
import {
  type CandleBlock,
  type CandleColumns,
  type CandleSeries,
  cutColumns,
  type LaneMember,
  laneSizeMax,
  periodOf,
  rowsOf,
  spanOfPeriod,
  tableSchemas,
  type VenueId,
} from '@nightdesk/core';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { openServices } from '@nightdesk/local/supervisor/services.ts';
import { singleItem } from '../candle-formats.ts';
import { startCountingEndpoint } from '../counting-endpoint.ts';
import { laneSymbols } from '../lane-symbols.ts';
import { readLiquid, readThin } from '../recorded-candles.ts';

export interface StoreCandlesInput {
  /** How often a lane is collected; minutes. */
  everyMinutes: readonly number[];
  /** Candles of the way of one item each that are written to be counted. */
  singleItems: number;
}

/** What was written, and what DynamoDB would charge for it. */
export interface Written {
  candles: number;
  rows: number;
  bytes: number;
  writeUnits: number;
}

export interface StoreCandlesOutput {
  /** Blocks of one series each, a day in each. */
  liquid: Written;
  thin: Written;
  /** The same days as files. */
  liquidFiles: Written;
  thinFiles: Written;
  /** A day of a lane of so many series, by how often it is collected, without the blocks that are made of it. */
  lanes: (Written & { everyMinutes: number; series: number })[];
  /** One item for each candle. */
  single: Written;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Candles of a day of which none is missing. */
const wholeDay = 1_440;
const [tableName, bucketName] = ['candles', 'archive'];

const input = (await json(process.stdin)) as StoreCandlesInput;
const services = await openServices({ paths: undefined, log: console.error });
await services.dynamoDb.createTable(tableOf(tableName, tableSchemas.candles));
services.s3.createBucket({ BucketName: bucketName });
const endpoint = await startCountingEndpoint(services.url, {});
const client = createLocalClient(endpoint.url);
const s3 = createS3Client({
  ...{ endpoint: services.url, region: 'us-east-1', forcePathStyle: true },
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const store = createCandleRepository(client, tableName);
const archive = createArchive(s3, bucketName);
try {
  process.stdout.write(JSON.stringify(await measure()));
} finally {
  client.destroy();
  s3.destroy();
  await endpoint.close();
  await services.close();
}

function tableOf(TableName: string, { partitionKey, sortKey }: typeof tableSchemas.candles) {
  return {
    ...{ TableName, BillingMode: 'PAY_PER_REQUEST' },
    KeySchema: [
      { AttributeName: partitionKey, KeyType: 'HASH' as const },
      { AttributeName: sortKey, KeyType: 'RANGE' as const },
    ],
    AttributeDefinitions: [partitionKey, sortKey].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S' as const,
    })),
  };
}

async function measure(): Promise<StoreCandlesOutput> {
  const [liquid, thin] = [daysOf(readLiquid()), daysOf(readThin())];
  const whole = liquid.filter(({ openMs }) => openMs.length === wholeDay);
  const lanes = [];
  for (const everyMinutes of input.everyMinutes) lanes.push(await writeLaneDay(whole, everyMinutes));
  return {
    ...{ liquid: await writeBlocks('BTC/USDT', liquid), thin: await writeBlocks('THIN/BTC', thin) },
    ...{ liquidFiles: await writeFiles('BTC/USDT', liquid), thinFiles: await writeFiles('THIN/BTC', thin) },
    ...{ lanes, single: await writeSingly(whole) },
  };
}

function daysOf(candles: CandleColumns): CandleColumns[] {
  const days = new Set(Array.from(candles.openMs, (openMs) => periodOf('1m', openMs)));
  return [...days].map((day) => cutColumns(candles, spanOfPeriod(day)));
}

function seriesOf(symbol: string): CandleSeries {
  return { kind: 'candles', venue: 'binance' as VenueId, symbol, timeframe: '1m' };
}

async function writeBlocks(symbol: string, days: readonly CandleColumns[]): Promise<Written> {
  return counted(days, async (day) => {
    const period = periodOf('1m', day.openMs[0] ?? 0);
    const block: CandleBlock = { period, candles: day, gaps: [], rebuilt: [], revised: 0, checkedToMs: 0, version: 0 };
    return (await store.writeBlock(seriesOf(symbol), { ...block, checkedToMs: spanOfPeriod(period).toMs })).bytes;
  });
}

function writeFiles(symbol: string, days: readonly CandleColumns[]): Promise<Written> {
  return counted(days, async (day) => {
    const period = periodOf('1m', day.openMs[0] ?? 0);
    return (await archive.writeCandles(seriesOf(symbol), period, day)).bytes;
  });
}

async function counted(
  days: readonly CandleColumns[],
  write: (day: CandleColumns) => Promise<number>,
): Promise<Written> {
  const before = endpoint.total().write;
  const written = { candles: 0, rows: 0, bytes: 0 };
  for (const day of days) {
    written.bytes += await write(day);
    written.rows += 1;
    written.candles += day.openMs.length;
  }
  return { ...written, writeUnits: endpoint.total().write - before };
}

/** Every series of the lane has another of the recorded days, as if all were of the day of the first. */
async function writeLaneDay(days: readonly CandleColumns[], everyMinutes: number) {
  const members = laneSymbols.map((symbol, index) => ({ symbol, day: days[index % days.length] as CandleColumns }));
  const lane = { venue: 'binance' as VenueId, part: '1m', number: everyMinutes };
  const firstMs = days[0]?.openMs[0] ?? 0;
  const before = endpoint.total().write;
  const written = { candles: 0, rows: 0, bytes: 0 };
  for (let fromMs = 0; fromMs < dayMs; fromMs += everyMinutes * minuteMs) {
    const untilMs = firstMs + fromMs + everyMinutes * minuteMs;
    const row = members.map(({ symbol, day }): LaneMember => {
      const startMs = day.openMs[0] ?? 0;
      const part = cutColumns(day, { fromMs: startMs + fromMs, toMs: startMs + fromMs + everyMinutes * minuteMs });
      return { symbol, untilMs, candles: { ...part, openMs: part.openMs.map((openMs) => openMs - startMs + firstMs) } };
    });
    const { bytes } = await store.writeLane(lane, { plannedAtMs: untilMs, members: row }, untilMs + dayMs);
    written.bytes += bytes;
    written.rows += 1;
    written.candles += row.reduce((sum, { candles }) => sum + candles.openMs.length, 0);
  }
  return { ...written, everyMinutes, series: laneSizeMax, writeUnits: endpoint.total().write - before };
}

async function writeSingly(days: readonly CandleColumns[]): Promise<Written> {
  const rows = days.flatMap(rowsOf).slice(0, input.singleItems);
  const before = endpoint.total().write;
  let bytes = 0;
  for (const row of rows) {
    const item = singleItem(row);
    bytes += item.bytes;
    await client.send(new PutItemCommand({ TableName: tableName, Item: item.attributes }));
  }
  return { candles: rows.length, rows: rows.length, bytes, writeUnits: endpoint.total().write - before };
}
