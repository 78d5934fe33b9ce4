/** Reads from a venue's answer that it was asked too much. */
import type { VenueRefusal } from '@nightdesk/core';

/** How one venue says it, beside the statuses that all use. */
export interface RefusalPattern {
  /** HTTP status; absent is any. */
  status?: number;
  /** Found in the body; a group named `at` holds when requests are taken again, in epoch seconds. */
  body?: RegExp;
  scope: VenueRefusal['scope'];
  /** How long, where the answer itself does not say. */
  retryAfterMs?: number;
  /** Header with the time from which requests are taken again, in epoch milliseconds. */
  resetHeader?: string;
}

/** Longest body looked into: the answers meant here are short, and lists of markets are megabytes. */
const bodyLengthMax = 2_000;
const statuses: readonly RefusalPattern[] = [
  { status: 429, scope: 'egress' },
  { status: 418, scope: 'egress' },
];

export interface RefusingAnswer {
  status: number;
  headers: unknown;
  body: string;
}

/** What the answer says of it; `undefined` where it is about something else. The venue's own patterns come first. */
export function readRefusal(
  answer: RefusingAnswer,
  patterns: readonly RefusalPattern[],
  nowMs: number,
): VenueRefusal | undefined {
  const { status, headers } = answer;
  const body = answer.body.length > bodyLengthMax ? '' : answer.body;
  for (const pattern of [...patterns, ...statuses]) {
    if (pattern.status !== undefined && pattern.status !== status) continue;
    const match = pattern.body?.exec(body);
    if (pattern.body !== undefined && !match) continue;
    const resetHeader = pattern.resetHeader && headerOf(headers, pattern.resetHeader);
    const waits = [
      retryAfterMsOf(headerOf(headers, 'retry-after'), nowMs),
      untilMs(Number(resetHeader) - nowMs),
      untilMs(Number(match?.groups?.at) * 1_000 - nowMs),
      pattern.retryAfterMs,
    ];
    const retryAfterMs = waits.find((wait) => wait !== undefined);
    const reason = match ? `${status} ${match[0]}` : String(status);
    return { scope: pattern.scope, reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  return undefined;
}

/** ccxt hands headers over by lower-case and by capitalised name, depending on the transport. */
function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found === undefined ? undefined : String(found[1]);
}

/** Seconds, or an HTTP date (RFC 9110, 10.2.3). */
function retryAfterMsOf(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  return Number.isFinite(seconds) ? untilMs(seconds * 1_000) : untilMs(Date.parse(value) - nowMs);
}

const untilMs = (delayMs: number): number | undefined => (delayMs > 0 ? delayMs : undefined);
