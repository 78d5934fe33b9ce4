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
    fetchOpenOrders: (market) => fetchOpenOrders(context, market),
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
  const contracts = markets?.filter(({ kind }) => kind !== 'spot');
  if (contracts?.length === 0) return [];
  if (contracts === undefined) await loadAllMarkets(context);
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

async function fetchOpenOrders(context: VenueContext, market: Market | undefined): Promise<OpenOrder[]> {
  if (market === undefined) await loadAllMarkets(context);
  return askVenue(context, {
    method: 'fetchOpenOrders',
    ask: () => context.session.use(...(market === undefined ? [] : [market])).fetchOpenOrders(market?.symbol),
    read: (answer) =>
      listOf('orders', answer).map((value) =>
        mapOpenOrder(value, market ?? marketOf(context, new Fields('order', value).text('symbol'))),
      ),
  });
}

/** Answers about everything name markets by the venue's own names, which only the whole list can tell apart. */
async function loadAllMarkets({ venue, session }: VenueContext): Promise<void> {
  const failure = await session.useAll();
  if (failure !== undefined) throw errorOf(venue, failure);
}

/** @throws UnparsableAnswerError for a market that can not be told in neutral words. */
function marketOf({ venue, session }: VenueContext, symbol: string): Market {
  return mapMarket(venue, session.client.markets?.[symbol], session.client.precisionMode);
}
