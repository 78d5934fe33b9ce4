import {
  add,
  amount,
  type LiveOrder,
  notional,
  notionalOf,
  price,
  transition,
  type VenueOrder,
  zeroAmount,
} from '@nightdesk/core';
import { OrderJoiner } from '@nightdesk/exchange/streams/account-order-joiner.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { intent } from '../../support/orders.ts';
import fc from '../../support/property.ts';

const trade = (id: string, size: string, at = '100', other: object = {}) => ({
  ...{ id, order: 'v1', symbol: 'BTC/USDT', amount: size, price: at, timestamp: 2_000 },
  ...{ fee: { currency: 'USDT', cost: '0.1' }, ...other },
});
const order = (status: string, filled: string, other: object = {}) => ({
  ...{ id: 'v1', clientOrderId: 'nd1', symbol: 'BTC/USDT', status, filled, amount: '10', type: 'limit', price: '101' },
  ...other,
});

const told = (news: readonly LiveOrder[]): VenueOrder | undefined => news[0]?.order;

describe('what an account streams of an order', () => {
  it('is one piece of news where the order and its trade came together', () => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeTrade(trade('t1', '4'), btcUsdt);
    joiner.takeOrder(order('open', '4', { cost: '400' }), btcUsdt);
    expect(joiner.take(5_000)).toEqual([
      {
        symbol: 'BTC/USDT',
        kind: 'spot',
        receivedMs: 5_000,
        order: {
          ...{ venueOrderId: 'v1', clientOrderId: 'nd1', status: 'open', filled: '4', cost: '400' },
          ...{ amount: '10', price: '101' },
          fills: [{ tradeId: 't1', amount: '4', price: '100', fee: { asset: 'USDT', amount: '0.1' }, atMs: 2_000 }],
        },
      },
    ]);
    expect(joiner.take(5_000)).toEqual([]);
  });

  it('is what is known where only a trade came: open, and filled by that much', () => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeTrade(trade('t1', '4', '100', { clientOrderId: 'nd1' }), btcUsdt);
    expect(told(joiner.take(0))).toMatchObject({ status: 'open', filled: '4', cost: '400', clientOrderId: 'nd1' });
    joiner.takeTrade(trade('t2', '6', '110'), btcUsdt);
    expect(told(joiner.take(0))).toMatchObject({ status: 'open', filled: '10', cost: '1060', clientOrderId: 'nd1' });
  });

  it('keeps the last word on how an order ended when a trade comes late', () => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeOrder(order('canceled', '0', { cost: '0' }), btcUsdt);
    joiner.take(0);
    joiner.takeTrade(trade('t1', '4'), btcUsdt);
    expect(told(joiner.take(0))).toMatchObject({ status: 'canceled', filled: '4', cost: '400' });
  });

  it.each([
    ['an older state', [order('open', '4', { cost: '400' }), order('open', '2', { cost: '200' })]],
    ['open after its end', [order('canceled', '4', { cost: '400' }), order('open', '4', { cost: '400' })]],
    ['the same again', [order('open', '4', { cost: '400' }), order('open', '4', { cost: '400' })]],
  ])('tells nothing of %s', (_, [first, second]) => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeOrder(first, btcUsdt);
    expect(joiner.take(0)).toHaveLength(1);
    joiner.takeOrder(second, btcUsdt);
    expect(joiner.take(0)).toEqual([]);
  });

  it('tells of a change of its terms', () => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeOrder(order('open', '0', { cost: '0' }), btcUsdt);
    joiner.take(0);
    joiner.takeOrder(order('open', '0', { cost: '0', amount: '12', price: '99' }), btcUsdt);
    expect(told(joiner.take(0))).toMatchObject({ amount: '12', price: '99' });
  });

  it.each([
    ['without an id', trade('', '4')],
    ['without a time', trade('t1', '4', '100', { timestamp: undefined })],
    ['without its order', trade('t1', '4', '100', { order: undefined })],
  ])('leaves a trade out %s', (_, value) => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeTrade(value, btcUsdt);
    expect(joiner.take(0)).toEqual([]);
  });

  it('takes no trades from inside an order, which may be its own figures under another id', () => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeOrder(order('open', '4', { cost: '400', trades: [trade('other', '4')] }), btcUsdt);
    expect(told(joiner.take(0))?.fills).toEqual([]);
  });

  it('tells what trades cost rather than an average that the venue rounded, as soon as they are all there', () => {
    const joiner = new OrderJoiner(() => false);
    joiner.takeOrder(order('open', '3', { cost: '299.99' }), btcUsdt);
    expect(told(joiner.take(0))?.cost).toBe('299.99');
    joiner.takeTrade(trade('t1', '3'), btcUsdt);
    expect(told(joiner.take(0))?.cost).toBe('300');
  });

  it('tells no cost where what is known costs less than what is filled', () => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeOrder(order('open', '4'), btcUsdt);
    joiner.takeTrade(trade('t1', '3'), btcUsdt);
    const last = told(joiner.take(0));
    expect(last).toMatchObject({ filled: '4' });
    expect(last?.cost).toBeUndefined();
  });

  it('counts contracts as base asset, and tells no cost of what is paid in base asset', () => {
    const linear = { ...btcUsdtPerpetual, contractSize: amount('0.01') };
    const joiner = new OrderJoiner(() => true);
    joiner.takeTrade(trade('t1', '4'), linear);
    expect(told(joiner.take(0))).toMatchObject({ filled: '0.04', cost: '4' });
    const inverse = { ...btcUsdtPerpetual, symbol: 'BTC/USD:BTC', contractType: 'inverse' as const };
    joiner.takeTrade(trade('t2', '4'), inverse);
    expect(told(joiner.take(0))).toEqual({
      ...{ venueOrderId: 'v1', status: 'open', filled: '4' },
      fills: [expect.objectContaining({ tradeId: 't2', amount: '4' })],
    });
  });

  it('tells the orders of two markets apart that have the same number', () => {
    const joiner = new OrderJoiner(() => true);
    joiner.takeTrade(trade('t1', '4'), btcUsdt);
    joiner.takeTrade(trade('t1', '1'), btcUsdtPerpetual);
    expect(joiner.take(0).map(({ symbol, order: { filled } }) => [symbol, filled])).toEqual([
      ['BTC/USDT', '4'],
      ['BTC/USDT:USDT', '1'],
    ]);
  });

  it('tells the latest executions of an order that has very many, and all that is filled', () => {
    const joiner = new OrderJoiner(() => true);
    for (let number = 1; number <= 120; number += 1) joiner.takeTrade(trade(`t${number}`, '0.01'), btcUsdt);
    const last = told(joiner.take(0));
    expect(last?.filled).toBe('1.2');
    expect(last?.fills.map(({ tradeId }) => tradeId)).toEqual(Array.from({ length: 50 }, (_, at) => `t${at + 71}`));
  });

  it('adds up no more once there are more executions than it remembers', () => {
    const joiner = new OrderJoiner(() => true);
    for (let number = 1; number <= 5_001; number += 1) joiner.takeTrade(trade(`t${number}`, '0.001'), btcUsdt);
    joiner.takeTrade(trade('t1', '0.001'), btcUsdt);
    joiner.takeOrder(order('open', '6', { cost: '600' }), btcUsdt);
    expect(told(joiner.take(0))).toMatchObject({ filled: '6', cost: '600' });
  });

  it('remembers as many orders as it must, and forgets the one that was heard of least lately', () => {
    const joiner = new OrderJoiner(() => true);
    for (let number = 0; number <= 2_000; number += 1) {
      joiner.takeOrder(order('open', '0', { id: `v${number}`, cost: '0' }), btcUsdt);
    }
    expect(joiner.take(0)).toHaveLength(2_001);
    for (const id of ['v2000', 'v0']) joiner.takeOrder(order('open', '0', { id, cost: '0' }), btcUsdt);
    expect(joiner.take(0).map(({ order: { venueOrderId } }) => venueOrderId)).toEqual(['v0']);
  });

  it.each([
    ['an order', () => new OrderJoiner(() => true).takeOrder(order('open', 'much'), btcUsdt)],
    ['a trade', () => new OrderJoiner(() => true).takeTrade(trade('t1', '4', 'cheap'), btcUsdt)],
  ])('says which field of %s makes no sense', (_, read) => {
    expect(read).toThrow(/no decimal number/);
  });
});

