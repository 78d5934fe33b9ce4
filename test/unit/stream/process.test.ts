import { checkHealth } from '@nightdesk/stream/src/health/health-check.ts';
import { readHealthPort } from '@nightdesk/stream/src/health/health-port.ts';
import { type Health, startHealthServer } from '@nightdesk/stream/src/health/health-server.ts';
import { judgeHealth } from '@nightdesk/stream/src/health/judge-health.ts';
import { createProcessGuard } from '@nightdesk/stream/src/process-guard.ts';
import { startPulse } from '@nightdesk/stream/src/pulse.ts';
import { expect, it } from 'vitest';
import { createSteppingClock } from '../../support/stepping-clock.ts';
import { createRecordingTelemetry } from '../../support/telemetry.ts';

it('answers whether it is well at /health and nowhere else', async () => {
  let health: Health = { isHealthy: true };
  const server = await startHealthServer(0, () => health);
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return [answer.status, await answer.json()];
  };
  try {
    expect(await ask('/health')).toEqual([200, { isHealthy: true }]);
    expect(await checkHealth(server.port)).toBe(true);
    health = { isHealthy: false, reason: 'it stands still' };
    expect(await ask('/health')).toEqual([503, { isHealthy: false, reason: 'it stands still' }]);
    expect(await checkHealth(server.port)).toBe(false);
    expect(await ask('/')).toEqual([404, { error: 'only GET /health is answered' }]);
    expect(await ask('/health', 'POST')).toEqual([404, { error: 'only GET /health is answered' }]);
  } finally {
    await server.close();
  }
  expect(await checkHealth(server.port)).toBe(false);
  expect(await checkHealth(0)).toBe(true);
});

it('is told where to answer', () => {
  expect([undefined, '', '0', '9000'].map(readHealthPort)).toEqual([8_080, 8_080, 0, 9_000]);
  for (const text of ['-1', '65536', 'x', '1.5']) expect(() => readHealthPort(text)).toThrow('NIGHTDESK_HEALTH_PORT');
});

it.each([
  ['has not begun to beat', { nowMs: 5_000, triedAtMs: undefined, beatenAtMs: undefined }, 'not joined the roster'],
  [
    'has stood still from the start',
    { nowMs: 10_001, triedAtMs: undefined, beatenAtMs: undefined },
    'stood still for 10 s',
  ],
  ['beats', { nowMs: 100_000, triedAtMs: 90_000, beatenAtMs: 90_000 }, undefined],
  ['has stood still', { nowMs: 100_000, triedAtMs: 89_999, beatenAtMs: 89_999 }, 'stood still for 10 s'],
  ['is not answered for now', { nowMs: 100_000, triedAtMs: 99_000, beatenAtMs: 40_000 }, undefined],
  ['is not answered any more', { nowMs: 100_000, triedAtMs: 99_000, beatenAtMs: 39_000 }, 'not answered for 61 s'],
])('judges a task that %s', (_name, signs, reason) => {
  const health = judgeHealth({ startedMs: 0, ...signs });
  if (reason === undefined) expect(health).toEqual({ isHealthy: true });
  else expect(health).toEqual({ isHealthy: false, reason: expect.stringContaining(reason) });
});

function guarding() {
  const telemetry = createRecordingTelemetry();
  const codes: number[] = [];
  const time = { nowMs: 0 };
  const guard = createProcessGuard({ telemetry, monotonicMs: () => time.nowMs, exit: (code) => void codes.push(code) });
  return { telemetry, codes, guard, time };
}

it('ends the process for an exception that nobody caught, after it was told', () => {
  const { telemetry, codes, guard } = guarding();
  guard.onException(new TypeError('x is not a function'));
  expect(codes).toEqual([1]);
  expect(telemetry.lines.join()).toContain('x is not a function');
  expect(telemetry.flushes).toBe(1);
});

it('goes on after a rejection that nobody waited for, and ends for many within a minute', () => {
  const { telemetry, codes, guard, time } = guarding();
  for (let count = 0; count < 100; count += 1) {
    time.nowMs += 4_000;
    guard.onRejection(new Error(`closed ${count}`));
  }
  expect(codes).toEqual([]);
  expect(telemetry.lines).toHaveLength(100);
  for (let count = 0; count < 20 && codes.length === 0; count += 1) guard.onRejection(new Error('closed'));
  expect(codes).toEqual([1]);
});

it('repeats a turn at its pace, never twice at once, whatever becomes of it', async () => {
  const clock = createSteppingClock();
  const turnsAtMs: number[] = [];
  const failures: unknown[] = [];
  const lasting = [0, 0, 2_500, 0];
  const pulse = startPulse({
    ...{ everyMs: 1_000, clock, onFailure: (error) => void failures.push(error) },
    async turn() {
      turnsAtMs.push(clock.monotonicMs());
      if (turnsAtMs.length === 2) throw new Error('once');
      const lastsMs = lasting[turnsAtMs.length - 1] ?? 0;
      if (lastsMs > 0) await clock.sleep(lastsMs);
    },
  });
  await clock.pass(5_000);
  expect(turnsAtMs).toEqual([0, 1_000, 2_000, 4_500]);
  expect(failures).toHaveLength(1);
  pulse.hurry();
  await clock.pass(0);
  expect(turnsAtMs.at(-1)).toBe(5_000);
  await pulse.end();
  await clock.pass(10_000);
  expect(turnsAtMs).toHaveLength(5);
});
