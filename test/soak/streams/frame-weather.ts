/** What goes wrong between the venues and the stream service, changing all the time. */
import type { Dice } from '../dice.ts';
import { type VenueName, venueNames } from '../markets.ts';
import type { StreamingDesk } from './streaming-desk.ts';

type Fault = Readonly<Record<string, unknown>>;

/** Shares of frames: a few books a second are lost and fetched anew. */
const rare = { low: 0.0003, high: 0.002 };
/** Longer than it takes to find out, so that it is found out. */
const silentMs = { low: 20_000, high: 60_000 };

const weights = {
  ...{ 'drop-frame': 4, 'reorder-frames': 4, 'corrupt-frame': 4 },
  ...{ disconnect: 2, silence: 2, 'disconnect-streams': 1 },
} as const;

/** Every kind has its turn; an account's own streams are struck as those of markets are. */
export function faultsFor(dice: Dice): Fault[] {
  const share = () => dice.between(rare.low, rare.high);
  const seed = () => Math.floor(dice.next() * 1_000_000);
  const kinds = {
    'drop-frame': () => ({ kind: 'drop-frame', probability: share(), seed: seed() }),
    'reorder-frames': () => ({ kind: 'reorder-frames', probability: share(), seed: seed() }),
    'corrupt-frame': () => ({ kind: 'corrupt-frame', probability: share(), seed: seed() }),
    disconnect: () => ({ kind: 'disconnect', count: 1 }),
    silence: () => ({ kind: 'silence', count: 1, silentMs: Math.floor(dice.between(silentMs.low, silentMs.high)) }),
    'disconnect-streams': () => ({ kind: 'disconnect-streams', forMs: Math.floor(dice.between(100, 3_000)) }),
  };
  const names = new Set([dice.weighted<keyof typeof kinds>(weights), dice.weighted<keyof typeof kinds>(weights)]);
  return [...names].map((name) => kinds[name]());
}

/** How often each kind has struck. */
export type Struck = Record<string, number>;

export async function changeWeather(streaming: StreamingDesk, dice: Dice, struck: Struck): Promise<void> {
  await clearWeather(streaming, struck);
  for (const venue of venueNames) await streaming.control(venue, 'POST', 'faults', faultsFor(dice));
}

export async function clearWeather(streaming: StreamingDesk, struck: Struck): Promise<void> {
  for (const venue of venueNames) await clearOf(streaming, venue, struck);
}

async function clearOf(streaming: StreamingDesk, venue: VenueName, struck: Struck): Promise<void> {
  type Listed = { faults: { kind: string; struck: number }[] };
  const { faults } = await streaming.control<Listed>(venue, 'GET', 'faults');
  for (const { kind, struck: times } of faults) {
    // One that closes all streams has struck by being there.
    struck[kind] = (struck[kind] ?? 0) + (kind === 'disconnect-streams' ? 1 : times);
  }
  await streaming.control(venue, 'DELETE', 'faults');
}
