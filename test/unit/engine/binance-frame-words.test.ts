import { describe, expect, it } from 'vitest';
import { frameWords } from '../../../local/simulators/binance/frame-words.ts';

describe('a frame of the simulated Binance', () => {
  it.each<[string, unknown, { channel: string; symbol?: string | undefined } | undefined]>([
    ['of a book', { e: 'depthUpdate', s: 'BTCUSDT', u: 7 }, { channel: 'depthUpdate', symbol: 'BTCUSDT' }],
    [
      'of a trade, which has no number of updates',
      { e: 'trade', s: 'BTCUSDT', t: 1 },
      { channel: 'trade', symbol: 'BTCUSDT' },
    ],
    [
      'of a candle',
      { stream: 'btcusdt@kline_1m', data: { e: 'kline', s: 'BTCUSDT' } },
      { channel: 'kline', symbol: 'BTCUSDT' },
    ],
    [
      'of an own order',
      { subscriptionId: 0, event: { e: 'executionReport', s: 'BTCUSDT' } },
      { channel: 'executionReport', symbol: 'BTCUSDT' },
    ],
    ['of all tickers', [{ e: '24hrTicker', s: 'BTCUSDT' }], { channel: '24hrTicker', symbol: undefined }],
    [
      'of the best prices, which names no event',
      { s: 'BTCUSDT', u: 7, b: '1' },
      { channel: 'bookTicker', symbol: 'BTCUSDT' },
    ],
    ['that answers a question', { id: 1, result: null }, undefined],
  ])('%s is known as what faults name', (_what, frame, stream) => {
    expect(frameWords.streamOf(frame)).toEqual(stream);
  });
});
