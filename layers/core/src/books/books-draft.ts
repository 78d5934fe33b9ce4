/** The books while a look is worked into them. */
import {
  type Amount,
  absolute,
  add,
  compare,
  isNegative,
  isPositive,
  minimum,
  type Notional,
  scaleBy,
  subtract,
  zeroAmount,
} from '../money.ts';
import type { BooksEvent } from '../ports/stores.ts';
import { partsOf, profitCurrencyOf } from '../positions/position-delta.ts';
import { ownersRate, type Rates } from '../valuation/rates.ts';
import type { AssetBaseline, Books, Difference } from './books.ts';
import type { BooksAction } from './reconcile-types.ts';

/**
 * Most that one look tells; what is left is told by the next ones. With what was found out about orders, which is told in any
 * case, and what breakers have to say, it is below what one transaction takes.
 */
export const toldMax = 40;
/** Most differences that the books name, and most orders of others beside them; of more, those that were seen first. */
export const differencesMax = 200;

export interface BooksDraft {
  before: Books | undefined;
  nowMs: number;
  baselines: Record<string, AssetBaseline>;
  /** Confirmed and not settled, by id. */
  standing: Map<string, Difference>;
  suspected: Difference[];
  cursors: Record<string, number>;
  settled: Set<string>;
  events: BooksEvent[];
  actions: BooksAction[];
}

export function beginDraft(before: Books | undefined, nowMs: number): BooksDraft {
  const confirmed = before?.differences.filter(({ state }) => state === 'confirmed') ?? [];
  return {
    ...{ before, nowMs, suspected: [], events: [], actions: [] },
    baselines: { ...before?.baselines },
    standing: new Map(confirmed.map((difference) => [difference.id, difference])),
    cursors: { ...before?.cursors },
    settled: new Set(before?.settled),
  };
}

export const isFull = ({ events }: BooksDraft): boolean => events.length >= toldMax;

export const tell = (draft: BooksDraft, type: string, data: Record<string, unknown>): unknown =>
  draft.events.push({ type, atMs: draft.nowMs, data });

/** What so much of a baseline's subject is worth, without its sign; `undefined` where nothing tells. */
export function worthOfKey(key: string, amount: Amount, rates: Rates): Notional | undefined {
  const subject = subjectOf(key);
  if (!isPositionKey(key)) return timesRate(ownersRate(rates, subject), amount);
  return profitCurrencyOf(subject) === undefined
    ? undefined
    : timesRate(ownersRate(rates, partsOf(subject).base), amount);
}

const timesRate = (rate: string | undefined, amount: Amount): Notional | undefined =>
  rate === undefined ? undefined : (scaleBy(absolute(amount), rate) as string as Notional);

export const isPositionKey = (key: string): boolean => key.startsWith('position:');

/** The asset or the symbol. */
export const subjectOf = (key: string): string => key.slice(key.indexOf(':') + 1);

/** Where what nothing explains of a baseline is kept until a person has taken note of it. */
export const unexplainedIdOf = (key: string): string =>
  isPositionKey(key) ? `outsider_position:${subjectOf(key)}` : `drift:${key}`;

const amountOf = (difference: Difference | undefined): Amount => difference?.amount ?? zeroAmount;

const noBaseline: AssetBaseline = { total: zeroAmount, traded: zeroAmount };

/** What there is nothing of is not listed, so where no baseline is there was nothing. */
export const baselineOf = ({ baselines }: BooksDraft, key: string): AssetBaseline => baselines[key] ?? noBaseline;

export function moveBaseline(draft: BooksDraft, key: string, by: Amount): void {
  const baseline = baselineOf(draft, key);
  draft.baselines[key] = { ...baseline, total: add(baseline.total, by) };
}

export interface Explanation {
  key: string;
  by: Amount;
  /** When it happened, by the venue's clock, and at which look it was told first. */
  happenedMs: number;
  toldMs: number;
}

/**
 * Takes over an amount that is explained now. What stood as unexplained since before this was told, and after it happened, is
 * settled by it first: the baseline was moved then. What came about later, or with this in view, is something else.
 */
export function explain(draft: BooksDraft, { key, by, happenedMs, toldMs }: Explanation, rates: Rates): void {
  const known = draft.standing.get(unexplainedIdOf(key));
  const sinceMs = known?.confirmedAtMs ?? Number.NaN;
  const standing = happenedMs <= sinceMs && sinceMs < toldMs ? known : undefined;
  const amount = amountOf(standing);
  const isSame = (isPositive(amount) && isPositive(by)) || (isNegative(amount) && isNegative(by));
  if (standing === undefined || !isSame) {
    moveBaseline(draft, key, by);
    return;
  }
  const taken = minimum(absolute(amount), absolute(by));
  const signed = isNegative(by) ? subtract(zeroAmount, taken) : taken;
  moveBaseline(draft, key, subtract(by, signed));
  restate(draft, standing, { key, amount: subtract(amount, signed), rates });
}

/** Keeps a standing difference with another amount, or settles it where nothing is left. */
function restate(
  draft: BooksDraft,
  standing: Difference,
  { key, amount, rates }: { key: string; amount: Amount; rates: Rates },
): void {
  if (compare(amount, '0') === 0) {
    settle(draft, standing, 'it is explained by now');
    return;
  }
  const { worth: _before, ...rest } = standing;
  const worth = worthOfKey(key, amount, rates);
  draft.standing.set(standing.id, { ...rest, amount, ...(worth !== undefined && { worth }) });
}

export function settle(draft: BooksDraft, { id, kind, subject, amount }: Difference, reason: string): void {
  draft.standing.delete(id);
  tell(draft, 'books.settled', { id, kind, subject, ...(amount !== undefined && { amount }), reason });
}

/** Tells what has been confirmed at this look. */
export function announce(draft: BooksDraft, difference: Difference, isAlarm: boolean): void {
  const { id, kind, subject, amount, worth, firstSeenMs, looks, message } = difference;
  tell(draft, 'books.difference', {
    ...{ id, kind, subject, firstSeenMs, looks, message },
    ...(amount !== undefined && { amount }),
    ...(worth !== undefined && { worth }),
  });
  if (isAlarm) draft.actions.push({ kind: 'alarm', difference });
}

/**
 * Adds to what stands of the same kind, so that the whole is what a breaker measures; what has evened out is settled.
 *
 * @param id of the whole
 */
export function addStanding(
  draft: BooksDraft,
  difference: Difference,
  { id, key, rates }: { id: string; key: string; rates: Rates },
): void {
  const standing = draft.standing.get(id);
  const { confirmedAtMs = draft.nowMs } = difference;
  if (standing === undefined) {
    draft.standing.set(id, { ...difference, id });
    return;
  }
  const amount = add(amountOf(standing), amountOf(difference));
  restate(draft, { ...standing, confirmedAtMs, message: difference.message }, { key, amount, rates });
}
