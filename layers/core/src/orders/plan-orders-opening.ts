/** Plans an order that may open a position, or make one larger. */
import { type Amount, maximum, type Price } from '../money.ts';
import type { Side } from '../ports/market-data.ts';
import type { OrderTerms } from '../ports/venue.ts';
import type { SignalSize } from '../signals/signal.ts';
import { refuseExits, stopPriceOf } from './plan-orders-exits.ts';
import { chooseHandling, roundTerms } from './plan-orders-terms.ts';
import { denied, type OrderPlan, type PlanContext, type PlanDenial, type PlannedOrder } from './plan-orders-types.ts';
import { belowNotional, fitAmount, type SizedOrder, sizeOrder, valueOrder, worthOf } from './size-order.ts';
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
  reference: Price | undefined;
}

export function planOpening({ signal, figures, market }: PlanContext, side: Side): Opening | PlanDenial {
  const { size } = signal;
  if (size === undefined) return denied('size_missing', 'size', 'is missing, and a position has to be opened');
  const rounded = roundTerms(signal, { side, reduces: false, market });
  if (rounded.kind === 'denied') return rounded;
  const { terms } = rounded;
  const { price: marketPrice, equity, position } = figures;
  const bounded = side === 'buy' && terms.price !== undefined;
  const field = fieldOf(size);
  if (!bounded && marketPrice === undefined) return noPrice(field);
  const triggerPrice = fillingTrigger(terms, side, marketPrice);
  const reference = terms.price ?? triggerPrice ?? marketPrice;
  const stop = stopOf({ signal, side, entry: reference, market });
  if (typeof stop === 'object') return stop;
  const sized = sizeOrder(
    {
      ...{ side, size, equity, marketPrice, triggerPrice, limitPrice: terms.price },
      ...{ stopPrice: stop, position: position?.amount },
    },
    market,
  );
  if (sized.kind !== 'sized') return denialOf(sized, size);
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
  entry: Price | undefined;
}

/** The stop-loss, once every exit is known to lie on its side of the entry; `undefined` without one. */
function stopOf({ signal, side, entry, market }: StopContext): Price | undefined | PlanDenial {
  const { exitPlan } = signal;
  if (exitPlan === undefined || entry === undefined) return undefined;
  if (market.kind === 'spot' && side === 'sell') {
    const field = exitPlan.stopLoss === undefined ? 'takeProfit' : 'stopLoss';
    return denied('not_supported', field, `goes with orders that open a position only; on spot a sale opens none`);
  }
  const where = { side, entry, market };
  return refuseExits(exitPlan, where) ?? (exitPlan.stopLoss && stopPriceOf(exitPlan.stopLoss, where));
}

const noPrice = (field: string): PlanDenial =>
  denied('price_missing', field, 'cannot be valued: the market shows no price; set a price, or try another market');

function denialOf(sized: Exclude<SizedOrder, { kind: 'sized' }>, size: SignalSize): PlanDenial {
  const field = fieldOf(size);
  if (sized.kind === 'refused') return denied(sized.code, sized.field, sized.message);
  if (sized.kind === 'price_needed') return noPrice(field);
  if (sized.figure === 'equity') {
    return denied('equity_missing', field, "cannot be measured: the account's equity is not known; use size.quote");
  }
  if (sized.figure === 'position') {
    return denied('position_missing', field, 'needs the present position, which is not known');
  }
  return denied('not_supported', field, 'is measured against a stop-loss, and there is none; give a stopLoss');
}

interface OrderParts {
  side: Side;
  terms: OrderTerms;
  amount: Amount;
  reference: Price | undefined;
  field: string;
}

/** The order of an amount that was measured, checked as the one order that it is. */
export function finish({ signal, figures, market, abilities }: PlanContext, parts: OrderParts): OrderPlan {
  const { side, terms, field, reference } = parts;
  const fitted = fitAmount(parts.amount, field, market);
  if (fitted.kind === 'refused') return denied(fitted.code, field, fitted.message);
  const { amount } = fitted;
  const notional = valueOrder({ side, amount, price: terms.price, reference, marketPrice: figures.price }, market);
  if (notional === undefined) {
    return denied('not_supported', 'symbol', `is ${market.symbol}, whose worth in ${market.quote} cannot be told`);
  }
  const tooSmall = belowNotional(worthOf(amount, reference, market) ?? notional, field, market);
  if (tooSmall !== undefined) return denied(tooSmall.code, field, tooSmall.message);
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
