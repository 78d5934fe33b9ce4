import { coordinationKeys, type RequestBudget, type RequestLimit, type VenueId } from '@nightdesk/core';
import {
  announcingFleets,
  yieldingFleets,
  yieldingShare,
  yieldMs,
} from '@nightdesk/functions/collect-candles/yielding.ts';
import { createVenueFleets } from '@nightdesk/functions/shared/venue-fleets.ts';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { createMemoryCoordination } from '../../support/memory-coordination.ts';
import { createRecordingTelemetry, silentTelemetry } from '../../support/telemetry.ts';

const venue = 'fake' as VenueId;
const limit: RequestLimit = {
  ...{ name: 'weight', scope: 'egress', kind: 'window', unitsMax: 1_000, windowMs: 60_000, counts: 'all' },
};
const question = { weight: 1, signed: false, order: false };

function open() {
  const clock = createManualClock();
  const store = createMemoryCoordination();
  const fleetOf = createVenueFleets({ store, egressName: 'here', clock, telemetry: silentTelemetry });
  const options = { store, clock, telemetry: createRecordingTelemetry() };
  const live = announcingFleets(fleetOf, options)(venue).openBudget([limit]);
  const patient = yieldingFleets(fleetOf, options)(venue).openBudget([limit]);
  const others = fleetOf(venue).openBudget([limit]);
  const wait = () =>
    store.change(coordinationKeys.waiting(venue), () => ({
      ...{ row: { untilMs: clock.nowMs() + yieldMs }, expiresAtMs: clock.nowMs() + yieldMs, result: undefined },
    }));
  const waiting = () => store.change(coordinationKeys.waiting(venue), (row) => ({ result: Number(row?.untilMs ?? 0) }));
  return { clock, live, patient, others, wait, waiting, telemetry: options.telemetry };
}

async function taken(budget: RequestBudget, asked: number, patienceMs = 0): Promise<number> {
  let granted = 0;
  for (let count = 0; count < asked; count += 1) {
    if ((await budget.take(question, patienceMs)).kind !== 'granted') break;
    granted += 1;
  }
  return granted;
}

describe('what can wait', () => {
  it('uses nearly all that questions may while nobody else asks, evenly over the window', async () => {
    const { patient, clock } = open();
    const bySecond: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      bySecond.push(await taken(patient, 100));
      clock.advance(1_000);
    }
    const sum = (granted: readonly number[]) => granted.reduce((total, count) => total + count, 0);
    expect(sum(bySecond)).toBeGreaterThan(0.9 * 800);
    expect(sum(bySecond)).toBeLessThan(0.96 * 800);
    expect(Math.max(...bySecond)).toBeLessThan(0.05 * 800);
  });

  it.each([0, 10, 20, 30, 40, 50, 57])(
    'leaves room for those who look after accounts, in second %i of each minute and from the second minute on for all they ask',
    async (second) => {
      const { patient, others, clock } = open();
      const [asked, minutes, patienceMs] = [250, 5, 5_000];
      const startMs = clock.nowMs();
      const found: number[] = [];
      let fetched = 0;
      while (clock.nowMs() < startMs + minutes * 60_000) {
        const lookMs = startMs + found.length * 60_000 + second * 1_000;
        if (found.length < minutes && clock.nowMs() >= lookMs) found.push(await taken(others, asked, patienceMs));
        fetched += await taken(patient, 100);
        clock.advance(1_000);
      }
      expect(found[0]).toBeGreaterThan(0);
      expect(found.slice(1)).toEqual(Array(minutes - 1).fill(asked));
      const all = fetched + found.reduce((total, count) => total + count, 0);
      expect(all).toBeGreaterThan(0.85 * minutes * 800);
    },
  );

  it('uses no more than its share while somebody waits, and all again afterwards', async () => {
    const { patient, wait, clock } = open();
    await wait();
    clock.advance(55_000);
    await wait();
    expect(await taken(patient, 500)).toBe(1_000 * yieldingShare * 0.8);
    clock.advance(yieldMs + 40_000);
    expect(await taken(patient, 1_000)).toBeGreaterThan(500);
  });

  it('leaves those who are waited for as they are', async () => {
    const { live, wait, waiting } = open();
    expect(await taken(live, 300)).toBe(300);
    expect(await waiting()).toBe(0);
    await wait();
    expect(await taken(live, 100)).toBe(100);
  });
});

describe('those who are waited for', () => {
  it('say so when they have to wait, and only then', async () => {
    const { live, patient, others, waiting, clock } = open();
    await taken(patient, 1_000);
    await taken(others, 1_000);
    expect(await waiting()).toBe(0);
    expect((await live.take(question, 70_000)).kind).toBe('granted');
    expect(await waiting()).toBeGreaterThan(0);
    expect(clock.nowMs() - (await waiting())).toBeLessThan(60_000);
  });
});
