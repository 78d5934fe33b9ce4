import {
  columnsOf,
  countOpens,
  findGaps,
  firstOpenFrom,
  type Gap,
  isAligned,
  judgeGaps,
  markQuarantined,
  nextOpenTime,
  openTimeOf,
  type VenueIncident,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 21);
/** The open time of a minute, counted from the start. */
const minute = (count: number) => startMs + count * minuteMs;
const span = (from: number, to: number) => ({ fromMs: minute(from), toMs: minute(to) });
const candlesAt = (openTimesMs: readonly number[]) =>
  columnsOf(openTimesMs.map((openMs) => ({ openMs, open: 1, high: 1, low: 1, close: 1 })));
const minutes = (...counts: number[]) => candlesAt(counts.map(minute));
const open = (from: number, to: number, facts: Partial<Gap> = {}): Gap => ({
  ...{ ...span(from, to), kind: 'open', attempts: 0 },
  ...facts,
});
const checkedAtMs = minute(1_000);
const judged = { kind: 'no-trades', attempts: 2, checkedAtMs, by: 'candles' } as const;

describe('finding gaps', () => {
  it.each<[string, number[], [number, number], [number, number][]]>([
    ['none where every candle is there', [0, 1, 2], [0, 3], []],
    ['one before the first candle', [2, 3], [0, 4], [[0, 2]]],
    ['one behind the last candle', [0, 1], [0, 4], [[2, 4]]],
    [
      'one in the middle, and another',
      [0, 2, 3, 6],
      [0, 7],
      [
        [1, 2],
        [4, 6],
      ],
    ],
    ['all of a span without candles', [], [0, 5], [[0, 5]]],
    ['nothing of an empty span', [], [3, 3], []],
    ['nothing outside of the span', [0, 9], [3, 5], [[3, 5]]],
  ])('finds %s', (_, present, [from, to], gaps) => {
    const found = findGaps(minutes(...present), { timeframe: '1m', span: span(from, to) });
    expect(found).toEqual(gaps.map(([first, last]) => open(first, last)));
  });

  it('expects what opens within the span, where it begins and ends between open times', () => {
    const query = { timeframe: '1m', span: { fromMs: minute(1) - 1, toMs: minute(4) + 1 } };
    expect(findGaps(minutes(2), query)).toEqual([open(1, 2), open(3, 5)]);
  });

  it('takes no candle between two open times for one of the timeframe', () => {
    const columns = candlesAt([minute(0), minute(1) + 1_000, minute(2)]);
    expect(findGaps(columns, { timeframe: '1m', span: span(0, 3) })).toEqual([open(1, 2)]);
  });

  it('knows how long months are', () => {
    const month = (index: number) => Date.UTC(2026, index);
    const query = { timeframe: '1M', span: { fromMs: month(0), toMs: month(5) } };
    expect(findGaps(candlesAt([month(0), month(3)]), query)).toEqual([
      { fromMs: month(1), toMs: month(3), kind: 'open', attempts: 0 },
      { fromMs: month(4), toMs: month(5), kind: 'open', attempts: 0 },
    ]);
  });

  it('ends the last week of a year where the next one begins', () => {
    const query = { timeframe: '1w', span: { fromMs: Date.UTC(2026, 11, 21), toMs: Date.UTC(2027, 0) } };
    expect(findGaps(candlesAt([Date.UTC(2026, 11, 21)]), query)).toEqual([
      { fromMs: Date.UTC(2026, 11, 28), toMs: Date.UTC(2027, 0, 4), kind: 'open', attempts: 0 },
    ]);
  });

  it.each<[string, Gap[], Gap[]]>([
    ['keeps what is known of one', [open(1, 9, judged)], [open(1, 9, judged)]],
    ['adds what is beside it', [open(3, 5, judged)], [open(1, 3), open(3, 5, judged), open(5, 9)]],
    ['forgets one that is closed', [open(10, 12, judged)], [open(1, 9)]],
    ['shrinks one at both ends', [open(0, 20, judged)], [open(1, 9, judged)]],
    [
      'joins neighbours of which the same is known, and no others',
      [open(1, 3, judged), open(3, 5, judged), open(5, 9, { ...judged, attempts: 3 })],
      [open(1, 5, judged), open(5, 9, { ...judged, attempts: 3 })],
    ],
  ])('%s', (_, known, expected) => {
    expect(findGaps(minutes(0, 9, 10, 11), { timeframe: '1m', span: span(0, 12) }, known)).toEqual(expected);
  });

  it.each<[string, Partial<Gap>]>([
    ['kind', { kind: 'open' }],
    ['time of asking', { checkedAtMs: 1 }],
    ['evidence', { by: 'trades' }],
    ['begin of the incident', { incident: span(1, 3) }],
    ['end of the incident', { incident: span(0, 4) }],
  ])('joins no neighbours that differ by the %s', (_, other) => {
    const outage = { ...judged, kind: 'outage', incident: span(0, 3) } as const;
    const known = [open(0, 2, outage), open(2, 4, { ...outage, ...other })];
    expect(findGaps(minutes(), { timeframe: '1m', span: span(0, 4) }, known)).toEqual(known);
  });

  it('splits a known one by the candles that came within', () => {
    const query = { timeframe: '1m', span: span(0, 10) };
    expect(findGaps(minutes(0, 4, 5, 9), query, [open(1, 9, judged)])).toEqual([
      open(1, 4, judged),
      open(6, 9, judged),
    ]);
  });

  it('changes none of what it was given', () => {
    const known = [open(0, 2, judged), open(2, 4, judged)];
    findGaps(minutes(), { timeframe: '1m', span: span(0, 4) }, known);
    expect(known).toEqual([open(0, 2, judged), open(2, 4, judged)]);
  });
});

