import type { Market, MarketStreamListener, MarketSubscription, StreamIncident } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { StreamedMarkets } from '../../../layers/exchange/src/streams/market-connection.ts';
import type { StreamClient } from '../../../layers/exchange/src/streams/open-stream-client.ts';
import type { StreamVenueClient, VenueSocket } from '../../../layers/exchange/src/streams/stream-client.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';
import { defaultStreamTraits, streamTraitsOf } from '../../../layers/exchange/src/traits/stream-traits.ts';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt } from '../../support/markets.ts';
import { createWakingClock } from '../../support/waking-clock.ts';

const named = (symbol: string): Market => ({ ...btcUsdt, symbol, venueSymbol: symbol });
const markets = new Map(['AAA/USD', 'BBB/USD', 'CCC/USD'].map((symbol) => [symbol, named(symbol)]));

const emptyBook = () => ({ bids: [], asks: [] });

/** A connection to a venue that says nothing by itself; ccxt's client is played by one that asks for trades and tickers as ccxt's does. */
function lab(streamTraits = streamTraitsOf('kraken' as Market['venue'])) {
  const time = createManualClock(0);
  const waking = createWakingClock(time);
  /** By how much the machine's clock was set wrong; negative where it was set back. */
  const wall = { aheadMs: 0 };
  const clock = { ...waking, nowMs: () => time.nowMs() + wall.aheadMs };
  const asked: { atMs: number; id: number; symbols: readonly string[] }[] = [];
  const incidents: StreamIncident[] = [];
  const socket = {
    url: 'wss://venue.test/',
    subscriptions: {},
    connection: {},
    isOpen: () => true,
  } as unknown as VenueSocket;
  socket.send = async () => undefined;
  const client = {
    ...{ has: { watchTradesForSymbols: true, watchTickers: true }, options: {}, orderbooks: {}, trades: {} },
    ...{ tickers: {}, ohlcvs: {}, setMarkets: () => undefined, client: () => socket, timeframes: {} },
    ...{ orderBook: emptyBook, indexedOrderBook: emptyBook, countedOrderBook: emptyBook },
    watch: async () => undefined,
    watchMultiple: async (_: string, _hashes: readonly string[], request: { req_id: number; symbols: string[] }) => {
      asked.push({ atMs: time.nowMs(), id: request.req_id, symbols: request.symbols });
    },
  } as unknown as StreamVenueClient;
  const ask = (kind: string) => (symbols: string[]) =>
    client.watchMultiple(...([socket.url, symbols.map((symbol) => `${kind}:${symbol}`)] as const), {
      req_id: asked.length + 1,
      symbols,
    });
  Object.assign(client, { watchTradesForSymbols: ask('trade'), watchTickers: ask('ticker') });
  const stream = { client, message: undefined, receivedMs: 0, heardMs: 0, isOpen: true } as unknown as StreamClient;
  const connection = new StreamedMarkets({
    ...{
      traits: traitsOf(btcUsdt.venue),
      streamTraits,
      markets,
      clock,
      monotonicMs: () => time.nowMs(),
      random: () => 0.1,
    },
    listener: {
      incident: (incident: StreamIncident) => void incidents.push(incident),
      trades: () => undefined,
      tickerLost: () => undefined,
    } as unknown as MarketStreamListener,
    openClient: async () =>
      Object.assign(stream, {
        end: () => undefined,
        close: async () => undefined,
      }),
  });
  const pass = (delayMs: number) => waking.drive(waking.sleep(delayMs));
  const hear = (message: unknown) => connection.message(socket, message);
  const told = () => incidents.map(({ incident, symbol, reason }) => [incident, symbol, reason]);
  return { connection, socket, asked, told, pass, hear, wall };
}

const trades = (...symbols: string[]): MarketSubscription[] => symbols.map((symbol) => ({ kind: 'trades', symbol }));
const taken = (id: number, symbol: string) => ({
  ...{ method: 'subscribe', success: true, req_id: id, result: { channel: 'trade', symbol } },
});
const refused = (id: number, symbol?: string) => ({
  ...{ method: 'subscribe', success: false, req_id: id, error: 'Currency pair not supported', symbol },
});

