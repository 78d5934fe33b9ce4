import { describe, expect, it } from 'vitest';
import { decimal } from '../../../local/simulators/engine/decimal.ts';
import type { Order } from '../../../local/simulators/engine/types.ts';
import { accepted, createBench } from './support.ts';

const describeOrder = (order: Readonly<Order>) =>
  `${order.status} ${order.executed.toFixed()} of ${order.quantity.toFixed()} for ${order.executedQuote.toFixed()}`;

describe('matching', () => {
  it.each([
    { name: 'a market buy walks up the book', order: 'buy 3 market', extra: {}, result: 'filled 3 of 3 for 302' },
    {
      name: 'a market order larger than the book expires with what it got',
      order: 'buy 9 market',
      extra: {},
      result: 'expired 4 of 9 for 406',
    },
    {
      name: 'a limit order trades at the better resting price',
      order: 'buy 1 @ 105',
      extra: {},
      result: 'filled 1 of 1 for 100',
    },
    {
      name: 'the rest of a limit order stays in the book',
      order: 'buy 2 @ 100',
      extra: {},
      result: 'partial 1 of 2 for 100',
    },
    {
      name: 'a limit order that crosses nothing rests untouched',
      order: 'buy 2 @ 99',
      extra: {},
      result: 'open 0 of 2 for 0',
    },
    {
      name: 'immediate-or-cancel expires the rest',
      order: 'buy 2 @ 100',
      extra: { timeInForce: 'immediate-or-cancel' as const },
      result: 'expired 1 of 2 for 100',
    },
    {
      name: 'fill-or-kill trades nothing when it cannot fill all',
      order: 'buy 9 @ 110',
      extra: { timeInForce: 'fill-or-kill' as const },
      result: 'expired 0 of 9 for 0',
    },
    {
      name: 'fill-or-kill fills when the book holds enough',
      order: 'buy 4 @ 110',
      extra: { timeInForce: 'fill-or-kill' as const },
      result: 'filled 4 of 4 for 406',
    },
  ])('$name', ({ order, extra, result }) => {
    const { place, engine } = createBench();
    accepted(place('bob', 'sell 1 @ 100'));
    accepted(place('bob', 'sell 2 @ 101'));
    accepted(place('cat', 'sell 1 @ 104'));
    const { id } = accepted(place('ann', order, extra));
    const found = engine.orders.byId(id);
    expect(found && describeOrder(found)).toBe(result);
  });

  it('fills equal prices in order of arrival', () => {
    const { place, engine } = createBench();
    const first = accepted(place('bob', 'sell 1 @ 100'));
    const second = accepted(place('cat', 'sell 1 @ 100'));
    accepted(place('ann', 'buy 1 market'));
    expect([first, second].map(({ id }) => engine.orders.byId(id)?.status)).toEqual(['filled', 'open']);
  });

  it('sends an iceberg to the end of its queue when its visible part has traded', () => {
    const { place, engine } = createBench();
    const iceberg = accepted(place('bob', 'sell 5 @ 100', { displayQuantity: decimal('1') }));
    const plain = accepted(place('cat', 'sell 1 @ 100'));
    const { book } = engine.market('AAABBB');
    expect(book.quantityAt('sell', decimal('100')).toFixed()).toBe('2');
    accepted(place('ann', 'buy 2 market'));
    expect(engine.orders.byId(iceberg.id)?.executed.toFixed()).toBe('1');
    expect(engine.orders.byId(plain.id)?.status).toBe('filled');
    accepted(place('ann', 'buy 2.5 market'));
    expect(engine.orders.byId(iceberg.id)?.executed.toFixed()).toBe('3.5');
    expect(book.quantityAt('sell', decimal('100')).toFixed()).toBe('0.5');
  });

  it('spends a quote amount down to less than one step of the base asset', () => {
    const { place, engine } = createBench();
    accepted(place('bob', 'sell 5 @ 33.33'));
    const order = accepted(
      engine.place({
        accountId: 'ann',
        instrumentId: 'AAABBB',
        clientOrderId: 'by-quote',
        side: 'buy',
        execution: 'market',
        timeInForce: 'good-till-canceled',
        quoteQuantity: decimal('100'),
        attributes: {},
      }),
    );
    expect(describeOrder(order)).toBe('filled 3 of 3 for 99.99');
    expect(engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('0');
  });

  it('takes the fee from what is received', () => {
    const { place, engine } = createBench();
    accepted(place('bob', 'sell 2 @ 100'));
    accepted(place('ann', 'buy 2 @ 100'));
    expect(engine.ledger.free('ann', 'AAA').toFixed()).toBe('1001.998');
    expect(engine.ledger.free('ann', 'BBB').toFixed()).toBe('99800');
    expect(engine.ledger.free('bob', 'BBB').toFixed()).toBe('100199.8');
  });

  it('gives back the reserve of a limit order that traded cheaper or was canceled', () => {
    const { place, engine } = createBench();
    accepted(place('bob', 'sell 1 @ 100'));
    const order = accepted(place('ann', 'buy 3 @ 110'));
    expect(engine.ledger.entry('ann', 'BBB').locked.toFixed()).toBe('220');
    engine.cancel(order.id);
    expect(engine.ledger.entry('ann', 'BBB')).toEqual(
      expect.objectContaining({ free: decimal('99900'), locked: decimal('0') }),
    );
  });
});

describe('refusals', () => {
  it.each([
    { name: 'more than the account has', order: 'sell 1001 @ 100', extra: {}, reason: 'insufficient-balance' },
    {
      name: 'a market buy it cannot pay',
      order: 'buy 1 market',
      extra: { accountId: 'pauper' },
      reason: 'insufficient-balance',
    },
    {
      name: 'a client id that an open order has',
      order: 'buy 1 @ 90',
      extra: { clientOrderId: 'taken' },
      reason: 'duplicate-client-order-id',
    },
    {
      name: 'a post-only order that would take',
      order: 'buy 1 @ 100',
      extra: { postOnly: true },
      reason: 'would-take',
    },
    { name: 'a market order without anybody to trade with', order: 'sell 1 market', extra: {}, reason: 'no-liquidity' },
  ])('refuses $name and changes nothing', ({ order, extra, reason }) => {
    const { place, engine, events } = createBench();
    accepted(place('bob', 'sell 1 @ 100', { clientOrderId: 'elsewhere' }));
    accepted(place('ann', 'sell 1 @ 200', { clientOrderId: 'taken' }));
    const eventsBefore = events.length;
    expect(place('ann', order, extra)).toEqual({ ok: false, reason });
    expect(engine.orders.size).toBe(2);
    expect(events.length).toBe(eventsBefore);
  });

  it('lets a client id be used again once its order has ended', () => {
    const { place, engine } = createBench();
    const first = accepted(place('ann', 'buy 1 @ 90', { clientOrderId: 'again' }));
    engine.cancel(first.id);
    const second = accepted(place('ann', 'buy 1 @ 90', { clientOrderId: 'again' }));
    const key = { accountId: 'ann', instrumentId: 'AAABBB', clientOrderId: 'again' };
    expect(engine.orders.byClientOrderId(key)?.id).toBe(second.id);
  });
});

describe('triggers and slices', () => {
  it('sets a stop going when a trade reaches it, and what it does may set off another', () => {
    const { place, engine } = createBench();
    accepted(place('bob', 'buy 1 @ 100'));
    accepted(place('bob', 'buy 1 @ 95'));
    accepted(place('bob', 'buy 5 @ 90'));
    const trigger = (price: string) => ({ trigger: { price: decimal(price), when: 'at-or-below' as const } });
    const first = accepted(place('cat', 'sell 1 market', trigger('100')));
    const second = accepted(place('cat', 'sell 1 market', trigger('95')));
    expect(first.status).toBe('pending');
    accepted(place('ann', 'sell 1 market'));
    expect(engine.orders.byId(first.id)?.fills.map(({ price }) => price.toFixed())).toEqual(['95']);
    expect(engine.orders.byId(second.id)?.fills.map(({ price }) => price.toFixed())).toEqual(['90']);
  });

  it('trades a sliced order in portions until it is done', () => {
    const { place, engine, advance } = createBench();
    accepted(place('bob', 'sell 10 @ 100'));
    const slicing = { ratio: decimal('0.4'), everyMs: 500 };
    const { id } = accepted(place('ann', 'buy 2 market', { slicing }));
    const executed = () => engine.orders.byId(id)?.executed.toFixed();
    expect(executed()).toBe('0.8');
    engine.advanceSlices('AAABBB');
    expect(executed()).toBe('0.8');
    for (const expected of ['1.6', '2']) {
      advance(500);
      engine.advanceSlices('AAABBB');
      expect(executed()).toBe(expected);
    }
    expect(engine.orders.byId(id)?.status).toBe('filled');
  });
});

describe('events', () => {
  it('tells of acceptance, each fill and the balances in that order, with the order as it was then', () => {
    const { place, events } = createBench();
    accepted(place('bob', 'sell 1 @ 100'));
    accepted(place('bob', 'sell 1 @ 101'));
    events.length = 0;
    const { id } = accepted(place('ann', 'buy 2 market'));
    const own = events.filter((event) => event.type === 'order' && event.order.id === id);
    expect(own.map((event) => event.type === 'order' && `${event.action} ${event.order.status}`)).toEqual([
      'accepted open',
      'traded partial',
      'traded filled',
    ]);
    expect(events.at(-1)?.type).toBe('balances');
  });
});
