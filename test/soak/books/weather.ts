/** What goes wrong at a venue on an ordinary day. Nothing of it is a reason for an alarm. */
import type { SimulatedDesk } from '../../support/simulated-desk.ts';
import type { Dice } from '../dice.ts';
import { type SoakVenue, soakVenues } from '../markets.ts';

/** Of faults by minute and venue. `none` is fair weather. */
const kinds = {
  ...{ none: 4, delay: 3, 'drop-answer': 2, 'error-after': 2, 'drop-request': 1, 'error-before': 1 },
  ...{ 'rate-limit': 1, garbage: 1, 'partial-fill': 4, 'hide-fill': 4 },
} as const;
/** A fill stays hidden for less than a minute. */
const hiddenMsMax = 55_000;

/** Ends the faults of the last minute, and begins those of this one. Adds to `struck` how often each kind did. */
export async function changeWeather(desk: SimulatedDesk, dice: Dice, struck: Record<string, number>): Promise<void> {
  for (const each of soakVenues) {
    await calmDown(desk, each, struck);
    const fault = faultOf(each, dice);
    if (fault !== undefined) await desk.control(each.venue, 'POST', 'faults', fault);
    const moved = dice.pick(each.markets).name;
    await desk.control(each.venue, 'POST', 'price', { symbol: moved, factor: dice.between(0.993, 1.007) });
  }
}

export async function calmDown(
  { control }: SimulatedDesk,
  { venue }: SoakVenue,
  struck: Record<string, number>,
): Promise<void> {
  const { faults } = await control<{ faults: { kind: string; struck: number }[] }>(venue, 'GET', 'faults');
  for (const { kind, struck: times } of faults) struck[kind] = (struck[kind] ?? 0) + times;
  await control(venue, 'DELETE', 'faults');
}

function faultOf({ requests }: SoakVenue, dice: Dice): object | undefined {
  const kind = dice.weighted(kinds);
  const match = dice.chance(0.5) ? requests.place : {};
  const count = Math.floor(dice.between(1, 4));
  switch (kind) {
    case 'none':
      return undefined;
    case 'delay':
      return { kind, when: dice.pick(['before', 'after']), delayMs: Math.floor(dice.between(50, 400)), every: 4 };
    case 'hide-fill':
      return { kind, hideMs: Math.floor(dice.between(1_000, hiddenMsMax)), every: 2 };
    case 'partial-fill':
      return { kind, ratio: dice.pick(['0.2', '0.4', '0.7']), everyMs: Math.floor(dice.between(2_000, 40_000)) };
    case 'rate-limit':
      return { kind, count: 2, retryAfterSeconds: 1, match };
    default:
      return { kind, count, match };
  }
}
