import { pro } from 'ccxt';
import { describe, expect, it } from 'vitest';
import { BookTracker, type VenueBook } from '../../../layers/exchange/src/streams/book-tracker.ts';
import { hookClient } from '../../../layers/exchange/src/streams/hook-client.ts';
import type { StreamVenueClient } from '../../../layers/exchange/src/streams/stream-client.ts';
import { createManualClock } from '../../support/clocks.ts';

/** Without markets ccxt takes the venue's name for the symbol. */
const symbol = 'BTCUSDT';

interface BinanceClass extends StreamVenueClient {
  fetchOrderBook(symbol: string, limit?: number): Promise<object>;
  fetchOrderBookSnapshot(socket: object, message: object, subscription: object): Promise<void>;
  handleOrderBook(socket: object, message: object): void;
}

type Numbers = readonly [first: number, last: number, before?: number];

const update = ([U, u, pu]: Numbers) => ({
  ...{ e: 'depthUpdate', E: 1_000 + u, s: symbol, U, u, b: [['99', String(u)]], a: [] },
  ...(pu !== undefined && { pu }),
});

/** ccxt's own class of Binance, whose questions for books are answered with these numbers in turn, the last one again and again. */
function lab({ answers, type = 'spot' }: { answers: number[]; type?: string }) {
  const client = new pro.binance({ number: String }) as unknown as BinanceClass;
  const clock = createManualClock(0);
  const tracker = new BookTracker({ rule: 'chained', depth: 1 });
  const told: number[] = [];
  const faults: string[] = [];
  const asked: number[] = [];
  client.fetchOrderBook = async () => {
    const nonce = answers[Math.min(asked.length, answers.length - 1)] ?? 0;
    asked.push(clock.nowMs());
    return { symbol, nonce, bids: [['99', '1']], asks: [['100', '1']] };
  };
  hookClient(client, {
    ...{ clock, levelsMin: 0, isChained: true, asked: () => undefined, trackersOf: () => [tracker] },
  });
  const check = (book: VenueBook, message: unknown) => {
    const fault = tracker.check(book, message);
    if (fault === undefined) told.push(tracker.sequence);
    else faults.push(fault === 'skipped' ? fault : fault.reason);
  };
  let message: unknown;
  const socket = {
    url: `wss://${type === 'spot' ? 'stream.binance.com' : 'fstream.binance.com'}/ws`,
    subscriptions: {},
    resolve: (book: VenueBook) => check(book, message),
    reject: (error: Error) => void faults.push(`${error.name}: ${error.message}`),
  };
  const hear = (numbers: Numbers) => {
    message = update(numbers);
    client.handleOrderBook(socket, message as object);
    message = undefined;
  };
  /** As ccxt does when a subscription is confirmed. */
  const begin = async (waiting: readonly Numbers[]) => {
    client.orderbooks[symbol] = client.orderBook({}, 100);
    for (const numbers of waiting) hear(numbers);
    await client.fetchOrderBookSnapshot(socket, {}, { symbol, limit: 100, type, params: {} });
  };
  return { tracker, told, faults, asked, hear, begin };
}

const spot: readonly Numbers[] = [
  [110, 112],
  [113, 115],
];
const futures: readonly Numbers[] = [
  [1_100, 1_120, 1_090],
  [1_133, 1_150, 1_120],
];

describe('a book of Binance begins', () => {
  it.each([
    ['with an answer that the updates follow', 'spot', spot, [111], 115],
    ['with an answer right before the first update', 'spot', spot, [109], 115],
    ['with an answer that is newer than all of them', 'spot', spot, [130], 130],
    ['at futures, with an answer within the first update', 'future', futures, [1_105], 1_150],
    ['at futures, with an answer that the first update names', 'future', futures, [1_090], 1_150],
  ])('%s, and that is asked for once', async (_, type, waiting, answers, number) => {
    const { begin, told, faults, asked } = lab({ answers, type });
    await begin(waiting);
    expect([told, faults, asked]).toEqual([[number], [], [0]]);
  });

  it.each([
    ['the answer is older than the first update', 'spot', spot, [100, 108, 113], 115],
    [
      'an update was lost while they waited',
      'spot',
      [
        [110, 112],
        [116, 118],
      ] as const,
      [110, 111, 118],
      118,
    ],
    [
      'an update was overtaken',
      'spot',
      [
        [110, 112],
        [116, 118],
        [113, 115],
      ] as const,
      [110, 111, 120],
      120,
    ],
    ['the answer is older, at futures', 'future', futures, [1_080, 1_080, 1_150], 1_150],
    [
      'an update was lost, at futures',
      'future',
      [
        [1_100, 1_120, 1_090],
        [1_160, 1_170, 1_150],
      ] as const,
      [1_100, 1_110, 1_170],
      1_170,
    ],
  ])('with another answer where %s', async (_, type, waiting, answers, number) => {
    const { begin, told, faults, asked } = lab({ answers, type });
    await begin(waiting);
    expect([told, faults, asked]).toEqual([[number], [], [0, 500, 1_000]]);
  });

  it('not at all while the venue gives none but old answers, however often it is subscribed', async () => {
    const { begin, told, faults, asked } = lab({ answers: [100] });
    await begin(spot);
    expect(faults).toEqual(['InvalidNonce: an answer up to 100 came, and an update from 110 on']);
    expect(asked).toEqual([0, 500, 1_000, 1_500]);
    // Nothing is traded any more, so that nothing but what was told before shows how old the answer is.
    await begin([]);
    expect(faults[1]).toBe('InvalidNonce: an answer up to 100 came after update 115');
    expect(told).toEqual([]);
  });

  it('with any number after another connection was made', async () => {
    const { begin, told, tracker } = lab({ answers: [200, 7] });
    await begin(spot);
    tracker.restart();
    await begin([]);
    expect(told).toEqual([200, 7]);
  });

  it('and goes on with what follows', async () => {
    const { begin, told, hear, faults } = lab({ answers: [111] });
    await begin(spot);
    hear([116, 117]);
    expect([told, faults]).toEqual([[115, 117], []]);
  });
});

it('a book that ccxt has not brought up to what was told is not taken for one', () => {
  const tracker = new BookTracker({ rule: 'chained', depth: 1 });
  const bookAt = (nonce: number) => ({ bids: [], asks: [], nonce }) as unknown as VenueBook;
  tracker.reaches(115);
  tracker.reaches(112);
  tracker.reaches(Number.NaN);
  expect(tracker.check(bookAt(112), undefined)).toEqual({
    ...{ incident: 'gap', reason: 'update 115 was expected, and 112 came' },
  });
  expect(tracker.isAwaited).toBe(true);
  expect(tracker.check(bookAt(115), undefined)).toBeUndefined();
});
