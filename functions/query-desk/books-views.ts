/** What the API shows of the books: what accounts have, as their venues told it, and where that differs from the desk's records. */
import {
  type AccountConfig,
  type AccountId,
  absolute,
  type Books,
  type BreakerStates,
  type BreakersConfig,
  compare,
  type Difference,
  isNegative,
  type Notional,
  type ValuedBalance,
  type ValuedPosition,
  type VenueId,
} from '@nightdesk/core';

/** An account of the configuration, and its books; without them it was not reconciled yet. */
export interface AccountBooks {
  account: AccountId;
  venue: VenueId;
  mode: AccountConfig['mode'];
  books: Books | undefined;
}

export interface BalancesFilter {
  wallet?: string;
  /** Shows dust and zero as well. */
  all: boolean;
  /** What is worth less is dust. */
  dustBelow: Notional;
}

/** What cannot be valued may be worth anything, and what is owed is never dust. */
function isWorthShowing({ total, borrowed, worth }: ValuedBalance, dustBelow: Notional): boolean {
  if (borrowed !== undefined && compare(borrowed, '0') !== 0) return true;
  if (compare(total, '0') === 0) return false;
  return worth === undefined || compare(absolute(worth), dustBelow) >= 0;
}

export function balancesView({ account, venue, mode, books }: AccountBooks, filter: BalancesFilter) {
  if (books === undefined) return { account, venue, mode, status: 'not_reconciled' as const };
  const inWallet = ({ wallet }: { wallet: string }) => filter.wallet === undefined || wallet === filter.wallet;
  const told = books.balances.filter(inWallet);
  const balances = told.filter((balance) => filter.all || isWorthShowing(balance, filter.dustBelow));
  const { status, answeredAtMs, marks, unvalued } = books;
  return {
    ...{ account, venue, mode, status, answeredAtMs },
    ...(marks && { currency: marks.currency, equity: marks.equity, unrealizedPnl: marks.unrealized }),
    ...{ balances, hidden: told.length - balances.length },
    ...{ margins: books.margins.filter(inWallet), unvalued },
  };
}

/**
 * - `agrees`, `differs`: as the venue told at the last look;
 * - `unanswered`: the venue did not tell at the last look, and all else is of `answeredAtMs`;
 * - `not_reconciled`: there was no look yet.
 */
export function reconciliationView(
  { account, venue, mode, books }: AccountBooks,
  { config, nowMs }: { config: BreakersConfig; nowMs: number },
) {
  const breakers = breakersView(config, books?.breakers ?? {});
  if (books === undefined)
    return { account, venue, mode, status: 'not_reconciled' as const, differences: [], breakers };
  const { status, checkedAtMs, answeredAtMs, unansweredLooks, cause, differences, marks, unvalued } = books;
  const sinceMs = sinceOf(books);
  return {
    ...{ account, venue, mode, status },
    ...(sinceMs !== undefined && { sinceMs }),
    ...{ checkedAtMs, answeredAtMs, answerAgeSeconds: Math.max(0, Math.floor((nowMs - answeredAtMs) / 1_000)) },
    ...{ unansweredLooks, ...(cause && { cause }) },
    ...(marks && { currency: marks.currency }),
    ...{ differences, unvalued, breakers },
  };
}

/** Since when it is as it is; not told where all agrees. */
function sinceOf({ status, answeredAtMs, differences }: Books): number | undefined {
  if (status === 'unanswered') return answeredAtMs;
  const confirmed = differences.filter(({ state }: Difference) => state === 'confirmed');
  return confirmed.length === 0 ? undefined : Math.min(...confirmed.map(({ firstSeenMs }) => firstSeenMs));
}

/** Those that are configured, with what they do and how they stand; and those that tripped and were taken out since. */
export function breakersView(config: BreakersConfig, states: BreakerStates) {
  const names = [...new Set([...Object.keys(config), ...Object.keys(states)])] as (keyof BreakersConfig)[];
  const known = names.filter((name) => config[name] !== undefined || states[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, { ...config[name], state: 'armed', ...states[name] }]));
}

/** What the venue shows of a position of the desk's; absent on spot, and where it shows none on that side. */
export function venuePositionView(symbol: string, quantity: string, books: Books | undefined) {
  const side = isNegative(quantity) ? 'short' : 'long';
  const shown = books?.positions.find((position) => position.symbol === symbol && position.side === side);
  return books && shown && { ...shownOf(shown), answeredAtMs: books.answeredAtMs };
}

const shownOf = ({ symbol: _symbol, ...shown }: ValuedPosition) => shown;
