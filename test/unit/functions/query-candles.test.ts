import { gunzipSync } from 'node:zlib';
import { httpFunction } from '@nightdesk/aws';
import { type CandleColumns, createCandleReader, rowsOf } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/query-candles/handler.ts';
import type { Context } from 'aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiEvent } from '../../support/api-events.ts';
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
import { silentTelemetry } from '../../support/telemetry.ts';
import { roleSecrets, secretsPrefix, tokenOf } from './desk-caller.ts';

const dayMs = 1_440 * minuteMs;
const startMs = Date.UTC(2026, 10, 18);
const nowMs = startMs + 3 * dayMs + 30 * minuteMs;
const gap = { fromMs: startMs + dayMs + 10 * minuteMs, toMs: startMs + dayMs + 20 * minuteMs };
/** Two days in files and blocks, one in a block, and half an hour in the lane. */
const all = minutesOf({ fromMs: startMs, toMs: nowMs }, [gap]);
const clock = createManualClock(nowMs);
let stores: CollectedStores;

beforeAll(async () => {
  stores = createStores();
  await stores.series.save(seriesRecord(candleSeries(), { sinceMs: startMs, sealed: '2026-11-20' }));
  await stores.series.save(seriesRecord(candleSeries('ETH/USDT', '1h')));
  await stores.series.save(seriesRecord({ kind: 'trades', venue: candleSeries().venue, symbol: 'BTC/USDT' }));
  const sealed = minutesOf({ fromMs: startMs, toMs: startMs + 3 * dayMs }, [gap]);
  const gaps = [{ ...gap, kind: 'no-trades' as const, attempts: 2 }];
  await storeBlocks(stores, candleSeries(), { candles: sealed, gaps, cold: (period) => period === '2026-11-18' });
  const candles = minutesOf({ fromMs: startMs + 3 * dayMs, toMs: nowMs });
  const row = { plannedAtMs: nowMs, members: [{ symbol: 'BTC/USDT', candles, untilMs: nowMs }] };
  await stores.candles.writeLane({ venue: candleSeries().venue, part: '1m', number: 0 }, row, nowMs + dayMs);
});

interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

async function ask(
  query: Record<string, string>,
  headers: Record<string, string> = {},
  asked: CollectedStores = stores,
): Promise<Answer> {
  const handler = createHandler({
    ...{ ...asked, reader: createCandleReader(asked), clock },
    ...{ secrets: roleSecrets(), secretsPrefix },
  });
  const authorization = `Bearer ${tokenOf('viewer')}`;
  const event = apiEvent({ routeKey: 'GET /candles', query, headers: { authorization, ...headers } });
  const answer = await httpFunction(handler, silentTelemetry)(event, {} as Context);
  const bytes = Buffer.from(answer.body ?? '', answer.isBase64Encoded ? 'base64' : 'utf8');
  const isGzipped = answer.headers?.['content-encoding'] === 'gzip';
  const text = (isGzipped ? gunzipSync(bytes) : bytes).toString();
  return { status: answer.statusCode ?? 0, headers: answer.headers as Record<string, string>, text };
}

interface Page {
  candles: number[][];
  next: string | null;
  [field: string]: unknown;
}

