/** Changes of open orders: of their terms, or of their quantity alone, which keeps their place in the queue. */
import type { Admission } from './admission.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import type { ChangeLog } from './change-log.ts';
import { ceilBalance, type Decimal, smaller, zero } from './decimal.ts';
import type { MarketState } from './market-state.ts';
import type { Matcher } from './matcher.ts';
import { atDistance, limitAt } from './trailing.ts';
import type { Distance, Exits, Instrument, Order, PlaceResult, Trigger } from './types.ts';

/** What can be changed in an open order. */
export interface Amendment {
  readonly price?: Decimal | undefined;
  readonly quantity?: Decimal | undefined;
  readonly triggerPrice?: Decimal | undefined;
  /** How far a trailing trigger stays behind. */
  readonly trailingOffset?: Distance | undefined;
  readonly displayQuantity?: Decimal | undefined;
  readonly exits?: Exits | undefined;
}

export interface AmendmentsOptions {
  changes: ChangeLog;
  matcher: Matcher;
  nowMs(): number;
  bookkeepingOf(instrument: Instrument): Bookkeeping;
  admission: Admission;
}

export class Amendments {
  readonly #options: AmendmentsOptions;

  constructor(options: AmendmentsOptions) {
    this.#options = options;
  }

  /** The order goes to the end of its queue; refused, it stays as it was. @throws Error when the quantity has traded already. */
  amend(order: Order, market: MarketState, change: Amendment): PlaceResult {
    const { changes, matcher, nowMs, bookkeepingOf, admission } = this.#options;
    if (order.list !== undefined) throw new Error(`order ${order.id} is in a list and can only be made smaller`);
    const fields = amendedFields(order, change, market.instrument);
    const remaining = requireAbove(order, fields.quantity);
    const reserved = order.reserved;
    bookkeepingOf(market.instrument).release(order, market.instrument, reserved);
    const { trigger, ...terms } = { ...order, ...fields, quantity: remaining };
    const waits = order.status === 'pending' && trigger !== undefined;
    const verdict = admission.judgeTerms(waits ? { ...terms, trigger } : terms, market);
    if (typeof verdict === 'string') {
      matcher.reserve(order, market.instrument, reserved);
      return { ok: false, reason: verdict };
    }
    matcher.leave(order, market);
    Object.assign(order, fields, { updatedAtMs: nowMs(), amendments: (order.amendments ?? 0) + 1 });
    order.quantity = order.executed.plus(verdict.quantity);
    matcher.reserve(order, market.instrument, verdict.reserve);
    changes.note('amended', order);
    if (order.status === 'pending') market.triggers.add(order);
    else matcher.work(order, market);
    return { ok: true, order: { ...order } };
  }

  /** Makes orders smaller where they stand, all to the same quantity. @throws Error when that has traded or is not less. */
  reduce(orders: readonly Order[], market: MarketState, quantity: Decimal): void {
    const { changes, nowMs } = this.#options;
    for (const order of orders) {
      const remaining = requireAbove(order, quantity);
      if (quantity.gte(order.quantity)) throw new Error(`order ${order.id} is no larger than ${quantity}`);
      this.#releaseShare(order, market, remaining);
      order.quantity = quantity;
      order.updatedAtMs = nowMs();
      order.amendments = (order.amendments ?? 0) + 1;
      if (order.displayQuantity !== undefined) order.displayQuantity = smaller(order.displayQuantity, quantity);
      const resting = market.resting.get(order.id);
      if (resting !== undefined) market.book.shrink(resting, remaining);
      changes.note('amended', order);
    }
  }

  /** Rounded so that what stays is never less than what is still needed. */
  #releaseShare(order: Order, { instrument }: MarketState, remaining: Decimal): void {
    const before = order.quantity.minus(order.executed);
    const needed = ceilBalance(order.reserved.times(remaining).div(before));
    if (needed.lt(order.reserved)) {
      this.#options.bookkeepingOf(instrument).release(order, instrument, order.reserved.minus(needed));
    }
  }
}

/** What is left of an order at a new quantity. */
function requireAbove(order: Order, quantity: Decimal): Decimal {
  const remaining = quantity.minus(order.executed);
  if (remaining.lte(zero)) throw new Error(`order ${order.id} has traded ${order.executed} already`);
  return remaining;
}

function amendedFields(
  order: Order,
  change: Amendment,
  instrument: Instrument,
): Partial<Order> & { quantity: Decimal } {
  const { price, quantity, displayQuantity, exits } = change;
  const trigger = amendedTrigger(order, change);
  return {
    ...(trigger !== undefined && { trigger, ...limitAt(trigger, instrument.tickSize) }),
    ...(price !== undefined && { price }),
    ...(displayQuantity !== undefined && { displayQuantity }),
    ...(exits !== undefined && { exits }),
    quantity: quantity ?? order.quantity,
  };
}

function amendedTrigger({ side, trigger }: Order, { triggerPrice, trailingOffset }: Amendment): Trigger | undefined {
  if (trigger === undefined) return undefined;
  if (trailingOffset !== undefined) return atDistance(side, trigger, trailingOffset);
  return triggerPrice === undefined ? undefined : { ...trigger, price: triggerPrice };
}
