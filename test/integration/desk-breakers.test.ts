/**
 * A running desk whose breakers trip, each on an account of its own, by what the simulated venues do; and limits that a hundred
 * signals at once press against. What a minute of silence takes (`venueHealth`) runs on the same handlers with a clock that is set.
 */
import { type BreakerName, breakerNames, type Order } from '@nightdesk/core';
import { readRisk } from '@nightdesk/functions/query-desk/risk.ts';
import { createDeskClient } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReconcileDesk } from '../support/reconcile-desk.ts';
import { type AccountRisk, type ReconciledDesk, startReconciledDesk } from '../support/reconciled-desk.ts';
import { soon } from '../support/waiting.ts';

const testMsMax = 240_000;
/** What must show twice must do so at looks this far apart, with none in between. */
const lookGapMs = 16_000;
const shownTwice: ReadonlySet<BreakerName> = new Set(['drift', 'outsider']);

const paper = (balances: string) => `exchange: bybit, mode: paper, paper: { balances: { ${balances} }, latencyMs: 20 }`;
const accounts = `
refused: { exchange: binance, mode: sandbox }
drifting: { exchange: binance, mode: sandbox }
shared: { exchange: binance, mode: sandbox }
bare: { exchange: binance, mode: sandbox }
limited: { exchange: binance, mode: sandbox }
first: { exchange: bybit, mode: sandbox }
second: { exchange: bybit, mode: sandbox }
slow: { exchange: kraken, mode: sandbox }
losing: { ${paper('USDT: "1000", LTC: "100"')} }
falling: { ${paper('USDT: "1000", LINK: "1000"')} }
jumping: { ${paper('USDT: "10000"')} }
`;
const accountNames = [...accounts.matchAll(/^(\w+):/gm)].map(([, name]) => name ?? '');

/** The slowest probe that is no reason to stop, and what the slow ones take. */
const latencyMs = { most: 2_500, slow: 2_700 };
const risk = `
desk: { venueExposureMax: "70000" }
default: { orderNotionalMax: "100000", openNotionalMax: "1000000" }
accounts:
  limited: { orderNotionalMax: "1000", openNotionalMax: "1000000", exposureMax: "1000" }
breakers:
  dailyLoss: { limit: 10%, cancelOrders: true }
  drawdown: { limit: 20% }
  drift: { limit: "1000" }
  rejects: { share: 50%, ordersMin: 8, minutes: 10, cancelOrders: true }
  latency: { milliseconds: ${latencyMs.most}, minutes: 1 }
  priceJump: { percent: 12% }
  venueHealth: { minutes: 5 }
  protection: { minutes: 0 }
  outsider: { action: reducing }
`;

/**
 * The breaker of each account, what it does, what it says, and how it stands at a look after a person let trading go on. Where
 * the desk's own schedule may have mended the figure meanwhile (another probe, another try of the stop), it may be armed again.
 */
const breakers = [
  ['dailyLoss', 'losing', 'reducing', /was lost since the day began/, 'eased'],
  ['drawdown', 'falling', 'halted', /was lost since the highest equity/, 'eased'],
  ['rejects', 'refused', 'reducing', /refused 8 of 9 orders/, 'eased'],
  ['latency', 'slow', 'reducing', /the exchange took \d+ ms/, 'eased or armed'],
  ['priceJump', 'jumping', 'reducing', /the price of DOT\/USDT changed by/, 'armed'],
  ['protection', 'bare', 'reducing', /without the stop or targets wanted: BTC\/USDT/, 'eased or armed'],
  // Whoever lets trading go on has taken note of these two.
  ['drift', 'drifting', 'halted', /what nothing explains is worth/, 'armed'],
  ['outsider', 'shared', 'reducing', /somebody else has the key/, 'armed'],
] as const;

let reconciled: ReconciledDesk;
const resting: Record<string, Order> = {};

const cheap = { symbol: 'ETH/USDT', size: { base: '0.01' } };
const far = { type: 'limit', price: '1000', timeInForce: 'GTC' };