describe('what is subscribed and may be quiet', () => {
  it('is asked for again after 10 s where the venue has not said that it took it, and nothing came', async () => {
    const { connection, socket, asked, told, pass, hear } = lab();
    connection.want(trades('AAA/USD', 'BBB/USD', 'CCC/USD'));
    await pass(5_000);
    expect(asked.map(({ symbols }) => symbols)).toEqual([['AAA/USD', 'BBB/USD', 'CCC/USD']]);
    expect(hear(taken(1, 'AAA/USD'))).toBe(true);
    connection.resolved(socket, [], 'trade:BBB/USD');
    await pass(8_000);
    expect(told()).toEqual([['silent', 'CCC/USD', 'nothing came within 10000 ms of asking for it']]);
    expect(asked.slice(1).map(({ symbols }) => symbols)).toEqual([['CCC/USD']]);
    hear(taken(2, 'CCC/USD'));
    await pass(600_000);
    expect(asked.length).toBe(2);
    await connection.close();
  });

  it('goes on at once where nobody knows how the venue answers', async () => {
    const { connection, asked, pass } = lab(defaultStreamTraits);
    connection.want(trades('AAA/USD'));
    await pass(60_000);
    expect(asked.length).toBe(1);
    await connection.close();
  });

  it.each([
    ['Binance', 'binance', { result: null, id: 1 }],
    ['Bybit', 'bybit', { success: true, ret_msg: '', op: 'subscribe', req_id: '1' }],
  ])('is taken as a whole by %s', async (_, venue, answer) => {
    const { connection, asked, pass, hear } = lab(streamTraitsOf(venue as Market['venue']));
    connection.want(trades('AAA/USD', 'BBB/USD'));
    await pass(1_000);
    expect(hear(answer)).toBe(true);
    await pass(60_000);
    expect(asked.length).toBe(1);
    await connection.close();
  });

  it('is asked for again at Binance, too, where the question was lost', async () => {
    const { connection, asked, pass, hear } = lab(streamTraitsOf('binance' as Market['venue']));
    connection.want(trades('AAA/USD'));
    await pass(1_000);
    hear({ result: null, id: 77 });
    await pass(12_000);
    expect(asked.length).toBe(2);
    await connection.close();
  });
});

describe('a pair that Kraken refuses', () => {
  it('is told by its name, asked for alone, and then rarely, and nobody else is disturbed', async () => {
    const { connection, asked, told, pass, hear } = lab();
    connection.want(trades('AAA/USD', 'BBB/USD'));
    await pass(1_000);
    hear(taken(1, 'AAA/USD'));
    // ccxt would tell it as an objection to a message that nobody knows.
    expect(hear(refused(1, 'BBB/USD'))).toBe(false);
    await pass(2_000);
    expect(asked.slice(1).map(({ symbols }) => symbols)).toEqual([['BBB/USD']]);
    hear(refused(2, 'BBB/USD'));
    await pass(290_000);
    expect(asked.length).toBe(2);
    const incident = ['refused', 'BBB/USD', 'Currency pair not supported'];
    expect(told()).toEqual([incident, incident]);
    await pass(15_000);
    expect(asked.slice(2).map(({ symbols }) => symbols)).toEqual([['BBB/USD']]);
    await connection.close();
  });

  it.each([
    ['no pair', refused(1)],
    ['a message that is not known', refused(9, 'AAA/USD')],
    ['no message', { method: 'subscribe', success: false, error: 'no', symbol: 'AAA/USD' }],
    ['another request', { method: 'unsubscribe', success: false, error: 'no', symbol: 'AAA/USD', req_id: 1 }],
  ])('is left to ccxt where the answer names %s', async (_, answer) => {
    const { connection, told, pass, hear } = lab();
    connection.want(trades('AAA/USD'));
    await pass(1_000);
    expect(hear(answer)).toBe(true);
    expect(told()).toEqual([]);
    await connection.close();
  });
});

describe('a clock that is set back by ten minutes', () => {
  it('keeps nothing from being asked for again after a socket was lost', async () => {
    const { connection, socket, asked, pass, hear, wall } = lab();
    connection.want(trades('AAA/USD'));
    await pass(1_000);
    hear(taken(1, 'AAA/USD'));
    connection.closed(socket, 'why');
    wall.aheadMs = -600_000;
    await pass(40_000);
    expect(asked[1]).toEqual(expect.objectContaining({ symbols: ['AAA/USD'] }));
    await connection.close();
  });

  it('keeps no silence from being noticed', async () => {
    const { connection, told, pass, wall } = lab();
    connection.want(trades('AAA/USD'));
    await pass(1_000);
    wall.aheadMs = -600_000;
    await pass(12_000);
    expect(told()).toEqual([['silent', 'AAA/USD', 'nothing came within 10000 ms of asking for it']]);
    await connection.close();
  });
});
