import { describe, expect, it } from 'vitest';
import { answering, success, symbol } from '../../support/answering-edgex.ts';
import { documented, exampleAccount } from '../../support/recorded-edgex.ts';

describe('placing at edgeX', () => {
  const placing = () => answering({ createOrder: documented('create-order'), getTicker: documented('ticker') });

  it('sends the documented fields, and returns what edgeX tells', async () => {
    const { client, commands } = placing();
    const order = await client.createOrder(symbol, 'limit', 'buy', '0.001' as never, '97393.8' as never, {
      clientOrderId: '21163368294502694',
    });
    expect(order).toMatchObject({ id: '564814927928230158', clientOrderId: '21163368294502694', status: undefined });
    const [body] = commands();
    expect(body).toMatchObject({
      accountId: exampleAccount.accountId,
      contractId: '10000001',
      side: 'BUY',
      size: '0.001',
      price: '97393.8',
      type: 'LIMIT',
      timeInForce: 'GOOD_TIL_CANCEL',
      reduceOnly: false,
      l2Nonce: '808219',
      l2Value: '97.3938',
      l2Size: '0.001',
    });
    expect(body?.l2Signature).toMatch(/^[0-9a-f]{128}$/);
  });

  it.each([
    [{ timeInForce: 'IOC' }, { timeInForce: 'IMMEDIATE_OR_CANCEL' }],
    [{ timeInForce: 'FOK' }, { timeInForce: 'FILL_OR_KILL' }],
    [{ timeInForce: 'PO' }, { timeInForce: 'POST_ONLY' }],
    [{ postOnly: true }, { timeInForce: 'POST_ONLY' }],
    [{ reduceOnly: true }, { timeInForce: 'GOOD_TIL_CANCEL', reduceOnly: true }],
  ])('writes %j as %j', async (params, expected) => {
    const { client, commands } = placing();
    await client.createOrder(symbol, 'limit', 'sell', '0.002' as never, '99999.9' as never, params);
    expect(commands()[0]).toMatchObject(expected);
    expect(commands()[0]).not.toHaveProperty('postOnly');
  });

  it('signs orders at market for ten times the oracle, or one step, and asks the oracle once', async () => {
    const { client, commands, sent } = placing();
    for (const side of ['buy', 'buy', 'sell']) await client.createOrder(symbol, 'market', side, '0.001' as never);
    const market = { type: 'MARKET', price: '0', timeInForce: 'IMMEDIATE_OR_CANCEL' };
    const bought = { ...market, side: 'BUY', l2Value: '1016.363751' };
    expect(commands()).toMatchObject([bought, bought, { ...market, side: 'SELL', l2Value: '0.0001' }]);
    expect(sent.filter(({ url }) => url.pathname.endsWith('getTicker'))).toHaveLength(1);
  });

  it.each([
    ['stop', 'buy', '1', {}, 'NotSupported'],
    ['limit', 'long', '1', {}, 'InvalidOrder'],
    ['limit', 'buy', undefined, {}, 'ArgumentsRequired'],
    ['limit', 'buy', '1', { timeInForce: 'GTX' }, 'InvalidOrder'],
    ['limit', 'buy', '1', { triggerPrice: '2' }, 'NotSupported'],
    ['limit', 'buy', '1', { clientOrderId: 'a&b' }, 'InvalidOrder'],
  ])('refuses %s %s at %s with %j before anything is sent', async (type, side, price, params, name) => {
    const { client, commands } = placing();
    const placed = client.createOrder(symbol, type, side, '0.001' as never, price as never, params);
    await expect(placed).rejects.toMatchObject({ name });
    expect(commands()).toEqual([]);
  });

  it.each([{ privateKey: 'secret-that-is-no-key' }, { accountId: 'main' }, { privateKey: '' }])(
    'refuses credentials like %j without repeating a key',
    async (credentials) => {
      const { client, commands } = placing();
      Object.assign(client, credentials);
      const placed = client.createOrder(symbol, 'limit', 'buy', '0.001' as never, '1' as never);
      await expect(placed).rejects.not.toThrow('secret-that');
      await expect(placed).rejects.toMatchObject({ name: expect.stringMatching(/AuthenticationError|BadRequest/) });
      expect(commands()).toEqual([]);
    },
  );
});

