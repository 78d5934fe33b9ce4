/** `GET /candles/coverage`: how much of what should be there is, and why the rest is not. */
import type { HttpAnswer } from '@nightdesk/aws';
import {
  type CandleReader,
  type CandleSeries,
  type CandleStore,
  type Clock,
  type CountedSeries,
  countOpens,
  countSeries,
  type Lane,
  laneKeyOf,
  type SeriesRecord,
  type SeriesStore,
  seriesKeyOf,
} from '@nightdesk/core';
import * as z from 'zod';
import { coverageView, totalsOf } from './coverage-view.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { requireCollected } from './find-series.ts';
import { type CoverageQuery, parseCoverageQuery } from './schema.ts';

export interface CoverageDependencies {
  reader: CandleReader;
  series: Pick<SeriesStore, 'get' | 'list' | 'venues'>;
  candles: Pick<CandleStore, 'lastOfLane'>;
  clock: Pick<Clock, 'nowMs'>;
}

/** Candles that are counted for one answer, which ends with the series that passes it. */
const countedMax = 5_000_000;

export type CandleRecord = SeriesRecord & { series: CandleSeries };

/** What one series is told by. */
export interface SeriesCoverage {
  record: CandleRecord;
  /** Open time of the first candle that is not asked for yet; absent before the first run. */
  untilMs?: number;
  /** Of the span that was asked for. */
  counted?: CountedSeries;
}

export async function readCoverage(
  parameters: Record<string, string | undefined>,
  dependencies: CoverageDependencies,
): Promise<HttpAnswer> {
  const nowMs = dependencies.clock.nowMs();
  const query = parseCoverageQuery(parameters, nowMs);
  const question = `coverage ${query.venue ?? ''} ${query.symbol ?? ''} ${query.timeframe ?? ''}`;
  const [after = ''] = query.cursor === undefined ? [] : readCursor(query.cursor, question, z.tuple([z.string()]));
  const records = await recordsOf(query, dependencies.series);
  const left = records.filter(({ series }) => seriesKeyOf(series) > after);
  const { told, isCut } = await tellSeries(left, { query, nowMs }, dependencies);
  const lastKey = told.at(-1)?.record.series;
  const next = isCut && lastKey !== undefined ? writeCursor(question, [seriesKeyOf(lastKey)]) : null;
  const body = { series: told.map((each) => coverageView(each, nowMs)), totals: totalsOf(records), next };
  return { status: 200, body };
}

/** By key. @throws RequestError `not_found` where something is named that is not collected */
async function recordsOf(
  { venue, symbol, timeframe }: CoverageQuery,
  store: CoverageDependencies['series'],
): Promise<CandleRecord[]> {
  const venues = venue === undefined ? await store.venues() : [venue];
  const lists = await Promise.all(venues.map((each) => store.list(each)));
  const records = lists.flat().filter((record): record is CandleRecord => record.series.kind === 'candles');
  const asked = {
    ...(venue !== undefined && { venue }),
    ...(symbol !== undefined && { symbol }),
    ...(timeframe !== undefined && { timeframe }),
  };
  const collected = records.map(({ series }) => series);
  const wanted = new Set(await requireCollected(asked, collected, store));
  const keyOf = ({ series }: CandleRecord) => seriesKeyOf(series);
  return records
    .filter(({ series }) => wanted.has(series))
    .sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

async function tellSeries(
  records: readonly CandleRecord[],
  { query, nowMs }: { query: CoverageQuery; nowMs: number },
  dependencies: CoverageDependencies,
): Promise<{ told: SeriesCoverage[]; isCut: boolean }> {
  const untils = await readUntils(records.slice(0, query.limit), dependencies.candles);
  const told: SeriesCoverage[] = [];
  let counted = 0;
  for (const record of records) {
    if (told.length === query.limit || counted >= countedMax) return { told, isCut: true };
    const untilMs = untils.get(seriesKeyOf(record.series));
    const { span } = query;
    const count = span && (await countSeries(dependencies.reader, record, { span, nowMs }));
    if (span) counted += countOpens(record.series.timeframe, span);
    told.push({ record, ...(untilMs !== undefined && { untilMs }), ...(count && { counted: count }) });
  }
  return { told, isCut: false };
}

/** By key of the series, from the newest row of each lane. */
async function readUntils(
  records: readonly CandleRecord[],
  candles: CoverageDependencies['candles'],
): Promise<Map<string, number>> {
  const lanes = new Map<string, Lane>();
  for (const { series, lane: number } of records) {
    const lane = { venue: series.venue, part: series.timeframe, number };
    lanes.set(laneKeyOf(lane), lane);
  }
  const rows = await Promise.all(
    [...lanes.values()].map(async (lane) => ({ lane, row: await candles.lastOfLane(lane) })),
  );
  const untils = new Map<string, number>();
  for (const { lane, row } of rows) {
    for (const { symbol, untilMs } of row?.members ?? []) {
      const { venue, part: timeframe } = lane;
      untils.set(seriesKeyOf({ kind: 'candles', venue, symbol, timeframe }), untilMs);
    }
  }
  return untils;
}
