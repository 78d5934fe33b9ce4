import { amount, metricNames, type Order, price, VenueError, type VenuePort } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { createReconcileDesk, type ReconcileDesk, shown } from '../../support/reconcile-desk.ts';

/** The same venue with some answers of its own. */
const answering = (venue: VenuePort, change: Partial<VenuePort>): VenuePort =>
  new Proxy(venue, {
    get: (target, key) => {
      const member: unknown = Reflect.get(change, key) ?? Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });

describe('an account in which only the desk trades', () => {
  it('agrees from its first look on, and is worth what it has', async () => {
    const desk = await createReconcileDesk();
    await desk.place({ side: 'buy', size: '2' });
    const opened = await desk.look();
    expect(opened).toMatchObject({ status: 'agrees', differences: [], unansweredLooks: 0 });
    await desk.place({ side: 'sell', size: '1' });
    await desk.place({ symbol: 'BTC/USDT:USDT', side: 'buy', size: '3' });
    const books = await desk.nextLook();
    expect([books.status, shown(books)]).toEqual(['agrees', []]);
    expect(books.rates).toMatchObject({ BTC: '99.995', USDT: '1' });
    expect(desk.tables.risk.get('main')?.figures?.equity).toBe(books.marks?.equity);
    expect(desk.told()).toEqual([]);
  });

  it('counts positions at the prices of now, and writes only what has changed by more than a share', async () => {
    const desk = await createReconcileDesk();
    await desk.place({ side: 'buy', size: '2' });
    await desk.look();
    expect(desk.tables.positions.get('main BTC/USDT')).toMatchObject({
      exposure: { notional: '199.99' },
      valuations: 1,
    });
    desk.venue.setPrice('BTC/USDT', price('100.4'));
    await desk.nextLook();
    expect(desk.tables.positions.get('main BTC/USDT')?.valuations).toBe(1);
    desk.venue.setPrice('BTC/USDT', price('110'));
    await desk.nextLook();
    expect(desk.tables.positions.get('main BTC/USDT')).toMatchObject({
      exposure: { notional: '219.99' },
      valuations: 2,
    });
  });
});

/** Has the desk take an order for canceled, and for settled, with nothing filled. */
async function conclude(desk: ReconcileDesk, order: Order): Promise<void> {
  const atMs = desk.clock.nowMs();
  const shownAs = { venueOrderId: order.venueOrderId ?? raise(), status: 'canceled' as const, filled: amount('0') };
  const settling = await desk.orders.apply(order, {
    type: 'order.observed',
    atMs,
    order: { ...shownAs, fills: [] },
  });
  await desk.orders.apply(settling, { type: 'order.settled', atMs });
}

describe('a fill that nobody noticed', () => {
  it('of an order that is over here is booked from the trades of the venue, and told once', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const order = await desk.place({ side: 'buy', size: '2', limit: '90' });
    await conclude(desk, order);
    desk.venue.fillSome(order.orderId, amount('1'));
    await desk.nextLook();
    expect(desk.quantityOf('BTC/USDT')).toBe('1');
    expect(desk.told()).toEqual([`missed_fill ${order.orderId}`]);
    const books = await desk.nextLook();
    expect([books.status, desk.told().length]).toEqual(['agrees', 1]);
  });

  it('of orders of several markets is found by reading the recent orders once', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const markets = ['BTC/USDT', 'ETH/USDT'];
    const orders = await Promise.all(
      markets.map((symbol) => desk.place({ symbol, side: 'buy', size: '2', limit: '90' })),
    );
    for (const order of orders) {
      await conclude(desk, order);
      desk.venue.fillSome(order.orderId, amount('1'));
    }
    const asked: unknown[] = [];
    const { list } = desk.orders;
    desk.orders.list = (query) => {
      asked.push(query.symbol);
      return list(query);
    };
    await desk.nextLook();
    expect(markets.map((symbol) => desk.quantityOf(symbol))).toEqual(['1', '1']);
    expect(desk.told().toSorted()).toEqual(orders.map(({ orderId }) => `missed_fill ${orderId}`).toSorted());
    expect(asked).toEqual([undefined]);
  });

  it('of an order that rests is followed without a word, as tracking would have', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const order = await desk.place({ side: 'buy', size: '2', limit: '90' });
    desk.venue.setPrice('BTC/USDT', price('89'));
    await desk.nextLook();
    expect([desk.quantityOf('BTC/USDT'), desk.tables.orders.get(order.orderId)?.state]).toEqual(['2', 'filled']);
    expect(shown(await desk.nextLook())).toEqual([]);
    expect(desk.told()).toEqual([]);
  });

  it('that balances show minutes before the order does is waited for, and is no drift', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const order = await desk.place({ side: 'buy', size: '2', limit: '90' });
    desk.venue.fillLagMs = 200_000;
    desk.venue.fillSome(order.orderId, amount('1'));
    desk.venue.fillLagMs = 0;
    for (let minute = 0; minute < 3; minute++) await desk.nextLook();
    expect(desk.told()).toEqual([]);
    await desk.nextLook();
    expect([desk.quantityOf('BTC/USDT'), shown(await desk.nextLook())]).toEqual(['1', []]);
    expect(desk.told()).toEqual([]);
  });
});

