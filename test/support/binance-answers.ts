/**
 * Answers of Binance in its own words, after its documentation of the spot and USDⓈ-M APIs:
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api
 */
import type { Script, ScriptedAnswer } from './scripted-server.ts';

const symbol = {
  symbol: 'BTCUSDT',
  status: 'TRADING',
  baseAsset: 'BTC',
  baseAssetPrecision: 8,
  quoteAsset: 'USDT',
  quotePrecision: 8,
  quoteAssetPrecision: 8,
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: false,
  permissions: [],
  permissionSets: [['SPOT']],
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
    { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00000000' },
  ],
};

const perpetual = {
  symbol: 'BTCUSDT',
  pair: 'BTCUSDT',
  contractType: 'PERPETUAL',
  deliveryDate: 4_133_404_800_000,
  onboardDate: 1_569_398_400_000,
  status: 'TRADING',
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  marginAsset: 'USDT',
  pricePrecision: 2,
  quantityPrecision: 3,
  baseAssetPrecision: 8,
  quotePrecision: 8,
  orderTypes: ['LIMIT', 'MARKET'],
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '556.80', maxPrice: '4529764', tickSize: '0.10' },
    { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' },
    { filterType: 'MIN_NOTIONAL', notional: '100' },
  ],
};

/** How far this Binance's clock is ahead of the machine's. */
const aheadMs = 30_000;
export const serverTimeMs = (): number => Date.now() + aheadMs;

export const exchangeInfoRoutes: Record<string, ScriptedAnswer> = {
  'GET /api/v3/exchangeInfo': { body: { timezone: 'UTC', symbols: [symbol] } },
  'GET /fapi/v1/exchangeInfo': { body: { timezone: 'UTC', symbols: [perpetual] } },
};

export const bookTicker = {
  symbol: 'BTCUSDT',
  bidPrice: '59999.90000000',
  bidQty: '1.00000000',
  askPrice: '60000.10000000',
  askQty: '2.00000000',
};

export const openOrder = {
  symbol: 'BTCUSDT',
  orderId: 28,
  orderListId: -1,
  clientOrderId: 'nd0123456789abcdefghjkmnpq',
  transactTime: 1_795_000_000_500,
  time: 1_795_000_000_500,
  price: '60000.10000000',
  origQty: '0.01000000',
  executedQty: '0.00000000',
  cummulativeQuoteQty: '0.00000000',
  status: 'NEW',
  timeInForce: 'GTC',
  type: 'LIMIT',
  side: 'BUY',
  fills: [] as object[],
};

export const filledOrder = {
  ...openOrder,
  executedQty: '0.01000000',
  cummulativeQuoteQty: '600.00000000',
  status: 'FILLED',
  fills: [
    { price: '60000.00', qty: '0.00400000', commission: '0.00001000', commissionAsset: 'BNB', tradeId: 56 },
    { price: '60000.00', qty: '0.00600000', commission: '0.00001500', commissionAsset: 'BNB', tradeId: 57 },
  ],
};

export const otherOrder = { ...openOrder, orderId: 7, clientOrderId: 'web_somebody' };

export const trades = filledOrder.fills.map((fill) => ({
  symbol: 'BTCUSDT',
  id: fill.tradeId,
  orderId: filledOrder.orderId,
  orderListId: -1,
  price: fill.price,
  qty: fill.qty,
  quoteQty: '1',
  commission: fill.commission,
  commissionAsset: fill.commissionAsset,
  time: 1_795_000_000_600,
  isBuyer: true,
  isMaker: false,
  isBestMatch: true,
}));

export const timestampRefused = { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' };
export const orderDoesNotExist = { code: -2013, msg: 'Order does not exist.' };

/** A Binance that has heard of no order. */
export const nothingFound: Record<string, ScriptedAnswer | Script> = {
  'GET /api/v3/order': { status: 400, body: orderDoesNotExist },
  'GET /api/v3/openOrders': { body: [] },
  'GET /api/v3/allOrders': { body: [] },
  'GET /api/v3/myTrades': { body: [] },
  'GET /api/v3/time': () => ({ body: { serverTime: serverTimeMs() } }),
};
