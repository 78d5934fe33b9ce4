/**
 * A venue with rules, in memory: it knows steps, minimums, time in force, unique ids and partial fills, and it can be
 * told to misbehave. Deterministic, so that one seed always gives one history. Its `orders` are the independent truth
 * that a test compares the desk's own records with.
 */
import {
  type AmendOutcome,
  type Amount,
  add,
  amount,
  type Balance,
  type CancelOutcome,
  type Candle,
  type CandleQuery,
  type Cause,
  type Clock,
  compare,
  type FindOutcome,
  type FundingRate,
  isPositive,
  type Market,
  type MarketKind,
  type MarketSettings,
  notionalOf,
  type OpenOrder,
  type OrderAbilities,
  type OrderBook,
  type OrderChange,
  type OrderReference,
  type OrderRequest,
  type PlaceOutcome,
  type Position,
  type PrepareOutcome,
  type Price,
  type PublicTrade,
  price,
  type Side,
  subtract,
  type Ticker,
  type TradeQuery,
  type VenueCapabilities,
  VenueError,
  type VenueId,
  type VenueOrder,
  type VenueOrderId,
  type VenuePort,
  type VenueProbe,
  zeroAmount,
} from '@nightdesk/core';
import type { PlaceFault, VenueFaults } from './fake-faults.ts';
import { fakeBalances, fakePositions } from './fake-holdings.ts';
import { fakeBook, fakeCandles, fakeFundingRate, fakeTicker, fakeTimeframes, feeRate } from './fake-market-data.ts';
import {
  amendmentRefusal,
  cause,
  type FakeOrder,
  fakeAbilities,
  fillableAt,
  hasTrigger,
  isTriggered,
  refusalOf,
  show,
} from './fake-order.ts';
import { btcUsdt, btcUsdtPerpetual, ethUsdt } from './markets.ts';

export { type CancelFault, type FindFault, inTurn, type PlaceFault, type VenueFaults } from './fake-faults.ts';
export type { FakeOrder } from './fake-order.ts';

export interface FakeVenueOptions {
  clock: Clock;
  markets?: readonly Market[];
  /** @default 6000 */
  settlingMs?: number;
  faults?: VenueFaults;
  /** What it can keep, where that is less than everything. */
  abilities?: Partial<OrderAbilities>;
}

export class FakeVenue implements VenuePort {
  readonly venue = 'fake' as VenueId;
  readonly capabilities: VenueCapabilities = {
    methods: { createOrder: true, fetchOHLCV: true },
    requiredCredentials: [],
    timeframes: fakeTimeframes,
    rateLimitMs: 1,
  };
  readonly settlingMs: number;
  /** Everything the venue ever took, in order, duplicates included. */
  readonly orders: FakeOrder[] = [];
  /** How often it was asked to place, rejected and failed calls included. */
  placeCalls = 0;
  faults: VenueFaults;
  /** Over what a venue can keep that can keep everything. */
  abilities: Partial<OrderAbilities>;
  readonly #clock: Clock;
  readonly #markets: readonly Market[];
  readonly #prices = new Map<string, Price>();

