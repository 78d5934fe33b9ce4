/** A venue in trouble: the sender learns which, nothing is placed that nobody knows of, and every other venue trades on. */
import { createDeskClient, type DeskClient } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';
import { startHttpProxy, type TestProxy } from '../support/proxies.ts';

const venues = ['binance', 'kraken', 'bybit'] as const;
type Venue = (typeof venues)[number];

/** Room for a second try and none for a third, so that a venue that is down is told of soon. */
const briefly = { maxLagSeconds: 6 };
/** Its price is asked for first: a symbol of which no price is known from just before. */
const unpriced = { symbol: 'ETH/USDT', size: { base: '0.1' } };
/** Asks for no price first. */
const limit = { type: 'limit', price: '40000', timeInForce: 'GTC' };
const offMs = 30_000;

/** The request that places an order, and the one for the venue's time. */
const placing: Readonly<Record<Venue, object>> = {
  binance: { method: 'POST', path: '/api/v3/order' },
  kraken: { path: '/0/private/AddOrder' },
  bybit: { path: '/v5/order/create' },
};
const timePaths: Readonly<Record<Venue, string>> = {
  binance: '/api/v3/time',
  kraken: '/0/public/Time',
  bybit: '/v5/market/time',
};

let proxy: TestProxy;
let configured: ConfiguredDesk;
let simulated: Readonly<Record<Venue, DeskClient>>;

beforeAll(async () => {
  proxy = await startHttpProxy({ status: 403 });
  const documents = {
    exchanges: 'binance: { timeoutMs: 1000 }\nkraken: {}\nbybit: {}\n',
    accounts: `
binance: { exchange: binance, mode: sandbox }
kraken: { exchange: kraken, mode: sandbox }
bybit: { exchange: bybit, mode: sandbox }
proxied: { exchange: bybit, mode: sandbox, proxies: ["${proxy.url}", "http://127.0.0.1:9"] }
`,
    sources: 'demo:\n  authentication: [token]\n  accounts: [binance, kraken, bybit, proxied]\n',
  };
  configured = await startConfiguredDesk(documents, [...venues, 'proxied']);
  const { ready } = configured.desk.cloud;
  const client = (venue: Venue) => createDeskClient(ready, venue);
  simulated = { binance: client('binance'), kraken: client('kraken'), bybit: client('bybit') };
  // A first order takes longer, which would leave less of the little time that signals have below.
  await Promise.all(venues.map((venue) => configured.order(venue)));
});

afterEach(() => Promise.all(Object.values(simulated).map((venue) => venue.clearFaults())));

afterAll(async () => {
  await configured.close();
  await proxy.close();
});

/** Orders at an account and, while that is under way, at the venues beside it, which must fill theirs. */
async function orderBesideOthers(account: Venue | 'proxied', changes: object = {}) {
  const [order, ...others] = await Promise.all([
    configured.order(account, changes),
    ...venues.filter((venue) => venue !== account).map((venue) => configured.order(venue)),
  ]);
  expect(others.map(({ state }) => state)).toEqual(others.map(() => 'filled'));
  return order;
}

const ordersAt = async (venue: Venue, account: string = venue) =>
  (await simulated[venue].simulatorOrders({ account })).length;

describe('a proxy that refuses', () => {
  it('denies the order with what the proxies said once no try is left, and nothing was sent', async () => {
    const order = await orderBesideOthers('proxied', { ...briefly, ...unpriced });
    expect(order).toMatchObject({ state: 'denied', attempts: 0, cause: { code: 'proxy_refused' } });
    expect(order.cause?.message).toMatch(/could not be executed before the signal was too old: .*proxy http:\/\/127/);
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(await ordersAt('bybit', 'proxied')).toBe(0);
  });

  it('rejects an order that asks for no price first, with the same word', async () => {
    const order = await orderBesideOthers('proxied', { ...briefly, ...limit });
    expect(order).toMatchObject({ state: 'rejected', cause: { code: 'proxy_refused' } });
    expect(await ordersAt('bybit', 'proxied')).toBe(0);
  });
});

