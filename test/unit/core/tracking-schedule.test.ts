import {
  amount,
  type Exits,
  fullLookEveryMs,
  type IntentId,
  isFullLookDue,
  isInDoubt,
  isLookDue,
  lookPauseMs,
  type Order,
  price,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { intended, observed, orderAfter } from '../../support/orders.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const open = orderAfter(intended, observed('open', '0'));
const changed = (changes: Partial<Order>, order = open): Order => ({ ...order, ...changes });
const cancel = { requestedAtMs: 0, reason: 'test' };
const amendment = { requestedAtMs: 0, change: { price: price('1') } };
const exits = (state: 'waiting' | 'protected' | 'failed') => ({ state, steps: [] });

const held = (code: string) =>
  ({ state: 'filled', exits: { ...exits('failed'), cause: { code, message: 'test' } } }) as const;

/** A filled entry with so many targets, of which those given are ordered. */
const bracket = (ordered: number[], targets = 1, more: Partial<Exits> = {}): Partial<Order> => ({
  state: 'filled',
  exitPlan: {
    takeProfits: Array.from({ length: targets }, () => ({ level: { percent: '5' }, portion: '0.4' })),
    onFailure: 'keep',
  },
  exits: {
    state: 'protected',
    steps: [
      { orderId: 'ndstop' as IntentId, name: 'stop-1', role: 'stop_loss', amount: amount('2') },
      ...ordered.map((target) => ({
        ...{ orderId: `ndtarget${target}` as IntentId, name: `target-${target}-1`, role: 'take_profit' as const },
        ...{ target, amount: amount('1') },
      })),
    ],
    ...more,
  },
});

describe('the pause between two looks', () => {
  it.each<[string, Partial<Order>, number, number]>([
    ['in doubt', { state: 'unknown' }, 0, 3_000],
    ['recorded and not placed yet', { state: 'intended' }, minuteMs, 3_000],
    ['being canceled', { cancel }, minuteMs, 3_000],
    ['being changed', { amendment }, minuteMs, 3_000],
    ['in doubt for long', { state: 'unknown' }, 6 * minuteMs, minuteMs],
    ['waiting for its trigger, however long', { state: 'waiting' }, 48 * hourMs, 5_000],
    ['young, or just changed', {}, minuteMs, 5_000],
    ['resting', {}, 2 * minuteMs, minuteMs],
    ['resting for a day', {}, 24 * hourMs, 5 * minuteMs],
    ['ended, with a position that is bare', { state: 'filled', exits: exits('failed') }, 4 * minuteMs, 5_000],
    ['ended, with a position bare for long', { state: 'filled', exits: exits('failed') }, 6 * minuteMs, minuteMs],
    ['ended, with a position that a switch keeps bare', held('switch_not_active'), 6 * hourMs, 5_000],
    ['ended, with one bare for want of a switch', held('switch_not_set'), 6 * hourMs, 5_000],
    ['ended, with one bare for long for another reason', held('rejected'), 6 * hourMs, minuteMs],
    ['resting, whose fills a switch keeps bare', { exits: held('switch_not_active').exits }, 2 * hourMs, 5_000],
    ['ended, with a position that is protected', { state: 'filled', exits: exits('protected') }, 48 * hourMs, minuteMs],
    ['ended, whose target is not ordered yet', bracket([]), hourMs, 5_000],
    ['ended, whose target is at the venue', bracket([0]), hourMs, minuteMs],
    ['ended, of two targets with one not ordered yet', bracket([0], 2), hourMs, 5_000],
    ['ended, whose stop Nightdesk trails', bracket([0], 1, { trailedTo: price('120') }), hourMs, 5_000],
    ['ended, with nothing left to protect', bracket([], 1, { state: 'done' }), hourMs, minuteMs],
    ['ended, with a plan that was never begun', { ...bracket([]), exits: undefined }, hourMs, minuteMs],
  ])('of an order %s', (_, changes, quietMs, pauseMs) => {
    const order = changed(changes);
    expect(lookPauseMs(order, order.updatedAtMs + quietMs)).toBe(pauseMs);
  });
});

it.each<[Partial<Order>, boolean]>([
  [{}, false],
  [{ state: 'waiting' }, false],
  [{ state: 'intended' }, true],
  [{ state: 'unknown' }, true],
  [{ cancel }, true],
  [{ amendment }, true],
])('an order with %j is in doubt: %s', (changes, inDoubt) => {
  expect(isInDoubt(changed(changes))).toBe(inDoubt);
});

describe('a look', () => {
  const old = changed({ createdAtMs: 0, updatedAtMs: 0 });
  const dayMs = 24 * hourMs;

  it('is due when its pause is over, where it is known when the last one was', () => {
    expect(isLookDue(open, 100_000, 95_001)).toBe(false);
    expect(isLookDue(open, 100_000, 95_000)).toBe(true);
  });

  it('is due at once where nobody remembers the last one, and comes at least once a run', () => {
    expect(isLookDue(open, open.updatedAtMs)).toBe(true);
    expect(isLookDue(open, open.updatedAtMs + hourMs)).toBe(true);
  });

  it.each([
    [dayMs, true],
    [dayMs + 64_999, true],
    [dayMs + 65_000, false],
    [dayMs + 299_999, false],
    [dayMs + 300_000, true],
  ])('at an order that has rested for %i ms is due in one run of five: %s', (ageMs, due) => {
    expect(isLookDue(old, ageMs)).toBe(due);
  });

  it('in full comes round every half hour, and with a clock that was set back too', () => {
    const runs = Array.from({ length: 120 }, (_, minute) => isFullLookDue(open, open.createdAtMs + minute * minuteMs));
    expect(runs.filter(Boolean)).toHaveLength(8);
    expect(isFullLookDue(open, open.createdAtMs - fullLookEveryMs)).toBe(true);
    expect(isFullLookDue(open, open.createdAtMs - 1)).toBe(false);
  });
});
