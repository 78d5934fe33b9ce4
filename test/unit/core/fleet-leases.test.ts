/** Many processes with clocks of their own lease from one row, while a venue counts what arrives. */
import {
  type CoordinationRow,
  clockErrorMsOf,
  leasable,
  leaseFrom,
  type RequestLimit,
  travelMsOf,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { LeaseBook } from '../../../layers/core/src/limits/lease-book.ts';
import fc from '../../support/property.ts';

const startMs = Date.UTC(2026, 10, 21);
const shared = { name: 'some', scope: 'egress', counts: 'all', unitsPerWeight: 1 } as const;
const limits = {
  window: { ...shared, kind: 'window', unitsMax: 100, windowMs: 10_000 },
  rolling: { ...shared, kind: 'rolling', unitsMax: 100, windowMs: 10_000 },
  bucket: { ...shared, kind: 'bucket', unitsMax: 60, windowMs: 60_000 },
} as const satisfies Record<string, RequestLimit>;

interface Step {
  process: number;
  /** Since the step before. */
  afterMs: number;
  units: number;
  order: boolean;
  /** Part of the longest time that a request may travel. */
  travel: number;
}

interface Fleet {
  /** After the start of a window. */
  beginsMs: number;
  clockErrors: readonly number[];
  /** Which of the processes send what can wait; those beyond the list do not. */
  paced: readonly boolean[];
}

interface Arrival {
  atMs: number;
  units: number;
}

/** What arrives at the venue when processes whose clocks are off by these parts of the error allowed send by these steps. */
function arrivals(published: RequestLimit, { beginsMs, clockErrors, paced }: Fleet, steps: readonly Step[]): Arrival[] {
  const limit = leasable(published);
  const books = clockErrors.map(() => new LeaseBook(limit));
  const arrived: Arrival[] = [];
  let row: CoordinationRow | undefined;
  let atMs = startMs + beginsMs;
  for (const { process, afterMs, units, order, travel } of steps) {
    atMs += afterMs;
    const index = process % books.length;
    const book = books[index] as LeaseBook;
    // Half of the error each to either side keeps any two clocks, the venue's included, within it.
    const nowMs = atMs + ((clockErrors[index] ?? 0) * clockErrorMsOf(limit)) / 2;
    if (!book.has(units, order, nowMs)) {
      const isPaced = paced[index] === true;
      const request = { ...book.request(units, order, nowMs), afterRefusal: 'try' as const, isPaced };
      const change = leaseFrom(limit, request, nowMs)(row);
      row = change.row ?? row;
      if (change.result.kind === 'leased') book.add({ ...change.result.lease });
    }
    if (!book.has(units, order, nowMs)) continue;
    book.spend(units, order, nowMs);
    arrived.push({ atMs: atMs + travel * travelMsOf(limit), units });
  }
  return arrived.toSorted((left, right) => left.atMs - right.atMs);
}

/** The most that a venue counts at any time. */
const mostCounted: Record<keyof typeof limits, (arrived: readonly Arrival[]) => number> = {
  window(arrived) {
    const windows = Map.groupBy(arrived, ({ atMs }) => Math.floor(atMs / limits.window.windowMs));
    return Math.max(0, ...[...windows.values()].map(sum));
  },
  rolling(arrived) {
    const spans = arrived.map(({ atMs }) =>
      arrived.filter((other) => other.atMs <= atMs && other.atMs > atMs - limits.rolling.windowMs),
    );
    return Math.max(0, ...spans.map(sum));
  },
  bucket(arrived) {
    const unitsPerMs = limits.bucket.unitsMax / limits.bucket.windowMs;
    let [level, most, lastMs] = [0, 0, startMs];
    for (const { atMs, units } of arrived) {
      level = Math.max(0, level - (atMs - lastMs) * unitsPerMs) + units;
      most = Math.max(most, level);
      lastMs = atMs;
    }
    return most;
  },
};

const sum = (arrived: readonly Arrival[]): number => arrived.reduce((total, { units }) => total + units, 0);
const kinds = Object.keys(limits) as (keyof typeof limits)[];

const fleet: fc.Arbitrary<Fleet> = fc.record({
  // Often shortly before the end of a window.
  beginsMs: fc.oneof(fc.nat(10_000), fc.integer({ min: 8_000, max: 10_000 })),
  clockErrors: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 10 }),
  paced: fc.array(fc.boolean(), { maxLength: 10 }),
});
const step: fc.Arbitrary<Step> = fc.record({
  process: fc.nat(9),
  // Bursts with pauses between them, and borders of windows in both.
  afterMs: fc.oneof({ weight: 20, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(6_000) }),
  units: fc.integer({ min: 1, max: 6 }),
  order: fc.boolean(),
  travel: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe.each(kinds)('a fleet that leases from a limit of kind %s', (kind) => {
  it('never sends more than the venue counts as allowed, whatever clocks, delays and schedules', () => {
    fc.assert(
      fc.property(fleet, fc.array(step, { minLength: 100, maxLength: 600 }), (processes, steps) => {
        expect(mostCounted[kind](arrivals(limits[kind], processes, steps))).toBeLessThanOrEqual(
          limits[kind].unitsMax + 1e-6,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('uses at least nine tenths of what is allowed when there is always more to send', () => {
    const { unitsMax, windowMs } = limits[kind];
    fc.assert(
      fc.property(fleet, fc.infiniteStream(step), (processes, more) => {
        const steps: Step[] = [];
        for (let atMs = 0; atMs < 4 * windowMs; atMs += steps.at(-1)?.afterMs ?? 0) {
          const { process, units, travel } = more.next().value as Step;
          steps.push({ process, units, travel, order: true, afterMs: 20 });
        }
        const inside = arrivals(limits[kind], { ...processes, beginsMs: 0, paced: [] }, steps).filter(
          ({ atMs }) => atMs >= startMs + windowMs,
        );
        const sent = sum(inside.filter(({ atMs }) => atMs < startMs + 3 * windowMs));
        // Of a rolling limit a fifth can only go at once after a pause, and there is none here.
        const rate = kind === 'rolling' ? 0.8 : 1;
        expect(sent / (2 * unitsMax * rate)).toBeGreaterThanOrEqual(0.9);
      }),
      { numRuns: 20 },
    );
  });
});
