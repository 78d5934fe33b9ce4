/** Legs that are about a position: targets, closes and reversals, with what protects them. */
import {
  type AccountId,
  amount,
  type ExecutionPolicy,
  type ExitPlan,
  executeLeg,
  type Market,
  notional,
  type Order,
  price,
  type Signal,
  type SignalId,
  type SignalMessage,
  type SourceId,
  type VenueId,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { FakeVenue, inTurn } from '../../support/fake-venue.ts';
import { gateLimits, noBooks } from '../../support/gates.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import {
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  MemoryTables,
} from '../../support/memory-stores.ts';
import fc from '../../support/property.ts';

const main = 'main' as AccountId;
const hourMs = 3_600_000;

let clock: ManualClock;
let tables: MemoryTables;
let venue: FakeVenue;
let count = 0;

beforeEach(() => {
  limits = gateLimits({ quotes: ['USDT'], orderNotionalMax: notional('100000'), openNotionalMax: notional('500000') });
  clock = createManualClock();
  tables = new MemoryTables();
  venue = new FakeVenue({ clock });
});

let limits: ReturnType<typeof gateLimits>;

const policy = (): ExecutionPolicy => ({
  account: {
    ...{ id: main, venue: 'fake' as VenueId, exchange: 'fake', mode: 'sandbox', readOnlySecret: false },
    exchangeConfig: { enabled: true, timeoutMs: 5_000, sandbox: false, connectionsMax: 5, risingNonces: false },
  },
  limits,
  ...{ liveTrading: false, onUnknown: 'give_up', standIns: [], expiresAtMs: clock.nowMs() + hourMs },
});

const signalOn = ({ symbol }: Market, change: Partial<Signal>): SignalMessage => ({
  signal: {
    ...{ signalId: `sg${++count}` as SignalId, source: 'demo' as SourceId, accounts: [main], venue: 'fake' as VenueId },
    ...{ symbol, type: 'market', expiresAtMs: clock.nowMs() + hourMs, receivedAtMs: clock.nowMs() },
    ...change,
  },
  ...{ account: main, leg: 0, lane: `main:${symbol}` },
});

const execute = (message: SignalMessage, market: Market) =>
  executeLeg(message, policy(), {
    orders: createMemoryOrders(tables),
    risk: createMemoryRisk(tables),
    positions: createMemoryPositions(tables),
    books: noBooks,
    clock,
    findMarket: async () => market,
    openVenue: async () => venue,
    isVenueFailing: async () => false,
    handOver: async () => {
      throw new Error('nothing here is handed over');
    },
    ...{ deadlineMs: clock.nowMs() + 29_000, retryPauseMs: 4_000 },
  });

const aim = (target: 'long' | 'short' | 'flat', size?: string, market = btcUsdtPerpetual) =>
  execute(signalOn(market, { target, ...(size !== undefined && { size: { base: amount(size) } }) }), market);

const held = async (): Promise<string> => {
  const [position] = await venue.fetchPositions([btcUsdtPerpetual]);
  return position === undefined ? 'flat' : `${position.side} ${position.amount}`;
};
const ordersOf = (role: Order['role']) => [...tables.orders.values()].filter((order) => order.role === role);

describe('a target', () => {
  it('opens, is content when it is there, adds the difference, and goes back to flat', async () => {
    expect((await aim('long', '2')).order).toMatchObject({ state: 'filled', side: 'buy', amount: '2' });
    expect((await aim('long', '2')).order).toMatchObject({ state: 'no_order', cause: { code: expect.any(String) } });
    expect((await aim('long', '3')).order).toMatchObject({ state: 'filled', side: 'buy', amount: '1' });
    expect((await aim('flat')).order).toMatchObject({ state: 'filled', side: 'sell', amount: '3', reduceOnly: true });
    expect(await held()).toBe('flat');
    expect((await aim('flat')).order).toMatchObject({ state: 'no_order' });
    expect(venue.orders).toHaveLength(3);
  });

  it('against the position closes it, then opens the other side, as two orders', async () => {
    await aim('long', '2');
    const { order } = await aim('short', '1');
    expect(order).toMatchObject({ state: 'filled', side: 'sell', amount: '1' });
    expect(ordersOf('reduce')).toMatchObject([{ state: 'filled', side: 'sell', amount: '2', reserved: '0' }]);
    expect(await held()).toBe('short 1');
  });

  it('does not open where what closes was not filled, and says so', async () => {
    await aim('long', '2');
    venue.faults = {
      place: inTurn({ kind: 'reject', evidence: { code: 'market_closed', message: 'closed for now' } }),
    };
    const { order } = await aim('short', '1');
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'reversal_incomplete' } });
    expect(order.cause?.message).toMatch(/closed for now/);
    expect(await held()).toBe('long 2');
  });

  it('is delivered again while what closes is in doubt, and ends with one order of each', async () => {
    await aim('long', '2');
    venue.faults = { place: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    const reversal = signalOn(btcUsdtPerpetual, { target: 'short', size: { base: amount('1') } });
    // The position shows that it was closed, so the way is clear although the order itself is still in doubt.
    await execute(reversal, btcUsdtPerpetual).catch(() => undefined);
    venue.faults = {};
    const { order } = await execute(reversal, btcUsdtPerpetual);
    expect(order).toMatchObject({ state: 'filled', side: 'sell', amount: '1' });
    expect(venue.orders).toHaveLength(3);
    expect(await held()).toBe('short 1');
  });

  it('refuses to open without a size, and to be short on spot', async () => {
    expect((await aim('long')).order).toMatchObject({ state: 'denied', cause: { code: 'size_missing' } });
    expect(venue.placeCalls).toBe(0);
  });
});