describe('judging gaps that an answer has shown empty', () => {
  const check = { timeframe: '1m', checkedAtMs, by: 'candles', incidents: [] as VenueIncident[] } as const;
  const incident = (from: number, to?: number): VenueIncident => ({
    ...{ fromMs: from, ...(to !== undefined && { toMs: to }) },
    ...{ code: 'network', message: 'no answer' },
  });

  it('believes no single answer', () => {
    const [once] = judgeGaps([open(0, 5)], check);
    expect(once).toEqual(open(0, 5, { attempts: 1, checkedAtMs }));
    expect(judgeGaps(once === undefined ? [] : [once], check)).toEqual([open(0, 5, judged)]);
  });

  it('believes the trades at once, and does not forget that it was them', () => {
    const [byTrades] = judgeGaps([open(0, 5)], { ...check, by: 'trades' });
    expect(byTrades).toEqual(open(0, 5, { ...judged, attempts: 1, by: 'trades' }));
    expect(judgeGaps(byTrades === undefined ? [] : [byTrades], check)).toEqual([
      open(0, 5, { ...judged, by: 'trades' }),
    ]);
  });

  it.each<[string, VenueIncident[], Gap[]]>([
    ['not at all', [incident(minute(5), minute(9))], [open(0, 5, judged)]],
    ['as a whole', [incident(minute(0) - 1, minute(7))], [outage(0, 5, minute(0) - 1, minute(7))]],
    ['at its begin', [incident(minute(0), minute(2))], [outage(0, 2, minute(0), minute(2)), open(2, 5, judged)]],
    ['at its end', [incident(minute(3), minute(9))], [open(0, 3, judged), outage(3, 5, minute(3), minute(9))]],
    [
      'within a candle, which then counts as a whole',
      [incident(minute(2) + 1, minute(2) + 2)],
      [open(0, 2, judged), outage(2, 3, minute(2) + 1, minute(2) + 2), open(3, 5, judged)],
    ],
    [
      'twice',
      [incident(minute(0), minute(1)), incident(minute(3), minute(4))],
      [
        ...[outage(0, 1, minute(0), minute(1)), open(1, 3, judged)],
        ...[outage(3, 4, minute(3), minute(4)), open(4, 5, judged)],
      ],
    ],
    [
      'by two of which the second ends within the first',
      [incident(minute(0), minute(3)), incident(minute(1), minute(2))],
      [outage(0, 3, minute(0), minute(3)), open(3, 5, judged)],
    ],
    ['by one that lasts', [incident(minute(4))], [open(0, 4, judged), outage(4, 5, minute(4), checkedAtMs)]],
    ['by one that took no time', [incident(minute(2) + 1, minute(2) + 1)], [open(0, 5, judged)]],
    ['by one that began after the answer', [incident(checkedAtMs + 1)], [open(0, 5, judged)]],
  ])('tells an outage that covers it %s', (_, incidents, expected) => {
    expect(judgeGaps([open(0, 5, { attempts: 1 })], { ...check, incidents })).toEqual(expected);
  });

  function outage(from: number, to: number, fromMs: number, toMs: number): Gap {
    return open(from, to, { ...judged, kind: 'outage', incident: { fromMs, toMs } });
  }

  it('leaves open what was not closed when the venue was asked', () => {
    const asked = { ...check, checkedAtMs: minute(3) + 1 };
    expect(judgeGaps([open(0, 5, { attempts: 1 }), open(6, 8)], asked)).toEqual([
      open(0, 3, { ...judged, checkedAtMs: asked.checkedAtMs }),
      open(3, 5, { attempts: 1 }),
      open(6, 8),
    ]);
  });

  it('leaves what is quarantined to that, and counts the asking', () => {
    expect(judgeGaps([open(0, 1, { kind: 'quarantined' })], { ...check, by: 'trades' })).toEqual([
      open(0, 1, { kind: 'quarantined', attempts: 1, checkedAtMs }),
    ]);
  });

  it('leaves an outage one when its incident is not told any more, and makes one of what it hears of later', () => {
    const before = { ...judged, kind: 'outage', incident: span(0, 5) } as const;
    expect(judgeGaps([open(0, 5, before)], check)).toEqual([open(0, 5, { ...before, attempts: 3 })]);
    const heard = judgeGaps([open(0, 5, judged)], { ...check, incidents: [incident(minute(0), minute(6))] });
    expect(heard).toEqual([open(0, 5, { ...before, attempts: 3, incident: span(0, 6) })]);
  });
});

