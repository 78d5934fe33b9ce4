/** Paper accounts for tests: a market of 100 with small books, and orders in it. */
import {
  type Amount,
  amount,
  type BookLevel,
  type Market,
  type OrderBook,
  type OrderRequest,
  openingAccount,
  openOrdersOf,
  type PaperAccount,
  type PaperContext,
  type PaperOrder,
  type PublicTrade,
  placePaperOrder,
  price,
  type Side,
} from '@nightdesk/core';
import { btcUsdt, btcUsdtPerpetual } from './markets.ts';

export const spot: Market = { ...btcUsdt, notionalMin: undefined } as Market;
export const perpetual: Market = { ...btcUsdtPerpetual, notionalMin: undefined } as Market;
export const startMs = 1_000_000;

export const contextOf = (market: Market = spot, change: Partial<PaperContext> = {}): PaperContext => ({
  ...{ market, fees: { maker: '0.001', taker: '0.002' }, nowMs: startMs },
  markets: new Map([spot, perpetual].map((each) => [each.symbol, each])),
  ...change,
});

const levels = (texts: readonly string[]): BookLevel[] =>
  texts.map((text) => {
    const [at = '', size = ''] = text.split('x');
    return { price: price(at), amount: amount(size) };
  });

/** Levels as `price x amount`, best first. */
export const bookOf = (bids: readonly string[], asks: readonly string[]): OrderBook => ({
  ...{ symbol: spot.symbol, bids: levels(bids), asks: levels(asks) },
});

export const usualBook = bookOf(['99x1', '98x2', '90x5'], ['101x1', '102x2', '110x5']);

export const wealthy = (): PaperAccount => openingAccount({ USDT: amount('10000'), BTC: amount('10') });

let orders = 0;
export function requestOf(change: Omit<Partial<OrderRequest>, 'amount'> & { amount?: string } = {}): OrderRequest {
  orders += 1;
  const { amount: size = '1', ...rest } = change;
  return {
    clientOrderId: `nd${orders}`,
    symbol: spot.symbol,
    side: 'buy',
    type: 'market',
    ...rest,
    amount: amount(size),
  };
}

export const limit = (side: Side, at: string, change: Parameters<typeof requestOf>[0] = {}): OrderRequest =>
  requestOf({ side, type: 'limit', price: price(at), timeInForce: 'GTC', ...change });

export interface Placed {
  account: PaperAccount;
  order: PaperOrder;
}

/** @throws Error where it is rejected */
export function placed(
  account: PaperAccount,
  request: OrderRequest,
  { book = usualBook, context = contextOf() }: { book?: OrderBook; context?: PaperContext } = {},
): Placed {
  const outcome = placePaperOrder(account, request, { book, context });
  if (outcome.kind === 'rejected') throw new Error(`rejected: ${outcome.evidence.code}: ${outcome.evidence.message}`);
  return outcome;
}

/** The code of the refusal, or `accepted`. */
export function verdictOf(
  account: PaperAccount,
  request: OrderRequest,
  { book = usualBook, context = contextOf() }: { book?: OrderBook; context?: PaperContext } = {},
): string {
  const outcome = placePaperOrder(account, request, { book, context });
  return outcome.kind === 'rejected' ? outcome.evidence.code : 'accepted';
}

let trades = 0;
/** Public trades as `price x amount`, and who took: `b` a buyer, `s` a seller, nothing where it is not told; a millisecond apart. */
export const tradesOf = (...texts: readonly string[]): PublicTrade[] =>
  texts.map((text, index) => {
    trades += 1;
    const [at = '', size = '', side] = text.split(/[x ]/);
    return {
      ...{ tradeId: String(trades), price: price(at), amount: amount(size), atMs: startMs + 1 + index },
      ...(side !== undefined && { side: side === 'b' ? ('buy' as const) : ('sell' as const) }),
    };
  });

/** An account whose market was looked at, so that all that is traded from now on counts. */
export const looked = (account: PaperAccount, symbol = spot.symbol): PaperAccount => ({
  ...account,
  cursors: { ...account.cursors, [symbol]: { atMs: startMs, ids: [] } },
});

export const orderIn = (account: PaperAccount, { venueOrderId }: PaperOrder): PaperOrder => {
  const found = account.orders.find((order) => order.venueOrderId === venueOrderId);
  if (found === undefined) throw new Error('there is no such order');
  return found;
};

export const openCount = (account: PaperAccount): number => openOrdersOf(account).length;
export const fillsOf = ({ fills }: PaperOrder): string[] => fills.map((fill) => `${fill.price}x${fill.amount}`);
export const balance = ({ balances }: PaperAccount, asset: string): Amount | undefined => balances[asset];
