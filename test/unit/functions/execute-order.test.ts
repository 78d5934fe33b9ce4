import type { LoadDeskConfig } from '@nightdesk/aws';
import {
  type AccountId,
  amount,
  type DeskConfig,
  type MetricName,
  metricNames,
  type Signal,
  type SignalId,
  type SourceId,
  type VenueId,
} from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/execute-order/handler.ts';
import { NotYetError } from '@nightdesk/functions/shared/lane-batch.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { FakeVenue, inTurn } from '../../support/fake-venue.ts';
import { noBooks } from '../../support/gates.ts';
import { btcUsdt } from '../../support/markets.ts';
import {
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  MemoryTables,
} from '../../support/memory-stores.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const retryPauseMs = 1_000;
const deliveriesMax = 20;

let clock: ManualClock;
let tables: MemoryTables;
let venue: FakeVenue;
let failing: Set<string>;
let handedOver: [from: string, to: string][];
let telemetry: RecordingTelemetry;
/** How many orders were recorded whenever the venue was opened. */
let opened: number[];

beforeEach(() => {
  clock = createManualClock();
  tables = new MemoryTables();
  venue = new FakeVenue({ clock });
  telemetry = createRecordingTelemetry();
  failing = new Set();
  opened = [];
  handedOver = [];
});

/** @param config what there is, or how it is loaded */
function execute(
  body: unknown,
  config: DeskConfig | LoadDeskConfig = deskConfig(),
  liveTrading = false,
): Promise<void> {
  const handler = createHandler({
    loadConfig: typeof config === 'function' ? config : async () => config,
    liveTrading,
    telemetry,
    ports: {
      orders: createMemoryOrders(tables),
      positions: createMemoryPositions(tables),
      books: noBooks,
      risk: createMemoryRisk(tables),
      clock,
      findMarket: async (_venue, symbol) => (symbol === btcUsdt.symbol ? btcUsdt : undefined),
      openVenue: async () => {
        opened.push(tables.orders.size);
        return venue;
      },
      isVenueFailing: async (id) => failing.has(id),
      handOver: async (message, to) => void handedOver.push([message.account, to]),
    },
  });
  return handler(typeof body === 'string' ? body : JSON.stringify(body), {
    deadlineMs: clock.nowMs() + 29_000,
    retryPauseMs,
  });
}

/** Delivers a message again and again, as the queue does, until it is finished with. */
async function executeToTheEnd(body: unknown, config = deskConfig()): Promise<void> {
  for (let delivery = 0; delivery < deliveriesMax; delivery++) {
    const handedBack = await execute(body, config).then(
      () => false,
      (error: unknown) => error instanceof NotYetError || Promise.reject(error),
    );
    if (!handedBack) return;
    clock.advance(retryPauseMs);
  }
  throw new Error(`it is not finished with after ${deliveriesMax} deliveries`);
}

function withoutMain(): DeskConfig {
  const config = deskConfig();
  delete config.accounts.main;
  return config;
}

function message(changes: Partial<Signal> = {}) {
  const signal: Signal = {
    ...{ signalId: 'sg1' as SignalId, source: 'demo' as SourceId, accounts: ['main' as AccountId] },
    ...{ venue: 'fake' as VenueId, symbol: 'BTC/USDT', action: 'buy', size: { base: amount('1') }, type: 'market' },
    ...{ expiresAtMs: clock.nowMs() + 60_000, receivedAtMs: clock.nowMs() - 40 },
    ...changes,
  };
  return { signal, account: 'main', leg: 0, lane: 'main:BTC/USDT' };
}

const onlyOrder = () => {
  const [order, ...others] = tables.orders.values();
  expect(others).toEqual([]);
  return order;
};

