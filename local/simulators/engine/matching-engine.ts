/** Price-time matching over all instruments: one command at a time, each stored before anybody hears of it. */
import { Admission } from './admission.ts';
import { type Amendment, Amendments } from './amendments.ts';
import { Bookings } from './bookings.ts';
import type { Bookkeeping, OrderFunds } from './bookkeeping.ts';
import { CancelTimers } from './cancel-timers.ts';
import { ChangeLog } from './change-log.ts';
import { type Decimal, zero } from './decimal.ts';
import { ExitKeeper } from './exits.ts';
import { fillShare } from './forced-fills.ts';
import { Ledger } from './ledger.ts';
import type { MarketState } from './market-state.ts';
import { Markets, type MarketsOptions } from './markets.ts';
import { type HouseAppetite, Matcher } from './matcher.ts';
import { OrderIndex } from './order-index.ts';
import { OrderLists, type OrderListsOptions } from './order-lists.ts';
import { Perpetuals } from './perpetuals.ts';
import { PositionBook } from './position-book.ts';
import { restoreInto } from './restore.ts';
import { CoinBook } from './settlement.ts';
import type { EngineStore } from './store.ts';
import { withTrailing } from './trailing.ts';
import { Transfers } from './transfers.ts';
import {
  type EngineEvent,
  type Fill,
  type Instrument,
  isOpen,
  type Order,
  type OrderRequest,
  type PlaceResult,
  type RejectReason,
} from './types.ts';

export interface MatchingEngineOptions extends MarketsOptions {
  /** Share of what is received that maker and taker pay where the instrument does not say otherwise. */
  feeRate: Decimal;
  store: EngineStore;
  onEvent(event: EngineEvent): void;
  /** Fault: until when the venue shall pretend that a fill of this order has not happened. */
  hideFillUntilMs?(order: Readonly<Order>): number | undefined;
}

const firstOrderId = 100_000_001;

export class MatchingEngine {
  readonly ledger = new Ledger();
  readonly orders = new OrderIndex();
  readonly bookings = new Bookings();
  readonly positions: PositionBook;
  readonly perpetuals: Perpetuals;
  readonly lists: OrderLists;
  readonly transfers: Transfers;
  readonly cancelTimers: CancelTimers;
  readonly #options: MatchingEngineOptions;
  readonly #changes: ChangeLog;
  readonly #coins: CoinBook;
  readonly #matcher: Matcher;
  readonly #exits: ExitKeeper;
  readonly #admission: Admission;
  readonly #amendments: Amendments;
  readonly #expiring = new Set<Order>();
  readonly #markets: Markets;
  #nextOrderId = firstOrderId;