  constructor(options: FakeVenueOptions) {
    this.#clock = options.clock;
    this.#markets = options.markets ?? [btcUsdt, ethUsdt, btcUsdtPerpetual];
    this.settlingMs = options.settlingMs ?? 6_000;
    this.faults = options.faults ?? {};
    this.abilities = options.abilities ?? {};
    for (const market of this.#markets) this.#prices.set(market.symbol, price('100'));
  }

  async placeOrder(request: OrderRequest, market: Market): Promise<PlaceOutcome> {
    this.placeCalls += 1;
    const fault = this.faults.place?.(request);
    if (fault?.kind === 'fail_before_accept') return { kind: 'unknown', cause: cause('network', 'connection refused') };
    if (fault?.kind === 'reject') return { kind: 'rejected', evidence: fault.evidence };
    const listed = this.#markets.find(({ symbol }) => symbol === request.symbol);
    const refusal =
      listed === undefined || market.symbol !== request.symbol
        ? cause('bad_symbol', 'no such market')
        : (refusalOf(request, listed, this.#priceOf(request.symbol)) ?? this.#abilityRefusal(request, listed));
    if (refusal !== undefined) return { kind: 'rejected', evidence: refusal };
    // Like Binance: an id is taken only while an order with it is open, so a blind second call after a fill is a second order.
    const twin = this.#find(request.clientOrderId, request.symbol);
    if (twin?.status === 'open') return { kind: 'accepted', order: this.#show(twin) };
    const order = this.#take(request, fault);
    const lost = fault?.kind === 'lose_answer' || fault?.kind === 'delay_effect';
    if (lost) return { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    return { kind: 'accepted', order: this.#show(order) };
  }

  async findOrder(reference: OrderReference): Promise<FindOutcome> {
    const fault = this.faults.find?.(reference);
    if (fault?.kind === 'no_answer') return { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    const order = fault === undefined ? this.#find(reference.clientOrderId, reference.symbol) : undefined;
    if (order !== undefined) return { kind: 'found', order: this.#show(order) };
    return { kind: 'absent', evidence: cause('order_not_found', 'the venue has no order with this id') };
  }

  async cancelOrder(reference: OrderReference, market: Market): Promise<CancelOutcome> {
    const fault = this.faults.cancel?.(reference);
    const lost: CancelOutcome = { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    if (fault?.kind === 'lose_request') return lost;
    const order = this.#find(reference.clientOrderId, market.symbol);
    if (order === undefined) return { kind: 'not_open', evidence: cause('order_not_found', 'no such order') };
    const evidence = cause('order_not_open', `the order is ${order.status}`);
    if (order.status !== 'open') return { kind: 'not_open', order: this.#show(order), evidence };
    if (
      fault?.kind === 'late_fill' &&
      order.working &&
      compare(fault.size, subtract(order.request.amount, order.filled)) < 0
    ) {
      this.#fill(order, fault.size);
      order.lastFillShownAtMs = this.#clock.nowMs() + fault.delayMs;
    }
    order.status = 'canceled';
    return fault?.kind === 'lose_answer' ? lost : { kind: 'canceled', order: this.#show(order) };
  }

  abilitiesOf(market: Market): OrderAbilities {
    return { ...fakeAbilities(market), ...this.abilities };
  }

  async amendOrder(reference: OrderReference, change: OrderChange, market: Market): Promise<AmendOutcome> {
    const lost: AmendOutcome = { kind: 'unknown', cause: cause('timeout', 'no answer in time') };
    const fault = this.faults.amend?.(reference);
    if (fault?.kind === 'lose_request') return lost;
    const order = this.#find(reference.clientOrderId, market.symbol);
    if (order === undefined) return { kind: 'not_amended', evidence: cause('order_not_found', 'no such order') };
    const evidence = amendmentRefusal(order, change, market);
    if (evidence !== undefined) return { kind: 'not_amended', order: this.#show(order), evidence };
    order.request = { ...order.request, ...change };
    this.#work(order);
    return fault === undefined ? { kind: 'amended', order: this.#show(order) } : lost;
  }

  async prepareMarket(_settings: MarketSettings, market: Market): Promise<PrepareOutcome> {
    if (market.kind !== 'spot') return { kind: 'ready' };
    return { kind: 'refused', cause: cause('not_supported', 'spot has no leverage') };
  }

  async fetchOpenOrders(which: Market | MarketKind = 'spot'): Promise<OpenOrder[]> {
    const asked = this.#markets.filter(({ symbol, kind }) =>
      typeof which === 'object' ? symbol === which.symbol : kind === which,
    );
    return this.#effective()
      .filter(({ status, request }) => status === 'open' && asked.some(({ symbol }) => symbol === request.symbol))
      .map((order) => {
        const { symbol, side, amount: size, price: limit } = order.request;
        return { ...this.#show(order), symbol, side, amount: size, ...(limit !== undefined && { price: limit }) };
      });
  }

  async fetchBalances(): Promise<Balance[]> {
    return fakeBalances(this.#markets, this.#effective());
  }

  async fetchPositions(markets: readonly Market[] = this.#markets): Promise<Position[]> {
    return fakePositions(markets, this.#effective());
  }

  async fetchMarkets(): Promise<Market[]> {
    return [...this.#markets];
  }

  async fetchTicker(market: Market): Promise<Ticker> {
    return fakeTicker(market, await this.fetchPrice(market, 'buy'), this.#clock.nowMs());
  }

  async fetchOrderBook(market: Market, depthMax: number): Promise<OrderBook> {
    return fakeBook(market, await this.fetchPrice(market, 'buy'), depthMax);
  }

  async fetchCandles(market: Market, query: CandleQuery): Promise<Candle[]> {
    return fakeCandles(await this.fetchPrice(market, 'buy'), query, this.#clock.nowMs());
  }

  async fetchTrades(market: Market, { sinceMs = 0, limit }: TradeQuery): Promise<PublicTrade[]> {
    const orders = this.orders.filter(({ request }) => request.symbol === market.symbol);
    const trades = orders.flatMap(({ request: { side }, fills }) =>
      fills.map(({ fee: _, ...fill }) => ({ side, ...fill })),
    );
    return trades.filter(({ atMs }) => atMs >= sinceMs).slice(-limit);
  }

  async fetchFundingRate(market: Market): Promise<FundingRate> {
    if (market.kind !== 'perpetual') throw new VenueError(this.venue, `${market.symbol} pays no funding`);
    return fakeFundingRate(market, this.#clock.nowMs());
  }

  async probe(): Promise<VenueProbe> {
    return this.faults.probe?.() ?? { status: 'ok', latencyMs: 0, aheadMs: 0 };
  }

  async fetchPrice(market: Market, _side: Side): Promise<Price> {
    const quote = this.#prices.get(market.symbol);
    if (quote === undefined || this.faults.fetchPrice?.(market)) throw new VenueError(this.venue, 'no price');
    return quote;
  }

  /** Orders the venue has under this client order id by now: more than one is a double. */
  ordersWith(clientOrderId: string): FakeOrder[] {
    return this.orders.filter((order) => order.request.clientOrderId === clientOrderId && this.#isEffective(order));
  }

  /** Moves the market; open limit orders that the price reaches are filled. */
  setPrice(symbol: string, to: Price): void {
    this.#prices.set(symbol, to);
    for (const order of this.orders) {
      if (order.request.symbol === symbol && order.status === 'open') this.#work(order);
    }
  }

  /** Fills what a `partial_fill` left over. */
  fillRest(clientOrderId: string): void {
    const order = this.#find(clientOrderId);
    if (order?.status === 'open') this.#fill(order, subtract(order.request.amount, order.filled));
  }

  /** Cancels what is left of an open order, as its owner can at the venue itself. */
  cancel(clientOrderId: string): void {
    const order = this.#find(clientOrderId);
    if (order?.status === 'open') order.status = 'canceled';
  }

  #find(clientOrderId: string, symbol?: string): FakeOrder | undefined {
    return this.ordersWith(clientOrderId).findLast((order) => symbol === undefined || order.request.symbol === symbol);
  }

  #show(order: FakeOrder): VenueOrder {
    return show(order, this.#clock.nowMs());
  }

  #effective(): FakeOrder[] {
    return this.orders.filter((order) => this.#isEffective(order));
  }

  #isEffective(order: FakeOrder): boolean {
    return order.effectiveAtMs <= this.#clock.nowMs();
  }

  #take(request: OrderRequest, fault: PlaceFault | undefined): FakeOrder {
    const order: FakeOrder = {
      venueOrderId: String(this.orders.length + 1) as VenueOrderId,
      request,
      status: 'open',
      filled: zeroAmount,
      fills: [],
      effectiveAtMs: this.#clock.nowMs() + (fault?.kind === 'delay_effect' ? fault.delayMs : 0),
      working: !hasTrigger(request),
    };
    this.orders.push(order);
    this.#work(order, fault?.kind === 'partial_fill' ? fault.filled : undefined);
    if (!order.working) return order;
    const immediate = request.timeInForce === 'IOC' || request.timeInForce === 'FOK';
    if (immediate && order.status === 'open') order.status = 'expired';
    return order;
  }

  /** Lets an order do what the price allows: trigger, and fill. @param most of it that fills */
  #work(order: FakeOrder, most?: Amount): void {
    const at = this.#priceOf(order.request.symbol);
    order.working ||= isTriggered(order, at);
    if (!order.working) return;
    const fillable = fillableAt(at, order.request);
    this.#fill(order, most === undefined || !isPositive(fillable) ? fillable : minimum(most, fillable));
    if (order.status === 'open' && this.#isIdle(order)) order.status = 'canceled';
  }

  /** An order that may only reduce a position ends when there is nothing left to reduce. */
  #isIdle({ request, working }: FakeOrder): boolean {
    return working && this.#isReducing(request) && !isPositive(this.#reducible(request));
  }

  #isReducing({ symbol, reduceOnly }: OrderRequest): boolean {
    return reduceOnly === true && this.#markets.some((market) => market.symbol === symbol && market.kind !== 'spot');
  }

  /** How much of the position an order of this side can close. */
  #reducible({ symbol, side }: OrderRequest): Amount {
    const markets = this.#markets.filter((market) => market.symbol === symbol);
    const [position] = fakePositions(markets, this.#effective());
    const closes = position !== undefined && (position.side === 'long') === (side === 'sell');
    return closes ? position.amount : zeroAmount;
  }

  #abilityRefusal(request: OrderRequest, market: Market): Cause | undefined {
    const { types, timesInForce: times } = this.abilitiesOf(market);
    if (!types.has(request.type)) return cause('not_supported', `the venue has no ${request.type} orders`);
    if (request.timeInForce !== undefined && !times.has(request.timeInForce)) {
      return cause('not_supported', `the venue has no ${request.timeInForce}`);
    }
    if (!this.#isReducing(request) || hasTrigger(request) || isPositive(this.#reducible(request))) return undefined;
    return cause('reduce_only_refused', 'there is no position to reduce');
  }

  #fill(order: FakeOrder, quantity: Amount): void {
    const wanted = minimum(quantity, subtract(order.request.amount, order.filled));
    const size = this.#isReducing(order.request) ? minimum(wanted, this.#reducible(order.request)) : wanted;
    if (!isPositive(size)) return;
    const at = this.#priceOf(order.request.symbol);
    const fee = amount(notionalOf(amount(notionalOf(size, at)), feeRate));
    const tradeId = `${order.venueOrderId}-${order.fills.length + 1}`;
    const atMs = Math.max(this.#clock.nowMs(), order.effectiveAtMs);
    order.fills.push({ tradeId, amount: size, price: at, fee: { asset: 'USDT', amount: fee }, atMs });
    order.filled = add(order.filled, size);
    if (order.filled === amount(order.request.amount)) order.status = 'filled';
  }

  #priceOf(symbol: string): Price {
    const quote = this.#prices.get(symbol);
    if (quote === undefined) throw new VenueError(this.venue, `no price of ${symbol}`);
    return quote;
  }
}

const minimum = (left: Amount, right: Amount): Amount => (compare(left, right) <= 0 ? left : right);
