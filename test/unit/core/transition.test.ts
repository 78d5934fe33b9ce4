import {
  amount,
  applyEvent,
  compare,
  type ExitPlan,
  type ExitStep,
  finalStates,
  type IntentId,
  type Order,
  OrderContradictionError,
  type OrderEvent,
  type OrderState,
  price,
  transition,
  type VenueOrderId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { cause, fill, intended, intent, observed, orderAfter, venueOrder } from '../../support/orders.ts';
import fc from '../../support/property.ts';

const { amount: _amount, reserved: _reserved, ...unsized } = intent;
const denied: OrderEvent = { type: 'order.denied', atMs: 1_500, intent: unsized, cause };
const concluded: OrderEvent = { type: 'order.concluded', atMs: 1_500, intent: unsized, cause };
const kept: OrderEvent = {
  type: 'order.intended',
  atMs: 1_500,
  intent: { ...intent, type: 'stop', triggerPrice: price('120'), handling: 'emulated' },
};
const triggered: OrderEvent = { type: 'order.triggered', atMs: 4_000, price: price('121') };
const trailed: OrderEvent = { type: 'order.trailed', atMs: 4_000, price: price('90') };
const cancel: OrderEvent = { type: 'order.cancel_requested', atMs: 4_000, reason: 'the owner says so' };
const amend: OrderEvent = { type: 'order.amend_requested', atMs: 4_000, change: { amount: amount('3') } };
const attempted: OrderEvent = { type: 'order.attempted', atMs: 4_000, cause };
const rejected: OrderEvent = { type: 'order.rejected', atMs: 4_000, cause };
const unknown: OrderEvent = { type: 'order.unknown', atMs: 4_000, cause };
const absent: OrderEvent = { type: 'order.absent', atMs: 4_000, cause };

const step: ExitStep = { orderId: 'ndstop' as IntentId, name: 'stop-1', role: 'stop_loss', amount: amount('1') };
const exitPlan: ExitPlan = { takeProfits: [], stopLoss: { level: { percent: '5' } }, onFailure: 'keep' };
/** An entry with one exit. */
const bracket = orderAfter(
  { type: 'order.intended', atMs: 1_500, intent: { ...intent, exitPlan } },
  observed('open', '1'),
  { type: 'order.exit_planned', atMs: 4_000, step },
);

/** An order in each state, reached the shortest way. */
const inState: Record<OrderState, Order> = {
  waiting: orderAfter(kept),
  intended: orderAfter(intended),
  unknown: orderAfter(intended, unknown),
  open: orderAfter(intended, observed('open', '1')),
  filled: orderAfter(intended, observed('filled', '2')),
  canceled: orderAfter(intended, observed('canceled', '1')),
  expired: orderAfter(intended, observed('expired', '0')),
  rejected: orderAfter(intended, rejected),
  not_placed: orderAfter(intended, absent),
  denied: orderAfter(denied),
  no_order: orderAfter(concluded),
};

const events = {
  intended,
  denied,
  concluded,
  attempted,
  triggered,
  trailed,
  cancel,
  amend,
  rejected,
  unknown,
  absent,
  seenOpen: observed('open', '1'),
  seenFilled: observed('filled', '2'),
  seenCanceled: observed('canceled', '1'),
  seenExpired: observed('expired', '0'),
  seenRejected: observed('rejected', '0'),
};

type Row = Record<keyof typeof events, OrderState | '-' | 'contradiction'>;
const no = 'contradiction';
/** State × event. `-` changes nothing; a contradiction changes nothing and is raised. */
const table: Record<OrderState, Row> = {
  // biome-ignore format: a table is read by column
  waiting:    { intended: no, denied: no, concluded: no, attempted: no, triggered: 'intended', trailed: 'waiting', cancel: 'canceled', amend: 'waiting', rejected: no, unknown: '-', absent: no, seenOpen: no, seenFilled: no, seenCanceled: no, seenExpired: no, seenRejected: no },
  // biome-ignore format: a table is read by column
  intended:   { intended: no, denied: no, concluded: no, attempted: 'intended', triggered: no, trailed: '-', cancel: 'intended', amend: no, rejected: 'rejected', unknown: 'unknown', absent: 'not_placed', seenOpen: 'open', seenFilled: 'filled', seenCanceled: 'canceled', seenExpired: 'expired', seenRejected: 'rejected' },
  // biome-ignore format: a table is read by column
  unknown:    { intended: no, denied: no, concluded: no, attempted: 'intended', triggered: no, trailed: '-', cancel: 'unknown', amend: no, rejected: 'rejected', unknown: '-', absent: 'not_placed', seenOpen: 'open', seenFilled: 'filled', seenCanceled: 'canceled', seenExpired: 'expired', seenRejected: 'rejected' },
  // biome-ignore format: a table is read by column
  open:       { intended: no, denied: no, concluded: no, attempted: no, triggered: no, trailed: '-', cancel: 'open', amend: 'open', rejected: no, unknown: '-', absent: no, seenOpen: '-', seenFilled: 'filled', seenCanceled: 'canceled', seenExpired: 'expired', seenRejected: 'rejected' },
  // biome-ignore format: a table is read by column
  filled:     { intended: no, denied: no, concluded: no, attempted: no, triggered: no, trailed: '-', cancel: '-', amend: no, rejected: no, unknown: '-', absent: no, seenOpen: '-', seenFilled: '-', seenCanceled: '-', seenExpired: '-', seenRejected: '-' },
  // biome-ignore format: a table is read by column
  canceled:   { intended: no, denied: no, concluded: no, attempted: no, triggered: no, trailed: '-', cancel: '-', amend: no, rejected: no, unknown: '-', absent: no, seenOpen: '-', seenFilled: 'filled', seenCanceled: '-', seenExpired: 'expired', seenRejected: 'rejected' },
  // biome-ignore format: a table is read by column
  expired:    { intended: no, denied: no, concluded: no, attempted: no, triggered: no, trailed: '-', cancel: '-', amend: no, rejected: no, unknown: '-', absent: no, seenOpen: 'expired', seenFilled: 'filled', seenCanceled: 'canceled', seenExpired: '-', seenRejected: 'rejected' },
  // biome-ignore format: a table is read by column
  rejected:   { intended: no, denied: no, concluded: no, attempted: no, triggered: no, trailed: '-', cancel: '-', amend: no, rejected: '-', unknown: '-', absent: no, seenOpen: 'open', seenFilled: 'filled', seenCanceled: 'canceled', seenExpired: 'expired', seenRejected: 'rejected' },
  // biome-ignore format: a table is read by column
  not_placed: { intended: no, denied: no, concluded: no, attempted: no, triggered: no, trailed: '-', cancel: '-', amend: no, rejected: no, unknown: '-', absent: '-', seenOpen: 'open', seenFilled: 'filled', seenCanceled: 'canceled', seenExpired: 'expired', seenRejected: 'rejected' },
  // biome-ignore format: a table is read by column
  no_order:   { intended: no, denied: no, concluded: no, attempted: no, triggered: no, trailed: '-', cancel: '-', amend: no, rejected: no, unknown: '-', absent: no, seenOpen: no, seenFilled: no, seenCanceled: no, seenExpired: no, seenRejected: no },
  // biome-ignore format: a table is read by column
  denied:     { intended: no, denied: no, concluded: no, attempted: no, triggered: no, trailed: '-', cancel: '-', amend: no, rejected: no, unknown: '-', absent: no, seenOpen: no, seenFilled: no, seenCanceled: no, seenExpired: no, seenRejected: no },
};

const rows = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([event, result]) => [state, event, result] as [OrderState, keyof typeof events, string]),
);

