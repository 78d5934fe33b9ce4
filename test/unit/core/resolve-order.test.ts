import {
  accountOf,
  applyEvent,
  callStartMsMax,
  type ExecutionPolicy,
  type FindOutcome,
  gateLimitsOf,
  type Order,
  type OrderEvent,
  type OrderRequest,
  type OrdersStore,
  placeRecorded,
  price,
  refreshOrder,
  resolveOrder,
  VersionConflictError,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { FakeVenue, inTurn } from '../../support/fake-venue.ts';
import { insertWithin } from '../../support/gates.ts';
import { btcUsdt } from '../../support/markets.ts';
import { createMemoryOrders, createMemoryRisk, MemoryTables } from '../../support/memory-stores.ts';
import { cause, intent } from '../../support/orders.ts';

const hourMs = 3_600_000;
const deskLimits = gateLimitsOf(deskConfig(), intent.account);

let clock: ManualClock;
let tables: MemoryTables;
let venue: FakeVenue;
let orders: OrdersStore;
let policy: ExecutionPolicy;

beforeEach(async () => {
  clock = createManualClock();
  tables = new MemoryTables();
  venue = new FakeVenue({ clock });
  orders = createMemoryOrders(tables);
  const account = accountOf(deskConfig(), intent.account);
  if (account === undefined) throw new Error('the account is configured');
  const expiresAtMs = clock.nowMs() + hourMs;
  policy = { account, limits: deskLimits, liveTrading: false, onUnknown: 'give_up', standIns: [], expiresAtMs };
  for (const key of ['*', intent.account] as const) await createMemoryRisk(tables).ensure(key, clock.nowMs());
});

async function record(...events: OrderEvent[]): Promise<Order> {
  const result = await insertWithin(
    orders,
    { type: 'order.intended', atMs: clock.nowMs(), intent },
    deskLimits.account,
  );
  if (result.kind !== 'created') throw new Error(result.kind);
  let { order } = result;
  for (const event of events) order = await orders.apply(order, event);
  return order;
}

const unknown = (): OrderEvent => ({ type: 'order.unknown', atMs: clock.nowMs(), cause });
const context = () => ({ venue, market: btcUsdt, policy });
const ports = (patienceMs = 29_000) => ({ orders, clock, deadlineMs: clock.nowMs() + patienceMs });
const typesOf = () => tables.journal.get(`order#${intent.orderId}`)?.map(({ type }) => type);

/** Another worker, which writes `event` just before the first write from here. */
function raceWith(event: OrderEvent): void {
  const first = orders;
  let isOver = false;
  orders = {
    ...first,
    async apply(order, own) {
      if (!isOver) {
        isOver = true;
        await first.apply(order, event);
      }
      return first.apply(order, own);
    },
  };
}

describe('placing a recorded order', () => {
  it('is not done when its record took so long that others may have given it up', async () => {
    const order = await record();
    clock.advance(callStartMsMax + 1);
    const resolved = await placeRecorded(order, context(), ports());
    expect([venue.placeCalls, resolved.state]).toEqual([0, 'not_placed']);
  });

  it('is still done at the last moment', async () => {
    const order = await record();
    clock.advance(callStartMsMax);
    expect((await placeRecorded(order, context(), ports())).state).toBe('filled');
  });

  it.each([
    [['GTC', 'GTD'], 'GTD', 4_000_000],
    [['GTC'], 'GTC', undefined],
  ] as const)('with a date to end at tells it to a venue of %j as %s', async (known, timeInForce, goodTillMs) => {
    const order = { ...(await record()), type: 'limit', price: price('90'), timeInForce: 'GTD', goodTillMs: 4_000_000 };
    const requests: OrderRequest[] = [];
    venue.abilities = { timesInForce: new Set(known) };
    venue.faults = { place: (request) => void requests.push(request) };
    await placeRecorded(order as Order, context(), ports());
    expect(requests.map((request) => [request.timeInForce, request.goodTillMs])).toEqual([[timeInForce, goodTillMs]]);
  });

  it('keeps its word where somebody else wrote first: what the venue said stays true', async () => {
    const order = await record();
    raceWith(unknown());
    expect((await placeRecorded(order, context(), ports())).state).toBe('filled');
    expect(typesOf()).toEqual(['order.intended', 'order.unknown', 'order.observed']);
  });

  it('gives up when others write first again and again', async () => {
    const order = await record();
    let conflicts = 0;
    orders = {
      ...orders,
      apply: () => {
        conflicts += 1;
        return Promise.reject(new VersionConflictError('order nd0001'));
      },
    };
    await expect(placeRecorded(order, context(), ports())).rejects.toThrow(VersionConflictError);
    expect(conflicts).toBe(6);
  });

  it('fails when the order is gone that somebody else is said to have changed', async () => {
    const order = await record();
    const apply = () => Promise.reject(new VersionConflictError('order nd0001'));
    orders = { ...orders, apply, get: async () => undefined };
    await expect(placeRecorded(order, context(), ports())).rejects.toThrow(VersionConflictError);
  });

  it('fails at once for any other failure of the store', async () => {
    const order = await record();
    orders = { ...orders, apply: () => Promise.reject(new Error('throttled')) };
    await expect(placeRecorded(order, context(), ports())).rejects.toThrow('throttled');
  });
});

describe('resolving an order', () => {
  const askedAtMs = async (answers: FindOutcome['kind'][], patienceMs: number) => {
    const startMs = clock.nowMs();
    const times: number[] = [];
    venue.faults = {
      find: () => {
        times.push(clock.nowMs() - startMs);
        return answers.shift() === 'absent' ? { kind: 'absent' } : { kind: 'no_answer' };
      },
    };
    await resolveOrder(await record(unknown()), context(), ports(patienceMs));
    return times;
  };

  it('asks soon, then more and more slowly, until its time is up', async () => {
    expect(await askedAtMs([], 6_000)).toEqual([0, 50, 200, 600, 1_600, 3_600, 5_600]);
  });

  it('asks once when there is no time to wait', async () => {
    expect(await askedAtMs([], 0)).toEqual([0]);
  });

  it('stops asking after thirty questions, however much time is left', async () => {
    expect(await askedAtMs([], hourMs)).toHaveLength(30);
  });

  it('records that an intended order is in doubt, once', async () => {
    venue.faults = { find: () => ({ kind: 'no_answer' }) };
    expect((await resolveOrder(await record(), context(), ports())).state).toBe('unknown');
    expect(typesOf()).toEqual(['order.intended', 'order.unknown']);
  });

  it('believes an absence only once nothing can be under way any more', async () => {
    const order = await record(unknown());
    await resolveOrder(order, context(), ports());
    const events = tables.journal.get(`order#${intent.orderId}`) ?? [];
    const absent = events.find(({ type }) => type === 'order.absent');
    expect(absent?.atMs).toBeGreaterThan(order.attemptedAtMs + callStartMsMax + venue.settlingMs);
  });

  it('leaves its decision when somebody else wrote first, and looks at what they wrote', async () => {
    policy = { ...policy, onUnknown: 'place_again' };
    const order = await record(unknown());
    clock.advance(hourMs / 2);
    raceWith({ type: 'order.absent', atMs: clock.nowMs(), cause });
    expect((await resolveOrder(order, context(), ports())).state).toBe('not_placed');
    expect(venue.placeCalls).toBe(0);
  });

  it('goes on asking where somebody else placed it again first', async () => {
    policy = { ...policy, onUnknown: 'place_again' };
    const order = await record(unknown());
    clock.advance(hourMs / 2);
    raceWith({ type: 'order.attempted', atMs: clock.nowMs(), cause });
    expect(await resolveOrder(order, context(), ports(0))).toMatchObject({ state: 'intended', attempts: 2 });
    expect(venue.placeCalls).toBe(0);
  });

  it('fails when its decision cannot be written', async () => {
    const order = await record(unknown());
    clock.advance(hourMs / 2);
    orders = { ...orders, apply: () => Promise.reject(new Error('throttled')) };
    await expect(resolveOrder(order, context(), ports())).rejects.toThrow('throttled');
  });

  it('cannot place an order that has no amount', async () => {
    const { amount: _amount, reserved: _reserved, ...unsized } = intent;
    const denied = applyEvent(undefined, { type: 'order.denied', atMs: 1, intent: unsized, cause });
    if (denied === undefined) throw new Error('a denied order is an order');
    await expect(placeRecorded(denied.order, context(), ports())).rejects.toThrow('is denied without side and amount');
  });
});

describe('placing again', () => {
  beforeEach(() => {
    policy = { ...policy, onUnknown: 'place_again' };
    venue.faults = { place: inTurn({ kind: 'fail_before_accept' }) };
  });

  it('is done once, after a proven absence, under the same id', async () => {
    const placed = await placeRecorded(await record(), context(), ports());
    expect(placed).toMatchObject({ state: 'filled', attempts: 2 });
    expect(venue.ordersWith(intent.orderId)).toHaveLength(1);
  });

  it('is not done a third time', async () => {
    venue.faults = { place: () => ({ kind: 'fail_before_accept' }) };
    const order = await placeRecorded(await record(), context(), ports(60_000));
    expect([order.state, order.attempts, venue.placeCalls]).toEqual(['not_placed', 2, 2]);
  });

  it('is not done when the signal is too old by then', async () => {
    policy = { ...policy, expiresAtMs: clock.nowMs() + 1_000 };
    expect(await placeRecorded(await record(), context(), ports())).toMatchObject({ state: 'not_placed', attempts: 1 });
  });

  it('is not done while a switch is thrown', async () => {
    const order = await record(unknown());
    const change = { state: 'halted', reason: 'test', by: 'risk', atMs: clock.nowMs() } as const;
    await createMemoryRisk(tables).setSwitch('*', change);
    expect((await resolveOrder(order, context(), ports())).state).toBe('unknown');
    expect(venue.placeCalls).toBe(0);
  });
});

describe('bringing an open order up to date', () => {
  it.each([['no_answer'], ['absent']] as const)('fails where the venue does not show it: %s', async (kind) => {
    const order = await record();
    venue.faults = { find: () => ({ kind }) };
    await expect(refreshOrder(order, context(), ports())).rejects.toThrow('does not show the open order nd0001');
    expect(typesOf()).toEqual(['order.intended']);
  });
});
