/** Answers in the form of BitMEX's documentation: https://www.bitmex.com/api/explorer/ */

/** What the instruments have in common; fields that nobody here reads are left out. */
const instrument = {
  state: 'Open',
  listing: '2016-05-13T12:00:00.000Z',
  expiry: null,
  maxPrice: 1_000_000,
  makerFee: 0.0005,
  takerFee: 0.0005,
  fundingRate: null,
  timestamp: '2026-11-20T23:33:19.034Z',
  prevPrice24h: 97655,
  highPrice: 98743.5,
  lowPrice: 95802.9,
  lastPrice: 97893.7,
  vwap: 97216.6863,
};

export const xbtUsd = {
  ...instrument,
  symbol: 'XBTUSD',
  typ: 'FFWCSX',
  underlying: 'XBT',
  quoteCurrency: 'USD',
  settlCurrency: 'XBt',
  maxOrderQty: 10_000_000,
  lotSize: 100,
  tickSize: 0.1,
  multiplier: -100_000_000,
  underlyingToPositionMultiplier: null,
  underlyingToSettleMultiplier: -100_000_000,
  quoteToSettleMultiplier: null,
  isQuanto: false,
  isInverse: true,
  initMargin: 0.01,
  fundingTimestamp: '2026-11-21T04:00:00.000Z',
  fundingInterval: '2000-01-01T08:00:00.000Z',
  fundingRate: 0.00011,
  indicativeFundingRate: 0.000125,
  bidPrice: 97882.5,
  askPrice: 97887.1,
  markPrice: 97849.76,
  indicativeSettlePrice: 97843.77,
  homeNotional24h: 4317.62899194,
  foreignNotional24h: 419_742_700,
};

export const ltcUsdt = {
  ...instrument,
  symbol: 'LTCUSDT',
  typ: 'FFWCSX',
  underlying: 'LTC',
  quoteCurrency: 'USDT',
  settlCurrency: 'USDt',
  maxOrderQty: 1_000_000_000,
  lotSize: 1_000,
  tickSize: 0.01,
  multiplier: 100,
  underlyingToPositionMultiplier: 10_000,
  underlyingToSettleMultiplier: null,
  quoteToSettleMultiplier: 1_000_000,
  isQuanto: false,
  isInverse: false,
  initMargin: 0.03,
  fundingTimestamp: '2026-11-21T04:00:00.000Z',
  fundingInterval: '2000-01-01T08:00:00.000Z',
  fundingRate: 0.0001,
  indicativeFundingRate: 0.0001,
};

/** Quoted in dollars and settled in bitcoin, whatever ether is worth in it. */
export const ethUsd = {
  ...instrument,
  symbol: 'ETHUSD',
  typ: 'FFWCSX',
  underlying: 'ETH',
  quoteCurrency: 'USD',
  settlCurrency: 'XBt',
  maxOrderQty: 10_000_000,
  lotSize: 1,
  tickSize: 0.05,
  multiplier: 100,
  underlyingToPositionMultiplier: null,
  underlyingToSettleMultiplier: null,
  quoteToSettleMultiplier: null,
  isQuanto: true,
  isInverse: false,
  initMargin: 0.02,
};

export const xbtH27 = {
  ...xbtUsd,
  symbol: 'XBTH27',
  typ: 'FFCCSX',
  expiry: '2027-03-26T12:00:00.000Z',
  fundingRate: null,
};

export const xbtSpot = {
  ...instrument,
  symbol: 'XBT_USDT',
  typ: 'IFXXXP',
  underlying: 'XBT',
  quoteCurrency: 'USDT',
  settlCurrency: '',
  maxOrderQty: 100_000_000_000,
  lotSize: 1_000,
  tickSize: 0.5,
  multiplier: 1,
  underlyingToPositionMultiplier: 100_000_000,
  underlyingToSettleMultiplier: null,
  quoteToSettleMultiplier: 1_000_000,
  isQuanto: false,
  isInverse: false,
  initMargin: null,
};

export const bitcoinIndex = {
  ...instrument,
  symbol: '.BXBT',
  state: 'Unlisted',
  typ: 'MRCXXX',
  underlying: 'XBT',
  quoteCurrency: 'USD',
  settlCurrency: '',
  lotSize: null,
  tickSize: 0.01,
  multiplier: null,
};

export const instruments = [xbtUsd, ltcUsdt, ethUsd, xbtH27, xbtSpot, bitcoinIndex];

