/** Plans what brings a position to where a signal wants to see it. */
import { type Amount, compare, isNegative, roundToStep, subtract } from '../money.ts';
import type { Side } from '../ports/market-data.ts';
import { finish, openOrder, planOpening } from './plan-orders-opening.ts';
import { atMarket, isDust, reduceOrder } from './plan-orders-reducing.ts';
import { hasTrigger } from './plan-orders-terms.ts';
import {
  denied,
  nothing,
  type OrderPlan,
  type PlanContext,
  type SignalPlan,
  type SignedPosition,
} from './plan-orders-types.ts';

interface Target {
  target: 'long' | 'short';
  position: SignedPosition;
}

export function planTarget(context: PlanContext, { target, position }: Target): SignalPlan {
  const { signal, market, figures } = context;
  if (target === 'short' && market.kind === 'spot') {
    return denied('not_supported', 'target', `cannot be short: ${market.symbol} is spot, which cannot be sold short`);
  }
  const side: Side = target === 'long' ? 'buy' : 'sell';
  // Dust counts towards the size that is wanted, so that two signals in a row do not open it twice.
  if (position.side === target && signal.size !== undefined) return adjust(context, { side, position });
  if (isDust(position, market, figures.price)) return openOrder(context, side);
  if (position.side !== target) return reverse(context, { side, position });
  return nothing('already_there', `the position in ${market.symbol} is ${target} already`);
}

interface Bringing {
  /** Of the position that is wanted. */
  side: Side;
  position: SignedPosition;
}

/** From one side to the other: what is there is closed at market before anything is opened. */
function reverse(context: PlanContext, { side, position }: Bringing): SignalPlan {
  const { signal } = context;
  if (hasTrigger(signal)) {
    const message = `cannot be ${signal.type} while the position is ${position.side}: it would be closed at once; close it first`;
    return denied('not_supported', 'type', message);
  }
  const entry = openOrder(context, side);
  if (entry.kind !== 'order') return entry;
  const reduction = reduceOrder(context, { side, position, field: 'target', terms: atMarket, role: 'reduce' });
  if (reduction.kind !== 'order') return reduction;
  return { kind: 'orders', orders: [reduction.order, entry.order] };
}

/** On the side it is on: by the difference. */
function adjust(context: PlanContext, { side, position }: Bringing): OrderPlan {
  const { market } = context;
  const wanted = planOpening(context, side);
  if (wanted.kind === 'denied') return wanted;
  const difference = roundToStep(subtract(wanted.amount, position.amount), market.amountStep, 'down');
  if (compare(difference, '0') === 0) return there(context, position.amount);
  if (isNegative(difference)) {
    const against: Side = side === 'buy' ? 'sell' : 'buy';
    const surplus = subtract(position.amount, wanted.amount);
    const reduction = reduceOrder(context, {
      ...{ side: against, position, field: 'target', terms: atMarket },
      size: market.contractType === 'inverse' ? { contracts: surplus } : { base: surplus },
    });
    if (tooSmall(reduction)) return there(context, position.amount);
    // What is given up is measured in the unit of the market, which the signal may not have named.
    return reduction.kind === 'denied' ? { ...reduction, field: wanted.field } : reduction;
  }
  const addition = finish(context, { ...wanted, side, amount: difference });
  return tooSmall(addition) ? there(context, position.amount) : addition;
}

const tooSmall = (plan: OrderPlan): boolean =>
  plan.kind === 'denied' && (plan.code === 'amount_below_minimum' || plan.code === 'notional_below_minimum');

const there = ({ market }: PlanContext, held: Amount): OrderPlan =>
  nothing('already_there', `${held} of ${market.symbol} is as close to what is wanted as the market allows`);
