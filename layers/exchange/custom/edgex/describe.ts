/**
 * What edgeX (its first version, settled on StarkEx) offers and where, for `describe()`.
 * https://edgex-1.gitbook.io/edgeX-documentation/api
 */
import {
  AuthenticationError,
  BadRequest,
  BadSymbol,
  DuplicateOrderId,
  InsufficientFunds,
  InvalidNonce,
  OnMaintenance,
  OrderNotFound,
  PermissionDenied,
  RateLimitExceeded,
} from 'ccxt';

/** What each request counts: edgeX publishes no weights. */
const plain = 1;

/** Requests below `/api/v1/<access>/`, with their cost. */
export const endpoints = {
  public: {
    get: {
      'meta/getServerTime': plain,
      'meta/getMetaData': plain,
      'quote/getTicker': plain,
      'quote/getDepth': plain,
      'quote/getKline': plain,
      'funding/getLatestFundingRate': plain,
      'funding/getFundingRatePage': plain,
    },
  },
  private: {
    get: {
      'account/getAccountAsset': plain,
      'order/getOrderById': plain,
      'order/getOrderByClientOrderId': plain,
      'order/getHistoryOrderById': plain,
      'order/getHistoryOrderByClientOrderId': plain,
      'order/getActiveOrderPage': plain,
      'order/getHistoryOrderPage': plain,
      'order/getHistoryOrderFillTransactionPage': plain,
    },
    post: {
      'account/updateLeverageSetting': plain,
      'order/createOrder': plain,
      'order/cancelOrderById': plain,
      'order/cancelOrderByClientOrderId': plain,
      'order/cancelAllOrder': plain,
    },
  },
} as const;

const has = {
  spot: false,
  margin: false,
  swap: true,
  future: false,
  option: false,
  cancelAllOrders: true,
  cancelOrder: true,
  createMarketOrder: true,
  createOrder: true,
  createPostOnlyOrder: true,
  createReduceOnlyOrder: true,
  createStopOrder: false,
  createTriggerOrder: false,
  editOrder: false,
  fetchBalance: true,
  fetchBidsAsks: false,
  fetchCanceledAndClosedOrders: true,
  fetchCanceledOrders: true,
  fetchClosedOrders: true,
  fetchCurrencies: false,
  fetchFundingRate: true,
  fetchFundingRateHistory: true,
  fetchFundingRates: true,
  fetchIndexOHLCV: true,
  fetchMarkets: true,
  fetchMarkOHLCV: true,
  fetchMyTrades: true,
  fetchOHLCV: true,
  fetchOpenOrders: true,
  fetchOrder: true,
  fetchOrderBook: true,
  fetchOrders: false,
  fetchOrderTrades: true,
  fetchPositions: true,
  fetchTicker: true,
  fetchTickers: true,
  fetchTime: true,
  fetchTrades: false,
  setLeverage: true,
  setMarginMode: false,
  withdraw: false,
};

const timeframes = {
  '1m': 'MINUTE_1',
  '5m': 'MINUTE_5',
  '15m': 'MINUTE_15',
  '30m': 'MINUTE_30',
  '1h': 'HOUR_1',
  '2h': 'HOUR_2',
  '4h': 'HOUR_4',
  '6h': 'HOUR_6',
  '8h': 'HOUR_8',
  '12h': 'HOUR_12',
  '1d': 'DAY_1',
  '1w': 'WEEK_1',
  '1M': 'MONTH_1',
};

/**
 * edgeX has no published list of its codes. `exact` are those that its documentation and SDKs name; `broad` goes by the
 * words in a code, and only by words that leave no doubt that the request was not carried out.
 */
const exceptions = {
  exact: {
    ACCOUNT_ID_WHITELIST_ERROR: PermissionDenied,
    ACCOUNT_NOT_FOUND: AuthenticationError,
    INSUFFICIENT_BALANCE: InsufficientFunds,
    INVALID_CONTRACT_ID: BadSymbol,
    INVALID_DEPTH_LEVEL: BadRequest,
    INVALID_PARAMETER: BadRequest,
    ORDER_NOT_FOUND: OrderNotFound,
    RATE_LIMIT_EXCEEDED: RateLimitExceeded,
    SIGNATURE_ERROR: AuthenticationError,
    // Results of canceling, per order.
    FAILED_ORDER_FILLED: OrderNotFound,
    FAILED_ORDER_NOT_FOUND: OrderNotFound,
  },
  broad: {
    DUPLICATE: DuplicateOrderId,
    MAINTENANCE: OnMaintenance,
    RATE_LIMIT: RateLimitExceeded,
    TOO_MANY: RateLimitExceeded,
    TIMESTAMP: InvalidNonce,
    SIGNATURE: AuthenticationError,
    WHITELIST: PermissionDenied,
    INSUFFICIENT: InsufficientFunds,
    NOT_ENOUGH: InsufficientFunds,
    INVALID_: BadRequest,
  },
};

export const description = {
  id: 'edgex',
  name: 'edgeX',
  countries: [],
  version: 'v1',
  certified: false,
  pro: false,
  dex: true,
  // Five requests per second, which edgeX's command line client keeps to; a limit is not published.
  rateLimit: 200,
  has,
  timeframes,
  urls: {
    api: { public: 'https://pro.edgex.exchange', private: 'https://pro.edgex.exchange' },
    test: { public: 'https://testnet.edgex.exchange', private: 'https://testnet.edgex.exchange' },
    www: 'https://www.edgex.exchange',
    doc: ['https://edgex-1.gitbook.io/edgeX-documentation/api'],
  },
  api: endpoints,
  // The private key is the account's L2 (Stark) key, which edgeX shows beside the account's id.
  requiredCredentials: { apiKey: false, secret: false, accountId: true, privateKey: true },
  exceptions,
} as const;
