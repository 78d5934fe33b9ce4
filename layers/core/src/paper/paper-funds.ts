/** What a trade does to a paper account, and what orders hold of it. */
import {
  type Amount,
  absolute,
  add,
  amountFor,
  compare,
  isNegative,
  isPositive,
  maximum,
  minimum,
  type Notional,
  notionalOf,
  type Price,
  roundToStep,
  scaleBy,
  shareOf,
  subtract,
  zeroAmount,
  zeroNotional,
} from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type { Fee } from '../ports/venue.ts';
import {
  leverageDefault,
  openOrdersOf,
  type PaperAccount,
  type PaperOrder,
  type PaperPosition,
} from './paper-account.ts';

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

export const balanceOf = ({ balances }: PaperAccount, asset: string): Amount => balances[asset] ?? zeroAmount;

export const settleAssetOf = ({ settle, quote }: Pick<Market, 'settle' | 'quote'>): string => settle ?? quote;

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
  const { next, realized } = movePosition(positionIn(account, market.symbol), trade);
  const fee: Fee = { asset, amount: scaleBy(amountOf(notionalOf(trade.amount, trade.price)), trade.feeRate) };
  const moved = { ...account, positions: { ...account.positions, [market.symbol]: next } };
  return { account: change(moved, asset, subtract(amountOf(realized), fee.amount)), fee };
}

/**
 * Average cost: what closes takes its share of the cost with it, and what goes beyond opens the other side. The last of a
 * position takes all that is left of the cost, so nothing is lost to rounding.
 */
function movePosition(position: PaperPosition, { side, amount, price }: PaperTrade) {
  const held = absolute(position.quantity);
  const isLong = isPositive(position.quantity);
  const opposes = isPositive(held) && isLong !== (side === 'buy');
  const closed = opposes ? minimum(held, amount) : zeroAmount;
  const releasedCost = isPositive(closed) ? shareOf(position.cost, closed, held) : zeroNotional;
  const proceeds = notionalOf(closed, price);
  const realized = isLong ? subtract(proceeds, releasedCost) : subtract(releasedCost, proceeds);
  const cost = add(subtract(position.cost, releasedCost), notionalOf(subtract(amount, closed), price));
  const quantity = add(position.quantity, side === 'buy' ? amount : negate(amount));
  return { next: { ...position, quantity, cost }, realized };
}

/** How much of the position an order of this side can close. */
export function reducible(account: PaperAccount, symbol: string, side: Side): Amount {
  const { quantity } = positionIn(account, symbol);
  return isPositive(quantity) === (side === 'sell') ? absolute(quantity) : zeroAmount;
}

/** How much an order can pay for at a price. On contracts nothing is paid but margin, which was seen to when it was placed. */
export function affordable(
  account: PaperAccount,
  market: Market,
  { side, amount, price }: Pick<PaperTrade, 'side' | 'amount' | 'price'>,
): Amount {
  if (market.kind !== 'spot') return amount;
  const free = maximum(balanceOf(account, side === 'buy' ? market.quote : market.base), zeroAmount);
  if (side === 'sell') return minimum(amount, free);
  if (compare(notionalOf(amount, price), free) <= 0) return amount;
  return roundToStep(amountFor(free as string as Notional, price), market.amountStep, 'down');
}

export type Markets = ReadonlyMap<string, Market>;

/** What open orders hold of an asset. */
export function heldOf(account: PaperAccount, asset: string, markets: Markets): Amount {
  return openOrdersOf(account).reduce((sum, order) => {
    const market = markets.get(order.request.symbol);
    const hold = market === undefined ? undefined : holdOf(order, market, account);
    return hold?.asset === asset ? add(sum, hold.amount) : sum;
  }, zeroAmount);
}

/** A trailing stop to buy holds what its best price so far would cost, and nothing before it trails. */
function holdOf({ request, filled, trailedTo }: PaperOrder, market: Market, account: PaperAccount): Fee | undefined {
  const { side, price, triggerPrice, amount, reduceOnly } = request;
  const rest = subtract(amount, filled);
  const at = price ?? triggerPrice ?? trailedTo;
  if (market.kind === 'spot' && side === 'sell') return { asset: market.base, amount: rest };
  if (at === undefined) return undefined;
  return needOf({ side, amount: rest, reduceOnly }, { market, account, worth: notionalOf(rest, at) });
}

const marginOf = (worth: Amount, { leverage }: PaperPosition): Amount => shareOf(worth, one, leverage);

/** Margin that open positions take of their settlement asset. */
export const marginHeld = (account: PaperAccount, asset: string, markets: Markets): Amount =>
  Object.entries(account.positions).reduce((sum, [symbol, position]) => {
    const market = markets.get(symbol);
    const isOf = market !== undefined && settleAssetOf(market) === asset;
    return isOf ? add(sum, marginOf(amountOf(position.cost), position)) : sum;
  }, zeroAmount);

/** What orders and positions take of an asset. */
export const usedOf = (account: PaperAccount, asset: string, markets: Markets): Amount =>
  add(heldOf(account, asset, markets), marginHeld(account, asset, markets));

/** What can still be used of an asset; never below zero. */
export const freeOf = (account: PaperAccount, asset: string, markets: Markets): Amount =>
  maximum(subtract(balanceOf(account, asset), usedOf(account, asset, markets)), zeroAmount);

/**
 * What an order needs: an asset and how much of it. On contracts the margin of what would open, and nothing where it only
 * reduces.
 *
 * @param worth of the whole amount, in quote currency
 */
export function needOf(
  { side, amount, reduceOnly }: { side: Side; amount: Amount; reduceOnly: boolean | undefined },
  { market, account, worth }: { market: Market; account: PaperAccount; worth: Notional },
): Fee {
  if (market.kind === 'spot') {
    return side === 'sell' ? { asset: market.base, amount } : { asset: market.quote, amount: amountOf(worth) };
  }
  const asset = settleAssetOf(market);
  const opening = subtract(amount, minimum(amount, reducible(account, market.symbol, side)));
  if (reduceOnly === true || !isPositive(opening)) return { asset, amount: zeroAmount };
  const opened = shareOf(amountOf(worth), opening, amount);
  return { asset, amount: marginOf(opened, positionIn(account, market.symbol)) };
}

/** Pays what a perpetual's position owes or gets at a funding time, on its worth at `mark`, or on its cost without one. */
export function payFunding(
  account: PaperAccount,
  market: Market,
  { rate, mark }: { rate: string; mark: Price | undefined },
): PaperAccount {
  const { quantity, cost } = positionIn(account, market.symbol);
  const signedCost = isNegative(quantity) ? subtract(zeroNotional, cost) : cost;
  const worth = amountOf(mark === undefined ? signedCost : notionalOf(quantity, mark));
  // Longs pay where the rate is above zero.
  return change(account, settleAssetOf(market), negate(scaleBy(worth, rate)));
}

function change(account: PaperAccount, asset: string, by: Amount): PaperAccount {
  return { ...account, balances: { ...account.balances, [asset]: add(balanceOf(account, asset), by) } };
}

const one = '1';
const amountOf = (worth: Notional): Amount => worth as string as Amount;
const negate = (value: Amount): Amount => subtract(zeroAmount, value);
