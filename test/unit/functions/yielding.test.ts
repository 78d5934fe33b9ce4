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
  const wait = () =>
    store.change(coordinationKeys.waiting(venue), () => ({
      ...{ row: { untilMs: clock.nowMs() + yieldMs }, expiresAtMs: clock.nowMs() + yieldMs, result: undefined },
    }));
  const waiting = () => store.change(coordinationKeys.waiting(venue), (row) => ({ result: Number(row?.untilMs ?? 0) }));
  return { clock, live, patient, wait, waiting, telemetry: options.telemetry };
}

async function taken(budget: RequestBudget, asked: number): Promise<number> {
  let granted = 0;
  for (let count = 0; count < asked; count += 1) {
    if ((await budget.take(question, 0)).kind === 'granted') granted += 1;
  }
  return granted;
}

describe('what can wait', () => {
  it('uses all that questions may while nobody else asks', async () => {
    const { patient } = open();
    expect(await taken(patient, 1_000)).toBe(800);
  });

  it('uses no more than its share while somebody waits, and all again afterwards', async () => {
    const { patient, wait, clock } = open();
    await wait();
    expect(await taken(patient, 500)).toBe(1_000 * yieldingShare * 0.8);
    clock.advance(61_000);
    expect(await taken(patient, 1_000)).toBe(800);
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
    const { live, patient, waiting, clock } = open();
    await taken(patient, 1_000);
    expect(await waiting()).toBe(0);
    expect((await live.take(question, 70_000)).kind).toBe('granted');
    expect(await waiting()).toBeGreaterThan(0);
    expect(clock.nowMs() - (await waiting())).toBeLessThan(60_000);
  });
});
