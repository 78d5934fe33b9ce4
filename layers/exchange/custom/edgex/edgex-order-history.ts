/** Orders and fills as edgeX remembers them. */
import { type Dict, type Int, type Market, type Order, OrderNotFound, Precise, type Str, type Trade } from 'ccxt';
import { EdgexAccount } from './edgex-account.ts';
import { type Entry, listOf, type Parameters } from './edgex-client.ts';

const activePageSize = 200;
const historyPageSize = 100;

const statuses: Readonly<Record<string, string>> = {
  PENDING: 'open',
  OPEN: 'open',
  UNTRIGGERED: 'open',
  FILLED: 'closed',
  CANCELING: 'canceling',
  CANCELED: 'canceled',
};

const timesInForce: Readonly<Record<string, string>> = {
  GOOD_TIL_CANCEL: 'GTC',
  IMMEDIATE_OR_CANCEL: 'IOC',
  FILL_OR_KILL: 'FOK',
  POST_ONLY: 'PO',
};

/** A match that the settlement refused: it is part of no position. */
const undone: ReadonlySet<unknown> = new Set(['CENSOR_FAILURE', 'L2_REJECT', 'L2_REJECT_APPROVED']);

interface ListQuery {
  symbol?: Str;
  since?: Int;
  limit?: Int;
  params: Parameters;
}

export class EdgexOrderHistory extends EdgexAccount {
  /** @param id edgeX's own, unless `params.clientOrderId` asks by ours. */
  override async fetchOrder(id: string, symbol?: Str, params: Parameters = {}): Promise<Order> {
    const market = symbol === undefined ? undefined : await this.marketOf(symbol);
    if (market === undefined) await this.loadMarkets();
    const { clientOrderId, ...rest } = params;
    // Live orders first: an order moves to the past, never back, so it cannot slip through between the questions.
    const questions =
      clientOrderId === undefined
        ? (['order/getOrderById', 'order/getHistoryOrderById'] as const)
        : (['order/getOrderByClientOrderId', 'order/getHistoryOrderByClientOrderId'] as const);
    const named = clientOrderId === undefined ? { orderIdList: id } : { clientOrderIdList: clientOrderId };
    for (const question of questions) {
      const [order] = listOf(await this.askPrivately(question, { ...named, ...rest }));
      if (order !== undefined) return this.parseOrder(order, market as Market);
    }
    throw new OrderNotFound(`${this.id} has no order ${clientOrderId ?? id}`);
  }

  override async fetchOpenOrders(symbol?: Str, since?: Int, limit?: Int, params: Parameters = {}): Promise<Order[]> {
    const query = { symbol, since, limit, params };
    return this.#orders('order/getActiveOrderPage', activePageSize, query);
  }

  override fetchClosedOrders(symbol?: Str, since?: Int, limit?: Int, params: Parameters = {}): Promise<Order[]> {
    return this.#pastOrders('FILLED', { symbol, since, limit, params });
  }

  override fetchCanceledOrders(symbol?: Str, since?: Int, limit?: Int, params: Parameters = {}): Promise<Order[]> {
    return this.#pastOrders('CANCELED', { symbol, since, limit, params });
  }

  override fetchCanceledAndClosedOrders(
    symbol?: Str,
    since?: Int,
    limit?: Int,
    params: Parameters = {},
  ): Promise<Order[]> {
    return this.#pastOrders('FILLED,CANCELED', { symbol, since, limit, params });
  }

  /** `params.orderId` keeps to the fills of one order. */
  override async fetchMyTrades(symbol?: Str, since?: Int, limit?: Int, params: Parameters = {}): Promise<Trade[]> {
    const { orderId, ...rest } = params;
    const market = symbol === undefined ? undefined : await this.marketOf(symbol);
    if (market === undefined) await this.loadMarkets();
    const entries = await this.askForAll({
      path: 'order/getHistoryOrderFillTransactionPage',
      parameters: {
        ...filters(market?.id, since),
        ...(orderId !== undefined && { filterOrderIdList: orderId }),
        ...rest,
      },
      pageSize: historyPageSize,
      entriesMax: since === undefined ? limit : undefined,
    });
    const settled = entries.filter(({ censorStatus }) => !undone.has(censorStatus));
    return this.parseTrades(settled, market as Market, since, limit);
  }

