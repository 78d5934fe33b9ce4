/** Binance's symbol filters: how exchangeInfo lists them, and what they refuse. */
import { type Decimal, decimal, fixed, isMultipleOf, zero } from '../engine/decimal.ts';
import type { OrderRequest, Trigger } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import { filterFailure } from './errors.ts';

const bidMultiplierUp = decimal('5');
const bidMultiplierDown = decimal('0.2');
const icebergPartsMax = 10;
const openOrdersMax = 200;
const openTriggersMax = 5;
const openListsMax = 20;
export const amendmentsMax = 10;
const trailingDeltaMin = 10;
const trailingDeltaMax = 2_000;

export function filterList(spec: SymbolSpec): readonly Record<string, unknown>[] {
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: fixed(spec.minPrice),
      maxPrice: fixed(spec.maxPrice),
      tickSize: fixed(spec.tickSize),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: fixed(spec.minQuantity),
      maxQty: fixed(spec.maxQuantity),
      stepSize: fixed(spec.stepSize),
    },
    { filterType: 'ICEBERG_PARTS', limit: icebergPartsMax },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: fixed(zero),
      maxQty: fixed(spec.maxMarketQuantity),
      stepSize: fixed(zero),
    },
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: bidMultiplierUp.toFixed(),
      bidMultiplierDown: bidMultiplierDown.toFixed(),
      askMultiplierUp: bidMultiplierUp.toFixed(),
      askMultiplierDown: bidMultiplierDown.toFixed(),
      avgPriceMins: 5,
    },
    {
      filterType: 'NOTIONAL',
      minNotional: fixed(spec.minNotional),
      applyMinToMarket: true,
      maxNotional: fixed(spec.maxNotional),
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: openOrdersMax },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: openTriggersMax },
    {
      filterType: 'TRAILING_DELTA',
      minTrailingAboveDelta: trailingDeltaMin,
      maxTrailingAboveDelta: trailingDeltaMax,
      minTrailingBelowDelta: trailingDeltaMin,
      maxTrailingBelowDelta: trailingDeltaMax,
    },
    { filterType: 'MAX_NUM_ORDER_LISTS', maxNumOrderLists: openListsMax },
    { filterType: 'MAX_NUM_ORDER_AMENDS', maxNumOrderAmends: amendmentsMax },
  ];
}

export interface FilterContext {
  spec: SymbolSpec;
  /** Mean price of the last five minutes. */
  averagePrice: Decimal;
  openOrders: number;
  openTriggers: number;
}

/** @throws BinanceError -1013 that names the first filter that an order fails. */
export function checkFilters(request: OrderRequest, context: FilterContext): void {
  const { spec } = context;
  const { price, quantity } = request;
  if (price !== undefined) checkPrice(price, context);
  if (request.trigger !== undefined) checkTrigger(request.trigger, request.attributes.trailingDelta, spec);
  if (quantity !== undefined) checkQuantity(request, quantity, spec);
  checkNotional(request, context);
  if (request.displayQuantity !== undefined && quantity !== undefined) {
    if (
      quantity
        .div(request.displayQuantity)
        .round(0, 3)
        .gt(decimal(String(icebergPartsMax)))
    ) {
      throw filterFailure('ICEBERG_PARTS');
    }
  }
  if (context.openOrders >= openOrdersMax) throw filterFailure('MAX_NUM_ORDERS');
  if (request.trigger !== undefined && context.openTriggers >= openTriggersMax) {
    throw filterFailure('MAX_NUM_ALGO_ORDERS');
  }
}

function checkTrigger({ price, trailing }: Trigger, trailingDelta: string | undefined, spec: SymbolSpec): void {
  const stopPrice = trailing === undefined ? price : trailing.activation?.price;
  if (stopPrice !== undefined) checkPriceFilter(stopPrice, spec);
  const delta = Number(trailingDelta ?? trailingDeltaMin);
  if (delta < trailingDeltaMin || delta > trailingDeltaMax) throw filterFailure('TRAILING_DELTA');
}

/** @throws BinanceError -1013 when a symbol has as many lists as it may. */
export function checkListCount(openLists: number): void {
  if (openLists >= openListsMax) throw filterFailure('MAX_NUM_ORDER_LISTS');
}

function checkPrice(price: Decimal, { spec, averagePrice }: FilterContext): void {
  checkPriceFilter(price, spec);
  if (price.gt(averagePrice.times(bidMultiplierUp)) || price.lt(averagePrice.times(bidMultiplierDown))) {
    throw filterFailure('PERCENT_PRICE_BY_SIDE');
  }
}

function checkPriceFilter(price: Decimal, spec: SymbolSpec): void {
  if (price.lt(spec.minPrice) || price.gt(spec.maxPrice) || !isMultipleOf(price, spec.tickSize)) {
    throw filterFailure('PRICE_FILTER');
  }
}

function checkQuantity(request: OrderRequest, quantity: Decimal, spec: SymbolSpec): void {
  for (const amount of [quantity, request.displayQuantity]) {
    if (amount === undefined) continue;
    if (amount.lt(spec.minQuantity) || amount.gt(spec.maxQuantity) || !isMultipleOf(amount, spec.stepSize)) {
      throw filterFailure('LOT_SIZE');
    }
  }
  if (request.execution === 'market' && quantity.gt(spec.maxMarketQuantity)) throw filterFailure('MARKET_LOT_SIZE');
}

function checkNotional(request: OrderRequest, { spec, averagePrice }: FilterContext): void {
  const { trigger } = request;
  const stopPrice = trigger?.trailing === undefined ? trigger?.price : trigger.trailing.activation?.price;
  const price = request.price ?? stopPrice ?? averagePrice;
  const notional = request.quoteQuantity ?? price.times(request.quantity ?? zero);
  if (notional.lt(spec.minNotional)) throw filterFailure('NOTIONAL');
  if (request.execution === 'limit' && notional.gt(spec.maxNotional)) throw filterFailure('NOTIONAL');
}
