import { type AccountId, metricNames, type RequestLimit, type VenueId } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createVenueFleets, type FleetOf } from '../../../functions/shared/venue-fleets.ts';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../../support/memory-coordination.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

const binance = 'binance' as VenueId;
const kraken = 'kraken' as VenueId;
const main = 'main' as AccountId;
const limits: RequestLimit[] = [
  {
    ...{ name: 'weight', scope: 'egress', kind: 'window', counts: 'all' },
    ...{ unitsMax: 100, windowMs: 60_000, unitsPerWeight: 1 },
  },
  { name: 'orders', scope: 'key', kind: 'window', counts: 'orders', unitsMax: 10, windowMs: 10_000 },
];
const order = { weight: 5, signed: true, order: true };

let clock: ManualClock;
let store: MemoryCoordination;
let telemetry: RecordingTelemetry;
let fleetOf: FleetOf;
beforeEach(() => {
  clock = createManualClock(Date.UTC(2026, 10, 21) + 5_000);
  store = createMemoryCoordination();
  telemetry = createRecordingTelemetry();
  fleetOf = createVenueFleets({ store, egressName: 'shared', clock, telemetry });
});

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('what sandboxes share of a venue', () => {
  it('is counted per address and per account', async () => {
    const budget = fleetOf(binance, main).openBudget(limits);
    expect(await budget.take(order, 0)).toEqual({ kind: 'granted' });
    expect([...store.rows.keys()].sort()).toEqual(['budget#binance#key#main#orders', 'budget#binance#shared#weight']);
  });

  it('needs no limit of a key where there is no key', async () => {
    const budget = fleetOf(binance).openBudget(limits);
    await budget.take(order, 0);
    expect([...store.rows.keys()]).toEqual(['budget#binance#shared#weight']);
  });

  it('is prepared while an order is being recorded', async () => {
    const fleet = fleetOf(binance, main);
    fleet.prepare();
    expect(store.changes).toBe(0);
    const budget = fleet.openBudget(limits);
    fleet.prepare();
    await settle();
    const before = store.changes;
    await budget.take({ ...order, weight: 1 }, 0);
    expect(store.changes).toBe(before);
  });

  it('shows in metrics by venue: what is used of limits, and how often the venue refused', async () => {
    const budget = fleetOf(binance, main).openBudget(limits);
    await budget.take(order, 0);
    await budget.refused({ scope: 'egress', reason: '429' });
    expect(telemetry.venueValues).toEqual(
      new Map([
        [`${metricNames.requestLimitUsed} binance`, 10],
        [`${metricNames.rateLimitAnswers} binance`, 1],
      ]),
    );
    expect(telemetry.counts.get(metricNames.rateLimitAnswers)).toBe(1);
    expect(telemetry.lines.join()).toContain('asked too much');
  });

  it('is a lane per key, and none without one', async () => {
    expect(fleetOf(binance).openLane).toBeUndefined();
    const leave = await fleetOf(binance, main)
      .openLane?.()
      .enter(0, () => clock.nowMs());
    expect(store.rows.get('lease#key#main')?.owner).toMatch(/^[0-9a-f-]{36}$/);
    leave?.();
  });

  it('is a lane that one object does not give back while another of the same process sends in it', async () => {
    const [trading, reading] = [fleetOf(kraken, main).openLane?.(), fleetOf(kraken, main).openLane?.()];
    const elsewhere = createVenueFleets({ store, egressName: 'shared', clock, telemetry })(kraken, main).openLane?.();
    const now = () => clock.nowMs();
    expect(await trading?.enter(0, now)).toBeDefined();
    (await reading?.enter(0, now))?.();
    await settle();
    expect(await elsewhere?.enter(0, now)).toBeUndefined();
  });

  it('is how far clocks are off, as the last probe measured it', async () => {
    const fleet = fleetOf(binance);
    expect(await fleet.readAheadMs()).toBeUndefined();
    const samples = JSON.stringify([{ atMs: clock.nowMs(), latencyMs: 10, status: 'ok' }]);
    store.rows.set('health#binance', { samples, aheadMs: 1_234 });
    expect(await fleet.readAheadMs()).toBe(1_234);
  });

  it('is said to be out of reach when it is, and stops nothing', async () => {
    store.failure = new Error('the table does not answer');
    expect(await fleetOf(binance).readAheadMs()).toBeUndefined();
    expect(await fleetOf(binance).openBudget(limits).take(order, 0)).toEqual({ kind: 'granted' });
    expect(telemetry.lines).toHaveLength(2);
    expect(telemetry.lines[0]).toContain('what sandboxes share of binance cannot be reached');
  });
});
