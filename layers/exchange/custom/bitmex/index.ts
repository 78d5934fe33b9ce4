/**
 * BitMEX, written from its published API: spot, perpetuals and futures.
 *
 * https://www.bitmex.com/app/apiOverview · https://www.bitmex.com/api/explorer/
 */
import type { Balances, Dict, Int, Num, Order, Position, Str, Strings, Trade } from 'ccxt';
import { BaseError, InvalidOrder, OrderNotFound, Precise } from 'ccxt';
import { pageSizes } from './description.ts';
import { exactNumber, orderBody } from './order-request.ts';
import { balanceFields } from './parse-values.ts';
import { BitmexPublic } from './public-api.ts';
import { unitsPerAmount } from './units.ts';

type Endpoint<Answer> = (params?: Dict) => Promise<Answer>;

export default class Bitmex extends BitmexPublic {
  declare privateGetExecutionTradeHistory: Endpoint<Dict[]>;
  declare privateGetOrder: Endpoint<Dict[]>;
  declare privateGetPosition: Endpoint<Dict[]>;
  declare privateGetUserMargin: Endpoint<Dict[]>;
  declare privatePostOrder: Endpoint<Dict>;
  declare privatePostPositionLeverage: Endpoint<Dict>;
  declare privatePutOrder: Endpoint<Dict>;
  declare privateDeleteOrder: Endpoint<Dict[]>;
  declare privateDeleteOrderAll: Endpoint<Dict[]>;

