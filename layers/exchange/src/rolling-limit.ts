import type { RequestLimit } from '@nightdesk/core';

/** Of what may pass within the window, this part may go at once. */
const burstShare = 0.2;

type RollingLimit = Omit<RequestLimit, 'kind'>;

/**
 * A limit over any span of `windowMs`, wherever it begins, as a bucket: what it lets through at once and what flows back
 * during the window are no more than `unitsMax` together.
 */
export function rollingLimit({ unitsMax, windowMs, ...rest }: RollingLimit): RequestLimit {
  const atOnce = Math.max(1, unitsMax * burstShare);
  const unitsPerMs = (unitsMax - unitsMax * burstShare) / windowMs;
  return { ...rest, kind: 'bucket', unitsMax: atOnce, windowMs: atOnce / unitsPerMs };
}
