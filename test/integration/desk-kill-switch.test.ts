/** Who may do what, and the kill switch pressed while signals pour in, on the whole desk against the simulated Binance. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { finalStates, type Order, roles, type SwitchAnswer } from '@nightdesk/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';
import { deployedRoutes, documentedRoutes, type NeededRole } from '../support/desk-routes.ts';

let desk: Desk;
let stateDirectory: string;

beforeAll(async () => {
  desk = await startDesk();
  stateDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-halt-'));
  writeFileSync(join(stateDirectory, 'ready.json'), JSON.stringify(desk.ready));
});

afterAll(async () => {
  await desk.close();
  rmSync(stateDirectory, { recursive: true });
});

const signalsPerSecond = 50;
const beforeMs = 1_000;
const afterMs = 200;
/** Rest at the venue before the flood begins. */
const restingCount = 8;
const postsMax = 100;
const postPauseMs = 50;
/** Rest far from the market, so that there is something to cancel; every fifth fills at once. */
const lanes = [
  ['BTC/USDT', '20000'],
  ['ETH/USDT', '900'],
  ['BNB/USDT', '300'],
  ['SOL/USDT', '50'],
] as const;

function signalAt(index: number) {
  const [symbol, price] = lanes[index % lanes.length] ?? lanes[0];
  const rests = index % 5 !== 0;
  return {
    ...{ id: `halt-${index}`, symbol, action: 'buy', size: { base: '0.5' } },
    ...(rests && { type: 'limit', price, timeInForce: 'GTC' }),
  };
}

/** Posts signals at an even rate until it is told to stop, beginning with this one. */
function pour(first: number) {
  const startedAtMs = performance.now();
  const posts: Promise<{ signalId: string; sentAtMs: number }>[] = [];
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAtMs) / 1_000) * signalsPerSecond);
    while (posts.length < due) posts.push(post(first + posts.length));
  }, 5);
  return {
    async stop() {
      clearInterval(timer);
      return Promise.all(posts);
    },
  };
}

/** Sends again what is refused because too much comes at once, as senders do. */
async function post(index: number) {
  for (let count = 0; count < postsMax; count++) {
    const sentAtMs = Date.now();
    const { status, body } = await desk.postSignal(signalAt(index));
    if (body.signalId !== undefined) return { signalId: body.signalId, sentAtMs };
    if (status < 500) throw new Error(`signal ${index} is answered ${status}: ${JSON.stringify(body)}`);
    await sleep(postPauseMs);
  }
  throw new Error(`signal ${index} is not taken in ${postsMax} tries`);
}

const isIntent = ({ state }: Order): boolean => state !== 'denied';
const intents = async () => (await desk.records.orders()).filter(isIntent).map(({ orderId }) => orderId);
const idsAtVenue = async () => (await desk.simulatorOrders()).map(({ clientOrderId }) => clientOrderId);

function command(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = fileURLToPath(new URL('../../local/cli/halt.ts', import.meta.url));
  const env = { PATH: process.env.PATH, NIGHTDESK_STATE_DIR: stateDirectory };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...options], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

