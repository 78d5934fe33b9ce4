import type { binance } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { control, restClient, type SimulatedOrder, simulatedOrders, startSimulator } from './binance-support.ts';

let simulator: BinanceSimulator;
let exchange: binance;
let last: number;

beforeAll(async () => {
  simulator = await startSimulator({ symbolsCount: 60, tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
  last = Number((await exchange.fetchTicker('BTC/USDT')).last);
});

afterAll(async () => {
  await simulator.close();
});

const symbol = 'BTC/USDT';
/** A share of the last price, on a tick. */
const at = (share: number) => Math.round(last * share);
const movePrice = (factor: number) => control(simulator.url, 'POST', 'price', { symbol: 'BTCUSDT', factor });

async function truthOf(orderId: string | undefined): Promise<SimulatedOrder> {
  const found = (await simulatedOrders(simulator.url)).find((order) => String(order.orderId) === orderId);
  if (found === undefined) throw new Error(`no order ${orderId}`);
  return found;
}

/** The venue's own call, which ccxt signs and sends like any other. */
const call = (method: string, path: string, params: object) => exchange.request(path, 'private', method, { ...params });

describe('orders that wait for a price', () => {
  it.each([
    {
      name: 'stop loss',
      type: 'market',
      side: 'sell',
      params: { stopLossPrice: 0.95 },
      sent: 'STOP_LOSS',
      factor: 0.9,
    },
    { name: 'stop loss', type: 'market', side: 'buy', params: { stopLossPrice: 1.05 }, sent: 'STOP_LOSS', factor: 1.1 },
    {
      name: 'take profit',
      type: 'market',
      side: 'sell',
      params: { takeProfitPrice: 1.05 },
      sent: 'TAKE_PROFIT',
      factor: 1.1,
    },
    {
      name: 'stop-limit',
      type: 'limit',
      side: 'sell',
      params: { stopLossPrice: 0.95 },
      sent: 'STOP_LOSS_LIMIT',
      factor: 0.93,
    },
    {
      name: 'profit-limit',
      type: 'limit',
      side: 'buy',
      params: { takeProfitPrice: 0.95 },
      sent: 'TAKE_PROFIT_LIMIT',
      factor: 0.93,
    },
  ])('$name: a $side that is sent as $sent', async ({ type, side, params, sent, factor }) => {
    const prices = Object.fromEntries(Object.entries(params).map(([name, share]) => [name, at(Number(share))]));
    const limit = type === 'limit' ? at(side === 'sell' ? 0.9 : 0.96) : undefined;
    const order = await exchange.createOrder(symbol, type, side, 0.01, limit, prices);
    expect(order).toEqual(expect.objectContaining({ status: 'open', filled: 0 }));
    expect((await truthOf(order.id)).trigger).toEqual(expect.objectContaining({ by: 'last' }));
    expect((await exchange.fetchOrder(`${order.id}`, symbol)).info).toEqual(
      expect.objectContaining({ type: sent, isWorking: false }),
    );
    await movePrice(factor);
    expect(await exchange.fetchOrder(`${order.id}`, symbol)).toEqual(
      expect.objectContaining({ status: 'closed', filled: 0.01 }),
    );
  });

  it('follow the market as trailing stops do', async () => {
    const order = await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, {
      trailingPercent: '5',
      stopLossOrTakeProfit: 'stopLoss',
    });
    expect((await exchange.fetchOrder(`${order.id}`, symbol)).info).toEqual(
      expect.objectContaining({ type: 'STOP_LOSS', trailingDelta: 500 }),
    );
    await movePrice(1.2);
    const truth = await truthOf(order.id);
    expect(truth.trailing).toEqual(expect.objectContaining({ offset: '0.05', unit: 'share', activationPrice: null }));
    expect(Number(truth.trigger?.price)).toBeCloseTo(Number(truth.trailing?.best) * 0.95, 6);
    expect(Number(truth.trigger?.price)).toBeGreaterThan(last);
    await movePrice(0.97);
    expect((await exchange.fetchOrder(`${order.id}`, symbol)).status).toBe('open');
    await movePrice(0.95);
    const filled = await exchange.fetchOrder(`${order.id}`, symbol);
    expect(filled).toEqual(expect.objectContaining({ status: 'closed', filled: 0.01 }));
    expect(Number(filled.average)).toBeGreaterThan(last);
  });

  it('sleep until the stop price when they have one', async () => {
    const order = await exchange.createOrder(symbol, 'TAKE_PROFIT_LIMIT', 'sell', 0.01, at(0.9), {
      trailingPercent: '2',
      trailingTriggerPrice: at(1.05),
    });
    await movePrice(0.95);
    expect((await truthOf(order.id)).trailing).toEqual(expect.objectContaining({ best: null }));
    await movePrice(1.2);
    expect((await truthOf(order.id)).trailing?.best).not.toBeNull();
    await movePrice(0.96);
    expect((await exchange.fetchOrder(`${order.id}`, symbol)).status).toBe('closed');
  });

  it('are refused beyond five per symbol', async () => {
    for (let index = 0; index < 5; index++) {
      await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { stopLossPrice: at(0.8) });
    }
    await expect(
      exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { stopLossPrice: at(0.8) }),
    ).rejects.toThrow(/MAX_NUM_ALGO_ORDERS/);
  });
});

