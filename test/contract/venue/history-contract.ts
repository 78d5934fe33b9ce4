import { amountUnitOf, compare, type FundingPoint, isPositive, type PublicTrade, type Span } from '@nightdesk/core';
import { type CandlePage, walkCandles } from '@nightdesk/functions/shared/walk-candles.ts';
import { type TickPage, walkFunding, walkTrades } from '@nightdesk/functions/shared/walk-ticks.ts';
import { expect, it } from 'vitest';
import type { VenueBench } from './venue-bench.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What a venue tells of the past: in pages, which a walk puts together. */
export function historyContract(bench: VenueBench): void {
  it('says how much of the past it tells at a time', () => {
    const { candles, trades, funding } = bench.venue.historyOf(bench.market);
    for (const { pageSize } of [candles, trades, funding]) {
      if (pageSize !== undefined) expect(Number.isSafeInteger(pageSize) && pageSize > 0).toBe(true);
    }
  });

  bench.testOf('candles')('counts volumes in the unit of the market, and their worth in quote asset', async () => {
    const candles = await bench.venue.fetchCandles(bench.market, { timeframe: '1m', limit: 20 });
    expect(candles.some(({ volume }) => volume !== undefined)).toBe(true);
    for (const { low, high, volume, quoteVolume, trades } of candles) {
      if (trades !== undefined) expect(Number.isSafeInteger(trades) && trades >= 0).toBe(true);
      if (volume === undefined || quoteVolume === undefined || amountUnitOf(bench.market) !== 'base') continue;
      // Venues round both.
      expect(Number(quoteVolume)).toBeGreaterThanOrEqual(Number(volume) * Number(low) * 0.99 - 0.01);
      expect(Number(quoteVolume)).toBeLessThanOrEqual(Number(volume) * Number(high) * 1.01 + 0.01);
    }
  });

  bench.testOf('candles')('begins at the time asked for, or says that it tells the latest only', async () => {
    const { pageSize = 100, reach } = bench.venue.historyOf(bench.market).candles;
    const sinceMs = minutesAgo(bench, 3 * 1_440);
    const [first] = await bench.venue.fetchCandles(bench.market, { timeframe: '1m', sinceMs, limit: pageSize });
    if (reach === 'all') expect(first?.openTimeMs).toBeLessThan(sinceMs + 60 * minuteMs);
    else expect(first?.openTimeMs ?? 0).toBeGreaterThan(sinceMs);
  });

  bench.testOf('candles')('tells every minute of hours once when it is walked', async () => {
    const { pageSize = 100, reach } = bench.venue.historyOf(bench.market).candles;
    const count = typeof reach === 'object' ? 200 : Math.min(2 * pageSize + 5, 2_500);
    const toMs = minutesAgo(bench, 0);
    const span = { fromMs: toMs - count * minuteMs, toMs };
    const pages: CandlePage[] = [];
    for await (const page of walkCandles(bench.venue, bench.market, { timeframe: '1m', span })) pages.push(page);
    expectWhole(pages, span);
    expect(pages.every(({ isTold }) => isTold)).toBe(true);
    const opens = pages.flatMap(({ candles }) => candles.map(({ openTimeMs }) => openTimeMs));
    expect(opens).toEqual([...new Set(opens)].sort((left, right) => left - right));
    expect(opens.every((openMs) => openMs % minuteMs === 0)).toBe(true);
    // Nobody may have traded in some of them.
    expect(opens.length).toBeGreaterThan(count * 0.9);
  });

  bench.testOf('public_trades')('tells every trade once when it is walked, in one go or in two', async () => {
    await bench.accepted(bench.order());
    const recent = await bench.venue.fetchTrades(bench.market, { limit: 20 });
    const [first] = recent;
    if (first === undefined) throw new Error('no trade is told');
    const toMs = (recent.at(-1)?.atMs ?? 0) + 1;
    const once = await tradesOf(bench, { fromMs: first.atMs, toMs });
    expectWhole(once, { fromMs: first.atMs, toMs });
    const trades = once.flatMap(({ entries }) => entries);
    const ids = trades.map(({ tradeId, atMs }, index) => tradeId ?? `${atMs} ${index}`);
    expect(new Set(ids).size).toBe(ids.length);
    const middleMs = Math.ceil((first.atMs + toMs) / 2);
    const before = await tradesOf(bench, { fromMs: first.atMs, toMs: middleMs });
    const last = before.flatMap(({ entries }) => entries).at(-1);
    const after = await tradesOf(bench, { fromMs: middleMs, toMs }, last);
    const halves = [...before, ...after].flatMap(({ entries }) => entries);
    expect(halves).toEqual(trades);
    expect(trades.at(-1)?.atMs).toBe(toMs - 1);
  });

  bench.testOf('funding_history')('tells what a perpetual has paid, or that the market pays nothing', async () => {
    const asked = bench.venue.fetchFundingHistory(bench.market, { limit: 3 });
    if (bench.market.kind === 'spot') return expect(asked).rejects.toMatchObject({ name: 'VenueError' });
    const latest = await asked;
    expect(latest.length).toBeGreaterThan(0);
    expect(latest.length).toBeLessThanOrEqual(3);
    expectRates(latest);
    const toMs = minutesAgo(bench, 0);
    const span = { fromMs: toMs - 4 * dayMs, toMs };
    const pages: TickPage<FundingPoint>[] = [];
    for await (const page of walkFunding(bench.venue, bench.market, { span })) pages.push(page);
    expectWhole(pages, span);
    const points = pages.flatMap(({ entries }) => entries);
    expectRates(points);
    expect(points.length).toBeGreaterThanOrEqual(11);
    expect(points).toEqual(expect.arrayContaining(latest.filter(({ atMs }) => atMs < toMs)));
  });
}

const minutesAgo = (bench: VenueBench, minutes: number): number =>
  (Math.floor(bench.nowMs() / minuteMs) - minutes) * minuteMs;

async function tradesOf(
  { venue, market }: VenueBench,
  span: Span,
  last?: PublicTrade,
): Promise<TickPage<PublicTrade>[]> {
  const pages: TickPage<PublicTrade>[] = [];
  const after = last && { atMs: last.atMs, id: last.tradeId };
  for await (const page of walkTrades(venue, market, { span, ...(after && { after }) })) pages.push(page);
  return pages;
}

function expectRates(points: readonly FundingPoint[]): void {
  for (const [index, { atMs, rate, markPrice }] of points.entries()) {
    expect(atMs).toBeGreaterThan(points[index - 1]?.atMs ?? 0);
    expect(compare(rate, '1') < 0 && compare(rate, '-1') > 0).toBe(true);
    if (markPrice !== undefined) expect(isPositive(markPrice)).toBe(true);
  }
}

/** Pages follow each other from the beginning of a span to its end. */
function expectWhole(pages: readonly { span: Span }[], { fromMs, toMs }: Span): void {
  const edges = [fromMs, ...pages.map(({ span }) => span.toMs)];
  expect(pages.map(({ span }) => span.fromMs)).toEqual(edges.slice(0, -1));
  expect(edges.at(-1)).toBe(toMs);
}
