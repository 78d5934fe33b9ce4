/** One instrument's book, everything that waits beside it, and the questions the matcher asks about it. */
import { crosses, OrderBook, type Resting } from './book.ts';
import { type Decimal, floorToStep, zero } from './decimal.ts';
import { Tape } from './tape.ts';
import { type Instrument, type Order, opposite, type Side, type Trigger } from './types.ts';

export interface MarketState {
  readonly instrument: Instrument;
  readonly book: OrderBook;
  readonly tape: Tape;
  readonly resting: Map<number, Resting>;
  /** Orders whose trigger has not fired. */
  readonly triggers: Set<Order>;
  /** Orders that wait for their next portion. */
  readonly sliced: Set<Order>;
  /** What positions are valued by; absent where the venue has none. */
  markPrice(): Decimal | undefined;
}

/** Ids start at the time of their making, so that they keep rising over restarts without being stored. */
const updateIdsPerMs = 100;
const tradeIdEpochMs = Date.UTC(2020, 0, 1);

export function createMarketState(
  instrument: Instrument,
  nowMs: number,
  markPrice: () => Decimal | undefined = () => undefined,
): MarketState {
  const wholeMs = Math.floor(nowMs);
  return {
    instrument,
    book: new OrderBook(wholeMs * updateIdsPerMs),
    tape: new Tape(Math.max(wholeMs - tradeIdEpochMs, 1)),
    resting: new Map(),
    triggers: new Set(),
    sliced: new Set(),
    markPrice,
  };
}

/** The order that trades next on a side. */
export function firstResting(market: MarketState, side: Side): Resting | undefined {
  return market.book.best(side)?.queue[0];
}

/** Whether the price that a trigger watches has reached it. */
export function fires(trigger: Trigger, market: MarketState): boolean {
  if (trigger.trailing !== undefined && trigger.trailing.best === undefined) return false;
  const price = trigger.by === 'mark' ? market.markPrice() : market.tape.lastPrice;
  if (price === undefined) return false;
  return trigger.when === 'at-or-above' ? price.gte(trigger.price) : price.lte(trigger.price);
}

/** The waiting order that the market has set off. */
export function dueTrigger(market: MarketState): Order | undefined {
  for (const order of market.triggers) {
    if (order.trigger !== undefined && fires(order.trigger, market)) return order;
  }
  return undefined;
}

/** How much an order still wants at a price, in the base asset. */
export function wantedQuantity(order: Order, instrument: Instrument, price: Decimal): Decimal {
  if (order.quoteQuantity === undefined) return order.quantity.minus(order.executed);
  return floorToStep(order.quoteQuantity.minus(order.executedQuote).div(price), instrument.stepSize);
}

/** The most a sliced order may trade now; never less than one step, so that it ends. */
export function portionOf(order: Order, instrument: Instrument): Decimal | undefined {
  if (order.slicing === undefined) return undefined;
  const portion = floorToStep(order.quantity.times(order.slicing.ratio), instrument.stepSize);
  return portion.gt(zero) ? portion : instrument.stepSize;
}

/** Whether an order could trade with the book as it is. */
export function isCrossing(order: Order, market: MarketState): boolean {
  const best = market.book.best(opposite(order.side));
  if (best === undefined) return false;
  if (order.price !== undefined) return crosses(opposite(order.side), best.price, order.price);
  return wantedQuantity(order, market.instrument, best.price).gt(zero);
}

/** Whether the book holds all that an order still wants. */
export function canFill(order: Order, market: MarketState): boolean {
  const wanted = order.quantity.minus(order.executed);
  const appetite = { limitPrice: order.price, quantity: wanted };
  return market.book.estimate(opposite(order.side), appetite).quantity.gte(wanted);
}
