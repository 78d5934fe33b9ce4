/** What an account of the fake venue holds: its first deposit, and what its orders have made of it since. */
import {
  type Amount,
  add,
  amount,
  type Balance,
  isNegative,
  isPositive,
  type Market,
  notionalOf,
  type Position,
  type Side,
  subtract,
  zeroAmount,
} from '@nightdesk/core';
import type { FakeOrder } from './fake-order.ts';

/** Of every asset that is traded here. */
const deposit = amount('1000000000');

export function fakeBalances(markets: readonly Market[], orders: readonly FakeOrder[]): Balance[] {
  const spot = markets.filter(({ kind }) => kind === 'spot');
  const totals = new Map(spot.flatMap(({ base, quote }) => [base, quote]).map((asset) => [asset, deposit]));
  const held = new Map<string, Amount>();
  const change = (amounts: Map<string, Amount>, asset: string, by: Amount) =>
    amounts.set(asset, add(amounts.get(asset) ?? zeroAmount, by));
  for (const { request, filled, fills, status } of orders) {
    const market = spot.find(({ symbol }) => symbol === request.symbol);
    if (market === undefined) continue;
    const signed = (size: Amount, side: Side) => (request.side === side ? size : subtract(zeroAmount, size));
    for (const fill of fills) {
      change(totals, market.base, signed(fill.amount, 'buy'));
      change(totals, market.quote, signed(amount(notionalOf(fill.amount, fill.price)), 'sell'));
      if (fill.fee !== undefined) change(totals, fill.fee.asset, subtract(zeroAmount, fill.fee.amount));
    }
    if (status !== 'open' || request.price === undefined) continue;
    const rest = subtract(request.amount, filled);
    if (request.side === 'sell') change(held, market.base, rest);
    else change(held, market.quote, amount(notionalOf(rest, request.price)));
  }
  return [...totals].sort().map(([asset, total]) => {
    const used = held.get(asset) ?? zeroAmount;
    return { asset, total, free: subtract(total, used), used };
  });
}

/** One per contract market, as on venues without separate long and short sides. */
export function fakePositions(markets: readonly Market[], orders: readonly FakeOrder[]): Position[] {
  return markets.flatMap(({ symbol, kind }) => {
    if (kind === 'spot') return [];
    const filled = orders.filter(({ request }) => request.symbol === symbol);
    const net = filled.reduce(
      (sum, order) => (order.request.side === 'buy' ? add(sum, order.filled) : subtract(sum, order.filled)),
      zeroAmount,
    );
    if (!isPositive(net) && !isNegative(net)) return [];
    const size = isPositive(net) ? net : subtract(zeroAmount, net);
    return [{ symbol, side: isPositive(net) ? 'long' : 'short', amount: size, contracts: size }];
  });
}
