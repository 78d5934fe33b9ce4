import {
  type Backfill,
  backfillsMax,
  backfillTurnMs,
  type CandleJob,
  dueJobs,
  fillAttemptsMax,
  fillDueMs,
  fillsMax,
  laneKeyOf,
  lastCollectMs,
  lastSealMs,
  noteUnfilled,
  type PlanningTime,
  periodToSeal,
  repeatMs,
  type SeriesFailure,
  type SeriesRecord,
  type SymbolRanking,
  sealGraceMs,
  spreadOf,
  unfilledMax,
  type VenueId,
  type Wanted,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs, nameOf, recordOf, wantedNamed } from '../../../support/planned-series.ts';

const fake = 'fake' as VenueId;
const lane = (part: string, number = 0) => ({ venue: fake, part, number });
const at = (text: string) => Date.parse(`2026-11-${text}Z`);
const timeText = (ms: number) => new Date(ms).toISOString().slice(8, 19);
const nothing: Wanted = { series: [], ranked: [], issues: [] };

const jobsOf = (records: readonly SeriesRecord[], wanted: Wanted, time: Omit<PlanningTime, 'rankings'>) =>
  dueJobs(records, wanted, { rankings: new Map(), ...time });
const textOf = (job: CandleJob): string => {
  if (job.job === 'collect') return `collect ${laneKeyOf(job.lane)} ${timeText(job.plannedAtMs)}`;
  if (job.job === 'seal') return `seal ${laneKeyOf(job.lane)} ${job.period}`;
  if (job.job === 'rank') return `rank ${job.venue} ${timeText(job.plannedAtMs)}`;
  return job.job === 'fill'
    ? `fill ${nameOf(job.series)} ${job.period}`
    : `backfill ${nameOf(job.series)} ${job.doneToMs}`;
};
const failing = (retryAtMs: number): SeriesFailure => ({
  ...{ code: 'network', message: 'no answer', sinceMs: 0, attempts: 3, retryAtMs },
});

describe('the turns of a lane', () => {
  it.each<[string, string, number, string, string]>([
    ['minutes each minute', '1m', 1, '21T10:07:31', '21T10:07:00'],
    ['hours once an hour, when the last one has had time to settle', '1h', 1, '21T10:59:59', '21T10:01:00'],
    ['hours not at the very moment that one closes', '1h', 1, '21T10:00:59', '21T09:01:00'],
    ['days once a day', '1d', 1, '21T23:59:00', '21T00:01:00'],
    ['weeks once a week, after Sunday', '1w', 1, '21T12:00:00', '16T00:01:00'],
    ['months once a month', '1M', 1, '21T12:00:00', '01T00:01:00'],
    ['seconds each minute', '1s', 1, '21T10:07:31', '21T10:07:00'],
    ['trades each minute', 'trades', 1, '21T10:07:31', '21T10:07:00'],
    ['funding once an hour', 'funding', 1, '21T10:59:59', '21T10:01:00'],
  ])('bring %s', (_, part, minutes, now, expected) => {
    expect(timeText(lastCollectMs(lane(part), minutes * minuteMs, at(now)))).toBe(expected);
  });

  it('are spread over the minutes of their interval, however many lanes there are', () => {
    for (const [lanes, minutes] of [
      [8, 5],
      [40, 5],
      [40, 15],
      [3, 60],
    ] as const) {
      const starts = Array.from({ length: lanes }, (_, number) => {
        return (lastCollectMs(lane('1m', number), minutes * minuteMs, at('21T10:00:00')) / minuteMs) % minutes;
      });
      const counts = Array.from({ length: minutes }, (_, minute) => starts.filter((start) => start === minute).length);
      expect(counts.reduce((sum, count) => sum + count)).toBe(lanes);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
    }
  });

  it('begin at a place of their own for each part and venue', () => {
    const places = ['1m', '1h', 'trades', 'funding'].map((part) => spreadOf(lane(part)));
    expect(new Set([...places, spreadOf({ ...lane('1m'), venue: 'other' as VenueId })]).size).toBe(5);
    for (const place of places) expect(place >= 0 && place < 1).toBe(true);
  });
});

