import {
  type AccountId,
  amount,
  configSchemas,
  type DeskConfig,
  type IntentId,
  type MetricName,
  metricNames,
  type Order,
  price,
  type VenueOrder,
  type VenueOrderId,
} from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/track-orders/handler.ts';
import { beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { FakeVenue } from '../../support/fake-venue.ts';
import { insertWithin } from '../../support/gates.ts';
import { btcUsdt } from '../../support/markets.ts';
import {
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  MemoryTables,
} from '../../support/memory-stores.ts';
import { cause, intent } from '../../support/orders.ts';

const minuteMs = 60_000;
const limits = { orderNotionalMax: '1000', openNotionalMax: '9999999' };
const config: DeskConfig = {
  exchanges: { fake: { enabled: true, timeoutMs: 5_000, sandbox: false, connectionsMax: 5, risingNonces: false } },
  accounts: { main: { exchange: 'fake', mode: 'sandbox', readOnlySecret: false } },
  sources: {},
  risk: configSchemas.risk.parse({ default: limits }),
  notifications: { channels: {} },
  collection: configSchemas.collection.parse(undefined),
};

let clock: ManualClock;
let tables: MemoryTables;
let venue: FakeVenue;
let counts: Map<MetricName, number>;
let asked: Map<string, number>;

beforeEach(() => {
  clock = createManualClock();
  tables = new MemoryTables();
  asked = new Map();
  counts = new Map();
  const count = (id: string) => void asked.set(id, (asked.get(id) ?? 0) + 1);
  venue = new FakeVenue({ clock, faults: { find: ({ clientOrderId }) => void count(clientOrderId) } });
});

/** An order that rests at the venue as far as the desk knows. */
async function rest(id: string): Promise<Order> {
  const orders = createMemoryOrders(tables);
  const risk = createMemoryRisk(tables);
  for (const key of ['*', 'main' as AccountId] as const) await risk.ensure(key, clock.nowMs());
  const order = { ...intent, orderId: id as IntentId, type: 'limit' as const, price: price('1') };
  const inserted = await insertWithin(
    orders,
    { type: 'order.intended', atMs: clock.nowMs(), intent: order },
    config.risk.default,
  );
  if (inserted.kind !== 'created') throw new Error(`not recorded: ${inserted.kind}`);
  const seen: VenueOrder = {
    ...{ venueOrderId: `v-${id}` as VenueOrderId, clientOrderId: id, status: 'open', filled: amount('0'), fills: [] },
  };
  return orders.apply(inserted.order, { type: 'order.observed', atMs: clock.nowMs(), order: seen });
}

const placeAtVenue = (id: string) =>
  venue.placeOrder(
    { clientOrderId: id, symbol: 'BTC/USDT', side: 'buy', type: 'limit', amount: amount('6'), price: price('1') },
    btcUsdt,
  );

function run() {
  const track = createHandler({
    loadConfig: async () => config,
    liveTrading: false,
    telemetry: {
      info: () => {},
      failure: () => {},
      count: (name, value = 1) => void counts.set(name, value),
      duration: () => {},
      percent: () => {},
      flush: () => {},
    },
    ports: {
      orders: createMemoryOrders(tables),
      positions: createMemoryPositions(tables),
      risk: createMemoryRisk(tables),
      clock,
      findMarket: async () => btcUsdt,
      openVenue: async () => venue,
    },
  });
  return track(clock.nowMs() + 45_000);
}

it('leaves no order unasked for ever, however many rest at the venue', async () => {
  const ids = Array.from({ length: 1_100 }, (_, index) => `nd${String(index).padStart(4, '0')}`);
  for (const id of ids) await rest(id);
  for (let turn = 0; turn < 12; turn++) {
    await run();
    clock.advance(minuteMs);
  }
  expect(ids.filter((id) => !asked.has(id))).toEqual([]);
});

it('asks about orders in doubt before those that rest', async () => {
  for (let index = 0; index < 600; index++) await rest(`nd${String(index).padStart(4, '0')}`);
  clock.advance(minuteMs);
  const orders = createMemoryOrders(tables);
  const inserted = await insertWithin(
    orders,
    { type: 'order.intended', atMs: clock.nowMs(), intent: { ...intent, orderId: 'nddoubt' as IntentId } },
    config.risk.default,
  );
  if (inserted.kind !== 'created') throw new Error(`not recorded: ${inserted.kind}`);
  await orders.apply(inserted.order, { type: 'order.unknown', atMs: clock.nowMs(), cause });
  await run();
  expect(asked.get('nddoubt')).toBe(1);
});

it('counts an open order that the venue does not tell about, so that somebody looks', async () => {
  await rest('nd1');
  await placeAtVenue('nd1');
  await run();
  expect(counts.get(metricNames.ordersUnknown)).toBe(0);
  venue.faults = { find: () => ({ kind: 'no_answer' }) };
  await run();
  expect(counts.get(metricNames.ordersUnknown)).toBe(1);
  venue.faults = { find: () => ({ kind: 'absent' }) };
  await run();
  expect(counts.get(metricNames.ordersUnknown)).toBe(1);
});
