/** From the parameters of `order/create` to the engine's request, checked against the symbol's filters. */
import { type Decimal, zero } from '../engine/decimal.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { OrderRequest, PositionSlot, Side, TimeInForce, Trigger } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import { type AccountCall, marketOf } from './context.ts';
import { BybitError, invalidParameter, mistake } from './errors.ts';
import { readExits, readTriggerBy } from './exit-request.ts';
import { checkPrice, checkQuantity, checkValue } from './filters.ts';
import type { Params } from './params.ts';

const linkIdPattern = /^[A-Za-z0-9_-]{1,36}$/;
const timesInForce: Readonly<Record<string, TimeInForce>> = {
  GTC: 'good-till-canceled',
  PostOnly: 'good-till-canceled',
  IOC: 'immediate-or-cancel',
  FOK: 'fill-or-kill',
};
const slots: Readonly<Record<string, PositionSlot>> = { '0': 'net', '1': 'long', '2': 'short' };

/** @throws BybitError naming what is wrong */
export function readOrder(call: AccountCall, spec: SymbolSpec): OrderRequest {
  const { params, venue, account, slicing } = call;
  if (spec.status !== 'Trading') throw mistake('notTrading', spec.category);
  const market = marketOf(venue, spec);
  const side = readSide(params);
  const limit = params.oneOf('orderType', ['Market', 'Limit'] as const) === 'Limit';
  if (params.text('orderType') === undefined) throw invalidParameter('orderType is required');
  const price = limit ? readPrice(params, spec) : undefined;
  const timing = readTiming(params, limit);
  const position = spec.category === 'linear' ? readPosition(call, spec, side) : undefined;
  const size = readSize(call, { spec, side, limit, slot: position?.slot });
  const trigger = readTrigger(params, spec, market);
  const exits = readExits(params, { spec, side, basePrice: price ?? market.tape.lastPrice ?? zero });
  if (exits !== undefined && position?.reduceOnly === true) throw invalidParameter('reduceOnly forbids TP/SL');
  const request: OrderRequest = {
    accountId: account.id,
    instrumentId: spec.id,
    clientOrderId: readLinkId(call, spec),
    side,
    execution: limit ? 'limit' : 'market',
    ...timing,
    ...position,
    ...size,
    ...(price !== undefined && { price }),
    ...(trigger !== undefined && { trigger, reservesWhenTriggered: params.text('orderFilter') !== 'tpslOrder' }),
    ...(exits !== undefined && { exits }),
    ...(slicing !== undefined && { slicing }),
    acceptsFirst: true,
    attributes: attributesOf(params, market, trigger !== undefined),
  };
  checkOrder(request, { spec, market });
  return request;
}

export function readSide(params: Params): Side {
  const side = params.oneOf('side', ['Buy', 'Sell'] as const);
  if (side === undefined) throw invalidParameter('side is required');
  return side === 'Buy' ? 'buy' : 'sell';
}

function readPrice(params: Params, spec: SymbolSpec): Decimal {
  const price = params.decimal('price');
  if (price === undefined) throw invalidParameter('price is required for Limit orders');
  checkPrice(spec, price);
  return price;
}

function readTiming(params: Params, limit: boolean): Pick<OrderRequest, 'timeInForce' | 'postOnly'> {
  if (!limit) return { timeInForce: 'immediate-or-cancel' };
  const text = params.text('timeInForce') ?? 'GTC';
  const timeInForce = timesInForce[text];
  if (timeInForce === undefined) throw invalidParameter('timeInForce must be one of GTC, IOC, FOK, PostOnly');
  return { timeInForce, ...(text === 'PostOnly' && { postOnly: true }) };
}

/** @throws BybitError 10001 when the index is not one of the account's position mode. */
export function readSlot(call: AccountCall, spec: SymbolSpec): PositionSlot {
  const slot = slots[call.params.text('positionIdx') ?? '0'];
  const hedged = call.venue.market.engine.positions.settings.isHedged(call.account.id, spec.id);
  if (slot === undefined || hedged === (slot === 'net')) {
    throw new BybitError(10001, 'position idx not match position mode');
  }
  return slot;
}

