/** A year of real one-minute candles: stored, read through the API, and exported. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CandleColumns,
  type CandleSeries,
  cutColumns,
  noTotals,
  type Period,
  periodOf,
  periodsOf,
  type SeriesRecord,
  type Span,
  spanOfPeriod,
  type VenueId,
} from '@nightdesk/core';
import type { CandleDesk } from './candle-desk.ts';

/** The year is that of the recording; its month comes again and again. */
const span: Span = { fromMs: Date.UTC(2022, 0), toMs: Date.UTC(2023, 0) };
export const series: CandleSeries = {
  kind: 'candles',
  venue: 'binance' as VenueId,
  symbol: 'BTC/USDT',
  timeframe: '1m',
};
const dayCandles = 1_440;
/** As many as the API gives at once. */
const pageLimit = 120_000;
/** A year has five pages; more would be a cursor that leads nowhere. */
const pagesMax = 20;
const writesAtOnce = 8;

/** Puts the year where sealing puts it: a block and a file of each day. */
export async function storeYear({ collected }: CandleDesk, recorded: CandleColumns): Promise<number> {
  const days = wholeDays(recorded);
  const periods = periodsOf('1m', span);
  const waiting = periods.entries();
  const lane = async () => {
    for (const [index, period] of waiting) {
      await storeDay({ collected }, period, days[index % days.length] as CandleColumns);
    }
  };
  await Promise.all(Array.from({ length: writesAtOnce }, lane));
  const record: SeriesRecord = {
    ...{ series, lane: 0, status: 'kept', sinceMs: span.fromMs, untilMs: span.toMs, totals: noTotals, version: 0 },
    sealed: periods.at(-1) as Period,
  };
  await collected.series.save(record);
  return periods.length * dayCandles;
}

function wholeDays(recorded: CandleColumns): CandleColumns[] {
  const days = new Set(Array.from(recorded.openMs, (openMs) => periodOf('1m', openMs)));
  return [...days]
    .map((day) => cutColumns(recorded, spanOfPeriod(day)))
    .filter(({ openMs }) => openMs.length === dayCandles);
}

async function storeDay(
  { collected }: Pick<CandleDesk, 'collected'>,
  period: Period,
  day: CandleColumns,
): Promise<void> {
  const { fromMs, toMs } = spanOfPeriod(period);
  const laterMs = fromMs - (day.openMs[0] ?? 0);
  const candles = { ...day, openMs: day.openMs.map((openMs) => openMs + laterMs) };
  await collected.cold.writeCandles(series, period, candles);
  const block = { period, candles, gaps: [], rebuilt: [], revised: 0, checkedToMs: toMs, version: 0 };
  await collected.candles.writeBlock(series, block);
}

/** Leaves the year to its files. */
export const forgetBlocks = ({ collected }: CandleDesk): Promise<void> =>
  collected.candles.deleteBlocks(series, periodsOf('1m', span));

export interface YearRead {
  tookMs: number;
  pages: number;
  candles: number;
  bytes: number;
}

/** Of the year; each is one page, so that a client which asks for them side by side has all of it after one answer. */
export const spansAtOnce = 5;

/** @param count into how many spans the year is cut, which are read side by side; each page by page */
export async function readYear(desk: CandleDesk, count: number): Promise<YearRead> {
  const lengthMs = Math.ceil((span.toMs - span.fromMs) / count / 60_000) * 60_000;
  const spans = Array.from({ length: count }, (_, index) => ({
    fromMs: span.fromMs + index * lengthMs,
    toMs: Math.min(span.toMs, span.fromMs + (index + 1) * lengthMs),
  }));
  const startMs = performance.now();
  const texts = (await Promise.all(spans.map((each) => readPages(desk, each)))).flat();
  const tookMs = performance.now() - startMs;
  // Without the line that names the columns.
  const candles = texts.reduce((sum, text) => sum + text.trimEnd().split('\n').length - 1, 0);
  return { tookMs, pages: texts.length, candles, bytes: texts.reduce((sum, text) => sum + text.length, 0) };
}

/** One page after the other, each asked for by what the one before says of the next. */
async function readPages({ desk }: CandleDesk, { fromMs, toMs }: Span): Promise<string[]> {
  const { api, tokens } = desk.cloud.ready;
  const headers = { authorization: `Bearer ${tokens.viewer}`, 'accept-encoding': 'gzip' };
  const { venue, symbol, timeframe } = series;
  const asked = { venue, symbol, timeframe, format: 'csv', limit: String(pageLimit) };
  const within = { from: String(fromMs), to: String(toMs) };
  let next: string | null = null;
  const texts: string[] = [];
  for (let page = 0; page < pagesMax && (page === 0 || next !== null); page += 1) {
    const query: URLSearchParams = new URLSearchParams({ ...asked, ...(next === null ? within : { cursor: next }) });
    const answer: Response = await fetch(`${api}/candles?${query}`, { headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the API answered ${answer.status}: ${text}`);
    texts.push(text);
    next = answer.headers.get('x-next-cursor');
  }
  return texts;
}

export interface YearExported {
  /** Of the command as a whole, from its start to its end. */
  tookMs: number;
  bytes: number;
}

/** @param format as the command takes it */
export async function exportYear({ command }: CandleDesk, format: 'csv' | 'parquet'): Promise<YearExported> {
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-export-'));
  const out = join(directory, `year.${format}`);
  const { venue, symbol, timeframe } = series;
  const within = [span.fromMs, span.toMs].map((atMs) => new Date(atMs).toISOString()) as [string, string];
  try {
    const startMs = performance.now();
    await command(
      ...['export', '--venue', venue, '--symbol', symbol, '--timeframe', timeframe],
      ...['--from', within[0], '--to', within[1], '--format', format, '--out', out],
    );
    return { tookMs: performance.now() - startMs, bytes: statSync(out).size };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
