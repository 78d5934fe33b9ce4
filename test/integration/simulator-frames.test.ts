/** Faults of single frames, and the truth about books, at each simulated venue: seen by a customer who knows the documentation only. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createBinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { createBybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import { createKrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { createSettableClock } from '../../local/simulators/settable-clock.ts';
import type { BookState } from '../../local/simulators/shared/book-history.ts';
import {
  applyBybit,
  applyKraken,
  type BinanceDepthEvent,
  type BybitBookFrame,
  type KrakenBookEntry,
  numbersOf,
  ReplayBook,
} from '../support/replay-book.ts';
import { connect, type Message } from './kraken-socket.ts';

interface Simulator {
  url: string;
  wsUrl: string;
  close(): Promise<void>;
}

/** What a frame of a book says of itself, whatever the venue. */
interface Frame {
  symbol: string;
  /** Of the venue, where it has one. */
  sequence?: number;
  atMs: number;
  message: Message;
}

interface VenueCase {
  venue: string;
  start(): Promise<Simulator>;
  path: string;
  symbols: readonly [string, string];
  subscribe(symbols: readonly string[]): unknown;
  /** A frame of a book after its snapshot; `undefined` for anything else. */
  read(message: Message): Frame | undefined;
}

// A second of theirs is a twentieth of the machine's.
const clock = createSettableClock();
clock.set({ speed: 20 });
const terms = { seed: 5, accounts: [], symbolsCount: 30, tickMs: 100, clock };
const depth = 25;

const cases: VenueCase[] = [
  {
    venue: 'binance',
    start: () => createBinanceSimulator(terms),
    path: '/stream/ws',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    subscribe: (symbols) => ({
      method: 'SUBSCRIBE',
      params: symbols.map((name) => `${name.toLowerCase()}@depth@100ms`),
    }),
    read(message) {
      const { e, s, u, E } = message as unknown as BinanceDepthEvent;
      return e === 'depthUpdate' ? { symbol: s, sequence: Number(u), atMs: Number(E), message } : undefined;
    },
  },
  {
    venue: 'bybit',
    start: () => createBybitSimulator(terms),
    path: '/v5/public/spot',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    subscribe: (symbols) => ({ op: 'subscribe', args: symbols.map((name) => `orderbook.50.${name}`) }),
    read(message) {
      const { topic, type, ts, data } = message as unknown as BybitBookFrame;
      const isDelta = topic?.startsWith('orderbook') && type === 'delta';
      return isDelta ? { symbol: data.s, sequence: Number(data.u), atMs: Number(ts), message } : undefined;
    },
  },
  {
    venue: 'kraken',
    start: () => createKrakenSimulator(terms),
    path: '/v2',
    symbols: ['XBTUSD', 'ETHUSD'],
    subscribe: (symbols) => {
      const symbol = symbols.map((name) => (name === 'XBTUSD' ? 'BTC/USD' : 'ETH/USD'));
      return { method: 'subscribe', params: { channel: 'book', symbol, depth } };
    },
    read(message) {
      if (message.channel !== 'book' || message.type !== 'update') return undefined;
      const [{ symbol, timestamp }] = message.data as [KrakenBookEntry];
      return { symbol: symbol === 'BTC/USD' ? 'XBTUSD' : 'ETHUSD', atMs: Date.parse(timestamp), message };
    },
  },
];