describe('collecting', () => {
  const wanted = wantedNamed({ 'A/B#1m': 1, 'C/B#1m': 5, 'D/B#1h': 1, 'E/B#1m': 1 });
  const [nowMs, lastPlannedMs] = [at('21T10:07:30'), at('21T10:06:30')];
  const collects = (records: SeriesRecord[], time: Partial<PlanningTime> = {}) =>
    jobsOf(records, wanted, { nowMs, lastPlannedMs, ...time }).map(textOf);

  it('is due once for all series of a lane, as often as any of them is wanted', () => {
    const records = [recordOf('A/B#1m', { sinceMs: nowMs }), recordOf('C/B#1m', { sinceMs: nowMs })];
    expect(collects(records)).toEqual(['collect fake#1m#0 21T10:07:00']);
  });

  it('is not due where its last turn was before the last planning', () => {
    expect(collects([recordOf('D/B#1h', { sinceMs: nowMs })])).toEqual([]);
    expect(collects([recordOf('A/B#1m', { sinceMs: nowMs })], { lastPlannedMs: at('21T10:07:00') })).toEqual([]);
  });

  it('is due once for all the turns that were missed, or that nobody knows of', () => {
    const records = [recordOf('A/B#1m', { sinceMs: nowMs }), recordOf('D/B#1h', { sinceMs: nowMs })];
    const all = ['collect fake#1m#0 21T10:07:00', 'collect fake#1h#0 21T10:01:00'];
    expect(collects(records, { lastPlannedMs: at('21T09:30:00') })).toEqual(all);
    expect(collects(records, { lastPlannedMs: undefined })).toEqual(all);
  });

  it('leaves out what is kept, and what is not wanted though it is not known yet', () => {
    const records = [recordOf('A/B#1m', { status: 'kept' }), recordOf('X/B#1m', { lane: 1, sinceMs: nowMs })];
    expect(collects(records)).toEqual([]);
  });

  it('goes on for a lane of which one series fails, and not for one of which all do', () => {
    const failed = recordOf('A/B#1m', { sinceMs: nowMs, failure: failing(nowMs + 1) });
    expect(collects([failed, recordOf('E/B#1m', { sinceMs: nowMs })])).toEqual(['collect fake#1m#0 21T10:07:00']);
    expect(collects([failed])).toEqual([]);
    expect(collects([{ ...failed, failure: failing(nowMs) }])).toEqual(['collect fake#1m#0 21T10:07:00']);
  });

  it('tries a failed series again when its pause is over, long before the next turn of its lane', () => {
    const failed = recordOf('D/B#1h', { sinceMs: nowMs, failure: failing(at('21T10:06:45')) });
    expect(collects([failed])).toEqual(['collect fake#1h#0 21T10:07:00']);
    expect(collects([failed], { nowMs: at('21T10:08:30'), lastPlannedMs: nowMs })).toEqual([]);
    expect(collects([{ ...failed, failure: failing(at('21T10:07:10')) }])).toEqual([]);
  });
});

