/** The contract of `OrdersStore.insertIntent`: where an order begins, and where risk has its say. */
import { type AccountLimits, add, type DenialCode, notional, streams } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertWithin } from '../../support/gates.ts';
import { intent, observed } from '../../support/orders.ts';
import {
  activate,
  type DeskStores,
  denies,
  everythingIn,
  intends,
  main,
  type OpenStores,
  orderId,
  switched,
  wideLimits,
} from './desk-stores.ts';

/** Every intent of these suites reserves this much unless it says otherwise. */
const reserved = notional('200');

interface Refusal {
  name: string;
  code: DenialCode;
  /** Figures and words that the message must have, so that a person knows what to change. */
  says: string;
  limits?: Partial<AccountLimits>;
  /** Makes the desk refuse; starts from one on which nobody has set a switch. */
  prepare(desk: DeskStores): Promise<unknown>;
}

const halting = (account: typeof main | '*', state: 'halted' | 'reducing') => async (desk: DeskStores) => {
  await activate(desk.risk);
  await desk.risk.setSwitch(account, switched(state, 'too much noise'));
};

const refusals: Refusal[] = [
  { name: 'no switch was set', code: 'switch_not_set', says: 'all accounts', prepare: async () => {} },
  {
    name: "only the account's switch was set",
    code: 'switch_not_set',
    says: 'all accounts',
    prepare: ({ risk }) => risk.ensure(main, 1_000),
  },
  {
    name: 'only the switch of all accounts was set',
    code: 'switch_not_set',
    says: "account's switch",
    prepare: ({ risk }) => risk.ensure('*', 1_000),
  },
  {
    name: 'the account is halted',
    code: 'switch_not_active',
    says: 'too much noise',
    prepare: halting(main, 'halted'),
  },
  { name: 'the account is reducing', code: 'switch_not_active', says: 'reducing', prepare: halting(main, 'reducing') },
  {
    name: 'all accounts are halted',
    code: 'switch_not_active',
    says: 'too much noise',
    prepare: halting('*', 'halted'),
  },
  { name: 'all accounts are reducing', code: 'switch_not_active', says: 'reducing', prepare: halting('*', 'reducing') },
  {
    name: 'the account is halted and the order too large',
    code: 'switch_not_active',
    says: 'halted',
    limits: { orderNotionalMax: notional('1') },
    prepare: halting(main, 'halted'),
  },
  {
    name: 'the order is too large',
    code: 'order_notional_limit',
    says: '200, above 199.99',
    limits: { orderNotionalMax: notional('199.99') },
    prepare: ({ risk }) => activate(risk),
  },
  {
    name: 'the order alone is more than may be open',
    code: 'open_notional_limit',
    says: 'above 199.99',
    limits: { openNotionalMax: notional('199.99') },
    prepare: ({ risk }) => activate(risk),
  },
  {
    name: 'open orders leave too little room',
    code: 'open_notional_limit',
    says: '200 in open orders and 200 more would be above 399.99999999',
    limits: { openNotionalMax: notional('399.99999999') },
    async prepare({ risk, orders }) {
      await activate(risk);
      await insertWithin(orders, intends({ orderId: orderId(2) }));
    },
  },
];

