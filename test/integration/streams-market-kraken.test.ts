import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKrakenSimulator, type KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
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

const symbols = ['BTC/USD', 'ETH/USD', 'BTC/EUR', 'ETH/EUR'];
const nameOf = (symbol: string): string => symbol.replace('/', '').replace('BTC', 'XBT');
const words: TruthWords = { nameOf, by: 'atMs' };

let simulator: KrakenSimulator;
let venue: StreamedVenue;

beforeAll(async () => {
  simulator = await createKrakenSimulator({ seed: 3, accounts: [], symbolsCount: 30, tickMs: 50 });
  venue = await streamVenue('kraken', simulator.url);
});

afterAll(async () => {
  await simulator.close();
});

it('has the very books of the venue by its checksums, dropped and overtaken and wrong ones included', async () => {
  await rememberBooks(simulator.url, symbols, words);
  await venue.connected(async (connection, seen) => {
    connection.want(booksOf(symbols));
    await seenBooks(seen, symbols, 3);
    const [dropped = '', overtaken = '', spoiled = ''] = symbols;
    for (const [symbol, kind] of [
      [dropped, 'drop-frame'],
      [overtaken, 'reorder-frames'],
      [spoiled, 'corrupt-frame'],
    ] as const) {
      await control(simulator.url, 'faults', { kind, count: 1, match: { channel: 'book', symbol: nameOf(symbol) } });
    }
    await until('it is mended', () => incidentsOf(seen, spoiled).includes('resynced'));
    await seenBooks(seen, symbols, 3);
    expect(incidentsOf(seen, spoiled)).toEqual(['checksum', 'resynced']);
    // What the next update tells again is not missed, so that what was lost or overtaken may do no harm.
    for (const symbol of [dropped, overtaken]) {
      expect(incidentsOf(seen, symbol).every((each) => each === 'checksum' || each === 'resynced')).toBe(true);
    }
    expect(seen.incidents.find(({ incident }) => incident === 'checksum')?.reason).toMatch(
      /^the checksum \d+ was computed, and \d+ came$/,
    );
    expect(seen.lost.filter(({ symbol }) => symbol === spoiled).length).toBe(1);
    expect(incidentsOf(seen)).toEqual(['connected']);
    const { wrong, remembered } = await compareBooks(simulator.url, seen.books, words);
    expect(wrong).toEqual([]);
    expect(remembered).toBeGreaterThan(seen.books.length / 2);
  });
});

it('tells each trade once, though the venue tells the latest again to whoever connects', async () => {
  await venue.connected(async (connection, seen) => {
    connection.want([...booksOf(symbols), ...symbols.map((symbol) => ({ kind: 'trades', symbol }) as const)]);
    await until('trades came', () => seen.trades.length > 20);
    await control(simulator.url, 'faults', { kind: 'disconnect', count: 1, match: { channel: 'book' } });
    await until('it is back', () => incidentsOf(seen).filter((incident) => incident === 'connected').length === 2);
    const count = seen.trades.length;
    await until('trades go on', () => seen.trades.length > count + 20);
    const ids = seen.trades.map(({ symbol, tradeId }) => `${symbol} ${tradeId}`);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

it('ends what is not wanted any more at the venue', async () => {
  await venue.connected(async (connection, seen) => {
    connection.want(booksOf(symbols));
    await seenBooks(seen, symbols, 1);
    connection.want(booksOf(symbols.slice(1)));
    const from = seen.books.length;
    await seenBooks(seen, symbols.slice(1), 5);
    expect(seen.books.slice(from).some(({ symbol }) => symbol === symbols[0])).toBe(false);
    connection.want(booksOf(symbols));
    await seenBooks(seen, symbols, 2);
    expect(seen.lost.map(({ symbol }) => symbol)).toEqual(symbols.slice(0, 1));
    expect(incidentsOf(seen)).toEqual(['connected']);
  });
});
