/** Price-time matching over all instruments: one command at a time, each stored before anybody hears of it. */
import { crosses } from './book.ts';
import { Bookings } from './bookings.ts';
import type { Bookkeeping, OrderFunds } from './bookkeeping.ts';
import { ChangeLog } from './change-log.ts';
import { type Decimal, zero } from './decimal.ts';
import { ExitKeeper } from './exits.ts';
import { Ledger } from './ledger.ts';
import { createMarketState, fires, type MarketState } from './market-state.ts';
import { Matcher } from './matcher.ts';
import { OrderIndex } from './order-index.ts';
import { Perpetuals } from './perpetuals.ts';
import { PositionBook } from './position-book.ts';
import { restoreInto } from './restore.ts';
import { CoinBook } from './settlement.ts';
import type { EngineStore } from './store.ts';
import {
  type Booking,
  type EngineEvent,
  type Exits,
  type Instrument,
  isOpen,
  type Order,
  type OrderRequest,
  opposite,
  type PlaceResult,
  type RejectReason,
  type Side,
} from './types.ts';

export interface MatchingEngineOptions {
  instruments: ReadonlyMap<string, Instrument>;
  nowMs(): number;
  /** Share of what is received that maker and taker pay where the instrument does not say otherwise. */
  feeRate: Decimal;
  store: EngineStore;
  onEvent(event: EngineEvent): void;
  /** What positions are valued by; absent takes the last trade's price. */
  markPrice?(instrumentId: string): Decimal;
  /** Fault: until when the venue shall pretend that a fill of this order has not happened. */
  hideFillUntilMs?(order: Readonly<Order>): number | undefined;
}

/** What can be changed in an open order. */
export interface Amendment {
  readonly price?: Decimal | undefined;
  readonly quantity?: Decimal | undefined;
  readonly triggerPrice?: Decimal | undefined;
  readonly exits?: Exits | undefined;
}

const firstOrderId = 100_000_001;

export class MatchingEngine {
  readonly ledger = new Ledger();
  readonly orders = new OrderIndex();
  readonly bookings = new Bookings();
  readonly positions: PositionBook;
  readonly perpetuals: Perpetuals;
  readonly #options: MatchingEngineOptions;
  readonly #changes: ChangeLog;
  readonly #coins: CoinBook;
  readonly #matcher: Matcher;
  readonly #exits: ExitKeeper;
  readonly #markets = new Map<string, MarketState>();
  #nextOrderId = firstOrderId;

