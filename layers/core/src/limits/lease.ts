/**
 * How the share of a limit is handed out to processes: each leases some units for a short time from a row that all of them
 * change by compare and set, and sends on them without asking anybody. Pure.
 *
 * No schedule of requests goes over a limit, provided that a request reaches the venue within `travelMs` of being let go, and
 * that clocks, the venue's included, are within `clockErrorMs` of each other:
 *
 * - A lease from a `window` ends before its window does, by `travelMs`, so its units arrive in the window they were counted
 *   in. Near the border between two windows, where nobody can say in which of them a request will be counted, a lease is
 *   counted in both.
 * - A lease from a `bucket` is counted when it is made and may be spent until it ends. So whatever arrives within a span of T
 *   was counted within a span of `T + slack`, where slack is the lease's life, travel and clock error together; the bucket
 *   handed out from is smaller than the venue's by what flows back in that time, so no more than `unitsMax * (1 + T /
 *   windowMs)` arrive. The rate, which is what counts under load, stays whole.
 * - A `rolling` limit is handed out from a bucket that lets no more through in any of its spans: a fifth at once, four fifths
 *   over the span.
 *
 * A request that is larger than what may go at once goes alone, after a pause.
 */
import type { CoordinationRow, RowChange } from '../ports/coordination.ts';
import type { RequestLimit } from '../ports/request-budget.ts';
import { admit, type BanState, noBan } from './breaker.ts';
import { isPacedWindow, type OthersUse, pacedFromMs, pacedUnits, pacedUnitsMax } from './pace.ts';
import { capOf, unitTolerance } from './request-cost.ts';

/** A limit as it is handed out. */
export interface LeasableLimit extends RequestLimit {
  kind: 'window' | 'bucket';
}

/** Of a rolling limit, this part may go at once. */
const burstShare = 0.2;

export function leasable(limit: RequestLimit): LeasableLimit {
  const { kind, unitsMax, windowMs } = limit;
  if (kind !== 'rolling') return { ...limit, kind };
  const atOnce = Math.max(1, unitsMax * burstShare);
  const unitsPerMs = Math.max(unitsMax - atOnce, unitsMax / 2) / windowMs;
  return { ...limit, kind: 'bucket', unitsMax: atOnce, windowMs: atOnce / unitsPerMs };
}

/** Units that may be sent until `untilMs` without asking anybody. */
export interface Lease {
  units: number;
  untilMs: number;
  /** Comes from the part of the limit that questions may not use. */
  ordersOnly: boolean;
}

export interface LeaseRequest {
  /** Needed now. */
  unitsMin: number;
  /** Of use soon. */
  unitsWanted: number;
  order: boolean;
  /** Can wait, and leaves room in a window for those who cannot (`pace.ts`). */
  isPaced?: boolean;
  /**
   * When the time of a refusal is over and nobody has tried yet: `try` as the one request that does, `pass` because another
   * limit of the same request decides, or `leave` it to a request that really is to be sent.
   */
  afterRefusal: 'try' | 'pass' | 'leave';
}

export type LeaseAnswer =
  /**
   * `used` is the part of the limit that is used by now, 1 being all. `afterRefusal` asks for word of the venue's next
   * answer, and `trying` is the lease of the one request that tries for it.
   */
  | { kind: 'leased'; lease: Lease; used: number; afterRefusal: boolean; trying: boolean }
  /** Too little is left until then. */
  | { kind: 'wait'; retryInMs: number }
  | { kind: 'blocked'; retryInMs: number; reason: string };

const hourMs = 3_600_000;

/** How long a lease lasts at most. Everybody learns of a ban within this, as all leases then end. */
export const leaseMsOf = ({ windowMs }: RequestLimit): number =>
  // Of a day's limit nothing else is learnt, and one row a minute is enough.
  windowMs >= hourMs ? 60_000 : Math.min(2_000, windowMs / 4);

/** From letting a request go until the venue counts it: signing, a new connection, the way there. */
export const travelMsOf = ({ windowMs }: RequestLimit): number => Math.min(500, windowMs / 8);
/** Clocks of hosts in a data centre are within a few milliseconds of each other and of most venues'. */
export const clockErrorMsOf = ({ windowMs }: RequestLimit): number => Math.min(100, windowMs / 16);
/** A lease that would be shorter than this is made out for the border instead. */
const leaseMsMinOf = ({ windowMs }: RequestLimit): number => Math.min(100, windowMs / 32);

