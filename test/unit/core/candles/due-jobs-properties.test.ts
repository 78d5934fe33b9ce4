/** Whatever minutes the planner misses: nothing is handed out twice for one time, and nothing is forgotten. */
import {
  dueJobs,
  type Lane,
  laneKeyOf,
  lastSealMs,
  openTimeOf,
  partOf,
  periodToSeal,
  repeatMs,
  type SeriesRecord,
  settleMs,
  spreadOf,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { dayMs, minuteMs, recordOf, wantedNamed } from '../../../support/planned-series.ts';
import fc from '../../../support/property.ts';

const startMs = Date.UTC(2026, 10, 21);
/** When the planner runs: after pauses of mostly a minute, now and then hours, at any second. */
const pauses = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 20_000, max: 100_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 }).map((minutes) => minutes * minuteMs) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 400 }).map((minutes) => minutes * minuteMs + 1) },
  ),
  { minLength: 1, maxLength: 60 },
);

/** Every time at which a lane is due, found by looking at each minute. */
function dueTimes(lane: Lane, minutes: number, toMs: number): number[] {
  const phase = Math.floor(spreadOf(lane) * minutes);
  const isNews = (turnMs: number) => {
    if (lane.part === 'trades') return true;
    const timeframe = lane.part === 'funding' ? '1h' : lane.part;
    return openTimeOf(timeframe, turnMs - settleMs) !== openTimeOf(timeframe, turnMs - minutes * minuteMs - settleMs);
  };
  const times: number[] = [];
  for (let atMs = startMs - 2 * dayMs; atMs <= toMs; atMs += minuteMs) {
    if ((atMs / minuteMs - phase) % minutes === 0 && isNews(atMs)) times.push(atMs);
  }
  return times;
}

describe('collecting, whenever the planner runs', () => {
  const part = fc.constantFrom('1s', '1m', '5m', '1h', '1d', 'trades', 'funding');
  const lane = fc.record({ part, number: fc.nat({ max: 50 }), minutes: fc.constantFrom(1, 5, 7, 60, 1_440) });

  it('happens once for each time that a lane is due, or once for all that were missed', () => {
    fc.assert(
      fc.property(lane, pauses, ({ part: name, number, minutes }, waits) => {
        const record = recordOf(`A/B#${name}`, { lane: number, sinceMs: startMs + 30 * dayMs });
        const wanted = wantedNamed({ [`A/B#${name}`]: minutes });
        const endMs = waits.reduce((sum, wait) => sum + wait, startMs);
        const own = { venue: record.series.venue, part: partOf(record.series), number };
        const times = dueTimes(own, minutes, endMs);
        let [lastPlannedMs, nowMs] = [startMs, startMs];
        for (const wait of waits) {
          nowMs += wait;
          const missed = times.filter((atMs) => atMs > lastPlannedMs && atMs <= nowMs);
          const jobs = dueJobs([record], wanted, { nowMs, lastPlannedMs, rankings: new Map() });
          const expected = missed.slice(-1).map((plannedAtMs) => ({ job: 'collect', lane: own, plannedAtMs }));
          expect(jobs).toEqual(expected);
          lastPlannedMs = nowMs;
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('sealing, whenever the planner runs', () => {
  const names = ['A/B#1m', 'C/B#1m', 'D/B#1m'];
  const fates = fc.infiniteStream(fc.constantFrom('done', 'done', 'failed', 'lost'));

  it('takes every period of every series, in order, and hands a job out no more than once for each time it is due', () => {
    fc.assert(
      fc.property(pauses, fates, fc.nat({ max: 9 }), (waits, fate, number) => {
        const lane = { venue: recordOf('A/B#1m').series.venue, part: '1m', number };
        const records = new Map(
          names.map((name, index) => [name, recordOf(name, { lane: number, sinceMs: startMs - index * dayMs })]),
        );
        const sealed = new Map<string, string[]>(names.map((name) => [name, []]));
        const handedOut = new Map<string, number[]>();
        // After all that goes wrong comes a calm time, in which all has to be made up for.
        const calm = Array.from({ length: 200 }, () => repeatMs);
        let [lastPlannedMs, nowMs] = [startMs, startMs];
        for (const [index, wait] of [...waits, ...calm].entries()) {
          nowMs += wait;
          const all = [...records.values()];
          for (const job of dueJobs(all, wantedNamed({}), { nowMs, lastPlannedMs, rankings: new Map() })) {
            if (job.job !== 'seal') continue;
            const key = `${laneKeyOf(job.lane)} ${job.period}`;
            handedOut.set(key, [...(handedOut.get(key) ?? []), nowMs]);
            for (const [name, record] of records) {
              if (periodToSeal(record) !== job.period) continue;
              const what = index < waits.length ? fate.next().value : 'done';
              if (what === 'done') {
                records.set(name, { ...without(record), sealed: job.period });
                sealed.get(name)?.push(job.period);
              }
              if (what === 'failed') records.set(name, { ...record, failure: failureUntil(nowMs + 7 * minuteMs) });
            }
          }
          lastPlannedMs = nowMs;
        }
        for (const [index, name] of names.entries()) {
          const days: string[] = [];
          for (let fromMs = startMs - index * dayMs; ; fromMs += dayMs) {
            const day = new Date(fromMs).toISOString().slice(0, 10);
            if (lastSealMs(lane, day, nowMs - repeatMs) === undefined) break;
            days.push(day);
          }
          expect(sealed.get(name)?.slice(0, days.length)).toEqual(days);
        }
        for (const [key, times] of handedOut) {
          const due = times.map((atMs) => lastSealMs(lane, key.slice(-10), atMs));
          expect(new Set(due).size).toBe(due.length);
        }
      }),
      { numRuns: 25 },
    );
  });

  const failureUntil = (retryAtMs: number) =>
    ({ code: 'network', message: '', sinceMs: 0, attempts: 1, retryAtMs }) as const;
  function without({ failure: _, ...record }: SeriesRecord): SeriesRecord {
    return record;
  }
});
