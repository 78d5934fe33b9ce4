/**
 * edgeX, a venue of perpetuals that settles on StarkEx, written from its published API: its first version, at
 * `pro.edgex.exchange`. An order carries two signatures of the account's Stark key, one for the request and one for the
 * settlement. https://edgex-1.gitbook.io/edgeX-documentation/api
 */
import {
  ArgumentsRequired,
  BadRequest,
  BadSymbol,
  type Dict,
  ExchangeError,
  InvalidOrder,
  type Market,
  type MarketInterface,
  NotSupported,
  type Order,
  OrderNotFound,
  Precise,
  type Str,
} from 'ccxt';
import { entryOf, type Parameters } from './edgex-client.ts';
import { EdgexOrderHistory } from './edgex-order-history.ts';
import { type SignedOrderFields, type StarkAsset, signOrder } from './sign-order.ts';

/** What edgeX can be asked for again without an escape in the query. */
const clientOrderIdPattern = /^[\w.-]{1,64}$/;
const accountIdPattern = /^\d{1,19}$/;
/** A buyer at market signs for ten times the oracle's price, as edgeX's documentation asks for. */
const marketBuyFactor = '10';
/** Orders that wait for a price, in ccxt's words. */
const triggers = [
  'stopPrice',
  'triggerPrice',
  'stopLossPrice',
  'takeProfitPrice',
  'trailingPercent',
  'stopLoss',
  'takeProfit',
];

const timesInForce: Readonly<Record<string, string>> = {
  GTC: 'GOOD_TIL_CANCEL',
  IOC: 'IMMEDIATE_OR_CANCEL',
  FOK: 'FILL_OR_KILL',
  PO: 'POST_ONLY',
};

/** An order as it is sent, numbers on the market's steps. */
interface OrderDraft {
  clientOrderId: string;
  side: 'buy' | 'sell';
  size: string;
  /** Absent for an order at market. */
  price?: string;
}