  override fetchOrderTrades(
    id: string,
    symbol?: Str,
    since?: Int,
    limit?: Int,
    params: Parameters = {},
  ): Promise<Trade[]> {
    return this.fetchMyTrades(symbol, since, limit, { ...params, orderId: id });
  }

  #pastOrders(status: string, { params, ...query }: ListQuery): Promise<Order[]> {
    return this.#orders('order/getHistoryOrderPage', historyPageSize, {
      ...query,
      params: { filterStatusList: status, ...params },
    });
  }

  async #orders(
    path: 'order/getActiveOrderPage' | 'order/getHistoryOrderPage',
    pageSize: number,
    { symbol, since, limit, params }: ListQuery,
  ): Promise<Order[]> {
    const market = symbol === undefined ? undefined : await this.marketOf(symbol);
    if (market === undefined) await this.loadMarkets();
    const entries = await this.askForAll({
      path,
      parameters: { ...filters(market?.id, since), ...params },
      pageSize,
      // From a time on, the caller wants the first entries and edgeX's pages start with the last.
      entriesMax: since === undefined ? limit : undefined,
    });
    return this.parseOrders(entries, market as Market, since, limit);
  }

  override parseOrder(order: Dict, given?: Market): Order {
    const market = this.safeMarket(this.safeString(order, 'contractId'), given);
    const createdMs = this.safeInteger(order, 'createdTime');
    const timeInForce = this.safeString(timesInForce, this.safeString(order, 'timeInForce'));
    const triggerPrice = this.omitZero(this.safeString(order, 'triggerPrice'));
    return this.safeOrder(
      {
        id: this.safeString(order, 'id'),
        clientOrderId: this.safeString(order, 'clientOrderId'),
        symbol: market.symbol,
        timestamp: createdMs,
        datetime: this.iso8601(createdMs),
        lastUpdateTimestamp: this.safeInteger(order, 'updatedTime'),
        type: this.safeStringLower(order, 'type'),
        side: this.safeStringLower(order, 'side'),
        price: this.omitZero(this.safeString(order, 'price')),
        triggerPrice,
        amount: this.safeString(order, 'size'),
        filled: this.safeString(order, 'cumFillSize'),
        cost: this.safeString(order, 'cumFillValue'),
        status: statusOf(order),
        timeInForce,
        postOnly: timeInForce === 'PO',
        reduceOnly: order.reduceOnly,
        fee: { currency: market.settle, cost: this.safeString(order, 'cumFillFee') },
        info: order,
      },
      market as Market,
    );
  }

  override parseTrade(fill: Dict, given?: Market): Trade {
    const market = this.safeMarket(this.safeString(fill, 'contractId'), given);
    const matchedMs = this.safeInteger2(fill, 'matchTime', 'createdTime');
    const [size, value] = [this.safeString(fill, 'fillSize'), this.safeString(fill, 'fillValue')];
    return this.safeTrade(
      {
        id: this.safeString(fill, 'id'),
        order: this.safeString(fill, 'orderId'),
        symbol: market.symbol,
        timestamp: matchedMs,
        datetime: this.iso8601(matchedMs),
        side: this.safeStringLower(fill, 'orderSide'),
        takerOrMaker: this.safeStringLower(fill, 'direction'),
        // `fillPrice` is for display only, says the documentation.
        price: Precise.stringDiv(value, size),
        amount: size,
        cost: value,
        fee: { currency: market.settle, cost: this.safeString(fill, 'fillFee') },
        info: fill,
      },
      market as Market,
    );
  }
}

const filters = (contractId: Str, since: Int): Parameters => ({
  ...(contractId !== undefined && { filterContractIdList: contractId }),
  ...(since !== undefined && { filterStartCreatedTimeInclusive: String(since) }),
});

function statusOf(order: Entry): string | undefined {
  if (order.status === 'CANCELED' && order.cancelReason === 'EXPIRE_CANCELED') return 'expired';
  return statuses[String(order.status)];
}
