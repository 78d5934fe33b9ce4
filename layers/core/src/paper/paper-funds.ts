/** What a trade does to a paper account, and what orders hold of it. */
import {
  type Amount,
  add,
  compare,
  isNegative,
  isPositive,
  maximum,
  minimum,
  type Notional,
  notionalOf,
  type Price,
  scaleBy,
  shareOf,
  subtract,
  zeroAmount,
  zeroNotional,
} from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type { Fee } from '../ports/venue.ts';
import { leverageDefault, type PaperAccount, type PaperOrder, type PaperPosition } from './paper-account.ts';

export interface PaperTrade {
  side: Side;
  amount: Amount;
  price: Price;
  /** Share of what is received, or on contracts of the worth traded. */
  feeRate: string;
}

const zeroPosition: PaperPosition = {
  ...{ quantity: zeroAmount, cost: zeroNotional, leverage: leverageDefault, marginMode: 'cross' },
};

export const positionIn = ({ positions }: PaperAccount, symbol: string): PaperPosition =>
  positions[symbol] ?? zeroPosition;

const settleAssetOf = ({ settle, quote }: Market): string => settle ?? quote;

/** Books one trade: coins change hands on spot; a contract changes the position and pays what it has won or lost. */
export function bookTrade(
  account: PaperAccount,
  market: Market,
  trade: PaperTrade,
): { account: PaperAccount; fee: Fee } {
  return market.kind === 'spot' ? bookSpot(account, market, trade) : bookContract(account, market, trade);
}

function bookSpot(account: PaperAccount, { base, quote }: Market, trade: PaperTrade) {
  const worth = notionalOf(trade.amount, trade.price);
  const buys = trade.side === 'buy';
  const received = buys ? trade.amount : amountOf(worth);
  const given = buys ? amountOf(worth) : trade.amount;
  // As on most venues, the fee is taken from what is received.
  const fee: Fee = { asset: buys ? base : quote, amount: scaleBy(received, trade.feeRate) };
  const paid = change(account, buys ? quote : base, negate(given));
  return { account: change(paid, fee.asset, subtract(received, fee.amount)), fee };
}

function bookContract(account: PaperAccount, market: Market, trade: PaperTrade) {
  const asset = settleAssetOf(market);
  const position = positionIn(account, market.symbol);
  const { next, realized } = movePosition(position, trade);
  const fee: Fee = { asset, amount: scaleBy(amountOf(notionalOf(trade.amount, trade.price)), trade.feeRate) };
  const moved = { ...account, positions: { ...account.positions, [market.symbol]: next } };
  return { account: change(moved, asset, subtract(amountOf(realized), fee.amount)), fee };
}

/** Average cost: what closes takes its share of the cost with it, and what goes beyond opens the other side. */
function movePosition(position: PaperPosition, { side, amount, price }: PaperTrade) {
  const held = absolute(position.quantity);
  const opposes = isPositive(held) && isPositive(position.quantity) !== (side === 'buy');
  const closed = opposes ? minimum(held, amount) : zeroAmount;
  const opened = subtract(amount, closed);
  const releasedCost = isPositive(closed) ? shareOf(position.cost, closed, held) : zeroNotional;
  const proceeds = notionalOf(closed, price);
  const wasLong = isPositive(position.quantity);
  const realized = wasLong ? subtract(proceeds, releasedCost) : subtract(releasedCost, proceeds);
  const signed = side === 'buy' ? amount : negate(amount);
  const cost = add(subtract(position.cost, releasedCost), notionalOf(opened, price));
  const quantity = add(position.quantity, signed);
  const next = { ...position, quantity, cost: compare(quantity, '0') === 0 ? zeroNotional : cost };
  return { next, realized: isPositive(closed) ? realized : zeroNotional };
}

/** How much of the position an order of this side can close. */
export function reducible(account: PaperAccount, symbol: string, side: Side): Amount {
  const { quantity } = positionIn(account, symbol);
  return isPositive(quantity) === (side === 'sell') ? absolute(quantity) : zeroAmount;
}

