import {
  type AccountId,
  amount,
  type ConfiguredAccount,
  type ExecutionPolicy,
  executeLeg,
  type Market,
  notional,
  price,
  SecretUnavailableError,
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
const hourMs = 3_600_000;
const retryPauseMs = 4_000;

type Ports = Parameters<typeof executeLeg>[2];

let clock: ManualClock;
let tables: MemoryTables;
let venue: FakeVenue;

beforeEach(() => {
  clock = createManualClock();
  tables = new MemoryTables();
  venue = new FakeVenue({ clock });
});

const mainAccount = {
  id: main,
  venue: 'fake' as VenueId,
  exchange: 'fake',
  mode: 'sandbox',
  readOnlySecret: false,
} as const;

function policy(change: Partial<ExecutionPolicy> = {}, account: Partial<ConfiguredAccount> = {}): ExecutionPolicy {
  const exchangeConfig = { enabled: true, timeoutMs: 5_000, sandbox: false, connectionsMax: 5, risingNonces: false };
  return {
    account: { ...mainAccount, exchangeConfig, ...account },
    limits: gateLimits({ quotes: ['USDT'], orderNotionalMax: notional('1000'), openNotionalMax: notional('5000') }),
    liveTrading: false,
    onUnknown: 'give_up',
    standIns: [],
    expiresAtMs: clock.nowMs() + hourMs,
    ...change,
  };
}

function message(change: Partial<Signal> = {}): SignalMessage {
  const signal: Signal = {
    ...{ signalId: 'sg1' as SignalId, source: 'demo' as SourceId, accounts: [main], venue: 'fake' as VenueId },
    ...{ symbol: 'BTC/USDT', action: 'buy', size: { base: amount('1') }, type: 'market' },
    ...{ expiresAtMs: clock.nowMs() + hourMs, receivedAtMs: clock.nowMs() },
    ...change,
  };
  return { signal, account: main, leg: 0, lane: 'main:BTC/USDT' };
}

const listed = async (): Promise<Market | undefined> => btcUsdt;

const executeWith = (ports: Partial<Ports>, executionPolicy = policy(), signalMessage = message()) =>
  executeLeg(signalMessage, executionPolicy, {
    orders: createMemoryOrders(tables),
    risk: createMemoryRisk(tables),
    positions: createMemoryPositions(tables),
    books: noBooks,
    clock,
    findMarket: listed,
    openVenue: async () => venue,
    isVenueFailing: async () => false,
    handOver: async () => {
      throw new Error('nothing here is handed over');
    },
    deadlineMs: clock.nowMs() + 29_000,
    retryPauseMs,
    ...ports,
  });

const execute = (signalMessage: SignalMessage, executionPolicy: ExecutionPolicy, findMarket = listed) =>
  executeWith({ findMarket }, executionPolicy, signalMessage);

describe('an order that only its target makes one', () => {
  it('is denied where nothing tells what its currency is worth', async () => {
    const limits = gateLimits({ quotes: ['EUR'] });
    const aim = message({ target: 'long', action: undefined } as unknown as Partial<Signal>);
    expect((await executeWith({}, policy({ limits }), aim)).order).toMatchObject({
      ...{ state: 'denied', cause: { code: 'quote_without_limit' } },
    });
    expect(venue.placeCalls).toBe(0);
  });

  it('counts among those of its source', async () => {
    await createMemoryRisk(tables).ensure('*', 1);
    await createMemoryRisk(tables).ensure(main, 1);
    const limits = { ...gateLimits(), source: { ordersPerMinuteMax: 1 } };
    const send = (id: string) => executeWith({}, policy({ limits }), message({ signalId: id as SignalId }));
    expect((await send('sg1')).order.state).toBe('filled');
    expect((await send('sg2')).order).toMatchObject({ state: 'denied', cause: { code: 'order_rate_limit' } });
  });
});

describe('an account that is at another venue by now', () => {
  const moved = () => policy({}, { venue: 'other' as VenueId, exchange: 'other' });

  it('gets no order that was meant for the first', async () => {
    const { order } = await execute(message(), moved());
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'market_unavailable' } });
    expect(venue.placeCalls).toBe(0);
  });

  it('is not asked about an order at the first, whose absence there would say nothing', async () => {
    venue.faults = { place: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    expect((await execute(message(), policy())).order.state).toBe('unknown');
    venue.faults = { find: () => ({ kind: 'absent' }) };
    clock.advance(hourMs);
    expect((await execute(message(), moved())).order.state).toBe('unknown');
  });
});

describe('placing an order again', () => {
  const again = { onUnknown: 'place_again', liveTrading: true } as const;
  const live = { mode: 'live' } as const;

  it.each([
    ['the stage has live trading off by now', { ...again, liveTrading: false }, live],
    [
      'the exchange is disabled by now',
      again,
      {
        ...live,
        exchangeConfig: { enabled: false, timeoutMs: 5_000, sandbox: false, connectionsMax: 5, risingNonces: false },
      },
    ],
  ] as const)('is not done where %s', async (_name, change, account) => {
    const risk = createMemoryRisk(tables);
    for (const key of ['*', main] as const) {
      await risk.setSwitch(key, { state: 'active', reason: 'test', by: 'risk', atMs: clock.nowMs() });
    }
    venue.faults = { place: () => ({ kind: 'fail_before_accept' }), find: () => ({ kind: 'no_answer' }) };
    expect((await execute(message(), policy(again, live))).order.state).toBe('unknown');
    venue.faults = {};
    clock.advance(60_000);
    expect((await execute(message(), policy(change, account))).order.state).toBe('not_placed');
    expect(venue.placeCalls).toBe(1);
  });
});

