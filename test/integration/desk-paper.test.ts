/** A running desk with paper accounts: filled by what the simulated venues show everybody, while they have no order of them. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Order } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { createDeskClient, type DeskClient } from '@nightdesk/local/supervisor/client.ts';
import type { ReadyInfo } from '@nightdesk/local/supervisor/ready.ts';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openDeskRecords } from '../support/desk-records.ts';

const script = fileURLToPath(new URL('../support/desk-child.ts', import.meta.url));
/** What tracking brings is there within a few rounds; the rest is patience with a busy machine. */
const trackedWithin = { timeout: 120_000, interval: 250 };
const balances = '{ USDT: "100000", BTC: "1" }';
const directory = mkdtempSync(join(tmpdir(), 'nightdesk-paper-'));
const [state, config] = [join(directory, 'state'), join(directory, 'config')];

let child: ChildProcessByStdio<Writable, Readable, Readable>;
let ready: ReadyInfo;
let desk: DeskClient;
let posted = 0;

async function start(): Promise<void> {
  child = spawn(process.execPath, [script, state, config, 'binance', 'bybit'], { stdio: 'pipe' });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])]);
  if (typeof line !== 'string') throw new Error(`the desk ended before it was ready:\n${said.join('\n')}`);
  ready = JSON.parse(line) as ReadyInfo;
  desk = createDeskClient(ready);
  await understands();
}

/** A desk begins with the configuration of the repository, and takes over what is saved beside it soon after. */
async function understands(): Promise<void> {
  for (const account of ['main', 'spot', 'futures']) {
    await vi.waitFor(
      async () => {
        const { body } = await post({ account, size: { base: '0.00000001' }, ...(account === 'futures' && perpetual) });
        expect(body.error?.issues?.map(({ path }) => path)).toContain('size.base');
      },
      { timeout: 60_000, interval: 200 },
    );
  }
}

/**
 * Has tracking fire now instead of at the full minute, again and again until it is so: a run looks every few seconds at orders
 * that it has begun with, and another one is refused meanwhile.
 */
function tracked(isSo: () => Promise<void>): Promise<void> {
  return vi.waitFor(async () => {
    child.stdin.write('track-orders\n');
    await isSo();
  }, trackedWithin);
}

