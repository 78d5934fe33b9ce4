import type { HttpHandler } from '@nightdesk/aws';
import { type CandleSeries, createCandleReader, type Gap, noTotals } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/query-candles/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import {
  type CollectedStores,
  candleSeries,
  createStores,
  minuteMs,
  minutesOf,
  seriesRecord,
  storeBlocks,
} from '../../support/collected-candles.ts';
import { callDesk, roleSecrets, secretsPrefix } from './desk-caller.ts';

const dayMs = 1_440 * minuteMs;
const startMs = Date.UTC(2026, 10, 18);
const nowMs = startMs + 2 * dayMs + 90_000;
const [bitcoin, ether] = [candleSeries('BTC/USDT'), candleSeries('ETH/USDT')];
const gaps: Gap[] = [
  {
    fromMs: startMs + 10 * minuteMs,
    toMs: startMs + 12 * minuteMs,
    kind: 'no-trades',
    attempts: 2,
    by: 'trades',
    checkedAtMs: nowMs,
  },
  {
    ...{ fromMs: startMs + 60 * minuteMs, toMs: startMs + 90 * minuteMs, kind: 'outage', attempts: 1 },
    incident: { fromMs: startMs + 59 * minuteMs, toMs: startMs + 90 * minuteMs },
  },
];
const totals = {
  ...{ candles: 2_848, hotBytes: 20_000, coldBytes: 60_000, periods: 2, rebuilt: 3, revised: 4, quarantined: 5 },
  missing: { open: 0, noTrades: 2, outage: 30, quarantined: 0 },
};
let stores: CollectedStores;

beforeEach(async () => {
  stores = createStores();
  const failure = { code: 'timeout', message: 'no answer', sinceMs: startMs, attempts: 3, retryAtMs: nowMs };
  await stores.series.save(seriesRecord(bitcoin, { sinceMs: startMs, sealed: '2026-11-19', totals }));
  await stores.series.save(seriesRecord(ether, { sinceMs: startMs, failure }));
  await stores.series.save(seriesRecord({ kind: 'trades', venue: bitcoin.venue, symbol: 'BTC/USDT' }));
  await storeBlocks(stores, bitcoin, {
    candles: minutesOf({ fromMs: startMs, toMs: startMs + 2 * dayMs }, gaps),
    gaps,
  });
  const row = (symbol: string, ago: number) => {
    return { symbol, candles: minutesOf({ fromMs: 0, toMs: 0 }), untilMs: startMs + 2 * dayMs - ago };
  };
  const members = [row('BTC/USDT', 0), row('ETH/USDT', minuteMs)];
  await stores.candles.writeLane(
    { venue: bitcoin.venue, part: '1m', number: 0 },
    { plannedAtMs: nowMs, members },
    nowMs * 2,
  );
});

async function ask(query: Record<string, string> = {}): Promise<{ status: number; body: Record<string, unknown> }> {
  const handler = createHandler({
    ...{ ...stores, reader: createCandleReader(stores), clock: createManualClock(nowMs) },
    ...{ secrets: roleSecrets(), secretsPrefix },
  });
  const call = { routeKey: 'GET /candles/coverage', role: 'viewer' as const, query };
  return (await callDesk(handler as HttpHandler, call)) as { status: number; body: Record<string, unknown> };
}

const namesOf = ({ series }: Record<string, unknown>): string[] =>
  (series as CandleSeries[]).map(({ symbol }) => symbol);

