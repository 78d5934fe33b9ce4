import {
  amount,
  type Intent,
  type IntentId,
  notional,
  type Order,
  type OrderEvent,
  price,
  VenueError,
  type VenueId,
} from '@nightdesk/core';
import { createAdaptiveHandler, createHandler, type Track } from '@nightdesk/functions/track-orders/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryRisk } from '../../support/memory-stores.ts';
import { OrderLab } from '../../support/order-lab.ts';
import { cause, intent } from '../../support/orders.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let lab: OrderLab;
let telemetry: RecordingTelemetry;

beforeEach(() => {
  lab = new OrderLab();
  telemetry = createRecordingTelemetry();
});

const make = (create: typeof createHandler): Track =>
  create({ loadConfig: async () => deskConfig(), liveTrading: false, telemetry, ports: lab.ports() });
const track = () => make(createHandler)(lab.clock.nowMs() + 45_000);
const trackOn = (lastsMs = 45_000) => make(createAdaptiveHandler)(lab.clock.nowMs() + lastsMs);
const callsOf = (name: string) => lab.calls.get(name) ?? 0;
const stateOf = (id: string) => lab.stored(id).state;

const rest = (id: string, changes: Partial<Intent> = {}) =>
  lab.place({ orderId: id as IntentId, type: 'limit', price: price('90'), ...changes });
const waiting = (changes: Partial<Intent> = {}) =>
  lab.record({ type: 'stop', triggerPrice: price('110'), handling: 'emulated', ...changes });
const unknown = (): OrderEvent => ({ type: 'order.unknown', atMs: lab.clock.nowMs(), cause });

describe('a trigger that Nightdesk watches', () => {
  it('does not wait for hundreds of resting orders that have to be asked about singly', async () => {
    for (let number = 10; number < 110; number++)
      await rest(`nd${number}`, { amount: amount('0.1'), reserved: notional('10') });
    await waiting();
    lab.venue.fetchOpenOrders = async () => {
      throw new VenueError('fake' as VenueId, 'no list');
    };
    const startMs = lab.clock.nowMs();
    lab.atPoint = (call, when) => {
      if (call !== 'findOrder' || when !== 'before') return;
      lab.clock.advance(500);
      if (lab.clock.nowMs() - startMs > 15_000) lab.venue.setPrice('BTC/USDT', price('111'));
    };
    await trackOn();
    expect(stateOf(intent.orderId)).toBe('filled');
    const looked = (await lab.ports().orders.listOpen(intent.account, 200)).length;
    expect([looked, callsOf('findOrder') > 70]).toEqual([100, true]);
  });
});

describe('orders that rest', () => {
  it('are shown to be unchanged by one list, and none is asked about singly', async () => {
    for (const id of ['nd1', 'nd2', 'nd3']) await rest(id);
    lab.clock.advance(5 * minuteMs);
    lab.calls.clear();
    expect(await track()).toEqual({ looked: 3, unknown: 0, failed: 0 });
    expect([callsOf('fetchOpenOrders'), callsOf('findOrder')]).toEqual([1, 0]);
  });

  it('are asked about singly where the list shows that something has happened', async () => {
    for (const id of ['nd1', 'nd2', 'nd3', 'nd4']) await rest(id);
    lab.clock.advance(5 * minuteMs);
    lab.fillPart('nd1', amount('0.5'));
    lab.fillPart('nd2', amount('2'));
    lab.venue.cancel('nd3');
    lab.calls.clear();
    await track();
    expect(callsOf('findOrder')).toBe(3);
    expect(['nd1', 'nd2', 'nd3', 'nd4'].map((id) => [stateOf(id), lab.stored(id).filled])).toEqual([
      ['open', '0.5'],
      ['filled', '2'],
      ['canceled', '0'],
      ['open', '0'],
    ]);
  });

  it('are all asked about singly where the list fails', async () => {
    for (const id of ['nd1', 'nd2']) await rest(id);
    lab.clock.advance(5 * minuteMs);
    lab.calls.clear();
    lab.venue.fetchOpenOrders = async () => {
      throw new VenueError('fake', 'no answer');
    };
    expect(await track()).toEqual({ looked: 2, unknown: 0, failed: 0 });
    expect(callsOf('findOrder')).toBe(2);
  });

  it('for very long are looked at every five minutes', async () => {
    await rest('nd1');
    lab.clock.advance(25 * hourMs + 2 * minuteMs);
    const looked: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      looked.push((await track()).looked);
      lab.clock.advance(minuteMs);
    }
    // A run is looked back at a little longer than a minute, so that none falls between two.
    expect(looked.filter((count) => count === 1).length).toBe(4);
  });
});