async function askPage(query: Record<string, string>, headers?: Record<string, string>): Promise<Page> {
  const { status, text } = await ask({ venue: 'fake', symbol: 'BTC/USDT', ...query }, headers);
  expect([status, text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return JSON.parse(text);
}

async function issuesOf(query: Record<string, string>) {
  const { status, text } = await ask(query);
  return { status, issues: JSON.parse(text).error.issues };
}

const arraysOf = (columns: CandleColumns): (number | undefined)[][] =>
  rowsOf(columns).map(({ openMs, open, high, low, close, volume, quoteVolume, trades }) => [
    ...[openMs, open, high, low, close, volume, quoteVolume, trades],
  ]);

describe('a page of candles', () => {
  it('has what was asked for, from files, blocks and the lane alike, with the values that were stored', async () => {
    const page = await askPage({ from: '2026-11-18', to: '2026-11-22' });
    expect(page).toEqual({
      ...{ venue: 'fake', symbol: 'BTC/USDT', timeframe: '1m' },
      ...{ from: startMs, to: Date.UTC(2026, 10, 22), next: null },
      columns: ['openMs', 'open', 'high', 'low', 'close', 'volume', 'quoteVolume', 'trades'],
      candles: arraysOf(all),
    });
  });

  it('is the latest there is where no time is named', async () => {
    const page = await askPage({ limit: '3' });
    expect(page.candles.map(([openMs]) => openMs)).toEqual([3, 2, 1].map((ago) => nowMs - ago * minuteMs));
    expect(page.next).toBeNull();
  });

  it('is followed by others until all was told once, whatever their length, while new candles arrive', async () => {
    const seen: number[][] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages += 1) {
      const page: Page = await askPage({ from: String(startMs), limit: '1000', ...(cursor && { cursor }) });
      expect(page.candles).toHaveLength(Math.min(1_000, all.openMs.length - pages * 1_000));
      expect([page.from, page.to]).toEqual([startMs, nowMs]);
      seen.push(...page.candles);
      cursor = page.next;
      // Time goes by between two pages; the end that was meant stays.
      clock.advance(5 * minuteMs);
    }
    clock.advance(nowMs - clock.nowMs());
    expect(seen).toEqual(arraysOf(all));
  });

  it.each([
    ['the last year that people write', '2026-11-18', '9999-12-31'],
    ['the last time that there is', '2026-11-18', '8640000000000000'],
    ['the first year that people write', '0001-01-01', '2026-11-22'],
  ])('reaches as far as time has come where %s is asked for, and costs few reads', async (_what, from, to) => {
    let reads = 0;
    const counted = {
      ...stores,
      candles: {
        ...stores.candles,
        readBlocks: (...args: Parameters<typeof stores.candles.readBlocks>) => {
          reads += 1;
          return stores.candles.readBlocks(...args);
        },
      },
    };
    const { status, text } = await ask({ venue: 'fake', symbol: 'BTC/USDT', from, to }, {}, counted);
    expect([status, JSON.parse(text).candles.length, JSON.parse(text).next]).toEqual([200, all.openMs.length, null]);
    expect(reads).toBeLessThan(300);
  });

  it('is made of a shorter timeframe where the one asked for is not stored, and says so', async () => {
    const query = { timeframe: '1h', from: '2026-11-18', to: '2026-11-18T03:00Z' };
    const page = await askPage(query);
    expect(page).toMatchObject({ timeframe: '1h', derivedFrom: '1m' });
    expect(page.candles.map(([openMs]) => openMs)).toEqual([0, 60, 120].map((minute) => startMs + minute * minuteMs));
    const { headers } = await ask({ venue: 'fake', symbol: 'BTC/USDT', format: 'csv', ...query });
    expect(headers['x-derived-from']).toBe('1m');
  });

  it('of CSV begins with the names of its columns, and its headers lead to the next', async () => {
    const query = {
      venue: 'fake',
      symbol: 'BTC/USDT',
      format: 'csv',
      from: '2026-11-18',
      to: '2026-11-19',
      limit: '2',
    };
    const { headers, text } = await ask(query);
    const [head, first, second, ...rest] = text.split('\n');
    expect(head).toBe('openMs,open,high,low,close,volume,quoteVolume,trades');
    expect([first, second, rest].map(String)).toEqual([...arraysOf(all).slice(0, 2).map(String), '']);
    expect(headers['content-type']).toMatch(/^text\/csv/);
    const [, address = ''] = /^<(.*)>; rel="next"$/.exec(headers.link ?? '') ?? [];
    const next = Object.fromEntries(new URL(address, 'http://desk').searchParams);
    expect(next.cursor).toBe(headers['x-next-cursor']);
    expect((await ask(next)).text.split('\n')[1]).toBe(String(arraysOf(all)[2]));
  });

  it.each([
    ['gzip, deflate, br', true],
    ['GZIP;q=0.5', true],
    ['*', true],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['br', false],
    [undefined, false],
  ])('is compressed for a client that accepts %s: %s', async (accepted, isGzipped) => {
    const headers: Record<string, string> = accepted === undefined ? {} : { 'accept-encoding': accepted };
    const answer = await ask({ venue: 'fake', symbol: 'BTC/USDT', limit: '5' }, headers);
    expect(answer.headers['content-encoding']).toBe(isGzipped ? 'gzip' : undefined);
    expect(answer.headers.vary).toBe('accept-encoding');
    expect(JSON.parse(answer.text).candles).toHaveLength(5);
  });

  it('is shown to viewers, and to nobody without a token', async () => {
    expect((await ask({}, { authorization: 'Bearer no' })).status).toBe(401);
  });
});

describe('what cannot be answered', () => {
  const market = { venue: 'fake', symbol: 'BTC/USDT' };

  it.each([
    ['no venue', { symbol: 'BTC/USDT' }, 'venue', /is missing/],
    ['no symbol', { venue: 'fake' }, 'symbol', /is missing/],
    ['what is no timeframe', { ...market, timeframe: '1x' }, 'timeframe', /such as 1m/],
    ['what is no time', { ...market, from: 'yesterday' }, 'from', /such as 2026-11-21/],
    ['seconds', { ...market, to: '1795253400' }, 'to', /epoch milliseconds/],
    ['an end before the beginning', { ...market, from: '2026-11-19', to: '2026-11-18' }, 'from', /must be before `to`/],
    ['an end at the beginning', { ...market, from: '2026-11-19', to: '2026-11-19' }, 'from', /must be before `to`/],
    ['another format', { ...market, format: 'xml' }, 'format', /json or csv/],
    ['no candles', { ...market, limit: '0' }, 'limit', /./],
    ['too many candles', { ...market, limit: '120001' }, 'limit', /./],
    ['a parameter that there is not', { ...market, since: '2026' }, 'since', /./],
    ['a cursor that is none', { ...market, cursor: 'abc' }, 'cursor', /no cursor of this desk/],
    ['a cursor of JSON that is none', { ...market, cursor: 'e30' }, 'cursor', /no cursor of this desk/],
  ])('%s is refused, naming the field and the fix', async (_what, query, path, message) => {
    const { status, issues } = await issuesOf(query);
    expect([status, issues]).toEqual([400, [{ path, message: expect.stringMatching(message) }]]);
  });

  it.each([
    ['another market', { symbol: 'ETH/USDT', timeframe: '1h' }, /another question/],
    ['another timeframe', { timeframe: '5m' }, /another question/],
    ['another beginning', { from: '2026-11-19' }, /another `from` or `to`/],
    ['another end', { to: '2026-11-19' }, /another `from` or `to`/],
  ])('a cursor is refused with %s', async (_what, changed, message) => {
    const { next } = await askPage({ from: '2026-11-18', limit: '1' });
    const { status, issues } = await issuesOf({ ...market, cursor: next ?? '', ...changed });
    expect([status, issues]).toEqual([400, [{ path: 'cursor', message: expect.stringMatching(message) }]]);
  });

  it.each([
    ['a venue', { venue: 'other', symbol: 'BTC/USDT' }, 'venue', /they are of fake$/],
    [
      'a symbol',
      { venue: 'fake', symbol: 'BTC/EUR' },
      'symbol',
      /never collected at fake; collected are BTC\/USDT, ETH\/USDT$/,
    ],
    ['a timeframe', { venue: 'fake', symbol: 'ETH/USDT', timeframe: '1m' }, 'timeframe', /stored, which is 1h/],
  ])('%s that nothing is collected of is not found, and what is is named', async (_what, query, path, message) => {
    const { status, issues } = await issuesOf(query);
    expect([status, issues]).toEqual([404, [{ path, message: expect.stringMatching(message) }]]);
  });
});
