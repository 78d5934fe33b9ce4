import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { every } from '../../../local/simulators/clock.ts';
import { createSettableClock } from '../../../local/simulators/settable-clock.ts';

const startMs = Date.UTC(2026, 10, 21);
const dayMs = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers({ now: startMs, toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a clock that can be set', () => {
  it('is the time of the machine until then', () => {
    const clock = createSettableClock();
    const beganMs = clock.nowMs();
    let done = 0;
    clock.after(1_000, () => done++);
    vi.advanceTimersByTime(999);
    expect(done).toBe(0);
    vi.advanceTimersByTime(1);
    expect([done, clock.nowMs() - beganMs]).toEqual([1, 1_000]);
  });

  it('does what repeats once, however far it is moved, and plans it anew', () => {
    const clock = createSettableClock();
    let done = 0;
    const stop = every(clock, 250, () => done++);
    clock.set({ atMs: clock.nowMs() + dayMs });
    expect(done).toBe(1);
    vi.advanceTimersByTime(250);
    expect(done).toBe(2);
    stop();
    clock.set({ atMs: clock.nowMs() + dayMs });
    expect(done).toBe(2);
  });

  it('passes faster, or not at all', () => {
    const clock = createSettableClock();
    clock.set({ atMs: startMs, speed: 60 });
    let done = 0;
    clock.after(60_000, () => done++);
    vi.advanceTimersByTime(1_000);
    expect([done, clock.nowMs()]).toEqual([1, startMs + 60_000]);
    clock.set({ speed: 0 });
    clock.after(10, () => done++);
    vi.advanceTimersByTime(60_000);
    expect([done, clock.nowMs()]).toEqual([1, startMs + 60_000]);
    clock.set({ atMs: startMs + 60_010 });
    expect(done).toBe(2);
  });

  it('can go by a time that stands still at times: what is planned waits as long', () => {
    let stoodStillMs = 0;
    const clock = createSettableClock(() => performance.now() - stoodStillMs);
    clock.set({ atMs: startMs, speed: 60 });
    let done = 0;
    clock.after(60_000, () => done++);
    stoodStillMs = 400;
    vi.advanceTimersByTime(1_399);
    expect(done).toBe(0);
    vi.advanceTimersByTime(1);
    expect([done, clock.nowMs()]).toEqual([1, startMs + 60_000]);
  });

  it('can be moved back: what was planned waits for its time', () => {
    const clock = createSettableClock();
    let done = 0;
    clock.after(1_000, () => done++);
    clock.set({ atMs: clock.nowMs() - 5_000 });
    vi.advanceTimersByTime(5_999);
    expect(done).toBe(0);
    vi.advanceTimersByTime(1);
    expect(done).toBe(1);
  });
});