describe('a venue in maintenance', () => {
  const binanceSays = { kind: 'error-before', status: 503, body: '{"code":1,"msg":"System is under maintenance."}' };
  const shuttingDown = {
    ...{ kind: 'error-before', status: 400 },
    body: '{"code":-1016,"msg":"This service is no longer available."}',
  };
  const bybitSays = {
    ...{ kind: 'garbage', when: 'before' },
    body: '{"retCode":10016,"retMsg":"The service is under maintenance.","result":{},"retExtInfo":{},"time":1}',
  };
  const krakenSays = { kind: 'garbage', when: 'before', body: '{"error":["EService:Market in cancel_only mode"]}' };

  it.each<[Venue, object, string]>([
    ['binance', { ...binanceSays, match: { path: '/api/*' } }, 'under maintenance'],
    ['binance', { ...shuttingDown, match: { path: '/api/*' } }, 'no longer available'],
    ['bybit', { ...bybitSays, match: { path: '/v5/*' } }, 'under maintenance'],
  ])('%s denies with what the venue said once no try is left, and nothing was sent', async (venue, fault, text) => {
    const before = await ordersAt(venue);
    await simulated[venue].setFaults(fault);
    const order = await orderBesideOthers(venue, { ...briefly, ...unpriced });
    expect(order).toMatchObject({ state: 'denied', attempts: 0, cause: { code: 'maintenance' } });
    expect(order.cause?.message).toMatch(/^could not be executed before the signal was too old: /);
    expect(order.cause?.message).toContain(text);
    expect(await ordersAt(venue)).toBe(before);
  });

  it('takes the orders that waited for its end', async () => {
    await simulated.binance.setFaults({ ...binanceSays, match: { path: '/api/*' }, forMs: 1_500 });
    expect(await orderBesideOthers('binance', { ...unpriced, symbol: 'BNB/USDT' })).toMatchObject({ state: 'filled' });
  });

  it('that tells prices still and takes no orders rejects them', async () => {
    const before = await ordersAt('kraken');
    await simulated.kraken.setFaults({ ...krakenSays, match: placing.kraken });
    const order = await orderBesideOthers('kraken');
    expect(order).toMatchObject({ state: 'rejected', cause: { code: 'maintenance' } });
    expect(order.cause?.message).toContain('cancel_only');
    expect(await ordersAt('kraken')).toBe(before);
  });
});

describe('a clock that is off by 30 s', () => {
  const silentTime = (venue: Venue) => ({ kind: 'error-before', status: 500, match: { path: timePaths[venue] } });

  it.each<[Venue, number]>([
    ['binance', offMs],
    ['binance', -offMs],
    ['bybit', offMs],
    ['bybit', -offMs],
    ['kraken', offMs],
    ['kraken', -offMs],
  ])('from %s by %i ms is set by the venue’s, and the order filled', async (venue, skewMs) => {
    await simulated[venue].setFaults({ kind: 'skew-clock', skewMs });
    expect(await orderBesideOthers(venue)).toMatchObject({ state: 'filled', attempts: 1 });
  });

  it.each<Venue>(['binance', 'bybit'])('and that %s does not tell rejects the order', async (venue) => {
    const before = await ordersAt(venue);
    await simulated[venue].setFaults({ kind: 'skew-clock', skewMs: -2 * offMs }, silentTime(venue));
    const order = await orderBesideOthers(venue);
    expect(order).toMatchObject({ state: 'rejected', cause: { code: 'clock_refused' } });
    expect(await ordersAt(venue)).toBe(before);
  });
});

describe('a market that was delisted after the desk’s last look', () => {
  const answer = (body: string) => ({ kind: 'garbage', when: 'before', body });
  const refused = (status: number, body: string) => ({ kind: 'error-before', status, body });
  const bybitSays = (code: number, text: string) =>
    `{"retCode":${code},"retMsg":"${text}","result":{},"retExtInfo":{},"time":1}`;

  it.each<[Venue, string, object, string]>([
    ['binance', 'bad_symbol', refused(400, '{"code":-1121,"msg":"Invalid symbol."}'), 'Invalid symbol'],
    ['binance', 'market_closed', refused(400, '{"code":-1013,"msg":"Market is closed."}'), 'Market is closed'],
    ['kraken', 'bad_symbol', answer('{"error":["EQuery:Unknown asset pair"]}'), 'Unknown asset pair'],
    ['bybit', 'bad_symbol', answer(bybitSays(170121, 'Invalid symbol.')), 'Invalid symbol'],
    ['bybit', 'market_unavailable', answer(bybitSays(170157, 'Not available for api trading.')), 'api trading'],
  ])('at %s ends the order as %s, whether its price is asked for first or not', async (venue, code, fault, text) => {
    const before = await ordersAt(venue);
    await simulated[venue].setFaults({ ...fault, match: placing[venue] });
    const rejected = await orderBesideOthers(venue, limit);
    expect(rejected).toMatchObject({ state: 'rejected', cause: { code, message: expect.stringContaining(text) } });
    await simulated[venue].setFaults({ ...fault, match: {} });
    const denied = await orderBesideOthers(venue, unpriced);
    expect(denied).toMatchObject({ state: 'denied', cause: { code, message: expect.stringContaining(text) } });
    expect(await ordersAt(venue)).toBe(before);
  });
});

it('in all of that, no key was told, and desk and journal agree', async () => {
  expect(await configured.told()).toEqual([]);
  expect(await configured.desk.records.verify()).toMatchObject({ kind: 'verified' });
});