describe.each(cases)('the simulated $venue', ({ venue, start, path, symbols, subscribe, read }) => {
  let simulator: Simulator;
  const address = () => `${simulator.url.replace('http', 'ws')}${path}`;
  const control = async (method: string, route: string, body?: unknown) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return (await fetch(`${simulator.url}/__sim/${route}`, init)).json() as Promise<Record<string, unknown>>;
  };
  const inject = (fault: Record<string, unknown>) => control('POST', 'faults', fault);
  const struck = async () =>
    ((await control('GET', 'faults')).faults as { struck: number }[]).map((fault) => fault.struck);
  const [btc, eth] = symbols;

  /** Subscribed, and past the snapshots. */
  async function join(names: readonly string[] = [btc]) {
    const client = await connect(address());
    client.send(subscribe(names));
    const next = async (symbol = btc): Promise<Frame> => {
      const message = await client.next((each) => read(each)?.symbol === symbol);
      return read(message) as Frame;
    };
    for (const name of names) await next(name);
    return { ...client, next };
  }
  const numbers = async (client: Awaited<ReturnType<typeof join>>, count: number) => {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push(await client.next());
    return frames;
  };
  /** Of how many updates each frame is the next one, by the venue's own rule; Kraken numbers none, so its time stands for it. */
  const order = (frames: readonly Frame[]) => frames.map(({ sequence, atMs }) => sequence ?? atMs);

  beforeAll(async () => {
    simulator = await start();
  });
  afterEach(() => control('DELETE', 'faults'));
  afterAll(() => simulator.close());

  it('leaves out the frames that a fault drops, and no others', async () => {
    const [client, other] = [await join([btc, eth]), await join([btc])];
    await inject({ kind: 'drop-frame', match: { symbol: eth } });
    await numbers(client, 5);
    expect(await struck()).toEqual([expect.toSatisfy((count) => count > 0)]);
    await control('DELETE', 'faults');
    await inject({ kind: 'drop-frame', count: 3, match: { symbol: btc } });
    // Both listen to the same: three frames are missing between the two of them.
    const [mine, theirs] = [order(await numbers(client, 8)), order(await numbers(other, 8))];
    expect(await struck()).toEqual([3]);
    if (venue !== 'kraken') expect(new Set([...mine, ...theirs]).size).toBeGreaterThan(8);
    client.close();
    other.close();
  });

  it('sends a frame after the one that follows it', async () => {
    const client = await join();
    await inject({ kind: 'reorder-frames', count: 1 });
    const sent = order(await numbers(client, 4));
    expect(sent).not.toEqual(sent.toSorted((left, right) => left - right));
    const rest = order(await numbers(client, 4));
    expect(rest).toEqual(rest.toSorted((left, right) => left - right));
    client.close();
  });

  it('spoils a frame in a way that can be seen', async () => {
    await control('GET', `book?symbol=${btc}`);
    const client = await join();
    await inject({ kind: 'corrupt-frame', count: 1 });
    const frames = await numbers(client, 4);
    const wrong = await Promise.all(frames.map((frame) => isWrong(frame)));
    expect(wrong.filter(Boolean)).toHaveLength(1);
    client.close();

    async function isWrong({ message }: Frame): Promise<boolean> {
      if (venue === 'kraken') {
        const [{ checksum }] = message.data as [KrakenBookEntry];
        return truthOf(await control('GET', `book?symbol=${btc}`)).every(
          (state) => checksumOf(state) !== Number(checksum),
        );
      }
      const { b } = (message.data ?? message) as { b: [string, string][] };
      const [best = 0] = (truthOf(await control('GET', `book?symbol=${btc}`))[0]?.asks[0] ?? []).map(Number);
      return best > 0 && b.some(([price]) => Number(price) > best * 1.5);
    }
  });

  it('falls silent on one connection, which stays open and answers nothing', async () => {
    await inject({ kind: 'silence', match: { symbol: eth }, count: 1 });
    const socket = new WebSocket(address());
    const heard: string[] = [];
    await new Promise((resolve) => socket.once('open', resolve));
    socket.on('message', () => heard.push('message')).on('pong', () => heard.push('pong'));
    socket.send(JSON.stringify(subscribe([eth])));
    const attemptsMax = 100;
    for (let attempt = 0; attempt < attemptsMax && (await struck())[0] === 0; attempt++) await pause(10);
    const other = await join();
    const before = heard.length;
    socket.ping();
    socket.send(JSON.stringify(subscribe([btc])));
    await numbers(other, 4);
    expect(heard.slice(before)).toEqual([]);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
    other.close();
  });

  it('speaks again on a connection that is silent for a while only', async () => {
    const client = await join();
    await inject({ kind: 'silence', silentMs: 2_000, count: 1 });
    const [before, after] = await numbers(client, 2);
    expect((after?.atMs ?? 0) - (before?.atMs ?? 0)).toBeGreaterThanOrEqual(0);
    const frames = await numbers(client, 3);
    expect(await struck()).toEqual([1]);
    expect(frames).toHaveLength(3);
    client.close();
  });

  it('closes one connection in the middle of it', async () => {
    const [other, closed] = [await join(), new WebSocket(address())];
    const code = new Promise((resolve) => closed.once('close', resolve));
    await new Promise((resolve) => closed.once('open', resolve));
    await inject({ kind: 'disconnect', count: 1, match: { symbol: eth } });
    closed.send(JSON.stringify(subscribe([eth])));
    expect(await code).toBe(1006);
    await numbers(other, 2);
    other.close();
  });

  it('strikes only the channel and the address that a fault names', async () => {
    const client = await join();
    await inject({ kind: 'drop-frame', match: { channel: 'somewhere else' } });
    await inject({ kind: 'drop-frame', match: { path: '/somewhere/else' } });
    await numbers(client, 3);
    expect(await struck()).toEqual([0, 0]);
    client.close();
  });

  it('knows its own book at each number or time that it has told', async () => {
    await control('GET', `book?symbol=${btc}`);
    const client = await connect(address());
    client.send(subscribe([btc]));
    const book = new ReplayBook();
    let isBuilt = false;
    let compared = 0;
    while (compared < 6) {
      const message = await client.next();
      if (!isBuilt) isBuilt = await begin(message);
      else if (follow(message)) {
        await compare(read(message) as Frame);
        compared += 1;
      }
    }
    client.close();

    /** Kraken and Bybit send a snapshot; Binance wants it to be fetched once its events have begun. */
    async function begin(message: Message): Promise<boolean> {
      if (venue === 'binance') {
        if (read(message) === undefined) return false;
        const response = await fetch(`${simulator.url}/api/v3/depth?symbol=${btc}&limit=1000`);
        const snapshot = (await response.json()) as {
          lastUpdateId: number;
          bids: [string, string][];
          asks: [string, string][];
        };
        book.apply(snapshot);
        await compare({ symbol: btc, sequence: snapshot.lastUpdateId, atMs: 0, message });
        return true;
      }
      if (message.type !== 'snapshot' || (message.channel !== 'book' && message.topic === undefined)) return false;
      if (venue === 'bybit') applyBybit(book, message as unknown as BybitBookFrame);
      else applyKraken(book, (message.data as [KrakenBookEntry])[0], depth);
      return true;
    }
    function follow(message: Message): boolean {
      if (read(message) === undefined) return false;
      if (venue === 'binance') {
        const { b, a } = message as unknown as BinanceDepthEvent;
        book.apply({ bids: b, asks: a });
      } else if (venue === 'bybit') applyBybit(book, message as unknown as BybitBookFrame);
      else applyKraken(book, (message.data as [KrakenBookEntry])[0], depth);
      return true;
    }
    async function compare({ sequence, atMs }: Frame): Promise<void> {
      const asked = sequence === undefined ? { atMs } : { sequence };
      const { answers } = await control('POST', 'books', [{ symbol: btc, ...asked }, { symbol: 'NOSUCH' }]);
      const [states, missing] = answers as [BookState[], null];
      expect(missing).toBeNull();
      expect(states.map(top)).toContainEqual(numbersOf(book.top(depth)));
    }
  });

  it('refuses questions about markets that it does not have, and words that it does not know', async () => {
    expect(await control('GET', 'book?symbol=NOSUCH')).toMatchObject({ error: { issues: [{ field: 'symbol' }] } });
    expect(await control('GET', `book?symbol=${btc}&sequence=x`)).toMatchObject({
      error: { issues: [{ field: 'sequence' }] },
    });
    expect(await control('POST', 'books', [])).toMatchObject({ error: { code: 'invalid' } });
    expect(await inject({ kind: 'silence', silentMs: -1 })).toMatchObject({
      error: { issues: [{ field: 'silentMs' }] },
    });
  });
});

