/** Plans an order that only makes a position smaller. */
import { type Amount, compare, isPositive, minimum, type Price, roundToStep, zeroNotional } from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type { OrderTerms } from '../ports/venue.ts';
import type { SignalSize } from '../signals/signal.ts';
import { chooseHandling, roundTerms, showingPart } from './plan-orders-terms.ts';
import {
  denied,
  denyMissing,
  nothing,
  type OrderPlan,
  type PlanContext,
  type PlanDenial,
  type PlannedOrder,
  type SignedPosition,
} from './plan-orders-types.ts';
import { belowNotional, fitAmount, smallestAmountOf, unitNameOf, worthOf } from './size-order.ts';
import { fieldOf, measureSize } from './size-order-units.ts';

export interface Reduction {
  /** Against the position. */
  side: Side;
  position: SignedPosition;
  /** The signal's field that asks for it. */
  field: string;
  /** Absent is what the signal says; all of the position where it says nothing. */
  size?: SignalSize;
  /** Absent is what the signal says. */
  terms?: OrderTerms;
  role?: PlannedOrder['role'];
}

/** What a position is closed with where the terms of the signal are those of what opens. */
export const atMarket: OrderTerms = { type: 'market' };

export function reduceOrder(context: PlanContext, reduction: Reduction): OrderPlan {
  const { signal, market, figures, abilities } = context;
  const { side, position, field, role = 'entry' } = reduction;
  const rounded = roundTerms(reduction.terms ?? signal, { side, reduces: true, market });
  if (rounded.kind === 'denied') return rounded;
  const { price, triggerPrice } = rounded.terms;
  const reference = price ?? triggerPrice ?? figures.price;
  const size = reduction.size ?? (reduction.terms === undefined ? signal.size : undefined);
  const wanted = size === undefined ? position.amount : amountOf(size, { context, position, reference });
  if (typeof wanted === 'object') return wanted;
  const sizeField = size === undefined ? field : fieldOf(size);
  const whole = compare(wanted, position.amount) >= 0;
  const fitted = fitAmount(minimum(wanted, position.amount), sizeField, market);
  if (fitted.kind === 'refused') {
    const dust = whole && fitted.code === 'amount_below_minimum';
    return dust ? tooSmallToClose(position, market) : denied(fitted.code, sizeField, fitted.message);
  }
  const { amount } = fitted;
  if (market.kind === 'spot' && market.notionalMin !== undefined) {
    const worth = worthOf(amount, reference, market);
    if (worth === undefined) return denyMissing('price', sizeField);
    const tooSmall = belowNotional(worth, sizeField, market);
    if (tooSmall !== undefined && whole) return tooSmallToClose(position, market);
    if (tooSmall !== undefined) return denied(tooSmall.code, sizeField, tooSmall.message);
  }
  const terms = showingPart(rounded.terms, amount);
  const handled = chooseHandling(terms, { market, abilities, asked: { reduceOnly: field } });
  if (handled.kind === 'denied') return handled;
  const order: PlannedOrder = {
    ...{ role, side, amount, terms, notional: zeroNotional },
    ...(handled.handling && { handling: handled.handling }),
  };
  return { kind: 'order', order };
}

interface Measuring {
  context: PlanContext;
  position: SignedPosition;
  reference: Price | undefined;
}

function amountOf(size: SignalSize, { context, position, reference }: Measuring): Amount | PlanDenial {
  const { figures, market } = context;
  const field = fieldOf(size);
  const basis = { price: reference, equity: figures.equity, position: position.amount };
  const measured = measureSize(size, basis, market);
  if (measured.kind === 'measured') return measured.amount;
  if (measured.kind === 'unsupported') return denied('not_supported', field, measured.message);
  return denyMissing(measured.figure, field);
}

const tooSmallToClose = ({ amount }: SignedPosition, market: Market): OrderPlan =>
  nothing(
    'position_too_small',
    `the position is ${amount} ${unitNameOf(market)}, less than ${market.symbol} takes an order for`,
  );

/** True for a position that the market would take no order for. On spot its value counts too, where the price is known. */
export function isDust({ side, amount }: SignedPosition, market: Market, price: Price | undefined): boolean {
  if (side === 'flat') return true;
  const closable = roundToStep(amount, market.amountStep, 'down');
  if (!isPositive(closable) || compare(closable, smallestAmountOf(market)) < 0) return true;
  const worth = market.kind === 'spot' ? worthOf(closable, price, market) : undefined;
  return worth !== undefined && belowNotional(worth, 'size', market) !== undefined;
}