describe('the coverage', () => {
  it('of all series is as of what was sealed last, with how fresh each is and what goes wrong', async () => {
    const { status, body } = await ask();
    expect([status, body]).toEqual([
      200,
      {
        series: [
          {
            ...{ venue: 'fake', symbol: 'BTC/USDT', timeframe: '1m', status: 'collected', sinceMs: startMs },
            ...{
              expected: 2_880,
              present: 2_848,
              missing: totals.missing,
              presentShare: 2_848 / 2_880,
              coveredShare: 1,
            },
            ...{ untilMs: startMs + 2 * dayMs, ageSeconds: 90, sealed: '2026-11-19', totals },
          },
          {
            ...{ venue: 'fake', symbol: 'ETH/USDT', timeframe: '1m', status: 'collected', sinceMs: startMs },
            ...{ expected: 0, present: 0, missing: noTotals.missing, untilMs: startMs + 2 * dayMs - minuteMs },
            ...{
              ageSeconds: 150,
              failure: expect.objectContaining({ code: 'timeout', attempts: 3 }),
              totals: noTotals,
            },
          },
        ],
        totals: {
          ...{ series: 2, failing: 1, candles: 2_848, hotBytes: 20_000, coldBytes: 60_000, missing: totals.missing },
          ...{ rebuilt: 3, revised: 4, quarantined: 5 },
        },
        next: null,
      },
    ]);
  });

  it('of a span is counted, with every gap and why it is there', async () => {
    const { body } = await ask({ symbol: 'BTC/USDT', from: '2026-11-18', to: '2026-11-18T01:15' });
    const [told] = body.series as Record<string, unknown>[];
    const to = startMs + 75 * minuteMs;
    expect(told).toMatchObject({
      ...{ from: startMs, to, expected: 75, present: 58, presentShare: 58 / 75, coveredShare: 1, gapCount: 2 },
      missing: { open: 0, noTrades: 2, outage: 15, quarantined: 0 },
      gaps: [
        {
          ...{ from: startMs + 10 * minuteMs, to: startMs + 12 * minuteMs, kind: 'no-trades', candles: 2 },
          ...{ attempts: 2, by: 'trades', checkedAtMs: nowMs },
        },
        {
          ...{ from: startMs + 60 * minuteMs, to, kind: 'outage', candles: 15, attempts: 1 },
          incident: { from: startMs + 59 * minuteMs, to: startMs + 90 * minuteMs },
        },
      ],
    });
    expect(told).not.toHaveProperty('moreGapsFrom');
  });

  it.each([
    ['2026-11-18', '9999-12-31'],
    ['2026-11-18', '8640000000000000'],
    ['0001-01-01', '2026-11-20'],
  ])('from %s to %s is that of the time in which there can be candles', async (from, to) => {
    const { status, body } = await ask({ symbol: 'BTC/USDT', from, to });
    const [told] = body.series as Record<string, unknown>[];
    expect([status, told?.from, told?.present]).toEqual([200, startMs, 2_848]);
  });

  it('of a span without an end counts what has closed until now', async () => {
    const { body } = await ask({ symbol: 'ETH/USDT', from: '2026-11-19T23:59' });
    const [told] = body.series as Record<string, unknown>[];
    // The candle that opened a minute and a half ago has closed, the next one has not.
    expect(told).toMatchObject({ expected: 2, present: 0, missing: { open: 2 } });
  });

  it('tells of 200 gaps at most, and from when on there are more', async () => {
    const holes = Array.from({ length: 250 }, (_, index) => {
      const fromMs = startMs + 2 * index * minuteMs;
      return { fromMs, toMs: fromMs + minuteMs };
    });
    const candles = minutesOf({ fromMs: startMs, toMs: startMs + dayMs }, holes);
    await storeBlocks(stores, ether, { candles });
    const query = { symbol: 'ETH/USDT', from: '2026-11-18', to: '2026-11-19' };
    const [told] = (await ask(query)).body.series as {
      gaps: unknown[];
      moreGapsFrom: number;
      gapCount: number;
    }[];
    expect([told?.gaps.length, told?.gapCount, told?.moreGapsFrom]).toEqual([200, 250, holes[200]?.fromMs]);
    const [rest] = (await ask({ ...query, from: String(told?.moreGapsFrom) })).body.series as {
      gaps: unknown[];
    }[];
    expect(rest?.gaps).toHaveLength(50);
  });

  it('comes page by page', async () => {
    const first = (await ask({ limit: '1' })).body;
    expect([namesOf(first), (first.totals as { series: number }).series]).toEqual([['BTC/USDT'], 2]);
    const second = (await ask({ limit: '1', cursor: String(first.next) })).body;
    expect([namesOf(second), second.next]).toEqual([['ETH/USDT'], null]);
    expect((await ask({ symbol: 'BTC/USDT', cursor: String(first.next) })).status).toBe(400);
  });

  it('of a desk that collects nothing has no series', async () => {
    stores = createStores();
    expect((await ask()).body).toMatchObject({ series: [], totals: { series: 0 }, next: null });
  });
});

describe('what cannot be answered', () => {
  it.each([
    ['2027-01-01', '2028-01-01'],
    ['1970-01-01', '2009-01-01'],
  ])('is a coverage from %s to %s, and the answer says when candles can be', async (from, to) => {
    const { status, body } = await ask({ from, to });
    expect([status, JSON.stringify(body)]).toEqual([
      400,
      expect.stringContaining('candles are from 2009-01-03 until now'),
    ]);
  });

  it.each([
    ['a venue of which nothing is collected', { venue: 'other' }, 404, 'venue', /they are of fake/],
    ['a symbol that was never collected', { symbol: 'ADA/USDT' }, 404, 'symbol', /collected are BTC\/USDT, ETH\/USDT/],
    ['a timeframe that is not stored', { timeframe: '1h' }, 404, 'timeframe', /stored are 1m/],
    ['an end without a beginning', { to: '2026-11-18' }, 400, 'from', /is missing/],
    ['an end before the beginning', { from: '2026-11-18', to: '2026-11-17' }, 400, 'from', /must be before `to`/],
    ['a cursor that is none', { cursor: 'abc' }, 400, 'cursor', /no cursor of this desk/],
  ])('%s is told, naming the field and the fix', async (_what, query, status, path, message) => {
    const answer = await ask(query);
    expect(answer.status).toBe(status);
    expect((answer.body.error as { issues: unknown }).issues).toEqual([
      { path, message: expect.stringMatching(message) },
    ]);
  });
});
