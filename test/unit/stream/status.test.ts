import { type AccountId, metricNames, type StreamIncident, type StreamTaskStatus } from '@nightdesk/core';
import { IncidentLog } from '@nightdesk/stream/src/status/incident-log.ts';
import { createProcessGauges } from '@nightdesk/stream/src/status/process-gauges.ts';
import { StreamMeter } from '@nightdesk/stream/src/status/stream-meter.ts';
import { StreamReport } from '@nightdesk/stream/src/status/stream-report.ts';
import { expect, it } from 'vitest';
import { fakeVenueId, marketUnit } from '../../support/fake-streams.ts';
import { createSteppingClock } from '../../support/stepping-clock.ts';
import { createRecordingTelemetry } from '../../support/telemetry.ts';

const gapOf = (symbol: string, atMs = 0): StreamIncident => ({
  ...{ incident: 'gap', kind: 'books', symbol, atMs, reason: `expected 5, and 7 came` },
});

it('tells the first incidents of a minute, and how many more there were', () => {
  const clock = createSteppingClock();
  const telemetry = createRecordingTelemetry();
  const log = new IncidentLog(telemetry, clock);
  for (let count = 0; count < 1_000; count += 1) log.tell(fakeVenueId, gapOf(`C${count}/USDT`));
  log.tell(fakeVenueId, { ...gapOf('C1/USDT'), incident: 'checksum' });
  log.sweep();
  expect(telemetry.lines).toHaveLength(6);
  expect(JSON.parse(telemetry.lines[0] ?? '')).toEqual({
    ...{ message: 'a stream met an incident', venue: 'fake', incident: 'gap', stream: 'books', symbol: 'C0/USDT' },
    reason: 'expected 5, and 7 came',
  });
});

it('counts what it left out once the minute is over, and begins anew', async () => {
  const clock = createSteppingClock();
  const telemetry = createRecordingTelemetry();
  const log = new IncidentLog(telemetry, clock);
  for (let count = 0; count < 12; count += 1) log.tell(fakeVenueId, gapOf('BTC/USDT'));
  await clock.pass(60_000);
  log.sweep();
  expect(JSON.parse(telemetry.lines.at(-1) ?? '')).toMatchObject({ venue: 'fake', incident: 'gap', more: 7 });
  log.tell(fakeVenueId, gapOf('BTC/USDT'));
  expect(telemetry.lines).toHaveLength(7);
});

it('keeps the latest incidents only, newest first, and of long reasons the beginning', () => {
  const log = new IncidentLog(createRecordingTelemetry(), createSteppingClock());
  for (let atMs = 0; atMs < 100; atMs += 1)
    log.tell(fakeVenueId, { ...gapOf('A/USDT', atMs), reason: 'x'.repeat(5_000) });
  expect(log.latest.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 20 }, (_, index) => 99 - index));
  expect(log.latest[0]?.reason).toHaveLength(300);
});

it('does not grow with texts that are all different', () => {
  const telemetry = createRecordingTelemetry();
  const log = new IncidentLog(telemetry, createSteppingClock());
  for (let count = 0; count < 5_000; count += 1) log.fail(`quote ${count} cannot be written`, new Error('no'));
  expect(telemetry.lines.length).toBe(500);
});

const delays = { p50: 1, p90: 2, p99: 3, max: 4 };

function reporting() {
  const clock = createSteppingClock();
  const telemetry = createRecordingTelemetry();
  const statuses: StreamTaskStatus[] = [];
  let resets = 0;
  const meter = new StreamMeter({ telemetry, clock, monotonicMs: clock.monotonicMs });
  const report = new StreamReport({
    ...{ task: 'a', telemetry, clock, meter, monotonicMs: clock.monotonicMs },
    quotes: { writeStatus: async (status) => void statuses.push(status) },
    units: {
      statuses: () => [{ unit: 'fake#markets#0', venue: 'fake', subscriptions: 2, isOpen: true, heardMs: 5 }],
      booksLost: () => 1,
    },
    roster: { isDraining: true, last: { unplaced: ['fake#markets#9'] } },
    gauges: {
      eventLoopDelayMs: () => delays,
      resetEventLoopDelay: () => {
        resets += 1;
      },
      memory: () => ({ residentBytes: 1_000, heapBytes: 500 }),
    },
  });
  return { clock, telemetry, meter, report, statuses, resets: () => resets };
}

