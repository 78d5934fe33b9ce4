import { coordinationKeys, metricNames, type VenueProbe } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/probe-exchanges/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../../support/memory-coordination.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';

let clock: ManualClock;
let coordination: MemoryCoordination;
let telemetry: RecordingTelemetry;
let answers: Record<string, VenueProbe | Error>;

beforeEach(() => {
  clock = createManualClock();
  coordination = createMemoryCoordination();
  telemetry = createRecordingTelemetry();
  answers = { fake: { status: 'ok', latencyMs: 40 } };
});

const config = deskConfig({ exchanges: { other: {}, off: { enabled: false } } });

const probe = () =>
  createHandler({
    loadConfig: async () => config,
    openVenue: async (venue) => {
      const answer = answers[venue] ?? { status: 'ok', latencyMs: 1 };
      if (answer instanceof Error) throw answer;
      return { probe: async () => answer };
    },
    coordination,
    clock,
    telemetry,
  })();

describe('a run of probes', () => {
  it('asks every enabled venue and keeps what it learns', async () => {
    expect(await probe()).toEqual({ fake: 'ok', other: 'ok' });
    expect([...coordination.rows.keys()].sort()).toEqual(['fake', 'other'].map(coordinationKeys.health));
  });

  it('leaves the other venues alone when one cannot be opened, and counts it', async () => {
    answers.fake = new Error('no such class');
    expect(await probe()).toEqual({ fake: 'unknown', other: 'ok' });
    expect(telemetry.counts.get(metricNames.probesFailed)).toBe(1);
  });

  it('finds a venue failing that does not answer twice', async () => {
    answers.fake = { status: 'unreachable', latencyMs: 5_000, cause: { code: 'timeout', message: 'no answer' } };
    expect(await probe()).toMatchObject({ fake: 'degraded', other: 'ok' });
    clock.advance(60_000);
    expect(await probe()).toMatchObject({ fake: 'failing', other: 'ok' });
    expect(telemetry.counts.get(metricNames.probesFailed)).toBe(2);
  });

  it('holds nothing against a venue that could not be asked for our own limits', async () => {
    const cause = { code: 'not_sent', message: 'the limit is used up' };
    await probe();
    answers.fake = { status: 'unknown', latencyMs: 1_000, cause };
    expect([await probe(), await probe()]).toMatchObject([{ fake: 'ok' }, { fake: 'ok' }]);
    expect(telemetry.counts.get(metricNames.probesFailed)).toBeUndefined();
  });

  it('goes on when what it learned cannot be written down', async () => {
    coordination.failure = new Error('throttled');
    expect(await probe()).toEqual({ fake: 'unknown', other: 'unknown' });
  });
});
