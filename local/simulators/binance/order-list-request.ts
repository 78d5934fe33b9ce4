/** Reads the parameters of a new pair of orders of which one cancels the other. */
import type { Decimal } from '../engine/decimal.ts';
import type { OrderRequest, Side } from '../engine/types.ts';
import { BinanceError, orderRejected } from './errors.ts';
import { inventClientOrderId, type NewOrder, readClientOrderId, readNewOrder } from './order-request.ts';
import type { Params } from './params.ts';

/** The same for both orders; all others carry `above` or `below` in front. */
const sharedNames = ['symbol', 'side', 'quantity', 'newOrderRespType', 'selfTradePreventionMode'];

export interface NewOrderList {
  readonly above: NewOrder;
  readonly below: NewOrder;
  readonly clientId: string;
}

/** @throws BinanceError naming the first parameter that is missing, malformed or out of place. */
export function readNewOrderList(params: Params, context: { accountId: string; instrumentId: string }): NewOrderList {
  const clientId = readClientOrderId(params, 'listClientOrderId') ?? inventClientOrderId();
  const types = { above: params.required('aboveType'), below: params.required('belowType') };
  checkTypes(types);
  const above = readNewOrder(params.renamed(legNames('above')), context);
  const below = readNewOrder(params.renamed(legNames('below')), context);
  checkPlaces(types, above.request.side);
  return { above, below, clientId };
}

/** `price` of the order above is sent as `abovePrice`; its `newClientOrderId` as `aboveClientOrderId`. */
function legNames(leg: 'above' | 'below'): (name: string) => string {
  return (name) => {
    if (sharedNames.includes(name)) return name;
    const bare = name === 'newClientOrderId' ? 'clientOrderId' : name;
    return `${leg}${bare.charAt(0).toUpperCase()}${bare.slice(1)}`;
  };
}

interface LegTypes {
  readonly above: string;
  readonly below: string;
}

const listTypes = ['LIMIT_MAKER', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'];

/** @throws BinanceError -1158 or -1168. */
function checkTypes({ above, below }: LegTypes): void {
  for (const type of [above, below]) {
    if (!listTypes.includes(type)) throw new BinanceError(-1158, 'Order type not supported in OCO.');
  }
  if (above === 'LIMIT_MAKER' && below === 'LIMIT_MAKER') {
    throw new BinanceError(-1168, 'At least one OCO order must be contingent.');
  }
}

/** A sell takes its profit above and stops its loss below, a buy the other way round. @throws BinanceError */
function checkPlaces({ above, below }: LegTypes, side: Side): void {
  const [target, stop] = side === 'sell' ? [above, below] : [below, above];
  const sells = side === 'sell';
  if (stop === 'LIMIT_MAKER') {
    throw sells
      ? new BinanceError(-1166, 'A limit order in a sell OCO must be above.')
      : new BinanceError(-1165, 'A limit order in a buy OCO must be below.');
  }
  if (stop.startsWith('TAKE_PROFIT')) {
    throw sells
      ? new BinanceError(-1199, 'A take profit order in a sell OCO must be above.')
      : new BinanceError(-1198, 'A take profit order in a buy OCO must be below.');
  }
  if (target.startsWith('STOP_LOSS')) {
    throw sells
      ? new BinanceError(-1197, 'A stop loss order in a sell OCO must be below.')
      : new BinanceError(-1196, 'A stop loss order in a buy OCO must be above.');
  }
}

/** What is above must be so by its price, and what is below too. @throws BinanceError -2010. */
export function checkPrices({ above, below }: NewOrderList, last: Decimal): void {
  const [upper, lower] = [placeOf(above.request), placeOf(below.request)];
  if (upper?.lte(last) === true || lower?.gte(last) === true) {
    throw orderRejected('The relationship of the prices for the orders is not correct.');
  }
}

/** The price that decides on which side of the market an order is; a trailing one may have none. */
function placeOf({ price, trigger }: OrderRequest): Decimal | undefined {
  if (trigger === undefined) return price;
  return trigger.trailing === undefined ? trigger.price : trigger.trailing.activation?.price;
}
