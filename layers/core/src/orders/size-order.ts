/**
 * The one path from a wanted size to an amount the venue takes, for every account and every kind of order. The policy:
 *
 * - amounts are rounded down to the market's step: nothing larger than what was asked for is ever ordered;
 * - a buying limit goes down to the price step, a selling one up: rounding makes no price worse for the account;
 * - what is below a minimum of the venue is refused with the figures in the message, never enlarged to it; what is above
 *   a maximum is refused too, never cut;
 * - a size in quote currency is measured at the price the order is to fill at: its limit, else its trigger, else the market;
 * - what an order is worth, which is what risk reserves, is the higher of that price and the market's, except for a buying
 *   limit, which bounds what can be paid.
 */
import {
  type Amount,
  compare,
  isPositive,
  maximum,
  type Notional,
  notionalOf,
  type Price,
  roundToStep,
  scaleBy,
} from '../money.ts';
import { amountUnitOf, type Market, type Side } from '../ports/market-data.ts';
import type { SignalSize } from '../signals/signal.ts';
import { fieldOf, measureSize, type SizeFigure, type SizeFigures } from './size-order-units.ts';

export interface SizeRequest extends Omit<SizeFigures, 'price'> {
  side: Side;
  size: SignalSize;
  /** Given for an order that works with a limit. */
  limitPrice?: Price;
  /** Where it is to start to work, for an order with a trigger. */
  triggerPrice?: Price;
  /** Where an order would start to fill if it did now; `undefined` where it is not known or of no interest. */
  marketPrice?: Price;
}

export type SizedOrder =
  | {
      kind: 'sized';
      amount: Amount;
      price?: Price;
      /** What the order is worth at most, in quote currency; `undefined` without a price. */
      notional?: Notional;
    }
  | SizeRefused
  /** The size cannot be measured without a figure that is not known. */
  | { kind: 'figure_needed'; figure: SizeFigure };

/** `field` is the signal's field at fault. */
export interface SizeRefused {
  kind: 'refused';
  code: SizeRefusal;
  field: string;
  message: string;
}

export type SizeRefusal =
  | 'amount_below_minimum'
  | 'amount_above_maximum'
  | 'notional_below_minimum'
  | 'price_below_step'
  | 'not_supported';

const refuse = (code: SizeRefusal, field: string, message: string): SizeRefused => ({
  kind: 'refused',
  code,
  field,
  message,
});

export function sizeOrder(request: SizeRequest, market: Market): SizedOrder {
  const { size, side, limitPrice, triggerPrice, marketPrice } = request;
  const price = limitPrice && roundLimit(limitPrice, side, market);
  if (price !== undefined && !isPositive(price)) return refusePrice('price', market);
  const reference = price ?? triggerPrice ?? marketPrice;
  const field = fieldOf(size);
  const measured = measureSize(size, { ...request, ...(reference !== undefined && { price: reference }) }, market);
  if (measured.kind === 'unsupported') return refuse('not_supported', field, measured.message);
  if (measured.kind === 'missing') {
    const { figure } = measured;
    // Without a price the amount is open, but not what the order can be worth at most.
    const tooSmall = 'quote' in size ? belowNotional(size.quote, field, market) : undefined;
    return tooSmall ?? { kind: 'figure_needed', figure };
  }
  const fitted = fitAmount(measured.amount, field, market);
  if (fitted.kind === 'refused') return fitted;
  const { amount } = fitted;
  const priced = price === undefined ? {} : { price };
  const expected = worthOf(amount, reference, market);
  if (expected === undefined) return { kind: 'sized', amount, ...priced };
  const notional = mostWorthOf(expected, { side, amount, price, marketPrice }, market);
  return belowNotional(expected, field, market) ?? { kind: 'sized', amount, notional, ...priced };
}

interface ValuedOrder {
  side: Side;
  amount: Amount;
  /** Its limit. */
  price: Price | undefined;
  /** Where it is to fill. */
  reference: Price | undefined;
  marketPrice: Price | undefined;
}

/** What an order is worth at most, in quote currency; `undefined` where that cannot be told. */
export function valueOrder(order: ValuedOrder, market: Market): Notional | undefined {
  const expected = worthOf(order.amount, order.reference, market);
  return expected && mostWorthOf(expected, order, market);
}

/** By what an order is `expected` to be worth where it fills: the market may pay more, unless its limit bounds what it pays. */
export function mostWorthOf(expected: Notional, order: Omit<ValuedOrder, 'reference'>, market: Market): Notional {
  const { side, amount, price, marketPrice } = order;
  const atMarket = side === 'buy' && price !== undefined ? undefined : worthOf(amount, marketPrice, market);
  return atMarket === undefined ? expected : maximum(expected, atMarket);
}

/** Never to a worse price: a buyer pays no more, a seller gets no less. */
export const roundLimit = (limit: Price, side: Side, { priceStep }: Market): Price =>
  roundToStep(limit, priceStep, side === 'buy' ? 'down' : 'up');

export const refusePrice = (field: string, { symbol, priceStep }: Market): SizeRefused =>
  refuse('price_below_step', field, `is below the smallest price of ${symbol}, ${priceStep}`);

/** What the market calls its amounts, for messages. */
export const unitNameOf = (market: Market): string => (amountUnitOf(market) === 'base' ? market.base : 'contracts');

/** The smallest amount that the market takes. */
export const smallestAmountOf = ({ amountMin, amountStep }: Market): Amount => amountMin ?? amountStep;

/** Brings an amount to the market's step and checks it against the market's bounds. */
export function fitAmount(
  wanted: Amount,
  field: string,
  market: Market,
): SizeRefused | { kind: 'fits'; amount: Amount } {
  const amount = roundToStep(wanted, market.amountStep, 'down');
  const amountMin = smallestAmountOf(market);
  const unit = unitNameOf(market);
  if (!isPositive(amount) || compare(amount, amountMin) < 0) {
    const message = `is ${wanted} ${unit}; ${market.symbol} takes ${amountMin} or more`;
    return refuse('amount_below_minimum', field, message);
  }
  if (market.amountMax !== undefined && compare(amount, market.amountMax) > 0) {
    const message = `is ${amount} ${unit}; ${market.symbol} takes ${market.amountMax} at most`;
    return refuse('amount_above_maximum', field, message);
  }
  return { kind: 'fits', amount };
}

/** Worth of an amount in quote currency; `undefined` where it cannot be told. */
export function worthOf(
  amount: Amount,
  at: Price | undefined,
  { contractType, contractSize }: Market,
): Notional | undefined {
  if (contractType === 'quanto') return undefined;
  // An inverse contract stands for a fixed amount of quote currency.
  if (contractType === 'inverse') return contractSize && (scaleBy(amount, contractSize) as string as Notional);
  return at && notionalOf(amount, at);
}

/** Refused where it is worth less than the venue takes. */
export function belowNotional(value: Notional, field: string, market: Market): SizeRefused | undefined {
  const { notionalMin, quote, symbol } = market;
  if (notionalMin === undefined || compare(value, notionalMin) >= 0) return undefined;
  const message = `is worth ${value} ${quote}; ${symbol} takes ${notionalMin} or more`;
  return refuse('notional_below_minimum', field, message);
}
