import {
  amount,
  callStartMsMax,
  cancelRecorded,
  finalStates,
  type Order,
  type OrderEvent,
  price,
  VersionConflictError,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { inTurn } from '../../support/fake-venue.ts';
import { CrashError, OrderLab } from '../../support/order-lab.ts';
import { cause, intent } from '../../support/orders.ts';
import fc from '../../support/property.ts';

let lab: OrderLab;

beforeEach(() => {
  lab = new OrderLab();
});

const resting = { type: 'limit', price: price('90') } as const;
const unknown = (): OrderEvent => ({ type: 'order.unknown', atMs: lab.clock.nowMs(), cause });
const cancel = (order: Order, patienceMs?: number) =>
  cancelRecorded(order, 'not wanted', { context: lab.context, ports: lab.ports(patienceMs) });
const callsOf = (name: string) => lab.calls.get(name) ?? 0;

describe('canceling an open order', () => {
  it('ends it at the venue, says why, and releases what it reserved', async () => {
    const canceled = await cancel(await lab.place(resting));
    expect(canceled).toMatchObject({
      state: 'canceled',
      reserved: '0',
      cause: { code: 'canceled', message: 'not wanted' },
    });
    expect(canceled.cancel).toBeUndefined();
    expect(lab.venue.orders.map(({ status }) => status)).toEqual(['canceled']);
    expect(lab.typesOf()).toEqual(['order.intended', 'order.observed', 'order.cancel_requested', 'order.observed']);
  });

  it('takes in what was filled before the venue ended it', async () => {
    const order = await lab.place(resting);
    lab.fillPart(order.orderId, amount('0.5'));
    expect(await cancel(order)).toMatchObject({ state: 'canceled', filled: '0.5', fills: [{ amount: '0.5' }] });
  });

  it('finds it filled where a fill came first', async () => {
    const order = await lab.place(resting);
    lab.fillPart(order.orderId, amount('2'));
    expect(await cancel(order)).toMatchObject({ state: 'filled', filled: '2', reserved: '0' });
  });

  it.each([
    ['the request is lost', 'lose_request'],
    ['the answer is lost', 'lose_answer'],
  ] as const)('is tried again when %s', async (_, kind) => {
    const order = await lab.place(resting);
    lab.venue.faults = { cancel: inTurn({ kind }) };
    expect(await cancel(order)).toMatchObject({ state: 'canceled' });
  });

  it('stays wanted while the venue does not answer, for whoever comes next', async () => {
    const order = await lab.place(resting);
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    const pending = await cancel(order);
    expect(pending).toMatchObject({ state: 'open', cancel: { reason: 'not wanted' } });
    expect(callsOf('cancelOrder')).toBe(5);
    lab.venue.faults = {};
    expect(await cancel(pending)).toMatchObject({ state: 'canceled' });
    expect(lab.typesOf().filter((type) => type === 'order.cancel_requested')).toHaveLength(1);
  });

  it('is asked for once when there is no time for more', async () => {
    const order = await lab.place(resting);
    lab.venue.faults = { cancel: () => ({ kind: 'lose_request' }) };
    await cancel(order, 0);
    expect(callsOf('cancelOrder')).toBe(1);
  });

  it('leaves it open where the venue shows nothing of it at all', async () => {
    const order = await lab.place(resting);
    lab.venue.orders.length = 0;
    expect(await cancel(order)).toMatchObject({ state: 'open', cancel: { reason: 'not wanted' } });
  });

  it('looks at an order of which the venue only says that it is not open', async () => {
    const order = await lab.place(resting);
    lab.fillPart(order.orderId, amount('2'));
    lab.venue.cancelOrder = async () => ({ kind: 'not_open', evidence: cause });
    expect(await cancel(order)).toMatchObject({ state: 'filled' });
  });

  it('asks for the trades behind what was filled where the answer comes without', async () => {
    const order = await lab.place(resting);
    lab.fillPart(order.orderId, amount('0.5'));
    const cancelAtVenue = lab.venue.cancelOrder.bind(lab.venue);
    lab.venue.cancelOrder = async (...given) => {
      const outcome = await cancelAtVenue(...given);
      return outcome.kind === 'canceled' ? { ...outcome, order: { ...outcome.order, fills: [] } } : outcome;
    };
    const canceled = await cancel(order);
    expect(canceled).toMatchObject({ state: 'canceled', filled: '0.5', fills: [{ tradeId: '1-1' }] });
    expect(canceled.cause).toEqual({ code: 'canceled', message: 'not wanted' });
  });
});

describe('canceling an order in another state', () => {
  it('ends what waits at Nightdesk without a word to the venue', async () => {
    const order = await lab.record({ type: 'stop', triggerPrice: price('120'), handling: 'emulated' });
    expect(await cancel(order)).toMatchObject({ state: 'canceled', cause: { code: 'canceled_while_waiting' } });
    expect([...lab.calls.keys()].filter((name) => name.endsWith('Order'))).toEqual([]);
  });

  it('finds out first what became of one in doubt, and cancels it if the venue has it', async () => {
    lab.venue.faults = { place: inTurn({ kind: 'lose_answer' }) };
    await lab.venue.placeOrder(
      { clientOrderId: intent.orderId, symbol: 'BTC/USDT', side: 'buy', amount: amount('2'), ...resting },
      lab.market,
    );
    expect(await cancel(await lab.record(resting, unknown()))).toMatchObject({ state: 'canceled' });
  });

  it('leaves one that the venue never had as not placed, whatever its source wants done in doubt', async () => {
    lab.policy = { ...lab.policy, onUnknown: 'place_again' };
    const order = await lab.record(resting, unknown());
    lab.clock.advance(lab.venue.settlingMs + callStartMsMax + 1);
    expect(await cancel(order)).toMatchObject({ state: 'not_placed' });
    expect(callsOf('placeOrder')).toBe(0);
  });

  it('keeps the wish on one that stays in doubt', async () => {
    lab.venue.faults = { find: () => ({ kind: 'no_answer' }) };
    const order = await lab.record(resting, unknown());
    expect(await cancel(order)).toMatchObject({ state: 'unknown', cancel: { reason: 'not wanted' } });
    expect(callsOf('cancelOrder')).toBe(0);
  });

  it('changes nothing about a final one', async () => {
    const order = await lab.place();
    expect(await cancel(order)).toEqual(order);
  });
});

describe('a venue that forgets what is canceled without a fill', () => {
  /** As Coinbase Exchange does: the order is canceled, and is in no list from then on. */
  const forget = () => {
    for (const order of lab.venue.orders) order.effectiveAtMs = Number.POSITIVE_INFINITY;
  };

  it('has ended the order that it shows nowhere once nothing can be under way', async () => {
    const order = await lab.place(resting);
    forget();
    const asked = await cancel(order, 1_000);
    expect(asked).toMatchObject({ state: 'open', cancel: { reason: 'not wanted' } });
    lab.clock.advance(lab.venue.settlingMs + callStartMsMax + 1);
    expect(await cancel(asked)).toMatchObject({
      ...{ state: 'canceled', filled: '0', reserved: '0' },
      cause: { code: 'canceled', message: 'not wanted' },
    });
  });

  it('has not ended one that it cannot be asked about', async () => {
    const order = await lab.place(resting);
    const asked = await cancel({ ...order }, 0);
    expect(asked.state).toBe('canceled');
    const other = await lab.place({ ...resting, orderId: 'nd2' as typeof order.orderId });
    forget();
    lab.venue.faults = { find: () => ({ kind: 'no_answer' }) };
    const waiting = await cancel(other, 1_000);
    lab.clock.advance(lab.venue.settlingMs + callStartMsMax + 1);
    expect(await cancel(waiting, 1_000)).toMatchObject({ state: 'open' });
  });
});

/** Where the two histories cut in on each other. */
const schedule = fc.record({
  amount: fc.constantFrom('1', '2', '0.3'),
  fills: fc.array(fc.record({ at: fc.nat(14), size: fc.constantFrom('0.1', '0.25', '1', '2') }), { maxLength: 4 }),
  cancelFaults: fc.array(fc.constantFrom('lose_request', 'lose_answer', undefined), { maxLength: 3 }),
  findFaults: fc.array(fc.constantFrom('no_answer', 'absent', undefined), { maxLength: 3 }),
  crashAt: fc.option(fc.nat(14), { nil: undefined }),
});
const runs = 1_000;
const deliveriesMax = 8;

it('ends with the quantity of the venue wherever fills, faults and a crash come in between', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (plan) => {
      lab = new OrderLab();
      const order = await lab.place({ ...resting, amount: amount(plan.amount) });
      lab.venue.faults = {
        cancel: inTurn(...plan.cancelFaults.map((kind) => kind && { kind })),
        find: inTurn(...plan.findFaults.map((kind) => kind && { kind })),
      };
      let point = 0;
      lab.atPoint = () => {
        for (const { at, size } of plan.fills) if (at === point) lab.fillPart(order.orderId, amount(size));
        point += 1;
        if (point - 1 === plan.crashAt) throw new CrashError();
      };
      for (let delivery = 0; delivery < deliveriesMax && !finalStates.has(lab.stored().state); delivery++) {
        await cancel(lab.stored(), 3_000).catch((error: unknown) => {
          if (!(error instanceof CrashError) && !(error instanceof VersionConflictError)) throw error;
        });
        lab.clock.advance(10_000);
      }
      const [seen] = lab.venue.orders;
      const stored = lab.stored();
      expect([stored.state, stored.filled]).toEqual([seen?.status, seen?.filled]);
      expect(stored.fills.map(({ tradeId }) => tradeId)).toEqual(seen?.fills.map(({ tradeId }) => tradeId));
      expect(lab.venue.orders).toHaveLength(1);
    }),
    { numRuns: runs },
  );
});
