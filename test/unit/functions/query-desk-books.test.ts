import {
  type AccountId,
  amount,
  type Books,
  type DeskConfig,
  type Difference,
  limitsOf,
  notional,
  type PositionRow,
  price,
  type RiskState,
  type VenueId,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/query-desk/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { equityMarks, newBooks } from '../../support/books.ts';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryBooks } from '../../support/memory-books.ts';
import { createMemoryCoordination } from '../../support/memory-coordination.ts';
import {
  createMemoryJournal,
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  createMemorySignals,
  MemoryTables,
} from '../../support/memory-stores.ts';
import { callDesk, roleSecrets, secretsPrefix } from './desk-caller.ts';

let clock: ManualClock;
let tables: MemoryTables;
let config: DeskConfig;

beforeEach(() => {
  clock = createManualClock();
  tables = new MemoryTables();
  config = deskConfig();
});

/** What the tests look into; the rest they compare. */
interface Entry extends Record<string, unknown> {
  sinceMs?: number;
  balances?: { asset: string }[];
  days?: { day: string }[];
  breakers?: Record<string, unknown>;
  use?: Record<string, unknown>;
}

interface Body {
  accounts: Entry[];
  positions: Entry[];
  sources: unknown;
  all: { modes?: unknown };
  modes: Record<string, unknown>;
  error: { code: string; issues: { path: string; message: string }[] };
}

const ask = async (route: string, query: Record<string, string> = {}) => {
  const handler = createHandler({
    ...{ health: {}, clock, secretsPrefix, secrets: roleSecrets(), loadConfig: async () => config },
    signals: createMemorySignals(tables),
    orders: createMemoryOrders(tables),
    positions: createMemoryPositions(tables),
    journal: createMemoryJournal(tables),
    risk: createMemoryRisk(tables),
    books: createMemoryBooks(tables),
    coordination: createMemoryCoordination(),
    catalog: { list: async () => [], describe: () => Promise.reject(new Error('not asked')) },
  });
  const answer = await callDesk(handler, { routeKey: `GET ${route}`, role: 'viewer', query });
  return answer as { status: number; body: Body };
};

const keep = (change: Partial<Books> = {}) =>
  createMemoryBooks(tables).save({ books: newBooks({ venue: 'fake' as VenueId, ...change }), events: [] });

const held = (asset: string, total: string, worth?: string): Books['balances'][number] => ({
  ...{ wallet: 'spot', asset, total: amount(total) },
  ...(worth !== undefined && { worth: notional(worth) }),
});
const assetsOf = (body: Body) => body.accounts[0]?.balances?.map(({ asset }) => asset);

