import {
  type Amount,
  amendRecorded,
  amount,
  callStartMsMax,
  finalStates,
  isAsWanted,
  notional,
  type Order,
  type OrderChange,
  price,
  settleAmendment,
  VersionConflictError,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { inTurn } from '../../support/fake-venue.ts';
import { CrashError, OrderLab } from '../../support/order-lab.ts';
import { cause } from '../../support/orders.ts';
import fc from '../../support/property.ts';

let lab: OrderLab;

beforeEach(() => {
  lab = new OrderLab();
});

const resting = { type: 'limit', price: price('90'), reserved: notional('500') } as const;
const amend = (order: Order, change: OrderChange, patienceMs?: number) =>
  amendRecorded(order, change, { context: lab.context, ports: lab.ports(patienceMs) });
const cheaper: OrderChange = { price: price('80') };
const callsOf = (name: string) => lab.calls.get(name) ?? 0;
const untilSettledMs = () => lab.venue.settlingMs + callStartMsMax + 1;

describe('changing an order that rests at the venue', () => {
  it('records that it is asked for, asks, and records what the venue made of it', async () => {
    const amended = await amend(await lab.place(resting), { price: price('80.009'), amount: amount('1.000019') });
    expect(amended).toMatchObject({ state: 'open', price: '80', amount: '1.00001', reserved: '500' });
    expect(amended.amendment).toBeUndefined();
    expect(lab.venue.orders[0]?.request).toMatchObject({ price: '80', amount: '1.00001' });
    expect(lab.typesOf().slice(2)).toEqual(['order.amend_requested', 'order.amended']);
  });

  it('asks for nothing where the order is like that already', async () => {
    const order = await lab.place(resting);
    expect(await amend(order, { price: price('90.001') })).toEqual(order);
    expect(callsOf('amendOrder')).toBe(0);
  });

  it.each<[string, OrderChange]>([
    ['would reserve more than it has reserved', { amount: amount('6') }],
    ['is no larger than what is filled', { amount: amount('0.5') }],
  ])('asks for nothing where the change %s', async (_, change) => {
    const order = await lab.place(resting);
    lab.fillPart(order.orderId, amount('0.5'));
    const [part] = await Promise.all([lab.venue.findOrder({ ...order, clientOrderId: order.orderId } as never)]);
    if (part.kind !== 'found') throw new Error(part.kind);
    const { orders, clock } = lab.ports();
    const known = await orders.apply(order, { type: 'order.observed', atMs: clock.nowMs(), order: part.order });
    expect(await amend(known, change)).toEqual(known);
    expect(callsOf('amendOrder')).toBe(0);
  });

  it('leaves it as it was where the venue refuses, and says why', async () => {
    const order = await lab.place(resting);
    lab.venue.amendOrder = async () => ({ kind: 'not_amended', evidence: cause });
    expect(await amend(order, cheaper)).toMatchObject({ state: 'open', price: '90', cause });
  });

  it('takes in how the order ended where that is why it was not changed', async () => {
    const order = await lab.place(resting);
    lab.fillPart(order.orderId, amount('2'));
    const ended = await amend(order, cheaper);
    expect(ended).toMatchObject({ state: 'filled', price: '90', filled: '2' });
    expect(ended.amendment).toBeUndefined();
  });

  it('finds the change made where only the answer was lost', async () => {
    const order = await lab.place(resting);
    lab.venue.faults = { amend: inTurn({ kind: 'lose_answer' }) };
    expect(await amend(order, cheaper)).toMatchObject({ state: 'open', price: '80' });
  });

  it('finds the change not made once the request can not be under way any more', async () => {
    const order = await lab.place(resting);
    lab.venue.faults = { amend: inTurn({ kind: 'lose_request' }) };
    expect(await amend(order, cheaper)).toMatchObject({ state: 'open', price: '90', cause: { code: 'not_amended' } });
    expect(callsOf('amendOrder')).toBe(1);
  });

  it('keeps the change on the order while nobody can tell, and asks for no other before', async () => {
    const order = await lab.place(resting);
    lab.venue.faults = { amend: inTurn({ kind: 'lose_answer' }), find: () => ({ kind: 'no_answer' }) };
    const pending = await amend(order, cheaper, 0);
    expect(pending).toMatchObject({ price: '90', amendment: { change: cheaper } });
    expect(await amend(pending, { price: price('70') }, 0)).toMatchObject({ amendment: { change: cheaper } });
    lab.venue.faults = {};
    expect(await amend(pending, { price: price('70') })).toMatchObject({ price: '70' });
  });

  it('is not asked for when its record took so long that others may have given it up', async () => {
    const order = await lab.place(resting);
    lab.atPoint = (call, when) => {
      if (call === 'apply' && when === 'after') lab.clock.advance(callStartMsMax + 1);
    };
    expect(await amend(order, cheaper)).toMatchObject({ price: '90', cause: { code: 'not_amended' } });
    expect(callsOf('amendOrder')).toBe(0);
  });

  it('asks again where the venue does not show what was to change', async () => {
    const order = await lab.place(resting);
    const find = lab.venue.findOrder.bind(lab.venue);
    lab.venue.findOrder = async (reference) => {
      const outcome = await find(reference);
      if (outcome.kind !== 'found') return outcome;
      const { price: _price, amount: _amount, ...shown } = outcome.order;
      return { kind: 'found', order: shown };
    };
    lab.venue.faults = { amend: inTurn({ kind: 'lose_request' }) };
    expect(await amend(order, { ...cheaper, amount: amount('1') })).toMatchObject({ price: '80', amount: '1' });
    expect(callsOf('amendOrder')).toBe(2);
  });
});

describe('a venue that does not show what was to change', () => {
  const resting2 = { type: 'stop_limit', price: price('110'), triggerPrice: price('105') } as const;

  it('is asked to change it again with every look, until it answers', async () => {
    const order = await lab.place({ ...resting2, reserved: notional('500') });
    const find = lab.venue.findOrder.bind(lab.venue);
    lab.venue.findOrder = async (reference) => {
      const outcome = await find(reference);
      if (outcome.kind !== 'found') return outcome;
      const { triggerPrice: _, ...shown } = outcome.order;
      return { kind: 'found', order: shown };
    };
    const lost = { kind: 'lose_request' } as const;
    lab.venue.faults = { amend: inTurn(lost, lost, lost) };
    expect(await amend(order, { triggerPrice: price('107') })).toMatchObject({ triggerPrice: '107' });
    expect(callsOf('amendOrder')).toBe(4);
  });
});

describe('changing an order in another state', () => {
  it('changes what waits at Nightdesk without a word to the venue', async () => {
    const order = await lab.record({ type: 'stop', triggerPrice: price('120'), handling: 'emulated' });
    expect(await amend(order, { triggerPrice: price('99') })).toMatchObject({ state: 'waiting', triggerPrice: '99' });
    expect(callsOf('amendOrder')).toBe(0);
  });

  it('finds out first what became of one in doubt', async () => {
    const order = await lab.record(resting, { type: 'order.unknown', atMs: lab.clock.nowMs(), cause });
    const request = { clientOrderId: order.orderId, symbol: 'BTC/USDT', side: 'buy', amount: amount('2') } as const;
    await lab.venue.placeOrder({ ...request, type: 'limit', price: price('90') }, lab.market);
    expect(await amend(order, cheaper)).toMatchObject({ state: 'open', price: '80' });
  });

  it.each([
    ['is being canceled', { type: 'order.cancel_requested', atMs: 1, reason: 'test' }],
    ['has ended', { type: 'order.rejected', atMs: 1, cause }],
  ] as const)('leaves one alone that %s', async (_, event) => {
    const placed = event.type === 'order.rejected' ? await lab.record(resting) : await lab.place(resting);
    const order = await lab.ports().orders.apply(placed, event);
    expect(await amend(order, cheaper)).toEqual(order);
  });

  it('begins anew where somebody else wrote first', async () => {
    const order = await lab.place(resting);
    await lab.ports().orders.apply(order, { type: 'order.observed', atMs: 1, order: shownWith('0.5') });
    expect(await amend(order, cheaper)).toMatchObject({ price: '80', filled: '0.5' });
  });
});

const shownWith = (filled: string) => ({
  venueOrderId: '1' as Order['venueOrderId'] & string,
  status: 'open' as const,
  filled: amount(filled) as Amount,
  fills: [],
});

it('settles nothing where nothing is asked for', async () => {
  const order = await lab.place(resting);
  expect(await settleAmendment(order, lab.context, lab.ports())).toEqual(order);
});

const schedule = fc.record({
  change: fc.constantFrom<OrderChange>(
    { price: price('80') },
    { amount: amount('1') },
    { amount: amount('3') },
    { amount: amount('0.3'), price: price('85') },
  ),
  fills: fc.array(fc.record({ at: fc.nat(14), size: fc.constantFrom('0.1', '0.25', '1', '3') }), { maxLength: 4 }),
  amendFaults: fc.array(fc.constantFrom('lose_request', 'lose_answer', undefined), { maxLength: 3 }),
  findFaults: fc.array(fc.constantFrom('no_answer', 'absent', undefined), { maxLength: 3 }),
  crashAt: fc.option(fc.nat(14), { nil: undefined }),
});
const runs = 1_000;
const deliveriesMax = 8;

it('ends with quantity and terms of the venue wherever fills, faults and a crash come in between', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (plan) => {
      lab = new OrderLab();
      const order = await lab.place(resting);
      const { change } = plan;
      lab.venue.faults = {
        amend: inTurn(...plan.amendFaults.map((kind) => kind && { kind })),
        find: inTurn(...plan.findFaults.map((kind) => kind && { kind })),
      };
      let point = 0;
      lab.atPoint = () => {
        for (const { at, size } of plan.fills) if (at === point) lab.fillPart(order.orderId, amount(size));
        point += 1;
        if (point - 1 === plan.crashAt) throw new CrashError();
      };
      for (let delivery = 0; delivery < deliveriesMax; delivery++) {
        const stored = lab.stored();
        if (finalStates.has(stored.state) || (isAsWanted(stored, change) && stored.amendment === undefined)) break;
        await amend(stored, change, 3_000).catch((error: unknown) => {
          if (!(error instanceof CrashError) && !(error instanceof VersionConflictError)) throw error;
        });
        lab.clock.advance(untilSettledMs());
      }
      const [seen] = lab.venue.orders;
      const stored = lab.stored();
      expect(stored.amendment).toBeUndefined();
      expect([stored.price, stored.amount]).toEqual([seen?.request.price, seen?.request.amount]);
      // What was filled after the last word of the venue is for tracking to take in.
      if (finalStates.has(stored.state)) expect([stored.state, stored.filled]).toEqual([seen?.status, seen?.filled]);
      else expect(Number(stored.filled)).toBeLessThanOrEqual(Number(seen?.filled));
      expect(lab.venue.orders).toHaveLength(1);
    }),
    { numRuns: runs },
  );
});
