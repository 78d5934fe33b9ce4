import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realLimits } from '../../local/simulators/binance/limits.ts';
import { manualVenueClock } from '../support/venue-clock.ts';
import * as binance from './binance-support.ts';
import * as bybit from './bybit-support.ts';
import * as kraken from './kraken-support.ts';

const dayMs = 86_400_000;

describe('what the simulated Binance tells and limits', () => {
  it('answers ten questions for withdrawals a minute and account, and says when there will be more', async () => {
    const clock = manualVenueClock(Date.UTC(2026, 10, 21, 12, 0, 20));
    const limits = { uidWeightPerMinute: realLimits.uidWeightPerMinute };
    const simulator = await binance.startSimulator({ symbolsCount: 50, clock, limits });
    const [exchange, other] = [binance.restClient(simulator), binance.restClient(simulator, binance.readerAccount)];
    for (const client of [exchange, other]) client.nonce = () => clock.nowMs();
    await exchange.loadMarkets();
    for (let asked = 0; asked < 10; asked++) expect(await exchange.fetchWithdrawals()).toEqual([]);
    await expect(exchange.fetchWithdrawals()).rejects.toThrow('current limit of UID is 180000 per 1 MINUTE');
    const headers = exchange.last_response_headers as Record<string, string>;
    expect(headers['Retry-After']).toBe('40');
    expect(await exchange.fetchDeposits()).toEqual([]);
    expect(await other.fetchWithdrawals()).toEqual([]);
    clock.moveTo(clock.nowMs() + 40_000);
    expect(await exchange.fetchWithdrawals()).toEqual([]);
    await simulator.close();
  });

  it('has an account for perpetuals, in which there is nothing', async () => {
    const simulator = await binance.startSimulator({ symbolsCount: 50 });
    const exchange = binance.restClient(simulator);
    await exchange.loadMarkets();
    const symbol = 'BTC/USDT:USDT';
    expect((await exchange.fetchBalance({ type: 'swap' })).total).toEqual({});
    expect(await exchange.fetchPositions()).toEqual([]);
    expect(await exchange.fetchOpenOrders(symbol)).toEqual([]);
    exchange.options.warnOnFetchOpenOrdersWithoutSymbol = false;
    expect(await exchange.fetchOpenOrders(undefined, undefined, undefined, { type: 'swap' })).toEqual([]);
    expect(await exchange.fetchMyTrades(symbol, Date.now() - 60_000)).toEqual([]);
    expect(await exchange.fetchFundingHistory(symbol, Date.now() - 60_000)).toEqual([]);
    await simulator.close();
  });

  it('refuses ranges of more than ninety days, and asks for the last ones where none is given', async () => {
    const simulator = await binance.startSimulator({ symbolsCount: 50 });
    const exchange = binance.restClient(simulator);
    await exchange.loadMarkets();
    await binance.control(simulator.url, 'POST', 'transfers', {
      ...{ account: 'main', direction: 'in', asset: 'BTC', amount: '1' },
    });
    const nowMs = Date.now();
    const range = { startTime: nowMs - 91 * dayMs, endTime: nowMs };
    await expect(exchange.fetchDeposits(undefined, undefined, undefined, range)).rejects.toThrow('-1127');
    expect(await exchange.fetchDeposits(undefined, nowMs - 89 * dayMs)).toHaveLength(1);
    expect(await exchange.fetchDeposits(undefined, nowMs - 91 * dayMs)).toEqual([]);
    await simulator.close();
  });
});

