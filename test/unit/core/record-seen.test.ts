/** Orders that a venue cuts because they may only reduce, and whose position has become smaller. */
import { amount, type Order, price, refreshOrder } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { OrderLab } from '../../support/order-lab.ts';

let lab: OrderLab;

beforeEach(() => {
  lab = new OrderLab();
});

const resting = { type: 'limit', price: price('90') } as const;

/** What the desk knows once the venue has made the order this large, and was asked about it. */
async function cutTo(size: string, changes: Partial<Order>): Promise<Order> {
  const order = await lab.place({ ...resting, ...(changes as object) });
  const [atVenue] = lab.venue.orders;
  if (atVenue === undefined) throw new Error('the venue has no order');
  atVenue.request = { ...atVenue.request, amount: amount(size) };
  return refreshOrder(order, lab.context, lab.ports());
}

describe('an order that may only reduce', () => {
  it('is as large as its venue has cut it to, so that what it does not protect any more is seen', async () => {
    expect(await cutTo('0.5', { reduceOnly: true })).toMatchObject({ state: 'open', amount: '0.5' });
    expect(lab.typesOf().at(-1)).toBe('order.amended');
  });

  it('stays as it is where the venue shows it as large, or larger', async () => {
    expect(await cutTo('3', { reduceOnly: true })).toMatchObject({ state: 'open', amount: '2' });
  });
});

it('any other order stays as large as it was asked for', async () => {
  expect(await cutTo('0.5', {})).toMatchObject({ state: 'open', amount: '2' });
});
