/** Subscriptions of a venue packed into connections. */
import type { VenueId } from '../ids.ts';
import type { MarketStreamKind } from '../ports/streams.ts';
import type { MarketUnit, PlannedSubscription } from './stream-units.ts';

/** All that is wanted of one market. It stays on one connection: what is learned of it there belongs together. */
export interface Packable {
  symbol: string;
  subscriptions: readonly PlannedSubscription[];
  /** Kinds that are asked for rather than subscribed: no connection has to have room for them. */
  polled: ReadonlySet<MarketStreamKind>;
}

export interface PackingRoom {
  venue: VenueId;
  unitsMax: number;
  /** Of one connection. */
  subscriptionsMax: number;
}

/** Connections are opened for so much of what they could take: hashes do not fill them evenly. */
const fillShare = 0.8;

/**
 * A market's unit follows from its name and the number of units, so that a market that comes or goes leaves the others where they
 * are. Where its unit is full it goes to the next one; where there are more units than before, only those move that the new one gets.
 *
 * @param packables in order of importance: where there is not room for all, the first ones have it
 * @returns units without empty ones, and what there is no room for
 */
export function packUnits(
  packables: readonly Packable[],
  { venue, unitsMax, subscriptionsMax }: PackingRoom,
): { units: MarketUnit[]; left: Packable[] } {
  const total = packables.reduce((sum, packable) => sum + sizeOf(packable), 0);
  const count = Math.min(unitsMax, Math.max(1, Math.ceil(total / (subscriptionsMax * fillShare))));
  const boxes = Array.from({ length: count }, (_, number) => {
    return { id: `${venue}#markets#${number}`, size: 0, subscriptions: [] as PlannedSubscription[] };
  });
  const left = packables.filter((packable) => {
    const { symbol, subscriptions } = packable;
    const size = sizeOf(packable);
    const box = inOrder(boxes, symbol).find((each) => each.size + size <= subscriptionsMax);
    if (box === undefined) return true;
    box.size += size;
    box.subscriptions.push(...subscriptions);
    return false;
  });
  const units = boxes
    .filter(({ subscriptions }) => subscriptions.length > 0)
    .map(({ id, subscriptions }): MarketUnit => {
      return { kind: 'markets', id, venue, subscriptions: subscriptions.sort(byName) };
    });
  return { units, left };
}

const sizeOf = ({ subscriptions, polled }: Packable): number =>
  subscriptions.filter(({ kind }) => !polled.has(kind)).length;

/** Rendezvous hashing: each market has an order of its own of all boxes, in which one more changes nothing else. */
function inOrder<Box extends { id: string }>(boxes: readonly Box[], symbol: string): Box[] {
  const weighed = boxes.map((box) => ({ box, weight: hash32(`${box.id} ${symbol}`) }));
  return weighed.sort((one, other) => one.weight - other.weight).map(({ box }) => box);
}

/** FNV-1a, with its bits mixed as MurmurHash3 does in the end: texts that differ in their last letter only must not lie close. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const keyOf = ({ kind, symbol, timeframe = '' }: PlannedSubscription): string => `${kind} ${symbol} ${timeframe}`;
const byName = (one: PlannedSubscription, other: PlannedSubscription): number => (keyOf(one) < keyOf(other) ? -1 : 1);
