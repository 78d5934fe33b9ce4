import {
  accountToStore,
  catchUp,
  changedOrders,
  type FundingRate,
  type MarketNews,
  type OrderRequest,
  type PaperAccount,
  type PaperContext,
  type PublicTrade,
  paperFillsMax,
  positionIn,
  price,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  balance,
  bookOf,
  contextOf,
  fillsOf,
  limit,
  looked,
  openCount,
  orderIn,
  type Placed,
  perpetual,
  placed,
  startMs,
  tradesOf,
  usualBook,
  wealthy,
} from '../../support/paper.ts';

const later: PaperContext = contextOf(undefined, { nowMs: startMs + 10_000 });
const catchingUp = (
  { account }: Placed,
  trades: readonly PublicTrade[],
  news: Partial<MarketNews> = {},
): PaperAccount => catchUp(looked(account), { trades, ...news }, later);
const waits = (request: OrderRequest): Placed => placed(wealthy(), request);

describe('an order that rests', () => {
  it.each<[string, OrderRequest, string[], string[]]>([
    ['is not reached by trades above a buyer', limit('buy', '98'), ['98.01x9', '99x9'], []],
    ['is not reached by trades below a seller', limit('sell', '102'), ['101.99x9'], []],
    ['waits until those before it have traded', limit('buy', '98'), ['98x1.5'], []],
    ['gets what those before it leave', limit('buy', '98'), ['98x1.5', '98x0.8'], ['98x0.3']],
    ['is first in a price of its own', limit('buy', '98.5'), ['98.5x0.4', '98.5x9'], ['98.5x1']],
    ['gets its own price where the market went through', limit('buy', '98'), ['97x0.4'], ['98x0.4']],
    ['has nobody before it once the market went through', limit('buy', '98'), ['97x0.1', '98x0.2'], ['98x0.3']],
    ['sells alike', limit('sell', '102'), ['102x2.5', '103x9'], ['102x1']],
    ['gets nothing at its price from who took the other side', limit('buy', '98.5'), ['98.5x9 b'], []],
    ['gets something from who took its side', limit('buy', '98.5'), ['98.5x9 s'], ['98.5x1']],
  ])('%s', (_, request, trades, fills) => {
    const before = waits(request);
    const account = catchingUp(before, tradesOf(...trades));
    const order = orderIn(account, before.order);
    expect(fillsOf(order)).toEqual(fills);
    expect(order.fills.every(({ fee }) => fee !== undefined)).toBe(true);
    expect(new Set(order.fills.map(({ tradeId }) => tradeId)).size).toBe(fills.length);
  });

  it('pays the fee of a maker', () => {
    const account = catchingUp(waits(limit('buy', '98.5')), tradesOf('98x9'));
    expect([balance(account, 'USDT'), balance(account, 'BTC')]).toEqual(['9901.5', '10.999']);
  });

  it('shares a trade with the others of the account, those at the best price first', () => {
    const first = waits(limit('buy', '98'));
    const second = placed(first.account, limit('buy', '98.5'));
    const third = placed(second.account, limit('sell', '97', { timeInForce: 'GTC' }), { book: bookOf([], []) });
    const account = catchingUp(third, tradesOf('97.5x1.4'));
    const filled = [first, second, third].map(({ order }) => orderIn(account, order).filled);
    expect(filled).toEqual(['0.4', '1', '0']);
  });

  it('shares a trade with sellers alike: the lowest limit comes first', () => {
    const first = waits(limit('sell', '102.5'));
    const second = placed(first.account, limit('sell', '101.5', { timeInForce: 'GTC' }), { book: bookOf([], []) });
    const buyer = placed(second.account, limit('buy', '98'));
    const account = catchingUp(buyer, tradesOf('103x1.4'));
    expect([first, second, buyer].map(({ order }) => orderIn(account, order).filled)).toEqual(['0.4', '1', '0']);
  });

  it('meets no trade twice, none of before it, and none where nothing has waited', () => {
    const before = waits(limit('buy', '98.5', { amount: '5' }));
    const trades = tradesOf('98x1', '98x1');
    const once = catchingUp(before, [...trades, ...trades]);
    expect(orderIn(once, before.order).filled).toBe('2');
    const twice = catchUp(once, { trades }, later);
    expect(orderIn(twice, before.order).filled).toBe('2');
    const [early] = tradesOf('98x1').map((trade) => ({ ...trade, atMs: startMs }));
    const sameTime = catchUp(looked(before.account), { trades: early ? [{ ...early, atMs: startMs - 1 }] : [] }, later);
    expect(orderIn(sameTime, before.order).filled).toBe('0');
    expect(orderIn(catchUp(before.account, { trades }, later), before.order).filled).toBe('0');
  });

  it('tells trades of one moment apart by their ids, and counts one where there are none', () => {
    const before = waits(limit('buy', '98.5', { amount: '5' }));
    const together = tradesOf('98x1', '98x1').map((trade) => ({ ...trade, atMs: startMs + 5 }));
    const [first, second] = together;
    const seen = catchingUp(before, first ? [first] : []);
    expect(orderIn(catchUp(seen, { trades: together }, later), before.order).filled).toBe('2');
    expect(seen.cursors['BTC/USDT']).toEqual({ atMs: startMs + 5, ids: [first?.tradeId] });
    const nameless = together.map(({ tradeId: _, ...trade }) => trade);
    expect(second && orderIn(catchingUp(before, nameless), before.order).filled).toBe('1');
  });

  it('takes trades in the order of their times', () => {
    const before = waits(limit('buy', '98.5', { timeInForce: 'GTD', goodTillMs: startMs + 2 }));
    const account = catchingUp(before, tradesOf('98x0.4', '98x0.4').reverse());
    expect(orderIn(account, before.order)).toMatchObject({ filled: '0.4', status: 'expired' });
  });

  it('ends with what it cannot pay for any more', () => {
    const first = placed({ ...wealthy(), balances: { USDT: '150' as never } }, limit('buy', '98.5'));
    // Somebody who waited without holding anything was faster.
    const poor = { ...first, account: { ...first.account, balances: { USDT: '50' as never } } };
    const part = orderIn(catchingUp(poor, tradesOf('98x1')), first.order);
    expect(part).toMatchObject({ status: 'open', filled: '0.50761' });
    const account = catchingUp(poor, tradesOf('98x1', '98x1'));
    expect(orderIn(account, first.order)).toMatchObject({ status: 'canceled', filled: '0.50761' });
    expect(Number(balance(account, 'USDT'))).toBeGreaterThanOrEqual(0);
    const nothing = { ...first, account: { ...first.account, balances: {} } };
    expect(orderIn(catchingUp(nothing, tradesOf('98x1')), first.order)).toMatchObject({
      status: 'canceled',
      filled: '0',
    });
  });

  it('ends with as many fills as one row can hold', () => {
    const { account, order } = waits(limit('buy', '98.5', { amount: '5' }));
    const nearly = { ...order, fillCount: paperFillsMax - 1 };
    const met = catchingUp({ account: { ...account, orders: [nearly] }, order: nearly }, tradesOf('98x1', '98x1'));
    expect(orderIn(met, order)).toMatchObject({ status: 'canceled', filled: '1', fillCount: paperFillsMax });
  });
});

