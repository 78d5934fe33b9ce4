/**
 * A venue with rules, in memory: it knows steps, minimums, time in force, unique ids and partial fills, and it can be
 * told to misbehave. Deterministic, so that one seed always gives one history. Its `orders` are the independent truth
 * that a test compares the desk's own records with.
 */
import {
  type AmendOutcome,
  type Balance,
  type CancelOutcome,
  type Candle,
  type CandleQuery,
  type Cause,
  compare,
  type DeadManOutcome,
  type FindOutcome,
  type FundingPayment,
  type FundingPoint,
  type FundingRate,
  isPositive,
  type Market,
  type MarketHistory,
  type MarketKind,
  type MarketSettings,
  type OpenOrder,
  type OrderAbilities,
  type OrderBook,
  type OrderChange,
  type OrderReference,
  type OrderRequest,
  type OwnTrade,
  type PlaceOutcome,
  type Position,
  type PrepareOutcome,
  type Price,
  type PublicTrade,
  type Side,
  subtract,
  type Ticker,
  type TradeQuery,
  type Transfer,
  type VenueCapabilities,
  VenueError,
  type VenueId,
  type VenuePort,
  type VenueProbe,
  type Wallet,
} from '@nightdesk/core';
import { FakeExchange, type FakeExchangeOptions } from './fake-exchange.ts';
import type { AccountQuestion, VenueFaults } from './fake-faults.ts';
import { fakeBalances, fakePositions } from './fake-holdings.ts';
import {
  fakeBook,
  fakeCandles,
  fakeFundingHistory,
  fakeFundingRate,
  fakeHistory,
  fakeTicker,
  fakeTimeframes,
  fakeTrades,
} from './fake-market-data.ts';
import { amendmentRefusal, cause, fakeAbilities, hasTrigger, refusalOf, toldFills } from './fake-order.ts';

export { FakeAccount } from './fake-account.ts';
export {
  type AccountQuestion,
  type CancelFault,
  type FindFault,
  inTurn,
  type PlaceFault,
  type VenueFaults,
} from './fake-faults.ts';
export type { FakeOrder } from './fake-order.ts';

export interface FakeVenueOptions extends FakeExchangeOptions {
  /** @default 6000 */
  settlingMs?: number;
  faults?: VenueFaults;
  /** What it can keep, where that is less than everything. */
  abilities?: Partial<OrderAbilities>;
  /** @default true */
  tradesOfAllMarkets?: boolean;
}

export class FakeVenue extends FakeExchange implements VenuePort {
  readonly venue = 'fake' as VenueId;
  readonly capabilities: VenueCapabilities = {
    methods: { createOrder: true, fetchOHLCV: true },
    requiredCredentials: [],
    timeframes: fakeTimeframes,
    rateLimitMs: 1,
  };
  readonly settlingMs: number;
  /** How often it was asked to place, rejected and failed calls included. */
  placeCalls = 0;
  faults: VenueFaults;
  /** Over what a venue can keep that can keep everything. */
  abilities: Partial<OrderAbilities>;
  readonly tradesOfAllMarkets: boolean;
  readonly wallets: readonly Wallet[];
  readonly hasDeadManSwitch: boolean;

  constructor(options: FakeVenueOptions) {
    super(options);
    this.settlingMs = options.settlingMs ?? 6_000;
    this.faults = options.faults ?? {};
    this.abilities = options.abilities ?? {};
    this.tradesOfAllMarkets = options.tradesOfAllMarkets ?? true;
    this.wallets = this.account.wallets;
    this.hasDeadManSwitch = this.account.hasDeadManSwitch;
  }

