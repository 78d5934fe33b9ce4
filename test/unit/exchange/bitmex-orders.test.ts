import { describe, expect, it } from 'vitest';
import { orderBody } from '../../../layers/exchange/custom/bitmex/order-request.ts';
import { execution, order, trade } from '../../support/bitmex-answers.ts';
import { createBitmexClient } from '../../support/bitmex-client.ts';

const client = createBitmexClient();
const limitOrder = { type: 'limit', side: 'buy', orderQty: '1000', price: '97000.50' };
const marketOrder = { type: 'market', side: 'sell', orderQty: '100' };
const bodyOf = (given: object, params: object) => JSON.stringify(orderBody({ ...limitOrder, ...given, params }));

describe('the body of an order', () => {
  it.each([
    [
      'a limit order, its digits as given',
      limitOrder,
      {},
      '{"side":"Buy","orderQty":1000,"ordType":"Limit","price":97000.50}',
    ],
    ['a market order, without a price', marketOrder, {}, '{"side":"Sell","orderQty":100,"ordType":"Market"}'],
  ])('of %s', (_, given, params, body) => {
    expect(JSON.stringify(orderBody({ ...given, params }))).toBe(body);
  });

  it.each([
    [{ postOnly: true }, '"execInst":"ParticipateDoNotInitiate"'],
    [{ timeInForce: 'PO' }, '"execInst":"ParticipateDoNotInitiate"'],
    [{ postOnly: true, reduceOnly: true }, '"execInst":"ParticipateDoNotInitiate,ReduceOnly"'],
    [{ timeInForce: 'IOC' }, '"timeInForce":"ImmediateOrCancel"'],
    [{ timeInForce: 'FOK' }, '"timeInForce":"FillOrKill"'],
    [{ timeInForce: 'GTC' }, '"timeInForce":"GoodTillCancel"'],
    [{ clientOrderId: 'nd1' }, '"clOrdID":"nd1"'],
    [{ text: 'ours' }, '"text":"ours"'],
  ])('takes %j over', (params, part) => {
    expect(bodyOf({}, params)).toContain(part);
  });

  it.each([
    ['buy', 'market', { stopLossPrice: '98000' }, 'Stop'],
    ['sell', 'limit', { stopLossPrice: '98000' }, 'StopLimit'],
    ['buy', 'market', { takeProfitPrice: '98000' }, 'MarketIfTouched'],
    ['sell', 'limit', { takeProfitPrice: '98000' }, 'LimitIfTouched'],
    ['buy', 'market', { triggerPrice: '98000', triggerDirection: 'ascending' }, 'Stop'],
    ['buy', 'market', { triggerPrice: '98000', triggerDirection: 'descending' }, 'MarketIfTouched'],
    ['sell', 'limit', { triggerPrice: '98000', triggerDirection: 'descending' }, 'StopLimit'],
    ['sell', 'limit', { triggerPrice: '98000', triggerDirection: 'ascending' }, 'LimitIfTouched'],
  ])('of a %s %s order with %j is a %s', (side, type, params, ordType) => {
    expect(JSON.parse(bodyOf({ side, type }, params))).toMatchObject({ ordType, stopPx: 98000 });
  });

  it('says by which price it triggers', () => {
    expect(bodyOf({}, { stopLossPrice: '98000', trigger: 'last' })).toContain('"execInst":"LastPrice"');
  });

  it.each([
    ['a limit order without a price', { price: undefined }, {}, 'ArgumentsRequired', /needs a price/],
    ['a post-only market order', { type: 'market' }, { postOnly: true }, 'InvalidOrder', /only limit orders/],
    ['a trigger without its direction', {}, { triggerPrice: '1' }, 'ArgumentsRequired', /triggerDirection/],
    ['a time in force BitMEX does not have', {}, { timeInForce: 'GTD' }, 'InvalidOrder', /one of GTC, IOC, FOK, DAY/],
    ['a trigger by an unknown price', {}, { stopLossPrice: '1', trigger: 'mid' }, 'InvalidOrder', /one of mark, last/],
    ['an id of 37 characters', {}, { clientOrderId: 'x'.repeat(37) }, 'InvalidOrder', /36 characters/],
  ])('is refused before it is sent for %s', (_, given, params, name, message) => {
    expect(() => bodyOf(given, params)).toThrow(
      expect.objectContaining({ name, message: expect.stringMatching(message) }),
    );
  });

  it('takes an id of 36 characters', () => {
    expect(bodyOf({}, { clientOrderId: 'x'.repeat(36) })).toContain('x'.repeat(36));
  });
});

