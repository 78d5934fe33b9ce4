/** Candles of a stored series, period by period, wherever they are: in rows of its lane, in blocks, or in cold files. */
import type { CandleStore, ColdStore } from '../ports/candles.ts';
import { type CandleBlock, type Gap, type LaneMember, laneRunMsMax } from './candle-block.ts';
import { type CandleColumns, cutColumns, emptyColumns, mergeColumns } from './columns.ts';
import { readAhead } from './read-ahead.ts';
import type { CandleSeries } from './series.ts';
import type { SeriesRecord } from './series-record.ts';
import { countOpens, openTimeOf, type Period, periodOf, periodsOf, type Span, spanOfPeriod } from './timeframe.ts';

/** Most candles of the periods that are read at once, unless one period has more. */
const batchCandlesMax = 40_000;
const batchPeriodsMax = 32;
/** Batches under way beside the one that is asked for. */
const batchesAhead = 3;
/** Cold files of a batch that are read side by side. */
const filesAtOnceMax = 8;

export type CandleRecord = SeriesRecord & { series: CandleSeries };

export interface StoredPeriod {
  period: Period;
  span: Span;
  /** Of the whole period. */
  candles: CandleColumns;
  /** What the block knows of those that are missing. */
  gaps: readonly Gap[];
  /** Whether there is a block or a cold file. Where there is none, rows of the lane may have candles. */
  isStored: boolean;
  /** From when on the venue was asked for candles of the period; UTC epoch milliseconds. */
  askedFromMs: number;
  /** Until when it was; -Infinity where it never was. */
  askedToMs: number;
}

type Stores = {
  candles: Pick<CandleStore, 'readBlocks' | 'readLane'>;
  cold: Pick<ColdStore, 'readCandles' | 'listCandles'>;
};

/** Every period that a span touches, oldest first, whether there is anything of it or not. */
export async function* readPeriods(stores: Stores, record: CandleRecord, span: Span): AsyncGenerator<StoredPeriod> {
  const { series, listedFromMs = Number.NEGATIVE_INFINITY } = record;
  const fromMs = Math.max(span.fromMs, listedFromMs);
  const unsealedFromMs = unsealedFrom(record);
  // Of a series that nobody collects, periods are filled and filed by backfills alone, and none is ever sealed.
  const filesToMs = record.status === 'kept' ? Number.POSITIVE_INFINITY : unsealedFromMs;
  const listFiles = once(() => listCold(stores, series));
  const reading: Reading = { stores, series, unsealedFromMs, filesToMs, listCold: listFiles };
  const lane = once(() => readMember(reading, record, span));
  const batches = batchesOf(series.timeframe, { fromMs, toMs: span.toMs });
  const tasks = batches.map((periods) => async () => {
    const reachesLane = spanOfPeriod(periods.at(-1) as Period).toMs > unsealedFromMs;
    const [stored, collected] = await Promise.all([
      readBatch(reading, periods),
      reachesLane ? lane() : nothingCollected,
    ]);
    return stored.map((each) => (each.span.fromMs >= unsealedFromMs ? withCollected(each, collected) : each));
  });
  for await (const batch of readAhead(tasks, batchesAhead)) yield* batch;
}

interface Reading {
  stores: Stores;
  series: CandleSeries;
  /** From then on rows of the lane go before what a block has. */
  unsealedFromMs: number;
  /** Periods that begin later have no files yet, unless a block says so. */
  filesToMs: number;
  listCold(): Promise<ReadonlySet<Period>>;
}

/** Blocks of what is sealed were asked for anew, and know better than the rows that they were made of. */
function unsealedFrom({ series, sealed, sinceMs }: CandleRecord): number {
  const sinceStartMs = spanOfPeriod(periodOf(series.timeframe, openTimeOf(series.timeframe, sinceMs))).fromMs;
  return sealed === undefined ? sinceStartMs : Math.max(sinceStartMs, spanOfPeriod(sealed).toMs);
}

function once<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= read();
    return result;
  };
}

const listCold = async ({ cold }: Stores, series: CandleSeries): Promise<ReadonlySet<Period>> =>
  new Set((await cold.listCandles(series)).map(({ period }) => period));

function batchesOf(timeframe: string, span: Span): Period[][] {
  const periods = periodsOf(timeframe, span);
  const [first] = periods;
  if (first === undefined) return [];
  const candles = Math.max(1, countOpens(timeframe, spanOfPeriod(first)));
  const size = Math.max(1, Math.min(batchPeriodsMax, Math.floor(batchCandlesMax / candles)));
  const count = Math.ceil(periods.length / size);
  return Array.from({ length: count }, (_, index) => periods.slice(index * size, (index + 1) * size));
}

