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
const movePrice = (factor: number) => control(simulator.url, 'POST', 'price', { symbol: 'BTCUSDT', factor });
const market = (side: 'buy' | 'sell', amount: number) => exchange.createOrder(perpetual, 'market', side, amount);
const held = () => exchange.fetchPosition(perpetual);
const tradingStop = (params: object) =>
  exchange.privatePostV5PositionTradingStop({ category: 'linear', symbol: 'BTCUSDT', positionIdx: 0, ...params });

async function truth(fits: (order: SimulatedOrder) => boolean): Promise<SimulatedOrder> {
  const found = (await simulatedOrders(simulator.url)).find(fits);
  if (found === undefined) throw new Error('no order fits');
  return found;
}

const trailingStop = () => truth(({ stopOrderType }) => stopOrderType === 'TrailingStop');

describe('the trailing stop of a position', () => {
  it('follows the best price by a distance and closes the position', async () => {
    await market('buy', 0.5);
    await exchange.createOrder(perpetual, 'market', 'sell', 0.5, undefined, { trailingAmount: String(at(0.05)) });
    const before = await trailingStop();
    expect(before).toEqual(expect.objectContaining({ orderStatus: 'Untriggered', qty: '0.5', reduceOnly: true }));
    await movePrice(1.2);
    expect(Number((await trailingStop()).trigger?.price)).toBeGreaterThan(Number(before.trigger?.price) * 1.15);
    expect((await held()).info.trailingStop).toBe(String(at(0.05)));
    await movePrice(0.94);
    expect(await held()).toMatchObject({ contracts: 0 });
    const [order] = await exchange.fetchClosedOrders(perpetual, undefined, 1);
    expect(order?.info).toEqual(
      expect.objectContaining({ stopOrderType: 'TrailingStop', createType: 'CreateByTrailingStop', orderLinkId: '' }),
    );
  });

  it('sleeps until its activation price', async () => {
    await market('sell', 0.5);
    await exchange.createOrder(perpetual, 'market', 'buy', 0.5, undefined, {
      ...{ trailingAmount: String(at(0.02)), trailingTriggerPrice: at(0.9) },
    });
    await movePrice(1.05);
    expect((await trailingStop()).trailing).toEqual(
      expect.objectContaining({ best: null, activationPrice: String(at(0.9)) }),
    );
    await movePrice(0.8);
    expect((await trailingStop()).trailing?.best).not.toBeNull();
    await movePrice(1.05);
    expect(await held()).toMatchObject({ contracts: 0 });
  });

  it('is replaced, taken away, and ends with its position', async () => {
    await market('buy', 0.5);
    await tradingStop({ trailingStop: '1000' });
    await expect(tradingStop({ trailingStop: '1000' })).rejects.toThrow(/34040/);
    await tradingStop({ trailingStop: '2000', takeProfit: String(at(1.1)) });
    const waiting = (await simulatedOrders(simulator.url)).filter(({ orderStatus }) => orderStatus === 'Untriggered');
    expect(waiting.map(({ stopOrderType }) => stopOrderType).toSorted()).toEqual(['TakeProfit', 'TrailingStop']);
    await tradingStop({ trailingStop: '0' });
    expect((await held()).info.trailingStop).toBe('0');
    await tradingStop({ trailingStop: '1500' });
    await market('sell', 0.5);
    const open = (await simulatedOrders(simulator.url)).filter(({ orderStatus }) => orderStatus === 'Untriggered');
    expect(open).toEqual([]);
  });

  it.each([
    ['without a position', '1000', undefined, 0, /10001/],
    ['off the tick', '1000.03', undefined, 0.5, /10001/],
    ['with an activation price that lies behind', '1000', 0.9, 0.5, /10001.*higher/],
  ])('is refused %s', async (_name, distance, activation, size, message) => {
    if (size > 0) await market('buy', size);
    const activePrice = activation === undefined ? {} : { activePrice: String(at(activation)) };
    await expect(tradingStop({ trailingStop: distance, ...activePrice })).rejects.toThrow(message);
  });
});

