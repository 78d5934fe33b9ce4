/** Reads the parameters of a new order and turns them into what the matching engine understands. */
import { createHash } from 'node:crypto';
import { type Decimal, decimal, zero } from '../engine/decimal.ts';
import type { OrderRequest, Side, TimeInForce, Trigger } from '../engine/types.ts';
import {
  BinanceError,
  badCombination,
  illegalCharacters,
  invalidAmount,
  invalidOrderType,
  invalidParameter,
  invalidSide,
  invalidTimeInForce,
  missingEither,
  missingParameter,
  orderRejected,
  tooMuchPrecision,
  unneededParameter,
  unsupportedCombination,
} from './errors.ts';
import type { Params } from './params.ts';

type OrderType =
  | 'LIMIT'
  | 'MARKET'
  | 'LIMIT_MAKER'
  | 'STOP_LOSS'
  | 'STOP_LOSS_LIMIT'
  | 'TAKE_PROFIT'
  | 'TAKE_PROFIT_LIMIT';

/** Which parameters a type takes; `price`, `stopPrice` and `timeInForce` are refused where not listed. */
const parametersOf: Readonly<Record<OrderType, readonly string[]>> = {
  LIMIT: ['timeInForce', 'quantity', 'price'],
  MARKET: [],
  LIMIT_MAKER: ['quantity', 'price'],
  STOP_LOSS: ['quantity', 'stopPrice'],
  STOP_LOSS_LIMIT: ['timeInForce', 'quantity', 'price', 'stopPrice'],
  TAKE_PROFIT: ['quantity', 'stopPrice'],
  TAKE_PROFIT_LIMIT: ['timeInForce', 'quantity', 'price', 'stopPrice'],
};

const timesInForce: Readonly<Record<string, TimeInForce>> = {
  GTC: 'good-till-canceled',
  IOC: 'immediate-or-cancel',
  FOK: 'fill-or-kill',
};

const selfTradePreventionModes = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT', 'TRANSFER'];
const clientOrderIdRange = '^[a-zA-Z0-9-_]{1,36}$';
const clientOrderIdPattern = /^[a-zA-Z0-9_-]{1,36}$/;
const decimalPlacesMax = 8;
/** `trailingDelta` counts them. */
const basisPoints = decimal('10000');

export type ResponseType = 'ACK' | 'RESULT' | 'FULL';

export interface NewOrder {
  request: OrderRequest;
  responseType: ResponseType;
}

/** @throws BinanceError naming the first parameter that is missing, malformed or out of place. */
export function readNewOrder(params: Params, context: { accountId: string; instrumentId: string }): NewOrder {
  const side = readSide(params);
  const type = readType(params);
  const timeInForce = readTimeInForce(params, type);
  const price = readAmount(params, 'price', parametersOf[type]);
  const quantity = readQuantity(params, type);
  const quoteQuantity = readQuoteQuantity(params, type, quantity);
  const displayQuantity = readIceberg(params, { type, quantity, timeInForce });
  const { trigger, ...trail } = readTrigger(params, type, side);
  const request: OrderRequest = {
    ...context,
    clientOrderId: readClientOrderId(params, 'newClientOrderId') ?? inventClientOrderId(),
    side,
    execution: price === undefined ? 'market' : 'limit',
    timeInForce: timesInForce[timeInForce] ?? 'good-till-canceled',
    postOnly: type === 'LIMIT_MAKER',
    ...(price && { price }),
    ...(quantity && { quantity }),
    ...(quoteQuantity && { quoteQuantity }),
    ...(displayQuantity && { displayQuantity }),
    ...(trigger && { trigger }),
    attributes: { type, timeInForce, ...trail, ...readExtras(params) },
  };
  return { request, responseType: readResponseType(params, type) };
}

/** The client's own id, if one was sent. @throws BinanceError -1100 when Binance would not take it. */
export function readClientOrderId(params: Params, name: string): string | undefined {
  const text = params.optional(name);
  if (text !== undefined && !clientOrderIdPattern.test(text)) {
    throw illegalCharacters(params.sentName(name), clientOrderIdRange);
  }
  return text;
}

let invented = 0;

/** Binance makes up an id of 22 letters and digits when the client sends none. */
export function inventClientOrderId(): string {
  invented += 1;
  return createHash('sha256')
    .update(`${process.pid}/${performance.now()}/${invented}`)
    .digest('base64url')
    .replaceAll(/[-_]/g, 'x')
    .slice(0, 22);
}

function readSide(params: Params): Side {
  const text = params.required('side');
  if (text === 'BUY') return 'buy';
  if (text === 'SELL') return 'sell';
  throw invalidSide();
}

function readType(params: Params): OrderType {
  const text = params.required('type');
  const type = (Object.keys(parametersOf) as OrderType[]).find((name) => name === text);
  if (type === undefined) throw invalidOrderType();
  return type;
}

function readTimeInForce(params: Params, type: OrderType): string {
  if (!parametersOf[type].includes('timeInForce')) {
    if (params.has('timeInForce')) throw unneededParameter(params.sentName('timeInForce'));
    return 'GTC';
  }
  const text = params.required('timeInForce');
  if (timesInForce[text] === undefined) throw invalidTimeInForce();
  return text;
}

