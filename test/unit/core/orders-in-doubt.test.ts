/** Orders in doubt at a venue that knows no ids of ours: one of its orders is never taken for two of the desk's. */
import {
  type AccountId,
  executeCommand,
  type IntentId,
  notional,
  type OrderEvent,
  placeRecorded,
  price,
  type Signal,
  type SignalId,
  type SourceId,
  type VenueId,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { inTurn } from '../../support/fake-venue.ts';
import { OrderLab } from '../../support/order-lab.ts';
import { cause } from '../../support/orders.ts';

const resting = { type: 'limit', price: price('90'), reserved: notional('180') } as const;
const first = 'nd1' as IntentId;
const second = 'nd2' as IntentId;

let lab: OrderLab;

beforeEach(() => {
  lab = new OrderLab();
});

const unknown = (): OrderEvent => ({ type: 'order.unknown', atMs: lab.clock.nowMs(), cause });
const statesOf = () => [first, second].map((id) => lab.stored(id).state);
const venueIds = () => [first, second].map((id) => lab.stored(id).venueOrderId);

/** Whatever is asked for, the venue shows its first order, unless that is said to be another one. */
function forgetIds(): void {
  const [only] = lab.venue.orders;
  if (only === undefined) throw new Error('the venue has an order');
  const [find, cancel] = [lab.venue.findOrder.bind(lab.venue), lab.venue.cancelOrder.bind(lab.venue)];
  const { clientOrderId } = only.request;
  lab.venue.findOrder = async (reference) =>
    reference.others?.includes(only.venueOrderId) === true
      ? { kind: 'absent', evidence: cause }
      : find({ ...reference, clientOrderId });
  lab.venue.cancelOrder = async (reference, market) => cancel({ ...reference, clientOrderId }, market);
}

function cancelAll(patienceMs?: number) {
  const signal: Signal = {
    ...{ signalId: 'sgcancel' as SignalId, source: 'desk' as SourceId, accounts: ['main' as AccountId] },
    ...{ venue: 'fake' as VenueId, symbol: 'BTC/USDT', action: 'cancel', type: 'market' },
    ...{ expiresAtMs: lab.policy.expiresAtMs, receivedAtMs: lab.clock.nowMs() },
  };
  const message = { signal, account: 'main' as AccountId, leg: 0, lane: 'main' };
  return executeCommand(message, { ...lab.policy, expiresAtMs: signal.expiresAtMs }, lab.ports(patienceMs));
}

describe('a cancel of several in doubt', () => {
  it('takes the one order that the venue has for one of them only', async () => {
    await lab.place({ ...resting, orderId: 'nd3' as IntentId });
    lab.tables.orders.delete('nd3');
    for (const orderId of [first, second]) await lab.record({ ...resting, orderId }, unknown());
    forgetIds();
    const { order } = await cancelAll();
    expect(statesOf()).toEqual(['canceled', 'not_placed']);
    expect(order.cause?.message).toBe('orders: 2 canceled: nd1, nd2');
  });

  it('cancels none that is known to be another one', async () => {
    await lab.place({ ...resting, orderId: first });
    await lab.record({ ...resting, orderId: second }, unknown());
    forgetIds();
    await cancelAll();
    expect(statesOf()).toEqual(['canceled', 'not_placed']);
    expect(venueIds()).toEqual([lab.venue.orders[0]?.venueOrderId, undefined]);
  });

  it('leaves the wish on those whose turn does not come', async () => {
    for (const orderId of [first, second]) await lab.record({ ...resting, orderId }, unknown());
    lab.venue.faults = { find: () => ({ kind: 'no_answer' }) };
    await expect(cancelAll(2_000)).rejects.toThrow('2 not confirmed by the venue yet: nd1, nd2');
    expect(statesOf()).toEqual(['unknown', 'unknown']);
    expect([first, second].every((id) => lab.stored(id).cancel !== undefined)).toBe(true);
  });
});

describe('an order whose answer was lost', () => {
  it('is not the one that looks the same and was placed just before', async () => {
    await lab.place({ ...resting, orderId: first });
    forgetIds();
    lab.venue.faults = { place: inTurn({ kind: 'fail_before_accept' }) };
    const order = await lab.record({ ...resting, orderId: second });
    const placed = await placeRecorded(order, lab.context, lab.ports());
    expect([placed.state, placed.venueOrderId]).toEqual(['not_placed', undefined]);
  });

  it('is found where nothing else looks like it', async () => {
    lab.venue.faults = { place: inTurn({ kind: 'lose_answer' }) };
    const order = await lab.place({ ...resting, orderId: first });
    expect([order.state, order.venueOrderId]).toEqual(['open', lab.venue.orders[0]?.venueOrderId]);
  });
});