/** Decides on a limit's row, for `CoordinationStore.change`. */
export function leaseFrom(limit: LeasableLimit, request: LeaseRequest, nowMs: number) {
  return (row: CoordinationRow = {}): RowChange<LeaseAnswer> => {
    const admission = admit(breakerOf(row), nowMs);
    if (admission.kind === 'blocked') return { result: admission };
    const afterRefusal = admission.kind === 'try';
    if (afterRefusal && request.afterRefusal === 'leave') return { result: { kind: 'wait', retryInMs: 0 } };
    const trying = afterRefusal && request.afterRefusal === 'try';
    const asked = trying ? { ...request, unitsWanted: request.unitsMin } : request;
    const counted =
      limit.kind === 'window' ? fromWindow(limit, asked, nowMs)(row) : fromBucket(limit, asked, nowMs)(row);
    if (counted.kind === 'wait') return { result: counted };
    const { lease, used, fields, usedUntilMs } = counted;
    const breaker = trying ? breakerFields(admission.state) : {};
    return {
      row: { ...row, ...fields, ...breaker },
      expiresAtMs: expiryOf({ ...row, ...breaker }, usedUntilMs),
      result: { kind: 'leased', lease, used, afterRefusal, trying },
    };
  };
}

/** Decides on a limit's row what a change of the breaker makes of it. */
export function changeBreaker(change: (state: BanState) => BanState, nowMs: number) {
  return (row: CoordinationRow = {}): RowChange<BanState> => {
    const before = breakerOf(row);
    const state = change(before);
    if (state.kind === 'closed' && before.kind === 'closed') return { result: state };
    const changed = { ...row, ...breakerFields(state) };
    return { row: changed, expiresAtMs: expiryOf(changed, nowMs), result: state };
  };
}

type Triple = [number, number, number];

type Counted =
  | { kind: 'wait'; retryInMs: number }
  | { kind: 'counted'; lease: Lease; used: number; fields: CoordinationRow; usedUntilMs: number };

function fromWindow(limit: LeasableLimit, request: LeaseRequest, nowMs: number) {
  return (row: CoordinationRow): Counted => {
    const { windowMs, unitsMax } = limit;
    const [travelMs, clockErrorMs] = [travelMsOf(limit), clockErrorMsOf(limit)];
    const windowAt = Math.floor(nowMs / windowMs) * windowMs;
    const justBegun = nowMs < windowAt + clockErrorMs;
    const startMs = justBegun ? windowAt - windowMs : windowAt;
    const endMs = startMs + windowMs;
    const atBorder = nowMs >= endMs - travelMs - leaseMsMinOf(limit);
    const storedAt = numberOf(row, 'windowStartMs');
    // Somebody's clock is ahead of this one, and has left this window behind. By more than a window, this one was set back.
    if (storedAt > startMs && storedAt <= startMs + windowMs)
      return { kind: 'wait', retryInMs: storedAt + clockErrorMs - nowMs };
    const used =
      storedAt === startMs ? numberOf(row, 'used') : storedAt === startMs - windowMs ? numberOf(row, 'usedNext') : 0;
    const usedNext = storedAt === startMs ? numberOf(row, 'usedNext') : 0;
    const taken = atBorder ? Math.max(used, usedNext) : used;
    const others = othersUseOf(row, storedAt === startMs ? 'same' : storedAt === startMs - windowMs ? 'next' : 'later');
    const isPaced = request.isPaced === true && isPacedWindow(limit);
    // What is counted in both windows would be more than the first step of the next.
    if (isPaced && atBorder) return { kind: 'wait', retryInMs: endMs + clockErrorMs - nowMs };
    const cap = capOf(limit, unitsMax, request.order);
    const pacedMax = pacedUnitsMax(cap, others);
    const units = unitsFor(request, isPaced ? pacedUnits(limit, pacedMax, nowMs - startMs) : cap, taken);
    if (units === undefined) {
      const full = usedNext >= used && atBorder ? endMs + windowMs : endMs;
      const openMs = isPaced ? startMs + pacedFromMs(limit, pacedMax, taken + request.unitsMin) : full;
      return { kind: 'wait', retryInMs: (openMs < endMs ? openMs : full + clockErrorMs) - nowMs };
    }
    const untilMs = atBorder ? endMs + clockErrorMs : Math.min(nowMs + leaseMsOf(limit), endMs - travelMs);
    return {
      kind: 'counted',
      lease: { units, untilMs, ordersOnly: taken + units > capOf(limit, unitsMax, false) + unitTolerance },
      used: (used + units) / unitsMax,
      fields: {
        ...{ windowStartMs: startMs, used: used + units, usedNext: usedNext + (atBorder ? units : 0) },
        ...{ others: others.units + (isPaced ? 0 : units), othersBefore: others.before },
        othersNext: others.next + (atBorder ? units : 0),
      },
      usedUntilMs: endMs + windowMs,
    };
  };
}