describe('a live account', () => {
  const live = () => policy({ liveTrading: true }, { mode: 'live' });

  it.each([
    ['', {}],
    [', also where they cannot be read ahead', { rows: () => Promise.reject(new Error('no answer')) }],
  ])('does not trade on switches that Nightdesk set while it was a sandbox%s', async (_name, change) => {
    expect((await execute(message(), policy())).order.state).toBe('filled');
    const risk = { ...createMemoryRisk(tables), ...change };
    const send = (id: string) => executeWith({ risk }, live(), message({ signalId: id as SignalId }));
    for (const [index, key] of (['*', main] as const).entries()) {
      const { order } = await send(`sg-${index}`);
      expect(order).toMatchObject({ state: 'denied', cause: { code: 'switch_not_set' } });
      await risk.setSwitch(key, { state: 'active', reason: 'goes live', by: 'risk', atMs: clock.nowMs() });
    }
    expect((await send('sg3')).order.state).toBe('filled');
  });
});

describe('a selling limit below the market', () => {
  it('reserves what it is worth, because it fills at the price of the market', async () => {
    venue.setPrice('BTC/USDT', price('2000'));
    const cheap = message({ action: 'sell', type: 'limit', price: price('10') });
    const { order } = await execute(cheap, policy());
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'order_notional_limit' } });
    expect(venue.placeCalls).toBe(0);
  });
});

describe('what can no longer be placed when its turn comes', () => {
  const inBitcoin: Market = { ...btcUsdt, symbol: 'ETH/BTC', quote: 'BTC' };
  it.each<[string, string, Partial<Signal>, Market?]>([
    ['a market that does not trade by then', 'market_unavailable', {}, { ...btcUsdt, active: false }],
    ['a currency that the limits say nothing of', 'quote_without_limit', {}, inBitcoin],
    ['a size that is worth too little by then', 'notional_below_minimum', { size: { base: amount('0.01') } }],
    ['an order that nothing tells the worth of', 'price_missing', { type: 'limit' }],
    ['an amount that nothing tells', 'price_missing', { type: 'limit', size: { quote: notional('50') } }],
    ['an order above the limit of one', 'order_notional_limit', { size: { base: amount('11') } }],
  ])('%s is denied with the reason on record', async (_name, code, change, market = btcUsdt) => {
    const { order, worked } = await execute(message(change), policy(), async () => market);
    expect(order).toMatchObject({ state: 'denied', cause: { code }, reserved: '0', attempts: 0 });
    expect([worked, venue.placeCalls]).toEqual([true, 0]);
  });

  it('a signal that is too old by then is denied, and stays denied when its message comes again', async () => {
    const late = policy({ expiresAtMs: clock.nowMs() - 1 });
    const { order } = await execute(message(), late);
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'stale_signal' } });
    expect(await execute(message(), policy())).toMatchObject({ worked: false, order: { state: 'denied' } });
  });
});

describe('an order whose market is gone', () => {
  it('is left in doubt rather than called not placed', async () => {
    venue.faults = { place: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    await execute(message(), policy());
    venue.faults = {};
    clock.advance(hourMs);
    const result = await execute(message(), policy(), async () => undefined);
    expect(result).toMatchObject({ worked: false, order: { state: 'unknown' } });
  });
});

describe('what fails before anything is recorded', () => {
  const failing = async () => {
    throw new VenueError('fake', 'maintenance: back at noon', { code: 'maintenance' });
  };
  const unusable = async () => {
    throw new SecretUnavailableError('desk/accounts/main/trading', 'is not JSON');
  };

  it('denies the leg at once where another try would not mend it, and nothing is placed', async () => {
    const { order, worked } = await executeWith({ openVenue: unusable });
    expect(order).toMatchObject({ state: 'denied', reserved: '0', attempts: 0 });
    expect(order.cause).toEqual({
      ...{ code: 'credentials_unusable', message: 'secret desk/accounts/main/trading: is not JSON' },
    });
    expect([worked, venue.placeCalls]).toEqual([true, 0]);
  });

  it('is tried again as long as that comes in time, then denies the leg for what it is', async () => {
    const inTime = policy({ expiresAtMs: clock.nowMs() + retryPauseMs });
    await expect(executeWith({ findMarket: failing }, inTime)).rejects.toThrow('back at noon');
    expect(tables.orders.size).toBe(0);
    clock.advance(1);
    const { order } = await executeWith({ findMarket: failing }, inTime);
    expect(order).toMatchObject({
      state: 'denied',
      cause: { code: 'maintenance', message: expect.stringMatching(/too old: fake: maintenance: back at noon/) },
    });
  });

  it('never denies an order that somebody else recorded meanwhile', async () => {
    const recordedMeanwhile = async () => {
      await executeWith({});
      return unusable();
    };
    const { order } = await executeWith({ openVenue: recordedMeanwhile });
    expect(order).toMatchObject({ state: 'filled' });
    expect(venue.orders).toHaveLength(1);
  });

  it('never denies an order that was recorded before: only its venue can tell what became of it', async () => {
    venue.faults = { place: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    await executeWith({});
    await expect(executeWith({ openVenue: unusable })).rejects.toThrow('is not JSON');
    expect([...tables.orders.values()]).toMatchObject([{ state: 'unknown' }]);
  });

  it('says of a signal that waited too long if its venue does not answer', async () => {
    const late = policy({ expiresAtMs: clock.nowMs() - 1 });
    const { order } = await executeWith({ isVenueFailing: async () => true }, late);
    expect(order.cause).toMatchObject({ code: 'stale_signal', message: expect.stringMatching(/fake does not answer/) });
  });
});
