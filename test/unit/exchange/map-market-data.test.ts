import { UnparsableAnswerError } from '@nightdesk/exchange/fields.ts';
import { mapBook } from '@nightdesk/exchange/map-book.ts';
import { mapCandles } from '@nightdesk/exchange/map-candle.ts';
import { mapFundingRate } from '@nightdesk/exchange/map-funding-rate.ts';
import { mapTicker } from '@nightdesk/exchange/map-ticker.ts';
import { mapTrades } from '@nightdesk/exchange/map-trade.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt, linearByHundredths } from '../../support/markets.ts';

/** What venues and libraries have been seen to put where a number belongs. */
const nonsense: [what: string, value: unknown][] = [
  ['text', 'abc'],
  ['NaN', Number.NaN],
  ['the text NaN', 'NaN'],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a list', ['1']],
  ['an object', {}],
  ['true', true],
  ['less than zero', '-1'],
  ['a number without end', `1${'0'.repeat(60)}`],
  ['an exponent that no quantity has', '1e99'],
];
/** How venues spell that there is none. */
const nothing: [what: string, value: unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['empty text', ''],
];

describe('a ticker', () => {
  const ticker = {
    ...{ symbol: 'BTC/USDT', bid: '99.90', bidVolume: '2', ask: 100.5, askVolume: '3e-3', last: '100', high: '101' },
    ...{ low: '98', baseVolume: '1234.5', quoteVolume: '123450', timestamp: 1_795_000_000_000 },
  };

  it('has its numbers as plain decimals, whatever form they came in', () => {
    expect(mapTicker(ticker, btcUsdt)).toEqual({
      ...{ symbol: 'BTC/USDT', bid: '99.9', bidAmount: '2', ask: '100.5', askAmount: '0.003', last: '100' },
      ...{ high: '101', low: '98', baseVolume: '1234.5', quoteVolume: '123450', atMs: 1_795_000_000_000 },
    });
  });

  it.each(nothing)('leaves out what is %s', (_, value) => {
    const empty = Object.fromEntries(Object.keys(ticker).map((name) => [name, value]));
    expect(mapTicker(empty, btcUsdt)).toEqual({ symbol: 'BTC/USDT' });
  });

  it('leaves out a price of zero, which is no price, and keeps an amount of zero', () => {
    const told = mapTicker({ ...ticker, bid: '0', bidVolume: '0' }, btcUsdt);
    expect(told).not.toHaveProperty('bid');
    expect(told.bidAmount).toBe('0');
  });

  it.each(nonsense)('is not believed with %s as a price or an amount', (_, value) => {
    for (const field of ['bid', 'askVolume', 'last', 'quoteVolume']) {
      expect(() => mapTicker({ ...ticker, [field]: value }, btcUsdt)).toThrow(UnparsableAnswerError);
    }
  });

  it('counts linear contracts in base asset', () => {
    expect(mapTicker(ticker, linearByHundredths)).toMatchObject({ bidAmount: '0.02', askAmount: '0.00003' });
  });
});

describe('a book', () => {
  const book = {
    bids: [
      ['9', '1'],
      ['99.5', '2'],
      ['100', '3'],
    ],
    asks: [
      ['1000', '1'],
      ['101', '2', 4],
      [100.5, '3e-1'],
    ],
    timestamp: 1_795_000_000_000,
    nonce: 7,
  };

  it('has the best prices first, by value and not by spelling', () => {
    expect(mapBook(book, btcUsdt, 2)).toEqual({
      symbol: 'BTC/USDT',
      bids: [
        { price: '100', amount: '3' },
        { price: '99.5', amount: '2' },
      ],
      asks: [
        { price: '100.5', amount: '0.3' },
        { price: '101', amount: '2' },
      ],
      atMs: 1_795_000_000_000,
      sequence: 7,
    });
  });

  it('may be empty on a side', () => {
    expect(mapBook({ bids: [], asks: undefined }, btcUsdt, 5)).toEqual({ symbol: 'BTC/USDT', bids: [], asks: [] });
  });

  it('leaves out levels that are gone', () => {
    expect(mapBook({ bids: [['100', '0']], asks: [] }, btcUsdt, 5).bids).toEqual([]);
  });

  it('leaves out a number of its state that is too large to be exact', () => {
    expect(mapBook({ ...book, nonce: '9007199254740993' }, btcUsdt, 1)).not.toHaveProperty('sequence');
  });

  it.each([
    ['the best ask', '100.5'],
    ['above it', '100.6'],
  ])('is not believed with a bid at %s', (_, price) => {
    expect(() => mapBook({ ...book, bids: [[price, '1']] }, btcUsdt, 5)).toThrow(/not below the best ask/);
  });

  it.each([...nonsense, ...nothing])('is not believed with %s in a level', (_, value) => {
    expect(() => mapBook({ bids: [[value, '1']], asks: [] }, btcUsdt, 5)).toThrow(UnparsableAnswerError);
    expect(() => mapBook({ bids: [['1', value]], asks: [] }, btcUsdt, 5)).toThrow(UnparsableAnswerError);
  });

  it.each([null, 'a web page', [], [['100', '1']]])('is not believed when it is %j', (value) => {
    expect(() => mapBook(value, btcUsdt, 5)).toThrow(UnparsableAnswerError);
  });

  it('counts linear contracts in base asset', () => {
    expect(mapBook(book, linearByHundredths, 1).bids).toEqual([{ price: '100', amount: '0.03' }]);
  });
});

