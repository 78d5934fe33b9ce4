/** The life of an order in the market: trading by price and time, resting, ending. */
import { crosses, type Resting } from './book.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import type { ChangeLog } from './change-log.ts';
import { type Decimal, floorBalance, smaller, zero } from './decimal.ts';
import type { Ledger } from './ledger.ts';
import {
  canFill,
  dueTrigger,
  firstResting,
  isCrossing,
  type MarketState,
  portionOf,
  wantedQuantity,
} from './market-state.ts';
import type { OrderIndex } from './order-index.ts';
import { follow } from './trailing.ts';
import {
  type EndReason,
  type Fill,
  type Instrument,
  isOpen,
  type Order,
  type OrderRequest,
  opposite,
  type Side,
  type Trade,
} from './types.ts';

export interface MatcherOptions {
  ledger: Ledger;
  orders: OrderIndex;
  changes: ChangeLog;
  nowMs(): number;
  /** Share that maker and taker pay where the instrument does not say otherwise. */
  feeRate: Decimal;
  bookkeepingOf(instrument: Instrument): Bookkeeping;
  /** Told of each order that is about to trade. */
  onTrade(order: Order): void;
  /** Told of each trade of an order once all of it is booked. */
  onFill(order: Order, fill: Fill): void;
  /** Told of each order whose trigger has fired, before it trades. */
  onTrigger(order: Order, market: MarketState): void;
  /** Fault: until when the venue shall pretend that a fill of this order has not happened. */
  hideFillUntilMs?: ((order: Readonly<Order>) => number | undefined) | undefined;
}

/** How an order ends that has not traded all of its quantity. */
export interface Ending {
  status: 'canceled' | 'expired';
  /** Absent where the customer wished it, or the order's own terms. */
  reason?: EndReason;
}

/** What the market maker takes. */
export interface HouseAppetite {
  readonly side: Side;
  readonly limitPrice: Decimal;
  readonly quantity?: Decimal;
  /** Leaves the orders that this triggers waiting until `fireTriggers`, because quotes are missing for the moment. */
  readonly holdsTriggers?: boolean;
}

/** One side of a trade; the market maker has no order. */
interface Party {
  order: Order | undefined;
  side: Side;
  isMaker: boolean;
}

export class Matcher {
  readonly #options: MatcherOptions;

  constructor(options: MatcherOptions) {
    this.#options = options;
  }

  /** Trades what can trade now, then lets the order rest, wait for its next portion, or end. */
  work(order: Order, market: MarketState): void {
    if (order.postOnly === true && isCrossing(order, market)) {
      this.end(order, market, { status: 'canceled', reason: 'would-take' });
      return;
    }
    if (order.timeInForce === 'fill-or-kill' && !canFill(order, market)) {
      this.end(order, market, { status: 'expired' });
      return;
    }
    this.#match(order, market, portionOf(order, market.instrument));
    if (!isOpen(order)) return;
    if (order.slicing !== undefined && isCrossing(order, market)) {
      order.nextSliceAtMs = this.#options.nowMs() + order.slicing.everyMs;
      market.sliced.add(order);
    } else if (order.execution === 'market' || order.timeInForce !== 'good-till-canceled') {
      this.end(order, market, { status: 'expired' });
    } else {
      this.rest(order, market);
    }
  }

  /** Lets the market maker take what rests on the other side, up to a price and an amount. */
  takeForHouse(market: MarketState, appetite: HouseAppetite): void {
    const makerSide = opposite(appetite.side);
    let left = appetite.quantity;
    for (let maker = firstResting(market, makerSide); maker !== undefined; maker = firstResting(market, makerSide)) {
      if (!crosses(makerSide, maker.price, appetite.limitPrice)) return;
      const quantity = left === undefined ? maker.visible : smaller(left, maker.visible);
      if (quantity.lte(zero)) return;
      this.#trade(market, maker, { order: undefined, side: appetite.side, quantity });
      left = left?.minus(quantity);
    }
  }

  /** Sets the waiting orders going that the last trades have triggered, which may trigger more. */
  fireTriggers(market: MarketState): void {
    for (let order = dueTrigger(market); order !== undefined; order = dueTrigger(market)) this.fire(order, market);
  }

  /** Sets a waiting order going, wherever the market is. */
  fire(order: Order, market: MarketState): void {
    market.triggers.delete(order);
    order.status = 'open';
    order.workingAtMs = this.#options.nowMs();
    order.updatedAtMs = order.workingAtMs;
    this.#options.changes.note('triggered', order);
    this.#options.onTrigger(order, market);
    const refusal = order.reservesWhenTriggered === true ? this.#reserve(order, market) : undefined;
    if (refusal === undefined) this.work(order, market);
    else this.end(order, market, { status: 'canceled', reason: refusal });
  }

  /** Fault: lets the market maker take part of a resting order at its price, whoever stands before it. */
  takeResting(market: MarketState, resting: Resting, quantity: Decimal): void {
    this.#trade(market, resting, { order: undefined, side: opposite(resting.side), quantity });
  }

