/** What an account of the fake venue holds: what it had at first, and what its trades have made of it since. */
import {
  type Amount,
  add,
  amount,
  averagePrice,
  type Balance,
  type Fill,
  isNegative,
  isPositive,
  type Market,
  minimum,
  type Notional,
  notional,
  notionalOf,
  type Position,
  type Price,
  scaleBy,
  shareOf,
  subtract,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';
import type { FakeOrder } from './fake-order.ts';

/** Of every asset that is traded here, where a test does not say what there is. */
const usualDeposit = amount('1000000000');

/** What of a position's worth the fake holds for it, and what of it must be left. */
const initialMarginShare = '0.1';
const maintenanceMarginShare = '0.005';

/** A fill with the order that it belongs to. The fake keeps them in the order in which they happened. */
export interface Execution {
  order: FakeOrder;
  fill: Fill;
}

export interface Holdings {
  /** Those that are paid from the wallet. */
  markets: readonly Market[];
  executions: readonly Execution[];
  orders: readonly FakeOrder[];
  /** What there was, deposits and the like since then included, by asset. */
  opening: ReadonlyMap<string, Amount>;
  /** Given where totals count open profits. */
  priceOf?: (symbol: string) => Price;
}

/** What every wallet has at first: a lot of each asset that is paid from it. */
export const usualOpening = (markets: readonly Market[]): Map<string, Amount> =>
  new Map(
    markets
      .flatMap(({ kind, base, quote, settle }) => (kind === 'spot' ? [base, quote] : [settle ?? quote]))
      .map((asset) => [asset, usualDeposit]),
  );

export const change = (amounts: Map<string, Amount>, asset: string, by: Amount): void => {
  amounts.set(asset, add(amounts.get(asset) ?? zeroAmount, by));
};

const negative = (size: Amount): Amount => subtract(zeroAmount, size);
const sizeOf = (size: Amount): Amount => (isNegative(size) ? negative(size) : size);

export function fakeBalances({ markets, executions, orders, opening, priceOf }: Holdings): Balance[] {
  const totals = new Map(opening);
  const held = new Map<string, Amount>();
  const marketOf = (symbol: string) => markets.find((market) => market.symbol === symbol);
  for (const { order, fill } of executions) {
    const market = marketOf(order.request.symbol);
    if (market === undefined) continue;
    if (fill.fee !== undefined) change(totals, fill.fee.asset, negative(fill.fee.amount));
    if (market.kind !== 'spot') continue;
    const cost = amount(notionalOf(fill.amount, fill.price));
    const isBuy = order.request.side === 'buy';
    change(totals, market.base, isBuy ? fill.amount : negative(fill.amount));
    change(totals, market.quote, isBuy ? negative(cost) : cost);
  }
  for (const { request, filled, status } of orders) {
    const market = marketOf(request.symbol);
    if (market?.kind !== 'spot' || status !== 'open' || request.price === undefined) continue;
    const rest = subtract(request.amount, filled);
    if (request.side === 'sell') change(held, market.base, rest);
    else change(held, market.quote, amount(notionalOf(rest, request.price)));
  }
  for (const market of markets.filter(({ kind }) => kind !== 'spot')) {
    const { quantity, cost, realized } = heldIn(market, executions);
    const open = priceOf === undefined ? zeroAmount : openProfit({ quantity, cost }, priceOf(market.symbol));
    change(totals, market.settle ?? market.quote, add(realized, open));
  }
  return [...totals].sort().map(([asset, total]) => {
    const used = held.get(asset) ?? zeroAmount;
    return { asset, total, free: subtract(total, used), used };
  });
}

interface Held {
  /** Below zero is short. */
  quantity: Amount;
  /** Of what is open, at average cost. */
  cost: Notional;
  realized: Amount;
}

/** As linear contracts add up; the fake has no others with a profit. */
function heldIn({ symbol }: Market, executions: readonly Execution[]): Held {
  let held: Held = { quantity: zeroAmount, cost: zeroNotional, realized: zeroAmount };
  for (const { order, fill } of executions) {
    if (order.request.symbol !== symbol) continue;
    held = trade(held, order.request.side === 'buy' ? fill.amount : negative(fill.amount), fill.price);
  }
  return held;
}

function trade({ quantity, cost, realized }: Held, by: Amount, at: Price): Held {
  const size = sizeOf(quantity);
  const closes = isPositive(quantity) ? isNegative(by) : isNegative(quantity) && isPositive(by);
  const closing = closes ? minimum(size, sizeOf(by)) : zeroAmount;
  const entered = closing === size ? cost : shareOf(cost, closing, size);
  const gain = subtract(notionalOf(closing, at), entered);
  const opening = subtract(sizeOf(by), closing);
  return {
    quantity: add(quantity, by),
    cost: closes ? add(subtract(cost, entered), notionalOf(opening, at)) : add(cost, notionalOf(opening, at)),
    realized: !closes ? realized : add(realized, amount(isPositive(quantity) ? gain : subtract(zeroNotional, gain))),
  };
}

function openProfit({ quantity, cost }: Omit<Held, 'realized'>, at: Price): Amount {
  const worth = notionalOf(sizeOf(quantity), at);
  return amount(isNegative(quantity) ? subtract(cost, worth) : subtract(worth, cost));
}

/** One per contract market, as on venues without separate long and short sides. */
export function fakePositions(
  markets: readonly Market[],
  executions: readonly Execution[],
  priceOf?: (symbol: string) => Price,
): Position[] {
  return markets.flatMap((market) => {
    if (market.kind === 'spot') return [];
    const { quantity, cost } = heldIn(market, executions);
    if (!isPositive(quantity) && !isNegative(quantity)) return [];
    const size = sizeOf(quantity);
    const side = isPositive(quantity) ? 'long' : 'short';
    const position: Position = { symbol: market.symbol, side, amount: size, contracts: size };
    if (priceOf === undefined) return [position];
    const at = priceOf(market.symbol);
    const worth = amount(notional(notionalOf(size, at)));
    return [
      {
        ...position,
        entryPrice: averagePrice(cost, size),
        markPrice: at,
        unrealizedPnl: openProfit({ quantity, cost }, at),
        initialMargin: scaleBy(worth, initialMarginShare),
        maintenanceMargin: scaleBy(worth, maintenanceMarginShare),
      },
    ];
  });
}
