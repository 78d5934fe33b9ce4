import {
  type AccountId,
  afterOutage,
  afterProbe,
  amount,
  ConfigurationError,
  coordinationKeys,
  type IntentId,
  limitsOf,
  type Order,
  type OrderEvent,
  type Signal,
  type SignalRecord,
  type VenueId,
} from '@nightdesk/core';
import type { ExchangesDependencies } from '@nightdesk/functions/query-desk/exchanges.ts';
import { createHandler } from '@nightdesk/functions/query-desk/handler.ts';
import type { HealthChecks } from '@nightdesk/functions/query-desk/health.ts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { insertWithin } from '../../support/gates.ts';
import { createMemoryBooks } from '../../support/memory-books.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../../support/memory-coordination.ts';
import {
  createMemoryJournal,
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  createMemorySignals,
  MemoryTables,
} from '../../support/memory-stores.ts';
import { cause, fill, intent, venueOrder } from '../../support/orders.ts';
import { type Call, callDesk, roleSecrets, secretsPrefix } from './desk-caller.ts';

const limits = limitsOf(deskConfig(), 'main' as AccountId);

let clock: ManualClock;
let tables: MemoryTables;
let health: HealthChecks;
let coordination: MemoryCoordination;

const catalog: ExchangesDependencies['catalog'] = {
  list: async () => [
    { venue: 'fake' as VenueId, streams: true, custom: false },
    { venue: 'other' as VenueId, streams: false, custom: true },
  ],
  describe: async (venue) => {
    if (venue === 'ftx') throw new ConfigurationError('exchange "ftx" is not usable: it closed');
    const capabilities = {
      methods: { createOrder: true as const },
      requiredCredentials: ['apiKey'],
      timeframes: ['1m'],
      rateLimitMs: 50,
    };
    return { capabilities, limits: [], testNetwork: false };
  },
};

beforeEach(async () => {
  clock = createManualClock();
  tables = new MemoryTables();
  coordination = createMemoryCoordination();
  health = { orders: async () => {}, queue: async () => {} };
  const risk = createMemoryRisk(tables);
  for (const key of ['*', 'main', 'second'] as (AccountId | '*')[]) await risk.ensure(key, clock.nowMs());
});

const call = (request: Call) =>
  callDesk(
    createHandler({
      ...{ health, clock, secretsPrefix, secrets: roleSecrets(), loadConfig: async () => deskConfig() },
      signals: createMemorySignals(tables),
      orders: createMemoryOrders(tables),
      positions: createMemoryPositions(tables),
      journal: createMemoryJournal(tables),
      risk: createMemoryRisk(tables),
      books: createMemoryBooks(tables),
      coordination,
      catalog,
    }),
    request,
  );

const ask = (routeKey: string, parameters: Omit<Call, 'routeKey'> = {}) =>
  call({ routeKey, role: 'viewer', ...parameters });

/** Records an order of `intent`'s signal, and what happened to it. */
async function record(id: string, event?: OrderEvent, account = 'main'): Promise<Order> {
  const orders = createMemoryOrders(tables);
  const recorded = { ...intent, orderId: id as IntentId, account: account as AccountId };
  const result = await insertWithin(orders, { type: 'order.intended', atMs: clock.nowMs(), intent: recorded }, limits);
  if (result.kind !== 'created') throw new Error(`not recorded: ${result.kind}`);
  return event === undefined ? result.order : orders.apply(result.order, event);
}

const seen = (status: 'open' | 'filled', filled: string, ...fills: ReturnType<typeof fill>[]): OrderEvent => ({
  type: 'order.observed',
  atMs: clock.nowMs(),
  order: venueOrder(status, filled, fills),
});

const notFound = { status: 404, body: { error: { code: 'not_found', message: expect.stringMatching(/\w/) } } };