describe('marking what was quarantined', () => {
  it('takes single candles out of gaps, and joins neighbours', () => {
    const gaps = [open(0, 5, { attempts: 1, checkedAtMs }), open(7, 8), open(9, 12)];
    const quarantined = { kind: 'quarantined', attempts: 1, checkedAtMs } as const;
    const opens = [minute(9), minute(7), minute(2), minute(1), minute(2), minute(4), minute(6), minute(3) + 1];
    expect(markQuarantined(gaps, opens, '1m')).toEqual([
      open(0, 1, { attempts: 1, checkedAtMs }),
      open(1, 3, quarantined),
      open(3, 4, { attempts: 1, checkedAtMs }),
      open(4, 5, quarantined),
      ...[open(7, 8, { kind: 'quarantined' }), open(9, 10, { kind: 'quarantined' }), open(10, 12)],
    ]);
  });

  it('drops what was concluded before', () => {
    const outage = open(0, 1, { ...judged, kind: 'outage', incident: span(0, 9) });
    expect(markQuarantined([outage], [minute(0)], '1m')).toEqual([
      open(0, 1, { kind: 'quarantined', attempts: 2, checkedAtMs }),
    ]);
  });
});

describe('gaps of any candles, in any timeframe', () => {
  const timeframe = fc.constantFrom('1m', '15m', '4h', '1w', '1M');
  /** Which of fifty candles are there, what is known of which, and where the span begins and ends. */
  const cases = fc.record({
    timeframe,
    present: fc.array(fc.boolean(), { minLength: 50, maxLength: 50 }),
    known: fc.array(fc.nat({ max: 3 }), { minLength: 50, maxLength: 50 }),
    from: fc.nat({ max: 50 }),
    to: fc.nat({ max: 50 }),
    offMs: fc.constantFrom(0, 1, 59_999),
  });
  const openTimes = (name: string) => {
    const opens = [firstOpenFrom(name, startMs)];
    for (let count = 1; count <= 51; count += 1) opens.push(nextOpenTime(name, opens.at(-1) as number));
    return opens;
  };
  /** One known gap for each candle that something is known of: 0 is nothing. */
  const knownOf = (opens: number[], known: number[]): Gap[] =>
    known.flatMap((what, index) => {
      const [fromMs, toMs] = [opens[index] as number, opens[index + 1] as number];
      return what === 0 ? [] : [{ fromMs, toMs, kind: 'no-trades' as const, attempts: what, checkedAtMs: 7 }];
    });
  /** What each candle is, one by one. */
  const eachOf = (name: string, gaps: readonly Gap[]) => {
    const each = new Map<number, string>();
    for (const { fromMs, toMs, ...facts } of gaps) {
      for (let openMs = fromMs; openMs < toMs; openMs = nextOpenTime(name, openMs)) {
        expect(each.has(openMs)).toBe(false);
        each.set(openMs, JSON.stringify(facts));
      }
    }
    return each;
  };

  it('are what a look at each candle says', () => {
    fc.assert(
      fc.property(cases, ({ timeframe: name, present, known, from, to, offMs }) => {
        const opens = openTimes(name);
        const columns = candlesAt(opens.filter((_, index) => present[index]));
        const within = { fromMs: (opens[from] as number) + offMs, toMs: (opens[to] as number) + offMs };
        const gaps = findGaps(columns, { timeframe: name, span: within }, knownOf(opens, known));
        const expected = new Map<number, string>();
        for (const [index, openMs] of opens.entries()) {
          if (openMs < within.fromMs || openMs >= within.toMs || present[index]) continue;
          const what = known[index] ?? 0;
          const facts =
            what === 0 ? { kind: 'open', attempts: 0 } : { kind: 'no-trades', attempts: what, checkedAtMs: 7 };
          expected.set(openMs, JSON.stringify(facts));
        }
        expect(eachOf(name, gaps)).toEqual(expected);
        for (const [index, gap] of gaps.entries()) {
          expect(isAligned(name, gap.fromMs) && isAligned(name, gap.toMs)).toBe(true);
          expect(gap.fromMs).toBeGreaterThanOrEqual(gaps[index - 1]?.toMs ?? 0);
        }
        expect(findGaps(columns, { timeframe: name, span: within }, gaps)).toEqual(gaps);
      }),
    );
  });

  it('are judged candle by candle: an outage exactly where an incident touches it', () => {
    const incidents = fc.array(fc.record({ at: fc.nat({ max: 3_000 }), seconds: fc.nat({ max: 500 }) }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(incidents, fc.nat({ max: 60 }), (those, askedAt) => {
        const sorted = [...those].sort((a, b) => a.at - b.at);
        const told = sorted.map(({ at, seconds }) => {
          const fromMs = startMs + at * 1_000;
          return { fromMs, toMs: fromMs + seconds * 1_000, code: 'network', message: '' };
        });
        const asked = { timeframe: '1m', checkedAtMs: minute(askedAt), by: 'candles', incidents: told } as const;
        const gaps = judgeGaps([open(3, 20, { attempts: 1 }), open(25, 50, { attempts: 1 })], asked);
        const kinds = new Map([...eachOf('1m', gaps)].map(([openMs, facts]) => [openMs, JSON.parse(facts).kind]));
        expect(kinds.size).toBe(42);
        for (const [openMs, kind] of kinds) {
          const isTouched = told.some(
            ({ fromMs, toMs }) => fromMs < toMs && fromMs < openMs + minuteMs && toMs > openMs,
          );
          const closed = openMs < openTimeOf('1m', asked.checkedAtMs);
          expect(kind).toBe(closed ? (isTouched ? 'outage' : 'no-trades') : 'open');
        }
        expect(gaps.reduce((sum, gap) => sum + countOpens('1m', gap), 0)).toBe(42);
      }),
    );
  });
});
