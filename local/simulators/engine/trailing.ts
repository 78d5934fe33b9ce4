/** Triggers that follow the market: at a distance behind the best last price, never back. */
import { type Decimal, floorToStep } from './decimal.ts';
import type { MarketState } from './market-state.ts';
import type { Distance, Order, OrderRequest, Side, Trailing, Trigger } from './types.ts';

/** What a trailing request starts with: a trigger where the market puts it now; `undefined` when nobody knows where. */
export function withTrailing(
  request: OrderRequest,
  { tape, instrument }: MarketState,
  nowMs: number,
): OrderRequest | undefined {
  const { trigger, side } = request;
  if (trigger?.trailing === undefined || trigger.trailing.best !== undefined) return request;
  const last = tape.lastPrice;
  const from = trigger.trailing.activation?.price ?? last;
  if (from === undefined) return undefined;
  const waiting = { ...trigger, price: behind(side, trigger.trailing.offset, from) };
  const started = (last === undefined ? undefined : followed(side, waiting, { last, atMs: nowMs })) ?? waiting;
  return { ...request, trigger: started, ...limitAt(started, instrument.tickSize) };
}

/** Lets a waiting order follow a trade. Answers whether that changed it. */
export function follow(order: Order, last: Decimal, { tickSize, atMs }: { tickSize: Decimal; atMs: number }): boolean {
  const trigger = order.trigger === undefined ? undefined : followed(order.side, order.trigger, { last, atMs });
  if (trigger === undefined) return false;
  order.trigger = trigger;
  const { price } = limitAt(trigger, tickSize);
  // A buy must never cost more than was set aside for it when it came.
  if (price !== undefined && (order.side === 'sell' || order.price?.gt(price) === true)) order.price = price;
  return true;
}

/** The same trigger at another distance from the best price that it has seen, or from where it begins to follow. */
export function atDistance(side: Side, trigger: Trigger, offset: Distance): Trigger {
  const { trailing, price } = trigger;
  if (trailing === undefined) return trigger;
  const from = trailing.best ?? trailing.activation?.price;
  return {
    ...trigger,
    price: from === undefined ? price : behind(side, offset, from),
    trailing: { ...trailing, offset },
  };
}

/** The limit price that belongs to a trailing trigger, on a tick; empty when it has none of that kind. */
export function limitAt({ price, trailing }: Trigger, tickSize: Decimal): { price?: Decimal } {
  if (trailing?.limit === undefined) return {};
  return { price: floorToStep(price.plus(distanceAt(trailing.limit, price)), tickSize) };
}

function followed(side: Side, trigger: Trigger, { last, atMs }: { last: Decimal; atMs: number }): Trigger | undefined {
  const { trailing } = trigger;
  if (trailing === undefined || !improves(side, trailing, last)) return undefined;
  const next: Trailing = { ...trailing, best: last, activeAtMs: trailing.activeAtMs ?? atMs };
  return { ...trigger, price: behind(side, trailing.offset, last), trailing: next };
}

function improves(side: Side, { best, activation }: Trailing, last: Decimal): boolean {
  if (best !== undefined) return side === 'sell' ? last.gt(best) : last.lt(best);
  if (activation === undefined) return true;
  return activation.when === 'at-or-above' ? last.gte(activation.price) : last.lte(activation.price);
}

function behind(side: Side, offset: Distance, from: Decimal): Decimal {
  const distance = distanceAt(offset, from);
  return side === 'sell' ? from.minus(distance) : from.plus(distance);
}

function distanceAt({ amount, unit }: Distance, from: Decimal): Decimal {
  return unit === 'share' ? from.times(amount) : amount;
}
