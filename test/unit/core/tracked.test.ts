import { awaitsTrades, needsTracking, type Order, transition } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { fill, intended, observed, orderAfter } from '../../support/orders.ts';

const givenUp = { type: 'order.trades_given_up' as const, atMs: 9_000 };
const settled = { type: 'order.settled' as const, atMs: 9_000 };
const exits = (state: 'protected' | 'done') => ({ exits: { state, steps: [] } });
const changed = (order: Order, changes: Partial<Order>): Order => ({ ...order, ...changes });
const whole = [fill('t1'), fill('t2')];

describe('what somebody has to look after', () => {
  it.each<[string, Order, { trades: boolean; tracking: boolean }]>([
    ['an open order', orderAfter(intended, observed('open', '1')), { trades: false, tracking: true }],
    [
      'a filled one, all told',
      orderAfter(intended, observed('filled', '2', whole)),
      { trades: false, tracking: false },
    ],
    [
      'a filled one, half told',
      orderAfter(intended, observed('filled', '2', [fill('t1')])),
      { trades: true, tracking: true },
    ],
    ['a canceled one, not told', orderAfter(intended, observed('canceled', '1')), { trades: true, tracking: true }],
    [
      'one that has just ended without a fill, of which one may be told late',
      orderAfter(intended, observed('canceled', '0')),
      { trades: false, tracking: true },
    ],
    [
      'one that ended without a fill, and was asked about again',
      orderAfter(intended, observed('expired', '0'), settled),
      { trades: false, tracking: false },
    ],
    [
      'one whose trades were given up',
      orderAfter(intended, observed('filled', '2'), givenUp),
      { trades: false, tracking: false },
    ],
    [
      'an entry with exits',
      changed(orderAfter(intended, observed('filled', '2', whole)), exits('protected')),
      { trades: false, tracking: true },
    ],
    [
      'an entry whose exits are done',
      changed(orderAfter(intended, observed('filled', '2', whole)), exits('done')),
      { trades: false, tracking: false },
    ],
  ])('%s', (_what, order, { trades, tracking }) => {
    expect([awaitsTrades(order), needsTracking(order)]).toEqual([trades, tracking]);
  });
});

describe('giving up the trades of an order', () => {
  it('changes nothing while the order may still change', () => {
    expect(transition(orderAfter(intended, observed('open', '1')), givenUp)).toEqual({ kind: 'unchanged' });
  });

  it('takes in trades that are told later all the same', () => {
    const late = orderAfter(intended, observed('filled', '2'), givenUp, observed('filled', '2', whole));
    expect(late).toMatchObject({ state: 'filled', tradesGivenUp: true, fills: whole });
  });
});