describe('sealing', () => {
  const sinceMs = at('19T15:00:00');
  const spreadMs = (part: string) => Math.floor(spreadOf(lane(part)) * 60) * minuteMs;
  const dueMs = (endMs: number, part: string) => endMs + sealGraceMs + spreadMs(part);
  const seals = (records: SeriesRecord[], nowMs: number, lastPlannedMs = nowMs - minuteMs) =>
    jobsOf(records, nothing, { nowMs, lastPlannedMs }).map(textOf);

  it.each<[string, string, number, string]>([
    ['days of minutes', '1m', at('20T00:00:00'), '2026-11-19'],
    ['months of hours', '1h', Date.UTC(2026, 11), '2026-11'],
    ['years of days', '1d', Date.UTC(2027, 0), '2026'],
    ['years of weeks, when the last week is over', '1w', Date.UTC(2027, 0, 4), '2026'],
    ['days of trades', 'trades', at('20T00:00:00'), '2026-11-19'],
  ])('is due for %s, a while after their end', (_, part, endMs, period) => {
    const record = recordOf(`A/B#${part}`, { sinceMs });
    const atMs = dueMs(endMs, part);
    expect(seals([record], atMs - 1, 0)).toEqual([]);
    expect(seals([record], atMs)).toEqual([`seal fake#${part}#0 ${period}`]);
  });

  it('is not needed of funding', () => {
    expect(periodToSeal(recordOf('A/B#funding', { sinceMs }))).toBeUndefined();
    expect(lastSealMs(lane('funding'), '2026-11', Date.UTC(2027, 0))).toBeUndefined();
    expect(seals([recordOf('A/B#funding', { sinceMs })], at('25T00:00:00'), sinceMs)).toEqual([]);
  });

  it('is handed out again until it is done, and then the next period is', () => {
    const atMs = dueMs(at('20T00:00:00'), '1m');
    const record = recordOf('A/B#1m', { sinceMs });
    expect(seals([record], atMs + minuteMs)).toEqual([]);
    expect(seals([record], atMs + repeatMs)).toEqual(['seal fake#1m#0 2026-11-19']);
    expect(seals([{ ...record, sealed: '2026-11-19' }], atMs + repeatMs)).toEqual([]);
    expect(seals([{ ...record, sealed: '2026-11-19' }], atMs + dayMs)).toEqual(['seal fake#1m#0 2026-11-20']);
  });

  it('takes the periods of a lane in order, the oldest that each series lacks', () => {
    const names = ['A/B#1m', 'C/B#1m', 'D/B#1m', 'E/B#1m'];
    const [first, second, third, fourth] = names.map((name) => recordOf(name, { sinceMs })) as [
      SeriesRecord,
      SeriesRecord,
      SeriesRecord,
      SeriesRecord,
    ];
    const records = [{ ...first, sealed: '2026-11-20' }, second, third, { ...fourth, sealed: '2026-11-21' }];
    const nowMs = dueMs(at('22T00:00:00'), '1m');
    expect(seals(records, nowMs)).toEqual(['seal fake#1m#0 2026-11-19', 'seal fake#1m#0 2026-11-21']);
  });

  it('is not repeated for a series that fails, until its pause is over', () => {
    const nowMs = dueMs(at('20T00:00:00'), '1m');
    const records = [recordOf('A/B#1m', { sinceMs, failure: failing(nowMs + repeatMs) })];
    expect(seals(records, nowMs)).toEqual([]);
    expect(seals(records, nowMs + repeatMs)).toEqual(['seal fake#1m#0 2026-11-19']);
  });

  it('ends for a series that is kept with the time at which it was collected last', () => {
    const nowMs = dueMs(at('22T00:00:00'), '1m');
    const kept = recordOf('A/B#1m', { sinceMs, status: 'kept', untilMs: at('20T09:00:00') });
    expect(seals([kept], nowMs)).toEqual(['seal fake#1m#0 2026-11-19']);
    expect(seals([{ ...kept, sealed: '2026-11-19' }], nowMs)).toEqual(['seal fake#1m#0 2026-11-20']);
    expect(seals([{ ...kept, sealed: '2026-11-20' }], nowMs)).toEqual([]);
    expect(seals([recordOf('A/B#1m', { sinceMs, status: 'kept' })], nowMs)).toEqual([]);
  });

  it('of a series that came back does not begin with the time that it was away', () => {
    const back = recordOf('A/B#1m', { sinceMs: at('21T15:00:00'), sealed: '2026-11-19' });
    expect(seals([back], dueMs(at('22T00:00:00'), '1m'))).toEqual(['seal fake#1m#0 2026-11-21']);
  });
});

describe('ranking', () => {
  const ranks = (nowMs: number, lastPlannedMs: number, ranking?: SymbolRanking) =>
    dueJobs(
      [],
      { ...nothing, ranked: [fake] },
      {
        ...{ nowMs, lastPlannedMs, rankings: new Map(ranking === undefined ? [] : [[fake, ranking]]) },
      },
    ).map(textOf);
  const nowMs = at('21T10:07:30');

  it('is due at once where there is none, and again until there is one', () => {
    expect(ranks(nowMs, nowMs - hourMs)).toEqual(['rank fake 21T10:00:00']);
    expect(ranks(nowMs, nowMs - minuteMs)).toEqual([]);
    expect(ranks(nowMs + 3 * minuteMs, nowMs)).toEqual(['rank fake 21T10:10:00']);
  });

  it('is due when the last one is a day old', () => {
    const ranking = { atMs: nowMs - dayMs, symbols: [] };
    expect(ranks(nowMs, nowMs - minuteMs, ranking)).toEqual(['rank fake 21T10:07:30']);
    expect(ranks(nowMs - 1, nowMs - minuteMs, ranking)).toEqual([]);
    expect(ranks(nowMs + minuteMs, nowMs, ranking)).toEqual([]);
    expect(ranks(nowMs + repeatMs, nowMs, ranking)).toEqual(['rank fake 21T10:17:30']);
  });
});