it('writes what the task has, does and met', async () => {
  const { clock, meter, report, statuses } = reporting();
  meter.setSubscriptions(
    marketUnit(0, ['BTC/USDT', 'ETH/USDT']),
    marketUnit(0, ['BTC/USDT', 'ETH/USDT']).subscriptions,
  );
  meter.incident(fakeVenueId, 'books', { incident: 'disconnected', atMs: 1, reason: 'reset by peer' });
  meter.published(fakeVenueId, 'books', [5]);
  meter.conflated(fakeVenueId, 3);
  await clock.pass(1_000);
  await report.writeStatus();
  expect(statuses).toMatchObject([
    {
      ...{ task: 'a', startedAtMs: clock.nowMs() - 1_000, atMs: clock.nowMs(), isDraining: true, unplaced: 1 },
      units: [{ unit: 'fake#markets#0', isOpen: true }],
      streams: [{ kind: 'books', subscriptions: 2, incidents: { disconnected: 1 }, written: 1, conflated: 3 }],
      memory: { residentBytes: 1_000, heapBytes: 500 },
      eventLoopDelayMs: delays,
      latest: [{ venue: 'fake', incident: 'disconnected', reason: 'reset by peer' }],
    },
  ]);
});

it('tells metrics of what came since the last time', async () => {
  const { clock, telemetry, meter, report, resets } = reporting();
  meter.incident(fakeVenueId, 'books', gapOf('BTC/USDT'));
  meter.incident(fakeVenueId, 'books', { ...gapOf('BTC/USDT'), incident: 'crossed' });
  meter.incident(fakeVenueId, 'books', { incident: 'refused', atMs: 0, reason: 'no' });
  const receivedMs = clock.nowMs();
  meter.update(fakeVenueId, 'books', { receivedMs, exchangeTimeMs: receivedMs - 40 });
  meter.published(fakeVenueId, 'orders', [3, 4]);
  meter.published(fakeVenueId, 'books', [2]);
  const account = {
    kind: 'account',
    id: 'fake#account#main',
    venue: fakeVenueId,
    account: 'main' as AccountId,
  } as const;
  meter.setSubscriptions(account, [{ kind: 'orders' }]);
  meter.setSubscriptions(marketUnit(0, []), [{ kind: 'books' }, { kind: 'trades' }]);
  await clock.pass(10_000);
  report.tellMetrics();
  const ofVenue = (name: string) => telemetry.venueValues.get(`${name} fake`);
  expect([ofVenue(metricNames.streamGaps), ofVenue(metricNames.streamRefusals)]).toEqual([2, 1]);
  expect(ofVenue(metricNames.streamReconnects)).toBe(undefined);
  // An account that is quiet is no stream that is silent.
  expect(ofVenue(metricNames.streamSubscriptions)).toBe(2);
  expect(telemetry.counts.get(metricNames.orderNewsSent)).toBe(2);
  expect(telemetry.durations.map(({ name }) => name)).toEqual([
    // Of all venues, and of this one.
    ...[metricNames.streamLagMs, metricNames.streamLagMs],
    metricNames.quotePublishMs,
    metricNames.streamEventLoopDelayMs,
  ]);
  expect(telemetry.counts.get(metricNames.booksLost)).toBe(1);
  expect(telemetry.counts.get(metricNames.streamUnitsUnplaced)).toBe(1);
  expect(telemetry.counts.get(metricNames.streamMemoryBytes)).toBe(1_000);
  meter.incident(fakeVenueId, 'books', { incident: 'disconnected', atMs: 0, reason: 'reset' });
  report.tellMetrics();
  expect([ofVenue(metricNames.streamGaps), ofVenue(metricNames.streamReconnects)]).toEqual([2, 1]);
  expect(telemetry.counts.get(metricNames.orderNewsSent)).toBe(2);
  expect([telemetry.flushes, resets()]).toEqual([2, 2]);
});

it('gauges the process it is in', () => {
  const gauges = createProcessGauges();
  const { residentBytes, heapBytes } = gauges.memory();
  expect(residentBytes).toBeGreaterThan(heapBytes);
  expect(Object.values(gauges.eventLoopDelayMs()).every((ms) => ms >= 0)).toBe(true);
  gauges.resetEventLoopDelay();
});