describe('changes of orders', () => {
  it('replace one by another under an id of its own', async () => {
    const order = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, at(0.8));
    const edited = await exchange.editOrder(`${order.id}`, symbol, 'limit', 'buy', 0.02, at(0.7), {
      clientOrderId: 'replacement',
    });
    expect(edited).toEqual(expect.objectContaining({ status: 'open', amount: 0.02, clientOrderId: 'replacement' }));
    expect((await truthOf(order.id)).status).toBe('CANCELED');
    expect((await truthOf(edited.id)).status).toBe('NEW');
  });

  it('leave all as it was when the replacement would fail a filter', async () => {
    const order = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, at(0.8));
    const request = { symbol: 'BTCUSDT', cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: order.id };
    const replacement = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.00001', price: '50000' };
    await expect(call('POST', 'order/cancelReplace', { ...request, ...replacement })).rejects.toThrow(/NOTIONAL/);
    expect((await truthOf(order.id)).status).toBe('NEW');
  });

  it.each([
    { mode: 'STOP_ON_FAILURE', code: -2022, result: 'NOT_ATTEMPTED', placed: 0 },
    { mode: 'ALLOW_FAILURE', code: -2021, result: 'SUCCESS', placed: 1 },
  ])('tell of both halves when there is nothing to cancel: $mode', async ({ mode, code, result, placed }) => {
    const request = { symbol: 'BTCUSDT', cancelReplaceMode: mode, cancelOrderId: '1' };
    const replacement = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: String(at(0.8)) };
    const refusal = await call('POST', 'order/cancelReplace', { ...request, ...replacement }).catch(String);
    expect(refusal).toContain(String(code));
    expect(refusal).toContain(`"newOrderResult":"${result}"`);
    expect((await simulatedOrders(simulator.url)).length).toBe(placed);
  });

  it('make an order smaller where it stands, under a new client id', async () => {
    const order = await exchange.createOrder(symbol, 'limit', 'buy', 0.02, at(0.8), { clientOrderId: 'before' });
    const answer = (await call('PUT', 'order/amend/keepPriority', {
      ...{ symbol: 'BTCUSDT', orderId: order.id, newQty: '0.01', newClientOrderId: 'after' },
    })) as { amendedOrder: unknown; executionId: unknown };
    expect(answer.amendedOrder).toEqual(
      expect.objectContaining({ origClientOrderId: 'before', clientOrderId: 'after', qty: '0.01000000' }),
    );
    expect(Number(answer.executionId)).toBeGreaterThan(0);
    expect(await exchange.fetchOrder('', symbol, { origClientOrderId: 'after' })).toEqual(
      expect.objectContaining({ id: order.id, amount: 0.01, status: 'open' }),
    );
    expect((await exchange.fetchBalance()).USDT?.used).toBeCloseTo(at(0.8) * 0.01, 6);
  });

  it.each([
    ['larger', '0.03', /quantity increase/],
    ['the same', '0.02', /would change no state/],
    ['nothing', '0', /Invalid quantity/],
    ['off the step', '0.010001', /LOT_SIZE/],
  ])('refuse to make an order %s', async (_name, newQty, message) => {
    const order = await exchange.createOrder(symbol, 'limit', 'buy', 0.02, at(0.8));
    const request = { symbol: 'BTCUSDT', orderId: order.id, newQty };
    await expect(call('PUT', 'order/amend/keepPriority', request)).rejects.toThrow(message);
    expect((await truthOf(order.id)).status).toBe('NEW');
  });
});

