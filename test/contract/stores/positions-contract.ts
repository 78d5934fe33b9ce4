/** The contract of positions: each fill of each order counts once, in the write that makes it known. */
import { type AccountId, amount, type Order, type OrderEvent, streams } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import { cause, fill, intent, observed } from '../../support/orders.ts';
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

const second = 'second' as AccountId;
const { symbol } = intent;

export function positionsContract(name: string, open: OpenStores): void {
  describe(`the contract of positions, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
      await activate(desk.risk);
      await activate(desk.risk, second);
    });
    afterEach(() => desk.close());

    const record = async (change: Parameters<typeof intends>[0] = {}): Promise<Order> => {
      const result = await insertWithin(desk.orders, intends(change));
      if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
      return result.order;
    };
    const applyAll = async (order: Order, ...events: OrderEvent[]): Promise<Order> => {
      let current = order;
      for (const event of events) current = await desk.orders.apply(current, event);
      return current;
    };
    const position = () => desk.positions.get(main, symbol);

    it('has none before the first fill', async () => {
      await applyAll(await record(), observed('open', '0'));
      expect(await position()).toBeUndefined();
      expect(await desk.positions.listByAccount(main)).toEqual([]);
    });

    it('counts each fill once, however often the venue shows it', async () => {
      const first = observed('open', '1', [fill('a')]);
      const both = observed('filled', '2', [fill('a'), fill('b')]);
      await applyAll(await record(), first, first, both, both, first);
      expect(await position()).toMatchObject({ quantity: '2', cost: '200', realizedPnl: '0', fees: { USDT: '0.2' } });
    });

    it('counts a fill that becomes known after the order has ended', async () => {
      const canceled = await applyAll(await record(), observed('canceled', '0'));
      expect(canceled.state).toBe('canceled');
      await applyAll(canceled, observed('canceled', '1', [fill('late')]));
      expect(await position()).toMatchObject({ quantity: '1', fees: { USDT: '0.1' } });
    });

    it('counts a fee that becomes known after its fill', async () => {
      await applyAll(await record(), observed('filled', '2'), observed('filled', '2', [fill('a', '2')]));
      expect(await position()).toMatchObject({ quantity: '2', cost: '200', fees: { USDT: '0.1' }, version: 2 });
    });

    it.each(['as it is', 'as it was before somebody else added to it', 'of another market'])(
      'adds to the position that was read ahead, %s',
      async (kind) => {
        const orders = [await record(), await record({ orderId: orderId(2) })] as const;
        const of = { account: main, symbol };
        const before = { of, row: undefined };
        await applyAll(orders[0], observed('filled', '2', [fill('a', '2')]));
        const ahead = {
          'as it is': { of, row: await position() },
          'as it was before somebody else added to it': before,
          'of another market': { ...before, of: { ...of, symbol: 'ETH/USDT' } },
        }[kind];
        await desk.orders.apply(orders[1], observed('filled', '2', [fill('b', '2')]), ahead);
        expect(await position()).toMatchObject({ quantity: '4', version: 2 });
        expect(await desk.journal.read(streams.position(main, symbol))).toHaveLength(2);
      },
    );

    it('begins one where it was read ahead that there is none', async () => {
      const ahead = { of: { account: main, symbol }, row: undefined };
      await desk.orders.apply(await record(), observed('filled', '2', [fill('a', '2')]), ahead);
      expect(await position()).toMatchObject({ quantity: '2', version: 1 });
    });

    it('realizes a profit when a later order sells', async () => {
      await applyAll(await record(), observed('filled', '2', [fill('a', '2')]));
      const sale = await record({ orderId: orderId(2), side: 'sell' });
      const seen = observed('filled', '2') as Extract<OrderEvent, { type: 'order.observed' }>;
      await applyAll(sale, { ...seen, order: { ...seen.order, cost: '230' as typeof seen.order.cost } });
      expect(await position()).toMatchObject({ quantity: '0', cost: '0', realizedPnl: '30', version: 2 });
    });

    it('writes one journal event per change, chained, the last of which the row names', async () => {
      await applyAll(await record(), observed('open', '1', [fill('a')]), observed('filled', '2', [fill('b')]));
      const row = await position();
      const events = await desk.journal.read(streams.position(main, symbol));
      expect(events.map(({ type }) => type)).toEqual(['position.filled', 'position.filled']);
      expect(endOf(events)).toEqual({ sequence: row?.version, hash: row?.journalHash });
    });

    it('writes no fill for a version of the order that somebody else has changed', async () => {
      const order = await record();
      await applyAll(order, observed('open', '1', [fill('a')]));
      const before = await everythingIn(desk);
      const late = desk.orders.apply(order, observed('filled', '2', [fill('b')]));
      await expect(late).rejects.toMatchObject({ name: 'VersionConflictError' });
      expect(await everythingIn(desk)).toEqual(before);
    });

    it('lets one of many that saw the same fill count it', async () => {
      const order = await record();
      const seen = Array.from({ length: 8 }, (_, index) =>
        desk.orders.apply(order, { ...observed('filled', '2', [fill('a', '2')]), atMs: 3_000 + index }),
      );
      const results = await Promise.allSettled(seen);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await position()).toMatchObject({ quantity: '2', version: 1 });
    });

    it('loses no fill where many orders of a market are filled at the same moment', async () => {
      const orders = await Promise.all(
        Array.from({ length: 10 }, (_, index) => record({ orderId: orderId(index + 10) })),
      );
      await Promise.all(orders.map((order) => desk.orders.apply(order, observed('filled', '2', [fill('a', '2')]))));
      const row = await position();
      expect(row).toMatchObject({ quantity: '20', cost: '2000', version: 10, fees: { USDT: '1' } });
      expect(endOf(await desk.journal.read(streams.position(main, symbol))).hash).toBe(row?.journalHash);
    });

    it('writes nothing of a position with what fills nothing', async () => {
      const open = await applyAll(await record(), observed('open', '1', [fill('a')]));
      const row = await position();
      await applyAll(open, { type: 'order.cancel_requested', atMs: 3_500, reason: 'for the test' });
      await applyAll(await record({ orderId: orderId(3) }), { type: 'order.rejected', atMs: 3_600, cause });
      expect(await position()).toEqual(row);
    });

    it('keeps markets and accounts apart, and lists those of one account by symbol', async () => {
      const trades = [
        { orderId: orderId(1), symbol: 'ETH/USDT' },
        { orderId: orderId(2), symbol: 'BTC/USDT' },
        { orderId: orderId(3), account: second, amount: amount('3') },
      ];
      for (const trade of trades) await applyAll(await record(trade), observed('open', '1', [fill('a')]));
      const listed = await desk.positions.listByAccount(main);
      expect(listed.map((row) => [row.symbol, row.quantity])).toEqual([
        ['BTC/USDT', '1'],
        ['ETH/USDT', '1'],
      ]);
      expect(await desk.positions.listByAccount(second)).toMatchObject([{ account: 'second', quantity: '1' }]);
    });
  });
}