describe('an order that only one of the two has', () => {
  it('is settled by asking about it where the venue tells', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const order = await desk.place({ side: 'buy', size: '2', limit: '90' });
    desk.venue.cancel(order.orderId);
    await desk.nextLook();
    expect(desk.tables.orders.get(order.orderId)?.state).toBe('canceled');
    expect(desk.told()).toEqual([]);
  });

  it('is told at the second look at which the venue does not show it, and settled when it does', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const order = await desk.place({ side: 'buy', size: '2', limit: '90' });
    const hiding = answering(desk.venue, { fetchOpenOrders: async () => [] });
    desk.venue.faults = { find: () => ({ kind: 'absent' }) };
    expect(shown(await desk.nextLook(hiding))).toEqual([`suspected lost_order ${order.orderId}`]);
    const books = await desk.nextLook(hiding);
    expect([books.status, shown(books)]).toEqual(['differs', [`confirmed lost_order ${order.orderId}`]]);
    desk.venue.faults = {};
    expect(shown(await desk.nextLook())).toEqual([]);
    expect(desk.eventsOf().at(-1)).toMatchObject({ type: 'books.settled', data: { kind: 'lost_order' } });
  });

  it('that the desk had given up is followed again', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const order = await desk.record({ side: 'buy', size: '2', limit: '90' });
    const cause = { code: 'order_not_found', message: 'no such order' };
    await desk.orders.apply(order, { type: 'order.absent', atMs: desk.clock.nowMs(), cause });
    await desk.send(order);
    await desk.nextLook();
    expect(desk.tables.orders.get(order.orderId)?.state).toBe('open');
    expect(desk.told()).toEqual([`lost_order ${order.orderId}`]);
  });

  it('is not taken for an outsider’s while an order with its terms is in doubt', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const order = await desk.record({ side: 'buy', size: '2', limit: '90' });
    const nameless = { ...order, orderId: 'x-somehow' as typeof order.orderId };
    await desk.send(nameless);
    for (let minute = 0; minute < 3; minute++) expect(shown(await desk.look())).toEqual([]);
  });
});

