/**
 * Places orders that rest and follows them for a while, as deployed and the naive way, and counts what either asks of the
 * venue and of the tables. A process of its own, because the time in it is not the machine's.
 *
 * stdin `TrackRestingInput`, stdout `TrackRestingOutput`, both JSON.
 */
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOrdersRepository } from '@nightdesk/aws';
import type { AccountId } from '@nightdesk/core';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { account } from '../desk.ts';
import { makeRestingSignals } from '../signals.ts';
import { startTrackingDesk, type TrackingDesk } from '../tracking-desk.ts';

export interface TrackRestingInput {
  /** Of the assembly. */
  directory: string;
  orders: number;
  /** How many markets the orders are in, the same number in each. */
  markets: number;
  /** How long they are followed. */
  minutes: number;
  /** How long the naive way is; each minute of it is like the other. */
  naiveMinutes: number;
}

export interface TrackingCost {
  minutes: number;
  venueCalls: number;
  /** Request weight as the venue counts it. */
  venueWeight: number;
  readUnits: number;
  writeUnits: number;
  /** Venue calls by endpoint. */
  endpoints: Record<string, number>;
}

export interface TrackRestingOutput {
  nightdesk: TrackingCost;
  naive: TrackingCost;
}

const minuteMs = 60_000;
/** After this time an order no longer counts as young. */
const restedMs = 3 * minuteMs;
const postAtOnce = 8;
const batches = 6;
const batchEveryMs = 310_000;
const openMsMax = 90_000;
const askEveryMs = 150;
const settleMs = 250;
const listedMax = 5_000;

const input = (await json(process.stdin)) as TrackRestingInput;
const desk = await startTrackingDesk(input.directory);
try {
  process.stdout.write(JSON.stringify(await measure(desk)));
} finally {
  await desk.close();
}

async function measure(running: TrackingDesk): Promise<TrackRestingOutput> {
  const { orders, minutes, naiveMinutes } = input;
  await placeOrders(running);
  running.useRealLimits();
  await running.advance(restedMs);
  const track = async () => {
    const { looked, unknown, failed } = (await running.run('track-orders')) as Record<string, number>;
    if (looked !== orders || unknown !== 0 || failed !== 0)
      throw new Error(`of ${orders} orders ${looked} were looked at, ${failed} in vain, ${unknown} unknown`);
  };
  // Once uncounted: a sandbox lives for many minutes, and what it reads when it starts is none of theirs.
  await each(1, track);
  const nightdesk = await countDuring(minutes, track);
  const { ask, close } = await createNaive(running);
  await ask();
  const naive = await countDuring(naiveMinutes, ask);
  close();
  return { nightdesk, naive };

  async function countDuring(count: number, work: () => Promise<void>): Promise<TrackingCost> {
    const [venueBefore, unitsBefore] = [await running.simulator.requests(), running.endpoint.total()];
    await each(count, work);
    const [venueAfter, unitsAfter] = [await running.simulator.requests(), running.endpoint.total()];
    const endpoints = Object.entries(venueAfter.endpoints).map(
      ([name, calls]) => [name, calls - (venueBefore.endpoints[name] ?? 0)] as const,
    );
    return {
      minutes: count,
      venueCalls: venueAfter.calls - venueBefore.calls,
      venueWeight: venueAfter.weight - venueBefore.weight,
      readUnits: unitsAfter.read - unitsBefore.read,
      writeUnits: unitsAfter.write - unitsBefore.write,
      endpoints: Object.fromEntries(endpoints.filter(([, calls]) => calls > 0)),
    };
  }

  /** Once a minute, of which the work itself takes a part. */
  async function each(count: number, work: () => Promise<void>): Promise<void> {
    for (let minute = 0; minute < count; minute++) {
      const startMs = performance.now();
      await work();
      await running.advance(Math.max(0, Math.round(minuteMs - (performance.now() - startMs))));
    }
  }
}

/** Spread over half an hour and over the seconds of a minute, as nobody places them all at once. */
async function placeOrders({ signalUrl, simulator, advance }: TrackingDesk): Promise<void> {
  const { orders: count, markets: symbols } = input;
  const plan = { prefix: 'rest', count, symbols };
  const bodies = makeRestingSignals(plan, await pricesFor(simulator, makeRestingSignals(plan, {})));
  const batchSize = Math.ceil(count / batches);
  for (let start = 0; start < count; start += batchSize) {
    if (start > 0) await advance(batchEveryMs);
    const waiting = bodies.slice(start, start + batchSize);
    const post = async () => {
      for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) await postSignal(signalUrl, body);
    };
    await Promise.all(Array.from({ length: postAtOnce }, post));
    await untilOpen(Math.min(start + batchSize, count));
    // What is under way still, such as the deletion of a message, would come minutes too late otherwise.
    await sleep(settleMs);
  }
}

async function postSignal(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  if (answer.status !== 202) throw new Error(`a signal was answered ${answer.status}: ${await answer.text()}`);
}

async function pricesFor(
  simulator: TrackingDesk['simulator'],
  bodies: readonly string[],
): Promise<Record<string, number>> {
  const symbols = new Set(bodies.map((body) => (JSON.parse(body) as { symbol: string }).symbol));
  const priced = [...symbols].map(
    async (symbol) => [symbol, await simulator.priceOf(symbol.replace('/', ''))] as const,
  );
  return Object.fromEntries(await Promise.all(priced));
}

/** Until the table has every order as one that rests. */
async function untilOpen(count: number): Promise<void> {
  const client = createLocalClient(desk.endpoint.url);
  const orders = createOrdersRepository(client, desk.tables);
  const endsAtMs = performance.now() + openMsMax;
  for (;;) {
    const listed = await orders.listOpen(account as AccountId, listedMax);
    const open = listed.filter(({ state }) => state === 'open');
    if (open.length === count) break;
    if (performance.now() > endsAtMs) throw new Error(`${open.length} of ${count} orders rest after ${openMsMax} ms`);
    await sleep(askEveryMs);
  }
  client.destroy();
}

/** The list of open orders from the table, and one question to the venue about each of them. Writes down nothing. */
async function createNaive(running: TrackingDesk): Promise<{ ask(): Promise<void>; close(): void }> {
  const { endpoint, tables, simulator } = running;
  // Not before the time is shifted: it keeps the clock that it finds.
  const { binance } = await import('ccxt');
  const dynamoDb = createLocalClient(endpoint.url);
  const orders = createOrdersRepository(dynamoDb, tables);
  const client = new binance({
    ...simulator.keys,
    enableRateLimit: false,
    options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false, fetchCurrencies: false },
  });
  const addresses = client.urls.api as unknown as Record<string, unknown>;
  for (const [name, address] of Object.entries(addresses)) {
    if (typeof address === 'string') addresses[name] = address.replace(/^https:\/\/[^/]+/, simulator.url);
  }
  return {
    async ask() {
      for (const { venueOrderId, symbol } of await orders.listOpen(account as AccountId, listedMax)) {
        const { status } = await client.fetchOrder(String(venueOrderId), symbol);
        if (status !== 'open') throw new Error(`order ${venueOrderId} is ${status} and not at rest`);
      }
    },
    close: () => dynamoDb.destroy(),
  };
}
