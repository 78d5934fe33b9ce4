/** Day start, peak, daily loss and drawdown from look to look. */
import {
  add,
  amount,
  carryTransfers,
  compare,
  type Difference,
  dayOf,
  type EquityLook,
  type EquityMarks,
  heldMarksMsMax,
  holdsMarks,
  isTorn,
  lookGapMsMax,
  markEquity,
  notional,
  price,
  tornMsMax,
  uncertainMsMax,
  unexplainedOf,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const at = (time: string): number => Date.parse(time);
const minuteMs = 60_000;

const look = (equity: string, time: string | number, rest: Partial<EquityLook> = {}): EquityLook => ({
  equity: notional(equity),
  unrealized: notional('0'),
  currency: 'USD',
  atMs: typeof time === 'number' ? time : at(time),
  timeZone: 'UTC',
  transfers: notional('0'),
  ...rest,
});

const moved = (transfers: string): Partial<EquityLook> => ({ transfers: notional(transfers) });

function lookedAt(...looks: EquityLook[]) {
  let marked: ReturnType<typeof markEquity> | undefined;
  for (const one of looks) marked = markEquity(marked?.marks, one);
  if (marked === undefined) throw new Error('there are no looks');
  return marked;
}

const noon = '2026-03-10T12:00:00Z';
const next = '2026-03-10T12:01:00Z';

describe('equity', () => {
  it('begins with a day start and a peak of its own', () => {
    expect(lookedAt(look('100', noon, { ...moved('50'), valued: ['BTC'], unrealized: notional('3') }))).toEqual({
      marks: {
        ...{ atMs: at(noon), currency: 'USD', equity: '100', unrealized: '3', valued: ['BTC'] },
        ...{ day: '2026-03-10', dayStart: '100', dayTransfers: '0', peak: '100', dailyLoss: '0', drawdown: '0' },
      },
    });
  });

  it.each<[string, EquityLook[], object]>([
    ['that falls is a loss', [look('100', noon), look('90', next)], { dailyLoss: '10', drawdown: '10', peak: '100' }],
    ['that rises is none', [look('100', noon), look('120', next)], { dailyLoss: '0', drawdown: '0', peak: '120' }],
    [
      'that falls from a peak is a drawdown before it is a loss',
      [look('100', noon), look('120', next), look('110', '2026-03-10T12:02:00Z')],
      { dailyLoss: '0', drawdown: '10', peak: '120' },
    ],
    [
      'that is paid in is no profit',
      [look('100', noon), look('150', next, moved('50'))],
      { dailyLoss: '0', drawdown: '0', peak: '150', dayStart: '150', dayTransfers: '50' },
    ],
    [
      'that is paid out is no loss',
      [look('100', noon), look('60', next, moved('-40'))],
      { dailyLoss: '0', drawdown: '0', peak: '60', dayStart: '60', dayTransfers: '-40' },
    ],
    [
      'that is paid out leaves a loss what it was',
      [look('100', noon), look('70', next), look('10', '2026-03-10T12:02:00Z', moved('-60'))],
      { dailyLoss: '30', drawdown: '30', peak: '40' },
    ],
    ['may be below zero', [look('10', noon), look('-5', next)], { dailyLoss: '15', drawdown: '15', peak: '10' }],
  ])('%s', (_name, looks, expected) => {
    const { marks, closedDay } = lookedAt(...looks);
    expect(marks).toMatchObject(expected);
    expect(closedDay).toBeUndefined();
  });

  it('keeps what is not told absent', () => {
    const { marks } = lookedAt({ ...look('1', noon), unrealized: undefined });
    expect('unrealized' in marks || 'valued' in marks).toBe(false);
  });
});

describe('a new day', () => {
  const evening = '2026-03-10T23:59:30Z';
  const midnight = '2026-03-11T00:00:00Z';

  it('begins with the equity of the last look, and closes the day before', () => {
    const { marks, closedDay } = lookedAt(look('100', noon), look('90', evening), look('95', midnight));
    expect(marks).toMatchObject({
      day: '2026-03-11',
      dayStart: '90',
      dailyLoss: '0',
      drawdown: '5',
      dayTransfers: '0',
    });
    expect(closedDay).toMatchObject({ day: '2026-03-10', marks: { equity: '90', dailyLoss: '10' } });
  });

  it('moves its start along with what was paid in since the last look', () => {
    const { marks } = lookedAt(look('100', evening), look('148', midnight, moved('50')));
    expect(marks).toMatchObject({ dayStart: '150', dayTransfers: '50', dailyLoss: '2' });
  });

  it.each<[string, string, string, number, string]>([
    ['hides no loss of a gap', '100', '80', 3 * 86_400_000, '100'],
    ['counts no gain of a gap', '100', '130', 3 * 86_400_000, '130'],
    ['knows no gap yet', '100', '130', lookGapMsMax, '100'],
    ['knows a gap', '100', '130', lookGapMsMax + 1, '130'],
  ])('%s', (_name, before, now, gapMs, dayStart) => {
    const first = look(before, at(midnight) - minuteMs);
    expect(lookedAt(first, look(now, first.atMs + gapMs)).marks.dayStart).toBe(dayStart);
  });

  it('does not begin again when the clock is set back over midnight', () => {
    const looks = [look('100', evening), look('90', midnight), look('85', '2026-03-10T23:59:59Z')];
    const back = lookedAt(...looks);
    expect(back.closedDay).toBeUndefined();
    expect(back.marks).toMatchObject({
      day: '2026-03-11',
      dayStart: '100',
      dailyLoss: '15',
      atMs: at('2026-03-10T23:59:59Z'),
    });
    const again = lookedAt(...looks, look('80', midnight));
    expect(again).toMatchObject({ marks: { dayStart: '100', dailyLoss: '20' } });
    expect(again.closedDay).toBeUndefined();
  });

  it('that a clock far ahead made gets its right name and keeps its start', () => {
    const { marks, closedDay } = lookedAt(look('100', '2026-04-20T12:00:00Z'), look('90', noon));
    expect(marks).toMatchObject({ day: '2026-03-10', dayStart: '100', dailyLoss: '10' });
    expect(closedDay).toBeUndefined();
  });

  it('that has begun goes on when the time zone moves to the west', () => {
    const { marks, closedDay } = lookedAt(
      look('100', '2026-03-10T16:00:00Z', { timeZone: 'Asia/Tokyo' }),
      look('90', '2026-03-10T16:01:00Z', { timeZone: 'America/New_York' }),
    );
    expect(marks).toMatchObject({ day: '2026-03-11', dailyLoss: '10' });
    expect(closedDay).toBeUndefined();
  });

  it.each<[string, string, string]>([
    // Clocks of Berlin go from 2:00 to 3:00 on 29 March 2026, and from 3:00 to 2:00 on 25 October 2026.
    ['2026-03-28T22:59:59Z', 'Europe/Berlin', '2026-03-28'],
    ['2026-03-28T23:00:00Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T21:59:59Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T22:00:00Z', 'Europe/Berlin', '2026-03-30'],
    ['2026-10-24T22:00:00Z', 'Europe/Berlin', '2026-10-25'],
    ['2026-10-25T22:59:59Z', 'Europe/Berlin', '2026-10-25'],
    ['2026-10-25T23:00:00Z', 'Europe/Berlin', '2026-10-26'],
    // In Beirut the hour from 0:00 to 1:00 of 29 March 2026 is left out: the day begins at 1:00.
    ['2026-03-28T21:59:59Z', 'Asia/Beirut', '2026-03-28'],
    ['2026-03-28T22:00:00Z', 'Asia/Beirut', '2026-03-29'],
    ['2026-01-01T04:59:59Z', 'America/New_York', '2025-12-31'],
    ['2026-01-01T05:00:00Z', 'America/New_York', '2026-01-01'],
    ['2026-01-01T00:00:00Z', 'UTC', '2026-01-01'],
    ['2026-01-01T10:00:00Z', 'Pacific/Kiritimati', '2026-01-02'],
  ])('%s is in %s on %s', (time, timeZone, day) => {
    expect(dayOf(at(time), timeZone)).toBe(day);
  });

  it.each([
    ['2026-03-28T23:00:00Z', 23],
    ['2026-10-24T22:00:00Z', 25],
  ])('that begins in Berlin at %s closes after %i hours', (begin, hours) => {
    const zone = { timeZone: 'Europe/Berlin' };
    let marked = markEquity(undefined, look('100', at(begin) - minuteMs, zone));
    const closings: number[] = [];
    for (let hour = 0; hour <= 25; hour += 0.25) {
      marked = markEquity(marked.marks, look('100', at(begin) + hour * 60 * minuteMs, zone));
      if (marked.closedDay !== undefined) closings.push(hour);
    }
    expect(closings).toEqual([0, hours]);
  });
});

describe('another currency', () => {
  const inEuro = { currency: 'EUR' };

  it('keeps day start, peak and losses in proportion', () => {
    const { marks } = lookedAt(look('200', noon), look('100', next), look('80', '2026-03-10T12:02:00Z', inEuro));
    expect(marks).toMatchObject({ currency: 'EUR', dayStart: '160', peak: '160', dailyLoss: '80', drawdown: '80' });
  });

  it('takes out what was paid in meanwhile', () => {
    const { marks } = lookedAt(look('100', noon), look('90', next, { ...inEuro, ...moved('10') }));
    expect(marks).toMatchObject({ dayStart: '90', peak: '90', dayTransfers: '10', dailyLoss: '0', drawdown: '0' });
  });

  it('on a new day closes the old one in the old currency', () => {
    const marked = lookedAt(look('100', '2026-03-10T23:59:59Z'), look('80', '2026-03-11T00:00:01Z', inEuro));
    expect(marked.closedDay).toMatchObject({ day: '2026-03-10', marks: { currency: 'USD', equity: '100' } });
    expect(marked.marks).toMatchObject({ currency: 'EUR', dayStart: '80', dailyLoss: '0' });
  });

  it.each([
    ['0', '80'],
    ['100', '0'],
    ['-1', '80'],
  ])('begins anew from %s to %s, of which there is no proportion', (before, now) => {
    const { marks, closedDay } = lookedAt(look(before, noon), look(now, next, inEuro));
    expect(marks).toMatchObject({ dayStart: now, peak: now, dailyLoss: '0', drawdown: '0' });
    expect(closedDay).toBeUndefined();
  });

  it('that begins anew on a new day closes the old one', () => {
    const marked = lookedAt(look('0', noon), look('80', '2026-03-11T00:00:01Z', inEuro));
    expect(marked.closedDay).toMatchObject({ day: '2026-03-10', marks: { equity: '0' } });
  });
});

describe('transfers of a look that could not be marked', () => {
  const { marks } = lookedAt(look('100', noon), look('90', next));
  const paid = notional('-40');

  it('change no loss, then or later', () => {
    const carried = carryTransfers(marks, { currency: 'USD', transfers: paid });
    expect(carried).toEqual({ ...marks, equity: '50', dayStart: '60', peak: '60', dayTransfers: '-40' });
    const later = markEquity(carried, look('50', '2026-03-10T12:30:00Z')).marks;
    expect(later).toMatchObject({ dailyLoss: '10', drawdown: '10', dayTransfers: '-40' });
  });

  it('are left to the conversion in another currency', () => {
    expect(carryTransfers(marks, { currency: 'EUR', transfers: paid })).toBe(marks);
  });
});

describe('what nobody has explained', () => {
  const unexplained = (uncertain: string, unnoted = '0'): Partial<EquityLook> => ({
    unexplained: { uncertain: notional(uncertain), unnoted: notional(unnoted) },
  });

  it.each<[string, EquityLook, object]>([
    ['and is missing may be no loss', look('90', next, unexplained('-10')), { explained: '100', dailyLoss: '0' }],
    ['and is missing hides no other loss', look('85', next, unexplained('-10')), { dailyLoss: '5', drawdown: '5' }],
    ['and is more may be no profit', look('110', next, unexplained('10')), { peak: '100', drawdown: '0' }],
    ['and is more may be one that was not told yet', look('95', next, unexplained('10')), { dailyLoss: '5' }],
    [
      'and is there for certain is no profit',
      look('110', next, unexplained('0', '20')),
      { peak: '100', dailyLoss: '10' },
    ],
  ])('%s', (_name, now, expected) => {
    expect(lookedAt(look('100', noon), now).marks).toMatchObject(expected);
  });

  it('begins no day, and is carried along with transfers and into another currency', () => {
    const late = lookedAt(look('100', noon), look('90', '2026-03-10T23:59:00Z', unexplained('-10')));
    const told = markEquity(late.marks, look('90', '2026-03-11T00:00:00Z', moved('-10'))).marks;
    expect(told).toMatchObject({ dayStart: '90', peak: '90', dailyLoss: '0' });
    expect(told).not.toHaveProperty('explained');
    const carried = carryTransfers(late.marks, { currency: 'USD', transfers: notional('-10') });
    expect(carried).toMatchObject({ equity: '80', explained: '90', dayStart: '90' });
    const inEuro = look('45', '2026-03-11T00:00:00Z', { currency: 'EUR' });
    expect(markEquity(late.marks, inEuro).marks).toMatchObject({ dayStart: '50', peak: '50' });
  });

  it('is what balances show for a while, and what came without a word', () => {
    const rates = { BTC: price('100'), USDT: price('1') };
    const seenMs = at(noon);
    const of = (rest: Partial<Difference>): Difference => ({
      ...{ id: 'some', kind: 'drift', subject: 'BTC', amount: amount('-1'), firstSeenMs: seenMs, looks: 1 },
      ...{ state: 'suspected', message: '' },
      ...rest,
    });
    const cases: [Difference, number, string, string][] = [
      [of({}), 0, '-100', '0'],
      [of({}), uncertainMsMax, '-100', '0'],
      [of({}), uncertainMsMax + 1, '0', '0'],
      [of({ kind: 'withdrawal' }), 10 * uncertainMsMax, '-100', '0'],
      [of({ state: 'confirmed' }), 0, '0', '0'],
      [of({ state: 'confirmed', amount: amount('2') }), uncertainMsMax + 1, '0', '200'],
      [of({ subject: 'NOPE' }), 0, '0', '0'],
      [of({ kind: 'outsider_fill', subject: 'BTC/USDT' }), 0, '0', '0'],
    ];
    for (const [difference, laterMs, uncertain, unnoted] of cases) {
      expect(unexplainedOf([difference], rates, seenMs + laterMs)).toEqual({ uncertain, unnoted });
    }
    const { amount: _none, ...order } = of({ kind: 'deposit' });
    expect(unexplainedOf([order, of({}), of({ subject: 'USDT' })], rates, seenMs)).toMatchObject({ uncertain: '-101' });
  });
});

describe('balances and positions', () => {
  const torn = {
    id: 'some',
    kind: 'outsider_position',
    subject: 'X',
    looks: 1,
    message: '',
    state: 'suspected',
  } as const;
  it.each<[string, Partial<Difference>, number, boolean]>([
    ['of one moment', { kind: 'drift' }, 0, false],
    ['of two moments', {}, 0, true],
    ['that may be of two moments still', {}, tornMsMax, true],
    ['that have differed for too long for that', {}, tornMsMax + 1, false],
    ['that somebody else has moved', { state: 'confirmed' }, 0, false],
  ])('%s', (_name, change, laterMs, expected) => {
    expect(isTorn([{ ...torn, firstSeenMs: at(noon), ...change }], at(noon) + laterMs)).toBe(expected);
  });
});

describe('equity is held', () => {
  const { marks } = lookedAt(look('100', noon, { valued: ['BTC', 'USDT'] }));
  it.each<[string, EquityMarks | undefined, string[], number, boolean]>([
    ['while what counted has no price', marks, ['BTC'], minuteMs, true],
    ['for an hour at most', marks, ['BTC'], heldMarksMsMax, true],
    ['not for longer', marks, ['BTC'], heldMarksMsMax + 1, false],
    ['not by a clock that was far ahead', marks, ['BTC'], -heldMarksMsMax - 1, false],
    ['not for what never counted', marks, ['JUNK'], minuteMs, false],
    ['not where all is valued', marks, [], minuteMs, false],
    ['not at first', undefined, ['BTC'], minuteMs, false],
    ['not where it is not known what counted', lookedAt(look('1', noon)).marks, ['BTC'], minuteMs, false],
  ])('%s', (_name, before, unvalued, laterMs, expected) => {
    expect(holdsMarks(before, { unvalued, atMs: at(noon) + laterMs })).toBe(expected);
  });
});

describe('over any looks', () => {
  const figure = fc.integer({ min: -1_000, max: 100_000 }).map((units) => notional(String(units)));
  const steps = fc.array(
    fc.record({
      equity: figure,
      transfers: fc.oneof(fc.constant(notional('0')), figure),
      laterMs: fc.integer({ min: -3 * 86_400_000, max: 3 * 86_400_000 }),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'),
      currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('losses are never negative, the peak is never below equity, and no day ends twice', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let atMs = at(noon);
        let marks: EquityMarks | undefined;
        for (const { laterMs, ...step } of all) {
          atMs += laterMs;
          const marked = markEquity(marks, look(step.equity, atMs, step));
          expect(compare(marked.marks.dailyLoss, '0')).toBeGreaterThanOrEqual(0);
          expect(compare(marked.marks.drawdown, '0')).toBeGreaterThanOrEqual(0);
          expect(compare(marked.marks.peak, marked.marks.equity)).toBeGreaterThanOrEqual(0);
          if (marked.closedDay !== undefined) expect(marked.closedDay.day < marked.marks.day).toBe(true);
          marks = marked.marks;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('transfers alone change neither daily loss nor drawdown', () => {
    fc.assert(
      fc.property(steps, figure, (all, transfers) => {
        let atMs = at(noon);
        let marks: EquityMarks | undefined;
        for (const { laterMs, ...step } of all) {
          atMs += laterMs;
          marks = markEquity(marks, look(step.equity, atMs, step)).marks;
        }
        if (marks === undefined) return;
        const { equity, currency, dailyLoss, drawdown } = marks;
        const paid = { currency, transfers, atMs, timeZone: all.at(-1)?.timeZone ?? 'UTC' };
        const later = markEquity(marks, look(add(equity, transfers), atMs, paid)).marks;
        expect([later.dailyLoss, later.drawdown]).toEqual([dailyLoss, drawdown]);
      }),
      { numRuns: 60 },
    );
  });
});
