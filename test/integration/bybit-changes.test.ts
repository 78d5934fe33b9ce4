import type { bybit } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import {
  control,
  perpetual,
  restClient,
  type SimulatedOrder,
  simulatedOrders,
  spot,
  startSimulator,
} from './bybit-support.ts';

let simulator: BybitSimulator;
let exchange: bybit;
let last: number;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
  last = Number((await exchange.fetchTicker(perpetual)).last);
});

afterAll(async () => {
  await simulator.close();
});

const at = (share: number) => Math.round(last * share);
const inject = (fault: unknown) => control(simulator.url, 'POST', 'faults', fault);
const market = (side: 'buy' | 'sell', amount: number) => exchange.createOrder(perpetual, 'market', side, amount);
const held = () => exchange.fetchPosition(perpetual);
const tradingStop = (params: object) =>
  exchange.privatePostV5PositionTradingStop({ category: 'linear', symbol: 'BTCUSDT', positionIdx: 0, ...params });

async function truth(fits: (order: SimulatedOrder) => boolean): Promise<SimulatedOrder> {
  const found = (await simulatedOrders(simulator.url)).find(fits);
  if (found === undefined) throw new Error('no order fits');
  return found;
}

describe('amendments', () => {
  it('change price, quantity and trigger, and keep what has traded', async () => {
    const resting = await exchange.createOrder(perpetual, 'limit', 'buy', 0.4, at(0.95));
    await inject({ kind: 'fill-first', ratio: '0.5', count: 1 });
    await exchange.editOrder(`${resting.id}`, perpetual, 'limit', 'buy', 0.3, at(0.94));
    expect(await truth(({ orderId }) => orderId === resting.id)).toEqual(
      expect.objectContaining({ orderStatus: 'PartiallyFilled', cumExecQty: '0.2', qty: '0.3' }),
    );
    const waiting = await exchange.createOrder(perpetual, 'market', 'sell', 0.1, undefined, {
      ...{ triggerPrice: at(0.9), triggerDirection: 'below' },
    });
    await exchange.editOrder(`${waiting.id}`, perpetual, 'market', 'sell', 0.2, undefined, { triggerPrice: at(0.85) });
    const changed = await truth(({ orderId }) => orderId === waiting.id);
    expect([changed.qty, changed.trigger?.price]).toEqual(['0.2', String(at(0.85))]);
  });

  it.each([
    { ratio: '0.5', code: /110064/, orderStatus: 'PartiallyFilled' },
    { ratio: '1', code: /110001/, orderStatus: 'Filled' },
  ])('are refused when a fill of $ratio was first', async ({ ratio, code, orderStatus }) => {
    const resting = await exchange.createOrder(perpetual, 'limit', 'buy', 0.4, at(0.95));
    await inject({ kind: 'fill-first', ratio, count: 1, match: { path: '/v5/order/amend' } });
    await expect(exchange.editOrder(`${resting.id}`, perpetual, 'limit', 'buy', 0.2, at(0.95))).rejects.toThrow(code);
    expect(await truth(({ orderId }) => orderId === resting.id)).toEqual(
      expect.objectContaining({ orderStatus, qty: '0.4' }),
    );
  });

  it('change one exit of an order and keep the other; zero takes it away', async () => {
    const resting = await exchange.createOrder(perpetual, 'limit', 'buy', 0.4, at(0.95), {
      ...{ takeProfit: { triggerPrice: at(1.1) }, stopLoss: { triggerPrice: at(0.9) } },
    });
    const exits = async () => {
      const { takeProfit, stopLoss } = (await exchange.fetchOpenOrder(`${resting.id}`, perpetual)).info;
      return [takeProfit, stopLoss];
    };
    await exchange.editOrder(`${resting.id}`, perpetual, 'limit', 'buy', undefined, undefined, {
      // ccxt sends an object as it is, which Bybit does not read.
      stopLoss: at(0.85),
    });
    expect(await exits()).toEqual([String(at(1.1)), String(at(0.85))]);
    await exchange.privatePostV5OrderAmend({
      category: 'linear',
      symbol: 'BTCUSDT',
      orderId: resting.id,
      takeProfit: '0',
    });
    expect(await exits()).toEqual(['', String(at(0.85))]);
  });
});