describe('a token', () => {
  const routes = [
    'GET /signals/{signalId}',
    'GET /orders',
    'GET /orders/{id}',
    'GET /orders/{id}/events',
    'GET /positions',
    'GET /balances',
    'GET /pnl',
    'GET /reconciliation',
    'GET /risk',
    'GET /exchanges',
  ];

  it.each(routes)('is needed for %s, and every role will do', async (routeKey) => {
    expect((await call({ routeKey })).status).toBe(401);
    expect((await call({ routeKey, headers: { authorization: 'Bearer guess' } })).status).toBe(401);
    for (const role of ['viewer', 'trader', 'risk', 'admin'] as const) {
      expect([200, 404]).toContain((await call({ routeKey, role })).status);
    }
  });

  it('is not needed to ask whether the desk is well', async () => {
    expect((await call({ routeKey: 'GET /health' })).status).toBe(200);
  });

  it('opens no route that does not exist, named like a part of every object or not', async () => {
    for (const routeKey of ['GET /secrets', 'constructor', '$default']) expect(await ask(routeKey)).toEqual(notFound);
  });
});

describe('positions', () => {
  const ofMain = {
    ...{ account: 'main', venue: 'fake', symbol: 'BTC/USDT', quantity: '1.5', averageEntry: '100' },
    ...{ realizedPnl: '0', currency: 'USDT', fees: { USDT: '0.2' } },
  };
  beforeEach(async () => {
    await record('nd1', seen('open', '1.5', fill('a'), fill('b', '0.5')));
    await record('nd2', seen('filled', '2'), 'second');
  });
  const list = async (query: Record<string, string> = {}) =>
    (await ask('GET /positions', { query })) as { status: number; body: { positions: object[] } };

  it('are shown with quantity, average entry, profit and fees', async () => {
    const { status, body } = await list({ account: 'main' });
    expect(status).toBe(200);
    expect(body.positions).toEqual([{ ...ofMain, updatedAtMs: clock.nowMs() }]);
  });

  it('are those of every configured account unless one is named', async () => {
    expect((await list()).body.positions).toHaveLength(2);
    expect((await list({ account: 'nobody' })).body.positions).toEqual([]);
  });

  it('can be asked for by symbol', async () => {
    expect((await list({ symbol: 'BTC/USDT' })).body.positions).toHaveLength(2);
    expect((await list({ account: 'main', symbol: 'ETH/USDT' })).body.positions).toEqual([]);
  });

  it('show no average and no profit where no price is known, but how much that is', async () => {
    const perpetual = { ...intent, orderId: 'nd3' as IntentId, symbol: 'BTC/USD:BTC' };
    const orders = createMemoryOrders(tables);
    const event = { type: 'order.intended', atMs: clock.nowMs(), intent: perpetual } as const;
    const result = await insertWithin(orders, event, limits);
    if (result.kind !== 'created') throw new Error(`not recorded: ${result.kind}`);
    await orders.apply(result.order, seen('filled', '2'));
    const [position] = (await list({ symbol: 'BTC/USD:BTC' })).body.positions;
    expect(position).toMatchObject({ quantity: '2', unpriced: '2' });
    for (const field of ['averageEntry', 'realizedPnl', 'currency']) expect(position).not.toHaveProperty(field);
  });

  it('refuse a parameter that is unknown', async () => {
    expect(await list({ cursor: 'x' })).toMatchObject({ status: 400 });
  });
});