/** What a venue tells of one order: after each trade the order, and the trade; some of it late, twice, or not at all. */
const schedules = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }),
    ends: fc.constantFrom('closed', 'canceled'),
    // For each message: how much later it comes, and how often.
    fates: fc.array(fc.record({ delay: fc.integer({ min: 0, max: 3 }), times: fc.integer({ min: 0, max: 2 }) }), {
      minLength: 14,
      maxLength: 14,
    }),
  })
  .map(({ sizes, ends, fates }) => {
    const trades = sizes.map((size, at) => trade(`t${at}`, String(size), String(90 + at)));
    const whole = String(sizes.reduce((sum, size) => sum + size, 0));
    const states = trades.map((_, at) => {
      const known = trades.slice(0, at + 1);
      const filled = known.reduce((sum, one) => add(sum, amount(one.amount)), zeroAmount);
      const cost = known.reduce(
        (sum, one) => add(sum, notionalOf(amount(one.amount), price(one.price))),
        notional('0'),
      );
      const ended = at === trades.length - 1;
      return { ...order(ended ? ends : 'open', filled), cost, amount: ends === 'closed' ? whole : `${whole}0` };
    });
    const messages = trades.flatMap((one, at) => [
      { kind: 'trade' as const, value: one, at },
      { kind: 'order' as const, value: states[at], at },
    ]);
    const sent = messages
      .map((message, at) => ({ message, dueAt: at + (fates[at]?.delay ?? 0), times: fates[at]?.times ?? 1 }))
      .sort((left, right) => left.dueAt - right.dueAt)
      .flatMap(({ message, times }) => Array.from({ length: times }, () => message));
    return { trades, states, sent };
  });

