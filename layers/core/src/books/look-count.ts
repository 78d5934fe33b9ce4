/** From something that was seen once to a difference that is acted upon. Pure. */
import { type Amount, compare, isNegative, isPositive } from '../money.ts';
import type { Difference } from './books.ts';

/** Two looks closer together than this are one: answers may come from the same late copy. */
export const lookGapMsMin = 15_000;
/** What differs at every look for so long is there, also where the amount is another one each time. */
export const persistentMs = 150_000;
/** How long the venue may take to tell of a fill that its balances have already. */
export const untoldMsMax = 5 * 60_000;

/** Something as one look shows it. */
export type Seen = Pick<Difference, 'id' | 'kind' | 'subject' | 'amount' | 'worth' | 'message'> & {
  /** Nothing is under way that could be behind it. */
  isQuiet: boolean;
  /** An order of the desk that the venue has not told in full may be behind it. */
  mayBeFill?: boolean;
};

export interface LookTimes {
  nowMs: number;
  /** Of the look before; absent on the first one. */
  beforeMs: number | undefined;
}

/** The difference after this look. Only looks at a quiet moment count, and only those that show the same. */
export function countLook(seen: Seen, prior: Difference | undefined, times: LookTimes): Difference {
  const { isQuiet, mayBeFill, ...difference } = seen;
  const { nowMs, beforeMs } = times;
  const known = prior !== undefined && isSameSide(prior.amount, seen.amount) ? prior : undefined;
  if (known === undefined) {
    return { ...difference, firstSeenMs: nowMs, looks: isQuiet ? 1 : 0, state: 'suspected' };
  }
  const { firstSeenMs } = known;
  const isNew = beforeMs === undefined || nowMs - beforeMs >= lookGapMsMin;
  if (!isQuiet || !isNew) {
    const looks = isEqual(known.amount, seen.amount) ? known.looks : 0;
    return { ...difference, firstSeenMs, looks, state: 'suspected' };
  }
  const isSteady = known.looks > 0 && isEqual(known.amount, seen.amount);
  const looks = isSteady ? known.looks + 1 : 1;
  const ageMs = nowMs - firstSeenMs;
  const isSure = looks >= 2 || (known.looks > 0 && ageMs >= persistentMs);
  const isConfirmed = isSure && (mayBeFill !== true || ageMs >= untoldMsMax);
  return {
    ...{ ...difference, firstSeenMs, looks },
    ...(isConfirmed ? { state: 'confirmed', confirmedAtMs: nowMs } : { state: 'suspected' }),
  };
}

const isEqual = (left: Amount | undefined, right: Amount | undefined): boolean =>
  left === undefined || right === undefined ? left === right : compare(left, right) === 0;

function isSameSide(left: Amount | undefined, right: Amount | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return isPositive(left) === isPositive(right) && isNegative(left) === isNegative(right);
}