describe('an order', () => {
  it('is shown with its average price and its id at the venue', async () => {
    const order = await record('nd1', seen('open', '1.5', fill('a'), fill('b', '0.5')));
    const body = { ...order, clientOrderId: 'nd1', averagePrice: '100', fees: { USDT: '0.2' } };
    expect(await ask('GET /orders/{id}', { pathParameters: { id: 'nd1' } })).toEqual({ status: 200, body });
  });

  it('has no average price before its first fill', async () => {
    await record('nd1', seen('open', '0'));
    const { body } = await ask('GET /orders/{id}', { pathParameters: { id: 'nd1' } });
    expect(body).not.toHaveProperty('averagePrice');
  });

  it('is shown with its journal, complete with hashes', async () => {
    await record('nd1', seen('filled', '2'));
    const { status, body } = await ask('GET /orders/{id}/events', { pathParameters: { id: 'nd1' } });
    expect(status).toBe(200);
    expect(body).toEqual({ events: tables.journal.get('order#nd1') });
  });

  it('that is not there is not found, nor are its events', async () => {
    const pathParameters = { id: 'nd2' };
    for (const routeKey of ['GET /orders/{id}', 'GET /orders/{id}/events']) {
      expect(await ask(routeKey, { pathParameters })).toEqual(notFound);
      expect(await ask(routeKey)).toEqual(notFound);
    }
  });
});

describe('the list of orders', () => {
  const idsOf = (body: unknown) => (body as { orders: Order[] }).orders.map(({ orderId }) => orderId);

  beforeEach(async () => {
    for (const [index, account] of ['main', 'second', 'main'].entries()) {
      await record(`nd${index}`, index === 0 ? seen('filled', '2') : undefined, account);
      clock.advance(1_000);
    }
  });

  it.each([
    ['newest first', {}, ['nd2', 'nd1', 'nd0']],
    ['of an account', { account: 'main' }, ['nd2', 'nd0']],
    ['in a state', { status: 'filled' }, ['nd0']],
    ['of a symbol', { symbol: 'ETH/USDT' }, []],
    ['of an account in a state', { account: 'second', status: 'intended' }, ['nd1']],
  ])('is %s', async (_name, query, expected) => {
    const { status, body } = await ask('GET /orders', { query });
    expect([status, idsOf(body)]).toEqual([200, expected]);
  });

  it('comes page by page, and the last page has no cursor', async () => {
    const first = await ask('GET /orders', { query: { limit: '2' } });
    expect(idsOf(first.body)).toEqual(['nd2', 'nd1']);
    const { cursor } = first.body as { cursor: string };
    const second = await ask('GET /orders', { query: { limit: '2', cursor } });
    expect(idsOf(second.body)).toEqual(['nd0']);
    expect(second.body).not.toHaveProperty('cursor');
  });

  it.each([
    ['limit', '0'],
    ['limit', '101'],
    ['limit', 'many'],
    ['status', 'lost'],
    ['account', ''],
    ['cursor', ''],
    ['colour', 'red'],
  ])('is refused with %s=%s', async (path, value) => {
    const { status, body } = await ask('GET /orders', { query: { [path]: value } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'invalid_request', issues: [{ path }] } });
  });
});

describe('a signal', () => {
  const accounts = ['main', 'second'] as AccountId[];
  const unknown = (): OrderEvent => ({ type: 'order.unknown', atMs: clock.nowMs(), cause });
  const rejected = (): OrderEvent => ({ type: 'order.rejected', atMs: clock.nowMs(), cause });

  beforeEach(async () => {
    const { signalId, source, venue, symbol } = intent;
    const signal: Signal = {
      ...{ signalId, source, venue, symbol, accounts, action: 'buy', size: { base: amount('2') }, type: 'market' },
      ...{ receivedAtMs: clock.nowMs(), expiresAtMs: clock.nowMs() + 60_000 },
    };
    await createMemorySignals(tables).insert({ signal, duplicateRule: 'id' } satisfies SignalRecord);
  });

  it.each<[string, ((() => OrderEvent) | undefined)[]]>([
    ['accepted', []],
    ['pending', [() => seen('filled', '2')]],
    ['pending', [() => seen('filled', '2'), undefined]],
    ['pending', [() => seen('filled', '2'), unknown]],
    ['executed', [() => seen('filled', '2'), () => seen('open', '0')]],
    ['executed', [() => seen('filled', '2'), rejected]],
    ['rejected', [rejected, rejected]],
  ])('is %s when its legs came so far: %o', async (expected, legs) => {
    for (const [index, event] of legs.entries()) await record(`nd${index}`, event?.(), accounts[index]);
    const { status, body } = await ask('GET /signals/{signalId}', { pathParameters: { signalId: intent.signalId } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ signalId: intent.signalId, status: expected, duplicateRule: 'id', signal: { symbol: 'BTC/USDT' } },
      orders: legs.map((_leg, index) => ({ orderId: `nd${index}`, clientOrderId: `nd${index}` })),
    });
  });

  it('that nobody sent is not found', async () => {
    expect(await ask('GET /signals/{signalId}', { pathParameters: { signalId: 'sg9' } })).toEqual(notFound);
    expect(await ask('GET /signals/{signalId}')).toEqual(notFound);
  });
});

