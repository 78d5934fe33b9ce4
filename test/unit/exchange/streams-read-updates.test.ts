import type { MarketStreamListener } from '@nightdesk/core';
import { pro } from 'ccxt';
import { describe, expect, it } from 'vitest';
import { cacheSizes } from '../../../layers/exchange/src/streams/market-streams.ts';
import {
  CandleReader,
  readFunding,
  readLiquidations,
  readTicker,
  TradeReader,
} from '../../../layers/exchange/src/streams/read-updates.ts';
import { Subscription } from '../../../layers/exchange/src/streams/subscription.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';
import { defaultStreamTraits } from '../../../layers/exchange/src/traits/stream-traits.ts';
import { btcUsdt, btcUsdtPerpetual, linearByHundredths } from '../../support/markets.ts';

const receivedMs = 1_795_000_000_500;
const atMs = 1_795_000_000_000;
const { symbol } = btcUsdt;

const trade = (id: string | undefined, timestamp = atMs) => ({
  id,
  symbol,
  side: 'buy',
  price: '100',
  amount: '2',
  timestamp,
});

/** ccxt's cache: it keeps old trades, and knows how many are new. */
const cache = (trades: readonly unknown[], newCount: number) =>
  Object.assign([...trades], { getLimit: () => newCount });

describe('trades', () => {
  it('are those that came last, without those of other markets', () => {
    const reader = new TradeReader(btcUsdt);
    const trades = cache([trade('1'), trade('2'), { ...trade('9'), symbol: 'ETH/USDT' }, trade('3')], 2);
    expect(reader.read(trades, receivedMs)).toEqual([
      { symbol, tradeId: '2', side: 'buy', price: '100', amount: '2', atMs, receivedMs },
      { symbol, tradeId: '3', side: 'buy', price: '100', amount: '2', atMs, receivedMs },
    ]);
  });

  it('are told once, however often the venue tells them', () => {
    const reader = new TradeReader(btcUsdt);
    reader.read(cache([trade('1'), trade('2')], 2), receivedMs);
    reader.reconnected();
    const told = reader.read(cache([trade('1'), trade('2'), trade('3')], 3), receivedMs);
    expect(told.map(({ tradeId }) => tradeId)).toEqual(['3']);
  });

  it('are remembered for a while only', () => {
    const reader = new TradeReader(btcUsdt);
    for (const from of [0, 100, 200]) {
      const some = Array.from({ length: 100 }, (_, place) => trade(String(from + place)));
      reader.read(cache(some, 100), receivedMs);
    }
    expect(reader.read(cache([trade('299')], 1), receivedMs)).toEqual([]);
    expect(reader.read(cache([trade('0')], 1), receivedMs).length).toBe(1);
  });

  it('of an answer that is long are told once, however often it is asked for', () => {
    const reader = new TradeReader(btcUsdt);
    const answer = (from: number) => Array.from({ length: 1_000 }, (_, place) => trade(String(from + place)));
    expect(reader.read(answer(0), receivedMs).length).toBe(1_000);
    const again = reader.read(answer(20), receivedMs);
    expect(again.map(({ tradeId }) => tradeId)).toEqual(
      Array.from({ length: 20 }, (_, place) => String(1_000 + place)),
    );
  });

  it('all come of a message of Bybit that has many, and ccxt keeps none of them', () => {
    const client = new pro.bybit({ number: String, options: { ...cacheSizes } });
    const perpetual = new Subscription({
      ...{ wanted: { kind: 'trades', symbol }, market: btcUsdt, plan: undefined, traits: traitsOf(btcUsdt.venue) },
      ...{ streamTraits: defaultStreamTraits, nowMs: 0 },
    });
    const told: (string | undefined)[] = [];
    const listener = {
      trades: (trades: readonly { tradeId?: string }[]) => void told.push(...trades.map(({ tradeId }) => tradeId)),
    } as unknown as MarketStreamListener;
    const resolve = (result: unknown) => perpetual.tell(result, receivedMs, listener);
    const socket = { url: 'wss://stream.bybit.com/v5/public/linear', resolve } as unknown as Parameters<
      typeof client.handleTrades
    >[0];
    client.setMarkets([{ id: 'BTCUSDT', symbol, base: 'BTC', quote: 'USDT', type: 'swap', contract: true }]);
    const message = (from: number, count: number) => {
      const data = Array.from({ length: count }, (_, place) => {
        return { T: atMs, s: 'BTCUSDT', S: 'Buy', v: '0.1', p: '100', i: String(from + place) };
      });
      client.handleTrades(socket, { topic: 'publicTrade.BTCUSDT', data });
    };
    const ids = (count: number) => Array.from({ length: count }, (_, place) => String(place));
    message(0, 400);
    expect(told).toEqual(ids(400));
    message(400, 1_024);
    message(1_424, 1);
    expect(told).toEqual(ids(1_425));
    expect(client.trades[symbol]?.length).toBe(0);
    expect(() => message(1_425, 2_050)).toThrow(/2 more than there is room for/);
    expect(told.length).toBe(1_425 + 2_048);
  });

  it('without ids are told apart by their time, and only where they may come again', () => {
    const reader = new TradeReader(btcUsdt);
    expect(reader.read(cache([trade(undefined), trade(undefined)], 2), receivedMs).length).toBe(2);
    expect(reader.read(cache([trade(undefined)], 1), receivedMs).length).toBe(1);
    reader.reconnected();
    const again = reader.read(cache([trade(undefined), trade(undefined, atMs + 1)], 2), receivedMs);
    expect(again.map((each) => each.atMs)).toEqual([atMs + 1]);
  });

  it('of contracts are counted in base asset', () => {
    const reader = new TradeReader(linearByHundredths);
    const own = { ...trade('1'), symbol: linearByHundredths.symbol };
    expect(reader.read([own], receivedMs)[0]?.amount).toBe('0.02');
  });

  it('that are no list stop the reading', () => {
    expect(() => new TradeReader(btcUsdt).read('nonsense', receivedMs)).toThrow(/trades/);
  });
});