describe('balances', () => {
  it('are those of every account, valued, as its venue told them last', async () => {
    await keep();
    const { status, body } = await ask('/balances');
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ currency: 'USD', dustBelow: '1' },
      accounts: [
        {
          ...{ account: 'main', venue: 'fake', mode: 'sandbox', status: 'agrees', answeredAtMs: 60_000 },
          ...{ currency: 'USD', equity: '10000', unrealizedPnl: '0', hidden: 0, margins: [], unvalued: [] },
          balances: newBooks().balances,
        },
        { account: 'second', venue: 'fake', mode: 'sandbox', status: 'not_reconciled' },
      ],
    });
  });

  const balances = [
    held('USDT', '1', '1'),
    held('DUST', '5', '0.99'),
    held('ZERO', '0', '0'),
    held('ODD', '3'),
    held('DEBT', '-2', '-50'),
    { ...held('LOAN', '0', '0'), borrowed: amount('0.1') },
    { ...held('CLEAN', '0', '0'), borrowed: zeroAmount },
  ];

  it('leave out zero and dust, but not what is owed nor what nothing values', async () => {
    await keep({ balances, unvalued: ['ODD'] });
    const { body } = await ask('/balances', { account: 'main' });
    expect(assetsOf(body)).toEqual(['USDT', 'ODD', 'DEBT', 'LOAN']);
    expect(body.accounts[0]).toMatchObject({ hidden: 3, unvalued: ['ODD'] });
  });

  it('are all there on demand', async () => {
    await keep({ balances });
    expect(assetsOf((await ask('/balances', { all: 'true' })).body)).toHaveLength(7);
    expect(assetsOf((await ask('/balances', { all: 'false' })).body)).toHaveLength(4);
  });

  it('can be asked for by wallet, with its margin', async () => {
    const futures = { ...held('USDT', '500', '500'), wallet: 'futures' };
    const margins = [{ wallet: 'spot' }, { wallet: 'futures', used: notional('100'), free: notional('400') }];
    await keep({ balances: [...balances, futures], margins });
    const { body } = await ask('/balances', { wallet: 'futures', account: 'main' });
    expect(body.accounts[0]).toMatchObject({ balances: [futures], hidden: 0, margins: [margins[1]] });
  });

  it('tell no equity where none could be found', async () => {
    const { marks: _marks, ...rest } = newBooks({ venue: 'fake' as VenueId });
    await createMemoryBooks(tables).save({ books: rest, events: [] });
    expect((await ask('/balances')).body.accounts[0]).not.toHaveProperty('equity');
  });
});

const difference = (change: Partial<Difference>): Difference => ({
  ...{ id: 'drift:spot:BTC', kind: 'drift', subject: 'BTC', amount: amount('-0.1'), worth: notional('5000') },
  ...{ firstSeenMs: 40_000, looks: 2, state: 'confirmed', message: '0.1 BTC are missing' },
  ...change,
});

describe('reconciliation', () => {
  const read = async () => (await ask('/reconciliation')).body.accounts[0];

  it('of an account that agrees tells when its venue was asked, and nothing differs', async () => {
    await keep();
    clock.advance(60_000 + 90_500 - clock.nowMs());
    expect(await read()).toEqual({
      ...{ account: 'main', venue: 'fake', mode: 'sandbox', status: 'agrees', currency: 'USD' },
      ...{ checkedAtMs: 60_000, answeredAtMs: 60_000, answerAgeSeconds: 90, unansweredLooks: 0 },
      ...{ differences: [], unvalued: [], breakers: {} },
    });
  });

  it('of an account that differs tells since when, by what is confirmed', async () => {
    const suspected = difference({ id: 'drift:spot:ETH', firstSeenMs: 10_000, state: 'suspected', looks: 1 });
    const later = difference({ id: 'outsider_order:7', kind: 'outsider_order', firstSeenMs: 50_000 });
    await keep({ status: 'differs', differences: [suspected, later, difference({})] });
    expect(await read()).toMatchObject({ status: 'differs', sinceMs: 40_000, differences: [suspected, later, {}] });
    expect((await read())?.sinceMs).toBe(40_000);
  });

  it('of an account whose venue does not answer tells since when, and why', async () => {
    const cause = { code: 'timeout', message: 'no answer in 5 s' } as const;
    await keep({ status: 'unanswered', checkedAtMs: 180_000, unansweredLooks: 2, cause });
    expect(await read()).toMatchObject({ status: 'unanswered', sinceMs: 60_000, unansweredLooks: 2, cause });
  });

  it('of an account without a look says so, and is no agreement', async () => {
    expect(await read()).toEqual({
      ...{ account: 'main', venue: 'fake', mode: 'sandbox', status: 'not_reconciled' },
      ...{ differences: [], breakers: {} },
    });
  });

  it('shows breakers that are configured, and those that tripped before they were taken out', async () => {
    config = deskConfig({ risk: { breakers: { drift: { limit: '100' }, outsider: { action: 'halted' } } } });
    const tripped = { state: 'tripped', value: '5000', atMs: 60_000, message: '5000 above 100' } as const;
    await keep({ breakers: { drift: tripped, latency: { state: 'eased', value: '900', atMs: 1 } } });
    expect((await read())?.breakers).toEqual({
      drift: { limit: '100', action: 'halted', cancelOrders: false, ...tripped },
      outsider: { action: 'halted', cancelOrders: false, state: 'armed' },
      latency: { state: 'eased', value: '900', atMs: 1 },
    });
  });
});

