/** What ccxt's base class wants to know of a venue, for BitMEX. */
import { functions } from 'ccxt';
import { broadErrors, exactErrors } from './errors.ts';

const addresses = (host: string) => ({ public: `https://${host}/api/v1`, private: `https://${host}/api/v1` });

/** Most orders or executions, and most trades or candles, in one answer. */
export const pageSizes = { orders: 500, trades: 1_000 } as const;

/** BitMEX refuses a request that arrives this long after it was signed. */
export const signatureLifeSeconds = 5;

const has = {
  CORS: undefined,
  spot: true,
  margin: false,
  swap: true,
  future: true,
  option: false,
  cancelAllOrders: true,
  cancelOrder: true,
  createOrder: true,
  createPostOnlyOrder: true,
  createReduceOnlyOrder: true,
  createStopLossOrder: true,
  createTakeProfitOrder: true,
  createTriggerOrder: true,
  editOrder: true,
  fetchBalance: true,
  fetchCanceledOrders: true,
  fetchClosedOrders: true,
  fetchCurrencies: true,
  fetchFundingRate: true,
  fetchFundingRateHistory: true,
  fetchFundingRates: true,
  fetchMarkets: true,
  fetchMyTrades: true,
  fetchOHLCV: true,
  fetchOpenOrders: true,
  fetchOrder: true,
  fetchOrderBook: true,
  fetchOrders: true,
  fetchOrderTrades: true,
  fetchPositions: true,
  fetchStatus: true,
  fetchTicker: true,
  fetchTickers: true,
  fetchTime: true,
  fetchTrades: true,
  setLeverage: true,
  withdraw: false,
} as const;

/** Paths and their cost in requests. */
const api = {
  public: {
    get: {
      '': 1,
      funding: 1,
      instrument: 1,
      'instrument/active': 1,
      'orderBook/L2': 1,
      trade: 1,
      'trade/bucketed': 1,
      'wallet/assets': 1,
    },
  },
  private: {
    get: {
      apiKey: 1,
      'execution/tradeHistory': 1,
      order: 1,
      position: 1,
      'user/margin': 1,
    },
    post: { order: 1, 'position/leverage': 1 },
    put: { order: 1 },
    delete: { order: 1, 'order/all': 1 },
  },
} as const;

const listOfOrders = {
  marginMode: false,
  limit: pageSizes.orders,
  trigger: false,
  trailing: false,
  symbolRequired: false,
};

const features = {
  spot: {
    sandbox: true,
    createOrder: {
      marginMode: false,
      triggerPrice: true,
      triggerPriceType: { last: true, mark: true, index: true },
      triggerDirection: true,
      stopLossPrice: true,
      takeProfitPrice: true,
      timeInForce: { IOC: true, FOK: true, PO: true, GTD: false },
      hedged: false,
      trailing: false,
      leverage: false,
      marketBuyByCost: false,
      marketBuyRequiresPrice: false,
      selfTradePrevention: false,
      iceberg: false,
    },
    fetchMyTrades: { marginMode: false, limit: pageSizes.orders, symbolRequired: false },
    fetchOrder: { marginMode: false, trigger: false, trailing: false, symbolRequired: false },
    fetchOpenOrders: listOfOrders,
    fetchOrders: listOfOrders,
    fetchClosedOrders: listOfOrders,
    fetchOHLCV: { limit: pageSizes.trades },
  },
  swap: { linear: { extends: 'spot' }, inverse: { extends: 'spot' } },
  future: { linear: { extends: 'spot' }, inverse: { extends: 'spot' } },
};

export const description = {
  id: 'bitmex',
  name: 'BitMEX',
  countries: ['SC'],
  version: 'v1',
  // 120 requests a minute with a key. What is asked without one costs more, see `calculateRateLimiterCost`.
  rateLimit: 500,
  certified: false,
  pro: false,
  has,
  timeframes: { '1m': '1m', '5m': '5m', '1h': '1h', '1d': '1d' },
  urls: {
    api: addresses('www.bitmex.com'),
    test: addresses('testnet.bitmex.com'),
    www: 'https://www.bitmex.com',
    doc: ['https://www.bitmex.com/app/apiOverview', 'https://www.bitmex.com/api/explorer/'],
  },
  api,
  features,
  requiredCredentials: { apiKey: true, secret: true },
  precisionMode: functions.TICK_SIZE,
  exceptions: { exact: exactErrors, broad: broadErrors },
  // Minor units that are not the major one's name in other letters: `XBt` and `USDt` are that already.
  commonCurrencies: { GWEI: 'ETH', LAMP: 'SOL' },
};
