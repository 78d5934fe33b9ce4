import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookChecksum, type LevelText } from '../../local/simulators/kraken/checksum.ts';
import type { KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { connect, type Message } from './kraken-socket.ts';
import { callPrivate, startSimulator, streamClient } from './kraken-support.ts';

let simulator: KrakenSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
});
afterAll(() => simulator.close());

interface WireLevel {
  price: string;
  qty: string;
}
interface WireBook {
  bids: WireLevel[];
  asks: WireLevel[];
  checksum: string;
}

/** A client's book, kept as Kraken's guide says: apply, cut to the depth, then compare. */
class ClientBook {
  readonly #depth: number;
  #bids: LevelText[] = [];
  #asks: LevelText[] = [];

  constructor(depth: number) {
    this.#depth = depth;
  }

  apply({ bids, asks }: WireBook): void {
    this.#bids = this.#merge(this.#bids, bids, (left, right) => right - left);
    this.#asks = this.#merge(this.#asks, asks, (left, right) => left - right);
  }

  #merge(levels: LevelText[], changes: WireLevel[], order: (left: number, right: number) => number): LevelText[] {
    const merged = new Map(levels);
    for (const { price, qty } of changes) {
      if (Number(qty) === 0) merged.delete(price);
      else merged.set(price, qty);
    }
    return [...merged].sort(([left], [right]) => order(Number(left), Number(right))).slice(0, this.#depth);
  }