describe('backfilling', () => {
  const nowMs = at('21T10:00:30');
  const cause = { code: 'network', message: 'no answer' } as const;
  const backfilled = (name: string, fields: Partial<Backfill> = {}, more: Partial<SeriesRecord> = {}): SeriesRecord =>
    recordOf(name, {
      ...{ sinceMs: nowMs, ...more },
      backfill: {
        ...{ fromMs: 0, toMs: 9, doneToMs: 3, startedAtMs: 5, candles: 0, requests: 0, askedBy: 'history' },
        ...fields,
      },
    });
  const backfills = (records: SeriesRecord[], time: Partial<PlanningTime> = {}) =>
    jobsOf(records, nothing, { nowMs, lastPlannedMs: nowMs - minuteMs, ...time }).map(textOf);

  it('goes on where it is, until it has ended', () => {
    const records = [
      backfilled('A/B#1m', { doneToMs: 7 }),
      backfilled('C/B#1m', { endedAtMs: 1 }),
      recordOf('D/B#1m', { sinceMs: nowMs }),
    ];
    expect(backfills(records)).toEqual(['backfill A/B#1m 7']);
    expect(backfills(records, { lastPlannedMs: nowMs - 30_000 })).toEqual([]);
    expect(backfills(records, { lastPlannedMs: undefined })).toEqual(['backfill A/B#1m 7']);
  });

  it('is of a series that is kept only where a person wants it', () => {
    const kept = { status: 'kept' } as const;
    const records = [backfilled('A/B#1m', {}, kept), backfilled('C/B#1m', { askedBy: 'person' }, kept)];
    expect(backfills(records)).toEqual(['backfill C/B#1m 3']);
  });

  it('is gone on with by another job every two minutes, so that no queue takes it for one it had, and by no more', () => {
    const beganMs = Math.ceil(nowMs / backfillTurnMs) * backfillTurnMs;
    const turns = [0, 1, 2, 3, 4, 5].map((minute) => {
      const atMs = beganMs + minute * minuteMs;
      return dueJobs([backfilled('A/B#1m')], nothing, {
        ...{ nowMs: atMs, lastPlannedMs: atMs - minuteMs, rankings: new Map() },
      }).map((job) => (job.job === 'backfill' ? (job.turnMs ?? 0) - beganMs : undefined));
    });
    expect(turns.flat()).toEqual([0, 0, 2, 2, 4, 4].map((minute) => minute * minuteMs));
  });

  it('leaves out what fails and what has no candles', () => {
    const failed = backfilled('A/B#1m', {}, { failure: failing(nowMs + 1) });
    expect(backfills([failed, backfilled('A/B#trades')])).toEqual([]);
  });

  it('takes those of people first, then those that began first, and a few of each venue at a time', () => {
    const histories = [9, 8, 7, 6, 5].map((startedAtMs) => backfilled(`H${startedAtMs}/B#1m`, { startedAtMs }));
    const person = backfilled('P/B#1m', { askedBy: 'person', startedAtMs: 20 });
    const other = backfilled('other#A/B#1m');
    expect(backfillsMax).toBe(4);
    expect(backfills([...histories, other, person])).toEqual([
      ...['P/B#1m', 'H5/B#1m', 'H6/B#1m', 'H7/B#1m'].map((name) => `backfill ${name} 3`),
      'backfill other#A/B#1m 3',
    ]);
  });

  it('tries those that stand still in turn, beside those that go on', () => {
    const stalled = ['A', 'B', 'C'].map((base, startedAtMs) => backfilled(`${base}/X#1m`, { cause, startedAtMs }));
    const records = [...stalled, backfilled('M/X#1m')];
    const turns = [0, 1, 2, 3].map((turn) => {
      const atMs = nowMs + turn * repeatMs;
      return backfills(records, { nowMs: atMs, lastPlannedMs: atMs - minuteMs })
        .map((text) => text.slice(9, 10))
        .join('');
    });
    expect([...turns].sort()).toEqual(['MA', 'MB', 'MC', turns[0]].sort());
    expect(turns[3]).toBe(turns[0]);
  });
});

