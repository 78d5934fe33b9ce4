/** Symbols that everybody knows, with the steps Binance uses for them and a plausible price. */

/** Quote assets, with their worth in US dollars and the smallest order value Binance asks for. */
export const quoteAssets: Readonly<Record<string, { usd: number; minNotional: string }>> = {
  USDT: { usd: 1, minNotional: '5.00000000' },
  USDC: { usd: 1, minNotional: '5.00000000' },
  FDUSD: { usd: 1, minNotional: '5.00000000' },
  BTC: { usd: 95_000, minNotional: '0.00010000' },
  ETH: { usd: 3_300, minNotional: '0.00100000' },
  BNB: { usd: 900, minNotional: '0.01000000' },
  EUR: { usd: 1.16, minNotional: '5.00000000' },
  TRY: { usd: 0.0235, minNotional: '10.00000000' },
  BRL: { usd: 0.187, minNotional: '10.00000000' },
  JPY: { usd: 0.0065, minNotional: '100.00000000' },
};

/** Symbol: base, quote, price, tick size, step size. */
export const wellKnownSymbols: readonly (readonly [string, string, number, string, string])[] = [
  ['BTC', 'USDT', 95_000, '0.01', '0.00001'],
  ['ETH', 'USDT', 3_300, '0.01', '0.0001'],
  ['BNB', 'USDT', 900, '0.01', '0.001'],
  ['SOL', 'USDT', 160, '0.01', '0.001'],
  ['XRP', 'USDT', 2.3, '0.0001', '0.1'],
  ['DOGE', 'USDT', 0.17, '0.00001', '1'],
  ['ADA', 'USDT', 0.55, '0.0001', '0.1'],
  ['TRX', 'USDT', 0.29, '0.0001', '0.1'],
  ['AVAX', 'USDT', 16, '0.01', '0.01'],
  ['LINK', 'USDT', 14, '0.01', '0.01'],
  ['DOT', 'USDT', 2.8, '0.001', '0.01'],
  ['LTC', 'USDT', 95, '0.01', '0.001'],
  ['BCH', 'USDT', 500, '0.1', '0.001'],
  ['UNI', 'USDT', 7, '0.001', '0.01'],
  ['ATOM', 'USDT', 2.9, '0.001', '0.01'],
  ['NEAR', 'USDT', 2.4, '0.001', '0.1'],
  ['SHIB', 'USDT', 0.0000092, '0.00000001', '1'],
  ['PEPE', 'USDT', 0.0000055, '0.00000001', '1'],
  ['USDC', 'USDT', 0.9998, '0.0001', '1'],
  ['FDUSD', 'USDT', 0.9985, '0.0001', '1'],
  ['EUR', 'USDT', 1.16, '0.0001', '0.1'],
  ['BTC', 'USDC', 95_000, '0.01', '0.00001'],
  ['ETH', 'USDC', 3_300, '0.01', '0.0001'],
  ['SOL', 'USDC', 160, '0.01', '0.001'],
  ['BNB', 'USDC', 900, '0.01', '0.001'],
  ['BTC', 'FDUSD', 95_000, '0.01', '0.00001'],
  ['ETH', 'FDUSD', 3_300, '0.01', '0.0001'],
  ['ETH', 'BTC', 0.0347, '0.00001', '0.0001'],
  ['BNB', 'BTC', 0.00947, '0.000001', '0.001'],
  ['SOL', 'BTC', 0.00168, '0.0000001', '0.001'],
  ['LTC', 'BTC', 0.001, '0.000001', '0.001'],
  ['XRP', 'BTC', 0.0000242, '0.00000001', '1'],
  ['BNB', 'ETH', 0.2727, '0.0001', '0.001'],
  ['SOL', 'ETH', 0.0485, '0.00001', '0.001'],
  ['BTC', 'EUR', 82_000, '0.01', '0.00001'],
  ['ETH', 'EUR', 2_850, '0.01', '0.0001'],
  ['BTC', 'TRY', 4_040_000, '1', '0.00001'],
  ['USDT', 'TRY', 42.5, '0.01', '1'],
  ['BTC', 'BRL', 508_000, '1', '0.00001'],
  ['BTC', 'JPY', 14_600_000, '1', '0.00001'],
];

/** USDT-margined perpetuals: base, price, tick size, step size. */
export const linearPerpetuals: readonly (readonly [string, number, string, string])[] = [
  ['BTC', 95_000, '0.1', '0.001'],
  ['ETH', 3_300, '0.01', '0.001'],
  ['BNB', 900, '0.01', '0.01'],
  ['SOL', 160, '0.01', '0.01'],
  ['XRP', 2.3, '0.0001', '0.1'],
  ['DOGE', 0.17, '0.00001', '1'],
  ['ADA', 0.55, '0.0001', '1'],
  ['LINK', 14, '0.001', '0.01'],
  ['LTC', 95, '0.01', '0.001'],
  ['AVAX', 16, '0.001', '1'],
];

/** Coin-margined perpetuals: base, price, tick size, contract size in US dollars. */
export const inversePerpetuals: readonly (readonly [string, number, string, number])[] = [
  ['BTC', 95_000, '0.1', 100],
  ['ETH', 3_300, '0.01', 10],
  ['BNB', 900, '0.001', 10],
  ['SOL', 160, '0.001', 10],
];
