/**
 * From what a signal asks for to what has to be ordered. Pure: whoever calls asks for the figures first, and one that is
 * missing denies. The policy, beside the roundings of size-order.ts and plan-orders-terms.ts:
 *
 * - what only makes a position smaller (`close`, `target: flat`, `reduceOnly`, a share of the position against its side) is
 *   reduce-only, never larger than the position, and reserves nothing;
 * - a position that the market would not take an order for, because it is below the smallest amount or on spot the smallest
 *   value, is dust: it counts as none but towards the size of a target, and closing it is done without an order. On contracts the smallest value does not
 *   bind orders that only reduce: whether it does is left to the venue;
 * - what is left of a position below the amount step stays where it is;
 * - a target with a size brings the position to that size by the difference. What it has too much of is given up at market,
 *   since the terms of the signal are those of what opens. A difference that the market would not take is none;
 * - a target against the position is two orders: all of the position at market, and what opens the other side;
 * - a percentage of equity is what the position is worth; leverage changes the margin for it and never the size;
 * - a percentage of a position that there is not needs no order.
 */
import type { Market, Side } from '../ports/market-data.ts';
import type { Signal } from '../signals/signal.ts';
import { refuseExitsOf } from './plan-orders-exits.ts';
import { openOrder } from './plan-orders-opening.ts';
import { reduceOrder } from './plan-orders-reducing.ts';
import { planTarget } from './plan-orders-target.ts';
import {
  denied,
  denyMissing,
  type FiguresNeeded,
  nothing,
  type OrderPlan,
  type OrdersPlan,
  type PlanContext,
  type PlanFigures,
  type SignalPlan,
  type SignedPosition,
} from './plan-orders-types.ts';

export type * from './plan-orders-types.ts';

const closes = ({ action, target }: Signal): boolean => action === 'close' || target === 'flat';

/** What has to be asked before the signal can be planned. */
export function figuresNeeded(signal: Signal, market: Market): FiguresNeeded {
  const { action, target, size, reduceOnly } = signal;
  if (action === 'cancel' || action === 'amend') return { price: false, position: false, equity: false };
  const share = size !== undefined && 'percentPosition' in size;
  return {
    price:
      closes(signal) || reduceOnly === true ? reducingNeedsPrice(signal, market) : openingNeedsPrice(signal, market),
    position: action === 'close' || target !== undefined || reduceOnly === true || share,
    equity: size !== undefined && ('percentEquity' in size || 'riskPercent' in size),
  };
}

function openingNeedsPrice({ action, target, price }: Signal, { kind }: Market): boolean {
  // A buying limit bounds what the order can cost; a selling one does not bound what it is worth.
  if (price === undefined) return true;
  // On spot, what a target has too much of is measured at the market's price.
  return !(action === 'buy' || (target === 'long' && kind !== 'spot'));
}

function reducingNeedsPrice({ size, price, triggerPrice }: Signal, market: Market): boolean {
  if (price !== undefined || triggerPrice !== undefined) return false;
  if (market.kind === 'spot' && market.notionalMin !== undefined) return true;
  if (size === undefined || 'percentPosition' in size || 'contracts' in size) return false;
  if ('percentEquity' in size || 'riskPercent' in size) return true;
  return market.contractType === 'inverse' ? 'base' in size : 'quote' in size;
}

/** Which side the order of a signal will have, given the position: where its price is to be asked for. `undefined` without one. */
export function sideWanted({ action, target }: Signal, position?: SignedPosition): Side | undefined {
  if (action === 'buy' || action === 'sell') return action;
  if (target === 'long') return 'buy';
  if (target === 'short') return 'sell';
  return action === 'close' || target === 'flat' ? sideAgainst(position) : undefined;
}

const sideAgainst = (position: SignedPosition | undefined): Side | undefined => {
  if (position === undefined || position.side === 'flat') return undefined;
  return position.side === 'long' ? 'sell' : 'buy';
};

/** What has to be ordered, in this market and with these figures, for the signal to be carried out. */
export function planOrders(
  signal: Signal,
  figures: PlanFigures,
  { market, abilities }: Pick<PlanContext, 'market' | 'abilities'>,
): OrdersPlan {
  const context: PlanContext = { signal, figures, market, abilities };
  const plan = planSignal(context);
  if (plan.kind === 'order') return { kind: 'orders', orders: [plan.order] };
  if (plan.kind !== 'denied') return plan;
  const { code, field, message } = plan;
  return { kind: 'denied', field, cause: { code, message: `${field} ${message}` } };
}

function planSignal(context: PlanContext): SignalPlan {
  const { signal, figures } = context;
  const { action, target, size } = signal;
  const wanted = target === undefined ? 'action' : 'target';
  if (action === 'cancel' || action === 'amend' || (action === undefined && target === undefined)) {
    return denied('not_supported', 'action', `${action ?? 'without any'} places no order`);
  }
  const share = size !== undefined && 'percentPosition' in size;
  if (action !== undefined && action !== 'close' && signal.reduceOnly !== true && !share)
    return openOrder(context, action);
  const { position } = figures;
  if (position === undefined) {
    const field = share ? 'size.percentPosition' : signal.reduceOnly === true ? 'reduceOnly' : wanted;
    return denyMissing('position', field);
  }
  if (target === 'long' || target === 'short') {
    if (share)
      return denied('not_supported', 'size.percentPosition', 'has no meaning with a target; give a size of its own');
    if (signal.reduceOnly !== true) return planTarget(context, { target, position });
    return denied('not_supported', 'reduceOnly', `has no meaning with target ${target}, which opens a position`);
  }
  const against = sideAgainst(position);
  if (against === undefined) return noPosition(context);
  if (action !== 'buy' && action !== 'sell') return reduceOrder(context, { side: against, position, field: wanted });
  if (action === against) {
    if (signal.exitPlan !== undefined) return refuseExitsOf(signal.exitPlan);
    const field = signal.reduceOnly === true ? 'reduceOnly' : 'size.percentPosition';
    return reduceOrder(context, { side: against, position, field });
  }
  return signal.reduceOnly === true ? noPosition(context) : openOrder(context, action);
}

function noPosition({ market, signal }: PlanContext): OrderPlan {
  if (signal.target === 'flat') return nothing('already_there', `there is no position in ${market.symbol}`);
  return nothing('no_position', `there is nothing of ${market.symbol} that a ${signal.action} could make smaller`);
}
