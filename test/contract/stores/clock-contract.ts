import type { Clock } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const delayMs = 20;
/** A timer counts from another start than the clock, so it may be up to a millisecond early by it. */
const earlyMsMax = 1;

export function clockContract(name: string, open: () => Clock): void {
  describe(`the contract of clocks, on ${name}`, () => {
    it('tells a time in this century, in whole milliseconds', () => {
      const nowMs = open().nowMs();
      expect(Number.isSafeInteger(nowMs)).toBe(true);
      expect(new Date(nowMs).getUTCFullYear()).toBeGreaterThanOrEqual(2026);
    });

    it('is later after sleeping by as much as was slept, or more', async () => {
      const clock = open();
      const startMs = clock.nowMs();
      await clock.sleep(delayMs);
      expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(delayMs - earlyMsMax);
    });

    it('wakes those who sleep less before those who sleep more', async () => {
      const clock = open();
      const woken: number[] = [];
      const sleep = async (forMs: number) => {
        await clock.sleep(forMs);
        woken.push(forMs);
      };
      await Promise.all([sleep(0), sleep(delayMs)]);
      expect(woken).toEqual([0, delayMs]);
    });
  });
}
