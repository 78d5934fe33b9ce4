import { createHandler } from '@nightdesk/functions/query-quotes/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { binance, kraken, quoteOf, startMs, statusOf } from '../../support/live-quotes.ts';
import { createMemoryQuotes, type MemoryQuotes } from '../../support/memory-streams.ts';
import { callDesk, roleSecrets, secretsPrefix } from './desk-caller.ts';

let clock: ManualClock;
let quotes: MemoryQuotes;

beforeEach(() => {
  clock = createManualClock(startMs);
  quotes = createMemoryQuotes(clock);
});

interface Told {
  status: number;
  body: {
    quotes?: Record<string, unknown>[];
    atMs?: number;
    tasks?: unknown[];
    error?: { code: string; message: string; issues?: { path: string; message: string }[] };
  };
}

async function ask(routeKey: string, query: Record<string, string> = {}, role: 'viewer' | undefined = 'viewer') {
  const handler = createHandler({ quotes, clock, secrets: roleSecrets(), secretsPrefix });
  return (await callDesk(handler, { routeKey, query, ...(role && { role }) })) as Told;
}

const quotesOf = (query: Record<string, string>) => ask('GET /quotes', query);
const issueOf = ({ body }: Told) => body.error?.issues?.map(({ path, message }) => `${path} ${message}`).join();

describe('GET /quotes', () => {
  it('tells best prices and depth as decimals, with all three times', async () => {
    await quotes.write([quoteOf({ bids: [[90_000.1, 0.125]], asks: [[90_000.2, 1e-8]], askSize: 1e-8 })], startMs + 40);
    const { status, body } = await quotesOf({ symbol: 'BTC/USDT' });
    expect([status, body.quotes]).toEqual([
      200,
      [
        {
          ...{ venue: 'binance', symbol: 'BTC/USDT', bid: '90000.1', ask: '90000.2', bidSize: '0.125' },
          ...{ askSize: '0.00000001', depth: { bids: [['90000.1', '0.125']], asks: [['90000.2', '0.00000001']] } },
          ...{ exchangeTimeMs: startMs - 20, receivedMs: startMs, writtenMs: startMs + 40, sequence: 71_234_567_890 },
          stale: false,
        },
      ],
    ]);
  });

  it('tells every venue that has the symbol, or the one that is asked for', async () => {
    await quotes.write([quoteOf(), quoteOf({ venue: kraken, connection: 'kraken#markets#0' })], startMs);
    await quotes.write([quoteOf({ symbol: 'ETH/USDT' })], startMs);
    const venuesOf = async (query: Record<string, string>) =>
      (await quotesOf(query)).body.quotes?.map(({ venue }) => venue);
    expect(await venuesOf({ symbol: 'BTC/USDT' })).toEqual(['binance', 'kraken']);
    expect(await venuesOf({ symbol: 'BTC/USDT', venue: 'kraken' })).toEqual(['kraken']);
    expect(await venuesOf({ symbol: 'ETH/USDT' })).toEqual(['binance']);
  });

  it('marks a quote stale that is old, unless the connection that brought it is still heard', async () => {
    await quotes.write([quoteOf(), quoteOf({ venue: kraken, connection: 'gone' })], startMs);
    clock.advance(60_000);
    await quotes.beat('task-1/binance#markets#0', clock.nowMs() - 2_000);
    await quotes.beat('gone', startMs);
    const { body } = await quotesOf({ symbol: 'BTC/USDT' });
    expect(body.quotes?.map(({ venue, stale }) => [venue, stale])).toEqual([
      [binance, false],
      [kraken, true],
    ]);
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['no symbol', {}, 400, 'symbol is missing: name a unified symbol, e.g. BTC/USDT'],
    ['an unknown parameter', { symbol: 'BTC/USDT', market: 'x' }, 400, 'market'],
    ['a symbol of absurd length', { symbol: 'x'.repeat(200) }, 400, 'symbol'],
    ['a symbol that is not streamed', { symbol: 'DOGE/USDT' }, 404, '`streams` of collection.yaml'],
    [
      'a venue that has it not',
      { symbol: 'BTC/USDT', venue: 'bybit' },
      404,
      'venue bybit has no quote of BTC/USDT; there is one of binance',
    ],
    [
      'a symbol no venue has',
      { symbol: 'DOGE/USDT', venue: 'bybit' },
      404,
      'symbol there is no quote of DOGE/USDT at bybit',
    ],
    ['the name of another row', { symbol: 'tasks' }, 404, 'there is no quote of tasks'],
  ])('refuses %s, and says what to do', async (_name, query, status, said) => {
    await quotes.write([quoteOf()], startMs);
    await quotes.writeStatus(statusOf());
    const answer = await quotesOf(query);
    expect([answer.status, issueOf(answer)]).toEqual([status, expect.stringContaining(said)]);
  });
});

describe('GET /streams', () => {
  it('tells what each task of the last minute says of itself', async () => {
    await quotes.writeStatus(statusOf({ atMs: startMs - 70_000, task: 'task-0' }));
    await quotes.writeStatus(statusOf());
    const { status, body } = await ask('GET /streams');
    expect([status, body]).toEqual([200, { atMs: startMs, tasks: [statusOf()] }]);
  });

  it('tells none where nothing is streamed, and takes no parameters', async () => {
    expect((await ask('GET /streams')).body).toEqual({ atMs: startMs, tasks: [] });
    expect((await ask('GET /streams', { venue: 'binance' })).status).toBe(400);
  });
});

it('tells nobody without a token, and knows no other route', async () => {
  for (const route of ['GET /quotes', 'GET /streams']) {
    const handler = createHandler({ quotes, clock, secrets: roleSecrets(), secretsPrefix });
    expect((await callDesk(handler, { routeKey: route })).status).toBe(401);
  }
  expect((await ask('GET /other')).status).toBe(404);
});