describe('somebody else with the key', () => {
  it('is found by an order of his that rests, which is told once and settled when it is gone', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const order = desk.venue.placeAsOutsider({
      ...{ symbol: 'BTC/USDT', side: 'buy', type: 'limit', amount: amount('2'), price: price('90') },
    });
    expect(shown(await desk.nextLook())).toEqual([`suspected outsider_order ${order.venueOrderId}`]);
    expect((await desk.nextLook()).status).toBe('differs');
    await desk.nextLook();
    expect(desk.told()).toEqual([`outsider_order ${order.venueOrderId}`]);
    desk.venue.cancel(order.request.clientOrderId);
    expect((await desk.nextLook()).status).toBe('agrees');
  });

  it.each([
    [true, 'BTC/USDT'],
    [false, 'BTC/USDT'],
    [true, 'BTC/USDT:USDT'],
    [false, 'BTC/USDT:USDT'],
  ])(
    'is found by his trades (all markets at once: %s) in %s, which explain what differs',
    async (tradesOfAllMarkets, symbol) => {
      const desk = await createReconcileDesk({ tradesOfAllMarkets });
      await desk.place({ symbol, side: 'buy', size: '1' });
      await desk.look();
      desk.clock.advance(1);
      desk.venue.placeAsOutsider({ symbol, side: 'buy', type: 'market', amount: amount('2') });
      expect(shown(await desk.nextLook())).toEqual([`suspected outsider_fill ${symbol} 2`]);
      await desk.nextLook();
      expect(shown(await desk.nextLook())).toEqual([`confirmed outsider_fill ${symbol} 2`]);
      expect(desk.told()).toEqual([`outsider_fill ${symbol} 2`]);
      expect(desk.telemetry.counts.get(metricNames.outsidersConfirmed)).toBe(1);
      await desk.setSwitch('active', 'risk');
      expect((await desk.nextLook()).status).toBe('agrees');
    },
  );

  it('is found by a position that no trade explains', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const symbol = 'BTC/USDT:USDT';
    desk.clock.advance(1);
    desk.venue.placeAsOutsider({ symbol, side: 'sell', type: 'market', amount: amount('2') });
    const silent = answering(desk.venue, { fetchOwnTrades: async () => [] });
    await desk.nextLook(silent);
    const books = await desk.nextLook(silent);
    expect(shown(books)).toEqual([`confirmed outsider_position ${symbol} -2`]);
    // The trade is told later: it is what the position was.
    await desk.nextLook();
    expect(shown(await desk.nextLook())).toEqual([`confirmed outsider_fill ${symbol} -2`]);
  });
});

