import {
  add,
  allotHeld,
  amount,
  compare,
  type ExitView,
  entryPositionOf,
  type IntentId,
  notional,
  zeroAmount,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { fakeAbilities } from '../../support/fake-order.ts';
import { btcUsdt } from '../../support/markets.ts';
import { fill, intended, orderAfter } from '../../support/orders.ts';
import fc from '../../support/property.ts';

const entryOf = (orderId: string, left: string) => ({ orderId: orderId as IntentId, left: amount(left) });

describe('what an account holds of a position', () => {
  it.each([
    ['5', ['2', '3']],
    ['9', ['2', '3']],
    ['4', ['1', '3']],
    ['1', ['0', '1']],
    ['0', ['0', '0']],
  ])('of %s leaves the older and the newer entry %s', (held, shares) => {
    const allotted = allotHeld(amount(held), [entryOf('older', '2'), entryOf('newer', '3')]);
    expect([...allotted.values()].reverse()).toEqual(shares);
  });

  it('is never shared out twice, and no entry gets more than it opened', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000 }), sizes, (held, lefts) => {
        const entries = lefts.map((left, index) => entryOf(String(index), String(left)));
        const shares = allotHeld(amount(String(held)), entries);
        const total = [...shares.values()].reduce(add, zeroAmount);
        expect(Number(total)).toBe(
          Math.min(
            held,
            lefts.reduce((sum, left) => sum + left, 0),
          ),
        );
        for (const { orderId, left } of entries)
          expect(compare(shares.get(orderId) ?? '-1', left)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

it('fills that the venue has not told yet are taken to have cost as much in fees as the others', () => {
  const told = { ...fill('1', '1'), fee: { asset: 'BTC', amount: amount('0.001') } };
  const entry = { ...orderAfter(intended), filled: amount('4'), cost: notional('400'), fills: [told] };
  const view: ExitView = { entry, orders: [], market: btcUsdt, abilities: fakeAbilities(btcUsdt), nowMs: 0 };
  expect(entryPositionOf(view)).toEqual({ opened: '3.996', size: '3.996', isCut: false });
});
