import { describe, expect, it } from 'vitest';
import {
  balanceFields,
  bookSide,
  candleFields,
  fundingFields,
} from '../../../layers/exchange/custom/bitmex/parse-values.ts';
import { candle, position, xbtSpot, xbtUsd } from '../../support/bitmex-answers.ts';
import { createBitmexClient } from '../../support/bitmex-client.ts';

const client = createBitmexClient();
const minuteMs = 60_000;

describe('a candle of BitMEX', () => {
  it('is dated by its start', () => {
    const startMs = Date.UTC(2026, 10, 20, 10, 30);
    expect(candleFields(client, candle, minuteMs)).toEqual([startMs, '98950', '98965', '98940', '98960', '0.96005185']);
    expect(candleFields(client, candle, 60 * minuteMs)[0]).toBe(Date.UTC(2026, 10, 20, 9, 31));
  });

  it.each([
    ['above its high', 98_970, '98965'],
    ['below its low', 98_930.5, '98940'],
    ['at its low', 98_940, '98940'],
  ])('that opens %s, at the close of the one before, opens where it traded', (_, open, expected) => {
    expect(candleFields(client, { ...candle, open }, minuteMs)[1]).toBe(expected);
  });

  it('in which nothing traded invents no price', () => {
    const empty = { ...candle, open: 98_950, high: null, low: null, close: null, homeNotional: 0 };
    expect(candleFields(client, empty, minuteMs).slice(1)).toEqual(['98950', undefined, undefined, undefined, '0']);
  });
});

describe('a book of BitMEX', () => {
  const level = (side: string, price: number, size = 1_000) => ({ symbol: 'XBTUSD', side, price, size });
  const levels = [level('Sell', 10), level('Buy', 9), level('Sell', 9.5), level('Buy', 8.5), level('Buy', 1e-7)];

  it('is sorted by value, where text would have "10" before "9.5"', () => {
    const market = client.market('BTC/USD:BTC');
    expect(bookSide(client, levels, { market, side: 'Sell' })).toEqual([
      ['9.5', '1000'],
      ['10', '1000'],
    ]);
    expect(bookSide(client, levels, { market, side: 'Buy' }).map(([price]) => price)).toEqual([
      '9',
      '8.5',
      '0.0000001',
    ]);
  });

  it('is in the base currency on spot', () => {
    const market = client.market('BTC/USDT');
    const spot = [{ ...level('Buy', 9, 123_456), symbol: xbtSpot.symbol }];
    expect(bookSide(client, spot, { market, side: 'Buy' })).toEqual([['9', '0.00123456']]);
  });
});

describe('a position of BitMEX', () => {
  it.each([
    [100, 'long', '100'],
    [-100, 'short', '100'],
    [0, 'long', '0'],
  ])('of %i contracts is %s', (currentQty, side, contracts) => {
    expect(client.parsePosition({ ...position, currentQty })).toMatchObject({ side, contracts });
  });

  it('tells how it is margined, its profit in the currency of settlement', () => {
    expect(client.parsePosition({ ...position, crossMargin: true })).toMatchObject({ marginMode: 'cross' });
    expect(client.parsePosition({ ...position, unrealisedPnl: -1 })).toMatchObject({ unrealizedPnl: '-0.00000001' });
  });

  it('leaves out what is not told or cannot be scaled', () => {
    const bare = { symbol: 'XBTUSD', currency: 'Gwei', currentQty: 1, unrealisedPnl: 5 };
    expect(client.parsePosition(bare)).toMatchObject({
      unrealizedPnl: undefined,
      entryPrice: undefined,
      marginMode: undefined,
    });
  });
});

describe('a balance of BitMEX', () => {
  it('in units of an unknown size is refused by name, not guessed', () => {
    const margin = { currency: 'NEWt', availableMargin: 1, marginBalance: 1 };
    expect(() => balanceFields(client, [margin])).toThrow(/does not tell the scale of "NEWt"/);
  });
});

describe('funding at BitMEX', () => {
  it.each([
    ['2000-01-01T08:00:00.000Z', '8h'],
    ['2000-01-01T01:00:00.000Z', '1h'],
    [null, undefined],
  ])('every %s is every %s', (fundingInterval, interval) => {
    const market = client.market('BTC/USD:BTC');
    expect(fundingFields(client, { ...xbtUsd, fundingInterval }, market)).toMatchObject({ interval });
  });
});