  /** The answer tells how much was filled but not by which executions: they are asked for, and left out if not told. */
  override async createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: number,
    price?: Num,
    params: Dict = {},
  ): Promise<Order> {
    await this.loadMarkets();
    const market = this.market(symbol);
    const body = orderBody({
      type,
      side,
      orderQty: this.#orderQty(symbol, amount),
      ...(price !== undefined && { price: this.#price(symbol, price) }),
      params,
    });
    const placed = await this.privatePostOrder({ symbol: market.id, ...body });
    const executions = Number(placed.cumQty) > 0 ? await this.#executionsIfTold(placed.orderID) : [];
    const order = this.parseOrder(placed, market);
    return { ...order, trades: this.parseTrades(executions, market) };
  }

  override async editOrder(
    id: string,
    symbol: string,
    _type: string,
    _side: string,
    amount?: Num,
    price?: Num,
    params: Dict = {},
  ): Promise<Order> {
    await this.loadMarkets();
    const { clientOrderId, triggerPrice, ...own } = params;
    const changed = await this.privatePutOrder({
      ...(clientOrderId === undefined ? { orderID: id } : { origClOrdID: clientOrderId }),
      ...(amount !== undefined && { orderQty: exactNumber(this.#orderQty(symbol, amount)) }),
      ...(price !== undefined && { price: exactNumber(this.#price(symbol, price)) }),
      ...(triggerPrice !== undefined && { stopPx: exactNumber(this.#price(symbol, triggerPrice)) }),
      ...own,
    });
    return this.parseOrder(changed, this.market(symbol));
  }

  override async cancelOrder(id: string, _symbol?: Str, params: Dict = {}): Promise<Order> {
    await this.loadMarkets();
    const { clientOrderId, ...own } = params;
    const which = clientOrderId === undefined ? { orderID: id } : { clOrdID: clientOrderId };
    const [canceled] = await this.privateDeleteOrder({ ...which, ...own });
    if (canceled === undefined) throw new OrderNotFound(`${this.id} has no order ${clientOrderId ?? id} to cancel`);
    return this.parseOrder(canceled);
  }

  override async cancelAllOrders(symbol?: Str, params: Dict = {}): Promise<Order[]> {
    await this.loadMarkets();
    const canceled = await this.privateDeleteOrderAll({ ...this.#only(symbol), ...params });
    return this.parseOrders(canceled);
  }

  /** By BitMEX's id, or by ours as the parameter `clientOrderId`. */
  override async fetchOrder(id: string, symbol?: Str, params: Dict = {}): Promise<Order> {
    const { clientOrderId, ...own } = params;
    const filter = clientOrderId === undefined ? { orderID: id } : { clOrdID: clientOrderId };
    const [order] = await this.#orders({ symbol, limit: 1, filter, params: own });
    if (order === undefined) throw new OrderNotFound(`${this.id} has no order ${clientOrderId ?? id}`);
    return order;
  }

  override fetchOrders(symbol?: Str, since?: Int, limit?: Int, params: Dict = {}): Promise<Order[]> {
    return this.#orders({ symbol, since, limit, params });
  }

  override fetchOpenOrders(symbol?: Str, since?: Int, limit?: Int, params: Dict = {}): Promise<Order[]> {
    return this.#orders({ symbol, since, limit, filter: { open: true }, params });
  }

  override fetchClosedOrders(symbol?: Str, since?: Int, limit?: Int, params: Dict = {}): Promise<Order[]> {
    return this.#orders({ symbol, since, limit, filter: { ordStatus: 'Filled' }, params });
  }

  override fetchCanceledOrders(symbol?: Str, since?: Int, limit?: Int, params: Dict = {}): Promise<Order[]> {
    return this.#orders({ symbol, since, limit, filter: { ordStatus: 'Canceled' }, params });
  }

  override async fetchMyTrades(symbol?: Str, since?: Int, limit?: Int, params: Dict = {}): Promise<Trade[]> {
    await this.loadMarkets();
    const range = this.rangeOf(since, limit, pageSizes.orders);
    const executions = await this.#executions({ ...this.#only(symbol), ...range, ...params });
    return this.parseTrades(executions, symbol === undefined ? undefined : this.market(symbol), since, limit);
  }

  override async fetchOrderTrades(id: string, symbol?: Str, since?: Int, limit?: Int, params: Dict = {}) {
    return this.fetchMyTrades(symbol, since, limit, { ...params, filter: { orderID: id } });
  }

  /** One account margins all kinds of markets, so ccxt's parameter `type` chooses nothing. */
  override async fetchBalance({ type: _, ...params }: Dict = {}): Promise<Balances> {
    const margins = await this.privateGetUserMargin({ currency: 'all', ...params });
    await this.#knowScalesOf(margins);
    return balanceFields(this, margins) as Balances;
  }

  override async fetchPositions(symbols?: Strings, params: Dict = {}): Promise<Position[]> {
    await this.loadMarkets();
    const positions = await this.privateGetPosition({ filter: JSON.stringify({ isOpen: true }), ...params });
    await this.#knowScalesOf(positions);
    return this.parsePositions(positions, symbols);
  }

  /** Zero is cross margin, any other number isolates the position. */
  override async setLeverage(leverage: number, symbol?: Str, params: Dict = {}): Promise<Dict> {
    await this.loadMarkets();
    const market = this.market(symbol);
    return this.privatePostPositionLeverage({ symbol: market.id, leverage: exactNumber(String(leverage)), ...params });
  }

  async #orders({ symbol, since, limit, filter, params }: OrderQuery): Promise<Order[]> {
    await this.loadMarkets();
    const orders = await this.privateGetOrder({
      ...this.#only(symbol),
      ...this.rangeOf(since, limit, pageSizes.orders),
      ...(filter && { filter: JSON.stringify(filter) }),
      ...params,
    });
    return this.parseOrders(orders, symbol === undefined ? undefined : this.market(symbol), since, limit);
  }

  /** The history also holds funding payments and settlements, which are no trades. */
  async #executions({ filter, ...query }: Dict): Promise<Dict[]> {
    const only = JSON.stringify({ ...filter, execType: 'Trade' });
    return this.privateGetExecutionTradeHistory({ ...query, filter: only });
  }

  async #executionsIfTold(orderId: string): Promise<Dict[]> {
    try {
      return await this.#executions({ filter: { orderID: orderId }, count: pageSizes.orders });
    } catch (error) {
      // The order is placed, whatever became of this question.
      if (error instanceof BaseError) return [];
      throw error;
    }
  }

  /** Settlement currencies are known; any other asset that an account holds is looked up once. */
  async #knowScalesOf(entries: readonly Dict[]): Promise<void> {
    const { scales } = this.options;
    if (entries.every(({ currency }) => currency in scales)) return;
    for (const { currency, scale } of Object.values(await this.publicGetWalletAssets()))
      scales[currency] = Number(scale);
  }

  #only(symbol: Str): Dict {
    return symbol === undefined ? {} : { symbol: this.market(symbol).id };
  }

  /** @throws InvalidOrder where the amount is no whole number of BitMEX's units. */
  #orderQty(symbol: string, amount: number): string {
    const text = this.amountToPrecision(symbol, amount);
    const units = Precise.stringMul(text, unitsPerAmount(this.market(symbol)));
    if (units !== undefined && Precise.stringEq(Precise.stringMod(units, '1'), '0')) return units;
    throw new InvalidOrder(`${this.id} counts orders of ${symbol} in whole units; ${amount} is ${units} of them`);
  }

  #price(symbol: string, price: number): string {
    return this.priceToPrecision(symbol, price) ?? '';
  }
}

interface OrderQuery {
  symbol?: Str;
  since?: Int;
  limit?: Int;
  filter?: Dict;
  params: Dict;
}