describe('health', () => {
  it('is bad when one part fails, and names it', async () => {
    health = { orders: async () => {}, queue: () => Promise.reject(new Error('with a secret in it')) };
    const body = { status: 'failing', parts: { orders: 'ok', queue: 'failing' } };
    expect(await call({ routeKey: 'GET /health' })).toEqual({ status: 503, body });
  });

  it('is bad when one part is silent, and does not wait for it', async () => {
    vi.useFakeTimers();
    try {
      health = { orders: async () => {}, queue: () => new Promise(() => {}) };
      const answer = call({ routeKey: 'GET /health' });
      await vi.advanceTimersByTimeAsync(2_000);
      expect((await answer).body).toEqual({ status: 'failing', parts: { orders: 'ok', queue: 'failing' } });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('exchanges', () => {
  const list = (query?: Record<string, string>) => ask('GET /exchanges', { ...(query && { query }) });

  it('are all there are, with what the owner made of those that are configured', async () => {
    const key = coordinationKeys.health('fake');
    coordination.rows.set(key, afterProbe(undefined, { status: 'ok', latencyMs: 40, aheadMs: 3 }, clock.nowMs()));
    expect(await list()).toMatchObject({
      status: 200,
      body: {
        exchanges: [
          {
            ...{ venue: 'fake', streams: true, custom: false, configured: true, enabled: true, connectionsMax: 5 },
            accounts: [
              { id: 'main', mode: 'sandbox' },
              { id: 'second', mode: 'sandbox' },
            ],
            health: { status: 'ok', probes: 1, errorRate: 0, latencyMs: { p50: 40, p90: 40, p99: 40 }, aheadMs: 3 },
          },
          { venue: 'other', streams: false, custom: true, configured: false },
        ],
      },
    });
  });

  it.each([
    ['true', ['fake']],
    ['false', ['other']],
  ])('can be asked for by whether they are configured: %s', async (configured, venues) => {
    const { body } = await list({ configured });
    expect((body as { exchanges: { venue: string }[] }).exchanges.map(({ venue }) => venue)).toEqual(venues);
  });

  it('refuses a parameter it does not know, and names it', async () => {
    expect(await list({ configured: 'maybe' })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', issues: [{ path: 'configured' }] } },
    });
  });

  it('tell one by one what they can do and how they are', async () => {
    coordination.rows.set(coordinationKeys.health('fake'), afterOutage(undefined, 'timeout: no answer', clock.nowMs()));
    expect(await ask('GET /exchanges/{venue}', { pathParameters: { venue: 'fake' } })).toMatchObject({
      status: 200,
      body: {
        ...{ venue: 'fake', streams: true, configured: true, testNetwork: false },
        capabilities: { methods: { createOrder: true } },
        health: { status: 'failing', reason: 'timeout: no answer' },
      },
    });
  });

  it('answers 404 with the reason for one that is not there', async () => {
    expect(await ask('GET /exchanges/{venue}', { pathParameters: { venue: 'ftx' } })).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found', message: expect.stringContaining('closed') } },
    });
  });
});
