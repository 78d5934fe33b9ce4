/** What the venues do wrong while the desk trades, decided by the dice. */
import type { Dice } from './dice.ts';
import type { SoakVenue } from './markets.ts';

const placing = {
  'drop-answer': 3,
  'error-after': 3,
  'drop-request': 2,
  delay: 2,
  'partial-fill': 3,
  'hide-fill': 2,
  'rate-limit': 1,
  garbage: 1,
} as const;

/** Faults of one round at one venue: something goes wrong with every second or third order, and with some cancels. */
export function faultsFor({ requests }: SoakVenue, dice: Dice): object[] {
  const kind = dice.weighted(placing);
  const every = dice.pick([2, 3]);
  // What hides a fill is told of orders, not of requests.
  const match = kind === 'hide-fill' ? {} : requests.place;
  const faults: object[] = [{ kind, match, every, ...detailsOf(kind, dice) }];
  if (dice.chance(0.5)) {
    const ratio = dice.pick(['0.3', '0.5', '1']);
    faults.push({ kind: 'fill-first', ratio, match: dice.pick([requests.cancel, requests.amend]), every: 2 });
  }
  if (dice.chance(0.3)) {
    faults.push({ kind: dice.pick(['drop-answer', 'error-after']), match: requests.cancel, every: 3 });
  }
  if (dice.chance(0.1)) faults.push({ kind: 'disconnect-streams' });
  if (dice.chance(0.05)) faults.push({ kind: 'refuse-connections', forMs: 1_500 });
  return faults;
}

function detailsOf(kind: keyof typeof placing, dice: Dice): object {
  switch (kind) {
    case 'delay':
      return { when: dice.pick(['before', 'after']), delayMs: Math.floor(dice.between(200, 1_500)) };
    case 'partial-fill':
      return { ratio: dice.pick(['0.2', '0.4', '0.7']), everyMs: Math.floor(dice.between(200, 2_000)) };
    case 'hide-fill':
      return { hideMs: Math.floor(dice.between(500, 3_000)) };
    case 'rate-limit':
      return { count: 2, retryAfterSeconds: 1 };
    default:
      return {};
  }
}
