import {
  type AccountId,
  amount,
  type Books,
  booksFor,
  createOwners,
  doubtsOf,
  isMissedFill,
  leaveUnanswered,
  noticedWithinMs,
  type Order,
  type OrderTrace,
  observedByTrades,
  price,
  reconcile,
  type VenueId,
  type VenueOrderId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { fill, intended, intent, observed, orderAfter } from '../../../support/orders.ts';
import { deskOf, looks, openOrder, trade, venueOf } from '../../../support/reconcile-views.ts';

const resting = {
  type: 'order.intended' as const,
  atMs: 1_500,
  intent: { ...intent, type: 'limit' as const, price: price('90') },
};
const doubtful = orderAfter(resting);
const open = orderAfter(resting, observed('open', '0'));
const filled = orderAfter(intended, observed('filled', '2', [fill('t1'), fill('t2')]));
const form = (orderId: string) => `form-${orderId}`;

const ownersOf = (...orders: Order[]) => createOwners(deskOf({ orders }), { clientOrderIdOf: form });

const trace = (change: Partial<OrderTrace> = {}): OrderTrace => ({
  ...{ symbol: 'BTC/USDT', side: 'buy', venueOrderId: 'other' as VenueOrderId, amount: '2', isWhole: true },
  ...change,
});

describe('whose something at the venue is', () => {
  const waiting = orderAfter({ ...resting, intent: { ...resting.intent, handling: 'emulated' as const } });
  const { amount: _size, ...sizeless } = doubtful;

  it.each<[string, Order, Partial<OrderTrace>, string]>([
    ['by the venue’s id', open, { venueOrderId: 'v1' as VenueOrderId }, 'desk'],
    ['by the desk’s id', open, { clientOrderId: open.orderId }, 'desk'],
    ['by the desk’s id as the venue has it', open, { clientOrderId: form(open.orderId) }, 'desk'],
    [
      'not by the same id in another market',
      open,
      { venueOrderId: 'v1' as VenueOrderId, symbol: 'ETH/USDT' },
      'outsider',
    ],
    ['not by an id of somebody', open, { clientOrderId: 'web_1' }, 'outsider'],
    ['perhaps, where an order in doubt has its terms', doubtful, { price: '90' }, 'perhaps_desk'],
    ['perhaps, where no price is told', doubtful, {}, 'perhaps_desk'],
    ['perhaps, where the order has none', orderAfter(intended), { price: '91' }, 'perhaps_desk'],
    ['perhaps, where the order’s size is not known', sizeless as Order, {}, 'perhaps_desk'],
    ['not at another price', doubtful, { price: '91' }, 'outsider'],
    ['not on the other side', doubtful, { side: 'sell' }, 'outsider'],
    ['not of another size', doubtful, { amount: '1' }, 'outsider'],
    [
      'perhaps, where it is an execution of a part',
      doubtful,
      { amount: '1', isWhole: false, price: '89' },
      'perhaps_desk',
    ],
    ['not where it is an execution of more', doubtful, { amount: '3', isWhole: false }, 'outsider'],
    ['not of an order that waits at the desk', waiting, {}, 'outsider'],
    ['not of an order that is over', filled, {}, 'outsider'],
  ])('%s', (_name, order, change, kind) => {
    expect(ownersOf(order).ownerOf(trace(change)).kind).toBe(kind);
  });

  it('goes by the newest that is known of an order', () => {
    const owners = createOwners(
      deskOf({ orders: [open] }, { looks: [{ before: doubtful, after: doubtful, isShown: false }] }),
      { clientOrderIdOf: form },
    );
    expect(owners.orders).toEqual([open]);
  });
});

describe('an order has to be looked at', () => {
  const doubts = (
    orders: Order[],
    openOrders: Parameters<typeof openOrder>[0][],
    trades: Parameters<typeof trade>[0][] = [],
  ) =>
    doubtsOf(orders, { openOrders: openOrders.map(openOrder), trades: trades.map(trade) }, ownersOf(...orders)).map(
      ({ reason }) => reason,
    );
  const v1 = { venueOrderId: 'v1' as VenueOrderId };

  it.each<[string, Order[], Parameters<typeof openOrder>[0][], Parameters<typeof trade>[0][], string[]]>([
    ['not where both agree', [open], [v1], [], []],
    ['where the venue does not list it', [open], [], [], ['the venue does not list it among the open ones']],
    [
      'where more of it is filled',
      [open],
      [{ ...v1, filled: amount('1') }],
      [],
      ['more of it is filled than is known'],
    ],
    ['where it is over here', [filled], [v1], [], ['it is filled, and open at the venue']],
    [
      'where a trade of it is not known',
      [filled],
      [],
      [{ ...v1, tradeId: 't3' }],
      ['the venue tells trades of it that are not known'],
    ],
    [
      'once, for all of its trades',
      [filled],
      [],
      [
        { ...v1, tradeId: 't3' },
        { ...v1, tradeId: 't4' },
      ],
      ['the venue tells trades of it that are not known'],
    ],
    ['not for trades that are known', [filled], [], [{ ...v1, tradeId: 't1' }], []],
    ['not for what is somebody else’s', [open], [v1, {}], [{}], []],
    [
      'not where it has a trigger, which venues list elsewhere',
      [{ ...open, type: 'stop_limit', triggerPrice: price('91') }],
      [],
      [],
      [],
    ],
    ['not while nobody knows whether the venue has it', [doubtful], [], [], []],
  ])('%s', (_name, orders, openOrders, trades, expected) => {
    expect(doubts(orders, openOrders, trades)).toEqual(expected);
  });
});

describe('trades of an order', () => {
  const v1 = { venueOrderId: 'v1' as VenueOrderId };

  it('show it as filled as they add up to', () => {
    const told = [
      trade({ ...v1, tradeId: 't1' }),
      trade({ ...v1, tradeId: 't2', fee: { asset: 'USDT', amount: amount('0.1') } }),
    ];
    const { fee: _none, ...plain } = fill('t1');
    expect(observedByTrades(open, told)).toEqual({
      ...{ ...v1, status: 'open', filled: '2' },
      fills: [
        { ...plain, atMs: 1 },
        { ...fill('t2'), atMs: 1 },
      ],
    });
    expect(observedByTrades(filled, told)).toBeUndefined();
    expect(observedByTrades(open, [])).toBeUndefined();
  });

  it.each(['filled', 'canceled', 'expired', 'rejected'] as const)(
    'leave one that is %s at that, and take nothing back',
    (status) => {
      const over = orderAfter(intended, observed(status, '2', [fill('t1')]));
      const told = observedByTrades(over, [trade({ ...v1, tradeId: 't2', amount: amount('0.5') })]);
      expect(told).toMatchObject({ status: over.state, filled: '2' });
    },
  );

  it('are a fill that was missed where nobody would have noticed in time', () => {
    const late = { nowMs: 2_000 + noticedWithinMs + 1, wasTracked: true };
    const part = orderAfter(intended, observed('open', '1', [fill('t1')]));
    expect(isMissedFill(part, filled, { nowMs: 2_000, wasTracked: true })).toBe(false);
    expect(isMissedFill(part, filled, { nowMs: 2_000, wasTracked: false })).toBe(true);
    expect(isMissedFill(part, filled, late)).toBe(true);
    expect(isMissedFill(filled, filled, late)).toBe(false);
  });
});

describe('what the venue has not told in full yet', () => {
  const perpetual = 'BTC/USDT:USDT';
  const orders = (change: Partial<Order>) => [{ ...open, ...change }];
  const at = (
    balances: Record<string, Record<string, string>>,
    change: Partial<Order>,
    rates?: Record<string, string>,
  ) => ({
    desk: deskOf({ orders: orders(change) }),
    venue: venueOf(balances, {
      openOrders: [openOrder({ venueOrderId: 'v1' as VenueOrderId, symbol: change.symbol ?? 'BTC/USDT' })],
    }),
    ...(rates && { rates: rates as never }),
  });
  const start = (change: Partial<Order>) => at({ spot: { BTC: '1', USDT: '200' }, futures: { USDT: '200' } }, change);
  const { price: _none, ...atMarket } = open;

  it.each<
    [string, Record<string, Record<string, string>>, Partial<Order>, Record<string, string> | undefined, boolean]
  >([
    [
      'a purchase of no more than is left',
      { spot: { BTC: '3', USDT: '200' }, futures: { USDT: '200' } },
      {},
      undefined,
      true,
    ],
    ['more than is left', { spot: { BTC: '3.1', USDT: '200' }, futures: { USDT: '200' } }, {}, undefined, false],
    ['the other way', { spot: { BTC: '0.5', USDT: '200' }, futures: { USDT: '200' } }, {}, undefined, false],
    ['what it costs', { spot: { BTC: '1', USDT: '15' }, futures: { USDT: '200' } }, {}, undefined, true],
    [
      'what a sale brings',
      { spot: { BTC: '1', USDT: '380' }, futures: { USDT: '200' } },
      { side: 'sell' },
      undefined,
      true,
    ],
    [
      'what a contract makes',
      { spot: { BTC: '1', USDT: '200' }, futures: { USDT: '290' } },
      { symbol: perpetual },
      undefined,
      true,
    ],
    [
      'what nobody can value',
      { spot: { BTC: '1', USDT: '150' }, futures: { USDT: '200' } },
      { ...atMarket, price: undefined as never },
      {},
      false,
    ],
    [
      'what a contract makes that nobody can value',
      { spot: { BTC: '1', USDT: '200' }, futures: { USDT: '290' } },
      { symbol: perpetual, price: undefined as never },
      {},
      false,
    ],
    [
      'what the market makes of it',
      { spot: { BTC: '1', USDT: '10' }, futures: { USDT: '200' } },
      { price: undefined as never },
      undefined,
      true,
    ],
    [
      'an order without a size',
      { spot: { BTC: '3', USDT: '200' }, futures: { USDT: '200' } },
      { amount: undefined as never },
      undefined,
      false,
    ],
  ])('explains %s', (_what, balances, change, rates, isExplained) => {
    const later = at(balances, change, rates);
    const { books } = looks(start(change), later, later);
    expect(books.status).toBe(isExplained ? 'agrees' : 'differs');
    expect(books.differences.length).toBe(1);
  });

  it('in a market that no wallet pays for explains nothing', () => {
    const odd = { ...doubtful, symbol: 'BTC/USDT:USDT-270326' };
    const calm = { desk: deskOf({ orders: [odd] }), venue: venueOf({ spot: { BTC: '1' } }) };
    const less = { desk: deskOf({ orders: [odd] }), venue: venueOf({}) };
    expect(looks(calm, less, less).books.status).toBe('differs');
  });
});

describe('looks at orders', () => {
  const venue = venueOf({ spot: { BTC: '1' } });
  const calm = { desk: deskOf(), venue };
  const row = { state: 'active' as const, by: 'risk', reason: 'looked into it', updatedAtMs: 10 * 60_000 };

  it('tell a fill that the venue hides in the order as missed', () => {
    const looked = [{ before: open, after: filled, isShown: true, isHiding: true }];
    expect(looks(calm, { desk: deskOf({}, { looks: looked }), venue }).told.at(-1)).toContain('missed_fill nd0001');
    const followed = [{ before: open, after: { ...filled, fills: [] }, isShown: true }];
    expect(looks(calm, { desk: deskOf({}, { looks: followed }), venue }).told).toEqual(['books.opened']);
  });

  it('say which orders only one of the two has', () => {
    const lost = { desk: deskOf({ orders: [open] }), venue };
    const { actions, books } = looks(calm, lost);
    expect(actions).toEqual([
      { kind: 'look_at_order', orderId: 'nd0001', reason: 'only one of the desk and the venue has it' },
    ]);
    expect(books.status).toBe('agrees');
    expect(looks(calm, lost, lost, lost).told).toEqual(['books.opened', 'books.difference lost_order nd0001']);
    const shown = {
      desk: deskOf({ orders: [open] }, { looks: [{ before: open, after: open, isShown: true }] }),
      venue,
    };
    expect(looks(calm, lost, lost, shown).told.at(-1)).toBe('books.settled lost_order nd0001');
  });

  it('wait while an order at the venue may be one in doubt', () => {
    const perhaps = {
      desk: deskOf({ orders: [doubtful] }),
      venue: { ...venue, openOrders: [openOrder({ amount: amount('2') })] },
    };
    expect(looks(calm, perhaps, perhaps).books.differences).toEqual([]);
    const traded = { desk: deskOf({ orders: [doubtful] }), venue: { ...venue, trades: [trade({ atMs: 61_000 })] } };
    expect(looks(calm, traded, traded).books.differences).toEqual([]);
  });

  it.each([
    ['a person, later', row, 'agrees'],
    ['a person, before', { ...row, updatedAtMs: 0 }, 'differs'],
    ['a breaker', { ...row, by: 'breaker:drift' }, 'differs'],
    ['nobody yet', { ...row, by: 'nightdesk' }, 'differs'],
    ['a person who lets nothing pass', { ...row, state: 'halted' as const }, 'differs'],
  ])('settle drift by the switch of %s', (_who, set, status) => {
    const gone = { desk: deskOf(), venue: venueOf({}) };
    expect(looks(calm, gone, gone, { ...gone, desk: deskOf({}, { row: set }) }).books.status).toBe(status);
  });

  it('never settle an order by a switch', () => {
    const strange = { desk: deskOf({}, { row }), venue: { ...venue, openOrders: [openOrder()] } };
    expect(looks(calm, strange, strange, strange).books.status).toBe('differs');
  });
});

it('goes on with books of a build that did not say since when they are kept', () => {
  const { books } = looks({ desk: deskOf(), venue: venueOf({ spot: { BTC: '1' } }) });
  const { opened: _since, ...cursors } = books.cursors;
  const venue = { ...venueOf({ spot: { BTC: '1' } }, { trades: [trade({ atMs: 61_000 })] }), askedAtMs: 120_000 };
  const context = {
    account: books.account,
    venue: books.venue,
    nowMs: 120_000,
    rates: {},
    dustBelow: '1' as never,
    clientOrderIdOf: form,
  };
  const next = reconcile({ ...books, cursors }, { desk: deskOf(), venue }, context);
  expect(next.books.differences.map(({ kind }) => kind)).toContain('outsider_fill');
});

it('tells once that a venue does not answer, and keeps all that was known', () => {
  const about = { account: 'main' as AccountId, venue: 'fake' as VenueId, nowMs: 500_000 };
  const cause = { code: 'timeout', message: 'no answer' };
  const { books } = looks({ desk: deskOf(), venue: venueOf({ spot: { BTC: '1' } }) });
  const first = leaveUnanswered(books, cause, about);
  const second = leaveUnanswered(first.books, cause, about);
  const third = leaveUnanswered(second.books, cause, about);
  expect([first, second, third].map(({ events }) => events.length)).toEqual([0, 1, 0]);
  expect(third.books).toMatchObject({
    status: 'unanswered',
    unansweredLooks: 3,
    cause,
    answeredAtMs: 60_000,
    unansweredSinceMs: 500_000,
  });
  expect(third.books.baselines).toEqual(books.baselines);
  expect(leaveUnanswered(undefined, cause, about).books).toMatchObject({ answeredAtMs: 0, version: 0 });
});

it.each<[string, Partial<Books>, boolean]>([
  ['is the same', { mode: 'sandbox' }, true],
  ['was never told its mode', {}, true],
  ['was rehearsed on paper', { mode: 'paper' }, false],
  ['was at another venue', { mode: 'sandbox', venue: 'other' as VenueId }, false],
])('goes on with the books of an account that %s: %j, %s', (_what, change, isKept) => {
  const { books: found } = looks({ desk: deskOf(), venue: venueOf({ spot: { BTC: '1' } }) });
  const books: Books = { ...found, version: 3, sequence: 7, journalHash: 'h', breakers: {}, ...change };
  const account = { id: 'main' as AccountId, venue: found.venue, mode: 'sandbox' as const };
  const kept = booksFor(books, account);
  if (isKept) expect(kept).toBe(books);
  else {
    expect(kept).toMatchObject({ venue: found.venue, version: 3, sequence: 7, journalHash: 'h', baselines: {} });
    expect([kept?.answeredAtMs, kept?.marks]).toEqual([0, undefined]);
  }
  expect(booksFor(undefined, account)).toBeUndefined();
});
