import {
  type AccountId,
  type AmendOutcome,
  accountOf,
  amount,
  type CancelOutcome,
  type Cause,
  type ConfiguredAccount,
  type DeadManOutcome,
  type FindOutcome,
  type OrderReference,
  type OrderRequest,
  type PlaceOutcome,
  type PrepareOutcome,
  parseDeskConfig,
  price,
  type VenuePort,
} from '@nightdesk/core';
import type { CreateVenueOptions } from '@nightdesk/exchange';
import { createVenueOpener } from '@nightdesk/functions/shared/venue-opener.ts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { createFakeSecrets } from '../../support/fake-secrets.ts';
import { btcUsdt } from '../../support/markets.ts';

const calls: { kind: string; apiKey: string | undefined }[] = [];
/** The key that the venue takes; every other one is refused. */
let validKey = 'first';
const refusal: Cause = { code: 'authentication_failed', message: 'binance {"code":-2015}' };

vi.mock('@nightdesk/exchange', async (importOriginal) => ({
  ...(await importOriginal<typeof import('@nightdesk/exchange')>()),
  createVenue: async ({ credentials }: CreateVenueOptions) => venueFor(credentials?.apiKey),
}));

function venueFor(apiKey: string | undefined) {
  const record = (kind: string) => calls.push({ kind, apiKey });
  return {
    settlingMs: 1,
    async placeOrder(): Promise<PlaceOutcome> {
      record('place');
      if (apiKey !== validKey) return { kind: 'rejected', evidence: refusal };
      return { kind: 'unknown', cause: { code: 'timeout', message: '' } };
    },
    async findOrder(): Promise<FindOutcome> {
      record('find');
      if (apiKey !== validKey) return { kind: 'unknown', cause: refusal };
      return { kind: 'absent', evidence: { code: 'order_not_found', message: '' } };
    },
    async amendOrder(): Promise<AmendOutcome> {
      record('amend');
      return { kind: 'not_amended', evidence: refusal };
    },
    async cancelOrder(): Promise<CancelOutcome> {
      record('cancel');
      return { kind: 'unknown', cause: refusal };
    },
    async prepareMarket(): Promise<PrepareOutcome> {
      record('prepare');
      return { kind: 'refused', cause: refusal };
    },
    async setDeadManSwitch(): Promise<DeadManOutcome> {
      record('dead man');
      return { kind: 'refused', cause: refusal };
    },
    async fetchTicker() {
      record('ticker');
    },
    async fetchTickers() {
      record('tickers');
    },
    async fetchOwnTrades() {
      record('own trades');
    },
    async fetchTransfers() {
      record('transfers');
    },
    async fetchFundingPayments() {
      record('funding payments');
    },
    async fetchBalances() {
      record('balances');
    },
    async fetchPositions() {
      record('positions');
    },
    async fetchOpenOrders() {
      record('open orders');
    },
    async fetchMarkets() {
      record('markets');
      return [];
    },
    async fetchPrice() {
      record('price');
      return price('1');
    },
  };
}

