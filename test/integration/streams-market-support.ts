/** A simulated venue and a connection to its markets, with all that it has told. */

import type {
  LiveBook,
  LiveCandle,
  LiveFunding,
  LiveTicker,
  LiveTrade,
  Market,
  MarketConnection,
  MarketStreamPort,
  MarketSubscription,
  StreamIncident,
  VenueId,
} from '@nightdesk/core';
import { createMarketStreams, createVenue } from '@nightdesk/exchange';
import { realClock } from '../support/clocks.ts';
import { openVenueLayer } from '../support/venue-layer.ts';
import { until as untilIt } from '../support/waiting.ts';

type Levels = [price: number, amount: number][];

export interface SeenBook {
  symbol: string;
  sequence: number;
  exchangeTimeMs: number | undefined;
  bids: Levels;
  asks: Levels;
}

export interface SeenStreams {
  books: SeenBook[];
  /** Symbols of lost books, each with how many books had been told before. */
  lost: { symbol: string; after: number }[];
  trades: LiveTrade[];
  tickers: LiveTicker[];
  candles: LiveCandle[];
  funding: LiveFunding[];
  incidents: StreamIncident[];
}

export interface StreamedVenue {
  port: MarketStreamPort;
  markets: readonly Market[];
  /** With a connection, until the work is done. */
  connected(work: (connection: MarketConnection, seen: SeenStreams) => Promise<void>): Promise<void>;
}

/** Levels that are compared; at every venue more are known. */
export const depth = 10;

export async function streamVenue(
  venue: string,
  url: string,
  timing?: { pingEveryMs: number; silentMsMax: number },
): Promise<StreamedVenue> {
  const { directory } = await openVenueLayer();
  const exchangeConfig = { baseUrl: url, timeoutMs: 5_000 };
  const options = { venue: venue as VenueId, directory, mode: 'sandbox', exchangeConfig, clock: realClock } as const;
  const markets = await (await createVenue(options)).fetchMarkets();
  // Whoever tests does not wait for what spreads many clients.
  const port = await createMarketStreams({ ...options, markets, random: () => 0.1, timing });
  return {
    port,
    markets,
    async connected(work) {
      const seen = nothingSeen();
      const connection = port.open(listenerOf(seen));
      try {
        await work(connection, seen);
      } finally {
        await connection.close();
      }
    },
  };
}

const nothingSeen = (): SeenStreams => ({
  ...{ books: [], lost: [], trades: [], tickers: [], candles: [], funding: [], incidents: [] },
});

function listenerOf(seen: SeenStreams): Parameters<MarketStreamPort['open']>[0] {
  return {
    book: (book) => void seen.books.push(copy(book)),
    bookLost: (symbol) => void seen.lost.push({ symbol, after: seen.books.length }),
    tickerLost: () => undefined,
    trades: (trades) => void seen.trades.push(...trades),
    ticker: (ticker) => void seen.tickers.push(ticker),
    candle: (candle) => void seen.candles.push(candle),
    funding: (funding) => void seen.funding.push(funding),
    liquidation: () => undefined,
    incident: (incident) => void seen.incidents.push(incident),
  };
}

const copy = ({ symbol, sequence, exchangeTimeMs, bids, asks }: LiveBook): SeenBook => {
  const top = (side: LiveBook['bids']): Levels => side.slice(0, depth).map(([price, amount]) => [price, amount]);
  return { symbol, sequence, exchangeTimeMs, bids: top(bids), asks: top(asks) };
};

/** @throws Error when it never comes true */
export const until = (what: string, isSo: () => boolean): Promise<void> =>
  untilIt(isSo, { everyMs: 10, describe: () => `that ${what}` });

export const booksOf = (symbols: readonly string[]): MarketSubscription[] =>
  symbols.map((symbol) => ({ kind: 'books', symbol, depth }));

/** Each of these has been told so often since. */
export async function seenBooks(seen: SeenStreams, symbols: readonly string[], count = 1): Promise<void> {
  const from = seen.books.length;
  const enough = (symbol: string) => seen.books.slice(from).filter((book) => book.symbol === symbol).length >= count;
  await until(`${symbols.join(', ')} were told ${count} times`, () => symbols.every(enough));
}

export const incidentsOf = ({ incidents }: SeenStreams, symbol?: string): string[] =>
  incidents.filter((each) => each.symbol === symbol).map(({ incident }) => incident);

export async function control(url: string, path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`${url}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** How control calls name a market, and by which number or time its books are told apart. */
export interface TruthWords {
  nameOf(symbol: string): string;
  by: 'sequence' | 'atMs';
}

interface Truth {
  bids: [string, string][];
  asks: [string, string][];
}

const question = (symbol: string, { nameOf }: TruthWords) => ({
  symbol: nameOf(symbol.split(':')[0] ?? ''),
  kind: symbol.includes(':') ? 'perpetual' : 'spot',
});

/** The venue remembers its books from here on. */
export const rememberBooks = (url: string, symbols: readonly string[], words: TruthWords): Promise<unknown> =>
  control(
    url,
    'books',
    symbols.map((symbol) => question(symbol, words)),
  );

/** @returns of the books that were told, those that the venue never had, and how many it remembers at all */
export async function compareBooks(url: string, books: readonly SeenBook[], words: TruthWords) {
  const asked = books.map(({ symbol, sequence, exchangeTimeMs }) => ({
    ...question(symbol, words),
    ...(words.by === 'sequence' ? { sequence } : { atMs: exchangeTimeMs }),
  }));
  const { answers } = (await control(url, 'books', asked)) as { answers: (Truth[] | null)[] };
  const remembered = answers.filter((states) => (states ?? []).length > 0).length;
  const wrong = books.filter((book, place) => {
    const states = answers[place] ?? [];
    return states.length > 0 && !states.some((state) => isSame(book, state));
  });
  return { wrong, remembered };
}

const isSame = (book: SeenBook, state: Truth): boolean =>
  (['bids', 'asks'] as const).every((side) => {
    const told = state[side].slice(0, depth).map(([price, amount]) => [Number(price), Number(amount)]);
    return JSON.stringify(told) === JSON.stringify(book[side]);
  });