  get length(): number {
    return Math.min(this.#bids.length, this.#asks.length);
  }

  /** Worked out here on its own, from the documentation. */
  checksum(): number {
    const text = [...this.#asks.slice(0, 10), ...this.#bids.slice(0, 10)]
      .map(([price, quantity]) => [price, quantity].map((part) => String(BigInt(part.replace('.', '')))).join(''))
      .join('');
    return crc32(text);
  }
}

const levels = (texts: string[][]) => texts.map(([price = '', quantity = '']): LevelText => [price, quantity]);

describe('the checksum', () => {
  const asks = levels([
    ...[
      ['45285.2', '0.00100000'],
      ['45286.4', '1.54571953'],
      ['45286.6', '1.54571109'],
      ['45289.6', '1.54560911'],
    ],
    ...[
      ['45290.2', '0.15890660'],
      ['45291.8', '1.54553491'],
      ['45294.7', '0.04454749'],
      ['45296.1', '0.35380000'],
    ],
    ...[
      ['45297.5', '0.09945542'],
      ['45299.5', '0.18772827'],
    ],
  ]);
  const bids = levels([
    ...[
      ['45283.5', '0.10000000'],
      ['45283.4', '1.54582015'],
      ['45282.1', '0.10000000'],
      ['45281.0', '0.10000000'],
    ],
    ...[
      ['45280.3', '1.54592586'],
      ['45279.0', '0.07990000'],
      ['45277.6', '0.03310103'],
      ['45277.5', '0.30000000'],
    ],
    ...[
      ['45277.3', '1.54602737'],
      ['45276.6', '0.15445238'],
    ],
  ]);

  it("is that of the documentation's example", () => {
    expect(bookChecksum(asks, bids)).toBe(3310070434);
  });

  it('counts ten levels of each side and no more', () => {
    expect(bookChecksum([...asks, ['45300.0', '1.00000000']], [...bids, ['1.0', '1.00000000']])).toBe(3310070434);
    expect(bookChecksum(asks, bids.slice(0, 9))).not.toBe(3310070434);
  });

  it('leaves out the zeros in front of small prices, as in the example for the old protocol', () => {
    const level = (price: string): LevelText => [price, '0.00000500'];
    const tens = ['05', '10', '15', '20', '25', '30', '35', '40', '45', '50'].map((end) => level(`0.050${end}`));
    const prices = ['0.05000', '0.04995', '0.04990', '0.04980', '0.04975', '0.04970', '0.04965', '0.04960', '0.04955'];
    expect(bookChecksum(tens, [...prices, '0.04950'].map(level))).toBe(974947235);
  });
});

describe('the book channel', () => {
  it.each([10, 25, 100])('keeps a book of depth %i whose checksum holds after every update', async (depth) => {
    const client = await connect(simulator.wsUrl);
    client.send({ method: 'subscribe', params: { channel: 'book', symbol: ['BTC/USD'], depth }, req_id: 7 });
    expect(await client.next(({ method }) => method === 'subscribe')).toMatchObject({
      ...{ success: true, req_id: '7', result: { channel: 'book', symbol: 'BTC/USD', depth: String(depth) } },
    });
    const book = new ClientBook(depth);
    const apply = (message: Message) => {
      const [entry] = message.data as [WireBook];
      book.apply(entry);
      expect(book.checksum()).toBe(Number(entry.checksum));
    };
    const snapshot = await client.next(({ channel }) => channel === 'book');
    expect(snapshot.type).toBe('snapshot');
    apply(snapshot);
    for (let update = 0; update < 10; update++) {
      const message = await client.next(({ channel }) => channel === 'book');
      expect(message.type).toBe('update');
      apply(message);
      expect(book.length).toBeGreaterThanOrEqual(10);
    }
    client.close();
  });

  it('shows the orders of customers and that they are gone', async () => {
    const client = await connect(simulator.wsUrl);
    client.send({ method: 'subscribe', params: { channel: 'book', symbol: ['ETH/USD'], depth: 1000 } });
    const order = { pair: 'ETHUSD', type: 'buy', ordertype: 'limit', volume: '0.12345678', price: '1234.56' };
    await client.next(({ type, channel }) => channel === 'book' && type === 'snapshot');
    await callPrivate(simulator.url, 'AddOrder', order);
    const bidAt = (message: Message) =>
      message.channel === 'book' && (message.data as [WireBook])[0].bids.find(({ price }) => price === '1234.56')?.qty;
    expect(bidAt(await client.next((message) => typeof bidAt(message) === 'string'))).toBe('0.12345678');
    await callPrivate(simulator.url, 'CancelAll');
    expect(bidAt(await client.next((message) => typeof bidAt(message) === 'string'))).toBe('0.00000000');
    client.close();
  });
});

describe("ccxt.pro's kraken class against the simulator", () => {
  it('follows books whose checksums hold, trades, a ticker and candles', async () => {
    const exchange = await streamClient(simulator);
    await exchange.loadMarkets();
    // ccxt's own check formats floats as if they were texts, so the book that it built is checked here instead.
    const build: typeof exchange.handleOrderBook = exchange.handleOrderBook.bind(exchange);
    const verdicts: boolean[] = [];
    exchange.handleOrderBook = (client, message: { data: { checksum: number }[] }) => {
      build(client, message);
      const { asks, bids } = exchange.orderbooks['BTC/USD'] as Record<'asks' | 'bids', number[][]>;
      const texts = (side: number[][]) =>
        side.map(([price = 0, quantity = 0]): LevelText => [price.toFixed(1), quantity.toFixed(8)]);
      verdicts.push(bookChecksum(texts(asks), texts(bids)) === message.data[0]?.checksum);
    };
    for (let update = 0; update < 6; update++) {
      const { asks, bids } = await exchange.watchOrderBook('BTC/USD', 25);
      expect(Number(asks[0]?.[0])).toBeGreaterThan(Number(bids[0]?.[0]));
    }
    expect(verdicts.length).toBeGreaterThanOrEqual(6);
    expect(new Set(verdicts)).toEqual(new Set([true]));
    expect((await exchange.watchTrades('BTC/USD'))[0]).toMatchObject({ symbol: 'BTC/USD', price: expect.any(Number) });
    expect(Number((await exchange.watchTicker('BTC/USD')).last)).toBeGreaterThan(0);
    expect((await exchange.watchOHLCV('BTC/USD', '5m')).length).toBeGreaterThan(0);
    await exchange.close();
  });
});
