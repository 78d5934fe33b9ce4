import { amount, checkCandles } from '@nightdesk/core';
import { UnparsableAnswerError } from '@nightdesk/exchange/fields.ts';
import { mapBook } from '@nightdesk/exchange/map-book.ts';
import { mapCandles } from '@nightdesk/exchange/map-candle.ts';
import { mapFundingPoints, mapFundingRate } from '@nightdesk/exchange/map-funding-rate.ts';
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

  const later = [openTimeMs + 60_000, '101', '101', '101', '101', null];

  it('come oldest first, with plain decimals', () => {
    expect(mapCandles([later, candle], btcUsdt)).toEqual([
      { openTimeMs, open: '100', high: '105.5', low: '99', close: '101', volume: '0.12' },
      { openTimeMs: openTimeMs + 60_000, open: '101', high: '101', low: '101', close: '101' },
    ]);
  });

  it.each([
    ['an open above its high', 1, 'open', '106'],
    ['a close below its low', 4, 'close', '98'],
    ['a price of zero', 3, 'low', '0'],
    ['a price below zero', 3, 'low', '-1'],
    ['a volume below zero', 5, 'volume', '-1'],
  ] as const)('are handed on with %s, for who stores them to refuse', (_, index, name, value) => {
    expect(mapCandles([candle.with(index, value), later], btcUsdt)).toMatchObject([{ [name]: value }, {}]);
  });

  it.each(nonsense.filter(([what]) => what !== 'less than zero'))(
    'are handed on with %s as a price, and found out by the check',
    (_, value) => {
      const told = mapCandles([candle.with(1, value as string)], btcUsdt);
      const series = { kind: 'candles', venue: btcUsdt.venue, symbol: btcUsdt.symbol, timeframe: '1m' } as const;
      const at = { series, nowMs: openTimeMs + 60_000 };
      expect(checkCandles(told, at).quarantined).toMatchObject([{ reason: 'inconsistent' }]);
    },
  );

  it.each([...nonsense.filter(([what]) => what !== 'less than zero'), ...nothing])(
    'tell no volume, worth and number of trades where there is %s',
    (_, value) => {
      const row = [value, value];
      const told = mapCandles([[...candle.with(5, value as string), row]], btcUsdt, { quoteVolume: 0, trades: 1 });
      expect(told).toEqual([{ openTimeMs, open: '100', high: '105.5', low: '99', close: '101' }]);
    },
  );

  it.each([
    ['no time', undefined],
    ['a time that is none', 1.5],
  ])('are not believed with %s', (_, value) => {
    expect(() => mapCandles([candle.with(0, value as number)], btcUsdt)).toThrow(UnparsableAnswerError);
  });

  it('are none where nothing was traded, as venues say by a row without prices', () => {
    expect(mapCandles([[openTimeMs, null, null, null, null, '0'], later], btcUsdt)).toHaveLength(1);
  });

  it('are there once when they are told twice alike, and as often as they differ', () => {
    const other = candle.with(4, '100');
    const told = mapCandles([candle, other, later, candle, later, other], btcUsdt);
    expect(told.map(({ openTimeMs: at, close }) => [at - openTimeMs, close])).toEqual([
      [0, '101'],
      [0, '100'],
      [60_000, '101'],
    ]);
  });

  it('tell the worth and the number of trades from where the venue has them', () => {
    const own = { quote: '12.5', count: 7 };
    expect(mapCandles([[...candle, own]], btcUsdt, { quoteVolume: 'quote', trades: 'count' })).toMatchObject([
      { volume: '0.12', quoteVolume: '12.5', trades: 7 },
    ]);
  });

  it('tell the worth by the average price where the venue has only that', () => {
    expect(mapCandles([[...candle, ['104']]], btcUsdt, { averagePrice: 0 })).toMatchObject([{ quoteVolume: '12.48' }]);
    expect(
      mapCandles([[...candle.with(5, null as never), ['104']]], btcUsdt, { averagePrice: 0 })[0],
    ).not.toHaveProperty('quoteVolume');
  });

  const inverse = { ...linearByHundredths, contractType: 'inverse', contractSize: amount('1') } as const;
  it.each([
    ['contracts of linear markets, in base asset', linearByHundredths, 'contracts', '0.0012'],
    ['base asset of linear markets as it is', linearByHundredths, 'base', '0.12'],
    ['what nobody knows the unit of, as nothing', linearByHundredths, undefined, undefined],
    ['what is the same in both units', { ...linearByHundredths, contractSize: amount('1') }, undefined, '0.12'],
    ['contracts of inverse markets as they are', inverse, 'contracts', '0.12'],
    ['base asset of inverse markets, as nothing', inverse, 'base', undefined],
    ['what nobody knows the unit of on inverse markets, as nothing', inverse, undefined, undefined],
  ] as const)('count %s', (_, market, unit, volume) => {
    const [told] = mapCandles([candle], market, unit === undefined ? {} : { volume: { unit } });
    expect(told?.volume).toBe(volume);
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

describe('payments of funding', () => {
  const payment = { fundingRate: '1e-4', timestamp: 1_795_003_200_000, info: { mark: '' } };

  it('come oldest first', () => {
    const earlier = { fundingRate: '-0.0002', timestamp: 1_794_974_400_000, info: { mark: '100.50' } };
    expect(mapFundingPoints([payment, earlier])).toMatchObject([{ rate: '-0.0002' }, { rate: '0.0001' }]);
    expect(mapFundingPoints([payment, earlier], 'mark')).toEqual([
      { atMs: 1_794_974_400_000, rate: '-0.0002', markPrice: '100.5' },
      { atMs: 1_795_003_200_000, rate: '0.0001' },
    ]);
  });

  it.each([...nothing, ['text', 'abc'], ['NaN', Number.NaN]])(
    'are not believed with %s as rate or time',
    (_, value) => {
      for (const field of ['fundingRate', 'timestamp']) {
        expect(() => mapFundingPoints([{ ...payment, [field]: value }])).toThrow(UnparsableAnswerError);
      }
    },
  );
});