it('stops everything under 50 signals a second, cancels what is open, and lets trading go on after a resume', async () => {
  const resting = Array.from({ length: restingCount }, (_, index) => post(5 * index + 1));
  await desk.settle((await Promise.all(resting)).map(({ signalId }) => signalId));
  const flood = pour(5 * restingCount);
  await sleep(beforeMs);
  const pressedAtMs = Date.now();
  const { status, body } = await desk.call<SwitchAnswer>('PUT', '/risk/*/switch', {
    role: 'risk',
    body: { state: 'halted', reason: 'the market is mad', cancelOrders: true },
  });
  const returnedAtMs = Date.now();
  const [recorded, placed] = await Promise.all([intents(), idsAtVenue()]);
  await sleep(afterMs);
  const signals = await flood.stop();
  expect(status).toBe(200);

  // No intent was recorded, and no order placed, after the call returned; and none recorded after the switch was in force.
  await desk.settle(signals.map(({ signalId }) => signalId));
  const orders = await desk.records.orders();
  expect(new Set(await intents())).toEqual(new Set(recorded));
  expect(new Set(await idsAtVenue())).toEqual(new Set(placed));
  const inForceAtMs = body.updatedAtMs + (body.inForceAfterMs ?? Number.NaN);
  expect(orders.filter((order) => isIntent(order) && order.createdAtMs > inForceAtMs)).toEqual([]);
  expect(inForceAtMs).toBeLessThanOrEqual(returnedAtMs);

  // Whatever was sent after it is denied by the switch.
  const late = new Set(signals.filter(({ sentAtMs }) => sentAtMs > returnedAtMs).map(({ signalId }) => signalId));
  expect(late.size).toBeGreaterThan(0);
  const denied = orders.filter(({ signalId }) => late.has(signalId));
  expect(denied).toHaveLength(late.size);
  expect(new Set(denied.map(({ state, cause }) => `${state} ${cause?.code}`))).toEqual(
    new Set(['denied switch_not_active']),
  );

  // Nothing is open any more, here or there, and each order that was is reported as the venue has it.
  expect(orders.filter(({ state }) => !finalStates.has(state))).toEqual([]);
  const atVenue = await desk.simulatorOrders();
  expect(atVenue.filter(({ status: state }) => state === 'NEW' || state === 'PARTIALLY_FILLED')).toEqual([]);
  const reported = new Map(body.orders?.map(({ orderId, outcome }) => [orderId, outcome]));
  const canceled = orders.filter(({ state }) => state === 'canceled');
  expect(canceled.length).toBeGreaterThanOrEqual(restingCount);
  expect(canceled.filter(({ orderId }) => reported.get(orderId) !== 'canceled')).toEqual([]);
  expect(body.failures).toEqual([]);
  expect(await desk.disagreements()).toEqual([]);
  expect(await desk.records.verify()).toMatchObject({ kind: 'verified' });

  const lastOrderMs = Math.max(...atVenue.map(({ acceptedAtMs }) => acceptedAtMs)) - pressedAtMs;
  console.log(
    `kill switch under ${signalsPerSecond} signals/s: in force after ${body.inForceAfterMs} ms, last order at the venue ` +
      `${Math.round(lastOrderMs)} ms after the call, last answer of a venue after ${body.lastAnswerAfterMs} ms, ` +
      `${canceled.length} orders canceled, call answered after ${returnedAtMs - pressedAtMs} ms`,
  );

  // Trading goes on once somebody says so, and why.
  expect((await desk.call('PUT', '/risk/*/switch', { role: 'risk', body: { state: 'active' } })).status).toBe(400);
  const resumed = await command('--resume', '--reason', 'it was a drill');
  expect(resumed).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('all accounts: active') });
  expect((await desk.call('GET', '/risk')).body).toMatchObject({ all: { state: 'active', reason: 'it was a drill' } });
  const next = await desk.postSignal({ ...signalAt(1), id: 'after-the-halt' });
  expect((await desk.waitForOrder(next.body.signalId ?? '')).orders).toMatchObject([{ state: 'open' }]);

  // What is open by then goes with the command, which says so; the token is told nowhere.
  const halted = await command('--reason', 'enough');
  expect(halted).toMatchObject({ code: 0, stderr: '' });
  expect(halted.stdout).toMatch(/all accounts: halted, in force after \d+ ms/);
  expect(halted.stdout).toMatch(/main {2}nd\w+ {2}ETH\/USDT {2}canceled\n1 order: 1 canceled/);
  expect(halted.stdout).not.toContain(desk.ready.tokens.risk);
});

/** Nobody, somebody whose token is none, and every role. */
const callers = ['nobody', 'stranger', ...roles] as const;
type Caller = (typeof callers)[number];

/** Asks for nothing that would change anything: with the right role, the answer is that it is not there, or not understood. */
async function ask(route: string, caller: Caller): Promise<{ status: number; code: string | undefined }> {
  const [method = '', path = ''] = route.split(' ');
  const tokens: Partial<Record<Caller, string>> = { stranger: 'x'.repeat(43), ...desk.ready.tokens };
  const token = tokens[caller];
  const response = await fetch(`${desk.ready.api}${path.replace('{source}', 'demo').replace(/\{\w+\}/g, 'none')}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(method !== 'GET' && method !== 'DELETE' && { body: '{}' }),
  });
  const { error } = (await response.json()) as { error?: { code: string } };
  return { status: response.status, code: error?.code };
}

/** The answer that the documented role calls for; `passes` is any but those that refuse the caller. */
function wantedOf(needed: NeededRole, caller: Caller): string {
  if (needed === 'none') return 'passes';
  // Tokens of the API are no credentials of a sender.
  if (needed === 'sender' || caller === 'nobody' || caller === 'stranger') return '401 not_authenticated';
  return roles.indexOf(caller) >= roles.indexOf(needed) ? 'passes' : '403 forbidden';
}

describe('roles', () => {
  it('docs/api.md has every route of the API, with the role it takes, and no other', async () => {
    const routes = await deployedRoutes();
    expect(routes.length).toBeGreaterThan(10);
    expect([...documentedRoutes().keys()].sort()).toEqual(routes.sort());
  });

  it('every route lets pass who may call it, and refuses everybody else', async () => {
    const answers: string[] = [];
    const wanted: string[] = [];
    for (const [route, needed] of documentedRoutes()) {
      for (const caller of callers) {
        const { status, code } = await ask(route, caller);
        answers.push(`${route} by ${caller}: ${status === 401 || status === 403 ? `${status} ${code}` : 'passes'}`);
        wanted.push(`${route} by ${caller}: ${wantedOf(needed, caller)}`);
      }
    }
    expect(answers).toEqual(wanted);
  });

  it('a sender with its own token is let in by that alone', async () => {
    const answer = await desk.postSignal({});
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'invalid_signal']);
  });
});
