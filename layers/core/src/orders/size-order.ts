/**
 * The one path from a wanted size to an amount the venue takes. Rounding never adds risk: amounts go down, a buying
 * limit goes down, a selling limit goes up.
 */
import {
  type Amount,
  amountFor,
  compare,
  isPositive,
  maximum,
  type Notional,
  notionalOf,
  type Price,
  roundToStep,
} from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';

export interface SizeRequest {
  side: Side;
  size: { base: Amount } | { quote: Notional };
  /** Given for a limit order only. */
  limitPrice?: Price;
  /** Where an order would start to fill if it did now; `undefined` where it is not known or of no interest. */
  marketPrice?: Price;
}

export type SizedOrder =
  | {
      kind: 'sized';
      amount: Amount;
      price?: Price;
      /** What the order is worth: at its limit or, to a seller, at the market if that pays more; `undefined` without a price. */
      notional?: Notional;
    }
  /** `field` is the signal's field at fault. */
  | { kind: 'refused'; code: SizeRefusal; field: string; message: string }
  /** The size is in quote currency and no price is known. */
  | { kind: 'price_needed' };

export type SizeRefusal =
  | 'amount_below_minimum'
  | 'amount_above_maximum'
  | 'notional_below_minimum'
  | 'price_below_step';

export function sizeOrder(request: SizeRequest, market: Market): SizedOrder {
  const { size, side, limitPrice, marketPrice } = request;
  const price = limitPrice && roundToStep(limitPrice, market.priceStep, side === 'buy' ? 'down' : 'up');
  const refuse = (code: SizeRefusal, field: string, message: string): SizedOrder => ({
    kind: 'refused',
    code,
    field,
    message,
  });
  if (price !== undefined && !isPositive(price)) {
    return refuse('price_below_step', 'price', `is below the smallest price of ${market.symbol}, ${market.priceStep}`);
  }
  const reference = price ?? marketPrice;
  const field = 'base' in size ? 'size.base' : 'size.quote';
  const tooSmall = (value: Notional): SizedOrder | undefined =>
    market.notionalMin !== undefined && compare(value, market.notionalMin) < 0
      ? refuse(
          'notional_below_minimum',
          field,
          `is worth ${value} ${market.quote}; ${market.symbol} takes ${market.notionalMin} or more`,
        )
      : undefined;
  // Without a price the amount is open, but not what the order can be worth at most.
  if ('quote' in size && reference === undefined) return tooSmall(size.quote) ?? { kind: 'price_needed' };
  const wanted = 'base' in size ? size.base : amountFor(size.quote, reference as Price);
  const rounded = roundToStep(wanted, market.amountStep, 'down');
  const amountMin = market.amountMin ?? market.amountStep;
  if (!isPositive(rounded) || compare(rounded, amountMin) < 0) {
    return refuse(
      'amount_below_minimum',
      field,
      `is ${wanted} ${market.base}; ${market.symbol} takes ${amountMin} or more`,
    );
  }
  if (market.amountMax !== undefined && compare(rounded, market.amountMax) > 0) {
    return refuse(
      'amount_above_maximum',
      field,
      `is ${rounded} ${market.base}; ${market.symbol} takes ${market.amountMax} at most`,
    );
  }
  if (reference === undefined) return { kind: 'sized', amount: rounded };
  const atReference = notionalOf(rounded, reference);
  const atMarket = side === 'sell' && marketPrice !== undefined ? notionalOf(rounded, marketPrice) : atReference;
  const notional = maximum(atReference, atMarket);
  return tooSmall(atReference) ?? { kind: 'sized', amount: rounded, notional, ...(price !== undefined && { price }) };
}
