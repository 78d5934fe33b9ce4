import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mainAccount, restClient, simulatedOrders } from './kraken-support.ts';

const mainPath = new URL('../../local/simulators/kraken/main.ts', import.meta.url).pathname;

let directory: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kraken-simulator-'));
});
afterEach(async () => {
  if (running !== undefined) await kill(running);
  rmSync(directory, { recursive: true, force: true });
});

async function start(limits?: object): Promise<{ url: string; wsUrl: string }> {
  const child = spawn(process.execPath, [mainPath, '--seed', '11', '--symbols', '60', '--state', directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  running = child;
  child.stdin.end(JSON.stringify({ accounts: [mainAccount], ...(limits && { limits }) }));
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = JSON.parse(line) as { ready: boolean; url: string; wsUrl: string };
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
  it('loses no order that was answered, and keeps ids, trades, balances and open orders', async () => {
    const first = await start({ orderCounterMax: 1_000 });
    const exchange = restClient(first);
    await exchange.loadMarkets();
    const resting = await exchange.createOrder('BTC/USD', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'rests' });
    const answered: string[] = [];
    for (let index = 0; index < 30; index++) {
      const clientOrderId = `kill-${index}`;
      const { id } = await exchange.createOrder('ETH/USD', 'market', 'buy', 0.01, undefined, { clientOrderId });
      answered.push(String(id));
    }
    // Sent and not waited for: whether it is there afterwards is open, that the others are is not.
    const cutOff = exchange.createOrder('ETH/USD', 'market', 'buy', 0.01).catch(() => undefined);
    if (running !== undefined) await kill(running);
    await cutOff;
    const tradesBefore = answered.length;

    const second = await start();
    const orders = await simulatedOrders(second.url);
    expect(orders.map(({ orderId }) => orderId)).toEqual(expect.arrayContaining([resting.id, ...answered]));
    expect(new Set(orders.map(({ orderId }) => orderId)).size).toBe(orders.length);
    const again = restClient(second);
    await again.loadMarkets();
    expect(await again.fetchOpenOrders('BTC/USD')).toMatchObject([{ id: resting.id, clientOrderId: 'rests' }]);
    const bought = orders.filter(({ symbol }) => symbol === 'ETHUSD').length * 0.01;
    const balance = await again.fetchBalance();
    expect(balance.ETH?.total).toBeCloseTo(Number(mainAccount.balances.ETH) + bought, 7);
    expect(balance.USD?.used).toBeCloseTo(0.01 * 50_000 * 1.004, 6);
    expect((await again.fetchMyTrades('ETH/USD')).length).toBeGreaterThanOrEqual(tradesBefore);
    await again.cancelOrder(String(resting.id), 'BTC/USD');
  });

  it('does not start with a limit that it does not know', async () => {
    const child = spawn(process.execPath, [mainPath], { stdio: ['pipe', 'ignore', 'pipe'] });
    running = child;
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.end(JSON.stringify({ accounts: [mainAccount], limits: { weightPerMinute: 1 } }));
    const [code] = (await once(child, 'exit')) as [number];
    const text = Buffer.concat(errors).toString();
    expect(code).not.toBe(0);
    expect(text).toContain('weightPerMinute');
    expect(text).not.toContain(mainAccount.secret);
  });
});
