/** What the active faults do to one REST request, before and after the venue has worked on it. */

import { decimal } from '../engine/decimal.ts';
import type { Slicing } from '../engine/types.ts';
import type { FaultBoard, FaultSubject } from '../fault-board.ts';
import type { Fault } from '../faults.ts';
import type { VenueAnswer } from './dispatch.ts';

const requestKinds = [
  'drop-request',
  'drop-answer',
  'error-before',
  'error-after',
  'delay',
  'rate-limit',
  'garbage',
  'partial-fill',
] as const;

type RequestFault = Extract<Fault, { kind: (typeof requestKinds)[number] }>;

/** `drop` destroys the connection. */
export type Interference = VenueAnswer | 'drop' | undefined;

export interface RequestFaults {
  readonly delayBeforeMs: number;
  readonly delayAfterMs: number;
  readonly slicing: Slicing | undefined;
  /** Answers instead of the venue, which then never sees the request. */
  readonly before: Interference;
  /** Replaces the venue's answer, after the request has taken effect. */
  readonly after: Interference;
}

const none: RequestFaults = {
  delayBeforeMs: 0,
  delayAfterMs: 0,
  slicing: undefined,
  before: undefined,
  after: undefined,
};

/** Counts this request as one occasion for every fault that matches it. */
export function requestFaults(board: FaultBoard, subject: FaultSubject): RequestFaults {
  const struck = board.strike(requestKinds, subject);
  if (struck.length === 0) return none;
  const partial = struck.find((fault) => fault.kind === 'partial-fill');
  return {
    delayBeforeMs: delayOf(struck, 'before'),
    delayAfterMs: delayOf(struck, 'after'),
    slicing: partial === undefined ? undefined : { ratio: decimal(partial.ratio), everyMs: partial.everyMs },
    before: first(struck, interferenceBefore),
    after: first(struck, interferenceAfter),
  };
}

function delayOf(struck: readonly RequestFault[], when: 'before' | 'after'): number {
  let delayMs = 0;
  for (const fault of struck) if (fault.kind === 'delay' && fault.when === when) delayMs += fault.delayMs;
  return delayMs;
}

function first(struck: readonly RequestFault[], interference: (fault: RequestFault) => Interference): Interference {
  for (const fault of struck) {
    const found = interference(fault);
    if (found !== undefined) return found;
  }
  return undefined;
}

const busy = {
  code: -1008,
  msg: 'Server is currently overloaded with other requests. Please try again in a few minutes.',
};
const timedOut = {
  code: -1007,
  msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
};

function interferenceBefore(fault: RequestFault): Interference {
  if (fault.kind === 'drop-request') return 'drop';
  if (fault.kind === 'error-before')
    return { status: fault.status, headers: {}, body: fault.body ?? JSON.stringify(busy) };
  if (fault.kind === 'garbage' && fault.when === 'before') return { status: 200, headers: {}, body: fault.body };
  if (fault.kind !== 'rate-limit') return undefined;
  const message = { code: -1003, msg: 'Too many requests queued.' };
  const headers = { 'Retry-After': String(fault.retryAfterSeconds) };
  return { status: fault.status, headers, body: JSON.stringify(message) };
}

function interferenceAfter(fault: RequestFault): Interference {
  if (fault.kind === 'drop-answer') return 'drop';
  if (fault.kind === 'error-after') {
    return { status: fault.status, headers: {}, body: fault.body ?? JSON.stringify(timedOut) };
  }
  if (fault.kind === 'garbage' && fault.when === 'after') return { status: 200, headers: {}, body: fault.body };
  return undefined;
}
