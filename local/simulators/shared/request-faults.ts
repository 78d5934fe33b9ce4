/** What the active faults do to one REST request, before and after the venue has worked on it. */

import { type Decimal, decimal } from '../engine/decimal.ts';
import type { Slicing } from '../engine/types.ts';
import type { FaultBoard, FaultSubject } from '../fault-board.ts';
import type { Fault } from '../faults.ts';
import type { VenueAnswer } from './venue-answer.ts';

const requestKinds = [
  'drop-request',
  'drop-answer',
  'error-before',
  'error-after',
  'outage',
  'delay',
  'rate-limit',
  'garbage',
  'partial-fill',
] as const;

/** What stands in front of a venue that is down does not speak the venue's language. */
const outageBody = '<html><body>503 Service Temporarily Unavailable</body></html>';

type RequestFault = Extract<Fault, { kind: (typeof requestKinds)[number] }>;

/** The words in which a venue tells of trouble. */
export interface TroubleWords {
  /** Body of an error before the request took effect: the venue is overloaded. */
  readonly busy: string;
  /** Body of an error after the request took effect: the venue does not know what became of it. */
  readonly timedOut: string;
  rateLimited(fault: Extract<Fault, { kind: 'rate-limit' }>): VenueAnswer;
}

/** `drop` destroys the connection. */
export type Interference = VenueAnswer | 'drop' | undefined;

/** What faults do while the venue carries a request out. */
export interface RequestEffects {
  /** Trade the order that this request places in portions. */
  readonly slicing?: Slicing | undefined;
  /** The share of an order that trades before this request cancels or changes it; asking is one occasion. */
  readonly fillFirst?: ((symbol: string) => Decimal | undefined) | undefined;
}

export interface RequestFaults {
  readonly delayBeforeMs: number;
  readonly delayAfterMs: number;
  readonly effects: RequestEffects;
  /** Answers instead of the venue, which then never sees the request. */
  readonly before: Interference;
  /** Replaces the venue's answer, after the request has taken effect. */
  readonly after: Interference;
}

/** Counts this request as one occasion for every fault that matches it. */
export function requestFaults(board: FaultBoard, subject: FaultSubject, words: TroubleWords): RequestFaults {
  const struck = board.strike(requestKinds, subject);
  const partial = struck.find((fault) => fault.kind === 'partial-fill');
  return {
    delayBeforeMs: delayOf(struck, 'before'),
    delayAfterMs: delayOf(struck, 'after'),
    effects: {
      slicing: partial === undefined ? undefined : { ratio: decimal(partial.ratio), everyMs: partial.everyMs },
      fillFirst: (symbol) => {
        const [fault] = board.strike(['fill-first'], { ...subject, symbol });
        return fault === undefined ? undefined : decimal(fault.ratio);
      },
    },
    before: first(struck, (fault) => interferenceBefore(fault, words)),
    after: first(struck, (fault) => interferenceAfter(fault, words)),
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

function interferenceBefore(fault: RequestFault, words: TroubleWords): Interference {
  if (fault.kind === 'drop-request') return 'drop';
  if (fault.kind === 'error-before') return { status: fault.status, headers: {}, body: fault.body ?? words.busy };
  if (fault.kind === 'outage') return { status: fault.status, headers: {}, body: outageBody };
  if (fault.kind === 'garbage' && fault.when === 'before') return { status: 200, headers: {}, body: fault.body };
  return fault.kind === 'rate-limit' ? words.rateLimited(fault) : undefined;
}

function interferenceAfter(fault: RequestFault, words: TroubleWords): Interference {
  if (fault.kind === 'drop-answer') return 'drop';
  if (fault.kind === 'error-after') return { status: fault.status, headers: {}, body: fault.body ?? words.timedOut };
  if (fault.kind === 'garbage' && fault.when === 'after') return { status: 200, headers: {}, body: fault.body };
  return undefined;
}