describe('one run', () => {
  it('comes back to what is in doubt every few seconds, until the venue tells', async () => {
    await lab.record({}, unknown());
    const startMs = lab.clock.nowMs();
    expect(await trackOn()).toEqual({ looked: 1, unknown: 0, failed: 0 });
    expect(stateOf(intent.orderId)).toBe('not_placed');
    expect(lab.clock.nowMs() - startMs).toBeLessThan(15_000);
  });

  it('ends at once where nothing is to be looked at before its deadline', async () => {
    const startMs = lab.clock.nowMs();
    await rest('nd1');
    lab.clock.advance(5 * minuteMs);
    await trackOn();
    expect(lab.clock.nowMs()).toBe(startMs + 5 * minuteMs);
  });

  it('ends at once where the last order that was followed has ended', async () => {
    await rest('nd1');
    lab.fillPart('nd1', amount('2'));
    const startMs = lab.clock.nowMs();
    await trackOn();
    expect([stateOf('nd1'), lab.clock.nowMs()]).toEqual(['filled', startMs]);
  });

  it('follows a young order as long as it is open, and is over before its deadline', async () => {
    await rest('nd1');
    const startMs = lab.clock.nowMs();
    await trackOn();
    expect(lab.clock.nowMs() - startMs).toBeLessThan(45_000);
    expect(callsOf('findOrder')).toBeGreaterThan(5);
    expect(callsOf('findOrder')).toBeLessThan(12);
  });

  it('leaves the other accounts alone when the orders of one cannot be read, and fails all the same', async () => {
    await lab.record({}, unknown());
    const ports = lab.ports();
    const listOpen: typeof ports.orders.listOpen = (account, limit) =>
      account === 'second'
        ? Promise.reject(new Error('the table is throttled'))
        : ports.orders.listOpen(account, limit);
    const { get, apply, list } = ports.orders;
    const orders = { ...ports.orders, get, apply, list, listOpen };
    const dependencies = { loadConfig: async () => deskConfig(), liveTrading: false, telemetry };
    const run = createAdaptiveHandler({ ...dependencies, ports: { ...ports, orders } });
    await expect(run(lab.clock.nowMs() + 45_000)).rejects.toThrow('the table is throttled');
    expect(stateOf(intent.orderId)).toBe('not_placed');
  });

  it('takes the one order that a venue without ids of ours has for one of two in doubt only', async () => {
    for (const id of ['nd1', 'nd2'])
      await lab.record({ orderId: id as IntentId, type: 'limit', price: price('90') }, unknown());
    await rest('nd3');
    const [only] = lab.venue.orders;
    if (only === undefined) throw new Error('the venue has an order');
    lab.tables.orders.delete('nd3');
    const show = lab.venue.findOrder.bind(lab.venue);
    lab.venue.findOrder = async (reference) =>
      reference.others?.includes(only.venueOrderId) === true
        ? { kind: 'unknown', cause }
        : show({ ...reference, clientOrderId: 'nd3' });
    lab.clock.advance(5_000);
    await track();
    expect(['nd1', 'nd2'].map(stateOf).toSorted()).toEqual(['open', 'unknown']);
  });

  it('tells an order in doubt from others of the account', async () => {
    await rest('nd1');
    await lab.record({ orderId: 'nd2' as IntentId }, unknown());
    const asked: unknown[] = [];
    lab.venue.faults = {
      find: (reference) => {
        if (reference.clientOrderId === 'nd2') asked.push(reference.others);
        return undefined;
      },
    };
    await track();
    expect(asked).toEqual([[lab.stored('nd1').venueOrderId]]);
  });
});

describe('what was asked for and is not confirmed', () => {
  it('is completed: a cancel', async () => {
    const order = await rest('nd1');
    const { orders, clock } = lab.ports();
    await orders.apply(order, { type: 'order.cancel_requested', atMs: clock.nowMs(), reason: 'test' });
    await track();
    expect(lab.stored('nd1')).toMatchObject({ state: 'canceled', cause: { message: 'test' } });
  });

  it('is completed: a change', async () => {
    const order = await rest('nd1');
    const { orders, clock } = lab.ports();
    const change = { price: price('80') };
    const requested = await orders.apply(order, { type: 'order.amend_requested', atMs: clock.nowMs(), change });
    await lab.venue.amendOrder({ ...requested, clientOrderId: 'nd1' } as never, change, lab.market);
    await track();
    expect(lab.stored('nd1')).toMatchObject({ state: 'open', price: '80' });
    expect(lab.stored('nd1').amendment).toBeUndefined();
  });
});