/** What open orders hold of an asset, one of them left out where it is asked about. */
export function heldOf(account: PaperAccount, asset: string, markets: ReadonlyMap<string, Market>): Amount {
  return account.orders.reduce((sum, order) => {
    const market = markets.get(order.request.symbol);
    const hold = market === undefined ? undefined : holdOf(order, market, account);
    return hold?.asset === asset ? add(sum, hold.amount) : sum;
  }, zeroAmount);
}

/** On contracts the margin of what would open; nothing for an order that only reduces. */
function holdOf({ request, filled }: PaperOrder, market: Market, account: PaperAccount): Fee | undefined {
  const { side, price, triggerPrice, amount } = request;
  const rest = subtract(amount, filled);
  const at = price ?? triggerPrice;
  if (market.kind === 'spot' && side === 'sell') return { asset: market.base, amount: rest };
  if (at === undefined || request.reduceOnly === true) return undefined;
  const worth = amountOf(notionalOf(rest, at));
  if (market.kind === 'spot') return { asset: market.quote, amount: worth };
  return { asset: settleAssetOf(market), amount: marginOf(worth, positionIn(account, market.symbol)) };
}

const marginOf = (worth: Amount, { leverage }: PaperPosition): Amount => shareOf(worth, one, leverage as Amount);

/** Margin that open positions take of their settlement asset. */
export const marginHeld = (account: PaperAccount, asset: string, markets: ReadonlyMap<string, Market>): Amount =>
  Object.entries(account.positions).reduce((sum, [symbol, position]) => {
    const market = markets.get(symbol);
    const isOf = market !== undefined && settleAssetOf(market) === asset;
    return isOf ? add(sum, marginOf(amountOf(position.cost), position)) : sum;
  }, zeroAmount);

/** What can still be used of an asset; never below zero. */
export function freeOf(account: PaperAccount, asset: string, markets: ReadonlyMap<string, Market>): Amount {
  const used = add(heldOf(account, asset, markets), marginHeld(account, asset, markets));
  return maximum(subtract(account.balances[asset] ?? zeroAmount, used), zeroAmount);
}

/** What an order needs that would trade at `price`: an asset and how much of it. */
export function needOf(
  { side, amount, reduceOnly }: { side: Side; amount: Amount; reduceOnly?: boolean },
  { market, account, price }: { market: Market; account: PaperAccount; price: Price },
): Fee {
  const worth = amountOf(notionalOf(amount, price));
  if (market.kind === 'spot') {
    return side === 'sell' ? { asset: market.base, amount } : { asset: market.quote, amount: worth };
  }
  const asset = settleAssetOf(market);
  if (reduceOnly === true) return { asset, amount: zeroAmount };
  const opening = subtract(amount, minimum(amount, reducible(account, market.symbol, side)));
  return { asset, amount: marginOf(amountOf(notionalOf(opening, price)), positionIn(account, market.symbol)) };
}

/** Pays what a perpetual's position owes or gets at a funding time. */
export function payFunding(
  account: PaperAccount,
  market: Market,
  { rate, mark }: { rate: string; mark: Price },
): PaperAccount {
  const { quantity } = positionIn(account, market.symbol);
  const worth = amountOf(notionalOf(quantity, mark));
  // Longs pay where the rate is above zero.
  return change(account, settleAssetOf(market), negate(scaleBy(worth, rate)));
}

export function change(account: PaperAccount, asset: string, by: Amount): PaperAccount {
  return { ...account, balances: { ...account.balances, [asset]: add(account.balances[asset] ?? zeroAmount, by) } };
}

const one = '1' as Amount;
const amountOf = (worth: Notional): Amount => worth as string as Amount;
export const negate = (value: Amount): Amount => subtract(zeroAmount, value);
export const absolute = (value: Amount): Amount => (isNegative(value) ? negate(value) : value);
