/** An account's balances, positions and open orders. */
import type { AccountPort, Balance, Market, MarketKind, OpenOrder, Position } from '@nightdesk/core';
import { fetchFundingPayments, fetchOwnTrades, fetchTransfers } from './account-history.ts';
import { loadAllMarkets, marketOf } from './account-markets.ts';
import { balanceParametersOf, typeOf, walletsOf } from './account-wallets.ts';
import { askVenue, readAnswers, type VenueContext } from './ask-venue.ts';
import { hasDeadManSwitch, setDeadManSwitch } from './dead-man-switch.ts';
import { Fields, listOf } from './fields.ts';
import { mapBalances } from './map-balance.ts';
import { mapOpenOrder } from './map-order.ts';
import { mapPosition } from './map-position.ts';
import type { CallParameters } from './venue-client.ts';

export function createAccount(context: VenueContext): AccountPort {
  const wallets = walletsOf(context);
  return {
    wallets,
    fetchBalances: (kind) => fetchBalances(context, balanceParametersOf(wallets, kind)),
    fetchPositions: (markets) => fetchPositions(context, markets),
    fetchOpenOrders: (which) => fetchOpenOrders(context, which),
    fetchOwnTrades: (which, sinceMs) => readAnswers(context, () => fetchOwnTrades(context, which, sinceMs)),
    tradesOfAllMarkets: context.traits.tradesOf !== undefined,
    fetchTransfers: (sinceMs) => readAnswers(context, () => fetchTransfers(context, sinceMs)),
    fetchFundingPayments: (market, sinceMs) =>
      readAnswers(context, () => fetchFundingPayments(context, market, sinceMs)),
    hasDeadManSwitch: hasDeadManSwitch(context),
    setDeadManSwitch: (afterMs) => setDeadManSwitch(context, afterMs),
  };
}

function fetchBalances(context: VenueContext, parameters: CallParameters): Promise<Balance[]> {
  return askVenue(context, {
    method: 'fetchBalance',
    ask: () => context.session.useAny().fetchBalance(parameters),
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
  const parameters = kind === undefined ? {} : { type: typeOf(kind) };
  return askVenue(context, {
    method: 'fetchOpenOrders',
    ask: () => context.session.useAny().fetchOpenOrders(undefined, undefined, undefined, parameters),
    read: (answer) =>
      listOf('orders', answer).map((order) =>
        mapOpenOrder(order, marketOf(context, new Fields('order', order).text('symbol'), kind)),
      ),
  });
}
