/** Kills the desk under load, again and again, and holds what is left against what the venue has. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Order, Verification } from '@nightdesk/core';
import { createRandom } from '@nightdesk/local/simulators/engine/random.ts';
import { createDeskClient } from '@nightdesk/local/supervisor/client.ts';
import type { ReadyInfo } from '@nightdesk/local/supervisor/ready.ts';
import { type DeskRecords, openDeskRecords } from '../support/desk-records.ts';
import { disagreements } from '../support/desk-truth.ts';
import { startDeskProcess } from './desk-process.ts';
import { startLoad } from './signal-load.ts';

export interface CrashOptions {
  kills: number;
  seed: number;
  signalsPerSecond: number;
  /** Empty or of an earlier run. */
  stateDirectory: string;
  log: (message: string) => void;
}

export interface CrashReport {
  kills: { process: number; starting: number; sandbox: number };
  signals: { sent: number; resent: number; confirmed: number; unconfirmed: number };
  /** Orders by state, with the reason of those that are not at the venue: `denied stale_signal`. */
  orders: Record<string, number>;
  /** Milliseconds from the signal to the last word about its order, ascending. */
  latenciesMs: number[];
  /** From the last kill until nothing was left to do. */
  settledAfterMs: number;
  verification: Verification;
  /** What must not be: one sentence each. */
  failures: string[];
}

/** Longest life of a desk between two kills. */
const lifeMsMax = 3_000;
/** A start takes about this long, so that a kill within it can strike at any point. */
const startMsMax = 1_500;
/** Share of starts that are killed. */
const killedWhileStarting = 0.2;
/** Redeliveries, and tracking once a minute, are over by then. */
const settleMsMax = 300_000;
const settlePollMs = 500;

/** @throws Error when the desk does not start again, or does not come to rest. */
export async function runCrashes(options: CrashOptions): Promise<CrashReport> {
  const { kills, seed, signalsPerSecond, stateDirectory, log } = options;
  const random = createRandom(seed);
  let ready: ReadyInfo | undefined;
  let desk = startDeskProcess(stateDirectory);
  try {
    ready = await desk.ready;
    const load = startLoad({ signalsPerSecond, random: createRandom(seed + 1), desk: () => ready });
    const struck = { process: 0, starting: 0, sandbox: 0 };
    for (let kill = 1; kill <= kills; kill++) {
      await sleep(random() * lifeMsMax);
      // The last one is of the process, whose next start need not wait until a lost sandbox's messages are visible again.
      const sandbox = kill < kills && random() < 0.5 ? pick(desk.sandboxes(), random) : undefined;
      if (sandbox !== undefined) {
        log(`kill ${kill} of ${kills}: sandbox ${sandbox}`);
        process.kill(sandbox, 'SIGKILL');
        struck.sandbox += 1;
        continue;
      }
      log(`kill ${kill} of ${kills}: the whole process`);
      ready = undefined;
      await desk.kill();
      struck.process += 1;
      desk = startDeskProcess(stateDirectory);
      if (kill < kills && random() < killedWhileStarting) {
        kill += 1;
        await sleep(random() * startMsMax);
        log(`kill ${kill} of ${kills}: the whole process while it starts`);
        await desk.kill();
        struck.starting += 1;
        desk = startDeskProcess(stateDirectory);
      }
      const startedAtMs = performance.now();
      ready = await desk.ready;
      log(`ready again after ${Math.round(performance.now() - startedAtMs)} ms`);
    }
    const killedAtMs = performance.now();
    await load.stop();
    const report = await judge(ready, load.confirmed, killedAtMs);
    return { kills: struck, signals: { ...load.counts, confirmed: load.confirmed.size }, ...report };
  } finally {
    await desk.stop();
  }
}

const pick = (pids: readonly number[], random: () => number): number | undefined =>
  pids[Math.floor(random() * pids.length)];

async function judge(ready: ReadyInfo, confirmed: ReadonlySet<string>, killedAtMs: number) {
  const records = await openDeskRecords(ready.aws);
  try {
    const { orders, deadLetters } = await settle(records);
    const settledAfterMs = performance.now() - killedAtMs;
    const venueOrders = await createDeskClient(ready).simulatorOrders();
    const verification = await records.verify();
    const failures = [...missing(orders, confirmed), ...disagreements(orders, venueOrders)];
    if (deadLetters > 0) failures.push(`${deadLetters} signals are among the dead letters`);
    if (verification.kind === 'misfit') failures.push(`the journal does not verify: ${verification.misfit.reason}`);
    return {
      orders: countBy(orders, ({ state, cause }) => (cause === undefined ? state : `${state} ${cause.code}`)),
      latenciesMs: orders.map(({ updatedAtMs, receivedAtMs }) => updatedAtMs - receivedAtMs).sort((a, b) => a - b),
      ...{ settledAfterMs, verification, failures },
    };
  } finally {
    records.close();
  }
}

/** Waits until the queue is empty and no order is in doubt. */
async function settle(records: DeskRecords): Promise<{ orders: Order[]; deadLetters: number }> {
  const endsAtMs = performance.now() + settleMsMax;
  for (;;) {
    const counts = await records.counts();
    const orders = await records.orders();
    const sum = (suffix: string) =>
      Object.entries(counts).reduce((total, [name, count]) => total + (name.endsWith(suffix) ? count : 0), 0);
    const queued = sum('-signals.fifo');
    const inDoubt = orders.filter(({ state }) => state === 'intended' || state === 'unknown').length;
    if (queued === 0 && inDoubt === 0) return { orders, deadLetters: sum('-signals-dead.fifo') };
    if (performance.now() > endsAtMs) {
      throw new Error(`not at rest after ${settleMsMax} ms: ${queued} signals queued, ${inDoubt} orders in doubt`);
    }
    await sleep(settlePollMs);
  }
}

function missing(orders: readonly Order[], confirmed: ReadonlySet<string>): string[] {
  const known = new Map<string, number>();
  for (const { signalId } of orders) known.set(signalId, (known.get(signalId) ?? 0) + 1);
  const lost = [...confirmed].filter((signalId) => !known.has(signalId)).map((id) => `${id} was confirmed and is lost`);
  const doubled = [...known].filter(([, count]) => count > 1).map(([id, count]) => `${id} has ${count} orders`);
  return [...lost, ...doubled];
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(items, keyOf)].map(([key, { length }]) => [key, length]));
}