async function readBatch(reading: Reading, periods: readonly Period[]): Promise<StoredPeriod[]> {
  const { stores, series } = reading;
  const [from, to] = [periods[0] as Period, periods.at(-1) as Period];
  const blocks = new Map<Period, CandleBlock>();
  for await (const block of stores.candles.readBlocks(series, { from, to })) blocks.set(block.period, block);
  // The block of a period that is too old for the table keeps what no file says: of what is missing, what is known.
  const without = periods.filter((period) => (blocks.get(period)?.candles.openMs.length ?? 0) === 0);
  const files = await readFiles(
    reading,
    without.filter((period) => spanOfPeriod(period).fromMs < reading.filesToMs || blocks.has(period)),
  );
  return periods.map((period) => storedPeriod(period, blocks.get(period), files.get(period)));
}

/** Of periods whose candles are not in the table any more. */
async function readFiles(reading: Reading, periods: readonly Period[]): Promise<Map<Period, CandleColumns>> {
  const { stores, series } = reading;
  const files = new Map<Period, CandleColumns>();
  if (periods.length === 0) return files;
  const listed = await reading.listCold();
  const tasks = periods
    .filter((period) => listed.has(period))
    .map((period) => async () => ({ period, candles: await stores.cold.readCandles(series, period) }));
  for await (const { period, candles } of readAhead(tasks, filesAtOnceMax - 1)) {
    if (candles !== undefined) files.set(period, candles);
  }
  return files;
}

function storedPeriod(period: Period, block: CandleBlock | undefined, file: CandleColumns | undefined): StoredPeriod {
  const span = spanOfPeriod(period);
  const candles = file ?? block?.candles ?? emptyColumns;
  const askedFromMs = span.fromMs;
  if (block !== undefined) {
    return { period, span, candles, gaps: block.gaps, isStored: true, askedFromMs, askedToMs: block.checkedToMs };
  }
  const isStored = file !== undefined;
  const askedToMs = isStored ? span.toMs : Number.NEGATIVE_INFINITY;
  return { period, span, candles, gaps: [], isStored, askedFromMs, askedToMs };
}

interface Collected {
  candles: CandleColumns;
  /** Where the lane began to ask. */
  sinceMs: number;
  /** As far as it has asked; -Infinity where it never did. */
  untilMs: number;
}

const nothingCollected: Collected = { candles: emptyColumns, sinceMs: 0, untilMs: Number.NEGATIVE_INFINITY };

async function readMember({ stores, series }: Reading, record: CandleRecord, span: Span): Promise<Collected> {
  const { lane: number, sinceMs } = record;
  const lane = { venue: series.venue, part: series.timeframe, number };
  const planned = rowsWith(record, span);
  const isNone = planned.fromMs >= planned.toMs;
  const rows = isNone ? [] : await stores.candles.readLane(lane, planned, new Set([series.symbol]));
  const own = rows.flatMap(({ members }) => members.filter(({ symbol }) => symbol === series.symbol));
  return {
    candles: mergeMembers(own),
    sinceMs: openTimeOf(series.timeframe, sinceMs),
    untilMs: Math.max(Number.NEGATIVE_INFINITY, ...own.map(({ untilMs }) => untilMs)),
  };
}

/**
 * When rows were planned that may hold candles of a span which is not sealed; of a series that is not collected any more, until its
 * last period was due to be sealed. Rows that were planned far later may bring candles of that time, too.
 */
function rowsWith(record: CandleRecord, span: Span): Span {
  const { series, status, untilMs } = record;
  const unsealedFromMs = unsealedFrom(record);
  const fromMs = Math.max(unsealedFromMs, span.fromMs) - laneRunMsMax;
  if (status === 'collected') return { fromMs, toMs: Number.MAX_SAFE_INTEGER };
  if (untilMs === undefined || unsealedFromMs >= untilMs) return { fromMs, toMs: fromMs };
  return { fromMs, toMs: endOfPeriod(series.timeframe, endOfPeriod(series.timeframe, untilMs)) };
}

const endOfPeriod = (timeframe: string, atMs: number): number => spanOfPeriod(periodOf(timeframe, atMs)).toMs;

/** Halves first, since merging one after the other would copy all that came before each time. */
function mergeMembers(members: readonly LaneMember[]): CandleColumns {
  if (members.length <= 1) return members[0]?.candles ?? emptyColumns;
  const middle = members.length >> 1;
  return mergeColumns(mergeMembers(members.slice(0, middle)), mergeMembers(members.slice(middle)));
}

function withCollected(stored: StoredPeriod, collected: Collected): StoredPeriod {
  const { span, isStored } = stored;
  return {
    ...stored,
    candles: mergeColumns(stored.candles, cutColumns(collected.candles, span)),
    askedFromMs: isStored ? span.fromMs : Math.max(span.fromMs, collected.sinceMs),
    askedToMs: Math.max(stored.askedToMs, Math.min(collected.untilMs, span.toMs)),
  };
}