describe('filling', () => {
  const nowMs = at('21T10:00:30');
  const unfilled = (period: string, askedAtMs: number, attempts = 1) => ({ period, attempts, askedAtMs });
  const fills = (records: SeriesRecord[], time: Partial<PlanningTime> = {}) =>
    jobsOf(records, nothing, { nowMs, lastPlannedMs: nowMs - minuteMs, ...time }).map(textOf);

  it('is due ten minutes after the period was asked for, then in twice the time after each attempt, up to a day', () => {
    const pauses = [1, 2, 3, 7, 8, 30].map((attempts) => fillDueMs(unfilled('2026-11-20', 0, attempts)) / minuteMs);
    expect(pauses).toEqual([10, 20, 40, 640, 1_280, 1_440]);
  });

  it('is handed out when it is due, longest waiting first, and again until it is noted', () => {
    const records = [
      recordOf('A/B#1m', {
        sinceMs: nowMs,
        unfilled: [unfilled('2026-11-19', nowMs - repeatMs), unfilled('2026-11-20', nowMs)],
      }),
      recordOf('C/B#1m', { status: 'kept', unfilled: [unfilled('2026-11-18', nowMs - repeatMs - 1)] }),
    ];
    const both = ['fill C/B#1m 2026-11-18', 'fill A/B#1m 2026-11-19'];
    expect(fills(records)).toEqual(both);
    expect(fills(records, { nowMs: nowMs + minuteMs, lastPlannedMs: nowMs })).toEqual([]);
    expect(fills(records, { nowMs: nowMs + repeatMs - 1, lastPlannedMs: nowMs + repeatMs - 2 })).toEqual([both[0]]);
  });

  it('leaves alone what fails', () => {
    const fields = {
      sinceMs: nowMs,
      failure: failing(nowMs + 1),
      unfilled: [unfilled('2026-11-19', nowMs - repeatMs)],
    };
    expect(fills([recordOf('A/B#1m', fields)])).toEqual([]);
    expect(fills([recordOf('A/B#trades', { ...fields, failure: undefined })])).toEqual([]);
  });

  it('hands out no more than a queue should be given at once', () => {
    const records = Array.from({ length: fillsMax + 1 }, (_, index) =>
      recordOf(`A${index}/B#1m`, { sinceMs: nowMs, unfilled: [unfilled('2026-11-19', nowMs - repeatMs)] }),
    );
    expect(fills(records)).toHaveLength(fillsMax);
  });
});

describe('noting that a period was asked for', () => {
  const note = (record: Pick<SeriesRecord, 'unfilled'>, period: string, isOpen = true) =>
    noteUnfilled(record, period, { isOpen, askedAtMs: 7 });

  it('counts the attempts while a gap is open, and forgets it when none is', () => {
    const first = note({}, '2026-11-20');
    expect(first).toEqual([{ period: '2026-11-20', attempts: 1, askedAtMs: 7 }]);
    const second = note({ unfilled: first }, '2026-11-19');
    expect(second).toEqual([{ period: '2026-11-19', attempts: 1, askedAtMs: 7 }, ...(first ?? [])]);
    expect(note({ unfilled: second }, '2026-11-20')?.[1]).toEqual({ period: '2026-11-20', attempts: 2, askedAtMs: 7 });
    expect(note({ unfilled: second }, '2026-11-19', false)).toEqual(first);
    expect(note({ unfilled: first }, '2026-11-20', false)).toBeUndefined();
    expect(note({}, '2026-11-20', false)).toBeUndefined();
  });

  it('gives up after some attempts, and the oldest of many', () => {
    const last = [{ period: '2026-11-20', attempts: fillAttemptsMax - 1, askedAtMs: 1 }];
    expect(note({ unfilled: last }, '2026-11-20')).toBeUndefined();
    const many = Array.from({ length: unfilledMax }, (_, index) => ({
      period: `${1_000 + index}`,
      attempts: 1,
      askedAtMs: 1,
    }));
    const noted = note({ unfilled: many }, '2026');
    expect([noted?.length, noted?.[0]?.period, noted?.at(-1)?.period]).toEqual([unfilledMax, '1001', '2026']);
  });
});
