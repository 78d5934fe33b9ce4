import { amount, LocalBudget, type Market, type MarketDataPort, type VenueId } from '@nightdesk/core';
import { mapCandles } from '@nightdesk/exchange/map-candle.ts';
import { createMarketData } from '@nightdesk/exchange/market-data.ts';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import type { VenueClient } from '@nightdesk/exchange/venue-client.ts';
import { VenueSession } from '@nightdesk/exchange/venue-session.ts';
import ccxt from 'ccxt';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred, linearByHundredths } from '../../support/markets.ts';
import { scripted } from './scripted-trading.ts';

const openTimeMs = 1_678_928_760_000;
const seconds = openTimeMs / 1_000;
const prices = { open: '100', high: '110', low: '90', close: '105' };
const inverse = { ...inverseByHundred, contractSize: amount('1') };

/** Rows as the venues document them, and what they say of volume, worth and number of trades. */
const rows: [venue: string, market: Market, row: unknown, told: object][] = [
  [
    'binance',
    btcUsdt,
    [openTimeMs, '100', '110', '90', '105', '2.5', openTimeMs + 59_999, '250', 40, '1', '100', '0'],
    { volume: '2.5', quoteVolume: '250', trades: 40 },
  ],
  [
    'binance',
    inverseByHundred,
    [openTimeMs, '100', '110', '90', '105', '250', openTimeMs + 59_999, '2.5', 40, '1', '1', '0'],
    { volume: '250', trades: 40 },
  ],
  [
    'kraken',
    btcUsdt,
    [seconds, '100', '110', '90', '105', '104', '2.5', 40],
    { volume: '2.5', quoteVolume: '260', trades: 40 },
  ],
  [
    'bybit',
    btcUsdtPerpetual,
    [String(openTimeMs), '100', '110', '90', '105', '2.5', '250'],
    { volume: '2.5', quoteVolume: '250' },
  ],
  ['bybit', inverse, [String(openTimeMs), '100', '110', '90', '105', '250', '2.5'], { volume: '250' }],
  [
    'okx',
    btcUsdt,
    [String(openTimeMs), '100', '110', '90', '105', '2.5', '250', '250', '1'],
    { volume: '2.5', quoteVolume: '250' },
  ],
  [
    'okx',
    linearByHundredths,
    [String(openTimeMs), '100', '110', '90', '105', '250', '2.5', '251', '1'],
    { volume: '2.5', quoteVolume: '251' },
  ],
  [
    'kucoin',
    btcUsdt,
    [String(seconds), '100', '105', '110', '90', '2.5', '250'],
    { volume: '2.5', quoteVolume: '250' },
  ],
  ['kucoin', linearByHundredths, [openTimeMs, 100, 110, 90, 105, 250], { volume: '2.5' }],
  [
    'gate',
    btcUsdt,
    [String(seconds), '250', '105', '110', '90', '100', '2.5', 'true'],
    { volume: '2.5', quoteVolume: '250' },
  ],
  [
    'gate',
    linearByHundredths,
    { t: seconds, o: '100', h: '110', l: '90', c: '105', v: 250, sum: '251' },
    { volume: '2.5', quoteVolume: '251' },
  ],
  [
    'bitget',
    btcUsdt,
    [String(openTimeMs), '100', '110', '90', '105', '2.5', '249', '250'],
    { volume: '2.5', quoteVolume: '250' },
  ],
  [
    'bitget',
    linearByHundredths,
    [String(openTimeMs), '100', '110', '90', '105', '2.5', '250'],
    { volume: '2.5', quoteVolume: '250' },
  ],
  ['bitget', inverseByHundred, [String(openTimeMs), '100', '110', '90', '105', '2.5', '250'], { quoteVolume: '250' }],
  [
    'htx',
    btcUsdt,
    { id: seconds, open: 100, high: 110, low: 90, close: 105, amount: 2.5, vol: 250, count: 6 },
    { volume: '2.5', quoteVolume: '250', trades: 6 },
  ],
  [
    'htx',
    linearByHundredths,
    { id: seconds, open: 100, high: 110, low: 90, close: 105, amount: 2.5, vol: 250, count: 6 },
    { volume: '2.5' },
  ],
  [
    'coinbase',
    btcUsdt,
    { start: String(seconds), low: '90', high: '110', open: '100', close: '105', volume: '2.5' },
    { volume: '2.5' },
  ],
  ['bitfinex', btcUsdt, [openTimeMs, 100, 105, 110, 90, 2.5], { volume: '2.5' }],
  [
    'mexc',
    btcUsdt,
    [openTimeMs, '100', '110', '90', '105', '2.5', openTimeMs + 60_000, '250'],
    { volume: '2.5', quoteVolume: '250' },
  ],
];