describe('money that came or went', () => {
  it('is recorded where the venue tells of it, and taken out of profit and loss', async () => {
    const desk = await createReconcileDesk();
    const { marks } = await desk.look();
    desk.venue.account.deposit({ asset: 'USDT', amount: '500' });
    desk.venue.account.withdraw({ asset: 'USDT', amount: '100', fee: '1' });
    const books = await desk.nextLook();
    expect(desk.told()).toEqual(['deposit USDT 500', 'withdrawal USDT 100']);
    expect([books.status, books.marks?.dayTransfers, books.marks?.dailyLoss]).toEqual(['agrees', '399', '0']);
    expect(books.marks?.equity).not.toBe(marks?.equity);
    await desk.nextLook();
    expect(desk.told().length).toBe(2);
  });

  it('is no drift while it is under way', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const id = desk.venue.account.withdraw({ asset: 'USDT', amount: '100', status: 'pending' });
    for (let minute = 0; minute < 5; minute++) {
      expect(shown(await desk.nextLook())).toEqual(['suspected withdrawal USDT -100']);
    }
    desk.venue.account.arrive(id);
    expect(shown(await desk.nextLook())).toEqual([]);
    expect(desk.told()).toEqual(['withdrawal USDT 100']);
  });

  it('is drift where nothing explains it: told once, counted until a person has taken note', async () => {
    const desk = await createReconcileDesk({ risk: { breakers: { drift: { limit: '100' } } } });
    await desk.look();
    desk.venue.account.drift({ asset: 'BTC', amount: '-3' });
    expect(shown(await desk.nextLook())).toEqual(['suspected drift BTC -3']);
    const books = await desk.nextLook();
    expect(books).toMatchObject({ status: 'differs', differences: [{ state: 'confirmed', worth: '299.985' }] });
    expect(desk.tables.risk.get('main')).toMatchObject({ state: 'halted', by: 'breaker:drift' });
    await desk.nextLook();
    expect(desk.told()).toEqual(['drift BTC -3']);
    await desk.setSwitch('active', 'risk');
    expect((await desk.nextLook()).status).toBe('agrees');
    await desk.nextLook();
    expect(desk.tables.risk.get('main')?.state).toBe('active');
  });

  it('that nothing explained is settled by a transfer that is told late', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const silent = answering(desk.venue, { fetchTransfers: async () => [] });
    desk.venue.account.deposit({ asset: 'BTC', amount: '3' });
    await desk.nextLook(silent);
    expect((await desk.nextLook(silent)).status).toBe('differs');
    desk.clock.advance(300_000);
    expect((await desk.nextLook()).status).toBe('agrees');
    expect(shown(await desk.nextLook())).toEqual([]);
  });

  it('is taken over where it is dust, and not where it cannot be valued', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    desk.venue.account.drift({ asset: 'BTC', amount: '0.001' });
    desk.venue.account.drift({ asset: 'NOPE', amount: '0.001' });
    await desk.nextLook();
    expect(shown(await desk.nextLook())).toEqual(['confirmed drift NOPE 0.001']);
    expect(desk.told()).toEqual(['dust BTC 0.001', 'drift NOPE 0.001']);
  });

  it('is moved where it left one wallet and came to another', async () => {
    const wallets = [
      { name: 'spot', kinds: ['spot'], countsOpenProfit: false },
      { name: 'futures', kinds: ['perpetual'], countsOpenProfit: false },
    ] as const;
    const desk = await createReconcileDesk({ wallets });
    await desk.look();
    desk.venue.account.move('USDT', '500', { from: 'spot', to: 'futures' });
    await desk.nextLook();
    expect((await desk.nextLook()).status).toBe('agrees');
    expect(desk.told().sort()).toEqual(['deposit USDT 500', 'withdrawal USDT -500']);
  });

  it('is counted to the position where it was funding', async () => {
    const desk = await createReconcileDesk();
    const market = desk.tables.markets.get('fake BTC/USDT:USDT') ?? raise();
    await desk.place({ symbol: market.symbol, side: 'buy', size: '2' });
    await desk.look();
    desk.clock.advance(1);
    desk.venue.account.payFunding(market, '-1.5');
    expect(shown(await desk.nextLook())).toEqual([]);
    await desk.nextLook();
    expect(desk.tables.positions.get(`main ${market.symbol}`)?.funding).toEqual({ USDT: '-1.5' });
    expect(desk.eventsOf().filter(({ type }) => type === 'books.funding').length).toBe(1);
  });

  it('cannot be told from drift where funding is not told, so that it is none', async () => {
    const desk = await createReconcileDesk();
    const market = desk.tables.markets.get('fake BTC/USDT:USDT') ?? raise();
    desk.venue.account.tellsFunding = false;
    await desk.place({ symbol: market.symbol, side: 'buy', size: '2' });
    await desk.look();
    desk.venue.account.payFunding(market, '-1.5');
    for (let minute = 0; minute < 4; minute++) expect((await desk.nextLook()).status).toBe('agrees');
  });
});

