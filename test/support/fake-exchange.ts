/** The orders of a fake venue, and how they meet its market. What others than the desk do there, a test does here. */
import {
  type Amount,
  add,
  amount,
  type Clock,
  type Fee,
  isPositive,
  type Market,
  type MarketKind,
  minimum,
  notionalOf,
  type OrderRequest,
  type Price,
  price,
  subtract,
  VenueError,
  type VenueOrder,
  type VenueOrderId,
  zeroAmount,
} from '@nightdesk/core';
import { FakeAccount, type FakeAccountOptions } from './fake-account.ts';
import type { PlaceFault } from './fake-faults.ts';
import { type Execution, fakePositions } from './fake-holdings.ts';
import { feeRate } from './fake-market-data.ts';
import { type FakeOrder, fillableAt, hasTrigger, isTriggered, refusalOf, show } from './fake-order.ts';
import { btcUsdt, btcUsdtPerpetual, ethUsdt } from './markets.ts';

export interface FakeExchangeOptions extends FakeAccountOptions {
  clock: Clock;
  markets?: readonly Market[];
  /** Takes the fee of what is bought on spot markets from that itself, as Binance does. @default false: everything in USDT */
  feesInBase?: boolean;
}

export class FakeExchange {
  /** Everything the venue ever took, in order, duplicates included. */
  readonly orders: FakeOrder[] = [];
  /** What others do with the account's money: deposits, withdrawals, funding, and what nothing explains. */
  readonly account: FakeAccount;
  /**
   * While it is above zero, fills are told only so much later, by nothing but balances and positions: their order seems to be
   * open until then, and trades do not list them.
   */
  fillLagMs = 0;
  protected readonly clock: Clock;
  protected readonly markets: readonly Market[];
  readonly #feesInBase: boolean;
  readonly #executions: Execution[] = [];
  readonly #prices = new Map<string, Price>();

  constructor(options: FakeExchangeOptions) {
    this.clock = options.clock;
    this.markets = options.markets ?? [btcUsdt, ethUsdt, btcUsdtPerpetual];
    this.#feesInBase = options.feesInBase ?? false;
    this.account = new FakeAccount(options, { clock: this.clock, markets: this.markets });
    for (const market of this.markets) this.#prices.set(market.symbol, price('100'));
  }

