/** Assets and pairs that everybody knows, with Kraken's names and steps for them and a plausible price. */

export interface AssetNames {
  /** Kraken's own id, such as `XXBT`. */
  id: string;
  /** Kraken's name in pairs, such as `XBT`. */
  altname: string;
  decimals: number;
}

/** Assets that Kraken calls by other names than the rest of the world does; all others go by their code. */
export const specialAssets: Readonly<Record<string, AssetNames>> = {
  BTC: { id: 'XXBT', altname: 'XBT', decimals: 10 },
  ETH: { id: 'XETH', altname: 'ETH', decimals: 10 },
  XRP: { id: 'XXRP', altname: 'XRP', decimals: 8 },
  LTC: { id: 'XLTC', altname: 'LTC', decimals: 10 },
  XLM: { id: 'XXLM', altname: 'XLM', decimals: 8 },
  ETC: { id: 'XETC', altname: 'ETC', decimals: 10 },
  DOGE: { id: 'XXDG', altname: 'XDG', decimals: 8 },
  ZEC: { id: 'XZEC', altname: 'ZEC', decimals: 10 },
  XMR: { id: 'XXMR', altname: 'XMR', decimals: 10 },
  USD: { id: 'ZUSD', altname: 'USD', decimals: 4 },
  EUR: { id: 'ZEUR', altname: 'EUR', decimals: 4 },
  GBP: { id: 'ZGBP', altname: 'GBP', decimals: 4 },
  CAD: { id: 'ZCAD', altname: 'CAD', decimals: 4 },
  AUD: { id: 'ZAUD', altname: 'AUD', decimals: 4 },
  JPY: { id: 'ZJPY', altname: 'JPY', decimals: 2 },
};

/** Quote assets: their worth in US dollars, the decimals of costs in them, and the least cost of an order. */
export const quoteAssets: Readonly<Record<string, { usd: number; costDecimals: number; costMin: string }>> = {
  USD: { usd: 1, costDecimals: 5, costMin: '0.5' },
  USDT: { usd: 1, costDecimals: 5, costMin: '0.5' },
  USDC: { usd: 1, costDecimals: 5, costMin: '0.5' },
  EUR: { usd: 1.16, costDecimals: 5, costMin: '0.45' },
  GBP: { usd: 1.31, costDecimals: 5, costMin: '0.4' },
  CAD: { usd: 0.71, costDecimals: 5, costMin: '0.7' },
  AUD: { usd: 0.65, costDecimals: 5, costMin: '0.8' },
  JPY: { usd: 0.0065, costDecimals: 3, costMin: '70' },
  BTC: { usd: 95_000, costDecimals: 8, costMin: '0.00001' },
  ETH: { usd: 3_300, costDecimals: 8, costMin: '0.0002' },
};

/** Pairs whose id is not simply the two names in a row: those between assets with old names, and dollar tether. */
export const oldPairIds: Readonly<Record<string, string>> = {
  'BTC/USD': 'XXBTZUSD',
  'BTC/EUR': 'XXBTZEUR',
  'BTC/GBP': 'XXBTZGBP',
  'BTC/CAD': 'XXBTZCAD',
  'BTC/JPY': 'XXBTZJPY',
  'ETH/USD': 'XETHZUSD',
  'ETH/EUR': 'XETHZEUR',
  'ETH/BTC': 'XETHXXBT',
  'ETH/GBP': 'XETHZGBP',
  'XRP/USD': 'XXRPZUSD',
  'XRP/EUR': 'XXRPZEUR',
  'XRP/BTC': 'XXRPXXBT',
  'LTC/USD': 'XLTCZUSD',
  'LTC/EUR': 'XLTCZEUR',
  'LTC/BTC': 'XLTCXXBT',
  'XLM/USD': 'XXLMZUSD',
  'XLM/BTC': 'XXLMXXBT',
  'ETC/USD': 'XETCZUSD',
  'ZEC/USD': 'XZECZUSD',
  'XMR/USD': 'XXMRZUSD',
  'XMR/EUR': 'XXMRZEUR',
  'DOGE/BTC': 'XXDGXXBT',
  'EUR/USD': 'ZEURZUSD',
  'GBP/USD': 'ZGBPZUSD',
  'USDT/USD': 'USDTZUSD',
};

/** Pair: base, quote, price, decimals of the price, least order. Amounts have eight decimals in all of them. */
export const wellKnownPairs: readonly (readonly [string, string, number, number, string])[] = [
  ['BTC', 'USD', 95_000, 1, '0.00005'],
  ['BTC', 'USDT', 95_000, 1, '0.00005'],
  ['BTC', 'USDC', 95_000, 2, '0.00005'],
  ['BTC', 'EUR', 82_000, 1, '0.00005'],
  ['BTC', 'GBP', 72_500, 1, '0.00005'],
  ['BTC', 'CAD', 133_800, 1, '0.00005'],
  ['BTC', 'AUD', 146_000, 1, '0.00005'],
  ['BTC', 'JPY', 14_600_000, 0, '0.00005'],
  ['ETH', 'USD', 3_300, 2, '0.002'],
  ['ETH', 'USDT', 3_300, 2, '0.002'],
  ['ETH', 'USDC', 3_300, 2, '0.002'],
  ['ETH', 'EUR', 2_850, 2, '0.002'],
  ['ETH', 'BTC', 0.0347, 5, '0.002'],
  ['ETH', 'GBP', 2_520, 2, '0.002'],
  ['SOL', 'USD', 160, 2, '0.02'],
  ['SOL', 'USDT', 160, 2, '0.02'],
  ['SOL', 'EUR', 138, 2, '0.02'],
  ['XRP', 'USD', 2.3, 5, '2'],
  ['XRP', 'USDT', 2.3, 5, '2'],
  ['XRP', 'EUR', 1.98, 5, '2'],
  ['XRP', 'BTC', 0.0000242, 8, '2'],
  ['DOGE', 'USD', 0.17, 7, '30'],
  ['DOGE', 'USDT', 0.17, 7, '30'],
  ['DOGE', 'EUR', 0.147, 7, '30'],
  ['DOGE', 'BTC', 0.0000018, 8, '30'],
  ['ADA', 'USD', 0.55, 6, '6'],
  ['ADA', 'USDT', 0.55, 6, '6'],
  ['LTC', 'USD', 95, 2, '0.05'],
  ['LTC', 'EUR', 82, 2, '0.05'],
  ['LTC', 'BTC', 0.001, 6, '0.05'],
  ['XLM', 'USD', 0.26, 6, '15'],
  ['XLM', 'BTC', 0.0000027, 8, '15'],
  ['ETC', 'USD', 15, 3, '0.3'],
  ['ZEC', 'USD', 48, 2, '0.1'],
  ['XMR', 'USD', 330, 2, '0.02'],
  ['XMR', 'EUR', 285, 2, '0.02'],
  ['DOT', 'USD', 2.8, 4, '1.5'],
  ['LINK', 'USD', 14, 5, '0.3'],
  ['AVAX', 'USD', 16, 2, '0.2'],
  ['UNI', 'USD', 7, 3, '0.7'],
  ['ATOM', 'USD', 2.9, 4, '1.5'],
  ['BCH', 'USD', 500, 2, '0.01'],
  ['TRX', 'USD', 0.29, 6, '15'],
  ['NEAR', 'USD', 2.4, 3, '2'],
  ['USDT', 'USD', 0.9997, 5, '5'],
  ['USDC', 'USD', 0.9999, 4, '5'],
  ['EUR', 'USD', 1.16, 5, '5'],
  ['GBP', 'USD', 1.31, 5, '5'],
];
