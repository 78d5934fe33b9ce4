import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  control,
  mainAccount,
  perpetual,
  restClient,
  simulatedOrders,
  simulatedPosition,
  spot,
} from './bybit-support.ts';

const mainPath = new URL('../../local/simulators/bybit/main.ts', import.meta.url).pathname;

let directory: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bybit-simulator-'));
});

afterEach(async () => {
  if (running !== undefined) await kill(running);
  rmSync(directory, { recursive: true, force: true });
});

async function start(): Promise<{ url: string }> {
  const child = spawn(process.execPath, [mainPath, '--seed', '11', '--symbols', '60', '--state', directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  running = child;
  child.stdin.end(JSON.stringify({ accounts: [mainAccount], limits: { userRateFactor: 100 } }));
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = JSON.parse(line) as { ready: boolean; url: string; wsUrl: string; pid: number };
    expect(ready).toMatchObject({ ready: true, wsUrl: ready.url.replace('http', 'ws'), pid: child.pid });
    return ready;
  }
  throw new Error('the simulator ended before it was ready');
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function ready(simulator: { url: string }) {
  const exchange = restClient(simulator);
  await exchange.loadMarkets();
  await exchange.isUnifiedEnabled();
  return exchange;
}

it('kill -9 loses no order that was answered, and keeps positions, exits, modes and balances', async () => {
  const first = await start();
  const exchange = await ready(first);
  await exchange.setLeverage(25, perpetual);
  await exchange.setPositionMode(true, 'ETH/USDT:USDT');
  const last = Number((await exchange.fetchTicker(perpetual)).last);
  const stopLoss = Math.round(last * 0.5);
  await exchange.createOrder(perpetual, 'market', 'buy', 0.4, undefined, { stopLoss: { triggerPrice: stopLoss } });
  await control(first.url, 'POST', 'funding', { symbol: 'BTCUSDT', rate: '0.0003' });
  const answered: string[] = [];
  const sending = Array.from({ length: 60 }, async (_, index) => {
    const clientOrderId = `kill-${index}`;
    await exchange.createOrder(spot, 'market', 'sell', 0.001, undefined, { clientOrderId });
    answered.push(clientOrderId);
    if (answered.length === 25 && running !== undefined) await kill(running);
  });
  await Promise.allSettled(sending);
  expect(answered.length).toBeGreaterThanOrEqual(25);

  const second = await start();
  const again = await ready(second);
  const links = (await simulatedOrders(second.url)).map(({ orderLinkId }) => orderLinkId).filter((link) => link !== '');
  expect(new Set(links).size).toBe(links.length);
  expect(links).toEqual(expect.arrayContaining(answered));
  const [known = ''] = answered;
  await expect(again.createOrder(spot, 'market', 'sell', 0.001, undefined, { clientOrderId: known })).rejects.toThrow(
    /170141/,
  );
  expect(await again.fetchPosition(perpetual)).toMatchObject({
    ...{ contracts: 0.4, leverage: 25, stopLossPrice: stopLoss, side: 'long' },
  });
  expect((await again.fetchPositions(['ETH/USDT:USDT'])).map(({ hedged }) => hedged)).toEqual([true, true]);
  expect((await again.fetchFundingHistory(perpetual)).length).toBe(1);
  expect(Number((await simulatedPosition(second.url))?.funding)).toBeLessThan(0);
  expect((await again.fetchBalance()).BTC?.total).toBeCloseTo(100 - links.length * 0.001, 7);
  await again.createOrder(perpetual, 'market', 'sell', 0.4, undefined, { reduceOnly: true });
  expect(await again.fetchOpenOrders(perpetual)).toEqual([]);
});