export function intentsContract(name: string, open: OpenStores): void {
  describe(`the contract of intents, on ${name}`, () => {
    let desk: DeskStores;
    beforeEach(async () => {
      desk = await open();
    });
    afterEach(() => desk.close());

    const insert = (change: Parameters<typeof intends>[0] = {}, limits = wideLimits) =>
      insertWithin(desk.orders, intends(change), limits);
    const reservedNow = async (account = main) => (await desk.risk.get(account))?.reserved;

    it('records order, reservation and journal event together', async () => {
      await activate(desk.risk);
      const result = await insert();
      if (result.kind !== 'created') throw new Error(`the intent was ${result.kind}`);
      expect(result.order).toMatchObject({ ...intent, state: 'intended', version: 1, attempts: 1, filled: '0' });
      expect(await desk.orders.get(intent.orderId)).toEqual(result.order);
      expect(await reservedNow()).toBe(reserved);
      const events = await desk.journal.read(streams.order(intent.orderId));
      expect(events).toMatchObject([
        { sequence: 1, type: 'order.intended', data: { intent }, hash: result.order.journalHash },
      ]);
    });

    it('reserves for the account only, and changes nothing else of the switches', async () => {
      await activate(desk.risk);
      const before = await desk.risk.get(main);
      await insert();
      expect(await desk.risk.get(main)).toEqual({ ...before, reserved });
      expect(await reservedNow('*' as typeof main)).toBe('0');
    });

    it('finds the order that is there, and neither changes it nor reserves a second time', async () => {
      await activate(desk.risk);
      await insert();
      const before = await everythingIn(desk);
      const again = await insert({ reserved: notional('999'), symbol: 'ETH/USDT' });
      expect(again).toEqual({ kind: 'exists', order: before.orders[0] });
      expect(await everythingIn(desk)).toEqual(before);
    });

    it('finds the order whatever has become of it, the switches and the limits since', async () => {
      await activate(desk.risk);
      const first = await insert();
      if (first.kind !== 'created') throw new Error(`the intent was ${first.kind}`);
      const filled = await desk.orders.apply(first.order, observed('filled', '2'));
      await Promise.all([desk.risk.setSwitch(main, switched('halted')), desk.risk.setSwitch('*', switched('halted'))]);
      const none = { orderNotionalMax: notional('0'), openNotionalMax: notional('0') };
      expect(await insert({}, none)).toEqual({ kind: 'exists', order: filled });
    });

    it('finds an order that was denied instead of recording it after all', async () => {
      await activate(desk.risk);
      const denied = await desk.orders.insertDenied(denies());
      expect(await insert()).toEqual({ kind: 'exists', order: denied });
      expect(await reservedNow()).toBe('0');
    });

    it.each(refusals)('denies when $name, says so, and writes nothing', async ({ prepare, limits, code, says }) => {
      await prepare(desk);
      const before = await everythingIn(desk);
      const result = await insert({}, { ...wideLimits, ...limits });
      expect(result).toEqual({ kind: 'denied', denial: { code, message: expect.stringContaining(says) } });
      expect(await everythingIn(desk)).toEqual(before);
    });

    it('lets pass what just reaches both limits', async () => {
      await activate(desk.risk);
      await insert({ orderId: orderId(2) });
      const limits = { orderNotionalMax: notional('200'), openNotionalMax: notional('400') };
      expect((await insert({}, limits)).kind).toBe('created');
      expect(await reservedNow()).toBe('400');
    });

    it('lets pass again after the switch was set to active again', async () => {
      await halting(main, 'halted')(desk);
      await desk.risk.setSwitch(main, switched('active'));
      expect((await insert()).kind).toBe('created');
    });

    it.each([
      ['0.1', '0.2', '0.3'],
      ['0.000000000000000001', '12345678901234567', '12345678901234567.000000000000000001'],
      ['99.99999999', '0.00000001', '100'],
    ])('adds what is reserved exactly: %s and %s', async (one, other, sum) => {
      await activate(desk.risk);
      const limits = { orderNotionalMax: notional('99999999999999999'), openNotionalMax: notional(sum) };
      expect((await insert({ reserved: notional(one) }, limits)).kind).toBe('created');
      expect((await insert({ orderId: orderId(2), reserved: notional(other) }, limits)).kind).toBe('created');
      expect(await reservedNow()).toBe(sum);
      const least = notional('0.000000000000000001');
      expect(await insert({ orderId: orderId(3), reserved: least }, limits)).toMatchObject({
        denial: { code: 'open_notional_limit' },
      });
    });

    it('creates one order of many equal intents at once', async () => {
      await activate(desk.risk);
      const results = await Promise.all(Array.from({ length: 20 }, () => insert()));
      expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'exists')).toHaveLength(19);
      expect(await reservedNow()).toBe(reserved);
      expect(await desk.journal.read(streams.order(intent.orderId))).toHaveLength(1);
    });

    it('creates exactly one of 50 at once where there is room for one', async () => {
      await activate(desk.risk);
      await insert();
      const limits = { ...wideLimits, openNotionalMax: add(reserved, notional('399.99')) };
      const ids = Array.from({ length: 50 }, (_, index) => orderId(index + 2));
      const results = await Promise.all(ids.map((id) => insert({ orderId: id }, limits)));
      expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(1);
      expect(results.filter((result) => result.kind === 'denied').map(({ denial }) => denial.code)).toEqual(
        Array.from({ length: 49 }, () => 'open_notional_limit'),
      );
      expect(await reservedNow()).toBe('400');
      const stored = await Promise.all(ids.map((id) => desk.orders.get(id)));
      expect(stored.filter((order) => order !== undefined)).toHaveLength(1);
    });

    it('reserves for accounts apart from each other', async () => {
      const second = 'second' as typeof main;
      await Promise.all([activate(desk.risk), desk.risk.ensure(second, 1_000)]);
      const limits = { ...wideLimits, openNotionalMax: reserved };
      const both = await Promise.all([insert({}, limits), insert({ orderId: orderId(2), account: second }, limits)]);
      expect(both.map(({ kind }) => kind)).toEqual(['created', 'created']);
      expect([await reservedNow(), await reservedNow(second)]).toEqual([reserved, reserved]);
    });
  });
}
