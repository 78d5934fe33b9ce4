import { expect, it } from 'vitest';
import { makeRestingSignals, makeSignals, symbolsMax } from '../../../bench/signals.ts';

interface Body {
  id: string;
  symbol: string;
  action: string;
  type?: string;
  price?: string;
}

const read = (bodies: readonly string[]) => bodies.map((body) => JSON.parse(body) as Body);

it('signals go round the markets, buying and selling alike', () => {
  const bodies = read(makeSignals({ prefix: 'a', count: 4 * symbolsMax, symbols: symbolsMax }));
  expect(new Set(bodies.map(({ id }) => id)).size).toBe(4 * symbolsMax);
  const markets = [...Map.groupBy(bodies, ({ symbol }) => symbol).values()];
  expect(markets).toHaveLength(symbolsMax);
  for (const signals of markets) {
    expect(signals.map(({ action }) => action)).toEqual(['buy', 'sell', 'buy', 'sell']);
  }
});

it('orders that are to rest offer less than the market asks, in digits that it takes', () => {
  const plan = { prefix: 'a', count: 3, symbols: 2 };
  const bodies = read(makeRestingSignals(plan, { 'BTC/USDT': 64_123.45, 'ETH/USDT': 0.123_456 }));
  expect(bodies.map(({ symbol, price }) => [symbol, price])).toEqual([
    ['BTC/USDT', '51300'],
    ['ETH/USDT', '0.0988'],
    ['BTC/USDT', '51300'],
  ]);
  expect(bodies.every(({ action, type }) => action === 'buy' && type === 'limit')).toBe(true);
});
