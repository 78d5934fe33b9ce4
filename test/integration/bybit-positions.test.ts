import type { bybit } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import { soon } from '../support/waiting.ts';
import { control, perpetual, restClient, simulatedOrders, simulatedPosition, startSimulator } from './bybit-support.ts';

let simulator: BybitSimulator;
let exchange: bybit;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
});

afterAll(async () => {
  await simulator.close();
});

const market = (side: 'buy' | 'sell', amount: number, params: Record<string, unknown> = {}) =>
  exchange.createOrder(perpetual, 'market', side, amount, undefined, params);
const movePrice = (factor: number) => control(simulator.url, 'POST', 'price', { symbol: 'BTCUSDT', factor });
const lastPrice = async () => Number((await exchange.fetchTicker(perpetual)).last);
const held = () => exchange.fetchPosition(perpetual);
const walletTotal = async () => Number((await exchange.fetchBalance()).USDT?.total);

describe('positions', () => {
  it('are opened, grown, reduced and turned round', async () => {
    await market('buy', 0.5);
    expect(await held()).toMatchObject({ side: 'long', contracts: 0.5, leverage: 10, hedged: false });
    await market('buy', 0.25);
    expect(await held()).toMatchObject({ side: 'long', contracts: 0.75 });
    await market('sell', 0.35);
    expect(await held()).toMatchObject({ side: 'long', contracts: 0.4 });
    await market('sell', 1);
    expect(await held()).toMatchObject({ side: 'short', contracts: 0.6 });
    await market('buy', 0.6);
    expect(await held()).toMatchObject({ side: undefined, contracts: 0 });
    expect(await exchange.fetchPositions()).toEqual([]);
  });

  it('win and lose exactly what their trades say, less fees', async () => {
    const before = await walletTotal();
    await market('buy', 0.5);
    await movePrice(1.05);
    const open = await held();
    expect(Number(open.unrealizedPnl)).toBeGreaterThan(0.04 * Number(open.notional));
    await market('sell', 0.5);
    const trades = await exchange.fetchMyTrades(perpetual);
    const cash = trades.reduce((sum, { side, cost }) => sum + (side === 'sell' ? 1 : -1) * Number(cost), 0);
    const fees = trades.reduce((sum, { fee }) => sum + Number(fee?.cost), 0);
    expect(fees).toBeCloseTo(
      trades.reduce((sum, { cost }) => sum + Number(cost) * 0.00055, 0),
      5,
    );
    expect((await walletTotal()) - before).toBeCloseTo(cash - fees, 5);
    expect(Number((await simulatedPosition(simulator.url))?.net)).toBeCloseTo(cash - fees, 5);
  });

  it('lock margin by their leverage, and free it when that grows', async () => {
    await market('buy', 1);
    const value = Number((await held()).notional);
    expect((await exchange.fetchBalance()).USDT?.used).toBeCloseTo(value / 10, 4);
    await exchange.setLeverage(50, perpetual);
    expect((await exchange.fetchBalance()).USDT?.used).toBeCloseTo(value / 50, 4);
    await expect(exchange.setLeverage(50, perpetual)).rejects.toThrow(/110043/);
    await expect(exchange.setLeverage(101, perpetual)).rejects.toThrow(/110013/);
    expect((await exchange.fetchLeverage(perpetual)).longLeverage).toBe(50);
  });

  it('say where they would be liquidated', async () => {
    await exchange.setMarginMode('isolated');
    await market('buy', 1);
    const long = await held();
    const entry = Number(long.entryPrice);
    // The margin of a tenth is used up, but for the maintenance margin of half a percent.
    expect(Number(long.liquidationPrice)).toBeCloseTo((entry * 0.9) / 0.995, 0);
    await market('sell', 2);
    const short = await held();
    expect(Number(short.liquidationPrice)).toBeCloseTo((Number(short.entryPrice) * 1.1) / 1.005, 0);
    await exchange.setMarginMode('cross');
    expect(Number((await held()).liquidationPrice)).toBeGreaterThan(Number(short.liquidationPrice));
  });

  it('are only reduced by reduce-only orders', async () => {
    await expect(market('sell', 0.1, { reduceOnly: true })).rejects.toThrow(/110017/);
    await market('buy', 0.2);
    await expect(market('buy', 0.1, { reduceOnly: true })).rejects.toThrow(/110017/);
    const last = await lastPrice();
    const resting = await exchange.createOrder(perpetual, 'limit', 'sell', 0.2, Math.round(last * 1.05), {
      reduceOnly: true,
    });
    await market('sell', 0.5, { reduceOnly: true });
    expect(await held()).toMatchObject({ contracts: 0 });
    const order = await exchange.fetchOrder(String(resting.id), perpetual, { acknowledged: true });
    expect(order).toMatchObject({ status: 'canceled', reduceOnly: true });
    expect(order.info.cancelType).toBe('CancelByReduceOnly');
  });

  it('are closed whole by a quantity of zero that is reduce-only and closes on trigger', async () => {
    await market('buy', 0.3);
    await exchange.privatePostV5OrderCreate({
      ...{ category: 'linear', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', qty: '0' },
      ...{ reduceOnly: true, closeOnTrigger: true },
    });
    expect(await held()).toMatchObject({ contracts: 0 });
  });

  it('are held per direction in hedge mode', async () => {
    await market('buy', 0.1);
    await expect(exchange.setPositionMode(true, perpetual)).rejects.toThrow(/110024/);
    await market('sell', 0.1);
    await exchange.setPositionMode(true, perpetual);
    await expect(exchange.setPositionMode(true, perpetual)).rejects.toThrow(/110025/);
    await expect(market('buy', 0.1)).rejects.toThrow(/position idx not match position mode/);
    await market('buy', 0.3, { hedged: true });
    await market('sell', 0.2, { hedged: true });
    const positions = await exchange.fetchPositions([perpetual]);
    expect(positions.map(({ side, contracts, hedged }) => [side, contracts, hedged])).toEqual([
      ['long', 0.3, true],
      ['short', 0.2, true],
    ]);
    await market('sell', 5, { hedged: true, reduceOnly: true });
    expect((await exchange.fetchPositions()).map(({ side }) => side)).toEqual(['short']);
  });

  it('refuse what the margin does not suffice for', async () => {
    await exchange.setLeverage(1, perpetual);
    await control(simulator.url, 'POST', 'outsider', {
      ...{ action: 'withdraw', account: 'main', asset: 'USDT', amount: '9990000' },
    });
    await expect(market('buy', 1)).rejects.toThrow(/110007/);
    await market('buy', 0.09);
    await expect(market('buy', 0.09)).rejects.toThrow(/110007/);
  });
});

describe('take-profit and stop-loss', () => {
  it('attached in full mode close the position and end each other', async () => {
    const last = await lastPrice();
    const [takeProfit, stopLoss] = [Math.round(last * 1.03), Math.round(last * 0.97)];
    await market('buy', 0.4, { takeProfit: { triggerPrice: takeProfit }, stopLoss: { triggerPrice: stopLoss } });
    expect(await held()).toMatchObject({ takeProfitPrice: takeProfit, stopLossPrice: stopLoss });
    await market('buy', 0.1);
    const waiting = await exchange.fetchOpenOrders(perpetual);
    expect(waiting.map(({ info }) => [info.stopOrderType, info.qty]).toSorted()).toEqual([
      ['StopLoss', '0.5'],
      ['TakeProfit', '0.5'],
    ]);
    await movePrice(0.95);
    expect(await soon(held, ({ contracts }) => contracts === 0)).toMatchObject({ contracts: 0 });
    const exits = (await simulatedOrders(simulator.url)).filter(({ stopOrderType }) => stopOrderType !== '');
    expect(exits.map(({ orderStatus }) => orderStatus).toSorted()).toEqual(['Deactivated', 'Filled']);
    expect(Number((await simulatedPosition(simulator.url))?.realized)).toBeLessThan(0);
  });

  it('attached in partial mode close what their order opened, and no more', async () => {
    const last = await lastPrice();
    await market('sell', 0.2);
    await exchange.createOrder(perpetual, 'limit', 'sell', 0.1, Math.round(last * 0.99), {
      takeProfit: { triggerPrice: Math.round(last * 0.97), price: Math.round(last * 0.98) },
      stopLoss: { triggerPrice: Math.round(last * 1.05) },
    });
    expect((await exchange.fetchOpenOrders(perpetual)).map(({ info }) => info.tpslMode)).toEqual([
      'Partial',
      'Partial',
    ]);
    await movePrice(0.95);
    await soon(held, ({ contracts }) => contracts === 0.2);
    expect(await exchange.fetchOpenOrders(perpetual)).toEqual([]);
  });

  it('are set on a position, replaced, and taken away', async () => {
    const last = await lastPrice();
    const stop = (params: Record<string, string>) =>
      exchange.privatePostV5PositionTradingStop({ category: 'linear', symbol: 'BTCUSDT', positionIdx: 0, ...params });
    await expect(stop({ takeProfit: String(Math.round(last * 1.1)) })).rejects.toThrow(/zero position/);
    await market('buy', 0.4);
    await expect(stop({ takeProfit: String(Math.round(last * 0.9)) })).rejects.toThrow(/TakeProfit/);
    await stop({ takeProfit: String(Math.round(last * 1.1)), tpslMode: 'Full' });
    await stop({ takeProfit: String(Math.round(last * 1.2)), tpslMode: 'Full' });
    expect((await exchange.fetchOpenOrders(perpetual)).length).toBe(1);
    expect(await held()).toMatchObject({ takeProfitPrice: Math.round(last * 1.2) });
    await stop({ stopLoss: String(Math.round(last * 0.98)), tpslMode: 'Partial', slSize: '0.1', tpSize: '0.1' });
    await stop({ takeProfit: '0' });
    await movePrice(0.97);
    await soon(held, ({ contracts }) => contracts === 0.3);
    expect(await exchange.fetchOpenOrders(perpetual)).toEqual([]);
  });
});

describe('conditional orders', () => {
  it('wait for their direction, without margin, and refuse one that is reached already', async () => {
    const last = await lastPrice();
    const entry = { triggerPrice: Math.round(last * 1.02), triggerDirection: 'ascending' };
    await market('buy', 0.3, entry);
    expect((await exchange.fetchBalance()).USDT?.used).toBe(0);
    await expect(market('buy', 0.3, { ...entry, triggerDirection: 'descending' })).rejects.toThrow(/110092/);
    await movePrice(1.03);
    await soon(held, ({ contracts }) => contracts === 0.3);
  });
});

describe('funding', () => {
  it('is booked on request, paid by longs at a rate above zero', async () => {
    await market('buy', 1);
    const before = await walletTotal();
    const { body } = await control(simulator.url, 'POST', 'funding', { symbol: 'BTCUSDT', rate: '0.0001' });
    const [payment] = body.payments as { account: string; amount: string; price: string }[];
    expect(payment).toMatchObject({ account: 'main', rate: '0.0001', size: '1' });
    expect(Number(payment?.amount)).toBeCloseTo(-Number(payment?.price) * 0.0001, 6);
    expect((await walletTotal()) - before).toBeCloseTo(Number(payment?.amount), 6);
    const [funding] = await exchange.fetchFundingHistory(perpetual);
    expect(Number(funding?.amount)).toBeCloseTo(-Number(payment?.amount), 6);
    expect(Number((await simulatedPosition(simulator.url))?.funding)).toBeCloseTo(Number(payment?.amount), 6);
  });
});
