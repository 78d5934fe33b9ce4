import {
  firstPauseMs,
  type RequestCost,
  type RequestLimit,
  retryRowsMs,
  SharedBudget,
  type SharedBudgetOptions,
  shareAlone,
  tryMs,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../../support/memory-coordination.ts';

const startMs = Date.UTC(2026, 10, 21) + 1_000;
const weight: RequestLimit = {
  ...{ name: 'weight', scope: 'egress', kind: 'window', counts: 'all' },
  ...{ unitsMax: 1_000, windowMs: 60_000, unitsPerWeight: 5 },
};
const orders: RequestLimit = {
  ...{ name: 'orders', scope: 'key', kind: 'window', counts: 'orders' },
  ...{ unitsMax: 50, windowMs: 10_000 },
};
const order: RequestCost = { weight: 1, signed: true, order: true };
const question: RequestCost = { weight: 1, signed: true, order: false };

let clock: ManualClock;
let store: MemoryCoordination;
beforeEach(() => {
  clock = createManualClock(startMs);
  store = createMemoryCoordination();
});

/** As another process would open it. */
const open = (options: Partial<SharedBudgetOptions> = {}) =>
  new SharedBudget({ limits: [weight, orders], keyOf: ({ name }) => name, store, clock, ...options });

/** Lets what runs in the background come to its end. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const granted = { kind: 'granted' };

describe('a shared budget', () => {
  it('takes from each limit what a request costs there', async () => {
    expect(await open().take(question, 0)).toEqual(granted);
    expect(store.rows.get('weight')?.used).toBe(5);
    expect(store.rows.has('orders')).toBe(false);
    expect(await open().take(order, 0)).toEqual(granted);
    expect(store.rows.get('weight')?.used).toBe(10);
    expect(store.rows.get('orders')?.used).toBe(1);
  });

  it('costs fewer round trips the more is sent', async () => {
    const budget = open();
    for (let count = 0; count < 100; count += 1) {
      expect(await budget.take(question, 0)).toEqual(granted);
      clock.advance(10);
      await settle();
    }
    expect(store.changes).toBeLessThan(20);
  });

  it('has units ready for an order that was prepared', async () => {
    const budget = open();
    budget.prepare();
    await settle();
    const before = store.changes;
    expect(before).toBe(2);
    expect(await budget.take(order, 0)).toEqual(granted);
    expect(store.changes).toBe(before);
  });

  it.each([0, 1])(
    'has units ready for the price of an order that was prepared, asked for %i turns later',
    async (turns) => {
      const budget = open();
      budget.prepare();
      for (let turn = 0; turn < turns; turn += 1) await settle();
      expect(await budget.take({ ...question, signed: false }, 0)).toEqual(granted);
      expect(await budget.take(order, 0)).toEqual(granted);
      expect(store.changes).toBe(2);
      expect(store.rows.get('weight')?.used).toBe(10);
    },
  );

  it('prepares an order where nothing is left for its price', async () => {
    const limits = [{ ...weight, unitsMax: 12 }];
    const budget = open({ limits });
    expect(await open({ limits }).take(question, 0)).toEqual(granted);
    budget.prepare();
    await settle();
    expect(await budget.take(question, 0)).toMatchObject({ kind: 'exhausted' });
    expect(await budget.take(order, 0)).toEqual(granted);
  });

  it('shares one limit with others, and waits for the next window when it is used up', async () => {
    const [one, other] = [open({ limits: [orders] }), open({ limits: [orders] })];
    let sent = 0;
    for (const budget of [one, other]) while ((await budget.take(order, 0)).kind === 'granted') sent += 1;
    expect(sent).toBe(50);
    expect(clock.nowMs()).toBe(startMs);
    expect(await one.take(order, 500)).toMatchObject({ kind: 'exhausted' });
    expect(await other.take(order, 20_000)).toEqual(granted);
    expect(clock.nowMs()).toBeGreaterThan(startMs + 9_000);
  });

  it('keeps a fifth of what questions use too for orders', async () => {
    const budget = open({ limits: [weight] });
    let asked = 0;
    while ((await budget.take(question, 0)).kind === 'granted') asked += 1;
    expect(asked).toBe(160);
    expect(await budget.take(order, 0)).toEqual(granted);
    expect(await budget.take(question, 0)).toMatchObject({ kind: 'exhausted' });
  });

  it('serves those who wait at once from one lease', async () => {
    const budget = open({ limits: [weight] });
    const answers = await Promise.all(Array.from({ length: 10 }, () => budget.take(question, 0)));
    expect(answers).toEqual(Array(10).fill(granted));
    expect(store.changes).toBeLessThan(10);
  });

  it.each(['window', 'bucket'] as const)(
    'goes on after the clock was set back by an hour, of kind %s',
    async (kind) => {
      const limits = [{ ...orders, kind }];
      const later = createManualClock(startMs + 3_600_000);
      expect(await open({ limits, clock: later }).take(order, 0)).toEqual(granted);
      expect(await open({ limits }).take(order, 2_000)).toEqual(granted);
    },
  );

  it('tells what part of each limit is used', async () => {
    const uses: [string, number][] = [];
    await open({ onUse: ({ name }, used) => uses.push([name, used]) }).take(order, 0);
    expect(uses).toEqual([
      ['weight', 0.005],
      ['orders', 0.02],
    ]);
  });
});

describe('a shared budget whose venue refuses', () => {
  const refusal = { scope: 'egress', reason: '418', retryAfterMs: 30_000 } as const;

  it('blocks everybody at once until the time is over', async () => {
    const [one, other] = [open(), open()];
    const refusals: unknown[] = [];
    await open({ onRefusal: (told) => refusals.push(told) }).refused(refusal);
    expect(refusals).toEqual([refusal]);
    await one.refused(refusal);
    expect(await one.take(order, 10_000)).toEqual({ kind: 'blocked', retryInMs: 30_000, reason: '418' });
    expect(await other.take(order, 10_000)).toMatchObject({ kind: 'blocked', reason: '418' });
    expect(clock.nowMs()).toBe(startMs);
  });

  it('asks the table only now and then how long it lasts', async () => {
    const [one, other] = [open(), open()];
    await one.refused(refusal);
    await other.take(order, 0);
    const before = store.changes;
    for (let count = 0; count < 20; count += 1) await other.take(order, 0);
    expect(store.changes).toBe(before);
    clock.advance(1_000);
    await other.take(order, 0);
    expect(store.changes).toBeGreaterThan(before);
  });

  it('stops those who have leases left when they lease the next time, after 2 s at most', async () => {
    const [one, other] = [open({ limits: [weight] }), open({ limits: [weight] })];
    for (let count = 0; count < 5; count += 1) await other.take(question, 0);
    await settle();
    await one.refused(refusal);
    clock.advance(2_000);
    expect(await other.take(question, 0)).toMatchObject({ kind: 'blocked' });
  });

  it('then lets one request of one process try, and all when it was answered', async () => {
    const [one, other] = [open(), open()];
    await one.refused(refusal);
    clock.advance(30_000);
    expect(await one.take(order, 0)).toEqual(granted);
    expect(await other.take(order, 0)).toMatchObject({ kind: 'blocked', retryInMs: tryMs });
    await one.answered();
    clock.advance(1_000);
    expect(await other.take(order, 0)).toEqual(granted);
    const before = store.changes;
    await one.answered();
    expect(store.changes).toBe(before);
  });

  it('lets one request try also where several come at once, and an order is being prepared', async () => {
    const budget = open();
    await budget.refused(refusal);
    clock.advance(30_000);
    budget.prepare();
    const answers = await Promise.all([question, order, order].map((cost) => budget.take(cost, 0)));
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['blocked', 'blocked', 'granted']);
    await budget.answered();
    expect(await budget.take(order, 0)).toEqual(granted);
  });

  it('leaves the lease of the one that tries alone when another is told meanwhile that the venue refuses', async () => {
    let changes = 0;
    // The answer to the second comes when the first is known to try, and has not gone yet for want of the other limit.
    const slow = {
      change: async <Result>(...change: Parameters<typeof store.change<Result>>) => {
        changes += 1;
        const turns = [0, 0, 3, 1][changes] ?? 0;
        const result = await store.change(...change);
        for (let turn = 0; turn < turns; turn += 1) await settle();
        return result;
      },
    };
    const budget = open({ store: slow });
    await open().refused(refusal);
    clock.advance(30_000);
    const [tried, told] = await Promise.all([budget.take(order, 0), budget.take(question, 0)]);
    expect(tried).toEqual(granted);
    expect(told).toMatchObject({ kind: 'blocked' });
  });

  it('lets another request try when the one that was to do so found no room in time', async () => {
    const full: RequestLimit = { ...orders, unitsMax: 1 };
    const [budget, other] = [open({ limits: [weight, full] }), open({ limits: [full] })];
    await budget.refused({ ...refusal, retryAfterMs: 1_000 });
    await other.take(order, 0);
    clock.advance(1_000);
    expect(await budget.take(order, 100)).toMatchObject({ kind: 'exhausted' });
    clock.advance(tryMs);
    expect(await budget.take(question, 0)).toEqual(granted);
  });

  it('does not prepare orders for a venue that takes none', async () => {
    const budget = open();
    await budget.refused(refusal);
    const before = store.changes;
    budget.prepare();
    expect(store.changes).toBe(before);
  });

  it('blocks a key only where that is what was refused', async () => {
    const [one, other] = [open(), open()];
    await one.refused({ scope: 'key', reason: '-1015', retryAfterMs: 5_000 });
    expect(await other.take(question, 0)).toEqual(granted);
    expect(await other.take(order, 0)).toMatchObject({ kind: 'blocked', reason: '-1015' });
  });

  it('forgets the refusals of a key once the venue has answered, so that the next pause is short again', async () => {
    const [one, other] = [open(), open()];
    const refuse = () => one.refused({ scope: 'key', reason: '50011' });
    for (let count = 0; count < 6; count += 1) {
      await refuse();
      clock.advance(600_000);
      expect(await one.take(order, 0)).toEqual(granted);
      await one.answered();
    }
    await refuse();
    clock.advance(firstPauseMs);
    expect(await other.take(order, 0)).toEqual(granted);
  });

  it('blocks by every limit it knows where none is of the scope refused', async () => {
    const [one, other] = [open({ limits: [weight] }), open({ limits: [weight] })];
    await one.refused({ scope: 'key', reason: '429' });
    expect(await other.take(question, 0)).toMatchObject({ kind: 'blocked' });
  });
});

describe('a shared budget without its rows', () => {
  beforeEach(() => {
    store.failure = new Error('the table does not answer');
  });

  it('goes on within a small part of each limit, and says why', async () => {
    const failures: unknown[] = [];
    const budget = open({ limits: [orders], onFailure: (error) => failures.push(error) });
    let sent = 0;
    while ((await budget.take(order, 0)).kind === 'granted') sent += 1;
    expect(sent).toBe(orders.unitsMax * shareAlone);
    expect(failures).toEqual([store.failure]);
    const before = store.changes;
    budget.prepare();
    expect(store.changes).toBe(before);
  });

  it('looks for them again after a while', async () => {
    const budget = open({ limits: [orders] });
    await budget.take(order, 0);
    store.failure = undefined;
    clock.advance(retryRowsMs);
    expect(await budget.take(order, 0)).toEqual(granted);
    expect(store.rows.get('orders')?.used).toBe(1);
  });

  it('still stops at once when the venue refuses, and tries by itself', async () => {
    const budget = open();
    await budget.refused({ scope: 'egress', reason: '429', retryAfterMs: 1_000 });
    expect(await budget.take(order, 0)).toMatchObject({ kind: 'blocked' });
    clock.advance(1_000);
    expect(await budget.take(order, 0)).toEqual(granted);
    expect(await budget.take(order, 0)).toMatchObject({ kind: 'blocked' });
    await budget.answered();
    expect(await budget.take(order, 0)).toEqual(granted);
  });
});
