import { describe, expect, it } from 'vitest';
import { binance, startMs } from '../../support/live-quotes.ts';
import {
  bookAt,
  marketUnit,
  type OpenedPublisher,
  openPublisher,
  subscriptionOf,
} from '../../support/streaming-publisher.ts';

const connection = 'binance#markets#0@task.1';

/** A feed of these markets, and what was written of them. */
function openFeed(subscriptions = [subscriptionOf('BTC/USDT')], opened = openPublisher(), name = connection) {
  let heardMs: number | undefined = startMs;
  const feed = opened.publisher.openMarkets(marketUnit, { connection: name, heardMs: () => heardMs });
  feed.want(subscriptions);
  const tell = (price: number, symbol = 'BTC/USDT', receivedMs = opened.nowMs()) =>
    feed.book(bookAt(price, { symbol, receivedMs }));
  return {
    ...opened,
    feed,
    tell,
    hear(ms: number | undefined) {
      heardMs = ms;
    },
  };
}

/** Prices of what was written, in the order in which it was. */
function watchWrites({ quotes }: OpenedPublisher): string[] {
  const writes: string[] = [];
  const { write, remove } = quotes;
  quotes.write = async function (...call) {
    const [all] = call;
    writes.push(all.map(({ symbol, bid }) => `${symbol} ${bid}`).join(', '));
    return write.apply(this, call);
  };
  quotes.remove = async function (...call) {
    writes.push(`without ${call[0].map(({ symbol }) => symbol).join(', ')}`);
    return remove.apply(this, call);
  };
  return writes;
}

