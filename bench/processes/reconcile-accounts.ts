/**
 * Has accounts reconciled every minute of the desk's own time while some of them trade, and counts what that asks of the venue
 * and of the tables. A process of its own, because the time in it is not the machine's.
 *
 * stdin `ReconcileAccountsInput`, stdout `ReconcileAccountsOutput`, both JSON.
 */
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBooksRepository } from '@nightdesk/aws';
import { type AccountId, type Books, type DeskConfig, metricNames } from '@nightdesk/core';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { account as firstAccount } from '../desk.ts';
import { makeRestingSignals, makeSignals, symbolsMax } from '../signals.ts';
import { startTrackingDesk } from '../tracking-desk.ts';

export interface ReconcileAccountsInput {
  /** Of the assembly. */
  directory: string;
  /** How many accounts are reconciled together, one situation after the other, from few to many. */
  situations: readonly number[];
  /** How often each account is looked at in a situation. */
  looks: number;
  /** Looks before: the first one of an account is like no other, and sandboxes are to be warm. */
  uncountedLooks: number;
  /** One of so many accounts trades: it places an order between two looks, and has one that rests. */
  tradingOneOf: number;
}

export interface ReconcilingCost {
  accounts: number;
  trading: number;
  looks: number;
  venueCalls: number;
  /** Request weight as the venue counts it. */
  venueWeight: number;
  tableRequests: number;
  readUnits: number;
  writeUnits: number;
  /** Venue calls by endpoint. */
  endpoints: Record<string, number>;
  /** Of one account at one look, as the function tells it; milliseconds. */
  lookMs: number[];
  /** Most memory that a sandbox of the function held. */
  memoryMb: number;
  /** From the schedule until the books of all accounts are written; milliseconds. */
  roundMs: number[];
}

export type ReconcileAccountsOutput = ReconcilingCost[];

const minuteMs = 60_000;
const roundMsMax = 300_000;
const askEveryMs = 10;
/** What is under way without a queue, such as the deletion of messages. */
const settleMs = 250;
const postAtOnce = 4;
/** What counts one to one. The repository's limits count coins so as well, and then nobody asks what those are worth. */
const quotes = ['USD', 'USDT', 'USDC', 'FDUSD'];

const input = (await json(process.stdin)) as ReconcileAccountsInput;
const accounts = Array.from({ length: Math.max(...input.situations) }, (_, index) =>
  index === 0 ? firstAccount : `account-${index + 1}`,
) as AccountId[];
const lookMs: number[] = [];
let memoryMb = 0;
const desk = await startTrackingDesk(input.directory, { change: withAccounts(accounts), onLog: takeFigures });
const dynamoDb = createLocalClient(desk.awsUrl);
const books = createBooksRepository(dynamoDb, desk.tables);
try {
  const output: ReconcileAccountsOutput = [];
  for (const count of input.situations) output.push(await measure(accounts.slice(0, count)));
  process.stdout.write(JSON.stringify(output));
} finally {
  dynamoDb.destroy();
  await desk.close();
}

function withAccounts(ids: readonly AccountId[]) {
  return (config: DeskConfig): DeskConfig => {
    const [model, demo] = [config.accounts[firstAccount], config.sources.demo];
    if (model === undefined || demo === undefined)
      throw new Error(`there is no account ${firstAccount} or source demo`);
    return {
      ...config,
      accounts: Object.fromEntries(ids.map((id) => [id, model])),
      sources: { demo: { ...demo, accounts: [...ids] } },
      risk: { ...config.risk, default: { ...config.risk.default, quotes } },
    };
  };
}

/** A line of the embedded metric format for each look, and a report of each invocation. */
function takeFigures(name: string, text: string): void {
  const [, used] = text.match(/Max Memory Used: (\d+) MB/) ?? [];
  if (used !== undefined && name.endsWith('reconcile-balances')) memoryMb = Math.max(memoryMb, Number(used));
  for (const line of text.split('\n').filter((each) => each.includes(`"${metricNames.reconciliationMs}":`))) {
    lookMs.push(Number((JSON.parse(line) as Record<string, unknown>)[metricNames.reconciliationMs]));
  }
}