describe('a venue that does not answer', () => {
  it.each([
    'fetchBalances',
    'fetchPositions',
    'fetchOpenOrders',
    'fetchOwnTrades',
    'fetchTransfers',
    'fetchTickers',
  ] as const)('leaves everything as it was where %s has no answer, and says why', async (question) => {
    const desk = await createReconcileDesk();
    const before = await desk.look();
    const figures = desk.tables.risk.get('main')?.figures;
    desk.clock.advance(300_000);
    desk.venue.faults = { ask: (asked) => asked === question };
    const books = await desk.look();
    expect(books).toMatchObject({ status: 'unanswered', unansweredLooks: 1, cause: { code: 'timeout' } });
    expect([books.answeredAtMs, books.balances]).toEqual([before.answeredAtMs, before.balances]);
    expect(desk.tables.risk.get('main')?.figures).toEqual(figures);
    await desk.nextLook();
    await desk.nextLook();
    desk.venue.faults = {};
    expect(await desk.nextLook()).toMatchObject({ status: 'agrees', unansweredLooks: 0 });
    const types = desk.eventsOf().map(({ type }) => type);
    expect(types).toEqual(['books.opened', 'books.unanswered', 'books.answered']);
  });

  it.each([
    ['null', null],
    ['NaN', 'NaN'],
    ['nothing', undefined],
    ['a number', 1],
  ])('in figures has not answered: a total of %s', async (_name, total) => {
    const desk = await createReconcileDesk();
    await desk.look();
    const odd = answering(desk.venue, { fetchBalances: async () => [{ asset: 'BTC', total: total as never }] });
    expect(await desk.nextLook(odd)).toMatchObject({ status: 'unanswered', cause: { code: 'bad_answer' } });
  });

  it('that tells a balance twice has not answered; one that tells none of an asset says that there is nothing', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const twice = { asset: 'BTC', total: amount('1') };
    const odd = answering(desk.venue, { fetchBalances: async () => [twice, twice] });
    expect(await desk.nextLook(odd)).toMatchObject({ status: 'unanswered', cause: { code: 'bad_answer' } });
    const none = answering(desk.venue, {
      fetchBalances: async () => (await desk.venue.fetchBalances()).filter(({ asset }) => asset !== 'ETH'),
    });
    expect(shown(await desk.nextLook(none))).toEqual(['suspected drift ETH -1000000000']);
    const debt = answering(desk.venue, {
      fetchBalances: async () => [...(await desk.venue.fetchBalances()), { asset: 'XRP', total: amount('-5') }],
    });
    expect(shown(await desk.nextLook(debt))).toEqual(['suspected drift XRP -5']);
  });

  it('from the first look on has books all the same', async () => {
    const desk = await createReconcileDesk();
    desk.venue.faults = { ask: () => true };
    expect(await desk.look()).toMatchObject({ status: 'unanswered', answeredAtMs: 0 });
    desk.venue.faults = {};
    expect(await desk.nextLook()).toMatchObject({ status: 'agrees' });
    expect(desk.eventsOf().map(({ type }) => type)).toEqual(['books.opened']);
  });
});

describe('two looks', () => {
  it('at once are written once, and the other one ends quietly', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    desk.venue.account.deposit({ asset: 'USDT', amount: '500' });
    desk.clock.advance(60_000);
    await Promise.all([desk.look(), desk.look()]);
    expect(desk.told()).toEqual(['deposit USDT 500']);
    expect(desk.telemetry.lines.join()).toContain('another look was written first');
  });

  it('of which the first died before it was written tell the same once', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    desk.venue.account.deposit({ asset: 'USDT', amount: '500' });
    desk.clock.advance(60_000);
    const dying = answering(desk.venue, {
      fetchTickers: async () => {
        throw new TypeError('the machine is gone');
      },
    });
    await expect(desk.look(dying)).rejects.toThrow('the machine is gone');
    await desk.look();
    expect(desk.told()).toEqual(['deposit USDT 500']);
  });

  it('for one plan are one', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    const { version } = await desk.look();
    expect(version).toBe(1);
  });
});

it('asks a venue again that refused the key in words, and says so', async () => {
  const desk = await createReconcileDesk();
  const refusing = answering(desk.venue, {
    fetchBalances: async () => {
      throw new VenueError('fake', 'no such key', { code: 'authentication_failed' });
    },
  });
  expect(await desk.look(refusing)).toMatchObject({ status: 'unanswered', cause: { code: 'authentication_failed' } });
});

function raise(): never {
  throw new Error('it is not there');
}