describe('the simulated bybit', () => {
  it('tells all who listen to a topic the same numbers', async () => {
    const simulator = await createBybitSimulator(terms);
    const listen = async () => {
      const client = await connect(`${simulator.wsUrl}/v5/public/spot`);
      client.send({ op: 'subscribe', args: ['orderbook.50.BTCUSDT'] });
      return client;
    };
    const isBook = ({ topic }: Message) => topic !== undefined;
    const first = await listen();
    const [book, late] = [new ReplayBook(), new ReplayBook()];
    for (let frame = 0; frame < 5; frame++) applyBybit(book, (await first.next(isBook)) as unknown as BybitBookFrame);
    const second = await listen();
    const snapshot = (await second.next(isBook)) as unknown as BybitBookFrame;
    applyBybit(late, snapshot);
    for (;;) {
      const frame = (await first.next(isBook)) as unknown as BybitBookFrame;
      applyBybit(book, frame);
      if (Number(frame.data.u) >= Number(snapshot.data.u) + 3) break;
    }
    for (let frame = 0; frame < 3; frame++) applyBybit(late, (await second.next(isBook)) as unknown as BybitBookFrame);
    expect(late.top(50)).toEqual(book.top(50));
    first.close();
    second.close();
    await simulator.close();
  });
});

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));
const truthOf = ({ states }: Record<string, unknown>) => states as BookState[];
const top = ({ bids, asks }: BookState) => numbersOf({ bids: bids.slice(0, depth), asks: asks.slice(0, depth) });

/** Of BTC/USD, whose prices have one decimal at Kraken; amounts have eight everywhere. */
function checksumOf({ bids, asks }: BookState): number {
  const book = new ReplayBook();
  const texts = (side: BookState['bids']) =>
    side.map(([price, amount]) => [Number(price).toFixed(1), Number(amount).toFixed(8)] as const);
  book.apply({ bids: texts(bids), asks: texts(asks) });
  return book.checksum();
}
