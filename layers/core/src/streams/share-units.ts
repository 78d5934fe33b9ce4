/** Which task is to have which unit: every task finds the same from the same row, and does its own part of it. */
import { connectionsPerVenueMax, type StreamUnit } from './stream-units.ts';

interface Sharing {
  /** In order of importance: where there is not room for all, the first ones have it. */
  units: readonly StreamUnit[];
  /** Who may have units. */
  tasks: readonly string[];
  /** Who has a unit now, or is about to; what is shared moves only where it must. */
  holderOf(unit: string): string | undefined;
}

/** What one task is to have. */
class Share {
  readonly task: string;
  readonly units = new Set<StreamUnit>();
  readonly #venues = new Map<string, number>();

  constructor(task: string) {
    this.task = task;
  }

  at(venue: string): number {
    return this.#venues.get(venue) ?? 0;
  }

  hasRoomAt(venue: string): boolean {
    return this.at(venue) < connectionsPerVenueMax;
  }

  add(unit: StreamUnit): void {
    this.units.add(unit);
    this.#venues.set(unit.venue, this.at(unit.venue) + 1);
  }

  remove(unit: StreamUnit): void {
    this.units.delete(unit);
    this.#venues.set(unit.venue, this.at(unit.venue) - 1);
  }
}

/**
 * Shares that differ by one unit at most, with no more than `connectionsPerVenueMax` units of a venue in each.
 *
 * @returns tasks by unit, without units that nobody has room for
 */
export function shareUnits({ units, tasks, holderOf }: Sharing): Map<string, string> {
  const shares = [...tasks].sort().map((task) => new Share(task));
  const open = units.filter((unit) => {
    const holder = holderOf(unit.id);
    const share = shares.find(({ task }) => task === holder);
    if (!share?.hasRoomAt(unit.venue)) return true;
    share.add(unit);
    return false;
  });
  for (const unit of open) leastLoaded(shares, unit)?.add(unit);
  // Each step makes shares more even, so there are fewer than units times tasks.
  for (let step = 0; step < units.length * shares.length && evenOut(shares); step += 1);
  return new Map(shares.flatMap(({ task, units: own }) => [...own].map(({ id }): [string, string] => [id, task])));
}

function leastLoaded(shares: readonly Share[], { venue }: StreamUnit): Share | undefined {
  const load = (share: Share) => share.units.size * (connectionsPerVenueMax + 1) + share.at(venue);
  return shares.filter((share) => share.hasRoomAt(venue)).sort((left, right) => load(left) - load(right))[0];
}

/** Moves one unit from a large share to one that is smaller by two at least: from the largest to the smallest, where that has room. */
function evenOut(shares: readonly Share[]): boolean {
  const ascending = [...shares].sort((left, right) => left.units.size - right.units.size);
  const moves = ascending.flatMap((small) =>
    ascending
      .filter((large) => large.units.size - small.units.size >= 2)
      .reverse()
      .flatMap((large) => movesBetween(large, small)),
  );
  const [move] = moves;
  if (move === undefined) return false;
  move.from.remove(move.unit);
  move.to.add(move.unit);
  return true;
}

/** The least important one first: what matters most is disturbed last. */
const movesBetween = (from: Share, to: Share) =>
  [...from.units]
    .filter(({ venue }) => to.hasRoomAt(venue))
    .reverse()
    .map((unit) => ({ from, to, unit }));
