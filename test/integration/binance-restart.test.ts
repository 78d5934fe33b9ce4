import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { control, mainAccount, restClient, simulatedOrders } from './binance-support.ts';

const mainPath = new URL('../../local/simulators/binance/main.ts', import.meta.url).pathname;

let directory: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'binance-simulator-'));
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
  child.stdin.end(JSON.stringify({ accounts: [mainAccount] }));
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = JSON.parse(line) as { ready: boolean; url: string };
    expect(ready.ready).toBe(true);
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

describe('kill -9', () => {
  it('loses no order that was answered, and keeps balances, open orders and rising ids', async () => {
    const first = await start();
    const exchange = restClient(first);
    await exchange.loadMarkets();
    const last = Number((await exchange.fetchTicker('BTC/USDT')).last);
    const resting = await exchange.createOrder('BTC/USDT', 'limit', 'buy', 0.01, Math.round(last * 0.7));
    const answered: string[] = [];
    const sending = Array.from({ length: 60 }, async (_, index) => {
      const clientOrderId = `kill-${index}`;
      await exchange.createOrder('ETH/USDT', 'market', 'buy', 0.01, undefined, { clientOrderId });
      answered.push(clientOrderId);
      if (answered.length === 25 && running !== undefined) await kill(running);
    });
    await Promise.allSettled(sending);
    expect(answered.length).toBeGreaterThanOrEqual(25);

    const second = await start();
    const orders = await simulatedOrders(second.url);
    const ids = orders.map(({ clientOrderId }) => clientOrderId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(answered));
    const again = restClient(second);
    await again.loadMarkets();
    expect((await again.fetchOpenOrders('BTC/USDT')).map(({ id }) => id)).toEqual([resting.id]);
    const bought = orders.filter(({ symbol }) => symbol === 'ETHUSDT').length * 0.01 * 0.999;
    expect((await again.fetchBalance()).ETH?.total).toBeCloseTo(Number(mainAccount.balances.ETH) + bought, 7);
    const next = await again.createOrder('ETH/USDT', 'market', 'buy', 0.01);
    expect(Number(next.id)).toBeGreaterThan(Math.max(...orders.map(({ orderId }) => orderId)));
    const trades = (await again.fetchMyTrades('ETH/USDT')).map(({ id }) => Number(id));
    expect(new Set(trades).size).toBe(trades.length);
  });

  it('drops a last line that was cut off', async () => {
    await start();
    if (running !== undefined) await kill(running);
    const [log = ''] = readdirSync(directory);
    appendFileSync(join(directory, log), '{"orders":[{"id":1');
    const { url } = await start();
    expect(await simulatedOrders(url)).toEqual([]);
    const { body } = await control(url, 'GET', 'balances');
    expect(body.accounts).toEqual(
      expect.objectContaining({
        main: expect.objectContaining({ BTC: { free: '100.00000000', locked: '0.00000000' } }),
      }),
    );
  });
});
