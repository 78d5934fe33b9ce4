/** What assets are worth in the owner's currency, by the tickers of their venue. */
import {
  conversionNames,
  divideBy,
  hopsMax,
  type MarketKind,
  notional,
  ownersRate,
  ownersWorth,
  type Price,
  price,
  priceOf,
  type RateQuote,
  type RatesContext,
  ratesFrom,
  scaleBy,
  subtract,
  type Ticker,
  tickerAgeMsMax,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const nowMs = 1_700_000_000_000;
const context: RatesContext = { currency: 'USD', alike: ['USD', 'USDT', 'USDC'], nowMs };

/** A market with a bid and an ask at one price. */
function quote(symbol: string, at: string, rest: Partial<Ticker> & { kind?: MarketKind } = {}): RateQuote {
  const { kind = 'spot', ...ticker } = rest;
  const [pair = ''] = symbol.split(':');
  const [base = '', quoted = ''] = pair.split('/');
  return {
    market: { symbol, base, quote: quoted, kind },
    ticker: { symbol, bid: price(at), ask: price(at), ...ticker },
  };
}

const traded = (volume: string): Partial<Ticker> => ({ quoteVolume: notional(volume) });

describe('a rate', () => {
  it('is one for the currency and those that count one to one in it', () => {
    expect(ratesFrom([], context)).toEqual({ USD: '1', USDT: '1', USDC: '1' });
    expect(ratesFrom([], { currency: 'EUR', alike: [], nowMs })).toEqual({ EUR: '1' });
  });

  it.each<[string, RateQuote[], Record<string, string | undefined>]>([
    ['is the price of a market', [quote('BTC/USDT', '50000')], { BTC: '50000' }],
    ['is the reciprocal the other way round', [quote('USDT/BRL', '5')], { BRL: '0.2' }],
    ['leads over two markets', [quote('ADA/BTC', '0.00001'), quote('BTC/USDT', '50000')], { ADA: '0.5' }],
    [
      'leads over three markets',
      [quote('X/ADA', '2'), quote('ADA/BTC', '0.00001'), quote('BTC/USDT', '50000')],
      { X: '1' },
    ],
    [
      'does not lead over four',
      [quote('Y/X', '2'), quote('X/ADA', '2'), quote('ADA/BTC', '0.00001'), quote('BTC/USDT', '50000')],
      { X: '1', Y: undefined },
    ],
    [
      'takes the way over fewest markets, whatever is traded there',
      [
        quote('ADA/BTC', '0.00001', traded('900000')),
        quote('BTC/USDT', '50000', traded('900000')),
        quote('ADA/USDT', '0.6', traded('1')),
      ],
      { ADA: '0.6' },
    ],
    [
      'takes the market that is traded most',
      [quote('ADA/USDC', '0.7', traded('10')), quote('ADA/USDT', '0.6', traded('11')), quote('ADA/USD', '0.8')],
      { ADA: '0.6' },
    ],
    [
      'measures what is traded in the owner’s currency, also the other way round',
      [quote('BRL/USDT', '0.2', traded('100')), quote('USDT/BRL', '4', traded('404'))],
      { BRL: '0.25' },
    ],
    [
      'measures a way by its thinnest market',
      [
        quote('ADA/BTC', '0.00001', traded('10')),
        quote('BTC/USDT', '50000', traded('900000')),
        quote('ADA/EUR', '0.9', traded('900000')),
        quote('EUR/USDT', '1.1', traded('5')),
      ],
      { ADA: '0.5' },
    ],
    [
      'takes the symbol that sorts first where nothing else tells two apart',
      [quote('ADA/USDT', '0.6'), quote('ADA/USDC', '0.7'), quote('ADA/USD', '0.8')],
      { ADA: '0.8' },
    ],
    [
      'is that of a perpetual where there is no spot market',
      [quote('BTC/USD:BTC', '50000', { kind: 'perpetual' })],
      { BTC: '50000' },
    ],
    [
      'is rather that of a spot market',
      [quote('BTC/USDT', '50001', traded('1')), quote('BTC/USDT:USDT', '50000', { kind: 'perpetual', ...traded('9') })],
      { BTC: '50001' },
    ],
    [
      'is not that of a contract with an expiry',
      [
        quote('BTC/USDT:USDT-270326', '51000', { kind: 'future' }),
        quote('ETH/USDT:USDT-270326-1-C', '5', { kind: 'option' }),
      ],
      { BTC: undefined, ETH: undefined },
    ],
    ['is none by a market without a price', [quote('X/USDT', '0')], { X: undefined }],
    ['is absent without a way', [quote('X/Y', '2')], { X: undefined, Y: undefined }],
    [
      'is none below what it is rounded to',
      [quote('X/Y', '0.000000000000000001'), quote('Y/USDT', '0.0000001')],
      { X: undefined },
    ],
    ['counts no volume that makes no sense', [quote('X/USDT', '2', traded('-5')), quote('X/USDC', '3')], { X: '3' }],
  ])('%s', (_name, quotes, expected) => {
    expect(ratesFrom(quotes, context)).toMatchObject(
      Object.fromEntries(Object.entries(expected).filter(([, rate]) => rate !== undefined)),
    );
    for (const [asset, rate] of Object.entries(expected))
      expect(ownersRate(ratesFrom(quotes, context), asset)).toBe(rate);
  });

  it('is found with the largest figures that there can be', () => {
    const most = '1000000000000000000';
    const volume = traded('9'.repeat(40));
    const least = '0.000000000000000001';
    const quotes = [quote('Z/Y', most, volume), quote('Y/X', most, volume), quote('X/USDT', most, volume)];
    expect(ratesFrom(quotes, context)).toMatchObject({ Z: `1${'0'.repeat(54)}` });
    const other = [quote('USDT/X', least, volume), quote('X/Y', least, volume), quote('Y/Z', least, volume)];
    expect(ratesFrom(other, context)).toMatchObject({ Z: `1${'0'.repeat(54)}` });
  });

  it('does not hang on the order of the quotes', () => {
    const quotes = [
      quote('ADA/BTC', '0.00001', traded('5')),
      quote('ADA/USDC', '0.7', traded('10')),
      quote('ADA/USDT', '0.6', traded('10')),
      quote('BTC/USDT', '50000'),
      quote('X/ADA', '3'),
    ];
    const rates = ratesFrom(quotes, context);
    fc.assert(
      fc.property(fc.shuffledSubarray(quotes, { minLength: quotes.length }), (shuffled) => {
        expect(ratesFrom(shuffled, context)).toEqual(rates);
      }),
      { numRuns: 30 },
    );
  });

  it('converts there and back to what it was', () => {
    const money = fc.integer({ min: 1, max: 10 ** 12 }).map((units) => scaleBy(notional(String(units)), '0.000001'));
    fc.assert(
      fc.property(money, money, (worth, at) => {
        const { X } = ratesFrom([quote('X/USDT', at)], context);
        const { Y } = ratesFrom([quote('USDT/Y', at)], context);
        if (X === undefined || Y === undefined) throw new Error('there is a way');
        const error = subtract(scaleBy(worth, scaleBy(X, Y)), worth);
        // 24 places of a rate, times what is worth less than 10^6, at prices up to 10^6.
        expect(Math.abs(Number(error))).toBeLessThan(1e-11);
        expect(divideBy(scaleBy(worth, X), X)).toBe(worth);
      }),
      { numRuns: 60 },
    );
  });

  it('is that of an own key only', () => {
    expect(ownersRate(ratesFrom([], context), 'constructor')).toBeUndefined();
    expect(ownersWorth({ BTC: price('2') }, 'BTC', '-1.5')).toBe('-3');
    expect(ownersWorth({}, 'BTC', '1')).toBeUndefined();
    expect(hopsMax).toBe(3);
  });
});

describe('the price that a ticker says', () => {
  const told = (bid?: string, ask?: string, last?: string, atMs?: number): Ticker => ({
    symbol: 'X/Y',
    ...(bid !== undefined && { bid: bid as Price }),
    ...(ask !== undefined && { ask: ask as Price }),
    ...(last !== undefined && { last: last as Price }),
    ...(atMs !== undefined && { atMs }),
  });
  it.each<[string, Ticker, string | undefined]>([
    ['is the middle of the best prices', told('1', '1.1', '9'), '1.05'],
    ['is the latest without a bid', told(undefined, '1.1', '9'), '9'],
    ['is the latest without an ask', told('1', undefined, '9'), '9'],
    ['is none without anything', told(), undefined],
    ['is none with a bid only', told('1'), undefined],
    ['is none where the book is crossed', told('1.2', '1.1', '1.1'), undefined],
    ['is the same where both are the same', told('1', '1'), '1'],
    ['is the middle of prices a tenth apart', told('0.9', '1'), '0.95'],
    ['is the latest where the book is wide open', told('0.8', '1', '0.9'), '0.9'],
    ['is the latest at the best bid of one', told('0.8', '1', '0.8'), '0.8'],
    ['is the latest at the best ask of one', told('0.8', '1', '1'), '1'],
    ['is none where that is below the best bid', told('0.8', '1', '0.7'), undefined],
    ['is none where that is above the best ask', told('0.8', '1', '1.2'), undefined],
    ['is none where nothing was traded in one', told('0.1', '1'), undefined],
    ['is none with a zero', told('0', '1', '1'), undefined],
    ['is none with a zero that was traded last', told('1', '1', '0'), undefined],
    ['is none with a negative price', told('-1', '1', '1'), undefined],
    ['is none with what is no number', told('NaN', '1', '1'), undefined],
    ['is none beyond all prices', told(undefined, undefined, '1000000000000000001'), undefined],
    ['is none below all prices', told(undefined, undefined, '0.0000000000000000001'), undefined],
    ['is there as long as it is young', told('1', '1', '1', nowMs - tickerAgeMsMax), '1'],
    ['is none that is old', told('1', '1', '1', nowMs - tickerAgeMsMax - 1), undefined],
    ['is none from the future', told('1', '1', '1', nowMs + tickerAgeMsMax + 1), undefined],
    ['is none of no time', told('1', '1', '1', Number.NaN), undefined],
  ])('%s', (_name, ticker, expected) => {
    expect(priceOf(ticker, { nowMs })).toBe(expected);
  });

  it('may have an age of its own', () => {
    expect(priceOf(told('1', '1', '1', nowMs - 6), { nowMs, ageMsMax: 5 })).toBeUndefined();
  });
});

describe('names of markets to convert by', () => {
  it('are both ways to the owner’s currency, and over what most is traded for', () => {
    expect(conversionNames(['ADA', 'USDT', 'ADA'], { currency: 'USD', alike: ['USDT'] })).toEqual([
      ...['ADAUSD', 'USDADA', 'ADAUSDT', 'USDTADA'],
      ...['USDCUSD', 'USDUSDC', 'USDCUSDT', 'USDTUSDC'],
      ...['BTCUSD', 'USDBTC', 'BTCUSDT', 'USDTBTC', 'ETHUSD', 'USDETH', 'ETHUSDT', 'USDTETH'],
      ...['ADAUSDC', 'ADABTC', 'ADAETH'],
    ]);
  });

  it('name no market of an asset with itself, and none twice', () => {
    const names = conversionNames(['BTC', 'ETH'], { currency: 'EUR', alike: ['EUR'] });
    expect(names).not.toContain('BTCBTC');
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('EURUSDT');
  });

  it('are none where everything counts one to one', () => {
    expect(conversionNames(['USDT', 'USD'], { currency: 'USD', alike: ['USDT'] })).toEqual([]);
  });
});
