/** Public data of a venue. */
import {
  compare,
  isPositive,
  type Market,
  type Price,
  price,
  type Side,
  VenueError,
  type VenueId,
} from '@nightdesk/core';
import { Fields, listOf, UnparsableAnswerError } from './fields.ts';
import { mapMarkets, type SkippedMarket } from './map-market.ts';
import { offers } from './venue-client.ts';
import type { VenueSession } from './venue-session.ts';

/**
 * All markets of the venue that can be traded here.
 *
 * @throws VenueError when the venue does not answer, or with nothing usable.
 */
export async function fetchMarkets(
  venue: VenueId,
  session: VenueSession,
  onSkipped?: (skipped: readonly SkippedMarket[]) => void,
): Promise<Market[]> {
  const answer = await ask(venue, session, () => session.client.fetchMarkets());
  const list = parse(venue, () => listOf('markets', answer));
  const { markets, skipped } = mapMarkets(venue, list, session.client.precisionMode);
  if (skipped.length > 0) onSkipped?.(skipped);
  if (markets.length === 0) throw new VenueError(venue, `none of the ${list.length} markets it lists is usable`);
  return markets;
}

/**
 * Best ask for a buyer, best bid for a seller: from the venue's book ticker where it has one, else from its book.
 *
 * @throws VenueError when the venue does not answer or that side is empty.
 */
export async function fetchPrice(venue: VenueId, session: VenueSession, query: PriceQuery): Promise<Price> {
  const { client } = session;
  const { market, side } = query;
  const answer = await ask(venue, session, () => {
    session.use(market);
    return offers(client, 'fetchBidsAsks')
      ? client.fetchBidsAsks([market.symbol])
      : client.fetchOrderBook(market.symbol);
  });
  const best = parse(venue, () =>
    offers(client, 'fetchBidsAsks') ? bestOfTicker(answer, query) : bestOfBook(answer, side),
  );
  if (best === undefined)
    throw new VenueError(venue, `nobody ${side === 'buy' ? 'sells' : 'buys'} ${market.symbol} now`);
  return price(best);
}

export interface PriceQuery {
  market: Market;
  side: Side;
}

/** A price of zero is how tickers spell an empty side. */
function bestOfTicker(answer: unknown, { market, side }: PriceQuery): string | undefined {
  const ticker = new Fields('tickers', answer).optionalFields(market.symbol);
  const best = ticker?.optionalDecimal(side === 'buy' ? 'ask' : 'bid');
  return best !== undefined && isPositive(best) ? best : undefined;
}

/** Looks at every level: ccxt sorts books as texts once numbers are texts, and then "9" comes after "10". */
function bestOfBook(answer: unknown, side: Side): string | undefined {
  const levels = new Fields('book', answer).list(side === 'buy' ? 'asks' : 'bids');
  const prices = levels.map((level) => new Fields('level', { price: listOf('level', level)[0] }).decimal('price'));
  const better = side === 'buy' ? -1 : 1;
  return prices.reduce<string | undefined>(
    (best, candidate) => (best === undefined || compare(candidate, best) === better ? candidate : best),
    undefined,
  );
}

async function ask(venue: VenueId, session: VenueSession, action: () => Promise<unknown>): Promise<unknown> {
  const result = await session.call('question', action);
  if (result.kind === 'answered') return result.value;
  throw new VenueError(venue, `${result.failure.cause.code}: ${result.failure.cause.message}`);
}

function parse<Result>(venue: VenueId, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnparsableAnswerError) throw new VenueError(venue, error.message);
    throw error;
  }
}
