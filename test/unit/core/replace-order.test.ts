import {
  amount,
  cancelRecorded,
  type Intent,
  type IntentId,
  notional,
  type Order,
  type OrderChange,
  type OrdersStore,
  price,
  referenceOf,
  replacementIdOf,
  replaceRecorded,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { gateLimits } from '../../support/gates.ts';
import { createMemoryRisk } from '../../support/memory-stores.ts';
import { OrderLab } from '../../support/order-lab.ts';
import { cause, intent } from '../../support/orders.ts';

let lab: OrderLab;

beforeEach(() => {
  lab = new OrderLab();
});

const resting = { type: 'limit', price: price('90') } as const;
const larger: OrderChange = { amount: amount('3') };
const replacementId = replacementIdOf(intent.orderId, 'a1');

function replace(order: Order, { change = larger, reserved = '270', orders }: Replacing = {}) {
  const ports = { ...lab.ports(), ...(orders && { orders }) };
  const replacement = { amendId: 'a1', change, reserved: notional(reserved), receivedAtMs: 7 };
  return replaceRecorded(order, replacement, { context: lab.context, ports });
}

interface Replacing {
  change?: OrderChange;
  reserved?: string;
  orders?: OrdersStore;
}

/** The store as it is, but for what a test says of one method. */
const storeWith = (changes: Partial<OrdersStore>): OrdersStore => {
  const { orders } = lab.ports();
  const { get, insertIntent, insertDenied, apply, listBySignal, listOpen, list } = orders;
  return { get, insertIntent, insertDenied, apply, listBySignal, listOpen, list, ...changes };
};

describe('an order that is replaced', () => {
  it('stays canceled where somebody cancels it before that is certain', async () => {
    const order = await lab.place(resting);
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    expect(await replace(order)).toMatchObject({ kind: 'pending' });
    lab.venue.faults = {};
    const following = { context: lab.context, ports: lab.ports() };
    const canceled = await cancelRecorded(lab.stored(), 'canceled by signal sg1 of desk', following);
    expect(canceled).toMatchObject({ state: 'canceled', cause: { message: 'canceled by signal sg1 of desk' } });
    expect(await replace(canceled)).toMatchObject({ kind: 'ended' });
    expect(lab.venue.orders).toHaveLength(1);
  });

  it('is not replaced after all by a wish that comes after a cancel', async () => {
    const order = await lab.place(resting);
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    const following = { context: lab.context, ports: lab.ports(1_000) };
    const wished = await cancelRecorded(order, 'canceled by signal sg1 of desk', following);
    lab.venue.faults = {};
    expect(await replace(wished)).toMatchObject({ kind: 'ended', order: { state: 'canceled' } });
    expect(lab.venue.orders).toHaveLength(1);
  });

  it('ends where more of it is filled than is wanted by now', async () => {
    const order = await lab.place(resting);
    lab.fillPart(order.orderId, amount('1.5'));
    const part = await lab.venue.findOrder(referenceOf(order));
    if (part.kind !== 'found') throw new Error(part.kind);
    const event = { type: 'order.observed', atMs: lab.clock.nowMs(), order: part.order } as const;
    const seen = await lab.ports().orders.apply(order, event);
    const result = await replace(seen, { change: { amount: amount('1') }, reserved: '100' });
    expect(result).toMatchObject({ kind: 'ended', cause: { code: 'amount_filled' } });
  });

  it('is shown as a whole where its rest is no more than what was to be shown', async () => {
    const order = await lab.place({ ...resting, displayAmount: amount('1') });
    lab.fillPart(order.orderId, amount('1.5'));
    expect(await replace(order, { change: { price: price('91') } })).toMatchObject({ kind: 'replaced' });
    expect(lab.stored(replacementId)).toMatchObject({ amount: '0.5', state: 'open' });
    expect(lab.stored(replacementId).displayAmount).toBeUndefined();
  });

  it('has nothing in its place once its time is over', async () => {
    const goodTillMs = lab.clock.nowMs() + 500;
    const order = await lab.place({ ...resting, timeInForce: 'GTD', goodTillMs });
    lab.clock.advance(501);
    expect(await replace(order)).toMatchObject({ kind: 'ended', cause: { code: 'order_expired' } });
    expect(lab.venue.orders).toHaveLength(1);
  });

  it('hands on everything that it is', async () => {
    const everything: Partial<Intent> = {
      ...{ type: 'stop_limit', price: price('130'), triggerPrice: price('120'), handling: 'emulated' },
      ...{ timeInForce: 'GTD', goodTillMs: lab.clock.nowMs() + 1, displayAmount: amount('1'), leverage: '3' },
      ...{ marginMode: 'cross', role: 'take_profit', parentId: 'nd0' as IntentId, trail: { percent: '1' } },
      ...{ exitPlan: { takeProfits: [], onFailure: 'keep' }, reduceOnly: true, reserved: notional('0') },
    };
    const order = await lab.record(everything);
    const outcome = await replace(order);
    expect(outcome).toMatchObject({ kind: 'replaced', order: { state: 'canceled' } });
    const { reserved: _, ...kept } = everything;
    const now = { ...kept, amount: '3', reserved: '0', replaces: intent.orderId, receivedAtMs: 7, state: 'waiting' };
    expect(lab.stored(replacementId)).toMatchObject(now);
  });

  it.each([
    ['200', '140'],
    ['0', '0'],
  ])('puts at stake what it is worth where the old one put %s: %s', async (before, after) => {
    const exposure = { mode: 'sandbox', asset: 'BTC', notional: notional(before) } as const;
    const order = await lab.place({ ...resting, exposure });
    await replace(order, { change: { price: price('70') }, reserved: '140' });
    expect(lab.stored(replacementId)).toMatchObject({ reserved: '140', exposure: { asset: 'BTC', notional: after } });
  });

  it('takes over prices that change', async () => {
    const order = await lab.record({
      type: 'stop_limit',
      price: price('130'),
      triggerPrice: price('120'),
      handling: 'emulated',
    });
    await replace(order, { change: { price: price('140'), triggerPrice: price('125') }, reserved: '280' });
    expect(lab.stored(replacementId)).toMatchObject({
      price: '140',
      triggerPrice: '125',
      amount: '2',
      reserved: '280',
    });
  });

  it('is refused before anything is done where the gate would not let the new one pass', async () => {
    const order = await lab.place(resting);
    const ofAnother = { ...lab.policy, limits: gateLimits({ quotes: ['EUR'] }) };
    const disabled = {
      ...lab.policy.account,
      exchangeConfig: { ...lab.policy.account.exchangeConfig, enabled: false },
    };
    for (const policy of [ofAnother, { ...lab.policy, expiresAtMs: 0 }, { ...lab.policy, account: disabled }]) {
      const own = lab.policy;
      lab.policy = policy;
      expect(await replace(order)).toMatchObject({ kind: 'refused', order: { state: 'open' } });
      lab.policy = own;
    }
    expect(await replace(order, { reserved: '1001' })).toMatchObject({ cause: { code: 'order_notional_limit' } });
    lab.tables.risk.clear();
    expect(await replace(order)).toMatchObject({ kind: 'refused', cause: { code: 'switch_not_set' } });
    expect(lab.stored().state).toBe('open');
  });

  it('leaves a record of why nothing took its place where the gate closes in between', async () => {
    const order = await lab.place(resting);
    lab.atPoint = (call, when) => {
      const halted = { state: 'halted' as const, reason: 'test', by: 'test', atMs: lab.clock.nowMs() };
      if (call === 'cancelOrder' && when === 'after')
        void createMemoryRisk(lab.tables).setSwitch(intent.account, halted);
    };
    expect(await replace(order)).toMatchObject({ kind: 'ended', cause: { code: 'switch_not_active' } });
    expect(lab.stored(replacementId)).toMatchObject({ state: 'denied', cause: { code: 'switch_not_active' } });
  });

  it('has nothing in its place where the rest is too small for an order', async () => {
    const order = await lab.place(resting);
    lab.atPoint = (call, when) => {
      if (call === 'cancelOrder' && when === 'before') lab.fillPart(order.orderId, amount('1.999995'));
    };
    const change = { amount: amount('2') };
    expect(await replace(order, { change })).toMatchObject({ kind: 'ended', cause: { code: 'amount_below_minimum' } });
    lab.atPoint = () => {};
  });

  it('has nothing in its place where it was canceled by somebody else', async () => {
    const order = await lab.place(resting);
    lab.venue.cancel(order.orderId);
    const { orders, clock } = lab.ports();
    const wanted = await orders.apply(order, {
      type: 'order.cancel_requested',
      atMs: clock.nowMs(),
      reason: 'not wanted',
    });
    expect(await replace(wanted)).toMatchObject({ kind: 'ended', cause: { message: 'not wanted' } });
    const expired = await lab.place({ ...resting, orderId: 'nd2' as IntentId });
    for (const seen of lab.venue.orders) seen.status = 'expired';
    expect(await replace(expired)).toMatchObject({ kind: 'ended', cause: { code: 'order_expired' } });
    expect(lab.venue.orders).toHaveLength(2);
  });
});

describe('what takes its place', () => {
  it('is followed, and never placed, where somebody else recorded it first', async () => {
    const order = await lab.place(resting);
    const { orders } = lab.ports();
    const { get, insertIntent } = orders;
    const racing = storeWith({
      get: async (id) => (id === replacementId && lab.venue.orders[0]?.status === 'open' ? undefined : get(id)),
      insertIntent: async (event, gate) => {
        await insertIntent(event, gate);
        return insertIntent(event, gate);
      },
    });
    const outcome = await replace(order, { orders: racing });
    expect(outcome.kind).toBe('ended');
    expect(lab.stored(replacementId).state).toBe('not_placed');
    expect(lab.venue.placeCalls).toBe(1);
  });

  it('is pending while the venue does not tell', async () => {
    const order = await lab.place(resting);
    lab.venue.faults = { place: () => ({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    expect(await replace(order)).toMatchObject({ kind: 'pending', replacement: { state: 'unknown' } });
    lab.venue.faults = {};
    expect(await replace(lab.stored())).toMatchObject({ kind: 'replaced', replacement: { state: 'open' } });
  });

  it('says how it ended even where it does not say why', async () => {
    const order = await lab.place(resting);
    await replace(order);
    const { cause: _, ...bare } = { ...lab.stored(replacementId), cause };
    lab.tables.orders.set(replacementId, { ...bare, state: 'rejected' });
    expect(await replace(lab.stored())).toMatchObject({ kind: 'ended', cause: { code: 'rejected' } });
  });
});
