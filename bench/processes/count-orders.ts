/**
 * Places orders one after the other under few limits and under every one, and counts what their way asks of the tables. A
 * process of its own, because the time in it is not the machine's.
 *
 * stdin `CountOrdersInput`, stdout `CountOrdersOutput`, both JSON.
 */
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountId, configSchemas, intentIdOf, type SignalId } from '@nightdesk/core';
import { account } from '../desk.ts';
import { everyLimitSettings, fewLimitSettings } from '../gate-limits.ts';
import { makeSignals } from '../signals.ts';
import { rounded } from '../statistics.ts';
import { startTrackingDesk } from '../tracking-desk.ts';

export interface CountOrdersInput {
  /** Of the assembly. */
  directory: string;
  /** How many under either set of limits. */
  orders: number;
}

/** Of one order. */
export interface OrderTables {
  requests: number;
  read: number;
  write: number;
}

export interface CountOrdersOutput {
  few: OrderTables;
  every: OrderTables;
}

const minuteMs = 60_000;
/** What sandboxes read when they start is none of a single order's. */
const uncounted = 4;
/** What is under way without a queue, such as the deletion of messages. */
const settleMs = 250;
const orderMsMax = 30_000;
const askEveryMs = 10;

const input = (await json(process.stdin)) as CountOrdersInput;
const desk = await startTrackingDesk(input.directory);
try {
  const few = await measure('few', fewLimitSettings);
  const every = await measure('every', everyLimitSettings('shares'));
  process.stdout.write(JSON.stringify({ few, every } satisfies CountOrdersOutput));
} finally {
  await desk.close();
}

async function measure(prefix: string, risk: object): Promise<OrderTables> {
  desk.configure((config) => ({ ...config, risk: configSchemas.risk.parse(risk) }));
  await desk.advance(minuteMs);
  // Once for what the account is worth, and in the next minute for the sum over all accounts.
  for (let time = 0; time < 2; time++) {
    await desk.run('plan-reconciliations');
    await settle();
    await desk.advance(minuteMs);
  }
  const bodies = makeSignals({ prefix, count: uncounted + input.orders, symbols: 1 });
  for (const body of bodies.slice(0, uncounted)) await place(body);
  await settle();
  const [unitsBefore, requestsBefore] = [desk.endpoint.total(), desk.endpoint.requests()];
  for (const body of bodies.slice(uncounted)) await place(body);
  await settle();
  const [units, requests] = [desk.endpoint.total(), desk.endpoint.requests()];
  const each = (after: number, before: number): number => rounded((after - before) / input.orders);
  return {
    requests: each(requests, requestsBefore),
    read: each(units.read, unitsBefore.read),
    write: each(units.write, unitsBefore.write),
  };
}

/** Asks the venue and not the desk whether it is there, since that would be counted. */
async function place(signal: string): Promise<void> {
  const { status, body } = await desk.client.postSignal(signal);
  if (status !== 202) throw new Error(`a signal was answered ${status}: ${JSON.stringify(body)}`);
  const clientOrderId = intentIdOf(body.signalId as SignalId, account as AccountId);
  const endsAtMs = performance.now() + orderMsMax;
  while ((await desk.client.simulatorOrders({ clientOrderId })).length === 0) {
    if (performance.now() > endsAtMs) throw new Error(`there is no order after ${orderMsMax} ms, it may be denied`);
    await sleep(askEveryMs);
  }
}

async function settle(): Promise<void> {
  await desk.quiet();
  await sleep(settleMs);
  await desk.quiet();
}
