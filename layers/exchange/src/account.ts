/** An account's balances, positions and open orders. */
import type { AccountPort, Balance, Market, MarketKind, OpenOrder, Position } from '@nightdesk/core';
import { askVenue, errorOf, type VenueContext } from './ask-venue.ts';
import { Fields, listOf } from './fields.ts';
import { mapBalances } from './map-balance.ts';
import { mapMarket } from './map-market.ts';
import { mapOpenOrder } from './map-order.ts';
import { mapPosition } from './map-position.ts';

/** ccxt's words for kinds of markets. */
const accountTypes: Readonly<Record<MarketKind, string>> = {
  spot: 'spot',
  perpetual: 'swap',
  future: 'future',
  option: 'option',
};

export function createAccount(context: VenueContext): AccountPort {
  return {
    fetchBalances: (kind) => fetchBalances(context, kind),
    fetchPositions: (markets) => fetchPositions(context, markets),
    fetchOpenOrders: (which) => fetchOpenOrders(context, which),
  };
}

function fetchBalances(context: VenueContext, kind: MarketKind | undefined): Promise<Balance[]> {
  return askVenue(context, {
    method: 'fetchBalance',
    ask: () => context.session.useAny().fetchBalance(kind === undefined ? {} : { type: accountTypes[kind] }),
    read: mapBalances,
  });
}

async function fetchPositions(context: VenueContext, markets: readonly Market[] | undefined): Promise<Position[]> {
  if (markets === undefined) {
    await loadAllMarkets(context);
    return askPositions(context);
  }
  const contracts = markets.filter(({ kind }) => kind !== 'spot');
  const atOnce = context.traits.positionsAskedAtOnceMax;
  const found: Position[] = [];
  for (let start = 0; start < contracts.length; start += atOnce) {
    found.push(...(await askPositions(context, contracts.slice(start, start + atOnce))));
  }
  return found;
}

function askPositions(context: VenueContext, contracts?: readonly Market[]): Promise<Position[]> {
  return askVenue(context, {
    method: 'fetchPositions',
    ask: () => context.session.use(...(contracts ?? [])).fetchPositions(contracts?.map(({ symbol }) => symbol)),
    read: (answer) =>
      listOf('positions', answer).flatMap((value) => {
        const symbol = new Fields('position', value).text('symbol');
        const market = contracts?.find((candidate) => candidate.symbol === symbol) ?? marketOf(context, symbol);
        // Some venues show what is held on margin among the positions; those holdings are balances.
        return market.kind === 'spot' ? [] : (mapPosition(value, market) ?? []);
      }),
  });
}

async function fetchOpenOrders(context: VenueContext, which: Market | MarketKind | undefined): Promise<OpenOrder[]> {
  if (typeof which !== 'object') return fetchAllOpenOrders(context, which);
  return askVenue(context, {
    method: 'fetchOpenOrders',
    ask: () => context.session.use(which).fetchOpenOrders(which.symbol),
    read: (answer) => listOf('orders', answer).map((order) => mapOpenOrder(order, which)),
  });
}

async function fetchAllOpenOrders(context: VenueContext, kind: MarketKind | undefined): Promise<OpenOrder[]> {
  await loadAllMarkets(context);
  const parameters = kind === undefined ? {} : { type: accountTypes[kind] };
  return askVenue(context, {
    method: 'fetchOpenOrders',
    ask: () => context.session.useAny().fetchOpenOrders(undefined, undefined, undefined, parameters),
    read: (answer) =>
      listOf('orders', answer).map((order) =>
        mapOpenOrder(order, marketOf(context, new Fields('order', order).text('symbol'), kind)),
      ),
  });
}

/** Answers about everything name markets by the venue's own names, which only the whole list can tell apart. */
async function loadAllMarkets({ venue, session }: VenueContext): Promise<void> {
  const failure = await session.useAll();
  if (failure !== undefined) throw errorOf(venue, failure);
}

/**
 * ccxt guesses where the venue has one name for a spot market and a perpetual; whoever asked for a kind knows better.
 *
 * @throws UnparsableAnswerError for a market that cannot be told in neutral words.
 */
function marketOf({ venue, session: { client } }: VenueContext, symbol: string, kind?: MarketKind): Market {
  const read = (value: unknown) => mapMarket(venue, value, client.precisionMode);
  const market = read(client.markets?.[symbol]);
  if (kind === undefined || market.kind === kind) return market;
  const named = Object.values(client.markets ?? {}).filter(
    (value) => new Fields('market', value).optionalText('id') === market.venueSymbol,
  );
  return named.map(read).find((candidate) => candidate.kind === kind) ?? market;
}
