import type { Market, MarketStreamKind, VenueId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { streamTraitsOf } from '../../../layers/exchange/src/traits/stream-traits.ts';
import { btcUsdt } from '../../support/markets.ts';

const traitsOf = (venue: string) => streamTraitsOf(venue as VenueId);

describe('what is unsubscribed', () => {
  const market: Market = btcUsdt;

  it.each([
    [
      'binance',
      { kind: 'books' },
      ['btcusdt@depth@100ms'],
      { method: 'UNSUBSCRIBE', params: ['btcusdt@depth@100ms'], id: 5 },
    ],
    ['binance', { kind: 'candles', interval: '1m' }, ['btcusdt@kline_1m'], expect.anything()],
    [
      'bybit',
      { kind: 'books', levels: 50 },
      ['orderbook.50.BTCUSDT'],
      { op: 'unsubscribe', req_id: '5', args: ['orderbook.50.BTCUSDT'] },
    ],
    ['bybit', { kind: 'trades' }, ['publicTrade.BTCUSDT'], expect.anything()],
    ['bybit', { kind: 'candles', interval: '60' }, ['kline.60.BTCUSDT'], expect.anything()],
  ] as const)('at %s is named as it was subscribed (%o)', (venue, subscription, topics, request) => {
    const { unsubscribe } = traitsOf(venue);
    const topic = unsubscribe?.topic({ ...subscription, market });
    expect([topic]).toEqual(topics);
    expect(unsubscribe?.request(topics, 5, subscription.kind)).toEqual(request);
  });

  it.each<[{ kind: MarketStreamKind; levels?: number; interval?: string }, object]>([
    [
      { kind: 'books', levels: 25 },
      { channel: 'book', depth: 25, symbol: ['BTC/USDT', 'BTC/USDT'] },
    ],
    [
      { kind: 'candles', interval: '5' },
      { channel: 'ohlc', interval: 5, symbol: ['BTC/USDT', 'BTC/USDT'] },
    ],
    [{ kind: 'trades' }, { channel: 'trade', symbol: ['BTC/USDT', 'BTC/USDT'] }],
  ])('at Kraken is named by channel and terms (%o)', (subscription, params) => {
    const { unsubscribe } = traitsOf('kraken');
    const topic = unsubscribe?.topic({ ...subscription, market }) ?? '';
    expect(unsubscribe?.request([topic, topic], 5, subscription.kind)).toEqual({
      ...{ method: 'unsubscribe', req_id: 5, params },
    });
  });
});

describe('how many levels a book is asked for with', () => {
  it.each([
    ['binance', 20, 0, 100],
    ['binance', 20, 1, 500],
    ['binance', 20, 9, 1_000],
    ['binance', 100, 0, 500],
    ['binance', 1_000, 0, 1_000],
    ['bybit', 20, 0, 50],
    ['bybit', 60, 0, 200],
    ['bybit', 5_000, 0, 1_000],
    ['kraken', 10, 0, 10],
    ['kraken', 20, 3, 25],
    ['okx', 20, 0, undefined],
  ])('%s, where %i are published and it was thin %i times', (venue, depth, timesThin, levels) => {
    expect(traitsOf(venue).books.levels(depth, timesThin)).toBe(levels);
  });
});

it('Kraken’s checksums have the decimals of the pair, or of its steps where it does not say', () => {
  const { decimals } = traitsOf('kraken').books;
  const definition = JSON.stringify({ info: { pair_decimals: 5, lot_decimals: 8 } });
  expect(decimals?.({ ...btcUsdt, definition })).toEqual({ price: 5, amount: 8 });
  expect(decimals?.(btcUsdt)).toEqual({ price: 2, amount: 5 });
});

it('a venue of which nothing is known is connected anew where a book is wrong, and has no name of the prototype', () => {
  expect(traitsOf('okx').books.resync).toBe('reconnect');
  expect(traitsOf('constructor').books.rule).toBe('trusted');
});
