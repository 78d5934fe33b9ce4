import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BinanceSimulator, createBinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import {
  booksOf,
  compareBooks,
  control,
  depth,
  incidentsOf,
  rememberBooks,
  type StreamedVenue,
  seenBooks,
  streamVenue,
  type TruthWords,
  until,
} from './streams-market-support.ts';

const symbols = ['BTC/USDT', 'ETH/USDT', 'XRP/USDT', 'ADA/USDT'];
const words: TruthWords = { nameOf: (symbol) => symbol.replace('/', ''), by: 'sequence' };

let simulator: BinanceSimulator;
let venue: StreamedVenue;

beforeAll(async () => {
  simulator = await createBinanceSimulator({ seed: 3, accounts: [], symbolsCount: 30, tickMs: 50 });
  venue = await streamVenue('binance', simulator.url, { pingEveryMs: 100, silentMsMax: 800 });
});

afterAll(async () => {
  await simulator.close();
});

/** Open streams, by what the venue itself counts. */
const streamCount = async () => {
  const answer = await fetch(`${simulator.url}/__sim/requests`);
  return ((await answer.json()) as { streamConnections?: number }).streamConnections;
};

it('tells what it streams of which markets', () => {
  const { port } = venue;
  expect(port.offers('books', 'spot')).toBe('streamed');
  expect(port.offers('funding', 'spot')).toBe('absent');
  expect(port.offers('funding', 'perpetual')).toBe('streamed');
  expect(port.offers('liquidations', 'spot')).toBe('absent');
  expect(port.subscriptionsMax).toBe(200);
});

it('has the very books of the venue, dropped and overtaken and spoiled updates included', async () => {
  await rememberBooks(simulator.url, symbols, words);
  await venue.connected(async (connection, seen) => {
    connection.want(booksOf(symbols));
    await seenBooks(seen, symbols, 3);
    for (const [kind, symbol] of [
      ['drop-frame', 'BTCUSDT'],
      ['reorder-frames', 'ETHUSDT'],
      ['corrupt-frame', 'XRPUSDT'],
    ]) {
      await control(simulator.url, 'faults', { kind, count: 1, match: { channel: 'depthUpdate', symbol } });
    }
    const struck = symbols.slice(0, 3);
    await until('all are mended', () => struck.every((symbol) => incidentsOf(seen, symbol).includes('resynced')));
    await seenBooks(seen, symbols, 3);
    expect(struck.map((symbol) => incidentsOf(seen, symbol))).toEqual([
      ['gap', 'resynced'],
      ['gap', 'resynced'],
      ['crossed', 'resynced'],
    ]);
    expect(seen.incidents.find(({ incident }) => incident === 'gap')?.reason).toMatch(
      /^update \d+ was expected, and \d+ came$/,
    );
    expect(seen.lost.map(({ symbol }) => symbol).sort()).toEqual([...struck].sort());
    // Nobody else was disturbed: one connection for all, from first to last.
    expect(incidentsOf(seen)).toEqual(['connected']);
    const { wrong, remembered } = await compareBooks(simulator.url, seen.books, words);
    expect(wrong).toEqual([]);
    expect(remembered).toBeGreaterThan(seen.books.length / 2);
  });
});

it('tells trades once each, tickers and candles over the same connection', async () => {
  await venue.connected(async (connection, seen) => {
    connection.want(
      symbols.flatMap((symbol) => [
        { kind: 'books', symbol, depth },
        { kind: 'trades', symbol },
        { kind: 'tickers', symbol },
        { kind: 'candles', symbol, timeframe: '1m' },
      ]),
    );
    await until('all kinds came', () =>
      [seen.trades, seen.tickers, seen.candles].every((told) =>
        symbols.every((name) => told.some(({ symbol }) => symbol === name)),
      ),
    );
    const [trade] = seen.trades;
    expect(trade).toEqual({
      ...{
        symbol: expect.any(String),
        tradeId: expect.stringMatching(/^\d+$/),
        side: expect.stringMatching(/^(buy|sell)$/),
      },
      ...{ price: expect.stringMatching(/^[\d.]+$/), amount: expect.stringMatching(/^[\d.]+$/) },
      ...{ atMs: expect.any(Number), receivedMs: expect.any(Number) },
    });
    const [ticker] = seen.tickers;
    expect(ticker?.ask).toBeGreaterThan(ticker?.bid ?? Number.NaN);
    expect(seen.candles[0]).toEqual(expect.objectContaining({ timeframe: '1m', close: expect.any(Number) }));
    await control(simulator.url, 'faults', { kind: 'disconnect', count: 1, match: { channel: 'depthUpdate' } });
    await until('it is back', () => incidentsOf(seen).filter((incident) => incident === 'connected').length === 2);
    const count = seen.trades.length;
    await until('trades go on', () => seen.trades.length > count + 20);
    const ids = seen.trades.map(({ symbol, tradeId }) => `${symbol} ${tradeId}`);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

it('takes what is wanted besides and drops what is not, without disturbing the rest', async () => {
  await venue.connected(async (connection, seen) => {
    connection.want(booksOf(['BTC/USDT', 'ETH/USDT']));
    await seenBooks(seen, ['BTC/USDT', 'ETH/USDT'], 2);
    connection.want([...booksOf(['ETH/USDT', 'ADA/USDT']), { kind: 'trades', symbol: 'NO/SUCH' }]);
    await seenBooks(seen, ['ADA/USDT'], 2);
    const from = seen.books.length;
    await seenBooks(seen, ['ETH/USDT', 'ADA/USDT'], 5);
    expect(seen.books.slice(from).some(({ symbol }) => symbol === 'BTC/USDT')).toBe(false);
    expect(seen.lost.map(({ symbol }) => symbol)).toEqual(['BTC/USDT']);
    expect(incidentsOf(seen, 'NO/SUCH')).toEqual(['refused']);
    expect(incidentsOf(seen)).toEqual(['connected']);
    connection.want(booksOf(['BTC/USDT']));
    await seenBooks(seen, ['BTC/USDT'], 2);
    expect(await streamCount()).toBe(1);
  });
});

it('finds a socket dead that answers nothing, and connects anew', async () => {
  await venue.connected(async (connection, seen) => {
    connection.want(booksOf(['BTC/USDT']));
    await seenBooks(seen, ['BTC/USDT'], 2);
    expect(connection.isOpen).toBe(true);
    await control(simulator.url, 'faults', { kind: 'silence', count: 1 });
    await until('it is given up', () => incidentsOf(seen).includes('disconnected'));
    expect(seen.incidents.find(({ incident }) => incident === 'disconnected')?.reason).toMatch(
      /^nothing came for \d+ ms$/,
    );
    expect(seen.lost).toEqual([{ symbol: 'BTC/USDT', after: seen.books.length }]);
    await seenBooks(seen, ['BTC/USDT'], 2);
    expect(connection.isOpen).toBe(true);
  });
});
