import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSteadyTime } from '../../soak/candles/steady-time.ts';

let machineMs = 0;

beforeEach(() => {
  machineMs = 1_000;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** One turn of the event loop, which took so long. */
function turn(lastingMs: number): void {
  machineMs += lastingMs;
  vi.advanceTimersByTime(5);
}

it('is the time of the machine while that goes on', () => {
  const time = createSteadyTime(() => machineMs);
  for (const lastingMs of [5, 5, 12, 25]) turn(lastingMs);
  machineMs += 3;
  expect(time.nowMs()).toBe(50);
  time.close();
});

it('counts little of a turn in which the machine did something else, and goes on from there', () => {
  const time = createSteadyTime(() => machineMs);
  turn(5);
  machineMs += 700;
  expect(time.nowMs()).toBe(30);
  turn(0);
  expect(time.nowMs()).toBe(30);
  turn(10);
  expect(time.nowMs()).toBe(40);
  time.close();
});