export default class edgex extends EdgexOrderHistory {
  /** @returns the order's ids; edgeX tells no more until it is asked. */
  override async createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: number,
    price?: number,
    params: Parameters = {},
  ): Promise<Order> {
    const market = await this.marketOf(symbol);
    const draft = this.#draft(market, { type, side, amount, price, params });
    const { clientOrderId: _, timeInForce, postOnly, reduceOnly = false, ...rest } = params;
    const answer = await this.command('order/createOrder', {
      contractId: market.id,
      type: type.toUpperCase(),
      side: side.toUpperCase(),
      price: draft.price ?? '0',
      size: draft.size,
      clientOrderId: draft.clientOrderId,
      timeInForce: timeInForceOf(type, postOnly === true ? 'PO' : (timeInForce ?? 'GTC')),
      reduceOnly,
      isPositionTpsl: false,
      isSetOpenTp: false,
      isSetOpenSl: false,
      ...this.#settlement(market, draft, await this.#worstPrice(market, draft)),
      ...rest,
    });
    const id = this.safeString(answer, 'orderId');
    return this.safeOrder({ id, clientOrderId: draft.clientOrderId, symbol, info: answer }, market as Market);
  }

  #draft(market: MarketInterface, { type, side, amount, price, params }: Dict): OrderDraft {
    if (type !== 'limit' && type !== 'market') throw new NotSupported(`${this.id} orders are limit or market here`);
    if (side !== 'buy' && side !== 'sell') throw new InvalidOrder(`${this.id} side is buy or sell`);
    const trigger = triggers.find((name) => params[name] !== undefined);
    if (trigger !== undefined) throw new NotSupported(`${this.id} takes no ${trigger} here`);
    const clientOrderId = params.clientOrderId ?? this.uuid();
    if (!clientOrderIdPattern.test(clientOrderId)) {
      throw new InvalidOrder(`${this.id} clientOrderId is up to 64 letters, digits and . _ - here`);
    }
    const size = this.amountToPrecision(market.symbol, amount);
    if (size === undefined) throw new InvalidOrder(`${this.id} order without an amount`);
    if (type === 'market') return { clientOrderId, side, size };
    if (price === undefined) throw new ArgumentsRequired(`${this.id} limit order without a price`);
    const limit = this.priceToPrecision(market.symbol, price);
    if (limit === undefined) throw new InvalidOrder(`${this.id} order with a price that is no number`);
    return { clientOrderId, side, size, price: limit };
  }

  /** The price that the settlement is signed for: the worst that may be paid or received. */
  async #worstPrice(market: MarketInterface, { side, price }: OrderDraft): Promise<string> {
    if (price !== undefined) return price;
    const worst =
      side === 'buy'
        ? Precise.stringMul(await this.recentOraclePrice(market), marketBuyFactor)
        : this.safeString(market.info, 'tickSize');
    if (worst === undefined) throw new BadSymbol(`${this.id} tells no price to sign an order at market for`);
    return worst;
  }

  #settlement(market: MarketInterface, draft: OrderDraft, worstPrice: string): SignedOrderFields {
    if (!accountIdPattern.test(this.accountId)) throw new BadRequest(`${this.id} accountId is a number`);
    const order = {
      ...draft,
      worstPrice,
      accountId: this.accountId,
      takerFeeRate: this.safeString(market.info, 'defaultTakerFeeRate', '0'),
      synthetic: this.#asset(market, market.info, 'starkExSyntheticAssetId'),
      collateral: this.#asset(market, market.info.quoteCoin, 'starkExAssetId'),
      placedAtMs: this.milliseconds(),
    };
    try {
      return signOrder(order, this.starkKey());
    } catch (error) {
      if (error instanceof RangeError) throw new InvalidOrder(`${this.id} can not settle this order: ${error.message}`);
      throw error;
    }
  }

  #asset({ symbol }: MarketInterface, entry: unknown, idName: string): StarkAsset {
    const id = this.safeString(entry, idName);
    const resolution = this.safeString(entry, 'starkExResolution');
    if (id === undefined || resolution === undefined) {
      throw new BadSymbol(`${this.id} does not tell what orders of ${symbol} are signed with`);
    }
    return { id, resolution };
  }

  /** @param id edgeX's own, unless `params.clientOrderId` names the order by ours. */
  override async cancelOrder(id: string, symbol?: Str, params: Parameters = {}): Promise<Order> {
    await this.loadMarkets();
    const { clientOrderId, ...rest } = params;
    const answer =
      clientOrderId === undefined
        ? await this.command('order/cancelOrderById', { orderIdList: [id], ...rest })
        : await this.command('order/cancelOrderByClientOrderId', { clientOrderIdList: [clientOrderId], ...rest });
    const named = String(clientOrderId ?? id);
    const result = this.safeString(entryOf(answer.cancelResultMap), named);
    if (result === undefined) throw new OrderNotFound(`${this.id} says nothing of order ${named}`);
    return this.#canceled(result, clientOrderId === undefined ? { id, symbol } : { clientOrderId, symbol });
  }

  override async cancelAllOrders(symbol?: Str, params: Parameters = {}): Promise<Order[]> {
    const market = symbol === undefined ? undefined : await this.marketOf(symbol);
    const filter = market === undefined ? {} : { filterContractIdList: [market.id] };
    const answer = await this.command('order/cancelAllOrder', { ...filter, ...params });
    const results = Object.entries(entryOf(answer.cancelResultMap ?? {}));
    return results.map(([id, result]) => this.#canceled(String(result), { id, symbol }));
  }

  /** Canceling may still be under way when edgeX agrees to it. */
  #canceled(result: string, order: Dict): Order {
    if (!result.startsWith('SUCCESS')) {
      this.throwByCode(result, `${this.id} cancel: ${result}`);
      throw new ExchangeError(`${this.id} cancel: ${result}`);
    }
    const status = result === 'SUCCESS_ORDER_CANCELED' ? 'canceled' : 'canceling';
    return this.safeOrder({ ...order, status, info: { result } });
  }
}

function timeInForceOf(type: string, wanted: unknown): string {
  if (type === 'market') return 'IMMEDIATE_OR_CANCEL';
  const timeInForce = timesInForce[String(wanted)];
  if (timeInForce === undefined) throw new InvalidOrder('edgex timeInForce is GTC, IOC, FOK or PO');
  return timeInForce;
}
