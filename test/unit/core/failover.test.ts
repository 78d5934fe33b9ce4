import {
  type AccountId,
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
  VenueError,
  type VenueId,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { FakeVenue, inTurn } from '../../support/fake-venue.ts';
import { gateLimits, noBooks } from '../../support/gates.ts';
import { btcUsdt } from '../../support/markets.ts';
import {
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  MemoryTables,
} from '../../support/memory-stores.ts';

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
  positions: createMemoryPositions(tables),
  books: noBooks,
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
  limits: gateLimits({ quotes: ['USDT'], orderNotionalMax: notional('1000'), openNotionalMax: notional('5000') }),
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

describe('a delivery that comes to deny a leg', () => {
  /** Reads nothing of the order, as a delivery does that began before the other one wrote. */
  const blind = () => {
    const racing = ports();
    return { ...racing, orders: { ...racing.orders, get: async () => undefined } };
  };

  it.each([
    ['is too old by then', { expiresAtMs: 0 }, []],
    ['is for a market that has gone', {}, ['first']],
  ])('hands it over where another one has recorded that and came no further: the leg %s', async (_, change, gone) => {
    failing.add('first');
    await execute();
    failing.clear();
    handed = [];
    unlisted = new Set(gone);
    const { order } = await executeLeg(message(), { ...policy(), ...change }, blind());
    expect(order.failedOverTo).toBe(backup);
    expect(handed).toEqual([{ to: backup, signalId: 'sg1' }]);
  });

  it('hands it over all the same because its account was removed', async () => {
    failing.add('first');
    await execute();
    handed = [];
    const cause = { code: 'account_not_configured', message: 'removed' };
    expect((await denyLeg(message(), cause, blind())).order.failedOverTo).toBe(backup);
    expect(handed).toHaveLength(1);
  });
});

describe('an account that takes legs of one signal over', () => {
  const twin = 'twin' as AccountId;
  const takenFrom = (...tried: AccountId[]): SignalMessage => ({ ...message(), account: backup, tried });
  const atBackup = () => ({ ...policy(false), account: at(backup, 'first') });

  it('makes an order of each, by whichever way it came', async () => {
    const legs = [takenFrom(main), takenFrom(twin), { ...message(), account: backup }];
    for (const leg of legs) await executeLeg(leg, atBackup(), ports());
    expect(venues.first?.orders).toHaveLength(3);
    for (const leg of [takenFrom(main, twin), takenFrom(twin, main)]) await executeLeg(leg, atBackup(), ports());
    expect(venues.first?.orders).toHaveLength(3);
  });

  it('may have handed one on to an account that hands it another', async () => {
    failing.add('first');
    const own = { ...message(), account: backup };
    await executeLeg(own, { ...atBackup(), standIns: [at(twin, 'second')] }, ports());
    failing.clear();
    const { order } = await executeLeg(takenFrom(twin), atBackup(), ports());
    expect(order).toMatchObject({ account: backup, state: 'filled' });
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
