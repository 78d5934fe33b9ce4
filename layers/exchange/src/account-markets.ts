/** Markets that an account's answers name. */
import type { Market, MarketKind } from '@nightdesk/core';
import { errorOf, type VenueContext } from './ask-venue.ts';
import { Fields } from './fields.ts';
import { mapMarket } from './map-market.ts';

/** Answers about everything name markets by the venue's own names, which only the whole list can tell apart. */
export async function loadAllMarkets({ venue, session }: VenueContext): Promise<void> {
  const failure = await session.useAll();
  if (failure !== undefined) throw errorOf(venue, failure);
}

/**
 * ccxt guesses where the venue has one name for a spot market and a perpetual; whoever asked for a kind knows better.
 *
 * @throws UnparsableAnswerError for a market that cannot be told in neutral words.
 */
export function marketOf({ venue, session: { client } }: VenueContext, symbol: string, kind?: MarketKind): Market {
  const read = (value: unknown) => mapMarket(venue, value, client.precisionMode);
  const market = read(client.markets?.[symbol]);
  if (kind === undefined || market.kind === kind) return market;
  const named = Object.values(client.markets ?? {}).filter(
    (value) => new Fields('market', value).optionalText('id') === market.venueSymbol,
  );
  return named.map(read).find((candidate) => candidate.kind === kind) ?? market;
}