describe('a parameter of these', () => {
  it.each([
    ['/balances', 'all', 'yes', 'must be true or false'],
    ['/balances', 'wallet', '', expect.any(String)],
    ['/balances', 'symbol', 'BTC/USDT', expect.any(String)],
    ['/balances', 'account', 'nobody', 'must be one of main, second'],
    ['/reconciliation', 'account', 'constructor', 'must be one of main, second'],
    ['/reconciliation', 'all', 'true', expect.any(String)],
    ['/pnl', 'days', '0', expect.any(String)],
    ['/pnl', 'days', '367', expect.any(String)],
    ['/pnl', 'days', 'many', 'must be a whole number from 1 to 366'],
    ['/pnl', 'account', '', expect.any(String)],
  ])('%s is refused with %s=%s', async (route, path, value, message) => {
    const { status, body } = await ask(route, { [path]: value });
    expect(status).toBe(400);
    const [issue] = body.error.issues;
    expect(body.error.code).toBe('invalid_request');
    expect(issue?.path === '' ? issue.message : issue?.path).toContain(path);
    expect(issue?.message).toEqual(message);
  });
});

describe('profit and loss', () => {
  it('is that of every account and of each mode, with the days of it', async () => {
    const books = await keep();
    const days = ['2026-11-19', '2026-11-20', '2026-11-21'].map((day) => ({ day, marks: equityMarks({ day }) }));
    let saved = books;
    for (const day of days) saved = await createMemoryBooks(tables).save({ books: saved, events: [], day });
    const { status, body } = await ask('/pnl', { days: '2' });
    expect(status).toBe(200);
    expect(body.accounts).toMatchObject([{ account: 'main', mode: 'sandbox', equity: '10000' }, { account: 'second' }]);
    expect(body.accounts[0]?.days?.map(({ day }) => day)).toEqual(['2026-11-21', '2026-11-20']);
    expect(body.modes).toMatchObject({ sandbox: { accountCount: 2 } });
    expect((await ask('/pnl', { account: 'main' })).body.modes.sandbox).toMatchObject({ equity: '10000' });
  });
});

describe('a position', () => {
  const row = (symbol: string, quantity: string, cost: string): PositionRow => ({
    ...{ account: 'main' as AccountId, venue: 'fake' as VenueId, symbol, quantity: amount(quantity) },
    ...{ cost: notional(cost), unpriced: zeroAmount, realizedPnl: zeroNotional, unpricedClosed: zeroAmount, fees: {} },
    ...{ version: 1, journalHash: '', updatedAtMs: 1 },
  });
  const hold = (position: PositionRow) => void tables.positions.set(`${position.account} ${position.symbol}`, position);
  const atVenue = {
    ...{ side: 'long' as const, amount: amount('2'), contracts: amount('2'), wallet: 'futures' },
    ...{ entryPrice: price('100'), markPrice: price('110'), liquidationPrice: price('55'), leverage: '2' },
    ...{ unrealizedPnl: amount('20'), worth: notional('220'), distanceToLiquidation: '50' },
  };
  const list = async () => (await ask('/positions')).body.positions;

  it('in a contract is shown with what its venue says of it', async () => {
    hold(row('BTC/USDT:USDT', '2', '200'));
    await keep({ positions: [{ symbol: 'BTC/USDT:USDT', ...atVenue }] });
    expect(await list()).toEqual([
      expect.objectContaining({ quantity: '2', averageEntry: '100', atVenue: { ...atVenue, answeredAtMs: 60_000 } }),
    ]);
    expect((await list())[0]?.unrealizedPnl).toBe('20');
  });

  it('is not shown with a position of the other side', async () => {
    hold(row('BTC/USDT:USDT', '-2', '200'));
    await keep({ positions: [{ symbol: 'BTC/USDT:USDT', ...atVenue }] });
    expect((await list())[0]).not.toHaveProperty('atVenue');
  });

  it('on spot has its open profit by the prices of the last look', async () => {
    hold(row('BTC/USDT', '0.1', '4000'));
    await keep();
    expect((await list())[0]).toMatchObject({ averageEntry: '40000', unrealizedPnl: '1000' });
  });

  it('before the first look is shown without either', async () => {
    hold(row('BTC/USDT', '0.1', '4000'));
    const [position] = await list();
    expect(position).not.toHaveProperty('unrealizedPnl');
    expect(position).not.toHaveProperty('atVenue');
  });

  it('is shown with its funding', async () => {
    hold({ ...row('BTC/USDT:USDT', '2', '200'), funding: { USDT: amount('-0.3') } });
    expect((await list())[0]).toMatchObject({ funding: { USDT: '-0.3' } });
  });
});