describe('an order that is good until a date', () => {
  const dated = { timeInForce: 'GTD' as const };

  it.each([
    ['by Nightdesk, where the venue cannot', new Set(['GTC'] as const), 0],
    ['by Nightdesk all the same, where the venue could and has not', undefined, minuteMs],
  ])('is ended %s', async (_, timesInForce, lateMs) => {
    const goodTillMs = lab.clock.nowMs() + hourMs;
    await rest('nd1', { goodTillMs, ...(timesInForce === undefined && dated) });
    if (timesInForce !== undefined) lab.venue.abilities = { timesInForce };
    lab.clock.advance(hourMs + lateMs - 1);
    await track();
    expect(stateOf('nd1')).toBe('open');
    lab.clock.advance(1);
    await track();
    const reason = `good till ${new Date(goodTillMs).toISOString()}`;
    expect(lab.stored('nd1')).toMatchObject({ state: 'canceled', cause: { message: reason } });
  });

  it('is ended while it waits for its trigger', async () => {
    await waiting({ goodTillMs: lab.clock.nowMs() + 1 });
    lab.clock.advance(1);
    await track();
    expect(stateOf(intent.orderId)).toBe('canceled');
    expect(callsOf('fetchTicker')).toBe(0);
  });
});

describe('orders whose trigger Nightdesk watches', () => {
  it('share one question for the price, and are placed once it is reached', async () => {
    await waiting({ orderId: 'nd1' as IntentId });
    await waiting({ orderId: 'nd2' as IntentId, triggerPrice: price('120') });
    await track();
    expect([stateOf('nd1'), stateOf('nd2'), callsOf('fetchTicker')]).toEqual(['waiting', 'waiting', 1]);
    lab.venue.setPrice('BTC/USDT', price('111'));
    await track();
    expect([stateOf('nd1'), stateOf('nd2'), callsOf('fetchTicker')]).toEqual(['filled', 'waiting', 2]);
    expect(lab.typesOf('nd1')).toEqual(['order.intended', 'order.triggered', 'order.observed']);
    expect(lab.venue.orders[0]?.request).toMatchObject({ type: 'market', clientOrderId: 'nd1' });
  });

  it('are placed once where two runs meet', async () => {
    await waiting();
    lab.venue.setPrice('BTC/USDT', price('111'));
    await Promise.all([track(), track(), track()]);
    expect(lab.venue.placeCalls).toBe(1);
  });

  it('follow the price, and write down only what is worth it', async () => {
    await lab.record({ type: 'trailing_stop', side: 'sell', trail: { percent: '10' }, handling: 'emulated' });
    for (const at of ['100', '100.5', '101', '101.4', '105', '96']) {
      lab.venue.setPrice('BTC/USDT', price(at));
      await track();
    }
    expect(lab.stored()).toMatchObject({ state: 'waiting', trailedTo: '105' });
    expect(lab.typesOf()).toEqual(['order.intended', ...['100', '101', '105'].map(() => 'order.trailed')]);
    lab.venue.setPrice('BTC/USDT', price('94.5'));
    await track();
    expect(lab.stored()).toMatchObject({ state: 'filled' });
  });

  it('go on waiting while a switch is set, and are placed once it is not', async () => {
    await waiting();
    const risk = createMemoryRisk(lab.tables);
    const set = (state: 'halted' | 'active') =>
      risk.setSwitch(intent.account, { state, reason: 'test', by: 'test', atMs: lab.clock.nowMs() });
    lab.venue.setPrice('BTC/USDT', price('111'));
    await set('halted');
    await track();
    expect([stateOf(intent.orderId), lab.venue.placeCalls]).toEqual(['waiting', 0]);
    await set('active');
    await track();
    expect(stateOf(intent.orderId)).toBe('filled');
  });

  it('are counted as failed where the venue tells no price', async () => {
    await waiting();
    lab.venue.fetchTicker = async () => ({ symbol: 'BTC/USDT' });
    expect(await track()).toEqual({ looked: 1, unknown: 0, failed: 1 });
    expect(telemetry.lines.join()).toContain('tells no price');
  });

  it('are counted as failed where the exchange is disabled by now', async () => {
    await waiting();
    lab.venue.setPrice('BTC/USDT', price('111'));
    const config = deskConfig({ exchanges: { fake: { enabled: false } } });
    const handler = createHandler({
      loadConfig: async () => config,
      liveTrading: false,
      telemetry,
      ports: lab.ports(),
    });
    expect(await handler(lab.clock.nowMs() + 45_000)).toMatchObject({ failed: 1 });
    expect(lab.venue.placeCalls).toBe(0);
  });
});

describe('a bracket', () => {
  const exitPlan = { takeProfits: [], stopLoss: { level: { percent: '10' } }, onFailure: 'keep' } as const;

  it('is looked after in the same round in which its entry fills', async () => {
    await rest('nd1', { exitPlan });
    lab.fillPart('nd1', amount('2'));
    await track();
    expect(lab.stored('nd1').exits?.state).toBe('protected');
    const exits = [...lab.tables.orders.values()].filter((order: Order) => order.parentId === 'nd1');
    expect(exits).toMatchObject([{ role: 'stop_loss', amount: '2' }]);
  });

  it('that fails leaves other markets alone, and is counted', async () => {
    await rest('nd1', { exitPlan, venue: 'elsewhere' as VenueId });
    expect((await track()).failed).toBe(1);
    expect(telemetry.lines.join()).toContain('exits could not be kept');
  });
});