describe('cancellations', () => {
  it('race a fill, one by one and all at once', async () => {
    const first = await exchange.createOrder(spot, 'limit', 'buy', 0.4, at(0.95));
    const second = await exchange.createOrder(spot, 'limit', 'buy', 0.4, at(0.94));
    await inject({ kind: 'fill-first', ratio: '1', count: 1, match: { path: '/v5/order/cancel' } });
    await inject({ kind: 'fill-first', ratio: '0.5', count: 1, match: { path: '/v5/order/cancel-all' } });
    await expect(exchange.cancelOrder(`${first.id}`, spot)).rejects.toThrow(/170213/);
    await exchange.cancelAllOrders(spot);
    const states = (await simulatedOrders(simulator.url)).map(({ orderStatus, cumExecQty }) => [
      orderStatus,
      cumExecQty,
    ]);
    expect(states).toEqual([
      ['Filled', '0.4'],
      ['PartiallyFilledCanceled', '0.2'],
    ]);
    expect(second.id).toBeDefined();
  });

  it('take in a whole coin, or conditional orders alone', async () => {
    await market('buy', 0.2);
    await tradingStop({ trailingStop: '1000' });
    await exchange.createOrder(perpetual, 'limit', 'buy', 0.1, at(0.95));
    await exchange.createOrder(perpetual, 'market', 'sell', 0.1, undefined, {
      triggerPrice: at(0.9),
      triggerDirection: 'below',
    });
    const open = async () =>
      (await simulatedOrders(simulator.url))
        .filter(({ orderStatus }) => ['New', 'Untriggered'].includes(orderStatus))
        .map(({ stopOrderType }) => stopOrderType)
        .toSorted();
    await exchange.cancelAllOrders(perpetual, { trigger: true, stopOrderType: 'Stop' });
    expect(await open()).toEqual(['', 'TrailingStop']);
    await exchange.cancelAllOrders(undefined, { type: 'swap', subType: 'linear' });
    expect(await open()).toEqual([]);
    await expect(exchange.privatePostV5OrderCancelAll({ category: 'linear' })).rejects.toThrow(/10001/);
  });
});

describe('faults of the connection', () => {
  it.each(['/v5/order/amend', '/v5/order/cancel-all', '/v5/position/trading-stop', '/v5/position/set-leverage'])(
    'strike %s after it took effect',
    async (path) => {
      await market('buy', 0.2);
      const resting = await exchange.createOrder(perpetual, 'limit', 'buy', 0.4, at(0.95));
      await inject({ kind: 'drop-answer', count: 1, match: { path } });
      const calls: Record<string, () => Promise<unknown>> = {
        '/v5/order/amend': () => exchange.editOrder(`${resting.id}`, perpetual, 'limit', 'buy', 0.3, at(0.94)),
        '/v5/order/cancel-all': () => exchange.cancelAllOrders(perpetual),
        '/v5/position/trading-stop': () => tradingStop({ trailingStop: '1000' }),
        '/v5/position/set-leverage': () => exchange.setLeverage(9, perpetual),
      };
      await expect(calls[path]?.()).rejects.toThrow();
      const order = await truth(({ orderId }) => orderId === resting.id);
      const { leverage } = await held();
      const orders = (await simulatedOrders(simulator.url)).map(({ stopOrderType }) => stopOrderType);
      const effects = [order.qty, order.orderStatus, orders.includes('TrailingStop'), leverage];
      expect(effects).toEqual([
        path.endsWith('amend') ? '0.3' : '0.4',
        path.endsWith('cancel-all') ? 'Cancelled' : 'New',
        path.endsWith('trading-stop'),
        path.endsWith('set-leverage') ? 9 : 10,
      ]);
    },
  );
});
