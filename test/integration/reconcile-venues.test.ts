import { type AccountId, amount, type Order, type Price, price, roundToStep } from '@nightdesk/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { disagreements } from '../support/books-agreement.ts';
import { openSimulatedDesk, type SimulatedDesk, type Wish } from '../support/simulated-desk.ts';
import {
  cancelParams,
  type OutsiderOrder,
  outsiderParams,
  type SimulatedCustomer,
} from '../support/simulated-venues.ts';

const minuteMs = 60_000;
const spot = 'BTC/USDT';
const perpetual = 'BTC/USDT:USDT';
const balances = { USDT: '1000000', BTC: '10' };
const customers: readonly SimulatedCustomer[] = [
  { name: 'bin', venue: 'binance', balances },
  { name: 'kra', venue: 'kraken', balances },
  { name: 'byb', venue: 'bybit', balances },
  { name: 'per', venue: 'bybit', balances },
];
const markets = customers.map((customer) => ({
  ...customer,
  ...{ customer, symbol: customer.name === 'per' ? perpetual : spot },
}));
/** The request that places an order, for faults that are to strike nothing else. */
const placing = { binance: '/api/v3/order', kraken: '/0/private/AddOrder', bybit: '/v5/order/create' } as const;

let desk: SimulatedDesk;
beforeAll(async () => {
  desk = await openSimulatedDesk(customers, { seed: 5 });
});
afterAll(() => desk.close());

