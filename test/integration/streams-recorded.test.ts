/** Recorded books, sent by venues that speak the real protocols, against the books that the desk makes of them. */
import type { LiveBook, Market, MarketConnection, StreamIncident, VenueId } from '@nightdesk/core';
import { createMarketStreams, createVenue } from '@nightdesk/exchange';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { createBybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import { createKrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { realClock } from '../support/clocks.ts';
import { type BookSides, numbersOf } from '../support/replay-book.ts';
import {
  binanceRecording,
  bybitRecording,
  documentedKrakenBook,
  hasBooks,
  krakenRecording,
  skippedWithoutBooks,
} from '../support/replay-recordings.ts';
import { type ReplayServer, startReplayServer } from '../support/replay-server.ts';
import { BinanceReplay, BybitReplay, KrakenReplay, type Replay } from '../support/replay-venues.ts';
import { openVenueLayer } from '../support/venue-layer.ts';
import { until } from '../support/waiting.ts';

type Sides = BookSides<[number, number]>;

interface ReplayCase {
  name: string;
  venue: 'binance' | 'bybit' | 'kraken';
  symbol: string;
  /** Levels that are asked for. */
  depth: number;
  /** Levels of each side that the desk must then have. */
  kept: number;
  start(): Replay;
}

const bybitCase = { venue: 'bybit', symbol: 'XRP/USDT:USDT', start: () => new BybitReplay(bybitRecording()) } as const;
const cases: ReplayCase[] = [
  { ...bybitCase, name: 'Bybit, 500 levels as they were sent', depth: 500, kept: 500 },
  { ...bybitCase, name: 'Bybit, the fifty best of them', depth: 10, kept: 50 },
  {
    ...{ name: 'Binance, a snapshot and what changed it', venue: 'binance', symbol: 'BTC/USDT:USDT' },
    ...{ depth: 10, kept: 100, start: () => new BinanceReplay(binanceRecording({ asRecorded: false })) },
  },
  {
    ...{ name: 'Kraken, a snapshot and an update, with checksums', venue: 'kraken', symbol: 'BTC/USD' },
    ...{ depth: 10, kept: 10, start: () => new KrakenReplay('BTC/USD', ...krakenRecording()) },
  },
  {
    ...{ name: 'Kraken, the book of its guide to checksums', venue: 'kraken', symbol: 'BTC/USD' },
    ...{ depth: 10, kept: 10, start: () => new KrakenReplay('BTC/USD', ...documentedKrakenBook()) },
  },
];

const terms = { seed: 3, accounts: [], symbolsCount: 30 };
const starters = { binance: createBinanceSimulator, bybit: createBybitSimulator, kraken: createKrakenSimulator };
const upstreams = new Map<string, Awaited<ReturnType<(typeof starters)['kraken']>>>();

const running: { server: ReplayServer; connection: MarketConnection }[] = [];

/** A desk that streams one book, and everything that it told of it. */
async function follow({ venue, symbol, depth }: ReplayCase, replay: Replay) {
  const server = await startReplayServer(replay, upstreams.get(venue)?.url ?? '');
  const { directory } = await openVenueLayer();
  const exchangeConfig = { baseUrl: server.url, timeoutMs: 5_000 };
  const options = {
    ...{ venue: venue as VenueId, directory, exchangeConfig, clock: realClock },
    mode: 'live' as const,
  };
  const markets: readonly Market[] = await (await createVenue(options)).fetchMarkets();
  const streams = await createMarketStreams({ ...options, markets, random: () => 0.5 });
  const told = { books: [] as { sequence: number; sides: Sides }[], lost: 0, incidents: [] as StreamIncident[] };
  const ignore = () => undefined;
  const connection = streams.open({
    book: ({ sequence, bids, asks }: LiveBook) => {
      const copy = (side: LiveBook['bids']) => side.map(([price, amount]): [number, number] => [price, amount]);
      told.books.push({ sequence, sides: { bids: copy(bids), asks: copy(asks) } });
    },
    bookLost: () => {
      told.lost += 1;
    },
    incident: (incident) => told.incidents.push(incident),
    ...{ trades: ignore, ticker: ignore, tickerLost: ignore, candle: ignore, funding: ignore, liquidation: ignore },
  });
  running.push({ server, connection });
  connection.want([{ kind: 'books', symbol, depth }]);
  await until(() => replay.subscribersCount > 0 && told.books.length > 0);
  return told;
}

/** The venue's own book now, as the desk must have it. */
const truthOf = ({ book }: Replay, kept: number): Sides => numbersOf(book.top(kept));
const cut = ({ bids, asks }: Sides, kept: number): Sides => ({ bids: bids.slice(0, kept), asks: asks.slice(0, kept) });

beforeAll(async () => {
  await openVenueLayer();
  if (!hasBooks) return;
  for (const [name, start] of Object.entries(starters)) upstreams.set(name, await start(terms));
});

afterEach(async () => {
  for (const { server, connection } of running.splice(0)) {
    await connection.close();
    await server.close();
  }
});

afterAll(async () => {
  for (const simulator of upstreams.values()) await simulator.close();
});

it("computes Kraken's checksum as its guide does", () => {
  expect(new KrakenReplay('BTC/USD', ...documentedKrakenBook()).book.checksum()).toBe(3310070434);
});

describe.skipIf(!hasBooks)(`a recorded book${skippedWithoutBooks}`, () => {
  it.each(cases)('is the same here after every update: $name', async (one) => {
    const replay = one.start();
    const told = await follow(one, replay);
    expect(cut(told.books.at(-1)?.sides ?? { bids: [], asks: [] }, one.kept)).toEqual(truthOf(replay, one.kept));
    let [steps, compared] = [0, told.books.length];
    while (!replay.isOver) {
      replay.step();
      steps += 1;
      await until(() => told.books.length > compared);
      const last = told.books.at(-1);
      compared = told.books.length;
      if (one.venue !== 'kraken') expect(last?.sequence).toBe(replay.sequence);
      expect(cut(last?.sides ?? { bids: [], asks: [] }, one.kept)).toEqual(truthOf(replay, one.kept));
    }
    expect(steps).toBeGreaterThan(0);
    expect(replay.snapshotsCount).toBe(1);
    expect(told.lost).toBe(0);
    expect(told.incidents.map(({ incident }) => incident)).toEqual(['connected']);
  });

  it.each(cases)('is lost with a frame, never told wrong, and fetched anew: $name', async (one) => {
    const replay = one.start();
    const truths = new Map<number, Sides>([[replay.sequence, truthOf(replay, one.kept)]]);
    const step = (options?: { lose: boolean }) => {
      replay.step(options);
      truths.set(replay.sequence, truthOf(replay, one.kept));
    };
    const told = await follow(one, replay);
    step({ lose: true });
    // Nobody can know of a frame that is lost before the next one comes.
    step();
    await until(() => told.incidents.some(({ incident }) => incident === 'resynced'));
    while (!replay.isOver) {
      const before = told.books.length;
      step();
      await until(() => told.books.length > before);
    }
    const kinds = told.incidents.map(({ incident }) => incident);
    expect(kinds).toContain(one.venue === 'kraken' ? 'checksum' : 'gap');
    expect(told.lost).toBeGreaterThan(0);
    expect(replay.snapshotsCount).toBeGreaterThan(1);
    for (const { sequence, sides } of told.books) {
      if (one.venue === 'kraken') expect([...truths.values()]).toContainEqual(cut(sides, one.kept));
      else expect({ sequence, sides: cut(sides, one.kept) }).toEqual({ sequence, sides: truths.get(sequence) });
    }
    const last = told.books.at(-1);
    expect(cut(last?.sides ?? { bids: [], asks: [] }, one.kept)).toEqual(truthOf(replay, one.kept));
  });

  it('is fetched anew where the next update that was recorded is of another day: Binance', async () => {
    const replay = new BinanceReplay(binanceRecording({ asRecorded: true }));
    const [, , one] = cases;
    const told = await follow(one as ReplayCase, replay);
    const first = truthOf(replay, 100);
    replay.step();
    await until(() => told.incidents.some(({ incident }) => incident === 'resynced'));
    expect(told.incidents.map(({ incident }) => incident)).toContain('gap');
    expect(told.books.map(({ sides }) => cut(sides, 100))).toEqual([first, truthOf(replay, 100)]);
    expect(told.books.at(-1)?.sequence).toBe(replay.sequence);
  });
});
