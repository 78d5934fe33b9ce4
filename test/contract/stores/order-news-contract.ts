/** What the queue of news of orders must do, whatever it is. */
import { type AccountId, type OrderNews, type OrderNewsQueue, price, type VenueOrderId } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newsOf, shownOrder } from '../../support/live-news.ts';
import { kraken, startMs } from '../../support/live-quotes.ts';

export interface OrderNewsHarness {
  news: OrderNewsQueue;
  /** Receives and removes everything, as a consumer that is done with each message at once. */
  receiveAll(): Promise<OrderNews[]>;
  pass(byMs: number): void;
  close(): Promise<void>;
}

const other = 'other' as AccountId;

export function orderNewsContract(name: string, open: () => Promise<OrderNewsHarness>): void {
  describe(`the queue of news of orders, ${name}`, () => {
    let harness: OrderNewsHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    it('delivers what an order has become in the order in which it was told', async () => {
      const states = Array.from({ length: 11 }, (_, filled) => newsOf(filled));
      await harness.news.send(states.slice(0, 4));
      await harness.news.send(states.slice(4));
      expect(await harness.receiveAll()).toEqual(states);
    });

    it('takes none, and more than a batch of many markets', async () => {
      await harness.news.send([]);
      const many = Array.from({ length: 32 }, (_, number) => newsOf(1, { symbol: `C${number}/USDT` }));
      await harness.news.send(many);
      const received = await harness.receiveAll();
      expect(received.map(({ symbol }) => symbol).sort()).toEqual(many.map(({ symbol }) => symbol).sort());
    });

    it('delivers once what is told twice, whenever it was received', async () => {
      await harness.news.send([newsOf(1), newsOf(1, { receivedMs: startMs + 40 })]);
      await harness.news.send([newsOf(1, { receivedMs: startMs + 2_000 })]);
      expect(await harness.receiveAll()).toEqual([newsOf(1)]);
    });

    it('delivers the same again after a while, which must do no harm', async () => {
      await harness.news.send([newsOf(1)]);
      harness.pass(6 * 60_000);
      await harness.news.send([newsOf(1)]);
      expect(await harness.receiveAll()).toHaveLength(2);
    });

    it.each<[string, OrderNews]>([
      ['account', newsOf(1, { account: other })],
      ['venue', newsOf(1, { venue: kraken })],
      ['market', newsOf(1, { symbol: 'BTC/USDC' })],
      ['order', newsOf(1, { order: shownOrder(1, { venueOrderId: 'v-2' as VenueOrderId }) })],
      ['status', newsOf(1, { order: shownOrder(1, { status: 'canceled' }) })],
      ['fills', newsOf(1, { order: shownOrder(1, { fills: [] }) })],
      ['terms', newsOf(1, { order: shownOrder(1, { price: price('90001') }) })],
    ])('tells apart what differs in the %s only', async (_part, different) => {
      await harness.news.send([newsOf(1), different]);
      expect(await harness.receiveAll()).toHaveLength(2);
    });

    it('takes any symbol and any id', async () => {
      const odd = ['币安人生/USDT', 'L'.repeat(200), 'A B/USDT'].map((symbol) => newsOf(1, { symbol }));
      const id = newsOf(2, { order: shownOrder(2, { clientOrderId: 'x\ufffe\uffff"\\\u0001' }) });
      await harness.news.send([...odd, id]);
      const received = await harness.receiveAll();
      expect(received).toHaveLength(4);
      expect(received).toEqual(expect.arrayContaining([...odd, id]));
    });
  });
}
