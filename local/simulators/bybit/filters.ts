/** The filters of a symbol: price, quantity and value of an order. */
import { type Decimal, decimal, isMultipleOf, zero } from '../engine/decimal.ts';
import type { OrderRequest, Side } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import { BybitError, mistake } from './errors.ts';

/** A buy may not be priced above, a sell not below the market by more than this share. */
const priceLimitRatio = decimal('0.1');

/** @throws BybitError when the price is off its tick or out of range. */
export function checkPrice(spec: SymbolSpec, price: Decimal): void {
  if (price.lte(zero) || price.gt(spec.maxPrice)) throw mistake('priceOutOfRange', spec.category);
  if (!isMultipleOf(price, spec.tickSize)) throw mistake('priceDecimals', spec.category);
}

/** @throws BybitError when a price is so far through the market that it must be a slip. */
export function checkPriceLimit(spec: SymbolSpec, order: { side: Side; price: Decimal; last: Decimal }): void {
  const { side, price, last } = order;
  const margin = last.times(priceLimitRatio);
  const bound = side === 'buy' ? last.plus(margin) : last.minus(margin);
  if (side === 'buy' ? price.lte(bound) : price.gte(bound)) return;
  if (spec.category === 'linear') throw mistake('priceOutOfRange', 'linear');
  throw side === 'buy'
    ? new BybitError(170193, `Buy order price cannot be higher than ${bound.toFixed()}.`)
    : new BybitError(170194, `Sell order price cannot be lower than ${bound.toFixed()}.`);
}

/** @throws BybitError when the quantity is off its step, too small or too large. */
export function checkQuantity(spec: SymbolSpec, quantity: Decimal, execution: OrderRequest['execution']): void {
  const { category } = spec;
  if (!isMultipleOf(quantity, spec.stepSize)) throw mistake('quantityDecimals', category);
  if (quantity.lt(spec.minQuantity)) throw mistake('quantityTooSmall', category);
  const maximum = execution === 'market' ? spec.maxMarketQuantity : spec.maxQuantity;
  if (quantity.gt(maximum)) throw mistake('quantityTooLarge', category);
}

/** @throws BybitError when an order is worth too little or too much. */
export function checkValue(spec: SymbolSpec, value: Decimal): void {
  if (value.lt(spec.minValue)) throw mistake('valueTooSmall', spec.category);
  if (spec.category === 'spot' && value.gt(spec.maxValue)) throw mistake('valueTooLarge', 'spot');
}
