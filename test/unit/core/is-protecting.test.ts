import { amount, type IntentId, isProtecting, mayBeOpen, type Order } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { intended, orderAfter } from '../../support/orders.ts';

const entry: Order = { ...orderAfter(intended), orderId: 'ndentry' as IntentId, filled: amount('1') };
const unfilled: Order = { ...entry, orderId: 'ndidle' as IntentId, filled: amount('0') };
const stored = { get: async (orderId: string) => [entry, unfilled].find((order) => order.orderId === orderId) };

describe('an order protects a position', () => {
  it.each([
    ['a stop of an entry that has filled', 'stop_loss', 'ndentry', true],
    ['a target of it', 'take_profit', 'ndentry', true],
    ['what closes it', 'close', 'ndentry', true],
    ['a stop of an entry that holds nothing', 'stop_loss', 'ndidle', false],
    ['a stop whose entry is not known', 'stop_loss', 'ndgone', false],
    ['what clears the way of an entry', 'reduce', 'ndentry', false],
    ['an entry', 'entry', 'ndentry', false],
    ['what a signal asked for', undefined, 'ndentry', false],
    ['a stop that belongs to no entry', 'stop_loss', undefined, false],
  ] as const)('%s: %s of %s is %s', async (_name, role, parentId, expected) => {
    const order = { ...(role && { role }), ...(parentId && { parentId: parentId as IntentId }) };
    expect(await isProtecting(order, stored)).toBe(expected);
  });

  it('as its entry is known, which is then not asked for', async () => {
    const stop = { role: 'stop_loss' as const, parentId: entry.orderId };
    const known = new Map([[entry.orderId, { ...entry, filled: amount('0') }]]);
    expect(await isProtecting(stop, stored, known)).toBe(false);
  });
});

it.each([
  ['canceled', false],
  ['filled', false],
  ['not_open', false],
  ['unknown', true],
  ['pending', true],
  ['failed', true],
] as const)('an order reported as %s may be open: %s', (outcome, expected) => {
  expect(mayBeOpen({ outcome })).toBe(expected);
});