  async placeOrder(request: OrderRequest, market: Market): Promise<PlaceOutcome> {
    this.placeCalls += 1;
    const fault = this.faults.place?.(request);
    if (fault?.kind === 'fail_before_accept') return { kind: 'unknown', cause: cause('network', 'connection refused') };
    if (fault?.kind === 'reject') return { kind: 'rejected', evidence: fault.evidence };
    const listed = this.markets.find(({ symbol }) => symbol === request.symbol);
    const refusal =
      listed === undefined || market.symbol !== request.symbol
        ? cause('bad_symbol', 'no such market')
        : (refusalOf(request, listed, this.priceOf(request.symbol)) ?? this.#abilityRefusal(request, listed));
    if (refusal !== undefined) return { kind: 'rejected', evidence: refusal };
    // Like Binance: an id is taken only while an order with it is open, so a blind second call after a fill is a second order.
    const twin = this.find(request.clientOrderId, request.symbol);
    if (twin?.status === 'open') return { kind: 'accepted', order: this.show(twin) };
    const order = this.take(request, fault);
    const lost = fault?.kind === 'lose_answer' || fault?.kind === 'delay_effect';
    if (lost) return { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    return { kind: 'accepted', order: this.show(order) };
  }

  async findOrder(reference: OrderReference): Promise<FindOutcome> {
    const fault = this.faults.find?.(reference);
    if (fault?.kind === 'no_answer') return { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    const order = fault === undefined ? this.find(reference.clientOrderId, reference.symbol) : undefined;
    if (order !== undefined) return { kind: 'found', order: this.show(order) };
    return { kind: 'absent', evidence: cause('order_not_found', 'the venue has no order with this id') };
  }

  async cancelOrder(reference: OrderReference, market: Market): Promise<CancelOutcome> {
    const fault = this.faults.cancel?.(reference);
    const lost: CancelOutcome = { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    if (fault?.kind === 'lose_request') return lost;
    const order = this.find(reference.clientOrderId, market.symbol);
    if (order === undefined) return { kind: 'not_open', evidence: cause('order_not_found', 'no such order') };
    const evidence = cause('order_not_open', `the order is ${order.status}`);
    if (order.status !== 'open') {
      const shown = this.show(order);
      return shown.status === 'open' ? { kind: 'not_open', evidence } : { kind: 'not_open', order: shown, evidence };
    }
    if (
      fault?.kind === 'late_fill' &&
      order.working &&
      compare(fault.size, subtract(order.request.amount, order.filled)) < 0
    ) {
      this.fill(order, fault.size, fault.delayMs);
    }
    order.status = 'canceled';
    return fault?.kind === 'lose_answer' ? lost : { kind: 'canceled', order: this.show(order) };
  }

  abilitiesOf(market: Market): OrderAbilities {
    return { ...fakeAbilities(market), ...this.abilities };
  }

  async amendOrder(reference: OrderReference, change: OrderChange, market: Market): Promise<AmendOutcome> {
    const lost: AmendOutcome = { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    const fault = this.faults.amend?.(reference);
    if (fault?.kind === 'lose_request') return lost;
    const order = this.find(reference.clientOrderId, market.symbol);
    if (order === undefined) return { kind: 'not_amended', evidence: cause('order_not_found', 'no such order') };
    const evidence = amendmentRefusal(order, change, market);
    if (evidence !== undefined) return { kind: 'not_amended', order: this.show(order), evidence };
    order.request = { ...order.request, ...change };
    this.work(order);
    return fault === undefined ? { kind: 'amended', order: this.show(order) } : lost;
  }

  async prepareMarket(_settings: MarketSettings, market: Market): Promise<PrepareOutcome> {
    if (market.kind !== 'spot') return { kind: 'ready' };
    return { kind: 'refused', cause: cause('not_supported', 'spot has no leverage') };
  }

  async fetchOpenOrders(which: Market | MarketKind = 'spot'): Promise<OpenOrder[]> {
    this.#ask('fetchOpenOrders');
    const asked = this.symbolsOf(which);
    return this.effective().flatMap((order) => {
      const { symbol, side, amount: size, price: limit } = order.request;
      const shown = this.show(order);
      if (shown.status !== 'open' || !asked.has(symbol)) return [];
      const placed = { placedAtMs: order.effectiveAtMs, ...(limit !== undefined && { price: limit }) };
      return [{ ...shown, symbol, side, amount: size, ...placed }];
    });
  }

  async fetchBalances(kind?: MarketKind): Promise<Balance[]> {
    this.#ask('fetchBalances');
    const wallet = this.account.walletOf(kind);
    return fakeBalances({
      markets: this.markets.filter((market) => wallet.kinds.includes(market.kind)),
      orders: this.effective(),
      executions: this.effectiveExecutions(),
      opening: this.account.holdingsOf(wallet),
      ...(wallet.countsOpenProfit && { priceOf: (symbol: string) => this.priceOf(symbol) }),
    });
  }

  async fetchPositions(markets: readonly Market[] = this.markets): Promise<Position[]> {
    this.#ask('fetchPositions');
    this.keepTime();
    return fakePositions(markets, this.effectiveExecutions(), (symbol) => this.priceOf(symbol));
  }

  async fetchOwnTrades(which: Market | MarketKind, sinceMs: number): Promise<OwnTrade[]> {
    this.#ask('fetchOwnTrades');
    const asked = this.symbolsOf(which);
    if (typeof which !== 'object' && !this.tradesOfAllMarkets) throw new VenueError(this.venue, 'name a market');
    return this.effectiveExecutions()
      .filter(({ order, fill }) => asked.has(order.request.symbol) && fill.atMs >= sinceMs)
      .filter(({ order, fill }) => toldFills(order, this.clock.nowMs()).includes(fill))
      .map(({ order: { request, venueOrderId }, fill }) => {
        const { symbol, side, clientOrderId } = request;
        return { ...structuredClone(fill), symbol, side, venueOrderId, clientOrderId };
      });
  }

  async fetchTransfers(sinceMs: number): Promise<Transfer[] | undefined> {
    this.#ask('fetchTransfers');
    return this.account.transfersSince(sinceMs);
  }

  async fetchFundingPayments(market: Market, sinceMs: number): Promise<FundingPayment[] | undefined> {
    this.#ask('fetchFundingPayments');
    return this.account.fundingSince(market, sinceMs);
  }

  async setDeadManSwitch(afterMs: number, kind?: MarketKind): Promise<DeadManOutcome> {
    this.keepTime();
    if (!this.hasDeadManSwitch) return { kind: 'refused', cause: cause('not_supported', 'there is no such switch') };
    if (this.faults.ask?.('setDeadManSwitch')) return { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    if (afterMs === 0) this.account.deadMan.delete(kind ?? '*');
    else this.account.deadMan.set(kind ?? '*', this.clock.nowMs() + afterMs);
    return { kind: 'set' };
  }

  async fetchMarkets(): Promise<Market[]> {
    return [...this.markets];
  }

  async fetchTicker(market: Market): Promise<Ticker> {
    return fakeTicker(market, await this.fetchPrice(market, 'buy'), this.clock.nowMs());
  }

  async fetchTickers(markets: readonly [Market, ...Market[]]): Promise<Ticker[]> {
    this.#ask('fetchTickers');
    const listed = markets.filter(({ symbol }) => this.markets.some((each) => each.symbol === symbol));
    return listed.map((market) => fakeTicker(market, this.priceOf(market.symbol), this.clock.nowMs()));
  }

  async fetchOrderBook(market: Market, depthMax: number): Promise<OrderBook> {
    return fakeBook(market, await this.fetchPrice(market, 'buy'), depthMax);
  }

  async fetchCandles(market: Market, query: CandleQuery): Promise<Candle[]> {
    return fakeCandles(await this.fetchPrice(market, 'buy'), query, this.clock.nowMs());
  }

  async fetchTrades(market: Market, query: TradeQuery): Promise<PublicTrade[]> {
    const orders = this.orders.filter(({ request }) => request.symbol === market.symbol);
    return fakeTrades(orders, query);
  }

  historyOf(): MarketHistory {
    return fakeHistory;
  }

  async fetchFundingHistory(market: Market, query: TradeQuery): Promise<FundingPoint[]> {
    if (market.kind !== 'perpetual') throw new VenueError(this.venue, `${market.symbol} pays no funding`);
    return fakeFundingHistory(query, this.clock.nowMs());
  }

  async fetchFundingRate(market: Market): Promise<FundingRate> {
    if (market.kind !== 'perpetual') throw new VenueError(this.venue, `${market.symbol} pays no funding`);
    return fakeFundingRate(market, this.clock.nowMs());
  }

  async probe(): Promise<VenueProbe> {
    return this.faults.probe?.() ?? { status: 'ok', latencyMs: 0, aheadMs: 0 };
  }

  async fetchPrice(market: Market, _side: Side): Promise<Price> {
    if (this.faults.fetchPrice?.(market)) throw new VenueError(this.venue, 'no price');
    return this.priceOf(market.symbol);
  }

  /** @throws VenueError where the question is to go without an answer */
  #ask(question: AccountQuestion): void {
    if (!this.faults.ask?.(question)) return;
    throw new VenueError(this.venue, `no answer to ${question}`, { code: 'timeout' });
  }

  #abilityRefusal(request: OrderRequest, market: Market): Cause | undefined {
    const { types, timesInForce: times } = this.abilitiesOf(market);
    if (!types.has(request.type)) return cause('not_supported', `the venue has no ${request.type} orders`);
    if (request.timeInForce !== undefined && !times.has(request.timeInForce)) {
      return cause('not_supported', `the venue has no ${request.timeInForce}`);
    }
    if (!this.isReducing(request) || hasTrigger(request) || isPositive(this.reducible(request))) return undefined;
    return cause('reduce_only_refused', 'there is no position to reduce');
  }
}