describe('a message', () => {
  it('becomes an order, with what happened in the log and how long it took in the metrics', async () => {
    await execute(message());
    expect(onlyOrder()).toMatchObject({ state: 'filled', filled: '1', signalId: 'sg1', account: 'main' });
    expect(telemetry.durations).toEqual([{ name: metricNames.signalToAcceptedMs, milliseconds: 40 }]);
    expect(telemetry.lines).toEqual([
      JSON.stringify({
        ...{ message: 'order executed', orderId: onlyOrder()?.orderId, signalId: 'sg1', account: 'main' },
        ...{ symbol: 'BTC/USDT', state: 'filled' },
      }),
    ]);
  });

  it('that comes again changes nothing and is not counted again', async () => {
    await execute(message());
    await execute(message());
    expect(venue.orders).toHaveLength(1);
    expect(telemetry.counts).toEqual(new Map([[metricNames.ordersAccepted, 1]]));
  });

  it.each<[string, Partial<Signal>, Partial<FakeVenue>, MetricName, string]>([
    ['rests', { type: 'limit', price: '50' as Signal['price'] }, {}, metricNames.ordersAccepted, 'open'],
    [
      'is rejected',
      {},
      { faults: { place: inTurn({ kind: 'reject', evidence: { code: 'no_funds', message: 'none' } }) } },
      metricNames.ordersRejected,
      'rejected',
    ],
    ['is too old', { expiresAtMs: 0 }, {}, metricNames.ordersDenied, 'denied'],
    ['names no market', { symbol: 'ETH/USDT' }, {}, metricNames.ordersDenied, 'denied'],
    [
      'never arrived',
      {},
      { faults: { place: inTurn({ kind: 'fail_before_accept' }) } },
      metricNames.ordersNotPlaced,
      'not_placed',
    ],
  ])('whose order %s is counted as such', async (_name, changes, behaviour, metric, state) => {
    Object.assign(venue, behaviour);
    await executeToTheEnd(message(changes));
    expect(onlyOrder()?.state).toBe(state);
    expect([...telemetry.counts.keys()]).toEqual([metric]);
  });

  it('whose order is in doubt gives its place away while it waits for the venue’s word, and is not placed again', async () => {
    const beganAtMs = clock.nowMs();
    venue.faults = { place: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    await expect(execute(message())).rejects.toThrow(NotYetError);
    expect(onlyOrder()?.state).toBe('unknown');
    expect(clock.nowMs() - beganAtMs).toBeLessThanOrEqual(2_000);
    venue.faults = {};
    await execute(message());
    expect(onlyOrder()).toMatchObject({ state: 'filled', attempts: 1 });
    expect(venue.orders).toHaveLength(1);
    expect(telemetry.counts).toEqual(new Map([[metricNames.ordersAccepted, 1]]));
  });

  it('whose order stays unknown is finished with in the end, uncounted: track-orders goes on asking', async () => {
    const body = message();
    venue.faults = { place: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    await expect(execute(body)).rejects.toThrow(NotYetError);
    clock.advance(28_000);
    await execute(body);
    expect(onlyOrder()?.state).toBe('unknown');
    expect(telemetry.counts.size).toBe(0);
  });

  it('comes again when the venue gives no price, and leaves nothing behind', async () => {
    venue.faults = { fetchPrice: () => true };
    await expect(execute(message())).rejects.toThrow('no price');
    expect(tables.orders.size).toBe(0);
  });

  it.each<[string, () => unknown]>([
    ['that is no JSON', () => '{'],
    ['without a signal', () => ({ ...message(), signal: undefined })],
    ['with a leg that is none', () => ({ ...message(), leg: -1 })],
  ])('%s fails, so that it ends among the dead letters', async (_name, damaged) => {
    await expect(execute(damaged())).rejects.toThrow();
    expect(tables.orders.size).toBe(0);
  });
});

describe('a signal whose venue fails', () => {
  const member = (rank: string) => ({ failover: { group: 'spot', rank } });
  const grouped = (failover: boolean) =>
    deskConfig({
      exchanges: { fake: member('primary'), other: member('secondary') },
      accounts: { backup: { exchange: 'other', mode: 'sandbox' } },
      sources: { demo: { authentication: ['token'], accounts: ['main', 'backup'], failover } },
    });

  it('goes to the next account of its source, where the source allows it', async () => {
    failing.add('fake');
    await execute(message(), grouped(true));
    expect(handedOver).toEqual([['main', 'backup']]);
    expect(onlyOrder()).toMatchObject({ state: 'denied', failedOverTo: 'backup' });
    expect(venue.placeCalls).toBe(0);
    expect(telemetry.counts).toEqual(new Map([[metricNames.signalsFailedOver, 1]]));
  });

  it('stays where it is without that', async () => {
    failing.add('fake');
    await execute(message(), grouped(false));
    expect(handedOver).toEqual([]);
    expect(onlyOrder()).toMatchObject({ state: 'filled' });
  });

  it('does not come back to an account that handed it on', async () => {
    failing.add('fake');
    await execute({ ...message(), tried: ['backup'] }, grouped(true));
    expect(handedOver).toEqual([]);
    expect(onlyOrder()).toMatchObject({ state: 'filled' });
  });
});

describe('the configuration of the moment', () => {
  it('denies a message whose account was removed once its signal is too old, and reaches no venue', async () => {
    const removed = message();
    await expect(execute(removed, withoutMain())).rejects.toThrow('account main is not configured');
    expect(tables.orders.size).toBe(0);
    clock.advance(60_001);
    await execute(removed, withoutMain());
    await execute(removed, withoutMain());
    expect(onlyOrder()).toMatchObject({ state: 'denied', cause: { code: 'account_not_configured' } });
    expect(venue.placeCalls).toBe(0);
    expect(telemetry.counts).toEqual(new Map([[metricNames.ordersDenied, 1]]));
  });

  it('leaves an order as it is when its account was removed before its message came again', async () => {
    await execute(message());
    await execute(message({ expiresAtMs: 0 }), withoutMain());
    expect(onlyOrder()).toMatchObject({ state: 'filled' });
  });

  it('asks for a newer configuration when the account is not in the one it knows', async () => {
    await execute(message(), async (wanted) => (wanted?.newest ? deskConfig() : withoutMain()));
    expect(onlyOrder()).toMatchObject({ state: 'filled' });
  });

  it("follows the source's policy after a proven absence", async () => {
    const source = { authentication: ['token'], accounts: ['main'], onUnknown: 'place_again' };
    venue.faults = { place: inTurn({ kind: 'fail_before_accept' }) };
    await executeToTheEnd(message(), deskConfig({ sources: { demo: source } }));
    expect(onlyOrder()).toMatchObject({ state: 'filled', attempts: 2 });
  });

  it('gives up after a proven absence when the source is gone', async () => {
    const config = deskConfig();
    delete config.sources.demo;
    venue.faults = { place: inTurn({ kind: 'fail_before_accept' }) };
    await executeToTheEnd(message(), config);
    expect(onlyOrder()).toMatchObject({ state: 'not_placed', attempts: 1 });
  });

  it('denies what a live account asks for while the stage has live trading off', async () => {
    const limits = { orderNotionalMax: '1000', openNotionalMax: '5000', exposureMax: '9%', dailyLossMax: '9%' };
    const config = deskConfig({
      accounts: { main: { exchange: 'fake', mode: 'live' } },
      risk: { accounts: { main: limits } },
    });
    await execute(message(), config);
    expect(onlyOrder()).toMatchObject({ state: 'denied', cause: { code: 'live_trading_off' } });
    expect(venue.placeCalls).toBe(0);
    // Nor were its keys read, which opening the venue takes.
    expect(opened).toEqual([]);
  });
});