  constructor(options: MatchingEngineOptions) {
    this.#options = options;
    const { ledger, orders } = this;
    const { nowMs, feeRate, store, onEvent, hideFillUntilMs } = options;
    const changes = new ChangeLog({ ledger, store, onEvent });
    const positions = new PositionBook({ ledger, changes, nowMs, marketOf: (id) => this.market(id) });
    const matcher = new Matcher({
      ...{ ledger, orders, changes, nowMs, feeRate, hideFillUntilMs },
      bookkeepingOf: (instrument) => this.#bookkeepingOf(instrument),
      onFill: (order, fill) => this.#exits.afterFill(order, fill, this.market(order.instrumentId)),
      onTrigger: (order, market) => this.#exits.afterTrigger(order, market),
    });
    const wait = (request: OrderRequest, market: MarketState) => this.#wait(request, market);
    this.#changes = changes;
    this.#coins = new CoinBook(ledger, feeRate);
    this.positions = positions;
    this.#matcher = matcher;
    this.#exits = new ExitKeeper({ orders, positions, changes, matcher, nowMs, wait });
    this.perpetuals = new Perpetuals({
      ...{ positions, bookings: this.bookings, changes, exits: this.#exits, nowMs },
      marketOf: (id) => this.market(id),
      finish: (market) => this.#finish(market),
    });
    this.#restore();
  }

  /** The market of an instrument, made on first use. @throws Error for an unknown instrument. */
  market(instrumentId: string): MarketState {
    const existing = this.#markets.get(instrumentId);
    if (existing !== undefined) return existing;
    const instrument = this.#options.instruments.get(instrumentId);
    if (instrument === undefined) throw new Error(`no instrument ${instrumentId} in this engine`);
    const { nowMs, markPrice } = this.#options;
    const market = createMarketState(instrument, nowMs(), () => markPrice?.(instrumentId));
    this.#markets.set(instrumentId, market);
    return market;
  }

  /** The markets that somebody has used. */
  markets(): IterableIterator<MarketState> {
    return this.#markets.values();
  }

  /** Accepts and matches an order, or says why not; nothing has changed then. */
  place(request: OrderRequest): PlaceResult {
    const market = this.market(request.instrumentId);
    const verdict = this.#judge(request, market);
    if (typeof verdict === 'string') return { ok: false, reason: verdict };
    const order = this.#accept(request, verdict, market);
    this.#changes.note('accepted', order);
    if (order.trigger === undefined) this.#matcher.work(order, market);
    else market.triggers.add(order);
    this.#finish(market);
    return { ok: true, order: { ...order } };
  }

  /**
   * Changes an open order, which goes to the end of its queue; refused, it stays as it was.
   *
   * @throws Error when it is not open or the quantity has traded already: ask first.
   */
  amend(orderId: number, change: Amendment): PlaceResult {
    const order = this.#openOrder(orderId);
    const market = this.market(order.instrumentId);
    const amended = { ...order, ...amendedFields(order, change) };
    const remaining = amended.quantity.minus(order.executed);
    if (remaining.lte(zero)) throw new Error(`order ${orderId} has traded ${order.executed} already`);
    const books = this.#bookkeepingOf(market.instrument);
    const reserved = order.reserved;
    books.release(order, market.instrument, reserved);
    const { trigger, ...terms } = { ...amended, quantity: remaining };
    const waits = order.status === 'pending' && trigger !== undefined;
    const verdict = this.#judgeTerms(waits ? { ...terms, trigger } : terms, market);
    if (typeof verdict === 'string') {
      this.#matcher.reserve(order, market.instrument, reserved);
      return { ok: false, reason: verdict };
    }
    this.#matcher.leave(order, market);
    Object.assign(order, amendedFields(order, change), { updatedAtMs: this.#options.nowMs() });
    order.quantity = order.executed.plus(verdict.quantity);
    this.#matcher.reserve(order, market.instrument, verdict.reserve);
    this.#changes.note('amended', order);
    if (order.status === 'pending') market.triggers.add(order);
    else this.#matcher.work(order, market);
    this.#finish(market);
    return { ok: true, order: { ...order } };
  }

  /** Whether an order would be accepted now. */
  test(request: OrderRequest): RejectReason | undefined {
    const verdict = this.#judge(request, this.market(request.instrumentId));
    return typeof verdict === 'string' ? verdict : undefined;
  }

  /** Takes an open order out of the market. @throws Error when it is not open: ask first. */
  cancel(orderId: number): Readonly<Order> {
    const order = this.#openOrder(orderId);
    const market = this.market(order.instrumentId);
    this.#matcher.end(order, market, { status: 'canceled' });
    this.#finish(market);
    return { ...order };
  }

  /** A deposit (positive) or a withdrawal. @throws Error when a withdrawal exceeds what is free. */
  transfer(accountId: string, asset: string, delta: Decimal): void {
    this.ledger.credit(accountId, asset, delta);
    this.#changes.tell({ type: 'transfer', accountId, asset, delta });
    const atMs = this.#options.nowMs();
    const booking: Booking = { id: this.bookings.takeId(), accountId, asset, kind: 'transfer', amount: delta, atMs };
    this.bookings.add(booking);
    this.#changes.noteBooking(booking);
    this.#changes.commit();
  }

  /** Lets the market maker take what rests on the other side, up to a price and an amount, in price-time order. */
  takeForHouse(instrumentId: string, appetite: { side: Side; limitPrice: Decimal; quantity?: Decimal }): void {
    const market = this.market(instrumentId);
    this.#matcher.takeForHouse(market, appetite);
    this.#finish(market);
  }

  /** Trades the next portion of every sliced order whose time has come. */
  advanceSlices(instrumentId: string): void {
    const market = this.market(instrumentId);
    if (market.sliced.size === 0) return;
    const nowMs = this.#options.nowMs();
    for (const order of [...market.sliced]) {
      if ((order.nextSliceAtMs ?? 0) > nowMs) continue;
      market.sliced.delete(order);
      this.#matcher.work(order, market);
    }
    this.#finish(market);
  }

  /** Forgets all orders, balances and books, also in the store. */
  reset(): void {
    this.ledger.clear();
    this.orders.clear();
    this.positions.clear();
    this.bookings.clear();
    this.#markets.clear();
    this.#changes.clear();
    this.#options.store.clear();
  }

  #judge(request: OrderRequest, market: MarketState): RejectReason | OrderFunds {
    const earlier = this.orders.byClientOrderId(request);
    if (earlier !== undefined && isOpen(earlier)) return 'duplicate-client-order-id';
    return this.#judgeTerms(request, market);
  }

  #judgeTerms(request: OrderRequest, market: MarketState): RejectReason | OrderFunds {
    if (request.trigger !== undefined && fires(request.trigger, market)) return 'would-trigger';
    const makerSide = opposite(request.side);
    const best = market.book.best(makerSide);
    if (request.postOnly === true && request.acceptsFirst !== true && best !== undefined) {
      if (request.price !== undefined && crosses(makerSide, best.price, request.price)) return 'would-take';
    }
    const unfunded = { quantity: request.quantity ?? zero, reserve: zero };
    if (request.trigger !== undefined && request.reservesWhenTriggered === true) return unfunded;
    const funds = this.#bookkeepingOf(market.instrument).fundsFor(request, market);
    return funds === 'no-liquidity' && request.acceptsFirst === true ? unfunded : funds;
  }

  #accept(request: OrderRequest, funds: OrderFunds, market: MarketState): Order {
    const nowMs = this.#options.nowMs();
    const order: Order = {
      ...request,
      id: this.#nextOrderId++,
      quantity: funds.quantity,
      status: request.trigger === undefined ? 'open' : 'pending',
      executed: zero,
      executedQuote: zero,
      reserved: zero,
      acceptedAtMs: nowMs,
      updatedAtMs: nowMs,
      fills: [],
    };
    if (order.trigger === undefined) order.workingAtMs = nowMs;
    this.#matcher.reserve(order, market.instrument, funds.reserve);
    this.orders.add(order);
    return order;
  }