describe('conditional orders', () => {
  it.each([
    { name: 'linear', symbol: perpetual, params: { triggerDirection: 'below' } },
    { name: 'spot', symbol: spot, params: {} },
  ])('are found by their own link id before and after they trade: $name', async ({ symbol, params }) => {
    await exchange.createOrder(symbol, 'market', 'sell', 0.1, undefined, {
      ...{ triggerPrice: at(0.95), clientOrderId: 'conditional', ...params },
    });
    const [waiting] = await exchange.fetchOpenOrders(symbol, undefined, undefined, { trigger: true });
    expect(waiting).toMatchObject({ clientOrderId: 'conditional', status: 'open', triggerPrice: at(0.95) });
    await movePrice(0.9);
    const [done] = await exchange.fetchClosedOrders(symbol, undefined, undefined, { orderLinkId: 'conditional' });
    expect(done).toMatchObject({ status: 'closed', filled: 0.1 });
    const trades = await exchange.fetchMyTrades(symbol, undefined, undefined, { orderLinkId: 'conditional' });
    expect(trades.reduce((sum, { amount }) => sum + Number(amount), 0)).toBeCloseTo(0.1, 8);
  });

  it('set coins aside at once as TP/SL orders on spot, and only when triggered as stop orders', async () => {
    await exchange.createOrder(spot, 'market', 'sell', 1, undefined, { stopLossPrice: at(0.8) });
    expect((await exchange.fetchBalance()).BTC?.used).toBe(1);
    await exchange.createOrder(spot, 'market', 'sell', 1, undefined, { triggerPrice: at(0.8) });
    expect((await exchange.fetchBalance()).BTC?.used).toBe(1);
    await exchange.cancelAllOrders(spot);
    expect((await exchange.fetchOpenOrders(spot, undefined, undefined, { trigger: true })).length).toBe(1);
    await exchange.cancelAllOrders(spot, { trigger: true });
    await exchange.cancelAllOrders(spot, { orderFilter: 'tpslOrder' });
    expect((await exchange.fetchBalance()).BTC?.used).toBe(0);
  });

  it('reduce only what is there, by the mark price where that is asked for', async () => {
    await market('buy', 0.2);
    await exchange.createOrder(perpetual, 'market', 'sell', 0.5, undefined, {
      ...{
        triggerPrice: at(0.95),
        triggerDirection: 'below',
        triggerBy: 'MarkPrice',
        reduceOnly: true,
        closeOnTrigger: true,
      },
    });
    const waiting = await truth(({ stopOrderType }) => stopOrderType === 'Stop');
    expect(waiting).toEqual(
      expect.objectContaining({ reduceOnly: true, trigger: expect.objectContaining({ by: 'mark' }) }),
    );
    await movePrice(0.9);
    expect(await held()).toMatchObject({ contracts: 0 });
  });

  it('are refused beyond ten per perpetual', async () => {
    const place = () =>
      exchange.createOrder(perpetual, 'market', 'sell', 0.01, undefined, {
        ...{ triggerPrice: at(0.9), triggerDirection: 'below' },
      });
    for (let index = 0; index < 10; index++) await place();
    await expect(place()).rejects.toThrow(/110009/);
  });
});

describe('modes of an account', () => {
  it('are set once and told not to be modified the second time', async () => {
    await exchange.setLeverage(7, perpetual);
    await expect(exchange.setLeverage(7, perpetual)).rejects.toThrow(/110043/);
    await exchange.setPositionMode(true, perpetual);
    await expect(exchange.setPositionMode(true, perpetual)).rejects.toThrow(/110025/);
    await exchange.setPositionMode(true);
    await exchange.setPositionMode(false);
    await expect(exchange.setPositionMode(false, perpetual)).rejects.toThrow(/110025/);
    await exchange.setMarginMode('isolated', perpetual, { leverage: 7 });
    expect((await exchange.privateGetV5AccountInfo()).result.marginMode).toBe('ISOLATED_MARGIN');
    await expect(
      exchange.privatePostV5PositionSwitchIsolated({ category: 'linear', symbol: 'BTCUSDT', tradeMode: 1 }),
    ).rejects.toThrow(/100028/);
  });

  it('know no order that is good till a date', async () => {
    const order = {
      category: 'linear',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.1',
      price: String(at(0.9)),
    };
    await expect(exchange.privatePostV5OrderCreate({ ...order, timeInForce: 'GTD' })).rejects.toThrow(/10001/);
  });
});