export const order = {
  orderID: '550e8400-e29b-41d4-a716-446655440002',
  clOrdID: 'mm_bitmex_1a/oemUeQ4CAJZgP3fjHsA',
  account: 1_234_567,
  symbol: 'XBTUSD',
  side: 'Sell',
  orderQty: 200,
  price: 99_000,
  stopPx: null,
  currency: 'USD',
  settlCurrency: 'XBt',
  ordType: 'Limit',
  timeInForce: 'GoodTillCancel',
  execInst: 'ParticipateDoNotInitiate',
  ordStatus: 'Filled',
  triggered: null,
  workingIndicator: false,
  ordRejReason: null,
  leavesQty: 0,
  cumQty: 200,
  avgPx: 99_000,
  text: 'Submitted via API.',
  transactTime: '2026-11-20T10:25:00.000Z',
  timestamp: '2026-11-20T10:35:00.456Z',
};

export const execution = {
  ...order,
  execID: '550e8400-e29b-41d4-a716-446655440010',
  execType: 'Trade',
  lastQty: 100,
  lastPx: 98_950,
  lastLiquidityInd: 'AddedLiquidity',
  commission: -0.00025,
  execComm: -25,
  execCost: 101_061,
  homeNotional: -0.00101061,
  foreignNotional: 100,
  trdMatchID: '00000000-006d-1000-0000-000e8737d540',
  timestamp: '2026-11-20T10:35:00.789Z',
};

export const trade = {
  timestamp: '2026-11-20T10:35:01.123Z',
  symbol: 'XBTUSD',
  side: 'Buy',
  size: 100,
  price: 98951,
  tickDirection: 'PlusTick',
  trdMatchID: '00000000-006d-1000-0000-000e8737d541',
  grossValue: 101_060,
  homeNotional: 0.0010106,
  foreignNotional: 100,
  trdType: 'Regular',
};

/** The minute from 10:30 to 10:31, which BitMEX dates by its end. */
export const candle = {
  timestamp: '2026-11-20T10:31:00.000Z',
  symbol: 'XBTUSD',
  open: 98950,
  high: 98965,
  low: 98940,
  close: 98960,
  trades: 32,
  volume: 95_000,
  vwap: 98952.3,
  lastSize: 200,
  turnover: 96_005_185,
  homeNotional: 0.96005185,
  foreignNotional: 95_000,
};

export const position = {
  account: 1_234_567,
  symbol: 'XBTUSD',
  currency: 'XBt',
  leverage: 10,
  crossMargin: false,
  currentQty: -100,
  isOpen: true,
  markPrice: 98_000,
  homeNotional: 0.00102041,
  foreignNotional: -100,
  posInit: 1_024,
  posMargin: 1_308,
  maintMargin: 1_308,
  unrealisedPnl: 1_350,
  realisedPnl: -227,
  avgEntryPrice: 98390.88,
  liquidationPrice: 49195.44,
  timestamp: '2026-11-20T10:35:02.123Z',
};

export const margins = [
  {
    account: 1_234_567,
    currency: 'XBt',
    walletBalance: 100_005_180,
    marginBalance: 100_010_360,
    availableMargin: 99_994_411,
  },
  {
    account: 1_234_567,
    currency: 'USDt',
    walletBalance: 5_000_000,
    marginBalance: 5_000_000,
    availableMargin: 4_000_001,
  },
  { account: 1_234_567, currency: 'Gwei', walletBalance: 1, marginBalance: 1, availableMargin: 1 },
];

export const assets = [
  {
    asset: 'XBT',
    currency: 'XBt',
    majorCurrency: 'XBT',
    name: 'Bitcoin',
    currencyType: 'Crypto',
    scale: 8,
    enabled: true,
  },
  {
    asset: 'USDT',
    currency: 'USDt',
    majorCurrency: 'USDT',
    name: 'Tether',
    currencyType: 'Crypto',
    scale: 6,
    enabled: true,
  },
  {
    asset: 'ETH',
    currency: 'Gwei',
    majorCurrency: 'ETH',
    name: 'Ether',
    currencyType: 'Crypto',
    scale: 9,
    enabled: true,
  },
];

export const funding = {
  timestamp: '2026-11-20T20:00:00.000Z',
  symbol: 'XBTUSD',
  fundingInterval: '2000-01-01T08:00:00.000Z',
  fundingRate: 0.0001,
  fundingRateDaily: 0.0003,
};

export const keys = [
  {
    id: 'LAqUlngMIQkIUjXMUreyu3qn',
    name: 'desk',
    cidr: '203.0.113.7/32',
    permissions: ['order'],
    enabled: true,
    userId: 1,
    created: '2026-11-01T00:00:00.000Z',
  },
];

/** `{"error":{…}}` as every refusal comes. */
export const refusal = (message: string) => ({ error: { message, name: 'HTTPError' } });
