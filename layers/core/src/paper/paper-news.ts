/** How a paper account catches up with what happened in public since it was looked at last. Pure. */
import { compare } from '../money.ts';
import type { FundingRate, OrderBook, PublicTrade } from '../ports/market-data.ts';
import type { PaperAccount, TradeCursor } from './paper-account.ts';
import { payFunding, positionIn } from './paper-funds.ts';
import { endFinished, meetTrade, type PaperContext } from './paper-matching.ts';
import { watchTrade, workReached } from './paper-triggers.ts';

export interface MarketNews {
  trades: readonly PublicTrade[];
  /** Of a time before the last of the trades, so that an order that meets it meets none of them. Needed where triggers wait. */
  book?: OrderBook;
  /** Of a perpetual, as announced now. */
  funding?: FundingRate;
}

/**
 * Lets the public trades since the cursor, oldest first, do what they do to the orders of one market, pays the funding that
 * is due in between, and works what was triggered. Where there is no cursor nothing has waited, so the trades only make one.
 */
export function catchUp(
  account: PaperAccount,
  { trades, book, funding }: MarketNews,
  context: PaperContext,
): PaperAccount {
  const { symbol } = context.market;
  let cursor = account.cursors[symbol];
  const isFirstLook = cursor === undefined;
  let current = account;
  for (const trade of trades.toSorted((left, right) => left.atMs - right.atMs)) {
    if (!isNew(trade, cursor)) continue;
    cursor = advance(cursor, trade);
    if (isFirstLook) continue;
    current = payDue(current, { funding, untilMs: trade.atMs }, context);
    current = watchTrade(meetTrade(current, trade, context), trade, context);
  }
  current = payDue(current, { funding, untilMs: context.nowMs }, context);
  if (book !== undefined) current = workReached(current, book, context);
  current = endFinished(current, context);
  const cursors = { ...current.cursors, [symbol]: cursor ?? { atMs: book?.atMs ?? context.nowMs, ids: [] } };
  return announce({ ...current, cursors }, funding, context);
}

/** A trade without an id is told by its time alone, so that none counts twice. */
const isNew = ({ atMs, tradeId }: PublicTrade, cursor: TradeCursor | undefined): boolean =>
  cursor === undefined ||
  atMs > cursor.atMs ||
  (atMs === cursor.atMs && tradeId !== undefined && !cursor.ids.includes(tradeId));

function advance(cursor: TradeCursor | undefined, { atMs, tradeId }: PublicTrade): TradeCursor {
  const ids = tradeId === undefined ? [] : [tradeId];
  return cursor?.atMs === atMs ? { atMs, ids: [...cursor.ids, ...ids] } : { atMs, ids };
}

/** Pays what was announced for a time up to `untilMs`, by the position of that time. */
function payDue(
  account: PaperAccount,
  { funding, untilMs }: { funding: FundingRate | undefined; untilMs: number },
  { market }: PaperContext,
): PaperAccount {
  const { [market.symbol]: due, ...others } = account.fundings;
  if (due === undefined || due.atMs > untilMs) return account;
  const rest = { ...account, fundings: others };
  const isHeld = compare(positionIn(account, market.symbol).quantity, '0') !== 0;
  return isHeld ? payFunding(rest, market, { rate: due.rate, mark: funding?.markPrice }) : rest;
}

/** A time that is past was paid for already, or nobody had announced it. */
function announce(
  account: PaperAccount,
  funding: FundingRate | undefined,
  { market, nowMs }: PaperContext,
): PaperAccount {
  if (funding?.nextAtMs === undefined || funding.nextAtMs <= nowMs) return account;
  const next = { rate: funding.rate, atMs: funding.nextAtMs };
  return { ...account, fundings: { ...account.fundings, [market.symbol]: next } };
}
