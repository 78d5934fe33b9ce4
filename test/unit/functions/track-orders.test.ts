import {
  type AccountId,
  amount,
  callStartMsMax,
  type IntentId,
  metricNames,
  type Order,
  type OrderEvent,
  tradesAwaitedMs,
  type VenueId,
} from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/track-orders/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { FakeVenue, inTurn } from '../../support/fake-venue.ts';
import { insertWithin } from '../../support/gates.ts';
import { btcUsdt } from '../../support/markets.ts';
import {
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  MemoryTables,
} from '../../support/memory-stores.ts';
import { cause, intent } from '../../support/orders.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const config = deskConfig();

let clock: ManualClock;
let tables: MemoryTables;
let venue: FakeVenue;
let telemetry: RecordingTelemetry;
let isListed: boolean;

beforeEach(async () => {
  clock = createManualClock();
  tables = new MemoryTables();
  venue = new FakeVenue({ clock });
  telemetry = createRecordingTelemetry();
  isListed = true;
  const risk = createMemoryRisk(tables);
  for (const key of ['*', 'main', 'second'] as (AccountId | '*')[]) await risk.ensure(key, clock.nowMs());
});

function track(deadlineMs = clock.nowMs() + 45_000) {
  return createHandler({
    loadConfig: async () => config,
    liveTrading: false,
    telemetry,
    ports: {
      orders: createMemoryOrders(tables),
      positions: createMemoryPositions(tables),
      risk: createMemoryRisk(tables),
      clock,
      findMarket: async () => (isListed ? btcUsdt : undefined),
      openVenue: async () => venue,
    },
  })(deadlineMs);
}

/** Records an order, and whatever is said to have happened to it. */
async function record(id: string, event?: OrderEvent, changes: Partial<typeof intent> = {}): Promise<void> {
  const orders = createMemoryOrders(tables);
  const recorded = { ...intent, orderId: id as IntentId, ...changes };
  const result = await insertWithin(
    orders,
    { type: 'order.intended', atMs: clock.nowMs(), intent: recorded },
    config.risk.default,
  );
  if (result.kind !== 'created') throw new Error(`not recorded: ${result.kind}`);
  if (event !== undefined) await orders.apply(result.order, event);
}

const place = (id: string) =>
  venue.placeOrder(
    { clientOrderId: id, symbol: 'BTC/USDT', side: 'buy', type: 'market', amount: amount('2') },
    btcUsdt,
  );

const unknown = (): OrderEvent => ({ type: 'order.unknown', atMs: clock.nowMs(), cause });
const stateOf = (id: string): Order['state'] | undefined => tables.orders.get(id)?.state;
const untilSettledMs = () => venue.settlingMs + callStartMsMax + 1;

describe('an order in doubt', () => {
  it('becomes what the venue shows', async () => {
    await record('nd1', unknown());
    await place('nd1');
    expect(await track()).toEqual({ looked: 1, unknown: 0, failed: 0 });
    expect(stateOf('nd1')).toBe('filled');
  });

  it('stays in doubt while something can still be under way, and is not placed after that', async () => {
    await record('nd1', unknown());
    expect(await track()).toEqual({ looked: 1, unknown: 1, failed: 0 });
    expect(telemetry.counts.get(metricNames.ordersUnknown)).toBe(1);
    clock.advance(untilSettledMs());
    expect(await track()).toEqual({ looked: 1, unknown: 0, failed: 0 });
    expect(stateOf('nd1')).toBe('not_placed');
  });

  it('is never placed again from here', async () => {
    await record('nd1', unknown());
    clock.advance(untilSettledMs());
    await track();
    expect(venue.placeCalls).toBe(0);
  });

  it('is asked about once in a run, so that one silent venue does not hold up the others', async () => {
    await record('nd1', unknown());
    let questions = 0;
    venue.faults = {
      find: () => {
        questions += 1;
        return { kind: 'no_answer' };
      },
    };
    const startedMs = clock.nowMs();
    expect(await track()).toEqual({ looked: 1, unknown: 1, failed: 0 });
    expect([questions, clock.nowMs()]).toEqual([1, startedMs]);
  });
});

