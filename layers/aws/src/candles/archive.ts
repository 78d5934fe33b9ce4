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
  type TickSeries,
} from '@nightdesk/core';
import { type ArchiveObjects, createArchiveObjects, type StoredObject } from './archive-objects.ts';
import {
  decodeCandles,
  decodeFunding,
  decodeTrades,
  encodeCandles,
  encodeFunding,
  encodeTrades,
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

/** How often a file is read and written again when somebody else writes it at the same time. */
const writesMax = 5;
const readsAtOnce = 8;
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
        const { trades } = await readDay(objects, series, day);
        const wanted = trades.filter(({ atMs }) => within(span, atMs));
        if (wanted.length > 0) yield wanted;
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
    throw new Error(`${key} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function listCandles(objects: ArchiveObjects, series: CandleSeries) {
  const files: { period: Period; bytes: number }[] = [];
  for await (const { key, bytes } of objects.list(candleFolder(series))) {
    const period = periodOfFile(series, key);
    if (period !== undefined) files.push({ period, bytes });
  }
  return files.sort((left, right) => (left.period < right.period ? -1 : 1));
}

interface ReadDay {
  trades: PublicTrade[];
  /** The day's own file. */
  compacted: StoredObject | undefined;
  incoming: { key: string; object: StoredObject }[];
}

/**
 * All trades of a day. What was brought in is read before the day's own file: that one is written before anything is removed,
 * so what has gone by the time it is read is in the file that is read last.
 */
async function readDay(objects: ArchiveObjects, series: TickSeries, day: string): Promise<ReadDay> {
  const keys: string[] = [];
  for await (const { key } of objects.list(incomingFolder(series, day))) keys.push(key);
  const incoming: ReadDay['incoming'] = [];
  for (let start = 0; start < keys.length; start += readsAtOnce) {
    const some = keys.slice(start, start + readsAtOnce);
    const read = await Promise.all(some.map(async (key) => ({ key, object: await objects.get(key) })));
    for (const { key, object } of read) if (object !== undefined) incoming.push({ key, object });
  }
  const compacted = await objects.get(tradeFile(series, day));
  const files = compacted === undefined ? [] : [{ key: tradeFile(series, day), object: compacted }];
  const lists: PublicTrade[][] = [];
  for (const { key, object } of [...files, ...incoming]) {
    lists.push(await readable(key, decodeTrades(series, object.bytes)));
  }
  return { trades: mergeTrades(lists), compacted, incoming };
}

/** What comes in meanwhile is either part of the file, or stays for the next time. */
async function compactTrades(objects: ArchiveObjects, series: TickSeries, day: string) {
  const key = tradeFile(series, day);
  for (let write = 0; write < writesMax; write += 1) {
    const { trades, compacted, incoming } = await readDay(objects, series, day);
    if (incoming.length === 0) return { bytes: compacted?.bytes.length ?? 0, trades: trades.length };
    const bytes = encodeTrades(series, trades);
    if (!(await objects.put(key, bytes, { asRead: compacted }))) continue;
    for (let start = 0; start < incoming.length; start += readsAtOnce) {
      const some = incoming.slice(start, start + readsAtOnce);
      await Promise.all(some.map((file) => objects.delete(file.key, file.object)));
    }
    return { bytes: bytes.length, trades: trades.length };
  }
  throw new Error(`${key} was written by somebody else ${writesMax} times in a row`);
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
