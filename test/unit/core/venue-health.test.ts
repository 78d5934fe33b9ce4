import {
  afterOutage,
  afterProbe,
  type CoordinationRow,
  healthOf,
  isFailing,
  isOutage,
  outageMs,
  probeAgeMsMax,
  samplesMax,
  type VenueProbe,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';

const minuteMs = 60_000;
const ok: VenueProbe = { status: 'ok', latencyMs: 40, aheadMs: 12 };
const lost: VenueProbe = { status: 'unreachable', latencyMs: 2_000, cause: { code: 'timeout', message: 'no answer' } };
const strange: VenueProbe = { status: 'unknown', latencyMs: 30, cause: { code: 'bad_request', message: 'what?' } };
const limited: VenueProbe = { status: 'unknown', latencyMs: 30, cause: { code: 'rate_limited', message: '429' } };
const unsent: VenueProbe = { status: 'unknown', latencyMs: 1_000, cause: { code: 'not_sent', message: 'used up' } };
const maintenance: VenueProbe = {
  status: 'maintenance',
  latencyMs: 30,
  cause: { code: 'maintenance', message: 'back soon' },
};

/** The row after probes a minute apart, and the time of the last. */
function probed(probes: readonly VenueProbe[]): { row: CoordinationRow | undefined; nowMs: number } {
  let row: CoordinationRow | undefined;
  probes.forEach((probe, index) => {
    row = afterProbe(row, probe, index * minuteMs);
  });
  return { row, nowMs: Math.max(0, probes.length - 1) * minuteMs };
}

describe('a venue', () => {
  it.each<[string, VenueProbe[], string, boolean]>([
    ['never probed', [], 'unknown', false],
    ['that answers', [ok, ok], 'ok', false],
    ['that did not answer once', [ok, ok, ok, ok, ok, lost], 'ok', false],
    ['that did not answer twice in a row', [ok, lost, lost], 'failing', true],
    ['that did not answer its only probe', [lost], 'degraded', false],
    ['whose answer is not understood', [ok, strange, strange], 'ok', false],
    ['that refuses for being asked too much', [ok, limited, limited], 'failing', true],
    ['that our own limits kept from being asked', [ok, unsent, unsent, unsent], 'ok', false],
    ['that answers again', [lost, lost, ok, ok, ok, ok, ok, ok, ok, ok, ok], 'ok', false],
    ['that answers again after failing often', [lost, lost, ok], 'degraded', false],
    ['in maintenance', [ok, maintenance], 'maintenance', true],
  ])('%s is judged by its probes', (_, probes, status, failing) => {
    const { row, nowMs } = probed(probes);
    const health = healthOf(row, nowMs);
    expect(health.status).toBe(status);
    expect(isFailing(health)).toBe(failing);
    expect(health.reason === undefined).toBe(status === 'ok');
  });

  it('is unknown once the last probe is too old', () => {
    const { row, nowMs } = probed([ok]);
    expect(healthOf(row, nowMs + probeAgeMsMax).status).toBe('ok');
    expect(healthOf(row, nowMs + probeAgeMsMax + 1)).toMatchObject({ status: 'unknown', probes: 1 });
  });

  it('that left an order without an answer is failing for a while, whatever its probes say', () => {
    const { row, nowMs } = probed([ok, ok]);
    const struck = afterOutage(row, 'timeout: no answer', nowMs);
    expect(healthOf(struck, nowMs)).toMatchObject({ status: 'failing', reason: 'timeout: no answer', probes: 2 });
    expect(healthOf(afterProbe(struck, ok, nowMs + 1), nowMs + outageMs - 1).status).toBe('failing');
    expect(healthOf(struck, nowMs + outageMs).status).toBe('ok');
    expect(healthOf(afterOutage(undefined, 'network: refused', 0), 1).status).toBe('failing');
  });

  it('says why it fails in the words of the last probe, and forgets them once it answers', () => {
    const { row, nowMs } = probed([lost, lost]);
    expect(healthOf(row, nowMs).reason).toBe('timeout: no answer');
    expect(afterProbe(row, ok, nowMs)).not.toHaveProperty('probeReason');
  });

  it('fails without a stated reason as well', () => {
    const silent: VenueProbe = { status: 'unreachable', latencyMs: 1 };
    const { row, nowMs } = probed([silent, silent]);
    expect(healthOf(row, nowMs).reason).toBe('the last probes failed');
  });

  it('keeps its clock offset through probes that did not tell it', () => {
    const { row, nowMs } = probed([ok, lost]);
    expect(healthOf(row, nowMs).aheadMs).toBe(12);
  });

  it.each([
    [{ samples: 7 }],
    [{ samples: '{}' }],
    [{ samples: '[{"atMs":1,"status":"ok"' }],
    [{ samples: '[null]' }],
    [{ samples: '[1]' }],
    [{ samples: '[{"status":"ok","latencyMs":1}]' }],
    [{ samples: '[{"atMs":1,"latencyMs":1}]' }],
    [{ samples: '[{"atMs":1,"status":"ok"}]' }],
  ])('with the damaged row %o is unknown', (row) => {
    expect(healthOf(row, 0)).toEqual({ status: 'unknown', reason: 'it was not probed yet', probes: 0 });
  });
});

it('says nothing of a venue when its probe was not sent, known or not', () => {
  const unsent: VenueProbe = { status: 'unknown', latencyMs: 0, cause: { code: 'not_sent', message: 'no turn' } };
  expect(afterProbe(undefined, unsent, 0)).toEqual({});
  const { row } = probed([ok]);
  expect(afterProbe(row, unsent, 1)).toEqual(row);
});

describe('the figures of a venue', () => {
  it('are of the last probes only, latencies of those that were answered', () => {
    const latencies = Array.from({ length: samplesMax }, (_, index) => ({ ...ok, latencyMs: index + 1 }));
    const { row, nowMs } = probed([lost, lost, ...latencies.slice(0, -1), lost]);
    const health = healthOf(row, nowMs);
    expect(health.probes).toBe(samplesMax);
    expect(health.errorRate).toBeCloseTo(1 / samplesMax);
    expect(health.latencyMs).toEqual({ p50: 30, p90: 54, p99: 59 });
  });

  it('tell no latency where nothing was answered', () => {
    const { row, nowMs } = probed([lost]);
    expect(healthOf(row, nowMs)).not.toHaveProperty('latencyMs');
  });

  it('never leave their bounds', () => {
    const probes = fc.array(fc.constantFrom(ok, lost, maintenance), { minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(probes, (each) => {
        const { row, nowMs } = probed(each);
        const { probes: count, errorRate = -1 } = healthOf(row, nowMs);
        expect(count).toBe(Math.min(each.length, samplesMax));
        expect(errorRate).toBeGreaterThanOrEqual(0);
        expect(errorRate).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a cause', () => {
  it.each([
    ['timeout', true],
    ['network', true],
    ['maintenance', true],
    ['insufficient_funds', false],
    ['not_sent', false],
    [undefined, false],
  ])('%s says that the venue is not there: %s', (code, outage) => {
    expect(isOutage(code)).toBe(outage);
  });
});
