import {
  amount,
  countLook,
  type Difference,
  lookGapMsMin,
  persistentMs,
  type Seen,
  untoldMsMax,
} from '@nightdesk/core';
import { expect, it } from 'vitest';

const minuteMs = 60_000;
const seen = (change: Partial<Seen> = {}): Seen => ({
  ...{ id: 'drift:spot:BTC', kind: 'drift', subject: 'BTC', amount: amount('1'), message: 'more', isQuiet: true },
  ...change,
});

/** Looks one after the other, each so long after the one before. */
function follow(...looks: (Partial<Seen> & { afterMs?: number })[]): Difference {
  let nowMs = 0;
  let beforeMs: number | undefined;
  let difference: Difference | undefined;
  for (const { afterMs = minuteMs, ...change } of looks) {
    nowMs += afterMs;
    difference = countLook(seen(change), difference, { nowMs, beforeMs });
    beforeMs = nowMs;
  }
  if (difference === undefined) throw new Error('nothing was seen');
  return difference;
}

const { amount: _some, ...nothing } = seen();

it.each<[string, Parameters<typeof follow>, Difference['state'], number]>([
  ['one look', [{}], 'suspected', 1],
  ['two looks that show the same', [{}, {}], 'confirmed', 2],
  ['two looks closer together than answers may be late', [{}, { afterMs: lookGapMsMin - 1 }], 'suspected', 1],
  ['two looks just far enough apart', [{}, { afterMs: lookGapMsMin }], 'confirmed', 2],
  ['looks while something is under way', [{ isQuiet: false }, { isQuiet: false }, { isQuiet: false }], 'suspected', 0],
  ['a quiet look after such', [{ isQuiet: false }, {}], 'suspected', 1],
  ['something under way in between that left it as it is', [{}, { isQuiet: false }, {}], 'confirmed', 2],
  ['something under way in between that changed it', [{}, { isQuiet: false, amount: amount('2') }, {}], 'suspected', 1],
  ['another amount', [{}, { amount: amount('2') }], 'suspected', 1],
  [
    'another amount each time, for long',
    [{}, { amount: amount('2') }, { amount: amount('3') }, { amount: amount('4') }],
    'confirmed',
    1,
  ],
  ['the other side of what was expected', [{}, { amount: amount('-1') }], 'suspected', 1],
  ['what may be a fill', [{ mayBeFill: true }, { mayBeFill: true }], 'suspected', 2],
  [
    'what may be a fill, for longer than a venue takes to tell',
    [{ mayBeFill: true }, { mayBeFill: true, afterMs: untoldMsMax }],
    'confirmed',
    2,
  ],
])('%s', (_name, looks, state, count) => {
  const difference = follow(...looks);
  expect([difference.state, difference.looks]).toEqual([state, count]);
  expect(difference.confirmedAtMs === undefined).toBe(state === 'suspected');
});

it('counts from the first look at which it was seen on that side', () => {
  expect(follow({}, { amount: amount('2') }).firstSeenMs).toBe(minuteMs);
  expect(follow({}, { amount: amount('-2') }).firstSeenMs).toBe(2 * minuteMs);
  expect(persistentMs).toBeGreaterThan(2 * minuteMs);
});

it('counts what has no amount, and takes one that gets one for something else', () => {
  const times = { nowMs: 2 * minuteMs, beforeMs: minuteMs };
  const first = countLook(nothing, undefined, { nowMs: minuteMs, beforeMs: undefined });
  expect(countLook(nothing, first, times).state).toBe('confirmed');
  expect(countLook(seen(), first, times)).toMatchObject({ state: 'suspected', looks: 1, firstSeenMs: 2 * minuteMs });
});

it('counts without knowing when the look before was', () => {
  const first = follow({});
  expect(countLook(seen(), first, { nowMs: 2 * minuteMs, beforeMs: undefined }).state).toBe('confirmed');
});