  /** Takes in an order that needs no funds before its trigger fires. */
  #wait(request: OrderRequest, market: MarketState): Order {
    const order = this.#accept(request, { quantity: request.quantity ?? zero, reserve: zero }, market);
    market.triggers.add(order);
    this.#changes.note('accepted', order);
    return order;
  }

  #openOrder(orderId: number): Order {
    const order = this.orders.byId(orderId);
    if (order === undefined || !isOpen(order)) throw new Error(`order ${orderId} is not open`);
    return order;
  }

  #bookkeepingOf(instrument: Instrument): Bookkeeping {
    return instrument.perpetual === undefined ? this.#coins : this.positions;
  }

  #finish(market: MarketState): void {
    this.#matcher.fireTriggers(market);
    this.#changes.commit();
  }

  #restore(): void {
    const { ledger, orders, positions, bookings } = this;
    restoreInto({ ledger, orders, positions, bookings }, this.#options.store.load());
    for (const order of orders.all()) {
      this.#nextOrderId = Math.max(this.#nextOrderId, order.id + 1);
      if (!isOpen(order)) continue;
      const market = this.market(order.instrumentId);
      if (order.status === 'pending') market.triggers.add(order);
      else if (order.nextSliceAtMs !== undefined) market.sliced.add(order);
      else this.#matcher.rest(order, market);
    }
  }
}

function amendedFields(order: Order, change: Amendment): Partial<Order> & { quantity: Decimal } {
  const { price, quantity, triggerPrice, exits } = change;
  const { trigger } = order;
  return {
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && trigger !== undefined && { trigger: { ...trigger, price: triggerPrice } }),
    ...(exits !== undefined && { exits }),
    quantity: quantity ?? order.quantity,
  };
}
