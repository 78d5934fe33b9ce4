/** Kills a task of the stream service without a word, and sees how soon others have what it had. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { VenueId } from '@nightdesk/core';
import type { StreamedMarket, StreamingDesk } from './streaming-desk.ts';

export interface Takeover {
  pid: number;
  /** Connections that it had, as their quotes tell. */
  connections: number;
  /** Until each of these had another task whose quotes can be read: of the slowest. */
  takenOverMs: number;
  /** Until nine in ten of all books that it had could be read again. */
  booksBackMs: number;
}

export const takeoverMsMax = 5_000;
const waitMsMax = 30_000;
const lookEveryMs = 100;
const backShare = 0.9;

interface Held {
  market: StreamedMarket;
  /** `<unit>@<task>.<number>`. */
  connection: string;
}

const unitOf = (connection: string): string => connection.split('@')[0] ?? '';
const taskOf = (connection: string): string => connection.split('@')[1]?.split('.')[0] ?? '';

async function connectionsOf({ quotes }: StreamingDesk, markets: readonly StreamedMarket[]) {
  const read = async (market: StreamedMarket) => {
    const [quote] = await quotes.read(market.symbol, market.venue as VenueId);
    return quote === undefined ? [] : [{ market, connection: quote.connection, receivedMs: quote.receivedMs }];
  };
  return (await Promise.all(markets.map(read))).flat();
}

/** Kills the first task that the cloud names: the other one lives as long as the soak does. */
export async function killTask(streaming: StreamingDesk, markets: readonly StreamedMarket[]): Promise<Takeover> {
  const [victim] = streaming.desk.cloud.services();
  if (victim === undefined) throw new Error('there is no task to kill');
  const before = await connectionsOf(streaming, markets);
  process.kill(victim.pid, 'SIGKILL');
  const killedMs = Date.now();
  return watch(streaming, { before, killedMs, pid: victim.pid });
}

/**
 * Which task the killed process was, nobody tells: it is the one of whose connections none has received anything since. What others had all the
 * time has, so that it counts for nothing.
 */
async function watch(
  streaming: StreamingDesk,
  { before, killedMs, pid }: { before: readonly Held[]; killedMs: number; pid: number },
): Promise<Takeover> {
  const backMs = new Map<StreamedMarket, number>();
  const alive = new Set<string>();
  const result = () => {
    const lost = before.filter(({ connection }) => !alive.has(taskOf(connection)));
    const units = Map.groupBy(lost, ({ connection }) => unitOf(connection));
    const times = lost.map(({ market }) => backMs.get(market) ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    const firsts = [...units.values()].map((held) =>
      Math.min(...held.map(({ market }) => backMs.get(market) ?? Number.POSITIVE_INFINITY)),
    );
    return {
      ...{ pid, connections: units.size, takenOverMs: Math.max(0, ...firsts) },
      booksBackMs: times[Math.ceil(times.length * backShare) - 1] ?? 0,
    };
  };
  const endsAtMs = performance.now() + waitMsMax;
  while (performance.now() < endsAtMs) {
    const missing = before.filter(({ market }) => !backMs.has(market)).map(({ market }) => market);
    for (const { market, connection, receivedMs } of await connectionsOf(streaming, missing)) {
      if (receivedMs <= killedMs) continue;
      backMs.set(market, Date.now() - killedMs);
      const held = before.find((one) => one.market === market);
      if (held?.connection === connection) alive.add(taskOf(connection));
    }
    // A book that is fetched anew for other reasons is not waited for.
    if (backMs.size >= before.length * 0.98) break;
    await sleep(lookEveryMs);
  }
  return result();
}
