import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BybitSimulator, createBybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import {
  booksOf,
  compareBooks,
  control,
  incidentsOf,
  rememberBooks,
  type StreamedVenue,
  seenBooks,
  streamVenue,
  type TruthWords,
  until,
} from './streams-market-support.ts';

const spot = ['BTC/USDT', 'ETH/USDT', 'XRP/USDT', 'ADA/USDT'];
const perpetual = 'BTC/USDT:USDT';
const words: TruthWords = { nameOf: (symbol) => symbol.replace('/', ''), by: 'sequence' };

let simulator: BybitSimulator;
let venue: StreamedVenue;

beforeAll(async () => {
  simulator = await createBybitSimulator({ seed: 3, accounts: [], symbolsCount: 30, tickMs: 50 });
  venue = await streamVenue('bybit', simulator.url);
});

afterAll(async () => {
  await simulator.close();
});

it('has the very books of spot and perpetuals, dropped and overtaken and spoiled updates included', async () => {
  const symbols = [...spot, perpetual];
  await rememberBooks(simulator.url, symbols, words);
  await venue.connected(async (connection, seen) => {
    connection.want(booksOf(symbols));
    await seenBooks(seen, symbols, 3);
    for (const [kind, symbol] of [
      ['drop-frame', 'BTCUSDT'],
      ['reorder-frames', 'ETHUSDT'],
      ['corrupt-frame', 'XRPUSDT'],
    ]) {
      const path = '/v5/public/spot';
      await control(simulator.url, 'faults', { kind, count: 1, match: { channel: 'orderbook', symbol, path } });
    }
    const struck = spot.slice(0, 3);
    await until('all are mended', () => struck.every((symbol) => incidentsOf(seen, symbol).includes('resynced')));
    await seenBooks(seen, symbols, 3);
    expect(struck.map((symbol) => incidentsOf(seen, symbol))).toEqual([
      ['gap', 'resynced'],
      ['gap', 'resynced'],
      ['crossed', 'resynced'],
    ]);
    // Updates after the lost one are of no book: none is told before the venue has sent the whole anew.
    expect(seen.lost.map(({ symbol }) => symbol).sort()).toEqual([...struck].sort());
    // One socket for spot and one for perpetuals, since Bybit has them at different addresses.
    expect(incidentsOf(seen)).toEqual(['connected', 'connected']);
    const { wrong, remembered } = await compareBooks(simulator.url, seen.books, words);
    expect(wrong).toEqual([]);
    expect(remembered).toBeGreaterThan(seen.books.length / 2);
  });
});

it('tells funding and tickers that come by one stream, and keeps one when the other is not wanted any more', async () => {
  await venue.connected(async (connection, seen) => {
    connection.want([
      { kind: 'funding', symbol: perpetual },
      { kind: 'tickers', symbol: perpetual },
      { kind: 'trades', symbol: perpetual },
    ]);
    await until('both came', () => seen.funding.length > 0 && seen.tickers.length > 0 && seen.trades.length > 0);
    expect(seen.funding[0]).toEqual({
      ...{ symbol: perpetual, rate: expect.stringMatching(/^-?0\.\d+$/), nextAtMs: expect.any(Number) },
      ...{
        markPrice: expect.stringMatching(/^\d/),
        exchangeTimeMs: expect.any(Number),
        receivedMs: expect.any(Number),
      },
    });
    expect(seen.tickers[0]).toEqual(expect.objectContaining({ symbol: perpetual, bid: expect.any(Number) }));
    connection.want([{ kind: 'tickers', symbol: perpetual }]);
    const [funding, tickers] = [seen.funding.length, seen.tickers.length];
    await until('tickers go on', () => seen.tickers.length > tickers + 3);
    expect(seen.funding.length).toBe(funding);
  });
});

it('has new books of all after a reconnect, and of what was wanted meanwhile', async () => {
  await venue.connected(async (connection, seen) => {
    connection.want(booksOf(spot.slice(0, 2)));
    await seenBooks(seen, spot.slice(0, 2), 2);
    await control(simulator.url, 'faults', { kind: 'disconnect', count: 1, match: { channel: 'orderbook' } });
    await until('it is gone', () => incidentsOf(seen).includes('disconnected'));
    expect(seen.lost.map(({ symbol }) => symbol)).toEqual(spot.slice(0, 2));
    expect(connection.isOpen).toBe(false);
    connection.want(booksOf(spot.slice(1)));
    await seenBooks(seen, spot.slice(1), 2);
    expect(incidentsOf(seen)).toEqual(['connected', 'disconnected', 'connected']);
    expect(seen.books.slice(seen.lost[0]?.after).some(({ symbol }) => symbol === spot[0])).toBe(false);
  });
});
