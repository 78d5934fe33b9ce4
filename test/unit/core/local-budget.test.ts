import { LocalBudget, type LocalBudgetOptions, type RequestCost, type RequestLimit, tryMs } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { unitsOf } from '../../../layers/core/src/limits/request-cost.ts';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import fc from '../../support/property.ts';

const startMs = Date.UTC(2026, 10, 21);
const weight: RequestLimit = {
  ...{ name: 'weight', scope: 'egress', kind: 'rolling', counts: 'all' },
  ...{ unitsMax: 10, windowMs: 1_000, unitsPerWeight: 1 },
};
const order: RequestCost = { weight: 1, signed: true, order: true };
const question: RequestCost = { weight: 1, signed: true, order: false };
const granted = { kind: 'granted' };

let clock: ManualClock;
beforeEach(() => {
  clock = createManualClock(startMs);
});

const open = (options: Partial<LocalBudgetOptions> = {}) => new LocalBudget({ limits: [weight], clock, ...options });

describe('what a request costs', () => {
  const cost = { weight: 3, signed: false, order: false };
  it.each<[name: string, limit: Partial<RequestLimit>, cost: Partial<RequestCost>, units: number]>([
    ['its weight, in the venue’s units', { unitsPerWeight: 5 }, {}, 15],
    ['one where requests are counted', { unitsPerWeight: undefined }, {}, 1],
    ['nothing of a key’s limit without the key', { scope: 'key' }, {}, 0],
    ['what it weighs of a key’s limit with it', { scope: 'key' }, { signed: true }, 3],
    ['nothing of a limit of orders for a question', { counts: 'orders' }, {}, 0],
    ['what it weighs of a limit of orders for one', { counts: 'orders' }, { order: true }, 3],
    ['what it weighs of a limit of unsigned requests', { counts: 'unsigned' }, {}, 3],
    ['nothing of that when it is signed', { counts: 'unsigned' }, { signed: true }, 0],
  ])('is %s', (_name, limit, changed, units) => {
    expect(unitsOf({ ...weight, ...limit } as RequestLimit, { ...cost, ...changed })).toBe(units);
  });
});

describe('a budget that a process keeps for itself', () => {
  it('lets a burst through at once and waits for the rest', async () => {
    const budget = open();
    for (let count = 0; count < 10; count += 1) expect(await budget.take(order, 0)).toEqual(granted);
    expect(clock.nowMs()).toBe(startMs);
    expect(await budget.take(order, 999)).toEqual({ kind: 'exhausted', retryInMs: 1_000 });
    expect(await budget.take(order, 1_000)).toEqual(granted);
    expect(clock.nowMs()).toBe(startMs + 1_000);
  });

  it('keeps a fifth for orders', async () => {
    const budget = open();
    for (let count = 0; count < 8; count += 1) expect(await budget.take(question, 0)).toEqual(granted);
    expect(await budget.take(question, 0)).toMatchObject({ kind: 'exhausted' });
    expect(await budget.take(order, 0)).toEqual(granted);
  });

  it('keeps every limit, and waits for the slowest', async () => {
    const orders: RequestLimit = { ...weight, name: 'orders', counts: 'orders', unitsMax: 1, windowMs: 3_000 };
    const budget = open({ limits: [weight, orders] });
    await budget.take(order, 0);
    expect(await budget.take(order, 0)).toEqual({ kind: 'exhausted', retryInMs: 3_000 });
    expect(await budget.take(question, 0)).toEqual(granted);
  });

  it('has nothing to prepare', async () => {
    const budget = open();
    budget.prepare();
    expect(await budget.take(order, 0)).toEqual(granted);
  });

  it('gives up when others keep coming first', async () => {
    const impatient = { ...clock, sleep: async () => {} };
    const budget = open({ clock: impatient });
    for (let count = 0; count < 10; count += 1) await budget.take(order, 0);
    expect(await budget.take(order, 5_000)).toEqual({ kind: 'exhausted', retryInMs: 1_000 });
  });

  it('stops at once when the venue refuses, then lets one request try, and all when it was answered', async () => {
    const budget = open();
    await budget.refused({ scope: 'egress', reason: '429', retryAfterMs: 500 });
    expect(budget.refusal()).toEqual({ kind: 'blocked', retryInMs: 500, reason: '429' });
    expect(await budget.take(order, 10_000)).toMatchObject({ kind: 'blocked', retryInMs: 500 });
    clock.advance(500);
    expect(budget.refusal()).toBeUndefined();
    expect(await budget.take(order, 0)).toEqual(granted);
    expect(await budget.take(order, 0)).toMatchObject({ kind: 'blocked', retryInMs: tryMs });
    await budget.answered();
    expect(await budget.take(order, 0)).toEqual(granted);
  });
});

describe('a share of a limit', () => {
  const few: RequestLimit = { ...weight, unitsMax: 5, windowMs: 5_000 };
  const minuteMs = 60_000;

  /** How many go within a minute that begins with the first. */
  async function sentInMinute(options: Partial<LocalBudgetOptions>, cost: RequestCost): Promise<number> {
    const budget = open({ limits: [few], share: 0.1, ...options });
    for (let sent = 0; ; sent += 1) {
      await budget.take(cost, minuteMs);
      if (clock.nowMs() - startMs >= minuteMs) return sent;
    }
  }

  it.each<[name: string, options: Partial<LocalBudgetOptions>, cost: RequestCost, sent: number]>([
    ['is kept by questions where it is less than one of them', {}, question, 5],
    ['lets an order go in each window all the same', {}, order, 12],
    ['lets a question go so where that is wanted', { oncePerWindow: true }, question, 12],
    ['is kept by what is larger than it', { share: 0.4 }, { ...question, weight: 4 }, 5],
    [
      'is kept by what is larger than the whole limit as if it were all of it',
      { share: 0.5 },
      { ...question, weight: 9 },
      5,
    ],
    ['of at least one request is sent in each window', { share: 0.2 }, question, 12],
    ['that is all of it lets what is larger go in each window', { share: 1 }, { ...question, weight: 9 }, 12],
  ])('%s', async (_name, options, cost, sent) => {
    expect(await sentInMinute(options, cost)).toBe(sent);
  });

  it('makes the first request wait for nothing, and none that comes after a silence', async () => {
    const budget = open({ limits: [few], share: 0.1 });
    expect(await budget.take(question, 0)).toEqual(granted);
    expect(await budget.take(question, 0)).toEqual({ kind: 'exhausted', retryInMs: 12_500 });
    clock.advance(12_500);
    expect(await budget.take(question, 0)).toEqual(granted);
    clock.advance(5_000);
    expect(await budget.take(order, 0)).toEqual(granted);
  });

  it('is kept by many together, whatever they ask and when', async () => {
    const step = fc.record({ process: fc.nat(9), weight: fc.integer({ min: 1, max: 5 }), afterMs: fc.nat(4_000) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 50, maxLength: 100 }), async (steps) => {
        clock = createManualClock(startMs);
        const processes = Array.from({ length: 10 }, () => ({ budget: open({ limits: [few], share: 0.1 }), first: 0 }));
        let units = 0;
        for (const { process, weight: asked, afterMs } of steps) {
          clock.advance(afterMs);
          const sender = processes[process];
          const answer = await sender?.budget.take({ ...question, weight: asked }, 0);
          if (sender === undefined || answer?.kind !== 'granted') continue;
          if (sender.first === 0) sender.first = asked;
          else units += asked;
        }
        expect(units).toBeLessThanOrEqual(((clock.nowMs() - startMs) / few.windowMs) * few.unitsMax);
      }),
    );
  });
});