  /** Orders the venue has under this client order id by now: more than one is a double. */
  ordersWith(clientOrderId: string): FakeOrder[] {
    this.keepTime();
    return this.orders.filter((order) => order.request.clientOrderId === clientOrderId && this.#isEffective(order));
  }

  /** Moves the market; open limit orders that the price reaches are filled. */
  setPrice(symbol: string, to: Price): void {
    this.keepTime();
    this.#prices.set(symbol, to);
    for (const order of this.orders) {
      if (order.request.symbol === symbol && order.status === 'open') this.work(order);
    }
  }

  /**
   * Somebody else places an order with the account, by other means than this port; no fault applies. `fillRest`, `cancel` and
   * `setPrice` work on it by its client order id, which is `web_<n>` unless it is told.
   *
   * @throws Error when the venue's rules do not take it
   */
  placeAsOutsider(order: Omit<OrderRequest, 'clientOrderId'> & { clientOrderId?: string }): FakeOrder {
    const request = { clientOrderId: `web_${this.orders.length + 1}`, ...order };
    const listed = this.markets.find(({ symbol }) => symbol === request.symbol);
    const refusal = listed && refusalOf(request, listed, this.priceOf(listed.symbol));
    if (listed === undefined || refusal !== undefined) throw new Error(refusal?.message ?? 'no such market');
    return this.take(request, undefined);
  }

  /** Fills an open order by so much at the price of now, whatever its limit: somebody else met it. */
  fillSome(clientOrderId: string, size: Amount): void {
    const order = this.find(clientOrderId);
    if (order?.status === 'open') this.fill(order, size);
  }

  /** Fills what a `partial_fill` left over. */
  fillRest(clientOrderId: string): void {
    const order = this.find(clientOrderId);
    if (order?.status === 'open') this.fill(order, subtract(order.request.amount, order.filled));
  }

  /** Cancels what is left of an open order, as its owner can at the venue itself. */
  cancel(clientOrderId: string): void {
    const order = this.find(clientOrderId);
    if (order?.status === 'open') order.status = 'canceled';
  }

  protected find(clientOrderId: string, symbol?: string): FakeOrder | undefined {
    return this.ordersWith(clientOrderId).findLast((order) => symbol === undefined || order.request.symbol === symbol);
  }

  protected show(order: FakeOrder): VenueOrder {
    return show(order, this.clock.nowMs());
  }

  protected symbolsOf(which: Market | MarketKind): ReadonlySet<string> {
    if (typeof which === 'object') return new Set([which.symbol]);
    return new Set(this.markets.filter(({ kind }) => kind === which).map(({ symbol }) => symbol));
  }

  /** Lets switches go off whose time has come. The venue does so whenever it is asked something, before it answers. */
  protected keepTime(): void {
    for (const [scope, atMs] of this.account.deadMan) {
      if (atMs > this.clock.nowMs()) continue;
      this.account.deadMan.delete(scope);
      const symbols = scope === '*' ? undefined : this.symbolsOf(scope);
      for (const order of this.orders) {
        if (order.status === 'open' && (symbols?.has(order.request.symbol) ?? true)) order.status = 'canceled';
      }
    }
  }

  protected effectiveExecutions(): Execution[] {
    return this.#executions.filter(({ order }) => this.#isEffective(order));
  }

  protected effective(): FakeOrder[] {
    this.keepTime();
    return this.orders.filter((order) => this.#isEffective(order));
  }

  #isEffective(order: FakeOrder): boolean {
    return order.effectiveAtMs <= this.clock.nowMs();
  }

  protected take(request: OrderRequest, fault: PlaceFault | undefined): FakeOrder {
    const order: FakeOrder = {
      venueOrderId: String(this.orders.length + 1) as VenueOrderId,
      request,
      status: 'open',
      filled: zeroAmount,
      fills: [],
      effectiveAtMs: this.clock.nowMs() + (fault?.kind === 'delay_effect' ? fault.delayMs : 0),
      working: !hasTrigger(request),
    };
    this.orders.push(order);
    this.work(order, fault?.kind === 'partial_fill' ? fault.filled : undefined);
    if (!order.working) return order;
    const immediate = request.timeInForce === 'IOC' || request.timeInForce === 'FOK';
    if (immediate && order.status === 'open') order.status = 'expired';
    return order;
  }

  /** Lets an order do what the price allows: trigger, and fill. @param most of it that fills */
  protected work(order: FakeOrder, most?: Amount): void {
    const at = this.priceOf(order.request.symbol);
    order.working ||= isTriggered(order, at);
    if (!order.working) return;
    const fillable = fillableAt(at, order.request);
    this.fill(order, most === undefined || !isPositive(fillable) ? fillable : minimum(most, fillable));
    if (order.status === 'open' && this.#isIdle(order)) order.status = 'canceled';
  }

  /** An order that may only reduce a position ends when there is nothing left to reduce. */
  #isIdle({ request, working }: FakeOrder): boolean {
    return working && this.isReducing(request) && !isPositive(this.reducible(request));
  }

  protected isReducing({ symbol, reduceOnly }: OrderRequest): boolean {
    return reduceOnly === true && this.markets.some((market) => market.symbol === symbol && market.kind !== 'spot');
  }

  /** How much of the position an order of this side can close. */
  protected reducible({ symbol, side }: OrderRequest): Amount {
    const markets = this.markets.filter((market) => market.symbol === symbol);
    const [position] = fakePositions(markets, this.effectiveExecutions());
    const closes = position !== undefined && (position.side === 'long') === (side === 'sell');
    return closes ? position.amount : zeroAmount;
  }

  protected fill(order: FakeOrder, quantity: Amount, lagMs = this.fillLagMs): void {
    const wanted = minimum(quantity, subtract(order.request.amount, order.filled));
    const size = this.isReducing(order.request) ? minimum(wanted, this.reducible(order.request)) : wanted;
    if (!isPositive(size)) return;
    const at = this.priceOf(order.request.symbol);
    const tradeId = `${order.venueOrderId}-${order.fills.length + 1}`;
    const atMs = Math.max(this.clock.nowMs(), order.effectiveAtMs);
    const fill = { tradeId, amount: size, price: at, fee: this.#feeOf(order.request, size, at), atMs };
    order.fills.push(fill);
    this.#executions.push({ order, fill });
    if (lagMs > 0) order.toldAtMs = new Map(order.toldAtMs).set(tradeId, this.clock.nowMs() + lagMs);
    order.filled = add(order.filled, size);
    if (order.filled === amount(order.request.amount)) order.status = 'filled';
  }

  #feeOf({ symbol, side }: OrderRequest, size: Amount, at: Price): Fee {
    const market = this.markets.find((each) => each.symbol === symbol);
    if (this.#feesInBase && side === 'buy' && market?.kind === 'spot') {
      return { asset: market.base, amount: amount(notionalOf(size, feeRate)) };
    }
    return { asset: 'USDT', amount: amount(notionalOf(amount(notionalOf(size, at)), feeRate)) };
  }

  protected priceOf(symbol: string): Price {
    const quote = this.#prices.get(symbol);
    if (quote === undefined) throw new VenueError('fake', `no price of ${symbol}`);
    return quote;
  }
}
