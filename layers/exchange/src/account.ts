/** An account's balances, positions and open orders. */
import {
  type AccountPort,
  type Balance,
  type Market,
  type MarketKind,
  type OpenOrder,
  type Position,
  VenueError,
  type Wallet,
} from '@nightdesk/core';
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
  const reach = reachOf(context, wallets);
  return {
    wallets,
    fetchBalances: (kind) => reach(kind, () => fetchBalances(context, balanceParametersOf(wallets, kind))),
    fetchPositions: (markets) =>
      markets === undefined
        ? reach('perpetual', () => fetchPositions(context, markets))
        : fetchPositions(context, markets),
    fetchOpenOrders: (which) =>
      typeof which === 'object' ? fetchOpenOrders(context, which) : reach(which, () => fetchOpenOrders(context, which)),
    fetchOwnTrades: (which, sinceMs) => readAnswers(context, () => fetchOwnTrades(context, which, sinceMs)),
    tradesOfAllMarkets: context.traits.tradesOf !== undefined,
    fetchTransfers: (sinceMs) => readAnswers(context, () => fetchTransfers(context, sinceMs)),
    fetchFundingPayments: (market, sinceMs) =>
      readAnswers(context, () => fetchFundingPayments(context, market, sinceMs)),
    hasDeadManSwitch: hasDeadManSwitch(context),
    setDeadManSwitch: (afterMs) => setDeadManSwitch(context, afterMs),
  };
}

const refusedCodes: ReadonlySet<string | undefined> = new Set([
  ...['authentication_failed', 'permission_denied', 'account_not_enabled'],
]);

/**
 * A key that is taken for the account's first wallet and refused for another may not trade from that one: to the desk there is
 * nothing in it. Binance has the same words for a wrong key, so the first wallet is asked whether it is that.
 */
function reachOf(context: VenueContext, wallets: readonly Wallet[]) {
  return async <Entry>(kind: MarketKind | undefined, ask: () => Promise<Entry[]>): Promise<Entry[]> => {
    try {
      return await ask();
    } catch (error) {
      const isRefused = error instanceof VenueError && refusedCodes.has(error.code);
      const [first] = wallets;
      const isFirst = kind === undefined || first?.kinds.includes(kind);
      if (!isRefused || first === undefined || isFirst) throw error;
      await fetchBalances(context, balanceParametersOf(wallets, first.kinds[0]));
      return [];
    }
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
