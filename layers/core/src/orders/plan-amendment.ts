/**
 * What a wanted change of an order comes to: prices and amounts on the market's steps, by the roundings of size-order.ts and
 * plan-orders-terms.ts, and whether the order can be changed as it stands or has to be replaced. Pure.
 */
import {
  type Amount,
  compare,
  isPositive,
  type Notional,
  type Price,
  roundToStep,
  subtract,
  zeroNotional,
} from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type { Cause, OrderAbilities, OrderChange, OrderTerms } from '../ports/venue.ts';
import { exposureStep } from '../risk/exposure.ts';
import { inOwnersCurrency } from './intent-gate.ts';
import { finalStates, type Order } from './order.ts';
import { roundTerms } from './plan-orders-terms.ts';
import { belowNotional, fitAmount, valueOrder, worthOf } from './size-order.ts';

export interface AmendmentContext {
  market: Market;
  abilities: OrderAbilities;
  /** Where an order of its side would start to fill now; needed for all but buying limits. */
  marketPrice?: Price;
  /** One unit of the market's quote currency in the owner's; absent is one. */
  rate?: string;
}

export type PlannedAmendment =
  /** The order is like that already. */
  | { kind: 'nothing' }
  | { kind: 'refused'; field: keyof OrderChange | ''; cause: Cause }
  /** What an order is worth has to be known, and no price is. */
  | { kind: 'price_needed' }
  /** Changed as it stands: it puts no more at stake than it does, and whoever keeps it can change it. */
  | { kind: 'in_place'; change: OrderChange }
  /** Canceled, and placed anew for the rest. */
  | { kind: 'replace'; change: OrderChange; reserved: Notional };

/** True where every part of the change is how the order is. */
export const isAsWanted = (order: OrderChange, change: OrderChange): boolean =>
  isPart(order.amount, change.amount) &&
  isPart(order.price, change.price) &&
  isPart(order.triggerPrice, change.triggerPrice);

const isPart = (is: Amount | Price | undefined, wanted: Amount | Price | undefined): boolean =>
  wanted === undefined || (is !== undefined && compare(is, wanted) === 0);

export function planAmendment(order: Order, wanted: OrderChange, context: AmendmentContext): PlannedAmendment {
  const { side, amount } = order;
  if (side === undefined || amount === undefined || finalStates.has(order.state)) {
    return refused('', 'order_final', `the order is ${order.state}, and nothing of it is left to change`);
  }
  const known = { ...order, side, amount };
  const rounded = roundChange(known, wanted, context.market);
  if (rounded.kind === 'refused') return rounded;
  const { change } = rounded;
  if (isAsWanted(order, change)) return { kind: 'nothing' };
  const sized = reservedWith({ ...known, ...change }, change, context);
  if (sized.kind !== 'reserves') return sized;
  const isKeptHere = order.state === 'waiting';
  const fits = compare(sized.reserved, order.reserved) <= 0 && !growsAtVenue(known, change);
  if (fits && (isKeptHere || context.abilities.amends)) return { kind: 'in_place', change };
  return { kind: 'replace', change, reserved: sized.reserved };
}

/**
 * What is filled counts as position, and no longer in what is still to be filled. So an order that is larger after a fill puts
 * more at stake than the gate has granted, even where all of it is worth no more than before; and whether some of it fills until
 * it is larger, nobody knows of one that is at its venue.
 */
const growsAtVenue = ({ state, amount: before, reduceOnly }: SizedOrder, { amount }: OrderChange): boolean =>
  state !== 'waiting' && reduceOnly !== true && amount !== undefined && compare(amount, before) > 0;

const refused = (
  field: keyof OrderChange | '',
  code: string,
  message: string,
): PlannedAmendment & { kind: 'refused' } => ({
  kind: 'refused',
  field,
  cause: { code, message: field === '' ? message : `${field} ${message}` },
});

type SizedOrder = Order & { side: Side; amount: Amount };

