/** What a paper account has to know of a market: read through the venue's public data, a bounded number of pages at a time. */
import {
  type Clock,
  type Market,
  type MarketDataPort,
  type MarketNews,
  needsBook,
  openOrdersOf,
  type PaperAccount,
  type PublicTrade,
  positionIn,
  type TradeCursor,
} from '@nightdesk/core';

/** Levels of the book that an order can take from. */
const bookDepth = 100;
/** Trades asked for at once; venues may give fewer. */
const pageSize = 1_000;
/** No venue gives a shorter page where there is more. */
const shortPageMax = 50;
/** What was traded beyond so many pages is passed over. */
const pagesMax = 10;
/** Some venues show an hour from the time that is asked for and no further, so a long silence may be none. */
const silenceMsMax = 30 * 60_000;
/** Enough to know what was traded last, where nothing has waited for it. */
const latestTrades = 100;

export interface NewsReader {
  data: Pick<MarketDataPort, 'fetchOrderBook' | 'fetchTrades' | 'fetchFundingRate'>;
  clock: Clock;
  /** Whether the venue tells of funding at all. */
  tellsFunding: boolean;
}

/**
 * The book is read before the trades: what is traded in between then fills nothing that meets this book.
 *
 * @param places whether an order is about to meet the book, and may rest in it
 * @throws VenueError when the venue does not answer
 */
export async function readNews(
  account: PaperAccount,
  { market, places }: { market: Market; places: boolean },
  reader: NewsReader,
): Promise<MarketNews> {
  const { data, tellsFunding } = reader;
  const { symbol, kind } = market;
  const isWaitedIn = openOrdersOf(account, symbol).length > 0;
  const isHeld = positionIn(account, symbol).quantity !== '0';
  const book =
    places || needsBook(account, symbol) ? { book: await data.fetchOrderBook(market, bookDepth) } : undefined;
  const trades = places || isWaitedIn ? await readTrades(market, account.cursors[symbol], reader) : [];
  const isFunded = kind === 'perpetual' && tellsFunding && (places || isWaitedIn || isHeld);
  return { trades, ...book, ...(isFunded && { funding: await data.fetchFundingRate(market) }) };
}

/** From the cursor up to now. What lies beyond the pages, or beyond what the venue still shows, is missing. */
async function readTrades(
  market: Market,
  cursor: TradeCursor | undefined,
  { data, clock }: NewsReader,
): Promise<PublicTrade[]> {
  if (cursor === undefined) return data.fetchTrades(market, { limit: latestTrades });
  const read: PublicTrade[] = [];
  let sinceMs = cursor.atMs;
  for (let page = 0; page < pagesMax; page += 1) {
    const trades = await data.fetchTrades(market, { sinceMs, limit: pageSize });
    read.push(...trades);
    const latestMs = trades.at(-1)?.atMs ?? sinceMs;
    const isLast = latestMs <= sinceMs || trades.length <= shortPageMax;
    sinceMs = latestMs;
    if (isLast && clock.nowMs() - latestMs <= silenceMsMax) return read;
    if (isLast) break;
  }
  // So that the next look begins with now and never falls behind for good.
  return [...read, ...(await data.fetchTrades(market, { limit: pageSize }))];
}