describe('canceling at edgeX', () => {
  const answer = (results: Record<string, string>) => success({ cancelResultMap: results });

  it.each([
    ['SUCCESS', 'canceling'],
    ['SUCCESS_ORDER_CANCELING', 'canceling'],
    ['SUCCESS_ORDER_CANCELED', 'canceled'],
  ])('reads %s as %s', async (result, status) => {
    const { client, commands } = answering({ cancelOrderById: answer({ '7': result }) });
    expect(await client.cancelOrder('7', symbol)).toMatchObject({ id: '7', status });
    expect(commands()).toEqual([{ accountId: exampleAccount.accountId, orderIdList: ['7'] }]);
  });

  it.each([
    ['FAILED_ORDER_NOT_FOUND', 'OrderNotFound'],
    ['FAILED_ORDER_FILLED', 'OrderNotFound'],
    ['FAILED_ORDER_UNKNOWN_STATUS', 'ExchangeError'],
  ])('reads %s as %s', async (result, name) => {
    const { client } = answering({ cancelOrderById: answer({ '7': result }) });
    await expect(client.cancelOrder('7', symbol)).rejects.toMatchObject({ name });
  });

  it('takes our own id, and no answer about it for no order', async () => {
    const { client, commands } = answering({ cancelOrderByClientOrderId: answer({ nd1: 'SUCCESS' }) });
    expect(await client.cancelOrder('', symbol, { clientOrderId: 'nd1' })).toMatchObject({ clientOrderId: 'nd1' });
    expect(commands()[0]).toMatchObject({ clientOrderIdList: ['nd1'] });
    await expect(client.cancelOrder('', symbol, { clientOrderId: 'nd2' })).rejects.toMatchObject({
      name: 'OrderNotFound',
    });
  });

  it('cancels all orders of a market', async () => {
    const { client, commands } = answering({ cancelAllOrder: documented('cancel-all-order') });
    expect(await client.cancelAllOrders(symbol)).toMatchObject([{ id: '564828209955209354', status: 'canceling' }]);
    expect(commands()[0]).toMatchObject({ filterContractIdList: ['10000001'] });
  });
});

describe("edgeX's refusals", () => {
  it.each([
    ['ACCOUNT_ID_WHITELIST_ERROR', 'PermissionDenied'],
    ['INSUFFICIENT_BALANCE', 'InsufficientFunds'],
    ['INVALID_CONTRACT_ID', 'BadSymbol'],
    ['INVALID_PARAMETER', 'BadRequest'],
    ['ORDER_NOT_FOUND', 'OrderNotFound'],
    ['RATE_LIMIT_EXCEEDED', 'RateLimitExceeded'],
    ['SIGNATURE_ERROR', 'AuthenticationError'],
    ['CLIENT_ORDER_ID_DUPLICATED', 'DuplicateOrderId'],
    ['INVALID_TIMESTAMP', 'InvalidNonce'],
    ['MARGIN_NOT_ENOUGH', 'InsufficientFunds'],
    ['NEVER_HEARD_OF', 'ExchangeError'],
  ])('%s is %s', async (code, name) => {
    const { client } = answering({ getServerTime: { code, data: null, msg: 'why' } });
    await expect(client.fetchTime()).rejects.toMatchObject({ name });
  });

  it('takes no answer for one of edgeX that does not say how it went', async () => {
    const { client } = answering({ getServerTime: { data: { timeMillis: '1' } } });
    await expect(client.fetchTime()).rejects.toMatchObject({ name: 'BadResponse' });
  });

  it('asks nothing that would have to be escaped', async () => {
    const { client, sent } = answering({ getOrderById: success([]) });
    await expect(client.fetchOrder('1&accountId=2')).rejects.toMatchObject({ name: 'BadRequest' });
    expect(sent.every(({ url }) => url.pathname.endsWith('getMetaData'))).toBe(true);
  });
});
