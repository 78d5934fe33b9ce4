import {
  type AccountId,
  accountOf,
  amount,
  type ConfiguredAccount,
  denyLeg,
  type ExecutionPolicy,
  executeLeg,
  intentIdOf,
  type Market,
  notional,
  type Signal,
  type SignalId,
  type SignalMessage,
  type SourceId,
  sourceOf,
  standInsFor,
  VenueError,
  type VenueId,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { FakeVenue, inTurn } from '../../support/fake-venue.ts';
import { btcUsdt } from '../../support/markets.ts';
import { createMemoryOrders, createMemoryRisk, MemoryTables } from '../../support/memory-stores.ts';

const rank = (each: 'primary' | 'secondary' | 'tertiary', group = 'spot') => ({ failover: { group, rank: each } });
const account = (exchange: string, mode = 'sandbox') => ({ exchange, mode });

const grouped = {
  exchanges: {
    first: rank('primary'),
    second: rank('secondary'),
    third: rank('tertiary'),
    apart: rank('primary', 'other'),
    alone: {},
  },
  accounts: {
    main: account('first'),
    twin: account('first'),
    third: account('third'),
    second: account('second'),
    apart: account('apart'),
    alone: account('alone'),
    live: account('second', 'live'),
    foreign: account('second'),
  },
};
const members = ['main', 'twin', 'third', 'second', 'apart', 'alone', 'live'];
const limits = { orderNotionalMax: '10', openNotionalMax: '10' };

function standIns(
  id: string,
  { failover = true, tried = [] as string[], sourceName = 'demo', exchanges = {} } = {},
): string[] {
  const config = deskConfig({
    exchanges: { ...grouped.exchanges, ...exchanges },
    accounts: grouped.accounts,
    sources: { demo: { authentication: ['token'], accounts: members, failover } },
    risk: { default: limits, accounts: { live: limits } },
  });
  const from = accountOf(config, id);
  if (from === undefined) throw new Error(`no account ${id}`);
  const source = sourceOf(config, sourceName);
  return standInsFor({ config, source, account: from, tried: tried as AccountId[] }).map((each) => each.id);
}

describe('the stand-ins of an account', () => {
  it("are its source's accounts of the same mode at the other venues of the group, by rank", () => {
    expect(standIns('main')).toEqual(['second', 'third']);
    expect(standIns('third')).toEqual(['main', 'twin', 'second']);
  });

  it.each([
    ['whose source does not allow it', standIns.bind(undefined, 'main', { failover: false })],
    ['whose source was removed', standIns.bind(undefined, 'main', { sourceName: 'gone' })],
    ['whose exchange is in no group', standIns.bind(undefined, 'alone', {})],
    ['that is the only one of its group', standIns.bind(undefined, 'apart', {})],
    ['that is live where the others are not', standIns.bind(undefined, 'live', {})],
  ])('are none for an account %s', (_, ask) => {
    expect(ask()).toEqual([]);
  });

  it('leave out those whose exchange is disabled', () => {
    expect(standIns('main', { exchanges: { second: { ...rank('secondary'), enabled: false } } })).toEqual(['third']);
  });

  it('leave out those that handed the leg on already', () => {
    expect(standIns('second', { tried: ['main', 'twin'] })).toEqual(['third']);
  });
});

const main = 'main' as AccountId;
const backup = 'backup' as AccountId;
const hourMs = 3_600_000;

let clock: ManualClock;
let tables: MemoryTables;
let venues: Record<string, FakeVenue>;
let failing: Set<string>;
let handed: { to: string; signalId: string }[];
let unlisted: Set<string>;

beforeEach(() => {
  clock = createManualClock();
  tables = new MemoryTables();
  venues = { first: new FakeVenue({ clock }), second: new FakeVenue({ clock }) };
  failing = new Set();
  handed = [];
  unlisted = new Set();
});

function at(id: AccountId, exchange: string): ConfiguredAccount {
  const exchangeConfig = { enabled: true, timeoutMs: 5_000, sandbox: false, connectionsMax: 5 };
  return { id, venue: exchange as VenueId, exchange, mode: 'sandbox', readOnlySecret: false, exchangeConfig };
}

function message(): SignalMessage {
  const signal: Signal = {
    ...{ signalId: 'sg1' as SignalId, source: 'demo' as SourceId, accounts: [main], venue: 'first' as VenueId },
    ...{ symbol: 'BTC/USDT', action: 'buy', size: { base: amount('1') }, type: 'market' },
    ...{ expiresAtMs: clock.nowMs() + hourMs, receivedAtMs: clock.nowMs() },
  };
  return { signal, account: main, leg: 0, lane: 'main:BTC/USDT' };
}

const ports = () => ({
  orders: createMemoryOrders(tables),
  risk: createMemoryRisk(tables),
  clock,
  findMarket: async (venue: VenueId): Promise<Market | undefined> => {
    if (unlisted.has(venue)) return undefined;
    if (unlisted.has(`${venue} silent`)) throw new VenueError(venue, 'timeout: no answer', { code: 'timeout' });
    return { ...btcUsdt, venue };
  },
  openVenue: async ({ venue }: ConfiguredAccount) => venues[venue] as FakeVenue,
  isVenueFailing: async (venue: VenueId) => failing.has(venue),
  handOver: async ({ signal }: SignalMessage, to: AccountId) => void handed.push({ to, signalId: signal.signalId }),
  deadlineMs: clock.nowMs() + 29_000,
  retryPauseMs: 1_000,
});

const policy = (standIn = true): ExecutionPolicy => ({
  account: at(main, 'first'),
  standIns: standIn ? [at(backup, 'second')] : [],
  limits: { quotes: ['USDT'], orderNotionalMax: notional('1000'), openNotionalMax: notional('5000') },
  liveTrading: false,
  onUnknown: 'give_up',
  expiresAtMs: clock.nowMs() + hourMs,
});

const execute = (executionPolicy = policy()) => executeLeg(message(), executionPolicy, ports());

const priceLost = (code?: string) => {
  const venue = venues.first as FakeVenue;
  venue.fetchPrice = async () => {
    throw new VenueError('first', 'no price', code === undefined ? {} : { code });
  };
};

describe('a leg whose venue is known to fail', () => {
  beforeEach(() => void failing.add('first'));

  it('is recorded as handed over before it is, and nothing is asked of its venue', async () => {
    const { order, worked } = await execute();
    expect(order).toMatchObject({ state: 'denied', failedOverTo: backup, cause: { code: 'failed_over' } });
    expect(order.cause?.message).toContain('backup at second');
    expect(worked).toBe(true);
    expect(handed).toEqual([{ to: backup, signalId: 'sg1' }]);
    expect(venues.first?.orders).toEqual([]);
  });

  it('is handed over again when it is delivered again, to the same account, also once the venue is back', async () => {
    await execute();
    failing.clear();
    const { order, worked } = await execute();
    expect(order.failedOverTo).toBe(backup);
    expect(worked).toBe(false);
    expect(handed.map(({ to }) => to)).toEqual([backup, backup]);
    expect(venues.first?.orders).toEqual([]);
  });

  it('is handed over again even when its own account was removed meanwhile', async () => {
    await execute();
    const cause = { code: 'account_not_configured', message: 'removed' };
    const { order, worked } = await denyLeg(message(), cause, ports());
    expect([order.failedOverTo, worked, handed.length]).toEqual([backup, false, 2]);
  });

  it.each([
    ['has no stand-in', () => policy(false), () => undefined],
    ['has one whose venue fails as well', policy, () => void failing.add('second')],
    ['has one whose venue does not list the symbol', policy, () => void unlisted.add('second')],
    ['has one whose venue cannot be asked for the symbol', policy, () => void unlisted.add('second silent')],
  ])('goes to its venue all the same when it %s', async (_, makePolicy, arrange) => {
    arrange();
    const { order } = await execute(makePolicy());
    expect(order.state).toBe('filled');
    expect(handed).toEqual([]);
  });

  it('stays where it is when it was recorded before, whatever became of it', async () => {
    failing.clear();
    const venue = venues.first as FakeVenue;
    venue.faults = { place: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    expect((await execute()).order.state).toBe('unknown');
    failing.add('first');
    expect((await execute()).order.state).toBe('unknown');
    expect(handed).toEqual([]);
  });

  it('is not handed over when somebody else recorded the order first', async () => {
    const racing = ports();
    const orders = racing.orders;
    failing.clear();
    const slow = { ...racing, orders: { ...orders, get: async () => undefined } };
    await execute();
    failing.add('first');
    const { order } = await executeLeg(message(), policy(), slow);
    expect(order).toMatchObject({ orderId: intentIdOf('sg1' as SignalId, main), state: 'filled' });
    expect(handed).toEqual([]);
  });
});

describe('a leg whose venue does not answer', () => {
  it('is handed over before anything was recorded', async () => {
    priceLost('timeout');
    const { order } = await execute();
    expect(order).toMatchObject({ state: 'denied', failedOverTo: backup });
    expect(handed).toHaveLength(1);
  });

  it.each([
    ['without a stand-in', () => policy(false), 'timeout'],
    ['that answered, though not with a price', policy, undefined],
    ['whose stand-in fails as well', policy, 'timeout'],
  ])('is tried again later %s', async (label, makePolicy, code) => {
    if (label.includes('fails')) failing.add('second');
    priceLost(code);
    await expect(execute(makePolicy())).rejects.toThrow('no price');
    expect(handed).toEqual([]);
    expect(tables.orders.size).toBe(0);
  });

  it('is denied first where it may not trade at all', async () => {
    failing.add('first');
    const stale = { ...policy(), expiresAtMs: clock.nowMs() - 1 };
    expect((await execute(stale)).order.cause?.code).toBe('stale_signal');
    expect(handed).toEqual([]);
  });
});
