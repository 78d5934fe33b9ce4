/** What following one order costs in an hour. Pure. */
import type { TrackingCost } from './processes/track-resting.ts';
import { rounded } from './statistics.ts';

const minutesPerHour = 60;
const named = ['venueCalls', 'venueWeight', 'readUnits', 'writeUnits'] as const;

/** Per order and hour. */
export type HourlyCost = Record<(typeof named)[number], number>;

/** @param orders how many were followed together. @throws RangeError where nothing was followed, or for no time */
export function costOf(counted: TrackingCost, orders: number): HourlyCost {
  const orderHours = (orders * counted.minutes) / minutesPerHour;
  if (!(orderHours > 0)) throw new RangeError('what nobody followed costs nothing, which would look cheap');
  return figuresOf(named, (name) => counted[name] / orderHours);
}

const compared = ['venueCalls', 'venueWeight', 'readUnits'] as const;

/** How many times as much the naive way takes. It writes nothing, so writes stand for themselves. */
export const ratiosOf = (naive: HourlyCost, own: HourlyCost): Record<(typeof compared)[number], number> =>
  figuresOf(compared, (name) => naive[name] / own[name]);

const figuresOf = <Name extends string>(names: readonly Name[], figure: (name: Name) => number): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, rounded(figure(name))])) as Record<Name, number>;