describe('what the simulated Bybit tells of perpetuals', () => {
  it('margins and where a position is closed by force, and what funding it paid', async () => {
    const simulator = await bybit.startSimulator();
    const exchange = bybit.restClient(simulator);
    await exchange.loadMarkets();
    await exchange.createOrder(bybit.perpetual, 'market', 'buy', 0.5);
    const [position] = await exchange.fetchPositions([bybit.perpetual]);
    expect(position).toMatchObject({ side: 'long', contracts: 0.5 });
    expect(position?.initialMargin).toBeGreaterThan(position?.maintenanceMargin as number);
    expect(position?.maintenanceMargin).toBeGreaterThan(0);
    const sinceMs = Date.now() - 5_000;
    const paid = await bybit.control(simulator.url, 'POST', 'funding', { symbol: 'BTCUSDT', rate: '0.001' });
    const [payment] = paid.body.payments as { amount: string }[];
    const [told, ...others] = await exchange.fetchFundingHistory(bybit.perpetual, sinceMs);
    expect(others).toEqual([]);
    // A fee above zero was paid, and ccxt hands it on as it is.
    expect(told).toMatchObject({ symbol: bybit.perpetual, code: 'USDT', amount: -Number(payment?.amount) });
    expect(told?.amount).toBeGreaterThan(0);
    await simulator.close();
  });

  it('a position and its margin while the fill that made it is hidden', async () => {
    const simulator = await bybit.startSimulator();
    const exchange = bybit.restClient(simulator);
    await exchange.loadMarkets();
    await bybit.control(simulator.url, 'POST', 'faults', { kind: 'hide-fill', hideMs: 60_000, count: 1 });
    const { id } = await exchange.createOrder(bybit.perpetual, 'market', 'sell', 0.5);
    expect(await exchange.fetchPositions([bybit.perpetual])).toMatchObject([{ side: 'short', contracts: 0.5 }]);
    expect(await exchange.fetchMyTrades(bybit.perpetual)).toEqual([]);
    expect(await exchange.fetchOpenOrders(bybit.perpetual)).toMatchObject([{ id, filled: 0, status: 'open' }]);
    const { body } = await bybit.control(simulator.url, 'GET', 'orders?symbol=BTCUSDT');
    expect(body.orders).toMatchObject([{ fills: [{ qty: '0.50000000' }] }]);
    await simulator.close();
  });

  it('refuses ranges of transfers of more than thirty days', async () => {
    const simulator = await bybit.startSimulator();
    const exchange = bybit.restClient(simulator);
    const endTime = Date.now();
    const ask = (days: number) => exchange.fetchDeposits(undefined, endTime - days * dayMs, undefined, { endTime });
    await expect(ask(31)).rejects.toThrow('10001');
    expect(await ask(30)).toEqual([]);
    await simulator.close();
  });
});

describe("what the simulated Kraken does with a dead man's switch", () => {
  const startMs = Date.UTC(2026, 10, 21, 12);
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'simulated-switch-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function opened(atMs: number) {
    const clock = manualVenueClock(atMs);
    const simulator = await kraken.startSimulator({ clock, directory });
    const exchange = kraken.restClient(simulator);
    await exchange.loadMarkets();
    return { clock, simulator, exchange, open: async () => (await exchange.fetchOpenOrders()).length };
  }
  type Opened = Awaited<ReturnType<typeof opened>>;
  const rest = ({ exchange }: Opened) => exchange.createOrder('BTC/USDT', 'limit', 'buy', 0.01, 1_000);

  it('cancels all orders once the time is over, not before, and only once', async () => {
    const venue = await opened(startMs);
    await rest(venue);
    expect(await venue.exchange.cancelAllOrdersAfter(60_000)).toMatchObject({
      result: { currentTime: '2026-11-21T12:00:00Z', triggerTime: '2026-11-21T12:01:00Z' },
    });
    venue.clock.moveTo(startMs + 59_000);
    expect(await venue.open()).toBe(1);
    venue.clock.moveTo(startMs + 60_600);
    expect(await venue.open()).toBe(0);
    await rest(venue);
    venue.clock.moveTo(startMs + 600_000);
    expect(await venue.open()).toBe(1);
    await venue.simulator.close();
  });

  it('moves the time with every renewal, and cancels nothing where it is taken back', async () => {
    const venue = await opened(startMs);
    await rest(venue);
    await venue.exchange.cancelAllOrdersAfter(60_000);
    venue.clock.moveTo(startMs + 50_000);
    await venue.exchange.cancelAllOrdersAfter(60_000);
    venue.clock.moveTo(startMs + 100_000);
    expect(await venue.open()).toBe(1);
    expect(await venue.exchange.cancelAllOrdersAfter(0)).toMatchObject({ result: { triggerTime: '0' } });
    venue.clock.moveTo(startMs + 200_000);
    expect(await venue.open()).toBe(1);
    await venue.simulator.close();
  });

  it('cancels when the venue comes back where the time was over while it was away', async () => {
    const before = await opened(startMs);
    await rest(before);
    await before.exchange.cancelAllOrdersAfter(60_000);
    await before.simulator.close();
    const early = await opened(startMs + 30_000);
    expect(await early.open()).toBe(1);
    await early.simulator.close();
    const late = await opened(startMs + 90_000);
    expect(await late.open()).toBe(0);
    await late.simulator.close();
  });

  it('shows withdrawals only to a key that may see the ledger, and takes the switch only from one that trades', async () => {
    const { simulator } = await opened(startMs);
    const reader = kraken.restClient(simulator, kraken.readerAccount);
    expect(await reader.fetchDeposits()).toEqual([]);
    await expect(reader.fetchWithdrawals()).rejects.toThrow('EGeneral:Permission denied');
    await expect(reader.cancelAllOrdersAfter(60_000)).rejects.toThrow('EGeneral:Permission denied');
    await simulator.close();
  });
});
