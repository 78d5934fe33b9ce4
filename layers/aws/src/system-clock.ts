import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@nightdesk/core';

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (delayMs) => sleep(delayMs),
};