  constructor(options: MatchingEngineOptions) {
    this.#options = options;
    this.#markets = new Markets(options);
    const { ledger, orders } = this;
    const { nowMs, feeRate, store, onEvent, hideFillUntilMs } = options;
    const bookkeepingOf = (instrument: Instrument) => this.#bookkeepingOf(instrument);
    const changes = new ChangeLog({ ledger, store, onEvent });
    const positions = new PositionBook({ ledger, changes, nowMs, marketOf: (id) => this.market(id) });
    const matcher = new Matcher({
      ...{ ledger, orders, changes, nowMs, feeRate, hideFillUntilMs, bookkeepingOf },
      onTrade: (order) => this.lists.claim(order),
      onFill: (order, fill) => this.#afterFill(order, fill),
      onTrigger: (order, market) => {
        this.lists.endOthers(order, market);
        this.#exits.afterTrigger(order, market);
      },
    });
    const wait = (request: OrderRequest, market: MarketState) => this.#wait(request, market);
    this.#changes = changes;
    const admission = new Admission({ orders, nowMs, bookkeepingOf });
    this.#admission = admission;
    this.#coins = new CoinBook(ledger, feeRate);
    this.positions = positions;
    this.#matcher = matcher;
    this.#exits = new ExitKeeper({ orders, positions, changes, matcher, nowMs, wait });
    const finish = (market: MarketState) => this.#finish(market);
    const marketOf = (id: string) => this.market(id);
    this.#amendments = new Amendments({ changes, matcher, nowMs, bookkeepingOf, admission });
    const accept: OrderListsOptions['accept'] = (...given) => this.#accept(...given);
    this.lists = new OrderLists({ changes, matcher, marketOf, finish, admission, accept });
    this.perpetuals = new Perpetuals({
      ...{ positions, bookings: this.bookings, changes, exits: this.#exits, nowMs, marketOf, finish },
    });
    this.transfers = new Transfers({ ledger, bookings: this.bookings, changes, nowMs });
    this.cancelTimers = new CancelTimers({ orders, changes, cancel: (orderId) => this.cancel(orderId) });
    this.#restore();
  }

  /** The market of an instrument, made on first use. @throws Error for an unknown instrument. */
  market(instrumentId: string): MarketState {
    return this.#markets.of(instrumentId);
  }

  /** The markets that somebody has used. */
  markets(): IterableIterator<MarketState> {
    return this.#markets.all();
  }

  /** Accepts and matches an order, or says why not; nothing has changed then. */
  place(request: OrderRequest): PlaceResult {
    const market = this.market(request.instrumentId);
    const verdict = this.#admission.judge(request, market);
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
    const result = this.#amendments.amend(order, market, change);
    if (result.ok) this.#finish(market);
    return result.ok ? { ok: true, order: { ...order } } : result;
  }

  /**
   * Makes an open order smaller without taking it from its place in the queue, and with it the others of its list.
   *
   * @throws Error when it is not open, or the quantity has traded already or is no less than before: ask first.
   */
  reduce(orderId: number, quantity: Decimal, clientOrderId?: string): Readonly<Order> {
    const order = this.#openOrder(orderId);
    const market = this.market(order.instrumentId);
    if (clientOrderId !== undefined) this.orders.rename(order, clientOrderId);
    this.#amendments.reduce([order, ...this.lists.othersOf(order)], market, quantity);
    this.#finish(market);
    return { ...order };
  }

  /** Why an order would be refused now. */
  test(request: OrderRequest): RejectReason | undefined {
    const verdict = this.#admission.judge(request, this.market(request.instrumentId));
    return typeof verdict === 'string' ? verdict : undefined;
  }

  /** Takes an open order out of the market, and with it the others of its list. @throws Error when it is not open: ask first. */
  cancel(orderId: number): Readonly<Order> {
    const order = this.#openOrder(orderId);
    const market = this.market(order.instrumentId);
    for (const one of [order, ...this.lists.othersOf(order)]) this.#matcher.end(one, market, { status: 'canceled' });
    this.#finish(market);
    return { ...order };
  }

  /** Ends the orders whose time has come, by the clock that their end was told by. */
  expireOrders(nowMs: number): void {
    for (const order of [...this.#expiring]) {
      if (isOpen(order) && (order.expiresAtMs ?? 0) > nowMs) continue;
      this.#expiring.delete(order);
      if (!isOpen(order)) continue;
      const market = this.market(order.instrumentId);
      this.#matcher.end(order, market, { status: 'expired', reason: 'time-is-up' });
      this.#finish(market);
    }
  }

  /** Fault: lets a share of what is left of an open order trade now; one that waits for a trigger is set going. */
  fillShare(orderId: number, share: Decimal): void {
    const order = this.#openOrder(orderId);
    const market = this.market(order.instrumentId);
    fillShare({ order, market, matcher: this.#matcher }, share);
    this.#finish(market);
  }

  /** Lets the market maker take what rests on the other side, up to a price and an amount, in price-time order. */
  takeForHouse(instrumentId: string, appetite: HouseAppetite): void {
    const market = this.market(instrumentId);
    this.#matcher.takeForHouse(market, appetite);
    if (appetite.holdsTriggers === true) this.#changes.commit();
    else this.#finish(market);
  }

  /** Sets the orders going that the market has triggered. */
  fireTriggers(instrumentId: string): void {
    this.#finish(this.market(instrumentId));
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
    this.lists.clear();
    this.transfers.clear();
    this.cancelTimers.clear();
    this.#expiring.clear();
    this.#markets.clear();
    this.#changes.clear();
    this.#options.store.clear();
  }

  #accept(given: OrderRequest, funds: OrderFunds, market: MarketState): Order {
    const nowMs = this.#options.nowMs();
    const request = withTrailing(given, market, nowMs) ?? given;
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
    if (order.expiresAtMs !== undefined) this.#expiring.add(order);
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

  #afterFill(order: Order, fill: Fill): void {
    const market = this.market(order.instrumentId);
    this.lists.endOthers(order, market);
    this.#exits.afterFill(order, fill, market);
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
    restoreInto(this, this.#options.store.load());
    for (const order of this.orders.all()) {
      this.#nextOrderId = Math.max(this.#nextOrderId, order.id + 1);
      this.lists.add(order);
      if (!isOpen(order)) continue;
      if (order.expiresAtMs !== undefined) this.#expiring.add(order);
      const market = this.market(order.instrumentId);
      if (order.status === 'pending') market.triggers.add(order);
      else if (order.nextSliceAtMs !== undefined) market.sliced.add(order);
      else this.#matcher.rest(order, market);
    }
  }
}
