import {
  type Amount,
  amendPaperOrder,
  amount,
  cancelPaperOrder,
  freeOf,
  type Market,
  type OrderChange,
  type OrderRequest,
  openingAccount,
  paperOrdersMax,
  positionIn,
  preparePaperMarket,
  price,
  showPaperOrder,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { inverseByHundred } from '../../support/markets.ts';
import {
  balance,
  bookOf,
  contextOf,
  fillsOf,
  limit,
  openCount,
  orderIn,
  perpetual,
  placed,
  requestOf,
  spot,
  startMs,
  usualBook,
  verdictOf,
  wealthy,
} from '../../support/paper.ts';

const onPerpetual = { context: contextOf(perpetual) };
const contract = (change: Parameters<typeof requestOf>[0] = {}) => requestOf({ symbol: perpetual.symbol, ...change });

describe('an order that meets the book', () => {
  it.each<[string, OrderRequest, string, string[]]>([
    ['takes the best level', requestOf(), 'filled', ['101x1']],
    ['goes on through the levels', requestOf({ amount: '2.5' }), 'filled', ['101x1', '102x1.5']],
    ['sells to the bids', requestOf({ side: 'sell', amount: '2' }), 'filled', ['99x1', '98x1']],
    ['ends at market with what the book has', requestOf({ amount: '9' }), 'expired', ['101x1', '102x2', '110x5']],
    ['takes what its limit allows and rests', limit('buy', '101', { amount: '3' }), 'open', ['101x1']],
    ['rests below the asks', limit('buy', '100.5'), 'open', []],
    ['rests above the bids', limit('sell', '99.5'), 'open', []],
    ['ends as IOC with what there is', limit('buy', '101', { amount: '3', timeInForce: 'IOC' }), 'expired', ['101x1']],
    ['is killed as FOK with nothing', limit('buy', '101', { amount: '3', timeInForce: 'FOK' }), 'expired', []],
    [
      'is filled as FOK with all',
      limit('buy', '102', { amount: '3', timeInForce: 'FOK' }),
      'filled',
      ['101x1', '102x2'],
    ],
    ['rests as post-only', limit('buy', '100', { timeInForce: 'PO' }), 'open', []],
  ])('%s', (_, request, status, fills) => {
    const { account, order } = placed(wealthy(), request);
    expect({ status: order.status, fills: fillsOf(order) }).toEqual({ status, fills });
    expect(openCount(account)).toBe(status === 'open' ? 1 : 0);
    expect(orderIn(account, order)).toEqual(order);
  });

  it('pays on spot what it takes, and the fee of what it receives', () => {
    const bought = placed(wealthy(), requestOf({ amount: '2' }));
    expect(balance(bought.account, 'USDT')).toBe('9797');
    expect(balance(bought.account, 'BTC')).toBe('11.996');
    expect(bought.order.fills[0]?.fee).toEqual({ asset: 'BTC', amount: '0.002' });
    const sold = placed(wealthy(), requestOf({ side: 'sell' }));
    expect(balance(sold.account, 'USDT')).toBe('10098.802');
    expect(balance(sold.account, 'BTC')).toBe('9');
  });

  it('pays in the quote currency where a contract names nothing that it is settled in', () => {
    const { settle: _, ...unsettled } = perpetual;
    const context = contextOf(unsettled, { markets: new Map([[unsettled.symbol, unsettled]]) });
    const { account, order } = placed(wealthy(), contract(), { context });
    expect(order.fills[0]?.fee).toEqual({ asset: 'USDT', amount: '0.202' });
    expect(balance(account, 'USDT')).toBe('9999.798');
  });

  it('is shown as any venue shows it', () => {
    const { order } = placed(wealthy(), limit('buy', '101', { clientOrderId: 'mine', amount: '3' }));
    expect(showPaperOrder(order)).toMatchObject({
      ...{ venueOrderId: 'paper-mine', clientOrderId: 'mine', status: 'open', filled: '1', amount: '3', price: '101' },
      ...{ cost: '101', fills: [{ tradeId: 'paper-mine-1', amount: '1', price: '101', atMs: startMs }] },
    });
    const stop = requestOf({ side: 'sell', type: 'stop', triggerPrice: price('95') });
    expect(showPaperOrder(placed(wealthy(), stop).order)).toMatchObject({ triggerPrice: '95', status: 'open' });
  });
});

describe('what is refused', () => {
  const stop = (change: Parameters<typeof requestOf>[0] = {}) =>
    requestOf({ side: 'sell', type: 'stop', triggerPrice: price('95'), ...change });
  it.each<[string, OrderRequest]>([
    ['invalid_order', requestOf({ amount: '0' })],
    ['invalid_order', requestOf({ amount: '0.000001' })],
    ['invalid_order', requestOf({ amount: '9001' })],
    ['invalid_order', limit('buy', '100.001')],
    ['invalid_order', limit('buy', '0')],
    ['invalid_order', stop({ triggerPrice: price('95.001') })],
    ['invalid_order', requestOf({ type: 'limit' })],
    ['invalid_order', requestOf({ price: price('100') })],
    ['invalid_order', stop({ price: price('90') })],
    ['invalid_order', requestOf({ type: 'stop' })],
    ['invalid_order', requestOf({ type: 'trailing_stop' })],
    ['invalid_order', stop({ trail: { percent: '1' } })],
    ['invalid_order', requestOf({ timeInForce: 'PO' })],
    ['invalid_order', limit('buy', '90', { timeInForce: 'GTD' })],
    ['invalid_order', limit('buy', '90', { goodTillMs: startMs + 1 })],
    ['invalid_order', limit('buy', '90', { timeInForce: 'GTD', goodTillMs: startMs })],
    ['not_supported', limit('buy', '90', { displayAmount: amount('0.5') })],
    ['not_supported', stop({ type: 'stop_limit', price: price('94'), timeInForce: 'PO' })],
    ['not_supported', stop({ type: 'stop_limit', price: price('94'), timeInForce: 'FOK' })],
    ['not_supported', requestOf({ leverage: '2' })],
    ['not_supported', requestOf({ marginMode: 'cross' })],
    ['order_would_fill', limit('buy', '101', { timeInForce: 'PO' })],
    ['insufficient_funds', limit('buy', '99', { amount: '102' })],
    ['insufficient_funds', requestOf({ side: 'sell', amount: '10.00001' })],
    ['accepted', requestOf({ reduceOnly: true, side: 'sell' })],
    ['accepted', limit('buy', '90', { timeInForce: 'GTD', goodTillMs: startMs + 1 })],
    ['accepted', stop({ type: 'take_profit', price: price('105'), triggerPrice: price('104') })],
  ])('%s: %o', (code, request) => {
    expect(verdictOf(wealthy(), request)).toBe(code);
  });

  it.each<[string, Market]>([
    ['inverse', inverseByHundred],
    ['quanto', { ...inverseByHundred, contractType: 'quanto' }],
    ['options', { ...perpetual, kind: 'option' }],
  ])('%s by name', (name, market) => {
    const context = contextOf(market);
    expect(verdictOf(wealthy(), requestOf(), { context })).toBe('not_supported');
    expect(() => placed(wealthy(), requestOf(), { context })).toThrow(name);
  });

  it('what is not traded now, has no book, or is worth too little', () => {
    expect(verdictOf(wealthy(), requestOf(), { context: contextOf({ ...spot, active: false }) })).toBe(
      'market_inactive',
    );
    expect(verdictOf(wealthy(), requestOf(), { book: bookOf(['99x1'], []) })).toBe('no_liquidity');
    const context = contextOf({ ...spot, notionalMin: '100' } as Market);
    expect(verdictOf(wealthy(), requestOf({ side: 'sell' }), { context })).toBe('invalid_order');
    expect(verdictOf(wealthy(), requestOf(), { context })).toBe('accepted');
  });

  it('a market order whose walk through the book costs more than there is', () => {
    const poor = openingAccount({ USDT: amount('303') });
    expect(verdictOf(poor, requestOf({ amount: '3' }))).toBe('insufficient_funds');
    expect(verdictOf({ ...poor, balances: { USDT: amount('305') } }, requestOf({ amount: '3' }))).toBe('accepted');
  });

  it('more orders than one transaction could end', () => {
    let account = wealthy();
    for (let count = 0; count < paperOrdersMax; count += 1) {
      account = placed(account, limit('buy', '1', { amount: '0.1' })).account;
    }
    expect(verdictOf(account, limit('buy', '1', { amount: '0.1' }))).toBe('too_many_orders');
  });

  it('what open orders hold is not there for others', () => {
    const { account, order } = placed(wealthy(), limit('buy', '50', { amount: '150' }));
    expect(freeOf(account, 'USDT', contextOf().markets)).toBe('2500');
    expect(verdictOf(account, limit('buy', '50', { amount: '51' }))).toBe('insufficient_funds');
    expect(verdictOf(cancelPaperOrder(account, order).account, limit('buy', '50', { amount: '51' }))).toBe('accepted');
    const selling = placed(wealthy(), limit('sell', '150', { amount: '9' })).account;
    expect(freeOf(selling, 'BTC', contextOf().markets)).toBe('1');
    const stop = { type: 'stop', triggerPrice: price('150') } as const;
    expect(freeOf(placed(wealthy(), requestOf(stop)).account, 'USDT', contextOf().markets)).toBe('9850');
    // Of a market that is gone nothing can be told.
    expect(freeOf(account, 'USDT', new Map())).toBe('10000');
  });
});

describe('a contract', () => {
  it('opens, grows, shrinks and turns at average cost, and pays what it has won and the fees', () => {
    let { account } = placed(wealthy(), contract({ amount: '1' }), onPerpetual);
    expect(positionIn(account, perpetual.symbol)).toMatchObject({ quantity: '1', cost: '101' });
    expect(balance(account, 'USDT')).toBe('9999.798');
    ({ account } = placed(account, contract({ amount: '1' }), { ...onPerpetual, book: bookOf([], ['103x5']) }));
    expect(positionIn(account, perpetual.symbol)).toMatchObject({ quantity: '2', cost: '204' });
    const sell = contract({ side: 'sell', amount: '3' });
    ({ account } = placed(account, sell, { ...onPerpetual, book: bookOf(['105x5'], []) }));
    // Two of them closed for a gain of 6, one opened short at 105; fees of 0.206 and 0.63.
    expect(positionIn(account, perpetual.symbol)).toMatchObject({ quantity: '-1', cost: '105' });
    expect(balance(account, 'USDT')).toBe('10004.962');
    ({ account } = placed(account, contract(), { ...onPerpetual, book: bookOf([], ['100x5']) }));
    expect(positionIn(account, perpetual.symbol)).toMatchObject({ quantity: '0', cost: '0' });
    expect(balance(account, 'USDT')).toBe('10009.762');
  });

  it('takes margin by its leverage, of what opens and of what would', () => {
    const { markets } = contextOf();
    const geared = preparePaperMarket(wealthy(), { leverage: '10' }, contextOf(perpetual)) ?? wealthy();
    const { account } = placed(geared, contract(), onPerpetual);
    expect(freeOf(account, 'USDT', markets)).toBe('9989.698');
    expect(verdictOf(account, contract({ type: 'limit', price: price('90'), amount: '1200' }), onPerpetual)).toBe(
      'insufficient_funds',
    );
    expect(verdictOf(account, contract({ type: 'limit', price: price('90'), amount: '1100' }), onPerpetual)).toBe(
      'accepted',
    );
    // What would close holds nothing.
    const closing = contract({ side: 'sell', type: 'limit', price: price('120') });
    expect(freeOf(placed(account, closing, onPerpetual).account, 'USDT', markets)).toBe('9989.698');
  });

  it('is only made smaller by an order that may only reduce, which ends with it', () => {
    const { account } = placed(wealthy(), contract({ amount: '1' }), onPerpetual);
    expect(verdictOf(account, contract({ reduceOnly: true }), onPerpetual)).toBe('reduce_only_refused');
    expect(verdictOf(wealthy(), contract({ reduceOnly: true, side: 'sell' }), onPerpetual)).toBe('reduce_only_refused');
    const target = contract({ side: 'sell', type: 'limit', price: price('120'), reduceOnly: true });
    const protectedAccount = placed(account, target, onPerpetual);
    const closed = placed(
      protectedAccount.account,
      contract({ side: 'sell', amount: '5', reduceOnly: true }),
      onPerpetual,
    );
    expect(closed.order).toMatchObject({ status: 'canceled', filled: '1' });
    expect(positionIn(closed.account, perpetual.symbol).quantity).toBe('0');
    expect(orderIn(closed.account, protectedAccount.order).status).toBe('canceled');
  });

  it('keeps how it is to be traded, and spot has nothing of the kind', () => {
    const set = preparePaperMarket(wealthy(), { leverage: '5', marginMode: 'isolated' }, contextOf(perpetual));
    expect(set?.positions[perpetual.symbol]).toMatchObject({ leverage: '5', marginMode: 'isolated', quantity: '0' });
    expect(preparePaperMarket(set ?? wealthy(), { leverage: '5' }, contextOf(perpetual))).toBe(set);
    expect(preparePaperMarket(wealthy(), { leverage: '0' }, contextOf(perpetual))).toBeUndefined();
    expect(preparePaperMarket(wealthy(), { leverage: '2' }, contextOf())).toBeUndefined();
    expect(preparePaperMarket(wealthy(), { marginMode: 'cross' }, contextOf())).toBeUndefined();
    const account = wealthy();
    expect(preparePaperMarket(account, { positionMode: 'one_way' }, contextOf())).toBe(account);
  });
});

describe('a change', () => {
  const change = (request: OrderRequest, wanted: OrderChange, book = usualBook) => {
    const { account, order } = placed(wealthy(), request);
    const outcome = amendPaperOrder(account, order, { change: wanted, book, context: contextOf() });
    return outcome.kind === 'accepted' ? { ...outcome.order, open: openCount(outcome.account) } : outcome.evidence;
  };
  it.each<[string, OrderRequest, OrderChange, object]>([
    [
      'keeps the queue of what gets smaller',
      limit('buy', '98', { amount: '2' }),
      { amount: amount('1') },
      { queueAhead: '2' },
    ],
    ['moves to the end of another price', limit('buy', '98'), { price: price('90') }, { queueAhead: '5' }],
    ['changes nothing that is the same', limit('buy', '98'), { price: price('98') }, { queueAhead: '2', open: 1 }],
    [
      'trades what crosses now',
      limit('buy', '98'),
      { price: price('101') },
      { status: 'filled', filled: '1', open: 0 },
    ],
    [
      'moves a trigger',
      requestOf({ side: 'sell', type: 'stop', triggerPrice: price('95') }),
      { triggerPrice: price('96') },
      { open: 1 },
    ],
    ['is refused between the steps', limit('buy', '98'), { price: price('98.001') }, { code: 'invalid_order' }],
    [
      'is refused a price at market',
      requestOf({ side: 'sell', type: 'stop', triggerPrice: price('95') }),
      { price: price('94') },
      { code: 'invalid_order' },
    ],
    ['is refused a trigger it has not', limit('buy', '98'), { triggerPrice: price('98') }, { code: 'invalid_order' }],
    [
      'is refused no more than is filled',
      limit('buy', '101', { amount: '3' }),
      { amount: amount('1') },
      { code: 'invalid_order' },
    ],
    ['is refused what cannot be paid', limit('buy', '98'), { amount: amount('103') }, { code: 'insufficient_funds' }],
    [
      'is refused as post-only what crosses',
      limit('buy', '98', { timeInForce: 'PO' }),
      { price: price('101') },
      { code: 'order_would_fill' },
    ],
  ])('%s', (_, request, wanted, expected) => {
    expect(change(request, wanted)).toMatchObject(expected);
  });

  it('goes behind where the amount grows', () => {
    const busier = bookOf(['99x1', '98x7'], ['101x1']);
    expect(change(limit('buy', '98'), { amount: amount('2') }, busier)).toMatchObject({ queueAhead: '7' });
    expect(change(limit('buy', '98'), { price: price('98') }, busier)).toMatchObject({ queueAhead: '2' });
  });

  it('does not count what the order itself holds', () => {
    expect(change(limit('buy', '98', { amount: '100' }), { amount: amount('102') as Amount })).toMatchObject({
      open: 1,
    });
  });
});