describe('risk', () => {
  const first = () => ({ state: 'active', reason: 'first use', by: 'nightdesk', updatedAtMs: clock.nowMs() });
  const set = async (account: string, change: Partial<RiskState> = {}) => {
    await createMemoryRisk(tables).ensure(account as AccountId, clock.nowMs());
    tables.risk.set(account, { ...(tables.risk.get(account) as RiskState), ...change });
  };
  const figures = (equity: string) => ({
    ...{ atMs: clock.nowMs() - 30_500, equity: notional(equity) },
    ...{ dailyLoss: notional('100'), drawdown: notional('500') },
  });
  const read = async () => (await ask('/risk')).body;

  it('is shown for all and for every account, with limits and what is used of them', async () => {
    for (const account of ['*', 'main', 'second']) await set(account);
    const limits = limitsOf(config, 'main' as AccountId);
    const use = {
      ...{ openNotional: { used: '0', max: '5000' }, openOrders: { used: '0' }, exposure: { used: '0' }, assets: {} },
    };
    const account = { ...first(), limits, reserved: '0', use, breakers: {} };
    const desk = { exposure: { used: '0' }, venues: {}, assets: {} };
    expect(await read()).toEqual({
      currency: 'USD',
      all: { account: '*', ...first(), limits: config.risk.desk, modes: { sandbox: desk } },
      accounts: [
        { account: 'main', ...account },
        { account: 'second', ...account },
      ],
      sources: [],
    });
  });

  it('says so where a switch was never set', async () => {
    const { all, accounts } = await read();
    expect(all).toEqual({ account: '*', state: 'not_set', limits: config.risk.desk });
    const limits = limitsOf(config, 'main' as AccountId);
    expect(accounts[0]).toEqual({ account: 'main', state: 'not_set', limits, breakers: {} });
  });

  it('shows every limit with what is used, shares as amounts', async () => {
    const limits = {
      ...{ orderNotionalMax: '1000', openNotionalMax: '5000', openOrdersMax: 10, ordersPerMinuteMax: 60 },
      ...{ exposureMax: '30%', assetExposureMax: '2000', leverageMax: '3', dailyLossMax: '2%', drawdownMax: '700' },
    };
    config = deskConfig({ risk: { accounts: { main: limits } } });
    const minute = { minute: Math.floor(clock.nowMs() / 60_000), orders: 7 };
    const counters = { orders: '2', exposure: '1234.5', 'asset#BTC': '1234.5', 'asset#ETH': '0.00' };
    await set('main', { reserved: notional('200'), counters, minute, figures: figures('10000') });
    const [main] = (await read()).accounts;
    expect(main?.use).toEqual({
      openNotional: { used: '200', max: '5000' },
      openOrders: { used: '2', max: '10' },
      exposure: { used: '1234.5', max: '3000', limit: '30%' },
      assets: { BTC: { used: '1234.5', max: '2000' } },
      ordersThisMinute: { used: '7', max: '60' },
      leverage: { used: '0.13', max: '3' },
      dailyLoss: { used: '100', max: '202', limit: '2%' },
      drawdown: { used: '500', max: '700' },
    });
    expect(main?.figures).toEqual({ ...figures('10000'), ageSeconds: 30 });
    clock.advance(60_000);
    expect((await read()).accounts[0]?.use?.ordersThisMinute).toEqual({ used: '0', max: '60' });
  });

  it('shows no amount of a share where the equity is not known, and no room where it is below zero', async () => {
    const limits = { orderNotionalMax: '1', openNotionalMax: '1', exposureMax: '30%', leverageMax: '2' };
    config = deskConfig({ risk: { accounts: { main: limits, second: limits } } });
    await set('main');
    await set('second', { figures: figures('-5') });
    const [main, second] = (await read()).accounts;
    expect(main?.use?.exposure).toEqual({ used: '0', limit: '30%' });
    expect(second?.use?.exposure).toEqual({ used: '0', max: '0', limit: '30%' });
    for (const account of [main, second]) expect(account?.use).not.toHaveProperty('leverage');
  });

  it('shows what the accounts of each mode have at stake together', async () => {
    const other = { exchange: 'fake', mode: 'paper', paper: { balances: { USDT: '1' } } };
    config = deskConfig({
      accounts: { third: other },
      risk: { desk: { exposureMax: '50000', assetExposureMax: '10%' } },
    });
    const deskFigures = { sandbox: { atMs: clock.nowMs() - 61_000, equity: notional('20000') } };
    const counters = {
      ...{ 'sandbox:exposure': '3000', 'sandbox:venue#fake': '3000', 'sandbox:venue#gone': '0' },
      ...{ 'sandbox:asset#BTC': '3000', 'paper:exposure': '7', 'live:exposure': '1' },
    };
    await set('*', { deskFigures, counters });
    expect((await read()).all.modes).toEqual({
      sandbox: {
        figures: { ...deskFigures.sandbox, ageSeconds: 61 },
        exposure: { used: '3000', max: '50000' },
        venues: { fake: { used: '3000', max: '6000', limit: '30%' } },
        assets: { BTC: { used: '3000', max: '2000', limit: '10%' } },
      },
      paper: { exposure: { used: '7', max: '50000' }, venues: {}, assets: {} },
    });
  });

  it('shows the limits of sources, and how many orders they sent in this minute', async () => {
    const minute = { minute: Math.floor(clock.nowMs() / 60_000), orders: 3 };
    config = deskConfig({ risk: { sources: { demo: { ordersPerMinuteMax: 5, symbols: ['BTC/USDT'] } } } });
    tables.sources.set('source#demo', { minute });
    expect((await read()).sources).toEqual([
      {
        ...{ source: 'demo', limits: { ordersPerMinuteMax: 5, symbols: ['BTC/USDT'] } },
        use: { ordersThisMinute: { used: '3', max: '5' } },
      },
    ]);
    config = deskConfig({ risk: { sources: { demo: { orderNotionalMax: '7' } } } });
    expect((await read()).sources).toEqual([{ source: 'demo', limits: { orderNotionalMax: '7' } }]);
  });

  it('shows how the breakers of an account stand', async () => {
    config = deskConfig({ risk: { breakers: { drift: { limit: '100' } } } });
    await keep({ breakers: { drift: { state: 'tripped', value: '5000', atMs: 60_000 } } });
    const [main, second] = (await read()).accounts;
    expect(main?.breakers?.drift).toMatchObject({ state: 'tripped', limit: '100', value: '5000' });
    expect(second?.breakers?.drift).toMatchObject({ state: 'armed', limit: '100' });
  });
});
