import {
  catchUp,
  freeOf,
  type MarketNews,
  needsBook,
  type OrderRequest,
  type PaperAccount,
  type PaperContext,
  type PaperOrder,
  type PublicTrade,
  price,
  zeroAmount,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  bookOf,
  contextOf,
  fillsOf,
  looked,
  orderIn,
  type Placed,
  perpetual,
  placed,
  requestOf,
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

describe('an order that waits for a price', () => {
  const stop = (change: Parameters<typeof requestOf>[0] = {}) =>
    requestOf({ side: 'sell', type: 'stop', triggerPrice: price('95'), ...change });
  const buyer = { side: 'buy', triggerPrice: price('105') } as const;
  const lower = bookOf(['94x1', '93x5'], ['96x5']);
  const higher = bookOf(['106x5'], ['107x5']);
  const trailing = (change: Parameters<typeof requestOf>[0] = {}) =>
    requestOf({ side: 'sell', type: 'trailing_stop', trail: { distance: price('5') }, ...change });

  it.each<[string, OrderRequest, string[], typeof usualBook, object]>([
    ['waits above its trigger', stop(), ['95.01x9'], lower, { working: false, status: 'open' }],
    ['sells at the book of then', stop({ amount: '2' }), ['95x9'], lower, { status: 'filled', cost: '187' }],
    ['sells no better than it was triggered', stop(), ['90x9', '99x9'], usualBook, { status: 'filled', cost: '90' }],
    ['buys no better than it was triggered', stop(buyer), ['108x1'], usualBook, { status: 'filled', cost: '108' }],
    ['buys at the book of then', stop(buyer), ['105x1'], higher, { status: 'filled', cost: '107' }],
    ['ends with what the book has', stop({ amount: '8' }), ['95x9'], lower, { status: 'expired', filled: '6' }],
    [
      'takes a profit above',
      stop({ type: 'take_profit', triggerPrice: price('105') }),
      ['105x1'],
      higher,
      { cost: '105' },
    ],
    ['takes a profit below', stop({ side: 'buy', type: 'take_profit' }), ['95x1'], lower, { cost: '96' }],
    [
      'rests with its limit',
      stop({ type: 'stop_limit', price: price('95') }),
      ['94.5x1'],
      lower,
      { status: 'open', working: true, filled: '0', queueAhead: '0' },
    ],
    [
      'keeps its limit',
      stop({ type: 'stop_limit', price: price('94') }),
      ['93.5x1'],
      bookOf(['96x9'], []),
      { status: 'filled', cost: '94' },
    ],
    [
      'keeps its limit as a buyer',
      stop({ ...buyer, type: 'stop_limit', price: price('106') }),
      ['106.5x1'],
      bookOf([], ['104x9']),
      { status: 'filled', cost: '106' },
    ],
    [
      'ends as IOC',
      stop({ type: 'stop_limit', price: price('95'), timeInForce: 'IOC' }),
      ['94x1'],
      lower,
      { status: 'expired' },
    ],
    ['trails from the start', trailing(), ['94.5x1', '94x1'], lower, { status: 'filled', cost: '94' }],
    ['trails up', trailing(), ['110x1', '105x1'], lower, { status: 'filled', trailedTo: '110' }],
    ['trails no further down', trailing(), ['110x1', '106x1', '105.01x1'], lower, { status: 'open', trailedTo: '110' }],
    [
      'trails by a share',
      trailing({ trail: { percent: '10' } }),
      ['99.5x1', '90x1'],
      lower,
      { status: 'open', trailedTo: '99.5' },
    ],
    ['trails down to buy', trailing({ side: 'buy' }), ['90x1', '95x1'], lower, { status: 'filled', trailedTo: '90' }],
    [
      'begins to trail where it is told to',
      trailing({ triggerPrice: price('120') }),
      ['110x1', '100x1'],
      lower,
      { status: 'open' },
    ],
    [
      'has begun to trail then',
      trailing({ triggerPrice: price('120') }),
      ['121x1', '116x1'],
      higher,
      { status: 'filled' },
    ],
  ])('%s', (_, request, trades, book, expected) => {
    const before = waits(request);
    expect(needsBook(before.account, 'BTC/USDT')).toBe(true);
    const account = catchingUp(before, tradesOf(...trades), { book });
    expect(orderIn(account, before.order)).toMatchObject(expected);
    expect(orderIn(account, before.order)).not.toHaveProperty('reachedAt');
  });

  it('stays reached until there is a book, and trades nothing of the trade that reached it', () => {
    const before = waits(stop());
    const reached = catchingUp(before, tradesOf('95x9'));
    expect(orderIn(reached, before.order)).toMatchObject({ reachedAt: '95', filled: '0', status: 'open' });
    const worked = catchUp(reached, { trades: [], book: lower }, later);
    expect(orderIn(worked, before.order)).toMatchObject({ status: 'filled', cost: '94' });
  });

  it('leaves to those after it what it has not taken of the book', () => {
    const first = waits(stop());
    const second = placed(first.account, stop());
    const account = catchingUp(second, tradesOf('95x9'), { book: lower });
    expect([first, second].map(({ order }) => fillsOf(orderIn(account, order)))).toEqual([['94x1'], ['93x1']]);
  });

  it('keeps waiting without a book to begin to trail by, and in other markets', () => {
    const before = placed(wealthy(), trailing({ triggerPrice: price('90') }));
    expect(before.order.trailedTo).toBe('99');
    const other = { ...before, account: { ...before.account } };
    expect(catchUp(other.account, { trades: tradesOf('1x1') }, contextOf(perpetual)).orders).toEqual(
      before.account.orders,
    );
  });

  it('holds nothing for a trailing stop to buy before it trails, and its best price so far from then on', () => {
    const { account, order } = waits(trailing({ side: 'buy' }));
    const { trailedTo: _, ...notBegun } = order;
    const free = (kept: PaperOrder) => freeOf({ ...account, orders: [kept] }, 'USDT', later.markets);
    expect([free(order), free(notBegun)]).toEqual(['9899', '10000']);
  });

  it('ends as reduce-only where the position is gone by then', () => {
    const onPerpetual = { context: contextOf(perpetual, { nowMs: startMs }) };
    const request = stop({ symbol: perpetual.symbol, reduceOnly: true });
    const before = placed(wealthy(), request, onPerpetual);
    const account = catchUp(
      looked(before.account, perpetual.symbol),
      { trades: tradesOf('95x1'), book: lower },
      {
        ...later,
        market: perpetual,
      },
    );
    expect(orderIn(account, before.order)).toMatchObject({ status: 'canceled', filled: zeroAmount });
  });
});
