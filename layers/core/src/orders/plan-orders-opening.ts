/** Plans an order that may open a position, or make one larger. */
import { type Amount, maximum, type Price } from '../money.ts';
import type { Side } from '../ports/market-data.ts';
import type { OrderTerms } from '../ports/venue.ts';
import { refuseExits, refuseExitsOf, stopPriceOf } from './plan-orders-exits.ts';
import { chooseHandling, roundTerms, showingPart } from './plan-orders-terms.ts';
import {
  denied,
  denyMissing,
  type OrderPlan,
  type PlanContext,
  type PlanDenial,
  type PlannedOrder,
} from './plan-orders-types.ts';
import { belowNotional, fitAmount, mostWorthOf, sizeOrder, worthOf } from './size-order.ts';
import { fieldOf } from './size-order-units.ts';

/** What the signal asks for, in full. */
export function openOrder(context: PlanContext, side: Side): OrderPlan {
  const opening = planOpening(context, side);
  if (opening.kind === 'denied') return opening;
  const { terms, amount, reference } = opening;
  return finish(context, { side, terms, amount, reference, field: opening.field });
}

/** How large the order would be that brings the position from nothing to what the signal asks for. */
export interface Opening {
  kind: 'opening';
  amount: Amount;
  /** The signal's field that the amount comes from. */
  field: string;
  terms: OrderTerms;
  /** Where it is to fill. */
  reference: Price;
}

export function planOpening({ signal, figures, market }: PlanContext, side: Side): Opening | PlanDenial {
  const { size } = signal;
  if (size === undefined) return denied('size_missing', 'size', 'is missing, and a position has to be opened');
  const rounded = roundTerms(signal, { side, reduces: false, market });
  if (rounded.kind === 'denied') return rounded;
  const { terms } = rounded;
  const { price: marketPrice, equity, position } = figures;
  const field = fieldOf(size);
  const triggerPrice = fillingTrigger(terms, side, marketPrice);
  const reference = terms.price ?? triggerPrice ?? marketPrice;
  const bounded = side === 'buy' && terms.price !== undefined;
  if (reference === undefined || (!bounded && marketPrice === undefined)) return denyMissing('price', field);
  const stopPrice = stopOf({ signal, side, entry: reference, market });
  if (typeof stopPrice === 'object') return stopPrice;
  const known = { equity, marketPrice, triggerPrice, stopPrice, position: position?.amount };
  const sized = sizeOrder({ side, size, limitPrice: terms.price, ...known }, market);
  if (sized.kind === 'refused') return denied(sized.code, sized.field, sized.message);
  if (sized.kind === 'figure_needed') return denyMissing(sized.figure, field);
  return { kind: 'opening', amount: sized.amount, field, terms, reference };
}

/**
 * Where an order without a limit fills once it is triggered: at the trigger, but for a buying stop, which pays the market's
 * price where that is beyond the trigger already.
 */
function fillingTrigger({ type, triggerPrice }: OrderTerms, side: Side, marketPrice?: Price): Price | undefined {
  if (triggerPrice === undefined || type !== 'stop' || side !== 'buy' || marketPrice === undefined) return triggerPrice;
  return maximum(triggerPrice, marketPrice);
}

interface StopContext extends Pick<PlanContext, 'signal' | 'market'> {
  side: Side;
  entry: Price;
}

/** The stop-loss, once every exit is known to lie on its side of the entry; `undefined` without one. */
function stopOf({ signal, side, entry, market }: StopContext): Price | undefined | PlanDenial {
  const { exitPlan } = signal;
  if (exitPlan === undefined) return undefined;
  if (market.kind === 'spot' && side === 'sell') {
    return refuseExitsOf(exitPlan);
  }
  const where = { side, entry, market };
  return refuseExits(exitPlan, where) ?? (exitPlan.stopLoss && stopPriceOf(exitPlan.stopLoss, where));
}

interface OrderParts {
  side: Side;
  terms: OrderTerms;
  amount: Amount;
  reference: Price;
  field: string;
}

/** The order of an amount that was measured, checked as the one order that it is. */
export function finish({ signal, figures, market, abilities }: PlanContext, parts: OrderParts): OrderPlan {
  const { side, field, reference } = parts;
  const fitted = fitAmount(parts.amount, field, market);
  if (fitted.kind === 'refused') return denied(fitted.code, field, fitted.message);
  const { amount } = fitted;
  const expected = worthOf(amount, reference, market);
  if (expected === undefined) {
    return denied('not_supported', 'symbol', `is ${market.symbol}, whose worth in ${market.quote} cannot be told`);
  }
  const tooSmall = belowNotional(expected, field, market);
  if (tooSmall !== undefined) return denied(tooSmall.code, field, tooSmall.message);
  const valued = { side, amount, price: parts.terms.price, marketPrice: figures.price };
  const notional = mostWorthOf(expected, valued, market);
  const terms = showingPart(parts.terms, amount);
  const handled = chooseHandling(terms, { market, abilities, asked: { reduceOnly: 'reduceOnly' } });
  if (handled.kind === 'denied') return handled;
  const { leverage, marginMode, exitPlan } = signal;
  if (leverage !== undefined && !abilities.leverage) {
    return denied('not_supported', 'leverage', `cannot be set: ${market.venue} takes none on ${market.symbol}`);
  }
  if (marginMode !== undefined && !abilities.marginMode) {
    return denied('not_supported', 'marginMode', `cannot be set: ${market.venue} takes none on ${market.symbol}`);
  }
  const order: PlannedOrder = {
    ...{ role: 'entry', side, amount, terms, notional },
    ...(handled.handling && { handling: handled.handling }),
    ...(exitPlan && { exitPlan }),
    ...(leverage !== undefined && { leverage }),
    ...(marginMode && { marginMode }),
  };
  return { kind: 'order', order };
}
