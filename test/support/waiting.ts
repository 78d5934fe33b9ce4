/**
 * How tests wait for what comes by itself. No wait is a claim of how long a thing takes: both cores may be busy with other
 * tests, so that only what never comes fails.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';

/** Far longer than any of it takes on an idle machine. */
export const waitMsMax = 60_000;
const pollEveryMs = 50;

/** When to give up, how often to ask, and what to say then besides the last answer. */
export interface Patience {
  withinMs?: number;
  everyMs?: number;
  describe?(): string;
}

/** Asks until the answer fits. @throws Error with the last answer when none ever does */
export async function soon<Value>(
  ask: () => Value | Promise<Value>,
  fits: (value: Value) => boolean,
  { withinMs = waitMsMax, everyMs = pollEveryMs, describe = () => '' }: Patience = {},
): Promise<Value> {
  const endsAtMs = performance.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (fits(value)) return value;
    if (performance.now() > endsAtMs) {
      throw new Error(`${withinMs} ms later still ${JSON.stringify(value)} ${describe()}`.trimEnd());
    }
    await sleep(everyMs);
  }
}

/** Waits until something is so. @throws Error when it never is */
export async function until(isSo: () => boolean | Promise<boolean>, patience: Patience = {}): Promise<void> {
  await soon(isSo, (value) => value, patience);
}

/** Looks until the check throws no more, as `vi.waitFor` does. @throws what it threw last, when it always does */
export const waitFor = <Value>(check: () => Value | Promise<Value>): Promise<Value> =>
  vi.waitFor(check, { timeout: waitMsMax, interval: pollEveryMs });
