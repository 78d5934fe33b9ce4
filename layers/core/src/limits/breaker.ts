/**
 * What to do after a venue has said that it was asked too much. Pure: venues make bans longer for those who go on asking,
 * so nothing is sent until the time is over, and then one request tries.
 */
import type { VenueRefusal } from '../ports/request-budget.ts';

export type BanState =
  | { kind: 'closed' }
  /** The venue refuses. `refusals` counts those without an answer in between. */
  | { kind: 'open'; untilMs: number; refusals: number; reason: string }
  /** The time is over and one request is on its way to try; if nothing is heard of it until then, another may. */
  | { kind: 'trying'; untilMs: number; refusals: number; reason: string };

export type Admission =
  | { kind: 'pass'; state: BanState }
  /** Go ahead as the one that tries, on the new state. */
  | { kind: 'try'; state: BanState }
  | { kind: 'blocked'; retryInMs: number; reason: string };

export const noBan: BanState = { kind: 'closed' };

/** The first pause where the venue names none; each further refusal doubles it. */
export const firstPauseMs = 2_000;
const doublingsMax = 8;
/** Longest ban believed: Binance's last from two minutes to three days. */
export const banMsMax = 3 * 24 * 3_600_000;
/** Time for the one request that tries: longer than a call to a venue may take. */
export const tryMs = 10_000;

/** A refusal never shortens an earlier one. */
export function refuse(state: BanState, { retryAfterMs, reason }: VenueRefusal, nowMs: number): BanState {
  const refusals = state.kind === 'closed' ? 0 : state.refusals;
  const pauseMs = Math.min(retryAfterMs ?? firstPauseMs * 2 ** Math.min(refusals, doublingsMax), banMsMax);
  const untilMs = Math.max(state.kind === 'open' ? state.untilMs : 0, nowMs + pauseMs);
  // Requests that were under way together are refused together, which says no more than one refusal.
  const counted = state.kind === 'open' && nowMs < state.untilMs ? refusals : refusals + 1;
  return { kind: 'open', untilMs, refusals: counted, reason };
}

export function admit(state: BanState, nowMs: number): Admission {
  if (state.kind === 'closed') return { kind: 'pass', state };
  const { untilMs, refusals, reason } = state;
  if (nowMs < untilMs) return { kind: 'blocked', retryInMs: untilMs - nowMs, reason };
  return { kind: 'try', state: { kind: 'trying', untilMs: nowMs + tryMs, refusals, reason } };
}

/** The venue answered. While it refuses, that was a request from before, and says nothing. */
export function succeed(state: BanState, nowMs: number): BanState {
  const refusing = state.kind === 'open' && nowMs < state.untilMs;
  return refusing ? state : noBan;
}