function readAmount(params: Params, name: 'price' | 'stopPrice', allowed: readonly string[]): Decimal | undefined {
  if (!allowed.includes(name)) {
    if (params.has(name)) throw unneededParameter(params.sentName(name));
    return undefined;
  }
  if (!params.has(name)) throw missingParameter(params.sentName(name));
  return checked(params.decimal(name), params.sentName(name), 'price');
}

function readQuantity(params: Params, type: OrderType): Decimal | undefined {
  if (type !== 'MARKET' && !params.has('quantity')) throw missingParameter('quantity');
  return checked(params.decimal('quantity'), 'quantity', 'quantity');
}

function readQuoteQuantity(params: Params, type: OrderType, quantity: Decimal | undefined): Decimal | undefined {
  const quoteQuantity = checked(params.decimal('quoteOrderQty'), 'quoteOrderQty', 'quantity');
  if (type !== 'MARKET') {
    if (quoteQuantity !== undefined) throw unneededParameter('quoteOrderQty');
    return undefined;
  }
  if (quantity === undefined && quoteQuantity === undefined) throw missingEither('quantity', 'quoteOrderQty');
  if (quantity !== undefined && quoteQuantity !== undefined) throw badCombination();
  return quoteQuantity;
}

function checked(amount: Decimal | undefined, name: string, what: 'quantity' | 'price'): Decimal | undefined {
  if (amount === undefined) return undefined;
  if (!amount.round(decimalPlacesMax, 0).eq(amount)) throw tooMuchPrecision(name);
  if (amount.lte(zero)) throw invalidAmount(what);
  return amount;
}

function readIceberg(
  params: Params,
  order: { type: OrderType; quantity: Decimal | undefined; timeInForce: string },
): Decimal | undefined {
  const displayQuantity = params.decimal('icebergQty');
  if (displayQuantity === undefined || displayQuantity.eq(zero)) return undefined;
  if (!parametersOf[order.type].includes('price')) throw unneededParameter('icebergQty');
  if (order.timeInForce !== 'GTC') throw unsupportedCombination();
  if (order.quantity !== undefined && displayQuantity.gt(order.quantity))
    throw orderRejected('IcebergQty exceeds QTY.');
  return displayQuantity;
}

/** The trigger, and what a trailing one was asked for, to be shown again. */
function readTrigger(
  params: Params,
  type: OrderType,
  side: Side,
): { trigger?: Trigger; trailingDelta?: string; stopPrice?: string } {
  const takesTrigger = parametersOf[type].includes('stopPrice');
  const delta = params.integer('trailingDelta');
  if (delta !== undefined && !takesTrigger) throw unneededParameter(params.sentName('trailingDelta'));
  if (delta === undefined && takesTrigger && !params.has('stopPrice')) {
    throw missingEither(params.sentName('stopPrice'), params.sentName('trailingDelta'));
  }
  const isOptional = delta !== undefined && !params.has('stopPrice');
  const stopPrice = isOptional ? undefined : readAmount(params, 'stopPrice', parametersOf[type]);
  const risesToStop = type.startsWith('STOP_LOSS') === (side === 'buy');
  const stopWhen = risesToStop ? ('at-or-above' as const) : ('at-or-below' as const);
  if (delta === undefined) return stopPrice === undefined ? {} : { trigger: { price: stopPrice, when: stopWhen } };
  const trailing = {
    offset: { amount: decimal(String(delta)).div(basisPoints), unit: 'share' as const },
    ...(stopPrice !== undefined && { activation: { price: stopPrice, when: stopWhen } }),
  };
  return {
    // Where it stands is for the market to say.
    trigger: { price: zero, when: side === 'buy' ? 'at-or-above' : 'at-or-below', trailing },
    trailingDelta: String(delta),
    ...(stopPrice !== undefined && { stopPrice: stopPrice.toFixed() }),
  };
}

function readExtras(params: Params): Record<string, string> {
  const mode = params.optional('selfTradePreventionMode') ?? 'EXPIRE_MAKER';
  if (!selfTradePreventionModes.includes(mode)) throw invalidParameter('selfTradePreventionMode');
  const strategyId = params.integer('strategyId');
  const strategyType = params.integer('strategyType');
  if (strategyType !== undefined && strategyType < 1_000_000) {
    throw new BinanceError(-1134, 'strategyType was less than 1000000.');
  }
  return {
    selfTradePreventionMode: mode,
    ...(strategyId !== undefined && { strategyId: String(strategyId) }),
    ...(strategyType !== undefined && { strategyType: String(strategyType) }),
  };
}

function readResponseType(params: Params, type: OrderType): ResponseType {
  const text = params.optional('newOrderRespType');
  if (text === undefined) return type === 'MARKET' || type === 'LIMIT' ? 'FULL' : 'ACK';
  if (text === 'ACK' || text === 'RESULT' || text === 'FULL') return text;
  throw new BinanceError(-1136, 'Invalid newOrderRespType.');
}