describe('an order that was just recorded', () => {
  it('is left to whoever recorded it, and asked about once that can no longer be at it', async () => {
    await record('nd1');
    await place('nd1');
    clock.advance(callStartMsMax - 1);
    await track();
    expect(stateOf('nd1')).toBe('intended');
    clock.advance(1);
    await track();
    expect(stateOf('nd1')).toBe('filled');
  });
});

describe('an open order', () => {
  it('takes in what was filled since', async () => {
    venue.faults = { place: inTurn({ kind: 'partial_fill', filled: amount('0.5') }) };
    const outcome = await place('nd1');
    if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
    await record('nd1', { type: 'order.observed', atMs: clock.nowMs(), order: outcome.order });
    venue.fillRest('nd1');
    await track();
    expect(tables.orders.get('nd1')).toMatchObject({ state: 'filled', filled: '2', reserved: '0' });
    expect(tables.risk.get('main')?.reserved).toBe('0');
  });
});

describe('a run', () => {
  it('leaves other orders and accounts alone when one order fails', async () => {
    await record('nd1', unknown(), { venue: 'elsewhere' as VenueId });
    await record('nd2', unknown());
    await record('nd3', unknown(), { account: 'second' as AccountId });
    for (const id of ['nd2', 'nd3']) await place(id);
    expect(await track()).toEqual({ looked: 3, unknown: 0, failed: 1 });
    expect([stateOf('nd1'), stateOf('nd2'), stateOf('nd3')]).toEqual(['unknown', 'filled', 'filled']);
    expect(telemetry.lines.join()).toContain('order nd1 is at elsewhere');
  });

  it('fails for an order whose market is gone, rather than taking it for not placed', async () => {
    await record('nd1', unknown());
    isListed = false;
    clock.advance(untilSettledMs());
    expect(await track()).toEqual({ looked: 1, unknown: 0, failed: 1 });
    expect(stateOf('nd1')).toBe('unknown');
  });

  it('begins no order after its deadline', async () => {
    await record('nd1', unknown());
    expect(await track(clock.nowMs())).toEqual({ looked: 0, unknown: 0, failed: 0 });
  });

  it('counts zero when nothing is in doubt, and says nothing when there was nothing to do', async () => {
    expect(await track()).toEqual({ looked: 0, unknown: 0, failed: 0 });
    expect(telemetry.counts.get(metricNames.ordersUnknown)).toBe(0);
    expect(telemetry.lines).toEqual([]);
  });
});

describe('an order that has ended, and whose trades were not told with that', () => {
  /** As a venue shows it that lists trades a moment later, or that could not be asked for them. */
  const withoutTrades = async (): Promise<OrderEvent> => {
    const placed = await place('nd1');
    if (placed.kind !== 'accepted') throw new Error(placed.kind);
    return { type: 'order.observed', atMs: clock.nowMs(), order: { ...placed.order, fills: [] } };
  };
  const fillsOf = () => tables.orders.get('nd1')?.fills.map((fill) => fill.amount);

  it('is asked for them, until they are told', async () => {
    await record('nd1', await withoutTrades());
    expect([stateOf('nd1'), fillsOf()]).toEqual(['filled', []]);
    await track();
    expect([stateOf('nd1'), fillsOf()]).toEqual(['filled', ['2']]);
    expect(await track()).toEqual({ looked: 0, unknown: 0, failed: 0 });
  });

  it('is given up where they are never told', async () => {
    await record('nd1', await withoutTrades());
    venue.faults = { find: () => ({ kind: 'absent' }) };
    clock.advance(tradesAwaitedMs - 1_000);
    await track();
    expect(tables.orders.get('nd1')?.tradesGivenUp).toBeUndefined();
    clock.advance(1_000);
    await track();
    expect(tables.orders.get('nd1')).toMatchObject({ state: 'filled', filled: '2', fills: [], tradesGivenUp: true });
    expect(await track()).toEqual({ looked: 0, unknown: 0, failed: 0 });
  });
});
