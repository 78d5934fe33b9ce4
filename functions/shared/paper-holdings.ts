/** What a paper account has, as a venue tells it. */
import {
  type AccountPort,
  type Amount,
  absolute,
  amountUnitOf,
  averagePrice,
  type Balance,
  divideBy,
  freeOf,
  isNegative,
  isPositive,
  type Market,
  type MarketDataPort,
  type MarketKind,
  notionalOf,
  type OpenOrder,
  type OwnTrade,
  openOrdersOf,
  type PaperAccount,
  type PaperOrder,
  type Position,
  type Price,
  positionIn,
  showPaperOrder,
  subtract,
  type Wallet,
} from '@nightdesk/core';
import type { Caught, TakeTurn } from './paper-turns.ts';

/** Everything of a paper account is in one purse, whose totals change when profits are realized. */
const wallet: Wallet = { name: 'paper', kinds: ['spot', 'perpetual', 'future'], countsOpenProfit: false };

export interface PaperHoldings {
  takeTurn: TakeTurn;
  data: Pick<MarketDataPort, 'fetchTicker'>;
  /** An order with all of its fills, also one that has ended. */
  find(clientOrderId: string): Promise<PaperOrder | undefined>;
}

/** Nothing is paid into a paper account or taken out of it, and nothing cancels its orders but the desk. */
export function createPaperHoldings({ takeTurn, data, find }: PaperHoldings): AccountPort {
  const look = () => takeTurn({ work: (caught) => ({ account: caught.account, result: caught }) });
  return {
    async fetchBalances() {
      const { account, markets } = await look();
      return Object.keys(account.balances).flatMap((asset) => balanceIn(account, asset, markets));
    },
    async fetchPositions(asked) {
      const caught = await look();
      const symbols = asked?.map(({ symbol }) => symbol);
      const held = [...caught.markets.values()].filter(
        ({ symbol }) =>
          (symbols === undefined || symbols.includes(symbol)) && positionIn(caught.account, symbol).quantity !== '0',
      );
      return Promise.all(held.map(async (market) => positionOf(caught, market, await markOf(market, caught, data))));
    },
    async fetchOpenOrders(which = 'spot') {
      const { account, markets } = await look();
      return openOrdersOf(account)
        .filter((order) => isAsked(order, which, markets))
        .map(showOpen);
    },
    wallets: [wallet],
    tradesOfAllMarkets: true,
    /** Of orders that were open until now: nobody but the desk trades here, and what ended before it has looked at itself. */
    async fetchOwnTrades(which, sinceMs) {
      const { account, markets } = await look();
      const asked = account.orders.filter((order) => order.fillCount > 0 && isAsked(order, which, markets));
      const orders = await Promise.all(asked.map(({ request }) => find(request.clientOrderId)));
      return orders
        .flatMap((order) => (order === undefined ? [] : tradesOf(order)))
        .filter(({ atMs }) => atMs >= sinceMs)
        .sort((left, right) => left.atMs - right.atMs);
    },
    fetchTransfers: async () => [],
    fetchFundingPayments: async () => undefined,
    hasDeadManSwitch: false,
    setDeadManSwitch: async () => ({
      ...{ kind: 'refused', cause: { code: 'not_supported', message: 'a paper account has no dead man’s switch' } },
    }),
  };
}

const tradesOf = ({ request, venueOrderId, fills }: PaperOrder): OwnTrade[] =>
  fills.map((fill) => {
    const { symbol, side, clientOrderId } = request;
    return { ...fill, symbol, side, venueOrderId, clientOrderId };
  });

/** Nothing of it is used where more is owed than there is. */
function balanceIn(account: PaperAccount, asset: string, markets: Caught['markets']): Balance[] {
  const total = account.balances[asset];
  if (total === undefined || total === '0') return [];
  if (isNegative(total)) return [{ asset, total }];
  const free = freeOf(account, asset, markets);
  return [{ asset, total, free, used: subtract(total, free) }];
}

/** A loss that is not counted would make the account worth too much, so there is always a price: the venue's, or the last. */
async function markOf(
  market: Market,
  { news }: Caught,
  data: Pick<MarketDataPort, 'fetchTicker'>,
): Promise<Price | undefined> {
  const told = news.get(market.symbol)?.funding?.markPrice;
  return told ?? (await data.fetchTicker(market)).last;
}

function positionOf({ account }: Caught, market: Market, mark: Price | undefined): Position {
  const { quantity, cost, leverage, marginMode } = positionIn(account, market.symbol);
  const isLong = isPositive(quantity);
  const amount = absolute(quantity);
  const worth = mark === undefined ? undefined : notionalOf(amount, mark);
  const gained = worth === undefined ? undefined : isLong ? subtract(worth, cost) : subtract(cost, worth);
  const { contractSize } = market;
  const isCounted = contractSize !== undefined && amountUnitOf(market) === 'base';
  return {
    ...{ symbol: market.symbol, side: isLong ? 'long' : 'short', amount, leverage, marginMode },
    contracts: isCounted ? divideBy(amount, contractSize) : amount,
    entryPrice: averagePrice(cost, amount),
    ...(mark !== undefined && { markPrice: mark }),
    ...(gained !== undefined && { unrealizedPnl: gained as string as Amount }),
  };
}

function isAsked({ request }: PaperOrder, which: Market | MarketKind, markets: Caught['markets']): boolean {
  return typeof which === 'object' ? request.symbol === which.symbol : markets.get(request.symbol)?.kind === which;
}

function showOpen(order: PaperOrder): OpenOrder {
  const { symbol, side, amount } = order.request;
  return { ...showPaperOrder(order), symbol, side, amount, placedAtMs: order.placedAtMs };
}
