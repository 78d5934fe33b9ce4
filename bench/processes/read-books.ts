/**
 * Reads books of many markets for a while, in one of several ways, and tells what that took. A process of its own, so that its processor
 * time and its memory are those of reading alone.
 *
 * stdin `ReadBooksInput`, stdout `ReadBooksOutput`, both JSON.
 */
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ReadBooksInput {
  /**
   * `each` waits for each market in a loop of its own, and `together` for all of them in one, as users of ccxt.pro write it;
   * `desk` is the desk's streams, checked and published.
   */
  way: 'each' | 'together' | 'desk';
  url: string;
  symbols: readonly string[];
  /** Folder of the venue layer. */
  directory: string;
  /** How many updates it reads before anything is counted, in which its code is compiled, and how many are counted then. */
  warmUpdates: number;
  countedUpdates: number;
  /** Where quotes are written, of `desk`. */
  aws?: { url: string; table: string };
}

export interface ReadBooksOutput {
  /** That were applied to a book. */
  updates: number;
  /** That a user of ccxt has seen: of those that came while it was busy only the last one. */
  seen: number;
  wallMs: number;
  /** Of all threads, system time included. */
  cpuMs: number;
  /** After everything that nobody needs any more is thrown away. */
  heapBytes: number;
  residentBytes: number;
  /** Of `desk`: quotes written, and what went wrong. */
  written: number;
  incidents: string[];
}

export interface Counts {
  updates: number;
  seen: number;
  written: number;
  incidents: string[];
}

export interface BookReader {
  /** Asked often. */
  updates(): number;
  counts(): Counts;
}

const begunMsMax = 60_000;
const readMsMax = 180_000;
const lookEveryMs = 20;

const input = (await json(process.stdin)) as ReadBooksInput;
const push = (body?: object) =>
  fetch(`${input.url}/__push`, { ...(body && { method: 'POST', body: JSON.stringify(body) }) });

async function untilSubscribed(): Promise<void> {
  const endsAtMs = performance.now() + begunMsMax;
  for (;;) {
    const { subscriptions } = (await (await push()).json()) as { subscriptions: number };
    if (subscriptions === input.symbols.length) return;
    if (performance.now() > endsAtMs) throw new Error(`${subscriptions} of ${input.symbols.length} are subscribed`);
    await sleep(50);
  }
}

/** By updates rather than by time: a busy machine reads fewer in the same time, and would be told to be colder. */
async function untilRead(updates: number): Promise<void> {
  const endsAtMs = performance.now() + readMsMax;
  while (reader.updates() < updates) {
    if (performance.now() > endsAtMs) throw new Error(`${reader.updates()} updates came in ${readMsMax} ms`);
    await sleep(lookEveryMs);
  }
}

// What the other way needs is not loaded, so that memory is that of one way alone.
const reader =
  input.way === 'desk'
    ? await (await import('../desk-book-reader.ts')).openDeskReader(input)
    : await (await import('../bare-book-reader.ts')).openBareReader(input);
await untilSubscribed();
await push({});
await untilRead(input.warmUpdates);
const [before, cpuBefore, beganMs] = [reader.counts(), process.cpuUsage(), performance.now()];
await untilRead(before.updates + input.countedUpdates);
const { user, system } = process.cpuUsage(cpuBefore);
const wallMs = performance.now() - beganMs;
const after = reader.counts();
await push({ ratePerSecond: 0 });
await sleep(200);
globalThis.gc?.();
const { heapUsed, external, rss } = process.memoryUsage();
const output: ReadBooksOutput = {
  ...{ updates: after.updates - before.updates, seen: after.seen - before.seen, wallMs },
  ...{ cpuMs: (user + system) / 1_000, heapBytes: heapUsed + external, residentBytes: rss },
  ...{ written: after.written - before.written, incidents: after.incidents.slice(0, 10) },
};
process.stdout.write(JSON.stringify(output), () => process.exit(0));