describe('an order', () => {
  it.each(rows)('that is %s meets %s: %s', (state, event, expected) => {
    const before = inState[state];
    const result = transition(before, events[event]);
    if (expected === no) expect(result.kind).toBe(no);
    else if (expected === '-') expect(result.kind).toBe('unchanged');
    else expect(result).toMatchObject({ kind: 'changed', order: { state: expected } });
  });

  it.each(Object.entries(events).filter(([name]) => !['intended', 'denied', 'concluded'].includes(name)))(
    'does not begin with %s',
    (_name, event) => {
      expect(transition(undefined, event)).toMatchObject({ kind: 'contradiction' });
      expect(() => applyEvent(undefined, event)).toThrow(OrderContradictionError);
    },
  );

  it('stays as it is where a change is refused that it does not wait for', () => {
    const refused: OrderEvent = { type: 'order.amend_refused', atMs: 5_000, cause };
    expect(transition(inState.open, refused)).toEqual({ kind: 'unchanged' });
    const asked = orderAfter(intended, observed('open', '1'), amend);
    expect(orderAfter(intended, observed('open', '1'), amend, refused)).not.toHaveProperty('amendment');
    expect(transition(asked, refused)).toMatchObject({ order: { cause } });
  });

  it('is not amended once it is to be canceled', () => {
    expect(transition(orderAfter(intended, observed('open', '1'), cancel), amend)).toMatchObject({ kind: no });
  });

  it('reserves until it is final, and nothing after', () => {
    for (const order of Object.values(inState)) {
      expect(order.reserved).toBe(finalStates.has(order.state) ? '0' : '200');
    }
  });

  it('takes late fills after a cancel, and never takes a fill back', () => {
    const order = orderAfter(
      intended,
      observed('canceled', '1', [fill('a')]),
      observed('canceled', '1.5', [fill('b', '0.5')]),
    );
    expect(order).toMatchObject({ state: 'canceled', filled: '1.5', fills: [{ tradeId: 'a' }, { tradeId: 'b' }] });
    expect(orderAfter(intended, observed('open', '1.5'), observed('open', '1')).filled).toBe('1.5');
  });

  it('counts a fill once however often it is told, also within one answer', () => {
    const order = orderAfter(
      intended,
      observed('open', '1', [fill('a'), fill('a')]),
      observed('open', '1', [fill('a')]),
    );
    expect(order.fills).toHaveLength(1);
    expect(order.version).toBe(2);
  });

  it('is filled when its quantity is, whatever the venue calls it', () => {
    expect(orderAfter(intended, observed('expired', '2')).state).toBe('filled');
  });

  it('keeps the newest cost the venue told', () => {
    const costless = { ...venueOrder('open', '1'), cost: undefined };
    const { cost: _cost, ...withoutCost } = costless;
    expect(orderAfter(intended, { type: 'order.observed', atMs: 1, order: withoutCost }).cost).toBeUndefined();
    const older = { ...observed('open', '0.5') };
    expect(orderAfter(intended, observed('open', '1'), older).cost).toBe('100');
  });

  it('forgets why it was unknown once the venue has shown it', () => {
    expect(orderAfter(intended, unknown).cause).toEqual(cause);
    expect(orderAfter(intended, unknown, observed('open', '0')).cause).toBeUndefined();
  });

  it('learns its id at the venue even when nothing else is new', () => {
    const order = orderAfter(intended, observed('open', '0'));
    const renamed = { ...venueOrder('open', '0'), venueOrderId: 'v2' as VenueOrderId };
    expect(transition(order, { type: 'order.observed', atMs: 9, order: renamed }).kind).toBe('changed');
  });

  it('counts its attempts and when the last began', () => {
    expect(orderAfter(intended)).toMatchObject({ attempts: 1, attemptedAtMs: 1_500 });
    expect(orderAfter(intended, unknown, attempted)).toMatchObject({
      state: 'intended',
      attempts: 2,
      attemptedAtMs: 4_000,
    });
  });

  it('is rebuilt from its events alone, with its version counting them', () => {
    const order = orderAfter(
      intended,
      unknown,
      observed('open', '1', [fill('a')]),
      observed('filled', '2', [fill('b')]),
    );
    expect(order.version).toBe(4);
    expect(
      orderAfter(intended, unknown, observed('open', '1', [fill('a')]), observed('filled', '2', [fill('b')])),
    ).toEqual(order);
  });

  it('only ever grows, in any sequence of events', () => {
    const any = fc.constantFrom(...Object.values(events).slice(2));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (sequence) => {
        let order = orderAfter(intended);
        for (const event of sequence) {
          const result = transition(order, event);
          if (result.kind !== 'changed') continue;
          expect(compare(result.order.filled, order.filled)).toBeGreaterThanOrEqual(0);
          expect(result.order.fills.length).toBeGreaterThanOrEqual(order.fills.length);
          expect(result.order.attempts).toBeGreaterThanOrEqual(order.attempts);
          // Once filled, for ever filled.
          if (order.state === 'filled') expect(result.order.state).toBe('filled');
          order = { ...result.order, version: order.version + 1, journalHash: '' };
        }
      }),
    );
  });

  it.each<[string, Order, OrderEvent, string]>([
    [
      'was never shown by the venue that is said to have changed it',
      inState.intended,
      { type: 'order.amended', atMs: 5_000, change: { amount: amount('3') } },
      'the venue changed an order that it never showed',
    ],
    [
      'has no exit plan and gets an exit',
      inState.open,
      { type: 'order.exit_planned', atMs: 5_000, step },
      'an order without an exit plan has no exits',
    ],
    [
      'has no exit plan and is said to be protected',
      inState.open,
      { type: 'order.exits_changed', atMs: 5_000, change: { state: 'protected' } },
      'an order without an exit plan has no exits',
    ],
    [
      'gets the exit of one name twice',
      bracket,
      { type: 'order.exit_planned', atMs: 5_000, step: { ...step, orderId: 'ndother' as IntentId } },
      'the exit stop-1 is planned already',
    ],
    [
      'gets one order as two exits',
      bracket,
      { type: 'order.exit_planned', atMs: 5_000, step: { ...step, name: 'stop-2' } },
      'the exit stop-2 is planned already',
    ],
  ])('that %s is contradicted, and stays as it is', (_name, order, event, message) => {
    expect(transition(order, event)).toEqual({ kind: 'contradiction', message });
  });

  it('names itself when an event contradicts it', () => {
    expect(() => applyEvent(inState.filled, rejected)).toThrow(
      'order nd0001: an order that is filled cannot become rejected',
    );
    expect(() => applyEvent(undefined, attempted)).toThrow('order unknown:');
    expect(() => applyEvent(inState.open, intended)).toThrow('exists already');
  });
});