/** What makes each breaker trip. */
async function bringAbout(): Promise<void> {
  const { control, configured } = reconciled;
  const { desk, order } = configured;
  const refusal = {
    kind: 'error-before',
    status: 400,
    body: '{"code":-2010,"msg":"Account has insufficient balance."}',
  };
  const match = { account: 'refused', method: 'POST', path: '/api/v3/order' };
  await control('binance', 'faults', [
    { ...refusal, count: 8, match },
    // The entry passes. Its stop is tried three times, and again after a minute.
    ...[2, 3, 4].map((every) => ({ ...refusal, every, count: 1, match: { ...match, account: 'bare' } })),
    // The venue does not tell of what goes out of this account.
    { kind: 'garbage', body: '[]', match: { account: 'drifting', path: '/sapi/v1/capital/*' } },
  ]);
  await control('binance', 'transfers', { account: 'drifting', direction: 'out', asset: 'USDT', amount: '5000' });
  const params = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' };
  await control('binance', 'outsider', { action: 'order', account: 'shared', params });
  await control('kraken', 'faults', { kind: 'delay', delayMs: latencyMs.slow, match: { path: '/0/public/Time' } });
  await Promise.all([
    desk.cloud.tick('probe-exchanges'),
    control('bybit', 'price', { symbol: 'LTCUSDT', factor: 0.85 }),
    control('bybit', 'price', { symbol: 'LINKUSDT', factor: 0.7 }),
    control('bybit', 'price', { symbol: 'DOTUSDT', factor: 1.2 }),
    order('bare', { stopLoss: { percent: '5' } }),
    ...Array.from({ length: 8 }, () => order('refused', cheap)),
  ]);
}

beforeAll(async () => {
  const sources = `demo: { authentication: [token, signing], accounts: [${accountNames.join(', ')}], defaultAccount: bare }\n`;
  const exchanges = 'binance: {}\nbybit: {}\nkraken: {}\n';
  reconciled = await startReconciledDesk({ exchanges, accounts, risk, sources }, accountNames);
  const { configured, control } = reconciled;
  await control('bybit', 'price', { symbol: 'LINKUSDT', factor: 1.6 });
  resting.refused = await configured.order('refused', { ...cheap, ...far });
  const farther = { ...far, symbol: 'BTC/USDT', price: '9500' };
  resting.losing = await configured.order('losing', { ...cheap, ...farther });
  await configured.order('jumping', { symbol: 'DOT/USDT', size: { base: '10' } });
  await reconciled.everyoneLooked();
  await bringAbout();
  await reconciled.look(accountNames);
}, 240_000);

afterAll(() => reconciled?.close());

const tripsOf = async (account: string): Promise<unknown[]> =>
  (await reconciled.readStream(`books#${account}`))
    .filter(({ type }) => type === 'breaker.tripped')
    .map(({ data }) => (data as { breaker?: string }).breaker);

describe('breakers', { shuffle: false }, () => {
  it.each(breakers)(
    '%s of the account %s sets it to %s, and a person lets it go on',
    async (name, account, state, said) => {
      const { configured } = reconciled;
      const tripped = await reconciled.becomes(
        account,
        ({ by }) => by.startsWith('breaker:'),
        shownTwice.has(name) ? lookGapMs : undefined,
      );
      expect(tripped).toMatchObject({ state, by: `breaker:${name}`, breakers: { [name]: { state: 'tripped' } } });
      expect(tripped.reason).toMatch(said);
      // From here on probes are fast again: how slow a slow one is, varies.
      if (name === 'latency') await createDeskClient(reconciled.configured.desk.cloud.ready, 'kraken').clearFaults();
      const denied = await configured.order(account, cheap);
      expect(denied).toMatchObject({ state: 'denied', cause: { code: 'switch_not_active' } });
      const [switched] = (await reconciled.readStream(`risk#${account}`)).slice(-1);
      expect(switched).toMatchObject({
        type: 'risk.switched',
        data: { state, by: `breaker:${name}`, reason: tripped.reason },
      });
      expect(await tripsOf(account)).toEqual([name]);
      await reconciled.toldOfSwitch(account, `breaker:${name}`);
      const order = resting[account];
      if (order !== undefined) {
        const ended = await soon(
          async () => (await configured.desk.records.orders()).find(({ orderId }) => orderId === order.orderId),
          (found) => found?.state !== 'open',
        );
        expect(ended).toMatchObject({
          state: 'canceled',
          cause: { message: expect.stringContaining(`breaker ${name}`) },
        });
      }
      const reason = `looked into ${name}`;
      const body = { state: 'active', reason };
      expect((await configured.desk.call('PUT', `/risk/${account}/switch`, { role: 'risk', body })).status).toBe(200);
      expect(await configured.order(account, cheap)).toMatchObject({ state: 'filled' });
    },
    testMsMax,
  );

  it(
    'do not trip again while their figures are as a person knew them',
    async () => {
      for (let count = 0; count < 2; count++) await reconciled.everyoneLooked();
      const shown = new Map((await reconciled.risks()).map((each) => [each.account, each]));
      for (const [name, account, , , later] of breakers) {
        expect(shown.get(account)).toMatchObject({ state: 'active', by: 'risk', reason: `looked into ${name}` });
        const stands = shown.get(account)?.breakers[name]?.state;
        expect(later.split(' or '), name).toContain(stands);
      }
      // Each once, and none on an account that it is not about.
      const trips = await Promise.all(accountNames.map(async (account) => [account, await tripsOf(account)] as const));
      const wanted = breakers.map(([name, account]) => [account, [name]] as const);
      expect(new Map(trips.filter(([, names]) => names.length > 0))).toEqual(new Map(wanted));
      expect([...breakers.map(([name]) => name), 'venueHealth'].sort()).toEqual([...breakerNames].sort());
      expect(await reconciled.configured.desk.records.verify()).toMatchObject({ kind: 'verified' });
    },
    testMsMax,
  );
});