it('never tells more than has happened, and with what polling brings makes the order what it is at the venue', () => {
  fc.assert(
    fc.property(schedules, ({ trades, states, sent }) => {
      const joiner = new OrderJoiner(() => true);
      const sized = { ...intent, amount: amount(String(states.at(-1)?.amount)) };
      const begun = transition(undefined, { type: 'order.intended', atMs: 1_000, intent: sized });
      let known = begun.kind === 'changed' ? begun.order : undefined;
      const observe = (seen: VenueOrder) => {
        const next = transition(known, { type: 'order.observed', atMs: 2_000, order: seen });
        if (next.kind === 'contradiction') throw new Error(next.message);
        if (next.kind === 'changed') known = next.order;
      };
      let happened = 0;
      for (const message of sent) {
        if (message.kind === 'trade') joiner.takeTrade(message.value, btcUsdt);
        else joiner.takeOrder(message.value, btcUsdt);
        happened = Math.max(happened, message.at + 1);
        for (const news of joiner.take(0)) {
          expect(Number(news.order.filled)).toBeLessThanOrEqual(Number(states[happened - 1]?.filled));
          observe(news.order);
        }
      }
      const last = states.at(-1);
      const polled = new OrderJoiner(() => true);
      polled.takeOrder(last, btcUsdt);
      for (const one of trades) polled.takeTrade(one, btcUsdt);
      const [atVenue] = polled.take(0);
      if (atVenue === undefined) throw new Error('the venue has the order');
      observe(atVenue.order);
      observe(atVenue.order);
      const byId = known?.fills.toSorted((left, right) => left.tradeId.localeCompare(right.tradeId));
      expect(byId).toEqual(atVenue.order.fills);
      expect(known?.filled).toBe(atVenue.order.filled);
      expect(known?.cost).toBe(atVenue.order.cost);
      expect(known?.state).toBe(atVenue.order.status);
    }),
    { numRuns: 300 },
  );
});
