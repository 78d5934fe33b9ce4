/** The archive: Parquet files in S3, laid out so that any reader of Parquet finds what it looks for by name. */
import type { S3Client } from '@aws-sdk/client-s3';
import {
  type CandleSeries,
  type ColdStore,
  type FundingPoint,
  type Period,
  type PublicTrade,
  periodsOf,
  type Span,
  spanOfPeriod,
  type TickSeries,
} from '@nightdesk/core';
import { type ArchiveObjects, createArchiveObjects, type StoredObject } from './archive-objects.ts';
import {
  decodeCandles,
  decodeFunding,
  encodeCandles,
  encodeFunding,
  encodeTrades,
  openTrades,
  startTrades,
  type TradesFile,
} from './cold-files.ts';
import {
  candleFile,
  candleFolder,
  fundingFile,
  incomingFile,
  incomingFolder,
  periodOfFile,
  tradeFile,
} from './cold-names.ts';
import { mergeFunding, mergeTrades } from './merge-trades.ts';
import { mergeDay } from './trade-day.ts';

/** How often a file is read and written again when somebody else writes it at the same time. */
const writesMax = 5;
/** Requests under way at once. */
const atOnce = 16;
/** Timeframes of which `periodsOf` makes days and months. */
const [byDay, byMonth] = ['1m', '1h'];

const within = ({ fromMs, toMs }: Span, atMs: number): boolean => atMs >= fromMs && atMs < toMs;
const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** @throws Error from each, naming the file, for whatever S3 refuses and for a file that cannot be read */
export function createArchive(client: S3Client, bucket: string): ColdStore {
  const objects = createArchiveObjects(client, bucket);
  return {
    async writeCandles(series, period, candles) {
      const bytes = encodeCandles(series, candles);
      await objects.put(candleFile(series, period), bytes);
      return { bytes: bytes.length };
    },
    async readCandles(series, period) {
      const key = candleFile(series, period);
      const object = await objects.get(key);
      return object && readable(key, decodeCandles(series, object.bytes));
    },
    listCandles: (series) => listCandles(objects, series),
    async writeTrades(series, span, trades) {
      let bytes = 0;
      for (const [day, ofDay] of Map.groupBy(trades, ({ atMs }) => dayOf(atMs))) {
        const file = encodeTrades(series, mergeTrades([ofDay]));
        await objects.put(incomingFile(series, day, span), file);
        bytes += file.length;
      }
      return { bytes };
    },
    compactTrades: (series, day) => compactTrades(objects, series, day),
    async *readTrades(series, span) {
      for (const day of periodsOf(byDay, span)) {
        const { files } = await openDay(objects, series, day);
        const { fromMs, toMs } = spanOfPeriod(day);
        yield* mergeDay(files, { fromMs: Math.max(fromMs, span.fromMs), toMs: Math.min(toMs, span.toMs) });
      }
    },
    writeFunding: (series, month, points) => writeFunding(objects, { series, month }, points),
    async readFunding(series, span) {
      const months = await Promise.all(periodsOf(byMonth, span).map((month) => readMonth(objects, series, month)));
      return months.flatMap(({ points }) => points).filter(({ atMs }) => within(span, atMs));
    },
  };
}

async function readable<Content>(key: string, content: Promise<Content>): Promise<Content> {
  try {
    return await content;
  } catch (error) {
    throw unreadable(key, error);
  }
}

const unreadable = (key: string, error: unknown): Error =>
  new Error(`${key} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });

async function listCandles(objects: ArchiveObjects, series: CandleSeries) {
  const files: { period: Period; bytes: number }[] = [];
  for await (const { key, bytes } of objects.list(candleFolder(series))) {
    const period = periodOfFile(series, key);
    if (period !== undefined) files.push({ period, bytes });
  }
  return files.sort((left, right) => (left.period < right.period ? -1 : 1));
}

interface OpenDay {
  /** The day's own file, and those that were brought in. */
  files: TradesFile[];
  compacted: StoredObject | undefined;
  incoming: { key: string; object: StoredObject }[];
}

/**
 * All files of a day. What was brought in is read before the day's own file: that one is written before anything is removed,
 * so what has gone by the time it is read is in the file that is read last.
 */
async function openDay(objects: ArchiveObjects, series: TickSeries, day: string): Promise<OpenDay> {
  const keys: string[] = [];
  for await (const { key } of objects.list(incomingFolder(series, day))) keys.push(key);
  const incoming: OpenDay['incoming'] = [];
  for (let start = 0; start < keys.length; start += atOnce) {
    const some = keys.slice(start, start + atOnce);
    const read = await Promise.all(some.map(async (key) => ({ key, object: await objects.get(key) })));
    for (const { key, object } of read) if (object !== undefined) incoming.push({ key, object });
  }
  const compacted = await objects.get(tradeFile(series, day));
  const own = compacted === undefined ? [] : [{ key: tradeFile(series, day), object: compacted }];
  const files = [...own, ...incoming].map(({ key, object }) => openReadable(key, series, object));
  return { files, compacted, incoming };
}

function openReadable(key: string, series: TickSeries, { bytes }: StoredObject): TradesFile {
  try {
    const file = openTrades(series, bytes);
    return { ...file, read: (span) => readable(key, file.read(span)) };
  } catch (error) {
    throw unreadable(key, error);
  }
}

/** What comes in meanwhile is either part of the file, or stays for the next time. */
async function compactTrades(objects: ArchiveObjects, series: TickSeries, day: string) {
  const key = tradeFile(series, day);
  for (let write = 0; write < writesMax; write += 1) {
    const { files, compacted, incoming } = await openDay(objects, series, day);
    if (incoming.length === 0) return { bytes: compacted?.bytes.length ?? 0, trades: files[0]?.trades ?? 0 };
    const { bytes, trades } = await encodeDay(series, mergeDay(files, spanOfPeriod(day)));
    if (!(await objects.put(key, bytes, { asRead: compacted }))) continue;
    for (let start = 0; start < incoming.length; start += atOnce) {
      const some = incoming.slice(start, start + atOnce);
      await Promise.all(some.map((file) => objects.delete(file.key, file.object)));
    }
    return { bytes: bytes.length, trades };
  }
  throw new Error(`${key} was written by somebody else ${writesMax} times in a row`);
}

async function encodeDay(series: TickSeries, lists: AsyncIterable<PublicTrade[]>) {
  const encoder = startTrades(series);
  const pieces: Uint8Array[] = [];
  let trades = 0;
  for await (const list of lists) {
    pieces.push(encoder.add(list));
    trades += list.length;
  }
  pieces.push(encoder.end());
  return { bytes: new Uint8Array(Buffer.concat(pieces)), trades };
}

async function readMonth(objects: ArchiveObjects, series: TickSeries, month: string) {
  const key = fundingFile(series, month);
  const object = await objects.get(key);
  const points = object === undefined ? [] : await readable(key, decodeFunding(series, object.bytes));
  return { key, object, points };
}

async function writeFunding(
  objects: ArchiveObjects,
  { series, month }: { series: TickSeries; month: string },
  points: readonly FundingPoint[],
) {
  for (let write = 0; write < writesMax; write += 1) {
    const { key, object, points: known } = await readMonth(objects, series, month);
    const merged = mergeFunding(known, points);
    if (merged.length === 0) return { bytes: 0 };
    const bytes = encodeFunding(series, merged);
    if (await objects.put(key, bytes, { asRead: object })) return { bytes: bytes.length };
  }
  throw new Error(`${fundingFile(series, month)} was written by somebody else ${writesMax} times in a row`);
}