describe('the rows of candles that venues document', () => {
  it.each(rows)('are read as meant: %s', (venue, market, row, told) => {
    const { kind, contractType } = market;
    const Venue = (ccxt as unknown as Record<string, (new (config: object) => VenueClient) | undefined>)[venue];
    if (Venue === undefined) throw new Error(`ccxt has no ${venue}`);
    // As Nightdesk has them construct: numbers stay texts.
    const client = new Venue({ number: String });
    const type = kind === 'spot' ? 'spot' : 'swap';
    const words = { id: 'X', symbol: market.symbol, type, [type]: true, contract: type === 'swap' };
    const parsed = client.parseOHLCV(row, {
      ...words,
      ...{ inverse: contractType === 'inverse', linear: contractType === 'linear', base: 'BTC', quote: 'USDT' },
    }) as unknown[];
    const candleRow = traitsOf(venue as VenueId).candleRow(market);
    expect(mapCandles([[...parsed, row]], market, candleRow)).toEqual([{ openTimeMs, ...prices, ...told }]);
  });
});

function dataOf(client: object, venue: string, nowMs?: number): MarketDataPort {
  const clock = createManualClock(nowMs);
  const budget = new LocalBudget({ limits: [], clock });
  const context = { clock, budget, refusals: [], wordings: [], risingNonces: false, aheadMs: 0 };
  const session = new VenueSession(client as VenueClient, { ...context, originalUrl: (url) => url }, []);
  return createMarketData({ venue: venue as VenueId, session, traits: traitsOf(venue as VenueId) });
}

