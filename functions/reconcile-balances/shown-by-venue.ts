/** What of the desk's positions its venue still shows: what somebody has closed by hand, or liquidation has, is at nobody's stake. */
import {
  type Amount,
  absolute,
  add,
  type Books,
  compare,
  type DeskRecords,
  finalStates,
  isNegative,
  maximum,
  minimum,
  type PositionRow,
  partsOf,
  subtract,
  zeroAmount,
} from '@nightdesk/core';
import type { Holdings } from './ask-venue.ts';

/** A position that has changed later than this may not be in the answers yet. */
const quietMsMin = 60_000;

export interface ShownSources {
  holdings: Holdings;
  /** Of the look before. */
  books: Books | undefined;
  desk: Pick<DeskRecords, 'orders'>;
}

/**
 * The position with no more of it than the venue showed, at this look or the one before: one answer alone may lack something.
 * As it is where its market is not quiet.
 */
export function asShown(row: PositionRow, { holdings, books, desk }: ShownSources): PositionRow {
  const { symbol, quantity, updatedAtMs } = row;
  const isResting = updatedAtMs <= holdings.askedAtMs - quietMsMin;
  const hasOrders = desk.orders.some((order) => order.symbol === symbol && !finalStates.has(order.state));
  // Of the look before counts what was asked after the position had changed last.
  if (!isResting || hasOrders || books === undefined || books.answeredAtMs < updatedAtMs) return row;
  const spotWallets = new Set(
    holdings.wallets.filter(({ wallet }) => wallet.kinds.includes('spot')).map(({ wallet }) => wallet.name),
  );
  const now = holdings.wallets.flatMap(({ wallet, balances }) =>
    balances.map((each) => ({ ...each, wallet: wallet.name })),
  );
  const shownIn = (balances: readonly (typeof now)[number][], positions: Holdings['positions']): Amount => {
    const { base, settle } = partsOf(symbol);
    const parts =
      settle === undefined
        ? balances.filter(({ asset, wallet }) => asset === base && spotWallets.has(wallet)).map(({ total }) => total)
        : positions.filter((position) => position.symbol === symbol).map(({ amount }) => amount);
    return parts.reduce((sum, part) => add(sum, part), zeroAmount);
  };
  const shown = maximum(shownIn(now, holdings.positions), shownIn(books.balances, books.positions));
  const most = isNegative(shown) ? zeroAmount : shown;
  const size = absolute(quantity);
  if (compare(size, most) <= 0) return row;
  const kept = minimum(size, most);
  return { ...row, quantity: isNegative(quantity) ? subtract(zeroAmount, kept) : kept };
}