/** With a position per direction, an order on its other side can only close it. */
function readPosition(call: AccountCall, spec: SymbolSpec, side: Side): { slot: PositionSlot; reduceOnly?: true } {
  const slot = readSlot(call, spec);
  const closes = (slot === 'long' && side === 'sell') || (slot === 'short' && side === 'buy');
  const reduceOnly = closes || call.params.flag('reduceOnly') || call.params.flag('closeOnTrigger');
  return { slot, ...(reduceOnly && { reduceOnly }) };
}

/** Spot market orders may name what to spend: a buy does so unless it says otherwise. */
function readSize(
  call: AccountCall,
  order: { spec: SymbolSpec; side: Side; limit: boolean; slot: PositionSlot | undefined },
): Pick<OrderRequest, 'quantity' | 'quoteQuantity'> {
  const { params, venue, account } = call;
  const { spec, side, limit, slot } = order;
  const given = params.decimal('qty');
  if (given === undefined || given.lt(zero)) throw mistake('quantityDecimals', spec.category);
  if (spec.category === 'spot' && !limit) {
    const unit = params.oneOf('marketUnit', ['baseCoin', 'quoteCoin'] as const);
    if ((unit ?? (side === 'buy' ? 'quoteCoin' : 'baseCoin')) === 'quoteCoin') return { quoteQuantity: given };
  }
  const closesAll = given.eq(zero) && params.flag('reduceOnly') && params.flag('closeOnTrigger');
  if (!closesAll || slot === undefined) return { quantity: given };
  const position = venue.market.engine.positions.find({ accountId: account.id, instrumentId: spec.id, slot });
  if (position === undefined || position.size.eq(zero)) throw nothingToReduce();
  return { quantity: position.size.abs() };
}

export const nothingToReduce = () =>
  new BybitError(110017, 'Reduce-only rule not satisfied: orderQty will be truncated to zero.');

function readTrigger(params: Params, spec: SymbolSpec, market: MarketState): Trigger | undefined {
  const price = params.decimal('triggerPrice');
  if (price === undefined || price.eq(zero)) return undefined;
  checkPrice(spec, price);
  const by = readTriggerBy(params, 'triggerBy');
  if (spec.category === 'spot') {
    const last = market.tape.lastPrice;
    return { price, by, when: last !== undefined && price.gt(last) ? 'at-or-above' : 'at-or-below' };
  }
  const direction = params.oneOf('triggerDirection', ['1', '2'] as const);
  if (direction === undefined) throw new BybitError(10001, 'TriggerDirection invalid');
  return { price, by, when: direction === '1' ? 'at-or-above' : 'at-or-below' };
}

function readLinkId({ venue, params, account, nowMs }: AccountCall, spec: SymbolSpec): string {
  const linkId = params.text('orderLinkId');
  if (linkId === undefined) return venue.links.inventLinkId(nowMs);
  if (!linkIdPattern.test(linkId)) throw invalidParameter('orderLinkId must have 1 to 36 letters, digits, - or _');
  if (venue.links.find(account.id, spec.category, linkId) !== undefined)
    throw mistake('duplicateLinkId', spec.category);
  return linkId;
}

/** What the engine has no use for and order lists must show again. */
function attributesOf(params: Params, market: MarketState, conditional: boolean): Record<string, string> {
  const attributes: Record<string, string> = { lastPriceOnCreated: market.tape.lastPrice?.toFixed() ?? '' };
  for (const name of ['marketUnit', 'tpTriggerBy', 'slTriggerBy', 'tpslMode', 'closeOnTrigger', 'isLeverage']) {
    const value = params.text(name);
    if (value !== undefined) attributes[name] = value;
  }
  if (conditional) {
    attributes.triggerBy = params.text('triggerBy') ?? 'LastPrice';
    attributes.stopOrderType = params.text('orderFilter') === 'tpslOrder' ? 'tpslOrder' : 'Stop';
  }
  return attributes;
}

function checkOrder(request: OrderRequest, { spec, market }: { spec: SymbolSpec; market: MarketState }): void {
  const { quantity, quoteQuantity, price, trigger, side } = request;
  const reference = price ?? trigger?.price ?? market.book.best(side === 'buy' ? 'sell' : 'buy')?.price;
  if (quantity !== undefined) {
    checkQuantity(spec, quantity, request.execution);
    if (reference !== undefined && request.reduceOnly !== true) checkValue(spec, reference.times(quantity));
  }
  if (quoteQuantity !== undefined) checkValue(spec, quoteQuantity);
}
