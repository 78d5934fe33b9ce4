/** Price-time matching over all instruments: one command at a time, each stored before anybody hears of it. */
import { crosses } from './book.ts';
import { ChangeLog } from './change-log.ts';
import { type Decimal, zero } from './decimal.ts';
import { Ledger } from './ledger.ts';
import { createMarketState, fires, type MarketState } from './market-state.ts';
import { Matcher } from './matcher.ts';
import { OrderIndex } from './order-index.ts';
import { fundsFor, type OrderFunds } from './settlement.ts';
import { type EngineStore, restoredOrder } from './store.ts';
import {
  type EngineEvent,
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
  /** Share of what is received that maker and taker pay. */
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
  readonly #options: MatchingEngineOptions;
  readonly #changes: ChangeLog;
  readonly #matcher: Matcher;
  readonly #markets = new Map<string, MarketState>();
  #nextOrderId = firstOrderId;

  constructor(options: MatchingEngineOptions) {
    this.#options = options;
    const { ledger, orders } = this;
    const { nowMs, feeRate, store, onEvent, hideFillUntilMs } = options;
    this.#changes = new ChangeLog({ ledger, store, onEvent });
    this.#matcher = new Matcher({ ledger, orders, changes: this.#changes, nowMs, feeRate, hideFillUntilMs });
    this.#restore();
  }

  /** The market of an instrument, made on first use. @throws Error for an unknown instrument. */
  market(instrumentId: string): MarketState {
    const existing = this.#markets.get(instrumentId);
    if (existing !== undefined) return existing;
    const instrument = this.#options.instruments.get(instrumentId);
    if (instrument === undefined) throw new Error(`no instrument ${instrumentId} in this engine`);
    const market = createMarketState(instrument, this.#options.nowMs());
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
    const order = this.#accept(request, verdict);
    this.#changes.note('accepted', order);
    if (order.trigger === undefined) this.#matcher.work(order, market);
    else market.triggers.add(order);
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
    const order = this.orders.byId(orderId);
    if (order === undefined || !isOpen(order)) throw new Error(`order ${orderId} is not open`);
    const market = this.market(order.instrumentId);
    this.#matcher.end(order, market, 'canceled');
    this.#finish(market);
    return { ...order };
  }

  /** A deposit (positive) or a withdrawal. @throws Error when a withdrawal exceeds what is free. */
  transfer(accountId: string, asset: string, delta: Decimal): void {
    this.ledger.credit(accountId, asset, delta);
    this.#changes.tell({ type: 'transfer', accountId, asset, delta });
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
    this.#markets.clear();
    this.#changes.clear();
    this.#options.store.clear();
  }

  #judge(request: OrderRequest, market: MarketState): RejectReason | OrderFunds {
    const earlier = this.orders.byClientOrderId(request);
    if (earlier !== undefined && isOpen(earlier)) return 'duplicate-client-order-id';
    const lastPrice = market.tape.lastPrice;
    if (request.trigger !== undefined && lastPrice !== undefined && fires(request.trigger, lastPrice)) {
      return 'would-trigger';
    }
    const makerSide = opposite(request.side);
    const best = market.book.best(makerSide);
    if (request.postOnly === true && best !== undefined && request.price !== undefined) {
      if (crosses(makerSide, best.price, request.price)) return 'would-take';
    }
    const funds = fundsFor(request, market.instrument, market.book);
    if (funds === undefined) return 'no-liquidity';
    const free = this.ledger.free(request.accountId, funds.reserveAsset);
    return free.lt(funds.reserve) ? 'insufficient-balance' : funds;
  }

  #accept(request: OrderRequest, funds: OrderFunds): Order {
    const nowMs = this.#options.nowMs();
    const order: Order = {
      ...request,
      id: this.#nextOrderId++,
      quantity: funds.quantity,
      status: request.trigger === undefined ? 'open' : 'pending',
      executed: zero,
      executedQuote: zero,
      reserved: funds.reserve,
      acceptedAtMs: nowMs,
      updatedAtMs: nowMs,
      fills: [],
    };
    if (order.trigger === undefined) order.workingAtMs = nowMs;
    this.ledger.lock(order.accountId, funds.reserveAsset, funds.reserve);
    this.orders.add(order);
    return order;
  }

  #finish(market: MarketState): void {
    this.#matcher.fireTriggers(market);
    this.#changes.commit();
  }

  #restore(): void {
    const { orders, balances } = this.#options.store.load();
    for (const { accountId, asset, free, locked } of balances) this.ledger.restore(accountId, asset, { free, locked });
    for (const stored of orders.toSorted((left, right) => left.id - right.id)) {
      const order = restoredOrder(stored);
      this.orders.add(order);
      this.#nextOrderId = Math.max(this.#nextOrderId, order.id + 1);
      if (!isOpen(order)) continue;
      const market = this.market(order.instrumentId);
      if (order.status === 'pending') market.triggers.add(order);
      else if (order.nextSliceAtMs !== undefined) market.sliced.add(order);
      else this.#matcher.rest(order, market);
    }
  }
}
