import type { AccountUnit, OrderNews, VenueOrderId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { fillOf, liveOrder, main, shownOrder } from '../../support/live-news.ts';
import { binance, startMs } from '../../support/live-quotes.ts';
import { openPublisher } from '../../support/streaming-publisher.ts';

const unit: AccountUnit = { kind: 'account', id: 'binance#account#main', venue: binance, account: main };

function openAccount() {
  const opened = openPublisher();
  const feed = opened.publisher.openAccount(unit);
  return { ...opened, feed };
}

const idOf = (number: number) => `v-${number}` as VenueOrderId;
/** What was sent: order and what is filled of it. */
const told = (news: readonly OrderNews[]) =>
  news.map(({ order }) => `${order.venueOrderId} ${order.status} ${order.filled}`);
const order = (number: number, filled: number, fields: object = {}) =>
  liveOrder(filled, { order: shownOrder(filled, { venueOrderId: idOf(number), ...fields }) });

describe('publishing news of orders', () => {
  it('sends each at once, in the order in which they were told, and says how long it took', async () => {
    const { feed, pass, news, published, clock } = openAccount();
    feed.order(order(1, 0));
    feed.order(order(2, 10));
    await pass(5);
    feed.order(order(1, 3));
    await pass(5);
    expect(told(news.waiting)).toEqual(['v-1 open 0', 'v-2 filled 1', 'v-1 open 0.3']);
    expect(news.waiting[0]).toEqual({ ...order(1, 0), account: main, venue: binance });
    expect(published[0]).toEqual({ venue: binance, kind: 'orders', delaysMs: [0, 0] });
    news.before = () => clock.sleep(30);
    feed.order({ ...order(1, 4), receivedMs: startMs + 3 });
    await pass(50);
    expect(published[2]?.delaysMs).toEqual([37]);
  });

  it('sends of an open order only what is newest, with all executions, while the queue does not answer', async () => {
    const { feed, pass, news, failures } = openAccount();
    news.before = async () => {
      throw new Error('the queue does not answer');
    };
    feed.order(order(1, 1));
    feed.order(order(2, 0));
    await pass(5);
    feed.order(order(1, 2, { fills: [fillOf(1)] }));
    feed.order(order(1, 4, { fills: [fillOf(1), fillOf(3)] }));
    await pass(2_000);
    expect(failures[0]).toBe('news of 2 orders could not be sent');
    expect(failures.length).toBeLessThan(12);
    news.before = async () => {};
    await pass(6_000);
    expect(told(news.waiting)).toEqual(['v-1 open 0.4', 'v-2 open 0']);
    expect(news.waiting[0]?.order.fills).toEqual([fillOf(0), fillOf(1), fillOf(3)]);
  });

  it('never replaces how an order ended', async () => {
    const { feed, pass, news, clock } = openAccount();
    news.before = () => clock.sleep(100);
    feed.order(order(9, 0));
    await pass(5);
    for (const each of [order(1, 2), order(1, 3, { status: 'canceled' }), order(1, 2), order(1, 4)]) feed.order(each);
    await pass(500);
    expect(told(news.waiting.slice(1))).toEqual(['v-1 canceled 0.3', 'v-1 open 0.2', 'v-1 open 0.4']);
  });

  it('sends what is told while the same order is being sent', async () => {
    const { feed, pass, news, clock } = openAccount();
    news.before = () => clock.sleep(100);
    feed.order(order(1, 1));
    await pass(50);
    feed.order(order(1, 2));
    await pass(500);
    expect(told(news.waiting)).toEqual(['v-1 open 0.1', 'v-1 open 0.2']);
  });

  it('lets one that is refused hold up no other market, and gives it up after a minute', async () => {
    const { feed, pass, news, failures } = openAccount();
    news.before = async (all) => {
      if (all.some(({ symbol }) => symbol === 'BAD/USDT')) throw new Error('not valid');
    };
    feed.order({ ...order(1, 0), symbol: 'BAD/USDT' });
    feed.order(order(2, 0));
    feed.order({ ...order(3, 0), symbol: 'BAD/USDT' });
    await pass(1_000);
    expect(told(news.waiting)).toEqual(['v-2 open 0']);
    feed.order(order(4, 0));
    await pass(6_000);
    expect(told(news.waiting)).toEqual(['v-2 open 0', 'v-4 open 0']);
    await pass(70_000);
    expect(failures.at(-1)).toBe('news of 2 orders are left to polling: it has waited for too long');
    const count = failures.length;
    await pass(60_000);
    expect(failures).toHaveLength(count);
  });

  it('keeps no more than a bound of what cannot be sent', async () => {
    const { feed, pass, news, failures } = openAccount();
    news.before = async () => {
      throw new Error('the queue does not answer');
    };
    for (let number = 0; number < 2_010; number += 1) feed.order(order(number, 0));
    await pass(1);
    expect(failures.filter((what) => what === 'news of 1 orders are left to polling: too much waits')).toHaveLength(10);
    news.before = async () => {};
    await pass(10_000);
    expect(told(news.waiting)[0]).toBe('v-10 open 0');
    expect(news.waiting).toHaveLength(2_000);
  });

  it('waits at its end for what is under way, for a bounded time, and takes nothing more', async () => {
    const { feed, news, clock, publisher, nowMs, pass } = openAccount();
    feed.order(order(1, 0));
    feed.balance({ asset: 'USDT', total: '5', receivedMs: startMs });
    feed.position({ symbol: 'BTC/USDT:USDT', receivedMs: startMs });
    await clock.drive(feed.close());
    expect(news.waiting).toHaveLength(1);
    feed.order(order(2, 0));
    const other = publisher.openAccount(unit);
    news.before = () => Promise.reject(new Error('the queue does not answer'));
    other.order(order(3, 0));
    await pass(500);
    const sinceMs = nowMs();
    await clock.drive(publisher.close());
    expect(nowMs() - sinceMs).toBeLessThanOrEqual(8_000);
    other.order(order(4, 0));
    news.before = async () => {};
    await pass(10_000);
    expect(news.waiting.length).toBeLessThanOrEqual(2);
    expect(told(news.waiting)).not.toContain('v-4 open 0');
  });
});
