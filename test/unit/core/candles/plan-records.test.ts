import {
  type Backfill,
  keptRecord,
  laneKeyOf,
  laneSizeMax,
  partOf,
  planRecords,
  type SeriesRecord,
  seriesKeyOf,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  dayMs,
  hourMs,
  minuteMs,
  nameOf,
  recordOf,
  seriesNamed,
  wantedNamed,
} from '../../../support/planned-series.ts';
import fc from '../../../support/property.ts';

const nowMs = Date.UTC(2026, 10, 21, 10, 30) + 7_000;
const openMs = Date.UTC(2026, 10, 21, 10, 30);
const numbered = (count: number, first = 0) => Array.from({ length: count }, (_, index) => `A${first + index}/USDT#1m`);
const every = (names: readonly string[], minutes = 5) =>
  wantedNamed(Object.fromEntries(names.map((name) => [name, minutes])));
/** How many series each lane has. */
const sizesOf = (records: readonly SeriesRecord[]) => {
  const sizes = new Map<string, number>();
  for (const { series, lane } of records) {
    const key = laneKeyOf({ venue: series.venue, part: partOf(series), number: lane });
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  return Object.fromEntries(sizes);
};

describe('records of series that are wanted', () => {
  it('begin with the candle that forms now, or with this very moment', () => {
    expect(planRecords([], wantedNamed({ 'A/B#1h': 5, 'A/B#trades': 5 }), nowMs)).toEqual([
      recordOf('A/B#1h', { sinceMs: Date.UTC(2026, 10, 21, 10), version: 0 }),
      recordOf('A/B#trades', { sinceMs: nowMs, version: 0 }),
    ]);
  });

  it('fill up the lanes of their venue and part, one after the other', () => {
    const names = [...numbered(laneSizeMax * 2 + 1), 'other#A0/USDT#1m', 'A0/USDT#1h', 'A0/USDT#funding'];
    expect(sizesOf(planRecords([], every(names), nowMs))).toEqual({
      ...{ 'fake#1m#0': laneSizeMax, 'fake#1m#1': laneSizeMax, 'fake#1m#2': 1 },
      ...{ 'other#1m#0': 1, 'fake#1h#0': 1, 'fake#funding#0': 1 },
    });
  });

  it('share lanes with those that are fetched as often', () => {
    const wanted = wantedNamed({ 'A/B#1m': 1, 'C/B#1m': 5, 'D/B#1m': 1, 'E/B#1m': 5 });
    expect(planRecords([], wanted, nowMs).map(({ lane }) => lane)).toEqual([0, 1, 0, 1]);
  });

  it('stay out of lanes that are mixed since the configuration was changed, and join those of nobody', () => {
    const records = [recordOf('A/B#1m'), recordOf('C/B#1m'), recordOf('D/B#1m', { lane: 1, status: 'kept' })];
    const wanted = wantedNamed({ 'A/B#1m': 1, 'C/B#1m': 5, 'E/B#1m': 5 });
    expect(planRecords(records, wanted, nowMs).map(({ series, lane }) => [nameOf(series), lane])).toEqual([
      ['E/B#1m', 1],
    ]);
  });

  it('take places that are free, and none of a series that is kept', () => {
    const records = numbered(laneSizeMax - 1).map((name, index) => recordOf(name, index < 3 ? { status: 'kept' } : {}));
    const names = numbered(laneSizeMax - 2, 3);
    expect(planRecords(records, every(names), nowMs).map(({ series, lane }) => [nameOf(series), lane])).toEqual([
      [`A${laneSizeMax - 1}/USDT#1m`, 0],
      [`A${laneSizeMax}/USDT#1m`, 1],
    ]);
  });

  it('are left as they are where nothing changes', () => {
    const records = planRecords([], every(numbered(30)), nowMs);
    expect(planRecords(records, every(numbered(30)), nowMs + dayMs)).toEqual([]);
  });

  it('are given to series of which only the past is wanted, without collecting them', () => {
    const records = numbered(laneSizeMax).map((name) => recordOf(name));
    expect(keptRecord(records, seriesNamed('B/USDT#1m'), nowMs)).toEqual(
      recordOf('B/USDT#1m', { lane: 1, status: 'kept', sinceMs: openMs, version: 0 }),
    );
    expect(keptRecord(records.slice(1), seriesNamed('B/USDT#1m'), nowMs).lane).toBe(0);
  });
});

describe('a series that leaves and comes back', () => {
  const failure = { code: 'network', message: '', sinceMs: 0, attempts: 1, retryAtMs: 9 } as const;
  const history: Backfill = {
    ...{ fromMs: 0, toMs: 9, doneToMs: 3, startedAtMs: 1, candles: 0, requests: 0, askedBy: 'history' },
  };
  const wanted = every(['A/B#1m']);

  it('is kept from then on', () => {
    const record = recordOf('A/B#1m', { lane: 3, failure });
    expect(planRecords([record], every([]), nowMs)).toEqual([{ ...record, status: 'kept', untilMs: nowMs }]);
    expect(planRecords([{ ...record, status: 'kept', untilMs: 5 }], every([]), nowMs)).toEqual([]);
  });

  it('is collected from now on, in its old lane, once all of its past is sealed', () => {
    const kept = {
      lane: 3,
      status: 'kept',
      sinceMs: Date.UTC(2026, 9, 1),
      untilMs: Date.UTC(2026, 9, 5),
      failure,
    } as const;
    const record = recordOf('A/B#1m', { ...kept, sealed: '2026-10-05', backfill: history, historyFromMs: 7 });
    expect(planRecords([record], wanted, nowMs)).toEqual([
      recordOf('A/B#1m', { lane: 3, sinceMs: openMs, sealed: '2026-10-05' }),
    ]);
  });

  const away = { status: 'kept', sinceMs: openMs - 20 * dayMs, untilMs: openMs - 5 * dayMs } as const;
  const sealed = '2026-11-16';
  const sealedToMs = Date.UTC(2026, 10, 17);
  const back = (fields: Partial<SeriesRecord>, days = 90) =>
    planRecords([recordOf('A/B#1m', { ...away, sealed, ...fields })], wantedNamed({ 'A/B#1m': [5, days] }), nowMs)[0];
  const missing = { toMs: openMs, startedAtMs: nowMs, candles: 0, requests: 0, askedBy: 'history' } as const;

  it('is given what it missed, and not all of its past again', () => {
    const before = {
      ...history,
      fromMs: openMs - 60 * dayMs,
      toMs: away.sinceMs,
      doneToMs: away.sinceMs,
      endedAtMs: 5,
    };
    const planned = back({ backfill: before });
    expect(planned?.backfill).toEqual({ ...missing, fromMs: openMs - 60 * dayMs, doneToMs: sealedToMs });
    const { backfill, ...rest } = planned as SeriesRecord;
    expect(rest).toEqual(recordOf('A/B#1m', { sinceMs: openMs, sealed }));
    // Once that is there, the rest of what is wanted follows.
    const done = { ...backfill, doneToMs: openMs, endedAtMs: nowMs } as Backfill;
    const wantsMore = wantedNamed({ 'A/B#1m': [5, 90] });
    const [next] = planRecords([{ ...rest, backfill: done }], wantsMore, nowMs);
    expect(next).toMatchObject({ historyFromMs: openMs - 60 * dayMs, backfill: { toMs: openMs - 60 * dayMs } });
  });

  it('is given what it missed where it had no past but what was collected', () => {
    expect(back({})?.backfill).toEqual({ ...missing, fromMs: away.sinceMs, doneToMs: sealedToMs });
  });

  it('goes on with a past that was under way, up to where it is collected again', () => {
    const backfill = { ...history, fromMs: openMs - 80 * dayMs, toMs: away.sinceMs, doneToMs: openMs - 70 * dayMs };
    expect(back({ backfill })?.backfill).toEqual({ ...backfill, toMs: openMs });
  });

  it('is given the past that is wanted where it was away for longer than that', () => {
    const whole = { ...missing, fromMs: openMs - 2 * dayMs, doneToMs: openMs - 2 * dayMs };
    expect(back({}, 2)?.backfill).toEqual(whole);
    const backfill = { ...history, fromMs: openMs - 80 * dayMs, toMs: away.sinceMs, doneToMs: openMs - 70 * dayMs };
    expect(back({ backfill }, 2)?.backfill).toEqual(whole);
    const { untilMs: _, ...never } = away;
    expect(planRecords([recordOf('A/B#1m', never)], wantedNamed({ 'A/B#1m': [5, 2] }), nowMs)[0]?.backfill).toEqual(
      whole,
    );
  });

  it('waits for what a person asked for', () => {
    const backfill: Backfill = { ...history, askedBy: 'person' };
    expect(back({ backfill })).toEqual(recordOf('A/B#1m', { sinceMs: openMs, sealed, backfill }));
  });

  it.each(['trades', 'funding'])('takes up %s now or where it was, as far as that is a matter of a moment', (kind) => {
    const cursor = { atMs: openMs - 5 * dayMs };
    const record = recordOf(`A/B#${kind}`, { ...away, sealed, cursor });
    expect(planRecords([record], every([`A/B#${kind}`]), nowMs)).toEqual([
      recordOf(`A/B#${kind}`, { sinceMs: nowMs, sealed, ...(kind === 'funding' && { cursor }) }),
    ]);
  });

  it('goes on as if it had never left while what it brought is not sealed', () => {
    const sinceMs = Date.UTC(2026, 9, 1);
    const kept = { lane: 3, status: 'kept', sinceMs, untilMs: Date.UTC(2026, 9, 5), failure } as const;
    expect(planRecords([recordOf('A/B#1m', kept)], wanted, nowMs)).toEqual([recordOf('A/B#1m', { lane: 3, sinceMs })]);
    const more = { sealed: '2026-10-03', backfill: history, historyFromMs: 7 };
    expect(planRecords([recordOf('A/B#1m', { ...kept, ...more })], wanted, nowMs)).toEqual([
      recordOf('A/B#1m', { lane: 3, sinceMs, ...more }),
    ]);
  });

  it('keeps a backfill that a person asked for, also where it was never collected before', () => {
    const backfill: Backfill = { ...history, askedBy: 'person' };
    expect(planRecords([recordOf('A/B#1m', { status: 'kept', sinceMs: 5, backfill })], wanted, nowMs)).toEqual([
      recordOf('A/B#1m', { sinceMs: openMs, backfill }),
    ]);
  });
});

describe('the past that collection.yaml wants', () => {
  const wanted = wantedNamed({ 'A/B#1m': [5, 2], 'A/B#1h': 5, 'A/B#trades': [5, 2] });
  const fromMs = openMs - 2 * dayMs;
  const begun: Backfill = {
    ...{ fromMs, toMs: openMs, doneToMs: fromMs, startedAtMs: nowMs, candles: 0, requests: 0, askedBy: 'history' },
  };
  const ended = (fields: Partial<Backfill> = {}): Backfill => ({
    ...begun,
    doneToMs: openMs,
    endedAtMs: nowMs,
    ...fields,
  });
  /** The record of the series, after it was planned a minute later, with what is wanted then. */
  function next(fields: Partial<SeriesRecord>, days = 2): SeriesRecord | undefined {
    const later = wantedNamed({ 'A/B#1m': [5, days] });
    return planRecords([recordOf('A/B#1m', { sinceMs: openMs, ...fields })], later, nowMs + minuteMs)[0];
  }

  it('is begun with the series, of candles that are wanted with a past', () => {
    expect(planRecords([], wanted, nowMs).map(({ backfill }) => backfill)).toEqual([begun, undefined, undefined]);
  });

  it('is left alone while it is fetched, whoever asked', () => {
    expect(next({ backfill: begun })).toBeUndefined();
    expect(next({ backfill: { ...begun, askedBy: 'person' } }, 9)).toBeUndefined();
  });

  it('is known to be there once it was fetched, and not fetched again', () => {
    const backfill = ended();
    expect(next({ backfill })).toEqual(recordOf('A/B#1m', { sinceMs: openMs, backfill, historyFromMs: fromMs }));
    expect(next({ backfill, historyFromMs: fromMs })).toBeUndefined();
  });

  it('is fetched as far as it is missing when more of it is wanted', () => {
    const longer = openMs + minuteMs - 5 * dayMs;
    const planned = next({ backfill: ended() }, 5);
    expect(planned?.historyFromMs).toBe(fromMs);
    expect(planned?.backfill).toEqual({
      ...begun,
      fromMs: longer,
      doneToMs: longer,
      toMs: fromMs,
      startedAtMs: nowMs + minuteMs,
    });
  });

  it('does not begin before the market was listed', () => {
    const listedFromMs = openMs - hourMs;
    expect(next({ listedFromMs })?.backfill).toMatchObject({ fromMs: listedFromMs, toMs: openMs });
    expect(next({ listedFromMs: openMs })).toBeUndefined();
  });

  it.each<[string, Partial<Backfill>, number]>([
    ['ended before it was done', { doneToMs: openMs - minuteMs }, openMs],
    ['was of another time', { fromMs: 0, toMs: dayMs, doneToMs: dayMs }, openMs],
    ['was shorter', { fromMs: openMs - hourMs, askedBy: 'person' }, openMs - hourMs],
  ])('is still fetched after one that %s', (_, fields, toMs) => {
    expect(next({ backfill: ended(fields) })?.backfill).toMatchObject({ toMs, doneToMs: fromMs + minuteMs });
  });

  it('is not made smaller by a shorter one that was fetched later', () => {
    const backfill = ended({ fromMs: openMs - hourMs, askedBy: 'person' });
    expect(next({ backfill, historyFromMs: fromMs })).toBeUndefined();
  });
});

describe('whatever is wanted from day to day', () => {
  it('keeps lanes for good and never too full, collects what is wanted, and changes nothing twice', () => {
    const names = [...numbered(40), ...numbered(4).map((name) => name.replace('1m', 'trades'))];
    const day = fc.record({ subset: fc.subarray(names), minutes: fc.constantFrom(1, 5) });
    fc.assert(
      fc.property(fc.array(day, { minLength: 1, maxLength: 6 }), (days) => {
        const records = new Map<string, SeriesRecord>();
        for (const [index, { subset, minutes }] of days.entries()) {
          const [wanted, atMs] = [every(subset, minutes), nowMs + index * dayMs];
          for (const record of planRecords([...records.values()], wanted, atMs)) {
            const key = seriesKeyOf(record.series);
            expect(record.lane).toBe(records.get(key)?.lane ?? record.lane);
            records.set(key, record);
          }
          const all = [...records.values()];
          expect(Math.max(0, ...Object.values(sizesOf(all)))).toBeLessThanOrEqual(laneSizeMax);
          const collected = all.filter(({ status }) => status === 'collected').map(({ series }) => nameOf(series));
          expect(collected.sort()).toEqual([...subset].sort());
          expect(planRecords(all, wanted, atMs)).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });
});