const config = parseDeskConfig({
  exchanges: { binance: {} },
  accounts: {
    main: { exchange: 'binance', mode: 'sandbox' },
    split: { exchange: 'binance', mode: 'sandbox', readOnlySecret: true },
  },
  sources: {},
  risk: { default: { orderNotionalMax: '1', openNotionalMax: '1' } },
});
const account = (id: string): ConfiguredAccount => {
  const found = accountOf(config, id as AccountId);
  if (found === undefined) throw new Error(`no account ${id}`);
  return found;
};
const keys = (apiKey: string) => JSON.stringify({ apiKey, secret: 'shh' });
const request: OrderRequest = {
  ...{ clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', type: 'market', amount: amount('1') },
};
const reference: OrderReference = {
  ...{ clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', amount: amount('1'), sinceMs: 0 },
};

/** As Secrets Manager's cache does: a value that was read once stays until somebody asks for it anew. */
function createCachedSecrets(stored: Record<string, string>) {
  const secrets = createFakeSecrets(stored);
  const cache = new Map<string, string>();
  const fresh: string[] = [];
  return {
    put: (name: string, value: string) => void secrets.values.set(name, value),
    fresh,
    async get(name: string, options: { fresh?: boolean } = {}) {
      if (options.fresh) fresh.push(name);
      const value = options.fresh ? await secrets.get(name) : (cache.get(name) ?? (await secrets.get(name)));
      cache.set(name, value);
      return value;
    },
  };
}

let secrets: ReturnType<typeof createCachedSecrets>;
let open: ReturnType<typeof createVenueOpener>;
const mainSecret = 'desk/accounts/main/trading';

beforeEach(() => {
  calls.length = 0;
  validKey = 'first';
  secrets = createCachedSecrets({
    [mainSecret]: keys('first'),
    'desk/accounts/split/trading': keys('trades'),
    'desk/accounts/split/read-only': keys('reads'),
  });
  open = createVenueOpener({ secrets, secretsPrefix: 'desk', directory: '/opt/venues', clock: createManualClock() });
});

describe('an account with a read-only secret', () => {
  it('places with its trading key and asks with the other', async () => {
    const venue = await open(account('split'));
    await venue.placeOrder(request, btcUsdt);
    await venue.amendOrder(reference, { price: price('2') }, btcUsdt);
    await venue.cancelOrder(reference, btcUsdt);
    await venue.prepareMarket({ leverage: '2' }, btcUsdt);
    await venue.setDeadManSwitch(60_000);
    expect(calls.map(({ apiKey }) => apiKey)).toEqual(Array(5).fill('trades'));
    calls.length = 0;
    await venue.findOrder(reference, btcUsdt);
    await venue.fetchMarkets();
    await venue.fetchPrice(btcUsdt, 'buy');
    await venue.fetchTicker(btcUsdt);
    await venue.fetchBalances();
    await venue.fetchPositions();
    await venue.fetchOpenOrders();
    await venue.fetchTickers([btcUsdt]);
    await venue.fetchOwnTrades(btcUsdt, 0);
    await venue.fetchTransfers(0);
    await venue.fetchFundingPayments(btcUsdt, 0);
    expect(calls.map(({ apiKey }) => apiKey)).toEqual(Array(11).fill('reads'));
  });
});

describe('a key that was replaced while its old value was cached', () => {
  beforeEach(async () => {
    await open(account('main'));
    secrets.put(mainSecret, keys('second'));
    validKey = 'second';
  });

  it('answers a question all the same: it is asked again with the new one', async () => {
    const outcome = await (await open(account('main'))).findOrder(reference, btcUsdt);
    expect(outcome.kind).toBe('absent');
    expect(calls).toEqual([
      { kind: 'find', apiKey: 'first' },
      { kind: 'find', apiKey: 'second' },
    ]);
  });

  it('rejects one order, which is not repeated, and the next is placed with the new one', async () => {
    expect((await (await open(account('main'))).placeOrder(request, btcUsdt)).kind).toBe('rejected');
    expect(calls).toEqual([{ kind: 'place', apiKey: 'first' }]);
    await (await open(account('main'))).placeOrder(request, btcUsdt);
    expect(calls.at(-1)).toEqual({ kind: 'place', apiKey: 'second' });
  });
});

it.each([
  ['amending', (venue: VenuePort) => venue.amendOrder(reference, { price: price('2') }, btcUsdt)],
  ['canceling', (venue: VenuePort) => venue.cancelOrder(reference, btcUsdt)],
  ['setting a dead man’s switch', (venue: VenuePort) => venue.setDeadManSwitch(60_000)],
  ['setting a market up', (venue: VenuePort) => venue.prepareMarket({ leverage: '2' }, btcUsdt)],
])('a key that is refused on %s is read anew before the next call, and the call is not repeated', async (_, call) => {
  await call(await open(account('main')));
  expect(calls).toHaveLength(1);
  await open(account('main'));
  expect(secrets.fresh).toEqual([mainSecret]);
});

describe('a key that was revoked and not replaced', () => {
  it('is read anew once, however many orders and questions come', async () => {
    validKey = 'none';
    for (let round = 0; round < 5; round++) {
      const venue = await open(account('main'));
      expect(await venue.findOrder(reference, btcUsdt)).toEqual({ kind: 'unknown', cause: refusal });
      await venue.placeOrder(request, btcUsdt);
    }
    expect(secrets.fresh).toEqual([mainSecret]);
  });
});