describe('funding', () => {
  const dueMs = startMs + 5;
  const announced = { rate: '0.001', atMs: dueMs };
  const funding: FundingRate = {
    symbol: perpetual.symbol,
    rate: '0.002',
    nextAtMs: startMs + 99_000,
    markPrice: price('200'),
  };
  const context = { ...later, market: perpetual };
  const held = (quantity: string): PaperAccount => ({
    ...wealthy(),
    positions: {
      [perpetual.symbol]: { quantity: quantity as never, cost: '300' as never, leverage: '1', marginMode: 'cross' },
    },
    fundings: { [perpetual.symbol]: announced },
  });
  const paid = (account: PaperAccount, news: Partial<MarketNews> = {}, at = context) =>
    balance(catchUp(account, { trades: [], funding, ...news }, at), 'USDT');

  it('is paid by longs to shorts at the rate that was announced, and then announced anew', () => {
    expect(paid(held('2'))).toBe('9999.6');
    expect(paid(held('-2'))).toBe('10000.4');
    const next = catchUp(held('2'), { trades: [], funding }, context);
    expect(next.fundings[perpetual.symbol]).toEqual({ rate: '0.002', atMs: startMs + 99_000 });
    expect(paid(next)).toBe('9999.6');
  });

  it('is paid on the cost where nobody tells a price', () => {
    const { markPrice: _, ...unmarked } = funding;
    expect(paid(held('2'), { funding: unmarked })).toBe('9999.7');
    expect(paid(held('-2'), { funding: undefined as never })).toBe('10000.3');
  });

  it('is not paid before its time, nor by who holds nothing', () => {
    expect(paid(held('2'), {}, { ...context, nowMs: dueMs - 1 })).toBe('10000');
    expect(paid(held('0'))).toBe('10000');
    expect(paid(wealthy())).toBe('10000');
  });

  it('is paid on the position of its time: what was bought after it pays nothing', () => {
    const request = limit('buy', '98.5', { symbol: perpetual.symbol });
    const { account } = placed(wealthy(), request, { context: contextOf(perpetual) });
    const waiting = { ...looked(account, perpetual.symbol), fundings: { [perpetual.symbol]: announced } };
    const [trade] = tradesOf('98x5');
    const at = (atMs: number) =>
      balance(catchUp(waiting, { trades: trade ? [{ ...trade, atMs }] : [], funding }, context), 'USDT');
    expect([at(dueMs - 1), at(dueMs + 1)]).toEqual(['9999.7015', '9999.9015']);
  });

  it('that is past or has no time is not announced', () => {
    const { nextAtMs: _, ...timeless } = funding;
    for (const news of [timeless, { ...funding, nextAtMs: later.nowMs }]) {
      expect(catchUp(wealthy(), { trades: [], funding: news }, context).fundings).toEqual({});
    }
  });
});

describe('what is stored', () => {
  it('is what is open, without fills, and where trades were looked at as long as something waits', () => {
    const before = waits(limit('buy', '98.5', { amount: '5' }));
    const account = catchingUp(before, tradesOf('98x1'));
    const stored = accountToStore(account);
    expect(stored.orders).toEqual([{ ...orderIn(account, before.order), fills: [] }]);
    expect(stored.cursors).toHaveProperty(['BTC/USDT']);
    const ended = catchingUp(before, tradesOf('98x9'));
    expect(openCount(ended)).toBe(0);
    expect(accountToStore(ended)).toMatchObject({ orders: [], cursors: {} });
    expect(changedOrders(before.account, ended)).toEqual([orderIn(ended, before.order)]);
    expect(changedOrders(ended, ended)).toEqual([]);
    expect(positionIn(ended, 'BTC/USDT').quantity).toBe('0');
  });

  it('begins with the book, or with now, where nothing was traded yet', () => {
    const cursorOf = (account: PaperAccount) => account.cursors['BTC/USDT']?.atMs;
    expect(cursorOf(catchUp(wealthy(), { trades: [] }, later))).toBe(later.nowMs);
    expect(cursorOf(catchUp(wealthy(), { trades: [], book: usualBook }, later))).toBe(later.nowMs);
    expect(cursorOf(catchUp(wealthy(), { trades: [], book: { ...usualBook, atMs: 7 } }, later))).toBe(7);
  });
});