  /** Sets aside at last what an order needs that waited without; says why it can not. */
  #reserve(order: Order, market: MarketState): EndReason | undefined {
    const { trigger: _, ...request } = order;
    const funds = this.#options.bookkeepingOf(market.instrument).fundsFor(request satisfies OrderRequest, market);
    if (typeof funds === 'string') return funds;
    order.quantity = funds.quantity;
    this.reserve(order, market.instrument, funds.reserve);
    return undefined;
  }

  reserve(order: Order, instrument: Instrument, amount: Decimal): void {
    const asset = this.#options.bookkeepingOf(instrument).reserveAsset(order, instrument);
    this.#options.ledger.hold(order.accountId, asset, amount);
    order.reserved = order.reserved.plus(amount);
  }

  /** Puts an order's remainder into the book. @throws Error when it has no price. */
  rest(order: Order, market: MarketState): void {
    if (order.price === undefined) throw new Error(`order ${order.id} has no price and cannot rest`);
    const remaining = order.quantity.minus(order.executed);
    const visible = order.displayQuantity === undefined ? remaining : smaller(order.displayQuantity, remaining);
    const { side, price, displayQuantity } = order;
    const resting: Resting = { side, price, remaining, visible, displayQuantity, order };
    market.resting.set(order.id, resting);
    market.book.add(resting);
  }

  end(order: Order, market: MarketState, { status, reason }: Ending): void {
    order.status = status;
    if (reason !== undefined) order.endReason = reason;
    order.updatedAtMs = this.#options.nowMs();
    this.leave(order, market);
    this.#options.orders.refresh(order);
    this.#options.changes.note(status, order);
  }

  #match(order: Order, market: MarketState, portion: Decimal | undefined): void {
    const makerSide = opposite(order.side);
    let left = portion;
    for (let maker = firstResting(market, makerSide); maker !== undefined; maker = firstResting(market, makerSide)) {
      if (order.price !== undefined && !crosses(makerSide, maker.price, order.price)) return;
      let quantity = smaller(maker.visible, wantedQuantity(order, market.instrument, maker.price));
      if (left !== undefined) quantity = smaller(quantity, left);
      const { instrument } = market;
      const tradable = this.#options.bookkeepingOf(instrument).tradable(order, { instrument, price: maker.price });
      if (tradable !== undefined) quantity = smaller(quantity, tradable);
      if (quantity.lte(zero)) return;
      this.#trade(market, maker, { order, side: order.side, quantity });
      left = left?.minus(quantity);
      if (!isOpen(order)) return;
    }
  }

  #trade(
    market: MarketState,
    maker: Resting,
    taker: { order: Order | undefined; side: Side; quantity: Decimal },
  ): void {
    const { quantity } = taker;
    const { price, order: makerOrder } = maker;
    const trade: Trade = {
      id: market.tape.takeTradeId(),
      instrumentId: market.instrument.id,
      price,
      quantity,
      quote: floorBalance(price.times(quantity)),
      atMs: this.#options.nowMs(),
      takerSide: taker.side,
    };
    market.tape.append(trade);
    this.#options.changes.tell({ type: 'trade', trade });
    this.#followTrade(market, trade);
    market.book.reduce(maker, quantity);
    // The market maker trading with itself is only a print on the tape: no coins move.
    if (taker.order === undefined && makerOrder === undefined) return;
    for (const order of [taker.order, makerOrder]) if (order !== undefined) this.#options.onTrade(order);
    const fills = [
      this.#settle(market, trade, { order: taker.order, side: taker.side, isMaker: false }),
      this.#settle(market, trade, { order: makerOrder, side: maker.side, isMaker: true }),
    ];
    // Only now, since what follows from one side may end the order of the other.
    for (const booked of fills) if (booked !== undefined) this.#options.onFill(booked.order, booked.fill);
  }

  #followTrade(market: MarketState, { price, atMs }: Trade): void {
    const { tickSize } = market.instrument;
    for (const order of market.triggers) {
      if (follow(order, price, { tickSize, atMs })) this.#options.changes.keep(order);
    }
  }

  #settle(
    market: MarketState,
    trade: Trade,
    { order, side, isMaker }: Party,
  ): { order: Order; fill: Fill } | undefined {
    const { instrument } = market;
    const { bookkeepingOf, changes } = this.#options;
    const { price, quantity, quote } = trade;
    const feeRate = instrument.fees?.[isMaker ? 'maker' : 'taker'] ?? this.#options.feeRate;
    const paid = bookkeepingOf(instrument).settle({ order, side, instrument, price, quantity, quote, feeRate });
    if (order === undefined) return undefined;
    const hiddenUntilMs = this.#options.hideFillUntilMs?.(order);
    const hidden = hiddenUntilMs === undefined ? {} : { hiddenUntilMs };
    const fill: Fill = { tradeId: trade.id, price, quantity, quote, ...paid, atMs: trade.atMs, isMaker, ...hidden };
    order.fills = [...order.fills, fill];
    order.executed = order.executed.plus(quantity);
    order.executedQuote = order.executedQuote.plus(quote);
    order.updatedAtMs = trade.atMs;
    order.status = 'partial';
    if (wantedQuantity(order, instrument, price).lte(zero)) {
      // An order for a quote amount is done once no further step of the base asset fits into that amount.
      order.quantity = order.executed;
      order.status = 'filled';
      this.leave(order, market);
      this.#options.orders.refresh(order);
    }
    changes.note('traded', order, fill);
    return { order, fill };
  }

  /** Takes an order out of every place where it waits and gives back its reserve. */
  leave(order: Order, market: MarketState): void {
    const resting = market.resting.get(order.id);
    if (resting !== undefined) market.book.remove(resting);
    market.resting.delete(order.id);
    market.triggers.delete(order);
    market.sliced.delete(order);
    delete order.nextSliceAtMs;
    this.#options.bookkeepingOf(market.instrument).release(order, market.instrument, order.reserved);
  }
}