type RoundedChange = { kind: 'rounded'; change: OrderChange } | (PlannedAmendment & { kind: 'refused' });

function roundChange(order: SizedOrder, wanted: OrderChange, market: Market): RoundedChange {
  const { side, type } = order;
  if (wanted.price !== undefined && order.price === undefined) {
    return refused('price', 'not_supported', `has no meaning for an order without one (type ${type})`);
  }
  if (wanted.triggerPrice !== undefined && order.triggerPrice === undefined) {
    return refused('triggerPrice', 'not_supported', `has no meaning for an order without one (type ${type})`);
  }
  // What stays as it is is on its step already; it says what kind of order the change is for.
  const price = wanted.price ?? order.price;
  const triggerPrice = wanted.triggerPrice ?? order.triggerPrice;
  const terms: OrderTerms = {
    type,
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
    ...(order.trail !== undefined && { trail: order.trail }),
  };
  const rounded = roundTerms(terms, { side, reduces: order.reduceOnly === true, market });
  if (rounded.kind === 'denied') {
    const field = wanted.price === undefined ? 'triggerPrice' : 'price';
    return refused(field, rounded.code, rounded.message);
  }
  const sized = roundAmount(order, wanted.amount, market);
  if (sized.kind === 'refused') return sized;
  const change: OrderChange = {
    ...(sized.amount !== undefined && { amount: sized.amount }),
    ...(wanted.price !== undefined && { price: rounded.terms.price }),
    ...(wanted.triggerPrice !== undefined && { triggerPrice: rounded.terms.triggerPrice }),
  };
  return { kind: 'rounded', change };
}

type RoundedAmount = { kind: 'rounded'; amount?: Amount } | (PlannedAmendment & { kind: 'refused' });

function roundAmount(order: Order, wanted: Amount | undefined, market: Market): RoundedAmount {
  if (wanted === undefined) return { kind: 'rounded' };
  const fitted = fitAmount(wanted, 'amount', market);
  if (fitted.kind === 'refused') return refused('amount', fitted.code, fitted.message);
  const { amount } = fitted;
  if (compare(amount, order.filled) <= 0) {
    return refused(
      'amount',
      'amount_filled',
      `is ${amount}, and ${order.filled} of it is filled already; cancel the rest`,
    );
  }
  return { kind: 'rounded', amount };
}

type Reserving =
  | { kind: 'reserves'; reserved: Notional }
  | { kind: 'price_needed' }
  | (PlannedAmendment & { kind: 'refused' });

/** @param order with the change in it @returns what it would reserve, the part that is filled included */
function reservedWith(order: SizedOrder, change: OrderChange, context: AmendmentContext): Reserving {
  const { market, marketPrice, rate = '1' } = context;
  const { side, amount, price, triggerPrice, reduceOnly } = order;
  const reference = price ?? triggerPrice ?? marketPrice;
  const worth = worthOf(amount, reference, market);
  const tooSmall = worth && reduceOnly !== true ? belowNotional(worth, 'amount', market) : undefined;
  const field = change.amount === undefined ? 'price' : 'amount';
  if (tooSmall !== undefined) return refused(field, tooSmall.code, tooSmall.message);
  if (reduceOnly === true) return { kind: 'reserves', reserved: zeroNotional };
  const isBounded = side === 'buy' && price !== undefined;
  if (!isBounded && marketPrice === undefined) return { kind: 'price_needed' };
  const value = valueOrder({ side, amount, price, reference, marketPrice }, market);
  if (value === undefined) return { kind: 'price_needed' };
  return { kind: 'reserves', reserved: roundToStep(inOwnersCurrency(value, rate), exposureStep, 'up') };
}

/** What is left to order of an amount after what was filled; `undefined` where that is nothing. */
export function remainderAfter(filled: Amount, wanted: Amount): Amount | undefined {
  const rest = compare(wanted, filled) > 0 ? subtract(wanted, filled) : undefined;
  return rest !== undefined && isPositive(rest) ? rest : undefined;
}
