/** The whole desk on the embedded cloud, in memory, for one test file. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Order } from '@nightdesk/core';
import { createDeskClient, type DeskClient } from '@nightdesk/local/supervisor/client.ts';
import { type Cloud, type CloudOptions, startCloud } from '@nightdesk/local/supervisor/cloud.ts';
import type { ReadyInfo } from '@nightdesk/local/supervisor/ready.ts';
import { type DeskRecords, openDeskRecords } from './desk-records.ts';
import { disagreements } from './desk-truth.ts';

export interface Desk extends DeskClient {
  readonly ready: ReadyInfo;
  readonly cloud: Cloud;
  readonly records: DeskRecords;
  /** What the supervisor and the functions have logged so far. */
  readonly log: readonly string[];
  /** Waits until the venue's word on every order of these signals is recorded. @throws Error naming those without, when it never is */
  settle(signalIds: readonly string[]): Promise<Order[]>;
  /** Where desk and venue see an order differently. */
  disagreements(): Promise<string[]>;
  close(): Promise<void>;
}

/** Many orders at once, at venues that fail, on a busy machine. */
const settleMsMax = 180_000;
const pollEveryMs = 100;

export async function startDesk(options: Partial<CloudOptions> = {}): Promise<Desk> {
  const log: string[] = [];
  const cloud = await startCloud({
    collects: false,
    streams: false,
    log: (message) => log.push(message),
    onFunctionLog: (name, text) => log.push(`${name}: ${text}`),
    ...options,
  });
  const client = createDeskClient(cloud.ready);
  const records = await openDeskRecords(cloud.ready.aws);
  return {
    ...client,
    ...{ ready: cloud.ready, cloud, records, log },
    settle: (signalIds) => settle(records, signalIds),
    disagreements: async () => disagreements(await records.orders(), await client.simulatorOrders()),
    async close() {
      records.close();
      await cloud.close();
    },
  };
}

async function settle(records: DeskRecords, signalIds: readonly string[]): Promise<Order[]> {
  const wanted = new Set(signalIds);
  const endsAtMs = performance.now() + settleMsMax;
  for (;;) {
    const orders = (await records.orders()).filter(({ signalId }) => wanted.has(signalId));
    const settled = orders.filter(({ state }) => state !== 'intended' && state !== 'unknown');
    if (new Set(settled.map(({ signalId }) => signalId)).size === wanted.size) return settled;
    if (performance.now() > endsAtMs) {
      const states = orders.map(({ orderId, state, cause }) => `${orderId} ${state} ${cause?.code ?? ''}`);
      throw new Error(`${settled.length} of ${wanted.size} signals settled in ${settleMsMax} ms: ${states.join(', ')}`);
    }
    await sleep(pollEveryMs);
  }
}
