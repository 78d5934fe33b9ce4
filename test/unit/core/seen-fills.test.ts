/** What an order's fills and cost become by answers that tell less than others did, or the same in another way. */
import {
  type Fill,
  notional,
  type Order,
  type OrderEvent,
  positionDelta,
  transition,
  type VenueOrder,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { fill, intended, intent, observed, orderAfter, venueOrder } from '../../support/orders.ts';

const seen = (order: VenueOrder): OrderEvent => ({ type: 'order.observed', atMs: 4_000, order });

function costless(status: VenueOrder['status'], filled: string, fills: Fill[] = []): OrderEvent {
  const { cost: _cost, ...order } = venueOrder(status, filled, fills);
  return seen(order);
}

function feeless(tradeId: string, size?: string): Fill {
  const { fee: _fee, ...rest } = fill(tradeId, size);
  return rest;
}

const idsOf = ({ fills }: Pick<Order, 'fills'>) => fills.map(({ tradeId }) => tradeId);

describe('a fill', () => {
  it('gets its fee when that is told later, and counts it once', () => {
    const before = orderAfter(intended, observed('open', '1', [feeless('a')]));
    const after = orderAfter(intended, observed('open', '1', [feeless('a')]), observed('open', '1', [fill('a')]));
    expect(after.fills).toEqual([fill('a')]);
    expect(positionDelta(before, after)).toMatchObject({ quantity: '0', fees: [fill('a').fee] });
    expect(transition(after, observed('open', '1', [feeless('a')])).kind).toBe('unchanged');
    const next = orderAfter(intended, observed('open', '1', [fill('a')]), observed('filled', '2', [fill('b')]));
    expect(positionDelta(after, next)).toMatchObject({ quantity: '1', fees: [fill('b').fee] });
  });

  it('that the venue calls by another name is no other one where all that is filled is told', () => {
    const order = orderAfter(intended, observed('open', '1', [fill('a')]), observed('open', '1', [fill('other-a')]));
    expect([idsOf(order), order.version]).toEqual([['a'], 2]);
  });

  it('that is told ahead of the order’s total comes with that', () => {
    const ahead = orderAfter(intended, observed('open', '1', [fill('a'), fill('b')]));
    expect(idsOf(ahead)).toEqual(['a']);
    const order = orderAfter(
      ...[intended, observed('open', '1', [fill('a'), fill('b')]), observed('filled', '2', [fill('a'), fill('b')])],
    );
    expect(idsOf(order)).toEqual(['a', 'b']);
  });

  it('may be a little more than what is left of the total: venues round', () => {
    const order = orderAfter(intended, observed('canceled', '1.5', [fill('a'), fill('b', '0.500001')]));
    expect(idsOf(order)).toEqual(['a', 'b']);
  });
});

describe('the cost of an order', () => {
  it('is not left standing by an answer that shows more filled and no cost', () => {
    const order = orderAfter(intended, observed('open', '1'), costless('filled', '2'));
    expect(order).toMatchObject({ filled: '2' });
    expect(order.cost).toBeUndefined();
    const part = orderAfter(intended, observed('open', '1'), costless('filled', '2', [fill('b')]));
    expect(part.cost).toBeUndefined();
  });

  it('is what the fills tell where they tell all of it', () => {
    expect(orderAfter(intended, costless('open', '1', [fill('a')])).cost).toBe('100');
    const inverse: OrderEvent = { type: 'order.intended', atMs: 1_500, intent: { ...intent, symbol: 'BTC/USD:BTC' } };
    expect(orderAfter(inverse, costless('open', '1', [fill('a')])).cost).toBeUndefined();
  });

  it('stays as it is with an older answer, and with one that tells none of the same', () => {
    const order = orderAfter(intended, observed('open', '1'));
    expect(transition(order, costless('open', '1')).kind).toBe('unchanged');
    expect(orderAfter(intended, observed('open', '1'), observed('canceled', '0.5')).cost).toBe('100');
    expect(orderAfter(intended, observed('open', '1'), costless('canceled', '1')).cost).toBe('100');
  });

  it('is taken up when it is told of what is known to be filled, but not of nothing', () => {
    const told = orderAfter(intended, costless('open', '1'), observed('open', '1'));
    expect([told.cost, told.version]).toEqual(['100', 3]);
    const nothing = orderAfter(intended, costless('open', '0'));
    expect(transition(nothing, seen({ ...venueOrder('open', '0'), cost: notional('0') })).kind).toBe('unchanged');
  });

  it('of what was filled in between is not counted for what is filled later', () => {
    const first = orderAfter(intended, observed('open', '0.5'));
    const second = orderAfter(intended, observed('open', '0.5'), costless('open', '1'));
    const third = orderAfter(intended, observed('open', '0.5'), costless('open', '1'), observed('open', '1.5'));
    expect(positionDelta(first, second)).not.toHaveProperty('cost');
    expect(positionDelta(second, third)).not.toHaveProperty('cost');
  });
});
