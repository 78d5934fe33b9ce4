/** What was collected against what really was traded, minute by minute. */
import { type CandleColumns, type CandleSeries, type Gap, isAligned, rowsOf, type Span } from '@nightdesk/core';
import type { CollectingDesk } from './collecting-desk.ts';
import { control, type RunningVenue } from './venues.ts';

export interface CandleTruth {
  openMs: number;
  open: string;
  high: string;
  low: string;
  close: string;
  baseVolume: string;
  tradeCount: number;
}

/** Counted in candles, over all series. */
export interface Verdict {
  series: number;
  /** Minutes in which somebody traded. */
  traded: number;
  /** Of those, what is stored as it was. */
  collected: number;
  quiet: number;
  /** Minutes without a trade of which the desk says so, with or without a candle of no volume. */
  quietKnown: number;
  duplicates: number;
  misaligned: number;
  /** Each in words, at most `violationsMax` of them. */
  violations: string[];
  missing: number;
  wrong: number;
}

const violationsMax = 20;
const tellEverySeries = 50;

export async function judgeCandles(
  desk: CollectingDesk,
  venues: readonly RunningVenue[],
  { span, nowMs, log = () => undefined }: { span: Span; nowMs: number; log?: (message: string) => void },
): Promise<Verdict> {
  const verdict: Verdict = {
    ...{ series: 0, traded: 0, collected: 0, quiet: 0, quietKnown: 0, duplicates: 0, misaligned: 0 },
    ...{ violations: [], missing: 0, wrong: 0 },
  };
  for (const { venue, url } of venues) {
    const names = await namesIn(url);
    for (const symbol of desk.symbolsOf(venue)) {
      const series: CandleSeries = { kind: 'candles', venue, symbol, timeframe: '1m' };
      const market = desk.markets.get(venue)?.find((each) => each.symbol === symbol);
      const kind = market?.kind === 'spot' ? 'spot' : 'perpetual';
      const name = names.get(`${kind} ${market?.base}/${market?.quote}`) ?? symbol;
      const times = { from: String(span.fromMs), to: String(span.toMs) };
      const query = new URLSearchParams({ symbol: name, kind, ...times });
      const { candles } = await control<{ candles: CandleTruth[] }>(url, 'GET', `candles?${query}`);
      const pieces: CandleColumns[] = [];
      for await (const piece of desk.reader.read(series, span)) pieces.push(piece);
      const gaps = await desk.reader.gapsIn(series, span, nowMs);
      judgeSeries(`${venue} ${symbol}`, { truth: candles, pieces, gaps }, verdict);
      if (verdict.series % tellEverySeries === 0) log(`${verdict.series} series compared with what was traded`);
    }
  }
  return verdict;
}

/** What a simulator calls its markets, by kind and assets. */
async function namesIn(url: string): Promise<Map<string, string>> {
  type Listed = { symbol: string; kind: string; base: string; quote: string };
  const { markets } = await control<{ markets: Listed[] }>(url, 'GET', 'markets');
  return new Map(markets.map(({ symbol, kind, base, quote }) => [`${kind} ${base}/${quote}`, symbol]));
}

interface Collected {
  truth: readonly CandleTruth[];
  pieces: readonly CandleColumns[];
  gaps: readonly Gap[];
}

/** Adds what is found of one series to the verdict. */
export function judgeSeries(name: string, { truth, pieces, gaps }: Collected, verdict: Verdict): void {
  verdict.series += 1;
  const say = (openMs: number, what: string) => {
    if (verdict.violations.length >= violationsMax) return;
    verdict.violations.push(`${name} ${new Date(openMs).toISOString()}: ${what}`);
  };
  const found = new Map<number, ReturnType<typeof rowsOf>[number]>();
  for (const row of pieces.flatMap(rowsOf)) {
    if (found.has(row.openMs)) {
      verdict.duplicates += 1;
      say(row.openMs, 'is there twice');
    }
    if (!isAligned('1m', row.openMs)) {
      verdict.misaligned += 1;
      say(row.openMs, 'is no time at which a minute begins');
    }
    found.set(row.openMs, row);
  }
  for (const candle of truth) {
    const row = found.get(candle.openMs);
    found.delete(candle.openMs);
    if (candle.tradeCount === 0) {
      verdict.quiet += 1;
      const isEmpty = row !== undefined && row.volume === 0;
      const isGap = gaps.some(
        ({ fromMs, toMs, kind }) => kind !== 'open' && candle.openMs >= fromMs && candle.openMs < toMs,
      );
      if (isEmpty || (row === undefined && isGap)) verdict.quietKnown += 1;
      else
        say(
          candle.openMs,
          row === undefined
            ? 'nobody traded, and nobody says so'
            : `nobody traded, and there is ${JSON.stringify(row)}`,
        );
      continue;
    }
    verdict.traded += 1;
    const difference = row === undefined ? 'is missing' : differenceOf(row, candle);
    if (difference === undefined) verdict.collected += 1;
    else {
      verdict[row === undefined ? 'missing' : 'wrong'] += 1;
      say(candle.openMs, difference);
    }
  }
  for (const openMs of found.keys()) {
    verdict.wrong += 1;
    say(openMs, 'was never traded');
  }
}

function differenceOf(row: ReturnType<typeof rowsOf>[number], truth: CandleTruth): string | undefined {
  for (const name of ['open', 'high', 'low', 'close'] as const) {
    if (row[name] !== Number(truth[name])) return `${name} is ${row[name]} and was ${truth[name]}`;
  }
  if (row.volume !== Number(truth.baseVolume)) return `volume is ${row.volume} and was ${truth.baseVolume}`;
  if (row.trades !== undefined && row.trades !== truth.tradeCount) {
    return `trades are ${row.trades} and were ${truth.tradeCount}`;
  }
  return undefined;
}
