/** Symbols that everybody knows, with the steps Bybit uses for them and a plausible price. */

/** Quote assets, with their worth in US dollars and the smallest spot order value Bybit asks for. */
export const quoteAssets: Readonly<Record<string, { usd: number; minOrderAmount: string; precision: string }>> = {
  USDT: { usd: 1, minOrderAmount: '5', precision: '0.0000001' },
  USDC: { usd: 1, minOrderAmount: '5', precision: '0.0000001' },
  EUR: { usd: 1.16, minOrderAmount: '5', precision: '0.0000001' },
  BTC: { usd: 95_000, minOrderAmount: '0.00005', precision: '0.00000001' },
};

/** Spot: base, quote, price, tick size, base precision. */
export const spotSymbols: readonly (readonly [string, string, number, string, string])[] = [
  ['BTC', 'USDT', 95_000, '0.1', '0.000001'],
  ['ETH', 'USDT', 3_300, '0.01', '0.00001'],
  ['SOL', 'USDT', 160, '0.01', '0.001'],
  ['XRP', 'USDT', 2.3, '0.0001', '0.01'],
  ['BNB', 'USDT', 900, '0.1', '0.0001'],
  ['DOGE', 'USDT', 0.17, '0.00001', '0.1'],
  ['ADA', 'USDT', 0.55, '0.0001', '0.01'],
  ['AVAX', 'USDT', 16, '0.01', '0.001'],
  ['LINK', 'USDT', 14, '0.001', '0.001'],
  ['DOT', 'USDT', 2.8, '0.001', '0.001'],
  ['LTC', 'USDT', 95, '0.01', '0.00001'],
  ['TRX', 'USDT', 0.29, '0.0001', '0.01'],
  ['USDC', 'USDT', 0.9998, '0.0001', '0.01'],
  ['BTC', 'USDC', 95_000, '0.1', '0.000001'],
  ['ETH', 'USDC', 3_300, '0.01', '0.00001'],
  ['SOL', 'USDC', 160, '0.01', '0.001'],
  ['BTC', 'EUR', 82_000, '0.1', '0.000001'],
  ['ETH', 'BTC', 0.0347, '0.000001', '0.0001'],
];

/** USDT perpetuals: base, price, tick size, quantity step, highest leverage. */
export const linearSymbols: readonly (readonly [string, number, string, string, number])[] = [
  ['BTC', 95_000, '0.1', '0.001', 100],
  ['ETH', 3_300, '0.01', '0.01', 100],
  ['SOL', 160, '0.01', '0.1', 100],
  ['XRP', 2.3, '0.0001', '0.1', 75],
  ['BNB', 900, '0.1', '0.01', 75],
  ['DOGE', 0.17, '0.00001', '1', 75],
  ['ADA', 0.55, '0.0001', '1', 75],
  ['AVAX', 16, '0.001', '0.1', 75],
  ['LINK', 14, '0.001', '0.1', 75],
  ['DOT', 2.8, '0.0005', '0.1', 75],
  ['LTC', 95, '0.01', '0.1', 75],
  ['TRX', 0.29, '0.00001', '1', 75],
];
