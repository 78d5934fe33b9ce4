/**
 * What of an account's equity nobody has explained, so that it is neither profit nor loss yet. A withdrawal leaves the balance
 * before the venue tells that it is done, a deposit may be in it before it is told, and an answer may leave something out.
 */
import type { Difference } from '../books/books.ts';
import { add, isPositive, type Notional, zeroNotional } from '../money.ts';
import { ownersWorth, type Rates } from './rates.ts';

/** In the owner's currency. */
export interface Unexplained {
  /** Seen, and not confirmed: it may be there or not. Below zero is less than the desk explains. */
  uncertain: Notional;
  /** Confirmed, above what the desk explains, and no person has taken note of it: zero or more. What is missing for certain is a loss. */
  unnoted: Notional;
}

/** What is suspected for longer counts as what it looks like: nobody hides a loss behind an order that is never cleared up. */
export const uncertainMsMax = 600_000;

/** How long a position may show otherwise than was traded before it is taken for what it is. */
export const tornMsMax = 150_000;

/**
 * True where balances and positions are not of one moment: what a position that was just closed has made is in neither of them, or
 * in both. Equity cannot be told from that.
 */
export const isTorn = (differences: readonly Difference[], nowMs: number): boolean =>
  differences.some(
    ({ kind, state, firstSeenMs }) =>
      kind === 'outsider_position' && state === 'suspected' && nowMs - firstSeenMs <= tornMsMax,
  );

/** Differences in what is held of an asset. Those that the venue has told to be under way end when it says so. */
const balanceKinds: ReadonlySet<Difference['kind']> = new Set(['drift', 'dust', 'deposit', 'withdrawal']);
const toldKinds: ReadonlySet<Difference['kind']> = new Set(['deposit', 'withdrawal']);

export function unexplainedOf(differences: readonly Difference[], rates: Rates, nowMs: number): Unexplained {
  const sum: Unexplained = { uncertain: zeroNotional, unnoted: zeroNotional };
  for (const { kind, state, subject, amount, firstSeenMs } of differences) {
    if (amount === undefined || !balanceKinds.has(kind)) continue;
    // What has no rate is in no equity.
    const worth = ownersWorth(rates, subject, amount) ?? zeroNotional;
    if (state === 'confirmed') {
      if (isPositive(worth)) sum.unnoted = add(sum.unnoted, worth);
    } else if (toldKinds.has(kind) || nowMs - firstSeenMs <= uncertainMsMax) {
      sum.uncertain = add(sum.uncertain, worth);
    }
  }
  return sum;
}