describe('lists of which one order cancels the other', () => {
  const sell = () => ({
    ...{ symbol: 'BTCUSDT', side: 'SELL', quantity: '0.01', listClientOrderId: 'bracket' },
    ...{ aboveType: 'LIMIT_MAKER', abovePrice: String(at(1.05)), aboveClientOrderId: 'target' },
    ...{ belowType: 'STOP_LOSS', belowStopPrice: String(at(0.95)), belowClientOrderId: 'stop' },
  });
  interface ListAnswer {
    orderListId: number;
    listOrderStatus: string;
    orders: { orderId: number; clientOrderId: string }[];
    orderReports?: { clientOrderId: string; status: string; orderListId: number }[];
  }
  const place = async (params: object = sell()) =>
    (await exchange.privatePostOrderListOco(params)) as unknown as ListAnswer;
  const statuses = async () => {
    const orders = await simulatedOrders(simulator.url);
    return Object.fromEntries(orders.map(({ clientOrderId, status }) => [clientOrderId, status]));
  };

  it('share one reservation, and show their list everywhere', async () => {
    const list = await place();
    expect(list).toEqual(expect.objectContaining({ contingencyType: 'OCO', listOrderStatus: 'EXECUTING' }));
    expect(list.orderReports?.map(({ clientOrderId }) => clientOrderId)).toEqual(['stop', 'target']);
    expect((await exchange.fetchBalance()).BTC?.used).toBe(0.01);
    const orders = await simulatedOrders(simulator.url);
    expect(orders.map(({ listId }) => String(listId))).toEqual([String(list.orderListId), String(list.orderListId)]);
    const open = (await exchange.privateGetOpenOrderList()) as unknown as ListAnswer[];
    expect(open.map(({ orderListId }) => orderListId)).toEqual([list.orderListId]);
    const queried = (await exchange.privateGetOrderList({ origClientOrderId: 'bracket' })) as unknown as ListAnswer;
    expect(queried.orders).toEqual(list.orders);
  });

  it.each([
    { name: 'the target trades', factor: 1.1, expected: { target: 'FILLED', stop: 'EXPIRED' } },
    { name: 'the stop triggers', factor: 0.9, expected: { target: 'EXPIRED', stop: 'FILLED' } },
  ])('end when $name', async ({ factor, expected }) => {
    const { orderListId } = await place();
    await movePrice(factor);
    expect(await statuses()).toEqual(expected);
    const list = (await exchange.privateGetOrderList({ orderListId })) as unknown as ListAnswer;
    expect(list.listOrderStatus).toBe('ALL_DONE');
    expect((await exchange.fetchBalance()).BTC?.used).toBe(0);
  });

  it.each([
    {
      name: 'the list',
      cancel: () => exchange.privateDeleteOrderList({ symbol: 'BTCUSDT', listClientOrderId: 'bracket' }),
    },
    { name: 'one of them', cancel: () => exchange.cancelOrder('', symbol, { clientOrderId: 'stop' }) },
    { name: 'everything', cancel: () => exchange.cancelAllOrders(symbol) },
  ])('end together when $name is canceled', async ({ cancel }) => {
    await place();
    await cancel();
    expect(await statuses()).toEqual({ target: 'CANCELED', stop: 'CANCELED' });
    expect((await exchange.fetchBalance()).BTC?.used).toBe(0);
  });

  it('take a trailing stop', async () => {
    const { belowStopPrice: _, ...others } = sell();
    await place({ ...others, belowTrailingDelta: '300' });
    await movePrice(0.96);
    expect(await statuses()).toEqual({ target: 'EXPIRED', stop: 'FILLED' });
  });

  it('lock for a buy what the dearer order needs', async () => {
    await place({
      ...{ symbol: 'BTCUSDT', side: 'BUY', quantity: '0.01' },
      ...{ belowType: 'TAKE_PROFIT', belowStopPrice: String(at(0.95)) },
      ...{ aboveType: 'STOP_LOSS_LIMIT', aboveStopPrice: String(at(1.05)), abovePrice: String(at(1.06)) },
      aboveTimeInForce: 'GTC',
    });
    expect((await exchange.fetchBalance()).USDT?.used).toBeCloseTo(at(1.06) * 0.01, 6);
  });

  it('are made smaller together', async () => {
    await place({ ...sell(), quantity: '0.02' });
    const request = { symbol: 'BTCUSDT', origClientOrderId: 'stop', newQty: '0.01', newClientOrderId: 'stop' };
    const answer = (await call('PUT', 'order/amend/keepPriority', request)) as { listStatus: unknown };
    expect(answer.listStatus).toEqual(expect.objectContaining({ listOrderStatus: 'EXECUTING' }));
    expect((await exchange.fetchBalance()).BTC?.used).toBe(0.01);
    await movePrice(1.1);
    expect((await simulatedOrders(simulator.url)).map(({ executedQty }) => executedQty).toSorted()).toEqual([
      '0.00000000',
      '0.01000000',
    ]);
  });

  it.each([
    ['a target below the market', { abovePrice: '50000' }, /-2010/],
    ['two limits', { belowType: 'LIMIT_MAKER', belowPrice: '50000' }, /-1168/],
    ['a type that fits no list', { belowType: 'MARKET' }, /-1158/],
    ['a stop above for a sell', { aboveType: 'STOP_LOSS' }, /-1106|-1197/],
    ['no stop price', { belowStopPrice: undefined }, /belowStopPrice/],
    ['a parameter nobody knows', { colour: 'red' }, /-1104/],
    ['one client id for both', { belowClientOrderId: 'target' }, /Duplicate/],
  ])('are refused with %s, and nothing is there', async (_name, change, message) => {
    const params = Object.fromEntries(
      Object.entries({ ...sell(), ...change }).filter(([, value]) => value !== undefined),
    );
    await expect(place(params)).rejects.toThrow(message);
    expect(await simulatedOrders(simulator.url)).toEqual([]);
  });
});