describe('what a venue tells of the past', () => {
  const features = {
    spot: { fetchOHLCV: { limit: 300 } },
    swap: { linear: { fetchOHLCV: { limit: 200 } }, inverse: { fetchOHLCV: undefined } },
    future: undefined,
  };

  it('is what ccxt says, where nothing else is known', () => {
    const candlesOf = (market: Market, told: object = { features }) =>
      dataOf(scripted({ ...told }), 'some').historyOf(market);
    expect(candlesOf(btcUsdt)).toEqual({ candles: { pageSize: 300 }, trades: {}, funding: {} });
    expect(candlesOf(linearByHundredths).candles).toEqual({ pageSize: 200 });
    expect(candlesOf(inverseByHundred).candles).toEqual({});
    expect(candlesOf({ ...linearByHundredths, kind: 'future' }).candles).toEqual({});
    expect(candlesOf(btcUsdt, {}).candles).toEqual({});
    expect(candlesOf(btcUsdt, { features: { spot: { fetchOHLCV: { limit: 0 } } } }).candles).toEqual({});
  });

  it('is what is known of it, where ccxt says otherwise', () => {
    const spot = dataOf(scripted({ features }), 'bitget').historyOf(btcUsdt);
    expect(spot.candles).toEqual({ pageSize: 200, reach: 'all' });
    expect(dataOf(scripted({}), 'kraken').historyOf(btcUsdt).candles).toEqual({
      pageSize: 720,
      reach: { latest: 720 },
    });
    expect(dataOf(scripted({}), 'bybit').historyOf(btcUsdt).trades).toMatchObject({ pageSize: 60 });
    expect(dataOf(scripted({}), 'bybit').historyOf(linearByHundredths).trades).toMatchObject({ pageSize: 1_000 });
  });

  const sinceMs = 1_795_000_000_000;
  const trade = (id: string, atMs: number) => ({ id, side: 'buy', price: '1', amount: '1', timestamp: atMs });
  const asked: unknown[][] = [];
  const answering = scripted({
    fetchTrades: async (...question: unknown[]) => {
      asked.push(question);
      return [trade('8', sinceMs - 1), trade('9', sinceMs), trade('10', sinceMs + 1)];
    },
  });

  it.each([
    ['some', { sinceMs, afterId: '7' }, [sinceMs, 5], ['9', '10']],
    ['binance', { sinceMs }, [sinceMs, 5], ['9', '10']],
    ['binance', { sinceMs, afterId: '7' }, [undefined, 5, { fromId: '8' }], ['8', '9', '10']],
    ['binance', { sinceMs, afterId: 'x7' }, [sinceMs, 5], ['9', '10']],
    ['kraken', { sinceMs }, [sinceMs, 5, { since: '1794999999999999999' }], ['9', '10']],
    ['kraken', {}, [undefined, 5], ['8', '9', '10']],
    ['bybit', { sinceMs }, [undefined, 5], ['9', '10']],
    ['coinbase', { sinceMs }, [undefined, 5], ['9', '10']],
  ] as const)('is asked of %s by %j as it wants to be asked', async (venue, query, question, ids) => {
    asked.length = 0;
    const told = await dataOf(answering, venue).fetchTrades(btcUsdt, { ...query, limit: 5 });
    expect(asked.map(([symbol, ...rest]) => [symbol, ...rest.filter((_, index) => index < question.length)])).toEqual([
      ['BTC/USDT', ...question],
    ]);
    expect(told.map(({ tradeId }) => tradeId)).toEqual(ids);
  });

  it('is nothing of funding on markets that pay none', async () => {
    const data = dataOf(scripted({ fetchFundingRateHistory: async () => [] }), 'binance');
    await expect(data.fetchFundingHistory(btcUsdt, { limit: 1 })).rejects.toMatchObject({ code: 'not_supported' });
    expect(await data.fetchFundingHistory(btcUsdtPerpetual, { limit: 1 })).toEqual([]);
  });

  it('is no candles of a timeframe that it has not, or that begins when others do not', async () => {
    const timeframes = { '1m': '1', '1d': '1440', '1w': '10080' };
    const client = scripted({ timeframes, fetchOHLCV: async () => [[openTimeMs, '100', '110', '90', '105', '1']] });
    const ask = (venue: string, timeframe: string) =>
      dataOf(client, venue).fetchCandles(btcUsdt, { timeframe, limit: 1 });
    await expect(ask('kucoin', '1w')).rejects.toMatchObject({
      code: 'not_supported',
      message: expect.stringContaining('kucoin has no 1w candles of UTC; it has 1m, 1d, and longer ones are made'),
    });
    await expect(ask('some', '7m')).rejects.toMatchObject({ code: 'not_supported' });
    expect(await ask('some', '1w')).toHaveLength(1);
  });

  it('is asked for no candles so old that it would refuse the question', async () => {
    const nowMs = 1_795_253_400_000;
    const questions: unknown[] = [];
    const fetchOHLCV = async (_: string, timeframe: string, since?: number) => {
      questions.push([timeframe, since]);
      return [[Date.UTC(2026, 10, 20), '100', '110', '90', '105', '1']];
    };
    const data = dataOf(scripted({ fetchOHLCV }), 'gate', nowMs);
    const ask = (timeframe: string, since?: number) =>
      data.fetchCandles(btcUsdt, { timeframe, limit: 9, ...(since !== undefined && { sinceMs: since }) });
    const oldestMs = nowMs - 9_990 * 60_000;
    expect(await ask('1m', oldestMs - 86_400_000)).toHaveLength(1);
    await ask('1m', oldestMs + 60_000);
    await ask('1m');
    await ask('1M', 0);
    expect(questions).toEqual([
      ['1m', oldestMs],
      ['1m', oldestMs + 60_000],
      ['1m', undefined],
      ['1M', 0],
    ]);
  });
});
