/** The contract of `OrdersStore.apply` and `insertDenied`: how an order goes on, and what becomes of its reservation. */
import { amount, notional, type Order, type OrderEvent, price, streams } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import { cause, fill, intent, observed } from '../../support/orders.ts';
import {
  activate,
  type DeskStores,
  denies,
  endOf,
  everythingIn,
  intends,
  main,
  type OpenStores,
  orderId,
  switched,
} from './desk-stores.ts';

const rejected: OrderEvent = { type: 'order.rejected', atMs: 2_500, cause };
const unknown: OrderEvent = { type: 'order.unknown', atMs: 2_500, cause };
const absent: OrderEvent = { type: 'order.absent', atMs: 9_000, cause };
const attempted: OrderEvent = { type: 'order.attempted', atMs: 9_500, cause };
const conflict = { name: 'VersionConflictError' };

export function orderChangesContract(name: string, open: OpenStores): void {
  describe(`the contract of changes to orders, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
      await activate(desk.risk);
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
    const reservedNow = async () => (await desk.risk.get(main))?.reserved;

    it('knows nothing of an order that was not recorded', async () => {
      expect(await desk.orders.get(orderId(99))).toBeUndefined();
    });

    it('stores the order that it gives back, with everything the venue said', async () => {
      const order = await record({ type: 'limit', price: price('100.5'), timeInForce: 'GTC', amount: amount('3') });
      const open = await applyAll(order, unknown, observed('open', '1', [fill('a', '1')]));
      expect(open).toMatchObject({ state: 'open', filled: '1', cost: '100', fills: [fill('a', '1')], version: 3 });
      expect(await desk.orders.get(order.orderId)).toEqual(open);
    });

    it('writes one journal event per change, chained, the last of which the order names', async () => {
      const order = await applyAll(
        await record(),
        unknown,
        observed('open', '0'),
        observed('filled', '2', [fill('a', '2')]),
      );
      const events = await desk.journal.read(streams.order(order.orderId));
      expect(events.map(({ type }) => type)).toEqual([
        'order.intended',
        'order.unknown',
        'order.observed',
        'order.observed',
      ]);
      expect(endOf(events)).toEqual({ sequence: order.version, hash: order.journalHash });
    });

    it('writes nothing for what is known already', async () => {
      const open = await applyAll(await record(), observed('open', '1', [fill('a')]));
      const before = await everythingIn(desk);
      expect(await desk.orders.apply(open, observed('open', '1', [fill('a')]))).toEqual(open);
      expect(await everythingIn(desk)).toEqual(before);
    });

    it.each<[string, OrderEvent]>([
      ['another event', rejected],
      ['the same event', observed('open', '1')],
    ])('refuses %s on a version that is not the stored one, and writes nothing', async (_, event) => {
      const first = await record();
      await applyAll(first, observed('open', '1'));
      const before = await everythingIn(desk);
      await expect(desk.orders.apply(first, event)).rejects.toMatchObject(conflict);
      expect(await everythingIn(desk)).toEqual(before);
    });

    it('refuses a change to an order that was never recorded, and writes nothing', async () => {
      const order = await record();
      const before = await everythingIn(desk, [orderId(7)]);
      await expect(desk.orders.apply({ ...order, orderId: orderId(7) }, rejected)).rejects.toMatchObject(conflict);
      expect(await everythingIn(desk, [orderId(7)])).toEqual(before);
    });

    it('refuses what contradicts the order, and writes nothing', async () => {
      const filled = await applyAll(await record(), observed('filled', '2'));
      const before = await everythingIn(desk);
      await expect(desk.orders.apply(filled, rejected)).rejects.toMatchObject({ name: 'OrderContradictionError' });
      expect(await everythingIn(desk)).toEqual(before);
    });

    it('lets one of 20 different events on one version win', async () => {
      const order = await record();
      const events = Array.from({ length: 20 }, (_, index) =>
        observed('open', `0.${String(index + 1).padStart(2, '0')}`),
      );
      const settled = await Promise.allSettled(events.map((event) => desk.orders.apply(order, event)));
      const won = settled.filter((result) => result.status === 'fulfilled');
      const lost = settled.filter((result) => result.status === 'rejected');
      expect(won).toHaveLength(1);
      expect(lost.map(({ reason }) => reason.name)).toEqual(Array.from({ length: 19 }, () => conflict.name));
      expect(await desk.orders.get(order.orderId)).toEqual(won[0]?.value);
      expect(await desk.journal.read(streams.order(order.orderId))).toHaveLength(2);
    });

    it.each<[string, OrderEvent[]]>([
      ['being placed', []],
      ['in doubt', [unknown]],
      ['open', [observed('open', '0')]],
      ['filled in part', [observed('open', '1', [fill('a')])]],
    ])('keeps the reservation of an order that is %s', async (_, events) => {
      await applyAll(await record(), ...events);
      expect(await reservedNow()).toBe('200');
    });

    it.each<[string, OrderEvent[]]>([
      ['filled', [observed('open', '1'), observed('filled', '2')]],
      ['canceled', [observed('open', '1'), observed('canceled', '1')]],
      ['expired', [observed('expired', '0')]],
      ['rejected', [rejected]],
      ['rejected by the venue later', [observed('open', '0'), observed('rejected', '0')]],
      ['not placed', [unknown, absent]],
      ['filled after it was canceled', [observed('canceled', '0'), observed('filled', '2', [fill('late', '2')])]],
      ['seen open after it seemed not to be placed', [unknown, absent, observed('open', '1')]],
      ['filled after it seemed not to be placed', [unknown, absent, observed('open', '1'), observed('filled', '2')]],
    ])('has given back the reservation once of an order that is %s', async (_, events) => {
      const [order] = [await record(), await record({ orderId: orderId(2), reserved: notional('0.7') })];
      await applyAll(order, ...events);
      expect(await reservedNow()).toBe('0.7');
    });

    it('gives back the reservation whatever the switches say', async () => {
      const order = await record();
      await Promise.all([desk.risk.setSwitch(main, switched('halted')), desk.risk.setSwitch('*', switched('halted'))]);
      await applyAll(order, observed('filled', '2'));
      expect(await desk.risk.get(main)).toMatchObject({ state: 'halted', reserved: '0' });
    });

    it('records that an order is placed again while both switches are active', async () => {
      const order = await applyAll(await record(), unknown, attempted);
      expect(order).toMatchObject({ state: 'intended', attempts: 2, attemptedAtMs: 9_500 });
      expect(await reservedNow()).toBe('200');
    });

    it.each([
      ['the account is halted', main, 'halted'],
      ['the account is reducing', main, 'reducing'],
      ['all accounts are halted', '*', 'halted'],
      ['all accounts are reducing', '*', 'reducing'],
    ] as const)('does not let an order be placed again while %s, and writes nothing', async (_, account, state) => {
      const order = await applyAll(await record(), unknown);
      await desk.risk.setSwitch(account, switched(state));
      const before = await everythingIn(desk);
      await expect(desk.orders.apply(order, attempted)).rejects.toMatchObject(conflict);
      expect(await everythingIn(desk)).toEqual(before);
      expect(await desk.orders.apply(order, absent)).toMatchObject({ state: 'not_placed' });
    });

    it('lets one of two who would place an order again do so', async () => {
      const order = await applyAll(await record(), unknown);
      const settled = await Promise.allSettled([order, order].map((seen) => desk.orders.apply(seen, attempted)));
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await desk.orders.get(order.orderId)).toMatchObject({ attempts: 2 });
    });

    it('records a denied order with its reason, and reserves nothing', async () => {
      const order = await desk.orders.insertDenied(denies());
      expect(order).toMatchObject({ state: 'denied', reserved: '0', attempts: 0, cause: { code: 'stale_signal' } });
      expect(await desk.orders.get(intent.orderId)).toEqual(order);
      expect(await reservedNow()).toBe('0');
    });

    it('records a denied order once, however often it is denied', async () => {
      const orders = await Promise.all(Array.from({ length: 10 }, () => desk.orders.insertDenied(denies())));
      const again = await desk.orders.insertDenied({ ...denies(), cause });
      expect(new Set([...orders, again].map((order) => JSON.stringify(order.cause)))).toEqual(
        new Set([JSON.stringify(denies().cause)]),
      );
      expect(await desk.journal.read(streams.order(intent.orderId))).toHaveLength(1);
    });

    it('does not deny an order that was recorded before', async () => {
      const order = await record();
      expect(await desk.orders.insertDenied(denies())).toEqual(order);
      expect(await reservedNow()).toBe('200');
    });

    it('keeps orders, reservation and journal in step while many change at once', async () => {
      const orders = await Promise.all(
        Array.from({ length: 12 }, (_, index) => record({ orderId: orderId(index + 10) })),
      );
      await Promise.all(
        orders.map(async (order, index) => {
          const rivals = [observed('open', '1'), rejected, unknown].map((event) => desk.orders.apply(order, event));
          const won = (await Promise.allSettled(rivals)).find((result) => result.status === 'fulfilled');
          if (won?.value.state === 'open' && index % 2 === 0)
            await desk.orders.apply(won.value, observed('filled', '2', [fill('t1', '2')]));
        }),
      );
      const open = await desk.orders.listOpen(main, 100);
      expect(await reservedNow()).toBe(String(200 * open.length));
      const stored = await Promise.all(orders.map(({ orderId: id }) => desk.orders.get(id)));
      for (const order of stored) {
        const end = { sequence: order?.version, hash: order?.journalHash };
        expect(endOf(await desk.journal.read(streams.order(order?.orderId ?? '')))).toEqual(end);
      }
    });
  });
}