/** @param window that is leased from, as seen from the one of the row */
function othersUseOf(row: CoordinationRow, window: 'same' | 'next' | 'later'): OthersUse & { next: number } {
  const [units, before, next] = ['others', 'othersBefore', 'othersNext'].map((name) => numberOf(row, name)) as Triple;
  if (window === 'same') return { units, before, next };
  return window === 'next' ? { units: next, before: units, next: 0 } : { units: 0, before: 0, next: 0 };
}

function fromBucket(limit: LeasableLimit, request: LeaseRequest, nowMs: number) {
  return (row: CoordinationRow): Counted => {
    const { windowMs } = limit;
    const msPerUnit = windowMs / limit.unitsMax;
    const unitsMax = bucketUnitsOf(limit);
    const countedAtMs = numberOf(row, 'countedAtMs');
    // A clock that was set back would wait for its own past.
    const setBackMs = countedAtMs > nowMs + windowMs ? countedAtMs - nowMs : 0;
    // Everything that was taken has come back by then.
    const restoredAtMs = Math.max(numberOf(row, 'restoredAtMs') - setBackMs, nowMs);
    const taken = (restoredAtMs - nowMs) / msPerUnit;
    const cap = capOf(limit, unitsMax, request.order);
    const units = unitsFor(request, cap, taken);
    if (units === undefined) {
      const room = Math.max(cap - request.unitsMin, 0);
      return { kind: 'wait', retryInMs: Math.max((taken - room) * msPerUnit, 1) };
    }
    // What is larger than the bucket may arrive late, too, and the next one soon.
    const pauseMs = units > unitsMax + unitTolerance ? slackMsOf(limit) : 0;
    const untilMs = restoredAtMs + units * msPerUnit + pauseMs;
    return {
      kind: 'counted',
      lease: {
        units,
        untilMs: nowMs + leaseMsOf(limit),
        ordersOnly: taken + units > capOf(limit, unitsMax, false) + unitTolerance,
      },
      used: Math.min((taken + units) / unitsMax, 1),
      fields: { restoredAtMs: untilMs, countedAtMs: nowMs },
      usedUntilMs: untilMs,
    };
  };
}

/** What may be handed out at once, so that leases spent at their very end do not overflow the venue's own bucket. */
export function bucketUnitsOf(limit: RequestLimit): number {
  return limit.unitsMax * (1 - slackMsOf(limit) / limit.windowMs);
}

/** Between counting a unit of a bucket and its arrival; less than half of `windowMs`. */
const slackMsOf = (limit: RequestLimit): number => leaseMsOf(limit) + travelMsOf(limit) + clockErrorMsOf(limit);

/** As much as is wanted and left, `undefined` if that is less than is needed. A request larger than the limit goes alone. */
function unitsFor({ unitsMin, unitsWanted }: LeaseRequest, cap: number, taken: number): number | undefined {
  const left = cap - taken;
  if (unitsMin <= left + unitTolerance) return Math.max(unitsMin, Math.min(unitsWanted, left));
  return taken <= unitTolerance ? unitsMin : undefined;
}

function breakerOf(row: CoordinationRow): BanState {
  const { breaker: kind, breakerReason: reason } = row;
  if (kind !== 'open' && kind !== 'trying') return noBan;
  const untilMs = numberOf(row, 'breakerUntilMs');
  return { kind, untilMs, refusals: numberOf(row, 'refusals'), reason: String(reason) };
}

const breakerFields = (state: BanState): CoordinationRow =>
  state.kind === 'closed'
    ? { breaker: state.kind }
    : { breaker: state.kind, breakerUntilMs: state.untilMs, refusals: state.refusals, breakerReason: state.reason };

const numberOf = (row: CoordinationRow, name: string): number => Number(row[name] ?? 0);

/** Refusals are remembered for a while after the last, so that the next pause is longer. */
const refusalsKeptMs = hourMs;
const expiryOf = (row: CoordinationRow, usedUntilMs: number): number => {
  const { breaker } = row;
  const blockedUntilMs =
    breaker === undefined || breaker === 'closed' ? 0 : numberOf(row, 'breakerUntilMs') + refusalsKeptMs;
  return Math.max(usedUntilMs, blockedUntilMs);
};