describe('candles', () => {
  const openTimeMs = 1_795_000_020_000;
  const candle = [openTimeMs, '100', '105.50', '99', 101, '12e-2'];

  it('come oldest first, with plain decimals', () => {
    const later = [openTimeMs + 60_000, '101', '101', '101', '101', null];
    expect(mapCandles([later, candle])).toEqual([
      { openTimeMs, open: '100', high: '105.5', low: '99', close: '101', volume: '0.12' },
      { openTimeMs: openTimeMs + 60_000, open: '101', high: '101', low: '101', close: '101' },
    ]);
  });

  it.each([
    ['an open above its high', 1, '106'],
    ['a close below its low', 4, '98'],
    ['a price of zero', 3, '0'],
    ['no time', 0, undefined],
    ['a time that is none', 0, 1.5],
    ['no price', 2, null],
    ['a volume below zero', 5, '-1'],
  ])('are not believed with %s', (_, index, value) => {
    expect(() => mapCandles([candle.with(index, value as string)])).toThrow(UnparsableAnswerError);
  });

  it('are not believed when two open at one time', () => {
    expect(() => mapCandles([candle, candle])).toThrow(/one time twice/);
  });

  it.each(nonsense)('are not believed with %s as a price', (_, value) => {
    expect(() => mapCandles([candle.with(1, value as string)])).toThrow(UnparsableAnswerError);
  });
});

describe('public trades', () => {
  const trade = { id: 't1', side: 'buy', price: '100', amount: '2', timestamp: 1_795_000_000_000 };

  it('come oldest first', () => {
    const earlier = { ...trade, id: null, side: undefined, timestamp: 1_794_999_999_999 };
    expect(mapTrades([trade, earlier], btcUsdt)).toEqual([
      { price: '100', amount: '2', atMs: 1_794_999_999_999 },
      { tradeId: 't1', side: 'buy', price: '100', amount: '2', atMs: 1_795_000_000_000 },
    ]);
  });

  it.each([...nonsense, ...nothing])('are not believed with %s as price, amount or time', (_, value) => {
    for (const field of ['price', 'amount', 'timestamp']) {
      expect(() => mapTrades([{ ...trade, [field]: value }], btcUsdt)).toThrow(UnparsableAnswerError);
    }
  });

  it('are not believed with a side that is none', () => {
    expect(() => mapTrades([{ ...trade, side: 'none' }], btcUsdt)).toThrow(UnparsableAnswerError);
  });

  it('count linear contracts in base asset', () => {
    expect(mapTrades([trade], linearByHundredths)).toMatchObject([{ amount: '0.02' }]);
  });
});

describe('a funding rate', () => {
  const rate = { fundingRate: '-1.5e-4', fundingTimestamp: 1_795_003_200_000, markPrice: '100', indexPrice: null };

  it('may be below zero', () => {
    expect(mapFundingRate(rate, linearByHundredths)).toEqual({
      ...{ symbol: linearByHundredths.symbol, rate: '-0.00015', nextAtMs: 1_795_003_200_000, markPrice: '100' },
    });
  });

  it.each([...nothing, ['text', 'abc'], ['NaN', Number.NaN]])('is not believed when it is %s', (_, value) => {
    expect(() => mapFundingRate({ ...rate, fundingRate: value }, btcUsdt)).toThrow(UnparsableAnswerError);
  });
});