describe.each(markets)('an account at the simulated $venue, in $symbol', ({ name, venue, symbol, customer }) => {
  const size = { base: amount('0.01') };
  /**
   * Of a perpetual little enough for dust: somebody else's trades change the price at which the venue says that the position was
   * entered, and with it what the desk's own part makes when it is closed.
   */
  const theirs = symbol === perpetual ? '0.002' : '0.02';
  const placed = { account: name, method: 'POST', path: placing[venue] };
  let known = 0;

  /** After a minute, in which orders are followed once as well. */
  async function nextLook() {
    desk.leap(minuteMs / 2);
    await desk.track();
    desk.leap(minuteMs / 2);
    await desk.look(name);
    return desk.books.get(name as AccountId);
  }
  /** What was told since the test began, as `type kind subject amount`. */
  const news = () =>
    desk
      .eventsOf(name)
      .slice(known)
      // Perpetuals pay at hours of the venue's, which may come while this runs.
      .filter(({ type }) => type !== 'books.funding')
      .map(({ type, data }) => {
        const { kind, subject, asset, amount: by } = data as Record<string, string | undefined>;
        return [type.replace('books.', ''), kind, subject ?? asset, by].filter(Boolean).join(' ');
      });
  const priceAt = async (factor: Price): Promise<Price> => {
    const market = await desk.markets.get(customer.venue as never, symbol);
    if (market === undefined) throw new Error(`${symbol} is not listed`);
    const now = await desk.venueOf(name).fetchPrice(market, 'buy');
    return roundToStep(price(String(Number(now) * Number(factor))), market.priceStep, 'down');
  };
  const trade = (wish: Omit<Wish, 'symbol'>): Promise<Order> => desk.trade(name, { symbol, ...wish } as Wish);
  const outsider = (order: Omit<OutsiderOrder, 'symbol'>) => {
    const params = outsiderParams(venue, { symbol, ...order });
    return desk.control(venue, 'POST', 'outsider', { action: 'order', account: name, params });
  };
  const agrees = async () => {
    // Dust is taken over once two looks have shown it.
    if (symbol === perpetual) for (let look = 0; look < 2; look++) await nextLook();
    expect(await disagreements(desk, customer)).toEqual({});
    expect((await desk.books.get(name as AccountId))?.status).toBe('agrees');
  };
  const noteByPerson = () =>
    desk.risk.setSwitch(name as AccountId, {
      ...{ state: 'active', by: 'risk', reason: 'looked into it', atMs: desk.clock.nowMs() },
    });

  beforeEach(async () => {
    await desk.control(venue, 'DELETE', 'faults');
    await nextLook();
    known = desk.eventsOf(name).length;
  });

  it('agrees while only the desk trades, with orders that rest, fill in parts and are canceled', async () => {
    await trade({ action: 'buy', size });
    const resting = await trade({ action: 'buy', size, type: 'limit', price: await priceAt(price('0.9')) });
    await nextLook();
    const partial = { kind: 'partial-fill', ratio: '0.4', everyMs: 30_000, count: 1, match: placed };
    await desk.control(venue, 'POST', 'faults', partial);
    await trade({ action: 'sell', size, type: 'limit', price: await priceAt(price('0.999')) });
    await desk.look(name);
    await nextLook();
    await trade({ action: 'cancel', orderId: resting.orderId });
    await desk.track();
    await nextLook();
    expect(news()).toEqual([]);
    await agrees();
  });

  it('tells within two looks of an order that somebody else has open, and when it is gone', async () => {
    const limit = await priceAt(price('0.9'));
    await outsider({ side: 'buy', amount: theirs, price: limit });
    await nextLook();
    expect(news()).toEqual([]);
    const books = await nextLook();
    const [found] = books?.differences ?? [];
    expect(news()).toEqual([`difference outsider_order ${found?.subject}`]);
    const params = cancelParams(venue, { symbol, venueOrderId: String(found?.subject) });
    await desk.control(venue, 'POST', 'outsider', { action: 'cancel', account: name, params });
    await nextLook();
    expect(news().slice(1)).toEqual([`settled outsider_order ${found?.subject}`]);
    await agrees();
  });

  it("tells within two looks of somebody else's fills, once, and counts them", async () => {
    for (const side of ['buy', 'sell'] as const) {
      await outsider({ side, amount: theirs });
      await trade({ action: 'buy', size });
      await nextLook();
    }
    await nextLook();
    await nextLook();
    const fills = [`difference outsider_fill ${symbol} ${theirs}`, `difference outsider_fill ${symbol} -${theirs}`];
    expect(news().filter((event) => event.startsWith('difference'))).toEqual(fills);
    await noteByPerson();
    await trade({ action: 'sell', size: { base: amount('0.02') } });
    for (let look = 0; look < 3; look++) await nextLook();
    await agrees();
  });

  it('records what comes in and goes out at the first look, and nothing of it is a difference', async () => {
    const send = (transfer: object) => desk.control(venue, 'POST', 'transfers', { account: name, ...transfer });
    await send({ direction: 'in', asset: 'ETH', amount: '2.5' });
    await send({ direction: 'out', asset: 'USDT', amount: '1000', fee: '1.5' });
    await trade({ action: 'buy', size });
    await nextLook();
    await trade({ action: 'sell', size });
    await nextLook();
    // Bybit's log of transactions has the fee in the amount.
    const left = venue === 'bybit' ? '1001.5' : '1000';
    expect(news().toSorted()).toEqual(['transfer deposit ETH 2.5', `transfer withdrawal USDT ${left}`]);
    await agrees();
  });

  it('waits for a fill that the venue hides for less than a minute, and then has it', async () => {
    const hiding = { kind: 'hide-fill', hideMs: 50_000, count: 1, match: { account: name } };
    await desk.control(venue, 'POST', 'faults', hiding);
    const order = await trade({ action: 'buy', size, type: 'limit', price: await priceAt(price('1.005')) });
    expect(order).toMatchObject({ state: 'open', filled: '0' });
    await desk.look(name);
    await nextLook();
    await nextLook();
    expect(await desk.orders.get(order.orderId)).toMatchObject({ state: 'filled', filled: '0.01' });
    expect(news()).toEqual([]);
    await trade({ action: 'sell', size });
    await nextLook();
    await agrees();
  });

  it('tells at the second look of what nothing explains, and what it was as soon as the venue does', async () => {
    const hiding = { kind: 'hide-fill', hideMs: 150_000, count: 1, match: { account: name } };
    await desk.control(venue, 'POST', 'faults', hiding);
    await outsider({ side: 'buy', amount: theirs });
    await nextLook();
    expect(news()).toEqual([]);
    await nextLook();
    // The venue shows the order as open for as long as it hides that it is filled.
    const unexplained = ['outsider_order', ...(symbol === perpetual ? ['outsider_position'] : ['drift', 'drift'])];
    expect(news().map((event) => event.split(' ')[1])).toEqual(unexplained);
    await nextLook();
    await nextLook();
    const later = news().slice(unexplained.length);
    expect(later.filter((event) => event.startsWith('difference'))).toEqual([
      `difference outsider_fill ${symbol} ${theirs}`,
    ]);
    expect(later.filter((event) => event.startsWith('settled')).map((event) => event.split(' ')[1])).toEqual(
      unexplained,
    );
    await outsider({ side: 'sell', amount: theirs });
    for (let look = 0; look < 3; look++) await nextLook();
    await noteByPerson();
    await nextLook();
    await agrees();
  });

  /** @param hideMs for how long the venue hides what it filled of an order that is canceled at once */
  async function missFill(hideMs: number): Promise<Order> {
    const match = { account: name };
    await desk.control(venue, 'POST', 'faults', [
      { kind: 'hide-fill', hideMs, count: 1, match },
      { kind: 'partial-fill', ratio: '0.4', everyMs: 3_000_000, count: 1, match: placed },
    ]);
    const order = await trade({ action: 'buy', size, type: 'limit', price: await priceAt(price('1.005')) });
    await trade({ action: 'cancel', orderId: order.orderId });
    expect(await desk.orders.get(order.orderId)).toMatchObject({ state: 'canceled', filled: '0' });
    desk.leap(minuteMs);
    await desk.track();
    await desk.look(name);
    await nextLook();
    await nextLook();
    expect(await desk.orders.get(order.orderId)).toMatchObject({ state: 'canceled', filled: '0.004' });
    return order;
  }

  it('books a fill that was hidden until the order was over, and says that it was missed', async () => {
    const { orderId } = await missFill(100_000);
    expect(news()).toEqual([`difference missed_fill ${orderId}`]);
    await trade({ action: 'sell', size: { base: amount('0.004') } });
    await nextLook();
    await agrees();
  });

  it('takes back what it told of balances where the fill behind them shows only after that', async () => {
    const { orderId } = await missFill(130_000);
    const told = symbol === perpetual ? ['outsider_position'] : ['drift', 'drift'];
    expect(news().map((event) => event.split(' ').slice(0, 2).join(' '))).toEqual([
      ...told.map((kind) => `difference ${kind}`),
      'difference missed_fill',
    ]);
    expect(news().at(-1)).toBe(`difference missed_fill ${orderId}`);
    await trade({ action: 'sell', size: { base: amount('0.004') } });
    await nextLook();
    await nextLook();
    expect(
      news()
        .slice(told.length + 1)
        .map((event) => event.split(' ').slice(0, 2).join(' ')),
    ).toEqual(told.map((kind) => `settled ${kind}`));
    await agrees();
  });
});

it('leaves a journal that verifies', async () => {
  expect(await desk.verify()).toMatchObject({ kind: 'verified' });
});