describe('publishing quotes', () => {
  it('writes the first book at once, with as many levels as are wanted', async () => {
    const { tell, pass, quotes, published } = openFeed();
    tell(100, 'BTC/USDT', startMs - 7);
    await pass(5);
    expect([...quotes.rows.values()]).toEqual([
      {
        ...{ venue: binance, symbol: 'BTC/USDT', connection, sequence: 100, receivedMs: startMs - 7 },
        ...{ bid: 100, bidSize: 1, ask: 101, askSize: 1, writtenMs: startMs },
        bids: [
          [100, 1],
          [99, 1],
        ],
        asks: [
          [101, 1],
          [102, 1],
        ],
      },
    ]);
    expect(published).toEqual([{ venue: binance, kind: 'books', delaysMs: [7] }]);
  });

  it('writes what comes in the same moment together, and 25 at most in one batch', async () => {
    const symbols = Array.from({ length: 60 }, (_, number) => `C${number}/USDT`);
    const opened = openPublisher();
    const writes = watchWrites(opened);
    const { tell, pass } = openFeed(
      symbols.map((symbol) => subscriptionOf(symbol)),
      opened,
    );
    for (const symbol of symbols) tell(5, symbol);
    await pass(50);
    expect(writes.map((write) => write.split(', ').length)).toEqual([25, 25, 10]);
  });

  it('has a bounded number of batches under way, and goes on as soon as one is over', async () => {
    const symbols = Array.from({ length: 510 }, (_, number) => `C${number}/USDT`);
    const opened = openPublisher();
    let [underWay, most, calls] = [0, 0, 0];
    opened.quotes.before = async () => {
      underWay += 1;
      calls += 1;
      most = Math.max(most, underWay);
      await opened.clock.sleep(100);
      underWay -= 1;
    };
    const feed = openFeed(
      symbols.map((symbol) => subscriptionOf(symbol)),
      opened,
    );
    for (const symbol of symbols) feed.tell(5, symbol);
    await feed.pass(330);
    expect(Object.keys(opened.bids())).toHaveLength(symbols.length);
    expect([most, calls]).toEqual([8, 21]);
  });

  it('keeps the pace, and then writes what is newest', async () => {
    const opened = openPublisher();
    const writes = watchWrites(opened);
    const { tell, pass, conflated } = openFeed([subscriptionOf('BTC/USDT')], opened);
    for (let step = 0; step < 40; step += 1) {
      tell(100 + step);
      await pass(100);
    }
    await pass(2_000);
    // Two at once after a pause, then one a second, and the newest is among them.
    expect(writes.length).toBeLessThanOrEqual(7);
    expect(writes.slice(0, 2)).toEqual(['BTC/USDT 100', 'BTC/USDT 101']);
    expect(opened.bids()).toEqual({ 'BTC/USDT': 139 });
    expect(conflated()).toBeGreaterThan(30);
  });

  it('counts what its pace holds back from when it could have been written', async () => {
    const { tell, pass, published } = openFeed([subscriptionOf('BTC/USDT', { quoteEveryMs: 10_000 })]);
    for (const price of [100, 101, 102]) {
      tell(price);
      await pass(40);
    }
    await pass(12_000);
    const delays = published.flatMap(({ delaysMs }) => delaysMs);
    expect(delays).toHaveLength(3);
    expect(Math.max(...delays)).toBeLessThanOrEqual(20);
  });

  it('writes nothing where nothing has changed that is published', async () => {
    const opened = openPublisher();
    const writes = watchWrites(opened);
    const { feed, tell, pass, nowMs } = openFeed([subscriptionOf('BTC/USDT')], opened);
    tell(100);
    await pass(1_500);
    const deeper = bookAt(100, { receivedMs: nowMs() });
    deeper.bids[2] = [50, 9];
    feed.book(deeper);
    await pass(2_000);
    expect(writes).toEqual(['BTC/USDT 100']);
  });

  it('writes the first once more, and each again before its row ends, without counting how old it is', async () => {
    const opened = openPublisher();
    const writes = watchWrites(opened);
    const { tell, pass, published, quotes } = openFeed([subscriptionOf('BTC/USDT')], opened);
    tell(100);
    await pass(6_000);
    expect(writes).toHaveLength(2);
    await pass(310_000);
    expect(writes).toHaveLength(3);
    await pass(310_000);
    expect(await quotes.read('BTC/USDT')).toHaveLength(1);
    expect(published).toHaveLength(1);
  });

  it('removes the quote of a book that is lost, and writes the next one', async () => {
    const { feed, tell, pass, bids } = openFeed();
    tell(100);
    await pass(20);
    feed.bookLost('BTC/USDT');
    await pass(20);
    expect(bids()).toEqual({});
    tell(101);
    await pass(20);
    expect(bids()).toEqual({ 'BTC/USDT': 101 });
  });

  it('removes a lost quote also where the next one must wait for its pace', async () => {
    const { feed, tell, pass, bids } = openFeed([subscriptionOf('BTC/USDT', { quoteEveryMs: 10_000 })]);
    for (const price of [100, 101]) {
      tell(price);
      await pass(20);
    }
    feed.bookLost('BTC/USDT');
    tell(102);
    await pass(20);
    expect(bids()).toEqual({});
    await pass(12_000);
    expect(bids()).toEqual({ 'BTC/USDT': 102 });
  });

  it('never publishes a book that is crossed or empty', async () => {
    const { feed, tell, pass, bids, nowMs } = openFeed();
    tell(100);
    await pass(20);
    feed.book({ ...bookAt(101, { receivedMs: nowMs() }), asks: [[101, 1]] });
    await pass(20);
    expect(bids()).toEqual({});
    feed.book({ ...bookAt(101, { receivedMs: nowMs() }), bids: [], asks: [] });
    await pass(3_000);
    expect(bids()).toEqual({});
  });

  it('leaves alone what another connection has written since', async () => {
    const first = openFeed();
    first.tell(100);
    await first.pass(20);
    const second = openFeed([subscriptionOf('BTC/USDT')], first, 'binance#markets#0@task.2');
    second.tell(200);
    await first.pass(20);
    first.feed.bookLost('BTC/USDT');
    await first.pass(20);
    expect(first.bids()).toEqual({ 'BTC/USDT': 200 });
  });

  it('never writes a market twice at once, and nothing older after something newer', async () => {
    const opened = openPublisher();
    const answers: (() => void)[] = [];
    opened.quotes.before = () => new Promise((resolve) => answers.push(resolve));
    const { tell, turns, pass } = openFeed([subscriptionOf('BTC/USDT', { quoteEveryMs: 200 })], opened);
    tell(100);
    await pass(20);
    tell(101);
    await pass(20);
    tell(102);
    await pass(500);
    expect(answers).toHaveLength(1);
    answers[0]?.();
    await turns();
    await pass(20);
    expect(answers).toHaveLength(2);
    answers[1]?.();
    await turns();
    expect(opened.bids()).toEqual({ 'BTC/USDT': 102 });
  });

  it('removes a quote that was lost while it was being written, once that is over', async () => {
    const opened = openPublisher();
    const answers: (() => void)[] = [];
    opened.quotes.before = (call) =>
      call === 'write' ? new Promise((resolve) => answers.push(resolve)) : Promise.resolve();
    const { feed, tell, turns, pass } = openFeed([subscriptionOf('BTC/USDT')], opened);
    tell(100);
    await pass(20);
    feed.bookLost('BTC/USDT');
    await pass(20);
    answers[0]?.();
    await turns();
    await pass(20);
    expect(opened.bids()).toEqual({});
  });

  it('does not remove what was written after the book was lost', async () => {
    const opened = openPublisher();
    const answers: (() => void)[] = [];
    const { feed, tell, turns, pass } = openFeed([subscriptionOf('BTC/USDT', { quoteEveryMs: 200 })], opened);
    tell(100);
    await pass(10_000);
    opened.quotes.before = () => new Promise((resolve) => answers.push(resolve));
    tell(101);
    await pass(500);
    feed.bookLost('BTC/USDT');
    tell(102);
    for (const [index] of ['101', '102'].entries()) {
      answers[index]?.();
      await turns();
      await pass(50);
    }
    expect(answers).toHaveLength(2);
    expect(opened.bids()).toEqual({ 'BTC/USDT': 102 });
  });

  it('tries again what failed, with what is newest by then, and once more when nothing older can come any more', async () => {
    const opened = openPublisher();
    const writes = watchWrites(opened);
    opened.quotes.before = async () => {
      throw new Error('the table does not answer');
    };
    const { tell, pass, failures, bids } = openFeed([subscriptionOf('BTC/USDT', { quoteEveryMs: 200 })], opened);
    tell(100);
    await pass(300);
    tell(101);
    await pass(300);
    expect(failures[0]).toBe('quotes of 1 markets could not be put into the table');
    const tries = writes.length;
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(6);
    opened.quotes.before = async () => {};
    await pass(3_000);
    expect(bids()).toEqual({ 'BTC/USDT': 101 });
    const written = writes.length;
    await pass(8_000);
    expect(writes.length).toBe(written + 1);
  });

  it('removes once more what was lost after a write that nobody answered', async () => {
    const opened = openPublisher();
    const { feed, tell, pass, quotes, bids } = openFeed([subscriptionOf('BTC/USDT')], opened);
    opened.quotes.before = async (call) => {
      if (call === 'write') throw new Error('no answer in time');
    };
    tell(100);
    await pass(20);
    feed.bookLost('BTC/USDT');
    await pass(200);
    // What nobody answered comes to be after all.
    const [late] = await writeLate(quotes);
    expect(bids()).toEqual({ 'BTC/USDT': late });
    await pass(6_000);
    expect(bids()).toEqual({});
  });

  async function writeLate(quotes: OpenedPublisher['quotes']) {
    const { before } = quotes;
    quotes.before = async () => {};
    const late = { ...bookAt(100, { receivedMs: startMs }), venue: binance, connection, bid: 100 };
    await quotes.write([late], startMs);
    quotes.before = before;
    return [late.bid];
  }

  it('lets a quote that is refused hold up no other', async () => {
    const symbols = ['A/USDT', 'B/USDT', 'C/USDT'];
    const opened = openPublisher();
    opened.quotes.before = async (_call, names) => {
      if (names.includes('binance B/USDT')) throw new Error('one of them is not valid');
    };
    const { tell, pass, bids } = openFeed(
      symbols.map((symbol) => subscriptionOf(symbol)),
      opened,
    );
    for (const symbol of symbols) tell(7, symbol);
    await pass(5_000);
    expect(bids()).toEqual({ 'A/USDT': 7, 'C/USDT': 7 });
  });

  it('writes again what the table left out', async () => {
    const opened = openPublisher();
    opened.quotes.refused.add('binance BTC/USDT');
    const { tell, pass, bids, failures } = openFeed([subscriptionOf('BTC/USDT'), subscriptionOf('ETH/USDT')], opened);
    tell(100);
    tell(200, 'ETH/USDT');
    await pass(20);
    expect(bids()).toEqual({ 'ETH/USDT': 200 });
    expect(failures).toEqual(['the table did not take 1 quotes for now']);
    opened.quotes.refused.clear();
    await pass(2_000);
    expect(bids()).toEqual({ 'ETH/USDT': 200, 'BTC/USDT': 100 });
  });

  it('removes what is wanted no more, takes what is wanted anew, and ignores the rest', async () => {
    const { feed, tell, pass, bids } = openFeed([subscriptionOf('BTC/USDT'), subscriptionOf('ETH/USDT')]);
    tell(100);
    tell(200, 'ETH/USDT');
    tell(300, 'SOL/USDT');
    feed.bookLost('SOL/USDT');
    await pass(20);
    expect(bids()).toEqual({ 'BTC/USDT': 100, 'ETH/USDT': 200 });
    feed.want([subscriptionOf('ETH/USDT', { depth: 1 }), subscriptionOf('SOL/USDT')]);
    tell(101);
    tell(300, 'SOL/USDT');
    await pass(20);
    expect(bids()).toEqual({ 'ETH/USDT': 200, 'SOL/USDT': 300 });
    tell(201, 'ETH/USDT');
    await pass(1_500);
    expect(bids()).toEqual({ 'ETH/USDT': 201, 'SOL/USDT': 300 });
    feed.want([subscriptionOf('BTC/USDT'), subscriptionOf('ETH/USDT', { depth: 1 })]);
    tell(102);
    await pass(1_500);
    expect(bids()).toEqual({ 'ETH/USDT': 201, 'BTC/USDT': 102 });
  });

  describe('with tickers', () => {
    const tickerOf = (fields: object) => ({ symbol: 'BTC/USDT', receivedMs: startMs, ...fields });

    it('adds the latest price to the quote of a book', async () => {
      const { feed, tell, pass, quotes } = openFeed([
        subscriptionOf('BTC/USDT', { kind: 'tickers' }),
        subscriptionOf('BTC/USDT'),
      ]);
      feed.ticker(tickerOf({ last: 99.5, bid: 1, bidSize: 1, ask: 2, askSize: 1 }));
      tell(100);
      await pass(20);
      feed.ticker(tickerOf({ last: 100.5 }));
      await pass(20);
      expect([...quotes.rows.values()]).toMatchObject([{ bid: 100, last: 100.5 }]);
    });

    it('makes a quote of a ticker alone, where it tells both sides with their sizes', async () => {
      const { feed, pass, quotes, published } = openFeed([subscriptionOf('BTC/USDT', { kind: 'tickers' })]);
      feed.ticker(tickerOf({ bid: 1, bidSize: 5, ask: 2, last: 1.5 }));
      feed.ticker(tickerOf({ symbol: 'ETH/USDT', bid: 1, bidSize: 5, ask: 2, askSize: 6 }));
      await pass(20);
      expect(quotes.rows.size).toBe(0);
      feed.ticker(tickerOf({ bid: 1, bidSize: 5, ask: 2, askSize: 6, exchangeTimeMs: 7 }));
      await pass(20);
      expect([...quotes.rows.values()]).toMatchObject([
        { bid: 1, bidSize: 5, bids: [[1, 5]], asks: [[2, 6]], exchangeTimeMs: 7, last: 1.5, sequence: 1 },
      ]);
      expect(published).toMatchObject([{ kind: 'tickers' }]);
    });

    it('calls what is asked for fresh by its own answers only, and writes each of those that keep it fresh', async () => {
      const { feed, pass, quotes, hear, nowMs } = openFeed([
        subscriptionOf('BTC/USDT', { kind: 'tickers', isPolled: true }),
        subscriptionOf('ETH/USDT', { isPolled: true }),
      ]);
      const ageMs = (symbol: string) => {
        const row = [...quotes.rows.values()].find((each) => each.symbol === symbol);
        // The freshest of what vouches for it.
        return nowMs() - Math.max(row?.receivedMs ?? 0, quotes.beats.get(row?.connection ?? '') ?? 0);
      };
      const answer = () => feed.ticker(tickerOf({ bid: 1, bidSize: 5, ask: 2, askSize: 6, receivedMs: nowMs() }));
      answer();
      feed.book(bookAt(7, { symbol: 'ETH/USDT', receivedMs: nowMs() }));
      for (let turn = 0; turn < 4; turn += 1) {
        await pass(5_000);
        hear(nowMs());
        answer();
        await pass(100);
        expect(ageMs('BTC/USDT')).toBe(100);
      }
      expect(ageMs('ETH/USDT')).toBe(20_400);
    });

    it('removes the quote of a ticker that was asked for once a book is streamed instead', async () => {
      const { feed, tell, pass, bids } = openFeed([subscriptionOf('BTC/USDT', { kind: 'tickers', isPolled: true })]);
      feed.ticker(tickerOf({ bid: 1, bidSize: 5, ask: 2, askSize: 6 }));
      await pass(20);
      feed.want([subscriptionOf('BTC/USDT')]);
      await pass(20);
      expect(bids()).toEqual({});
      tell(100);
      await pass(20);
      expect(bids()).toEqual({ 'BTC/USDT': 100 });
    });

    it('removes a quote whose ticker is lost, or tells less than a quote, though the connection is heard', async () => {
      const whole = { bid: 1, bidSize: 5, ask: 2, askSize: 6 };
      const { feed, pass, bids, quotes, hear, nowMs } = openFeed([
        subscriptionOf('BTC/USDT', { kind: 'tickers' }),
        subscriptionOf('ETH/USDT', { kind: 'tickers' }),
      ]);
      feed.ticker(tickerOf({ ...whole, last: 1.5 }));
      feed.ticker(tickerOf({ ...whole, symbol: 'ETH/USDT' }));
      await pass(20);
      expect(bids()).toEqual({ 'BTC/USDT': 1, 'ETH/USDT': 1 });
      feed.tickerLost('BTC/USDT');
      feed.tickerLost('SOL/USDT');
      feed.ticker(tickerOf({ ...whole, symbol: 'ETH/USDT', ask: undefined, askSize: undefined }));
      for (let minute = 0; minute < 12; minute += 1) {
        hear(nowMs());
        await pass(60_000);
        expect(bids()).toEqual({});
      }
      feed.ticker(tickerOf(whole));
      await pass(20);
      const [row] = quotes.rows.values();
      expect([row?.bid, row?.last]).toEqual([1, undefined]);
    });

    it('leaves the latest price out of the quote of a book once its ticker is lost', async () => {
      const { feed, tell, pass, quotes, clock } = openFeed([
        subscriptionOf('BTC/USDT'),
        subscriptionOf('BTC/USDT', { kind: 'tickers' }),
      ]);
      tell(100);
      feed.ticker(tickerOf({ last: 99.5 }));
      await pass(20);
      const last = () => [...quotes.rows.values()].map((row) => [row.bid, row.last]);
      expect(last()).toEqual([[100, 99.5]]);
      feed.tickerLost('BTC/USDT');
      await pass(1_500);
      expect(last()).toEqual([[100, undefined]]);
      await clock.drive(feed.close());
      feed.tickerLost('BTC/USDT');
    });

    it('removes a quote as soon as it is made of something else, until that comes', async () => {
      const { feed, tell, pass, bids } = openFeed([subscriptionOf('BTC/USDT', { kind: 'tickers' })]);
      feed.ticker(tickerOf({ bid: 1, bidSize: 5, ask: 2, askSize: 6 }));
      await pass(20);
      expect(bids()).toEqual({ 'BTC/USDT': 1 });
      feed.want([subscriptionOf('BTC/USDT')]);
      await pass(20);
      expect(bids()).toEqual({});
      tell(100);
      await pass(20);
      expect(bids()).toEqual({ 'BTC/USDT': 100 });
      feed.want([subscriptionOf('BTC/USDT', { depth: 1 })]);
      await pass(20);
      expect(bids()).toEqual({ 'BTC/USDT': 100 });
      feed.want([subscriptionOf('BTC/USDT', { kind: 'tickers' })]);
      await pass(20);
      expect(bids()).toEqual({});
    });
  });

  describe('beats', () => {
    it('tell every two seconds when a connection was heard, where it was', async () => {
      const { hear, pass, quotes } = openFeed();
      hear(undefined);
      await pass(3_000);
      expect(quotes.beats.size).toBe(0);
      const told: number[] = [];
      const { beat } = quotes;
      quotes.beat = async (...call) => {
        told.push(call[1]);
        return beat.apply(quotes, call);
      };
      hear(startMs + 3_000);
      await pass(6_000);
      hear(startMs + 9_000);
      await pass(2_000);
      expect(told).toEqual([startMs + 3_000, startMs + 9_000]);
    });

    it('stop while something newer has waited for long to be written, and go on after', async () => {
      const opened = openPublisher();
      const { tell, hear, pass, quotes } = openFeed([subscriptionOf('BTC/USDT')], opened);
      tell(100);
      await pass(3_000);
      opened.quotes.before = async (call) => {
        if (call !== 'beat') throw new Error('the table takes no quotes');
      };
      tell(101);
      await pass(10_000);
      hear(startMs + 13_000);
      await pass(6_000);
      expect(quotes.beats.get(connection)).toBe(startMs);
      opened.quotes.before = async () => {};
      await pass(6_000);
      expect(quotes.beats.get(connection)).toBe(startMs + 13_000);
    });

    it('that fail are told of and made again', async () => {
      const opened = openPublisher();
      opened.quotes.before = async () => {
        throw new Error('the table does not answer');
      };
      const { pass, failures, quotes } = openFeed([], opened);
      await pass(2_500);
      expect(failures).toContain(`it could not be told that ${connection} was heard`);
      opened.quotes.before = async () => {};
      await pass(2_500);
      expect(quotes.beats.get(connection)).toBe(startMs);
    });
  });

  describe('at the end', () => {
    it('keeps the quotes as they are, and takes nothing more', async () => {
      const { feed, tell, pass, clock, bids, quotes, hear } = openFeed([
        subscriptionOf('BTC/USDT', { quoteEveryMs: 10_000 }),
      ]);
      for (const price of [100, 101, 102]) {
        tell(price);
        await pass(20);
      }
      expect(bids()).toEqual({ 'BTC/USDT': 101 });
      await clock.drive(feed.close());
      tell(103);
      feed.bookLost('BTC/USDT');
      hear(startMs + 60_000);
      await pass(20_000);
      expect(bids()).toEqual({ 'BTC/USDT': 101 });
      expect(quotes.beats.get(connection) ?? startMs).toBe(startMs);
    });

    it('still removes what is wrong', async () => {
      const { feed, tell, pass, clock, bids } = openFeed();
      tell(100);
      await pass(20);
      feed.bookLost('BTC/USDT');
      await clock.drive(feed.close());
      expect(bids()).toEqual({});
    });

    it('leaves the rows to whoever has the connection next, also in a market where nothing changes after that', async () => {
      const before = openFeed([subscriptionOf('BTC/USDT', { quoteEveryMs: 2_000 })]);
      before.tell(98);
      before.tell(99);
      await before.pass(20);
      const next = openFeed([subscriptionOf('BTC/USDT', { quoteEveryMs: 2_000 })], before, 'binance#markets#0@task.2');
      const tellBoth = (price: number) => {
        for (const { tell } of [next, before]) tell(price);
      };
      const row = () => [...before.quotes.rows.values()].map(({ bid, connection: by }) => [bid, by === connection]);
      tellBoth(100);
      await before.pass(10_000);
      // Both write it, and the one that ends writes last.
      next.tell(101);
      await before.pass(50);
      before.tell(101);
      await before.pass(50);
      expect(row()).toEqual([[101, true]]);
      next.feed.confirm();
      await before.pass(700);
      await before.clock.drive(before.feed.close());
      await before.pass(5_000);
      expect(row()).toEqual([[101, false]]);
    });

    it('writes nothing that its pace has held back over the quote of whoever has the connection next', async () => {
      const slow = [subscriptionOf('BTC/USDT', { quoteEveryMs: 10_000 })];
      const before = openFeed(slow);
      for (const price of [98, 99]) {
        before.tell(price);
        await before.pass(20);
      }
      const next = openFeed(slow, before, 'binance#markets#0@task.2');
      for (const { tell } of [next, before]) tell(100);
      await before.pass(50);
      await before.clock.drive(before.feed.close());
      expect([...before.quotes.rows.values()]).toMatchObject([{ bid: 100, connection: 'binance#markets#0@task.2' }]);
    });

    it('does not wait for ever for a table that does not answer', async () => {
      const opened = openPublisher();
      opened.quotes.before = () => new Promise(() => {});
      const { feed, tell, pass, clock, publisher, nowMs } = openFeed([subscriptionOf('BTC/USDT')], opened);
      tell(100);
      await pass(20);
      const sinceMs = nowMs();
      await clock.drive(feed.close());
      await clock.drive(publisher.close());
      expect(nowMs() - sinceMs).toBeLessThanOrEqual(8_000);
    });

    it('writes nothing more of a feed that is closed, also where the table answered only after that', async () => {
      const opened = openPublisher();
      const { feed, tell, pass, clock } = openFeed([subscriptionOf('BTC/USDT')], opened);
      opened.quotes.before = () => clock.sleep(5_000);
      tell(100);
      await pass(20);
      await clock.drive(feed.close());
      await pass(10_000);
      opened.quotes.before = async () => {};
      const writes = watchWrites(opened);
      await pass(1_000_000);
      expect(opened.bids()).toEqual({ 'BTC/USDT': 100 });
      expect(writes).toEqual([]);
    });

    it('goes on at the same pace after a flush, and ignores what comes once it is closed', async () => {
      const opened = openPublisher();
      const writes = watchWrites(opened);
      const { tell, pass, clock, publisher, bids } = openFeed(
        [subscriptionOf('BTC/USDT', { quoteEveryMs: 5_000 })],
        opened,
      );
      for (const price of [100, 101, 102]) {
        tell(price);
        await pass(20);
      }
      await clock.drive(publisher.flush());
      expect(bids()).toEqual({ 'BTC/USDT': 102 });
      tell(103);
      await pass(1_000);
      expect(bids()).toEqual({ 'BTC/USDT': 102 });
      await pass(10_000);
      expect(bids()).toEqual({ 'BTC/USDT': 103 });
      await clock.drive(publisher.close());
      await clock.drive(publisher.close());
      const count = writes.length;
      tell(104);
      openFeed([subscriptionOf('BTC/USDT')], opened, 'late').tell(105);
      await pass(10_000);
      expect(writes.length).toBe(count);
    });
  });
});
