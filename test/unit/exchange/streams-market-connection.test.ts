import type { MarketStreamListener, MarketSubscription, VenueId } from '@nightdesk/core';
import { expect, it } from 'vitest';
import { StreamedMarkets } from '../../../layers/exchange/src/streams/market-connection.ts';
import type { StreamClient } from '../../../layers/exchange/src/streams/open-stream-client.ts';
import type { StreamVenueClient, VenueSocket } from '../../../layers/exchange/src/streams/stream-client.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';
import { defaultStreamTraits } from '../../../layers/exchange/src/traits/stream-traits.ts';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt } from '../../support/markets.ts';
import { createWakingClock } from '../../support/waking-clock.ts';

const { symbol } = btcUsdt;
const bookOf = (depth: number): MarketSubscription => ({ kind: 'books', symbol, depth });

/** A connection over one socket, on which nothing comes but what the test says. */
function open() {
  const time = createManualClock(1_000_000);
  const clock = createWakingClock(time);
  const told: string[] = [];
  const listener = {
    book: () => void told.push('book'),
    bookLost: () => void told.push('book lost'),
    ticker: () => void told.push('ticker'),
    tickerLost: () => void told.push('ticker lost'),
    incident: () => undefined,
  } as unknown as MarketStreamListener;
  const socket = { url: 'wss://venue.test/ws', subscriptions: {}, isOpen: () => true, connection: {} };
  const emptyBook = () => ({ bids: [], asks: [] });
  const client = {
    ...{ orderBook: emptyBook, indexedOrderBook: emptyBook, countedOrderBook: emptyBook },
    ...{ has: { watchOrderBook: true, watchTicker: true }, orderbooks: {}, options: {} },
    ...{ setMarkets: () => undefined, client: () => socket, watch: () => new Promise(() => {}) },
    watchMultiple: () => new Promise(() => {}),
    async watchOrderBook(name: string) {
      return (client as unknown as StreamVenueClient).watch(socket.url, `book ${name}`);
    },
    async watchTicker(name: string) {
      return (client as unknown as StreamVenueClient).watch(socket.url, `ticker ${name}`);
    },
  };
  const stream = {
    ...{ client, message: undefined, heardMs: undefined, isOpen: true, receivedMs: 0 },
    ...{ end: () => undefined, close: async () => undefined },
  } as unknown as StreamClient;
  const connection = new StreamedMarkets({
    ...{ traits: traitsOf('fake' as VenueId), streamTraits: defaultStreamTraits, clock, random: () => 0.5, listener },
    ...{ markets: new Map([[symbol, btcUsdt]]), monotonicMs: () => time.nowMs(), openClient: async () => stream },
  });
  /** Has it streamed, and lets pass what it takes to ask for it. */
  const want = async (...wanted: MarketSubscription[]) => {
    connection.want(wanted);
    await clock.drive(clock.sleep(3_000));
  };
  const resolve = (result: object, hash: string) =>
    connection.resolved(socket as unknown as VenueSocket, { symbol, ...result }, hash);
  const tellBook = () => resolve({ bids: [[10, 1]], asks: [[11, 1]] }, `book ${symbol}`);
  const tellTicker = () => resolve({ bid: '10', ask: '11' }, `ticker ${symbol}`);
  const venueSocket = socket as unknown as VenueSocket;
  const pass = (byMs: number) => clock.drive(clock.sleep(byMs));
  return { connection, told, want, tellBook, tellTicker, venueSocket, pass };
}

it('a book that is wanted with more levels is out of use until the new one is there', async () => {
  const { told, want, tellBook } = open();
  await want(bookOf(10));
  tellBook();
  expect(told).toEqual(['book']);
  await want(bookOf(50));
  expect(told).toEqual(['book', 'book lost']);
  tellBook();
  expect(told).toEqual(['book', 'book lost', 'book']);
  await want(bookOf(50));
  expect(told).toHaveLength(3);
});

const ticker: MarketSubscription = { kind: 'tickers', symbol };
const named = (name: string) => Object.assign(new Error('no'), { name });

it.each<[string, (opened: ReturnType<typeof open>) => unknown]>([
  ['gone silent', ({ pass }) => pass(700_000)],
  [
    'refused',
    ({ connection, venueSocket }) => connection.rejected(venueSocket, named('BadSymbol'), `ticker ${symbol}`),
  ],
  ['of a socket that closed', ({ connection, venueSocket }) => connection.closed(venueSocket, 'why')],
  ['not wanted any more', ({ connection }) => connection.want([bookOf(10)])],
])('a ticker that is %s is of no use, and the book beside it is not touched by that', async (_, happen) => {
  const opened = open();
  const { told, want, tellTicker } = opened;
  await want(ticker, bookOf(10));
  tellTicker();
  expect(told).toEqual(['ticker']);
  await happen(opened);
  expect(told).toEqual(['ticker', 'ticker lost']);
  await happen(opened);
  expect(told).toHaveLength(2);
});