describe('a close', () => {
  it('sells on spot what the desk has bought, and nothing that was there before', async () => {
    const buy = signalOn(btcUsdt, { action: 'buy', size: { base: amount('2') } });
    await execute(buy, btcUsdt);
    const { order } = await execute(signalOn(btcUsdt, { action: 'close' }), btcUsdt);
    expect(order).toMatchObject({ state: 'filled', side: 'sell', amount: '2', reserved: '0' });
    expect((await execute(signalOn(btcUsdt, { action: 'close' }), btcUsdt)).order.state).toBe('no_order');
  });

  it('ends a position whose worth nothing tells, and opens none', async () => {
    await aim('long', '2');
    limits = gateLimits({ quotes: ['EUR'] });
    expect((await aim('long', '3')).order).toMatchObject({ state: 'denied', cause: { code: 'quote_without_limit' } });
    const half = signalOn(btcUsdtPerpetual, { action: 'sell', size: { percentPosition: '50' } });
    expect((await execute(half, btcUsdtPerpetual)).order).toMatchObject({ state: 'filled', side: 'sell', amount: '1' });
    expect((await aim('flat')).order).toMatchObject({ state: 'filled', side: 'sell', amount: '1' });
  });

  it('passes a switch that only lets positions shrink, which stops what opens', async () => {
    await aim('long', '2');
    const risk = createMemoryRisk(tables);
    await risk.setSwitch(main, { state: 'reducing', reason: 'test', by: 'risk', atMs: clock.nowMs() });
    expect((await aim('long', '3')).order).toMatchObject({ state: 'denied', cause: { code: 'switch_not_active' } });
    expect((await aim('flat')).order).toMatchObject({ state: 'filled', side: 'sell' });
    await risk.setSwitch(main, { state: 'halted', reason: 'test', by: 'risk', atMs: clock.nowMs() });
    expect((await aim('flat')).order.state).toBe('no_order');
  });
});

describe('protection', () => {
  const exitPlan: ExitPlan = {
    takeProfits: [{ level: { percent: '10' }, portion: '0.5' }],
    stopLoss: { level: { percent: '5' } },
    onFailure: 'keep',
  };
  const open = (market: Market) =>
    execute(signalOn(market, { action: 'buy', size: { base: amount('2') }, exitPlan }), market);

  it.each([
    ['a contract has both exits at the venue', btcUsdtPerpetual, ['stop_loss', 'take_profit']],
    ['spot has the stop, which alone can hold the coins', btcUsdt, ['stop_loss']],
  ])('is placed with the order: %s', async (_name, market, roles) => {
    const { order } = await open(market);
    expect(order).toMatchObject({ state: 'filled', exits: { state: 'protected' } });
    const exits = [...tables.orders.values()].filter(({ parentId }) => parentId === order.orderId);
    expect(exits.map(({ role }) => role).sort()).toEqual(roles);
    expect(exits.every(({ state, reduceOnly }) => state === 'open' && reduceOnly === true)).toBe(true);
  });

  it.each([
    ['a contract', btcUsdtPerpetual],
    ['spot', btcUsdt],
  ])('ends with the position when a signal closes it: %s', async (_name, market) => {
    const { order: entry } = await open(market);
    clock.advance(60_000);
    const { order } = await execute(signalOn(market, { action: 'close' }), market);
    expect(order).toMatchObject({ state: 'filled', side: 'sell', amount: '2' });
    expect(tables.orders.get(entry.orderId)?.exits?.state).toBe('done');
    expect(venue.orders.filter(({ status }) => status === 'open')).toEqual([]);
  });

  it('that a venue does not take is told of on the order, and the order is done all the same', async () => {
    const refused = { kind: 'reject', evidence: { code: 'invalid_order', message: 'no stops today' } } as const;
    venue.faults = { place: ({ type }) => (type === 'market' ? undefined : refused) };
    const { order } = await open(btcUsdtPerpetual);
    expect(order).toMatchObject({ state: 'filled', exits: { state: 'failed' } });
  });
});

describe('a cancel', () => {
  it('ends what rests in its market and is recorded as a leg of its own', async () => {
    const limit = { type: 'limit', price: price('90') } as const;
    const { order: resting } = await execute(
      signalOn(btcUsdt, { action: 'buy', size: { base: amount('1') }, ...limit }),
      btcUsdt,
    );
    expect(resting.state).toBe('open');
    const { order } = await execute(signalOn(btcUsdt, { action: 'cancel' }), btcUsdt);
    expect(order).toMatchObject({ state: 'no_order', cause: { code: expect.stringMatching(/cancel/) } });
    expect(tables.orders.get(resting.orderId)).toMatchObject({ state: 'canceled', reserved: '0' });
  });
});

describe('any sequence of targets', () => {
  it('ends where the last one wanted it, with at most one order per leg and step', async () => {
    const targets = fc.array(
      fc.record({
        target: fc.constantFrom('long' as const, 'short' as const, 'flat' as const),
        size: fc.integer({ min: 2, max: 40 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(targets, async (steps) => {
        tables = new MemoryTables();
        venue = new FakeVenue({ clock });
        for (const { target, size } of steps) await aim(target, target === 'flat' ? undefined : String(size));
        const last = steps.at(-1);
        expect(await held()).toBe(
          last === undefined || last.target === 'flat' ? 'flat' : `${last.target} ${last.size}`,
        );
        const ids = venue.orders.map(({ request }) => request.clientOrderId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 60 },
    );
  });
});
