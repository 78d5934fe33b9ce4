/** What a rule reads out of a figure, and the two shapes that most figures have: an amount, and things that are there or not. */
import { add, compare, divideBy, isPositive, type Notional, notional, scaleBy, zeroNotional } from '../../money.ts';
import type { BreakerState } from './breaker-state.ts';

export type Reading =
  | {
      kind: 'told';
      /** A decimal. */
      value: string;
      /** Reason to trip when armed. */
      isOver: boolean;
      /** Reason to trip again when eased. */
      isWorse: boolean;
      /** Reason to be armed again when eased. */
      isCalm: boolean;
      /** Why it trips, for people. */
      message: string;
      subjects?: Readonly<Record<string, number>>;
    }
  /** The figure is missing. */
  | { kind: 'blind'; message: string }
  /** There is nothing to judge, and nothing is missing. */
  | { kind: 'silent' };

export const minuteMs = 60_000;
export const silent: Reading = { kind: 'silent' };
export const blind = (message: string): Reading => ({ kind: 'blind', message });

export interface Level {
  value: Notional;
  /** Absent where it is a share of an equity that is not known. */
  limit: Notional | undefined;
  message: string;
}

/** A figure that may grow without end. Zero is never beyond a limit, not even one of zero. */
export function level({ value, limit, message }: Level, state: BreakerState | undefined): Reading {
  if (limit === undefined) return blind('the equity is not known');
  const isOver = isPositive(value) && compare(value, limit) >= 0;
  const before = state === undefined ? zeroNotional : notional(state.value);
  const isGrown = compare(value, before) > 0 && compare(value, add(before, divideBy(limit, '10'))) >= 0;
  const isCalm = !isPositive(value) || compare(value, scaleBy(limit, '0.9')) < 0;
  return { kind: 'told', value, isOver, isWorse: isOver && isGrown, isCalm, message };
}

export interface SubjectTerms {
  /** How long each may be there. */
  minutes: number;
  nowMs: number;
  state: BreakerState | undefined;
  text(about: string): string;
}

/** A figure of things that are there or not: those that were there when a person let trading go on do not trip it again. */
export function subjects(
  present: readonly { id: string; message: string }[],
  { minutes, nowMs, state, text }: SubjectTerms,
): Reading {
  const seen = present.map(({ id, message }) => ({ id, message, sinceMs: state?.subjects?.[id] ?? nowMs }));
  const due = seen.filter(({ sinceMs }) => nowMs - sinceMs >= minutes * minuteMs);
  const isKnown = ({ sinceMs }: { sinceMs: number }): boolean => state !== undefined && sinceMs <= state.atMs;
  return {
    kind: 'told',
    value: String(due.length),
    isOver: due.length > 0,
    isWorse: due.some((subject) => !isKnown(subject)),
    isCalm: !seen.some(isKnown),
    message: text(due.map(({ message }) => message).join('; ')),
    subjects: Object.fromEntries(seen.map(({ id, sinceMs }) => [id, sinceMs])),
  };
}