async function kill(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function post(signal: object) {
  posted += 1;
  const sent = { id: `paper-${posted}-${Date.now()}`, sentAt: new Date().toISOString() };
  return desk.postSignal({
    ...sent,
    account: 'spot',
    symbol: 'BTC/USDT',
    action: 'buy',
    size: { base: '0.1' },
    ...signal,
  });
}

async function order(signal: object): Promise<Order> {
  const { status, body } = await post(signal);
  if (status !== 202) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  const [first] = (await desk.waitForOrder(body.signalId ?? '', 30_000)).orders;
  if (first === undefined) throw new Error('there is no order');
  return first;
}

async function read(orderId: string): Promise<Order> {
  const { body } = await desk.call<{ orders: Order[] }>('GET', '/orders?limit=100');
  const found = body.orders.find((each) => each.orderId === orderId);
  if (found === undefined) throw new Error(`there is no order ${orderId}`);
  return found;
}

async function movePrice(venue: string, symbol: string, factor: number): Promise<void> {
  const body = JSON.stringify({ symbol, factor });
  const answer = await fetch(`${ready.simulators[venue]}/__sim/price`, { method: 'POST', body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The price of the latest fill of an order, times a factor, on a grid that every market has. */
const priceOf = (order: Order, factor: number): string => (averageOf(order) * factor).toFixed(0);

const averageOf = ({ cost, filled }: Order): number => Number(cost) / Number(filled);

beforeAll(async () => {
  cpSync(paths.config, config, { recursive: true });
  const save = (name: string, text: string) => writeFileSync(join(config, `${name}.yaml`), text);
  save('collection', 'collections: []\n');
  save('exchanges', 'binance: {}\nbybit: { defaultMarketKind: perpetual }\n');
  save(
    'accounts',
    [
      'main: { exchange: binance, mode: sandbox }',
      `spot: { exchange: binance, mode: paper, paper: { balances: ${balances}, latencyMs: 50 } }`,
      `futures: { exchange: bybit, mode: paper, paper: { balances: ${balances}, latencyMs: 50 } }`,
    ].join('\n'),
  );
  save(
    'sources',
    'demo: { authentication: [token, signing], accounts: [main, spot, futures], defaultAccount: main }\n',
  );
  await start();
}, 300_000);

afterAll(async () => {
  await kill();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

const perpetual = { symbol: 'BTC/USDT:USDT' };

it('fills an order at market by the book that everybody sees, and sends the venue none', async () => {
  const filled = await order({ size: { base: '0.01' } });
  expect(filled).toMatchObject({ state: 'filled', filled: '0.01', account: 'spot', venue: 'binance' });
  expect(filled.venueOrderId).toBe(`paper-${filled.orderId}`);
  const real = await order({ account: 'main', size: { base: '0.01' } });
  // The book moves a little between the two.
  expect(averageOf(filled) / averageOf(real)).toBeCloseTo(1, 1);
  expect((await desk.simulatorOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual([real.orderId]);
}, 120_000);

it('keeps a limit through kill -9, fills it when the public trades reach it, and cancels another', async () => {
  const bought = await order({ size: { base: '0.01' } });
  const limit = { type: 'limit', timeInForce: 'GTC', size: { base: '0.01' } };
  const resting = await order({ ...limit, price: priceOf(bought, 0.9) });
  const far = await order({ ...limit, price: priceOf(bought, 0.5) });
  expect([resting.state, far.state]).toEqual(['open', 'open']);
  await kill();
  await start();
  await order({ action: 'cancel', orderId: far.orderId, size: undefined });
  await tracked(async () => expect((await read(far.orderId)).state).toBe('canceled'));
  expect((await read(resting.orderId)).state).toBe('open');
  await movePrice('binance', 'BTCUSDT', 0.85);
  await tracked(async () => expect((await read(resting.orderId)).state).toBe('filled'));
  const filled = await read(resting.orderId);
  expect(averageOf(filled)).toBeCloseTo(Number(filled.price), 6);
  const known = await desk.simulatorOrders();
  expect(known.filter(({ clientOrderId }) => clientOrderId === resting.orderId)).toEqual([]);
}, 300_000);

it('protects a position in a perpetual by a bracket that is kept on paper', async () => {
  const exits = { takeProfit: [{ percent: '5' }], stopLoss: { percent: '5' } };
  const entry = await order({ account: 'futures', ...perpetual, size: { base: '0.01' }, ...exits });
  expect(entry).toMatchObject({ state: 'filled', filled: '0.01', venue: 'bybit' });
  const ofExits = async () => {
    const { body } = await desk.call<{ orders: Order[] }>('GET', '/orders?limit=100&account=futures');
    return body.orders.filter(({ orderId, reduceOnly }) => orderId !== entry.orderId && reduceOnly === true);
  };
  await tracked(async () => expect((await ofExits()).map(({ state }) => state)).toContain('open'));
  await movePrice('bybit', 'BTCUSDT', 0.9);
  await tracked(async () => {
    const exited = (await ofExits()).filter(({ state }) => state === 'filled');
    expect(exited.map(({ filled, side }) => ({ filled, side }))).toEqual([{ filled: '0.01', side: 'sell' }]);
    expect(exited.map((exit) => averageOf(exit) < averageOf(entry))).toEqual([true]);
  });
  expect(await createDeskClient(ready, 'bybit').simulatorOrders()).toEqual([]);
}, 300_000);

it('leaves a journal that verifies', async () => {
  const records = await openDeskRecords(ready.aws);
  expect(await records.verify()).toMatchObject({ kind: 'verified' });
  records.close();
}, 120_000);