async function measure(ids: readonly AccountId[]): Promise<ReconcilingCost> {
  desk.configure(withAccounts(ids));
  await desk.advance(minuteMs);
  const trading = ids.slice(0, Math.ceil(ids.length / input.tradingOneOf));
  await placeResting(trading);
  const counted = { venueCalls: 0, venueWeight: 0, tableRequests: 0, readUnits: 0, writeUnits: 0 };
  const endpoints: Record<string, number> = {};
  const roundMs: number[] = [];
  for (let look = -input.uncountedLooks; look < input.looks; look++) {
    const startMs = performance.now();
    await trade(trading, look);
    if (look === 0) lookMs.length = 0;
    const before = await totals();
    const tookMs = await lookAtAll(ids);
    const after = await totals();
    if (look >= 0) {
      roundMs.push(tookMs);
      for (const name of Object.keys(counted) as (keyof typeof counted)[]) counted[name] += after[name] - before[name];
      for (const [name, calls] of Object.entries(after.endpoints)) {
        const more = calls - (before.endpoints[name] ?? 0);
        if (more > 0) endpoints[name] = (endpoints[name] ?? 0) + more;
      }
    }
    await desk.advance(Math.max(0, Math.round(minuteMs - (performance.now() - startMs))));
  }
  await requireAgreement(ids);
  const { looks } = input;
  const many = { accounts: ids.length, trading: trading.length, looks };
  return { ...many, ...counted, endpoints, lookMs: [...lookMs], memoryMb, roundMs };
}

async function totals() {
  await desk.quiet();
  await sleep(settleMs);
  await desk.quiet();
  const [{ calls, weight, endpoints }, { read, write }] = [await desk.simulator.requests(), desk.endpoint.total()];
  const tableRequests = desk.endpoint.requests();
  return { venueCalls: calls, venueWeight: weight, endpoints, tableRequests, readUnits: read, writeUnits: write };
}

/** As the schedule has it done. @returns milliseconds until the last account's books are written */
async function lookAtAll(ids: readonly AccountId[]): Promise<number> {
  const [startMs, plannedAtMs] = [performance.now(), Date.now()];
  await desk.run('plan-reconciliations');
  for (const id of ids) {
    // In the order in which they are planned, so that mostly the last ones are waited for.
    while (((await books.get(id))?.checkedAtMs ?? 0) < plannedAtMs) {
      if (performance.now() - startMs > roundMsMax) throw new Error(`${id} was not reconciled within ${roundMsMax} ms`);
      await sleep(askEveryMs);
    }
  }
  return performance.now() - startMs;
}

/** What a desk costs that raises false alarms is not worth telling. */
async function requireAgreement(ids: readonly AccountId[]): Promise<void> {
  for (const id of ids) {
    const found: Books | undefined = await books.get(id);
    if (found?.status === 'agrees' && found.marks !== undefined) continue;
    const why = found?.cause?.message ?? JSON.stringify(found?.differences);
    throw new Error(`the books of ${id} say "${found?.status}" after normal trading: ${why}`);
  }
}

async function placeResting(ids: readonly AccountId[]): Promise<void> {
  const plan = { prefix: `rest-${ids.length}`, count: 1, symbols: 1 };
  const [body = ''] = makeRestingSignals(plan, { 'BTC/USDT': await desk.simulator.priceOf('BTCUSDT') });
  await postAll(ids.map((id) => ({ ...JSON.parse(body), id: `${plan.prefix}-${id}`, account: id })));
}

/** One order at market for each: bought in one market after the other, and every second time sold of what all of them hold. */
async function trade(ids: readonly AccountId[], look: number): Promise<void> {
  const prefix = `trade-${ids.length}-${look}`;
  const bodies = makeSignals({ prefix, count: ids.length, symbols: symbolsMax });
  const [first = ''] = bodies;
  await postAll(
    ids.map((account, index) => {
      const order = JSON.parse(look % 2 === 0 ? (bodies[index] ?? '') : first);
      return { ...order, id: `${prefix}-${index}`, action: look % 2 === 0 ? 'buy' : 'sell', account };
    }),
  );
}

async function postAll(signals: readonly object[]): Promise<void> {
  const waiting = [...signals];
  const post = async (): Promise<void> => {
    for (let signal = waiting.shift(); signal !== undefined; signal = waiting.shift()) {
      const { status, body } = await desk.client.postSignal(signal);
      if (status !== 202) throw new Error(`a signal was answered ${status}: ${JSON.stringify(body)}`);
      const { orders } = await desk.client.waitForOrder(body.signalId ?? '', roundMsMax);
      const failed = orders.find(({ state }) => state !== 'filled' && state !== 'open');
      if (failed !== undefined) throw new Error(`an order is ${failed.state}: ${failed.cause?.message}`);
    }
  };
  await Promise.all(Array.from({ length: postAtOnce }, post));
}