describe('a ticker', () => {
  it('has what the venue tells and nothing else', () => {
    expect(readTicker({ symbol, bid: '99', bidVolume: '3', last: '0', timestamp: atMs }, btcUsdt, receivedMs)).toEqual({
      ...{ symbol, bid: 99, bidSize: 3, exchangeTimeMs: atMs, receivedMs },
    });
  });

  it('may come among others', () => {
    expect(readTicker({ [symbol]: { symbol, ask: '101' } }, btcUsdt, receivedMs)?.ask).toBe(101);
    expect(readTicker({ symbol: 'ETH/USDT', ask: '101' }, btcUsdt, receivedMs)).toBeUndefined();
    expect(readTicker({}, btcUsdt, receivedMs)).toBeUndefined();
  });
});

describe('funding', () => {
  const own = btcUsdtPerpetual;

  it('is read from ccxt’s words', () => {
    const told = { symbol: own.symbol, fundingRate: '0.0001', fundingTimestamp: atMs, markPrice: '100' };
    expect(readFunding(told, own, { fields: {}, receivedMs })).toEqual({
      ...{ symbol: own.symbol, rate: '0.0001', nextAtMs: atMs, markPrice: '100', receivedMs },
    });
  });

  it('is read from the venue’s where ccxt leaves it out, and from no message that says nothing of it', () => {
    const fields = { rate: 'r', nextAt: 'T', mark: 'p' };
    const told = (info: object) => ({ symbol: own.symbol, timestamp: atMs, info });
    expect(readFunding(told({ r: '-0.00012', T: atMs + 1, p: '100.5' }), own, { fields, receivedMs })).toEqual({
      ...{ symbol: own.symbol, rate: '-0.00012', nextAtMs: atMs + 1, markPrice: '100.5' },
      ...{ exchangeTimeMs: atMs, receivedMs },
    });
    expect(readFunding(told({ p: '100.5' }), own, { fields, receivedMs })).toBeUndefined();
    expect(readFunding(told({ r: '', p: '100.5' }), own, { fields, receivedMs })).toBeUndefined();
  });
});

it('liquidations are those of the market, in base asset', () => {
  const told = { price: '100', contracts: '5', side: 'sell', timestamp: atMs };
  const { symbol: own } = linearByHundredths;
  expect(
    readLiquidations(
      [
        { ...told, symbol: own },
        { ...told, symbol },
      ],
      linearByHundredths,
      receivedMs,
    ),
  ).toEqual([{ symbol: own, price: '100', side: 'sell', amount: '0.05', atMs, receivedMs }]);
  expect(readLiquidations({ symbol: own, price: '100', timestamp: atMs }, linearByHundredths, receivedMs)).toEqual([
    { symbol: own, price: '100', atMs, receivedMs },
  ]);
});

describe('candles', () => {
  const row = (openTimeMs: number, close: string) => [openTimeMs, '1', '3', '0.5', close, '7'];
  const minuteMs = 60_000;

  it('are the one that forms, and with a new one the last state of that before', () => {
    const reader = new CandleReader(btcUsdt, { timeframe: '1m', countsBase: false });
    const first = { symbol, timeframe: '1m', openTimeMs: atMs, open: 1, high: 3, low: 0.5, volume: 7, receivedMs };
    expect(reader.read([row(atMs - minuteMs, '1'), row(atMs, '2')], receivedMs)).toEqual([{ ...first, close: 2 }]);
    const next = reader.read([symbol, '1m', [row(atMs, '2.5'), row(atMs + minuteMs, '3')]], receivedMs);
    expect(next).toEqual([
      { ...first, close: 2.5 },
      { ...first, openTimeMs: atMs + minuteMs, close: 3 },
    ]);
  });

  it('count volumes in base asset', () => {
    const options = { timeframe: '1m', countsBase: false };
    const list = [row(atMs, '2')];
    expect(new CandleReader(linearByHundredths, options).read(list, receivedMs)[0]?.volume).toBe(0.07);
    const counted = new CandleReader(linearByHundredths, { ...options, countsBase: true });
    expect(counted.read(list, receivedMs)[0]?.volume).toBe(7);
  });

  it('that are none stop the reading', () => {
    const reader = new CandleReader(btcUsdt, { timeframe: '1m', countsBase: false });
    expect(() => reader.read({}, receivedMs)).toThrow(/candles/);
    expect(() => reader.read([], receivedMs)).toThrow(/candle/);
  });
});
