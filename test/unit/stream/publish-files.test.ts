import { amount, type LiveTrade, price } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { startMs } from '../../support/live-quotes.ts';
import { bookAt, marketUnit, openPublisher, subscriptionOf } from '../../support/streaming-publisher.ts';

const connection = 'binance#markets#0@task.1';
const kinds = ['books', 'trades', 'funding', 'liquidations'] as const;
const minuteMs = 60_000;

function openFeed(subscriptions = kinds.map((kind) => subscriptionOf('BTC/USDT', { kind, files: true }))) {
  const opened = openPublisher();
  const feed = opened.publisher.openMarkets(marketUnit, { connection, heardMs: () => opened.nowMs() });
  feed.want(subscriptions);
  const tradeOf = (number: number, symbol = 'BTC/USDT'): LiveTrade => ({
    ...{ symbol, price: price('90000'), amount: amount('0.1'), tradeId: `t-${number}` },
    ...{ atMs: opened.nowMs() - 5, receivedMs: opened.nowMs() },
  });
  const files = () => [...opened.archive.files.keys()];
  const rows = () => Object.fromEntries([...opened.archive.files].map(([name, { rows: all }]) => [name, all.length]));
  return { ...opened, feed, tradeOf, files, rows };
}

describe('publishing files', () => {
  it('writes what came within five minutes, each kind for itself', async () => {
    const { feed, tradeOf, pass, archive, files, nowMs } = openFeed();
    const symbol = 'BTC/USDT';
    const funding = { symbol, rate: '0.0001', receivedMs: nowMs() };
    const liquidation = { symbol, price: '1', atMs: nowMs(), receivedMs: nowMs() };
    feed.trades([tradeOf(1), tradeOf(2)]);
    feed.funding(funding);
    feed.liquidation(liquidation);
    feed.book(bookAt(100, { receivedMs: nowMs() }));
    await pass(4 * minuteMs);
    feed.trades([tradeOf(3)]);
    expect(files()).toEqual([]);
    await pass(1.5 * minuteMs);
    expect(files().sort()).toEqual(
      ['books', 'funding', 'liquidations', 'trades'].map((kind) => `${kind} binance ${startMs} ${connection}`),
    );
    const written = [...archive.files.values()];
    expect(written.find(({ kind }) => kind === 'trades')?.rows).toMatchObject([
      { tradeId: 't-1' },
      { tradeId: 't-2' },
      { tradeId: 't-3' },
    ]);
    expect(written.find(({ kind }) => kind === 'funding')?.rows).toEqual([funding]);
    expect(written.find(({ kind }) => kind === 'liquidations')?.rows).toEqual([liquidation]);
    const { bids, asks } = bookAt(100, { receivedMs: 0 });
    expect(written.find(({ kind }) => kind === 'books')?.rows).toEqual([
      {
        ...{ venue: 'binance', symbol, sequence: 100, receivedMs: startMs },
        ...{ bids: bids.slice(0, 2), asks: asks.slice(0, 2) },
      },
    ]);
  });

  it('keeps only what is wanted in files', async () => {
    const { feed, tradeOf, pass, rows, clock, nowMs } = openFeed([
      subscriptionOf('BTC/USDT'),
      subscriptionOf('BTC/USDT', { kind: 'trades', files: true }),
      subscriptionOf('ETH/USDT', { kind: 'trades' }),
    ]);
    feed.book(bookAt(100, { receivedMs: nowMs() }));
    feed.candle({
      ...{ symbol: 'BTC/USDT', timeframe: '1m', openTimeMs: 0, open: 1, high: 1, low: 1 },
      close: 1,
      volume: 1,
      receivedMs: 0,
    });
    feed.trades([tradeOf(1), tradeOf(2, 'ETH/USDT')]);
    feed.funding({ symbol: 'BTC/USDT', rate: '1', receivedMs: nowMs() });
    feed.liquidation({ symbol: 'BTC/USDT', price: '1', atMs: 0, receivedMs: nowMs() });
    await pass(20);
    await clock.drive(feed.close());
    feed.trades([tradeOf(3)]);
    await pass(10 * minuteMs);
    expect(rows()).toEqual({ [`trades binance ${startMs} ${connection}`]: 1 });
  });

  it('has of a book at most one row a second, of what was published', async () => {
    const { feed, pass, archive, clock, nowMs } = openFeed([
      subscriptionOf('BTC/USDT', { files: true, quoteEveryMs: 200 }),
      subscriptionOf('ETH/USDT', { files: true, quoteEveryMs: 200 }),
    ]);
    for (let step = 0; step < 30; step += 1) {
      feed.book(bookAt(100 + step, { receivedMs: nowMs() }));
      feed.book(bookAt(100 + step, { receivedMs: nowMs(), symbol: 'ETH/USDT' }));
      await pass(100);
    }
    await clock.drive(feed.close());
    const [{ rows } = { rows: [] }] = [...archive.files.values()];
    for (const symbol of ['BTC/USDT', 'ETH/USDT']) {
      const times = rows.filter((row) => row.symbol === symbol).map(({ receivedMs }) => receivedMs);
      expect(times).toHaveLength(3);
      for (const [index, at] of times.entries())
        expect(at - (times[index - 1] ?? at - 1_000)).toBeGreaterThanOrEqual(1_000);
    }
  });

  it('begins another file when it has come to be large, and when another hour begins', async () => {
    const { feed, tradeOf, pass, rows, clock } = openFeed();
    const trade = tradeOf(0);
    feed.trades(Array.from({ length: 21_000 }, () => trade));
    await pass(20);
    expect(Object.values(rows())).toEqual([20_972]);
    await clock.drive(feed.close());

    const other = openFeed();
    await other.pass(59 * minuteMs);
    other.feed.trades([other.tradeOf(1)]);
    await other.pass(2 * minuteMs);
    other.feed.trades([other.tradeOf(2)]);
    await other.clock.drive(other.publisher.flush());
    const at = (minute: number) => `trades binance ${startMs + minute * minuteMs} ${connection}`;
    expect(other.rows()).toEqual({ [at(59)]: 1, [at(61)]: 1 });
  });

  it('writes again what the archive did not take, one file after the other', async () => {
    const { feed, tradeOf, pass, archive, failures, rows } = openFeed();
    let underWay = 0;
    archive.before = async () => {
      underWay += 1;
      expect(underWay).toBe(1);
      await Promise.resolve();
      underWay -= 1;
      throw new Error('the archive does not answer');
    };
    feed.trades([tradeOf(1)]);
    feed.funding({ symbol: 'BTC/USDT', rate: '1', receivedMs: startMs });
    await pass(6 * minuteMs);
    expect(failures[0]).toBe('a file of 1 trades of binance could not be written');
    expect(failures.length).toBeLessThan(10);
    archive.before = async () => {};
    await pass(2 * minuteMs);
    expect(Object.values(rows())).toEqual([1, 1]);
  });

  it('gives up the oldest when too much waits, and says so', async () => {
    const { feed, tradeOf, pass, archive, failures, clock, publisher } = openFeed();
    let refusals = 0;
    archive.before = async () => {
      refusals += 1;
      throw new Error('the archive does not answer');
    };
    const many = Array.from({ length: 21_000 }, (_, number) => tradeOf(number));
    for (let file = 0; file < 10; file += 1) {
      feed.trades(many);
      await pass(1_000);
    }
    const lost = failures.filter((what) => what.endsWith('are lost: the archive does not answer'));
    expect(lost.length).toBeGreaterThanOrEqual(3);
    expect(lost.length).toBeLessThanOrEqual(5);
    expect(refusals).toBeGreaterThan(1);
    archive.before = async () => {};
    await pass(2 * minuteMs);
    await clock.drive(publisher.close());
    const kept = [...archive.files.values()].reduce((sum, { rows }) => sum + rows.length, 0);
    expect(kept).toBeGreaterThan(100_000);
  });

  /** Three files wait, and the archive has failed so often that the next try is half a minute away. */
  async function openWaiting() {
    const opened = openFeed();
    const { feed, tradeOf, archive, publisher, clock, nowMs, pass } = opened;
    let failures = 0;
    archive.before = async () => {
      failures += 1;
      if (failures <= 6) throw new Error('the archive does not answer');
    };
    feed.trades([tradeOf(1)]);
    feed.funding({ symbol: 'BTC/USDT', rate: '1', receivedMs: nowMs() });
    feed.liquidation({ symbol: 'BTC/USDT', price: '1', atMs: nowMs(), receivedMs: nowMs() });
    await clock.drive(publisher.flush());
    await pass(33_000);
    expect(failures).toBe(6);
    return opened;
  }

  it('writes all that waits at the end, also where it had waited to try again', async () => {
    const { clock, publisher, rows, nowMs } = await openWaiting();
    const sinceMs = nowMs();
    await clock.drive(publisher.close());
    expect(Object.values(rows())).toEqual([1, 1, 1]);
    expect(nowMs() - sinceMs).toBeLessThan(1_000);
  });

  it('gives up at the end what fails once more, and nothing behind it', async () => {
    const { clock, publisher, files, archive, failures } = await openWaiting();
    archive.before = async (name) => {
      if (name.startsWith('trades')) throw new Error('this one is not valid');
    };
    const before = failures.length;
    await clock.drive(publisher.close());
    expect(files().map((name) => name.split(' ')[0])).toEqual(['funding', 'liquidations']);
    expect(failures.slice(before)).toEqual(['a file of 1 trades of binance could not be written']);
  });

  it('takes the time that it is given for files at the end', async () => {
    const { clock, publisher, rows, archive, nowMs } = await openWaiting();
    archive.before = () => clock.sleep(2_000);
    const sinceMs = nowMs();
    await clock.drive(publisher.close(7_000));
    expect(Object.values(rows())).toEqual([1, 1, 1]);
    expect(nowMs() - sinceMs).toBe(6_000);
  });

  it('writes at the end what it has, tries it once, and does not wait for ever', async () => {
    const { feed, tradeOf, pass, clock, publisher, rows } = openFeed();
    feed.trades([tradeOf(1)]);
    await clock.drive(publisher.close());
    expect(Object.values(rows())).toEqual([1]);
    feed.trades([tradeOf(2)]);
    await pass(10 * minuteMs);
    expect(Object.values(rows())).toEqual([1]);

    const other = openFeed();
    other.archive.before = () => new Promise(() => {});
    other.feed.trades([other.tradeOf(1)]);
    const sinceMs = other.nowMs();
    await other.clock.drive(other.feed.close());
    await other.clock.drive(other.publisher.close());
    expect(other.nowMs() - sinceMs).toBeLessThanOrEqual(8_000);
  });
});
