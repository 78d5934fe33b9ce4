/** What a client sees of the venues of a running desk. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await startDesk();
});
afterAll(() => desk.close());

interface Listed {
  venue: string;
  streams: boolean;
  custom: boolean;
  configured: boolean;
}

/** Names of ccxt's venues by the files of its package, which nothing of the desk reads at this point. */
function namesInPackage(folder: string): string[] {
  const root = join(dirname(createRequire(import.meta.url).resolve('ccxt')), '..', 'js', 'src', folder);
  return readdirSync(root)
    .filter((file) => file.endsWith('.js'))
    .map((file) => basename(file, '.js'));
}

const list = async (query = '') =>
  (await desk.call<{ exchanges: Listed[] }>('GET', `/exchanges${query}`)).body.exchanges;

describe('GET /exchanges', () => {
  it('lists every venue of the pinned ccxt, with and without streams, and those of our own', async () => {
    const exchanges = await list();
    const names = exchanges.map(({ venue }) => venue);
    expect(names).toEqual([...namesInPackage('.'), 'bitmex', 'edgex'].sort());
    expect(exchanges.filter(({ custom }) => custom).map(({ venue }) => venue)).toEqual(['bitmex', 'edgex']);
    expect(exchanges.filter(({ streams }) => streams).map(({ venue }) => venue)).toEqual(namesInPackage('pro').sort());
  });

  it('tells the configured ones apart, with their accounts and health', async () => {
    expect(await list('?configured=true')).toMatchObject([
      {
        venue: 'binance',
        enabled: true,
        accounts: [{ id: 'main', mode: 'sandbox' }],
        health: { probes: expect.any(Number) },
      },
    ]);
  });
});

describe('GET /exchanges/{venue}', () => {
  it.each(['binance', 'kraken', 'paradex', 'bitmex', 'edgex'])(
    'tells what %s can do, without asking it',
    async (venue) => {
      const { status, body } = await desk.call('GET', `/exchanges/${venue}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        venue,
        capabilities: {
          methods: { createOrder: true, fetchBalance: true },
          requiredCredentials: expect.arrayContaining([expect.any(String)]),
          rateLimitMs: expect.any(Number),
        },
        limits: expect.arrayContaining([expect.objectContaining({ unitsMax: expect.any(Number) })]),
      });
    },
  );

  it.each([
    ['ftx', /closed in November 2022/],
    ['binanse', /close to it: binance/],
    ['Binance', /is not the name of an exchange/],
  ])('answers 404 for %s and says why', async (venue, message) => {
    expect(await desk.call('GET', `/exchanges/${venue}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found', message: expect.stringMatching(message) } },
    });
  });
});
