/** The contract of funding payments: each counts once with the position it was for, whatever else is written meanwhile. */
import { amount, type FundingPayment, type Order, recordFunding, streams } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import { fill, intent, observed } from '../../support/orders.ts';
import {
  activate,
  type DeskStores,
  endOf,
  everythingIn,
  intends,
  main,
  type OpenStores,
  orderId,
} from './desk-stores.ts';

const { symbol } = intent;
const place = { account: main, symbol };

const payment = (id: string, paid: string, atMs: number): FundingPayment => ({
  ...{ id, symbol, asset: 'USDT', amount: amount(paid), atMs },
});
const [first, second] = [payment('a', '-2', 5_000), payment('b', '0.5', 6_000)];

export function fundingContract(name: string, open: OpenStores): void {
  describe(`the contract of funding payments, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
      await activate(desk.risk);
    });
    afterEach(() => desk.close());

    const record = async (number: number): Promise<Order> => {
      const result = await insertWithin(desk.orders, intends({ orderId: orderId(number) }));
      if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
      return result.order;
    };
    const fillOne = async (number: number): Promise<void> => {
      await desk.orders.apply(await record(number), observed('filled', '2', [fill(`t${number}`, '2')]));
    };

    it('counts payments with the position and its journal', async () => {
      await fillOne(1);
      const row = await desk.positions.fund(place, [second, first], 7_000);
      expect(row).toMatchObject({ quantity: '2', version: 2, funding: { USDT: '-1.5' }, updatedAtMs: 7_000 });
      expect(await desk.positions.get(main, symbol)).toEqual(row);
      const events = await desk.journal.read(streams.position(main, symbol));
      expect(events.at(-1)).toMatchObject({ type: 'position.funded', data: { payments: [first, second] } });
      expect(endOf(events)).toEqual({ sequence: row?.version, hash: row?.journalHash });
    });

    it('writes nothing of those that were counted', async () => {
      await fillOne(1);
      await desk.positions.fund(place, [first], 7_000);
      const before = await everythingIn(desk);
      expect(await desk.positions.fund(place, [first], 8_000)).toMatchObject({ version: 2 });
      expect(await desk.positions.fund(place, [], 8_000)).toMatchObject({ version: 2 });
      expect(await everythingIn(desk)).toEqual(before);
    });

    it('writes nothing where the desk has no position', async () => {
      const before = await everythingIn(desk);
      expect(await desk.positions.fund(place, [first], 7_000)).toBeUndefined();
      expect(await everythingIn(desk)).toEqual(before);
    });

    it('loses no fill and doubles no payment where all are written at the same moment', async () => {
      await fillOne(1);
      const orders = await Promise.all(Array.from({ length: 4 }, (_, index) => record(index + 2)));
      await Promise.all([
        ...orders.map((order, index) => desk.orders.apply(order, observed('filled', '2', [fill(`x${index}`, '2')]))),
        ...[first, second, first].map((one) => desk.positions.fund(place, [one], 7_000)),
      ]);
      const row = await desk.positions.get(main, symbol);
      expect(row).toMatchObject({ quantity: '10', version: 7, funding: { USDT: '-1.5' } });
      expect(endOf(await desk.journal.read(streams.position(main, symbol))).hash).toBe(row?.journalHash);
      expect(row && recordFunding(row, [first, second], 8_000)).toBeUndefined();
    });
  });
}