it('venueHealth sets the switch of an account whose venue is silent for minutes, here by a clock that is set', async () => {
  const desk = await createReconcileDesk({ risk: { breakers: { venueHealth: { minutes: 1 } } } });
  const shown = async () => {
    const { body } = await readRisk({ ...desk, loadConfig: async () => desk.config });
    return (body as { accounts: AccountRisk[] }).accounts[0];
  };
  await desk.look();
  desk.venue.faults = { ask: () => true };
  await desk.nextLook();
  expect(await shown()).toMatchObject({ state: 'active', breakers: { venueHealth: { state: 'armed' } } });
  await desk.nextLook();
  const reason = expect.stringMatching(/has not answered for \d min, and 1 min is the most/);
  const tripped = { state: 'reducing', by: 'breaker:venueHealth', reason };
  expect(await shown()).toMatchObject({ ...tripped, breakers: { venueHealth: { state: 'tripped' } } });
  await expect(desk.place({ side: 'buy', size: '1' })).rejects.toThrow('denied');
  desk.clock.advance(1_000);
  await desk.setSwitch('active', 'risk');
  desk.clock.advance(30_000);
  await desk.look();
  expect(await shown()).toMatchObject({ state: 'active', by: 'risk', breakers: { venueHealth: { state: 'eased' } } });
  desk.venue.faults = {};
  await desk.nextLook();
  // Nothing probes this venue, so that nothing says that it is well: it stays eased.
  expect(await shown()).toMatchObject({ state: 'active', breakers: { venueHealth: { state: 'eased' } } });
  expect(await desk.place({ side: 'buy', size: '1' })).toMatchObject({ state: 'filled' });
  const types = desk.eventsOf().map(({ type }) => type);
  expect(types.filter((type) => type.startsWith('breaker.'))).toEqual(['breaker.tripped', 'breaker.eased']);
});

describe('limits under signals that come at once', () => {
  const symbols = ['BTC', 'ETH', 'BNB', 'SOL', 'XRP', 'DOGE', 'ADA', 'AVAX', 'LINK', 'DOT'].map(
    (base) => `${base}/USDT`,
  );

  /** Posts them all at once, and waits for what becomes of each. */
  async function settle(signals: readonly { account: string; symbol: string; quote: string }[]): Promise<Order[]> {
    const answers = await Promise.all(
      signals.map(({ account, symbol, quote }) => reconciled.configured.post(account, { symbol, size: { quote } })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    return reconciled.configured.desk.settle(answers.map(({ body }) => body.signalId ?? ''));
  }

  const countOf = (orders: readonly Order[]): Record<string, number> => {
    const byEnd = Map.groupBy(orders, ({ state, cause }) => [state, cause?.code].filter(Boolean).join(' '));
    return Object.fromEntries([...byEnd].map(([end, { length }]) => [end, length]));
  };

  it('of a hundred for ten markets of an account that has room for one more, exactly one passes', async () => {
    const signals = Array.from({ length: 100 }, (_, index) => ({
      ...{ account: 'limited', symbol: symbols[index % symbols.length] ?? '', quote: '600' },
    }));
    const orders = await settle(signals);
    expect(countOf(orders)).toEqual({ filled: 1, 'denied exposure_limit': 99 });
    const atVenue = await reconciled.configured.desk.simulatorOrders({ account: 'limited' });
    const passed = orders.filter(({ state }) => state === 'filled');
    expect(atVenue.map(({ clientOrderId }) => clientOrderId)).toEqual(passed.map(({ orderId }) => orderId));
  });

  it('of twenty for two accounts that share the room of their exchange, exactly one passes', async () => {
    const signals = ['first', 'second'].flatMap((account) =>
      symbols.map((symbol) => ({ account, symbol, quote: '50000' })),
    );
    const orders = await settle(signals);
    expect(countOf(orders)).toEqual({ filled: 1, 'denied venue_exposure_limit': 19 });
    const bybit = createDeskClient(reconciled.configured.desk.cloud.ready, 'bybit');
    const passed = orders.filter(({ state }) => state === 'filled');
    expect((await bybit.simulatorOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(
      passed.map(({ orderId }) => orderId),
    );
  });
});