describe('an order of BitMEX', () => {
  it('costs what it was filled at, in the currency of settlement', () => {
    expect(client.parseOrder(order)).toMatchObject({
      id: order.orderID,
      clientOrderId: order.clOrdID,
      status: 'closed',
      filled: '200',
      average: '99000',
      // 200 contracts of a dollar at 99000.
      cost: '0.00202020202020202',
    });
  });

  it('keeps what it was placed with', () => {
    expect(client.parseOrder({ ...order, execInst: 'ParticipateDoNotInitiate,ReduceOnly' })).toMatchObject({
      symbol: 'BTC/USD:BTC',
      side: 'sell',
      type: 'limit',
      price: '99000',
      amount: '200',
      postOnly: true,
      reduceOnly: true,
      timeInForce: 'PO',
      timestamp: Date.UTC(2026, 10, 20, 10, 25),
      lastUpdateTimestamp: Date.UTC(2026, 10, 20, 10, 35, 0, 456),
    });
  });

  it.each([
    ['New', 'open'],
    ['PartiallyFilled', 'open'],
    ['Untriggered', 'open'],
    ['PendingCancel', 'canceling'],
    ['Filled', 'closed'],
    ['Canceled', 'canceled'],
    ['Rejected', 'rejected'],
    ['Expired', 'expired'],
    ['SomethingNew', 'SomethingNew'],
  ])('that is %s is %s', (ordStatus, status) => {
    expect(client.parseOrder({ ...order, ordStatus })).toMatchObject({ status });
  });

  it('on spot is counted in the base currency', () => {
    const spot = {
      ...order,
      symbol: 'XBT_USDT',
      orderQty: 1_000_000,
      cumQty: 400_000,
      leavesQty: 600_000,
      avgPx: 97887.5,
    };
    expect(client.parseOrder(spot)).toMatchObject({
      amount: '0.01',
      filled: '0.004',
      remaining: '0.006',
      cost: '391.55',
    });
  });
});

describe('an order at a market that is not known', () => {
  it('has no amounts, since nobody could say in what', () => {
    const parsed = client.parseOrder({ ...order, symbol: 'NEW_USDT' });
    expect(parsed).toMatchObject({ id: order.orderID, amount: undefined, filled: undefined, cost: undefined });
  });
});

describe('an execution of BitMEX', () => {
  it('has an id of its own and a fee, which below zero is a rebate', () => {
    expect(client.parseTrade(execution)).toMatchObject({
      id: execution.execID,
      amount: '100',
      price: '98950',
      fee: { currency: 'BTC', cost: '-0.00000025' },
      timestamp: Date.UTC(2026, 10, 20, 10, 35, 0, 789),
    });
  });

  it('names its order, its role and its worth in the currency of settlement', () => {
    expect(client.parseTrade(execution)).toMatchObject({
      order: order.orderID,
      side: 'sell',
      takerOrMaker: 'maker',
      cost: '0.00101061',
    });
    expect(client.parseTrade({ ...execution, lastLiquidityInd: 'RemovedLiquidity' }).takerOrMaker).toBe('taker');
  });

  it('has no fee where the scale of its currency is not known', () => {
    expect(client.parseTrade({ ...execution, settlCurrency: 'Gwei' }).fee?.cost).toBeUndefined();
  });

  it('of somebody else has the id of the match', () => {
    expect(client.parseTrade(trade)).toMatchObject({
      id: trade.trdMatchID,
      side: 'buy',
      amount: '100',
      price: '98951',
    });
  });
});
