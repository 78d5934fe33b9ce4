/** The order path under hundreds of seeded schedules of crashes, lost answers, redeliveries, failing venues and switches thrown. */
import { finalStates } from '@nightdesk/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { defectNames, describeDefect } from '../simulation/defects.ts';
import { type SimulationResult, simulate } from '../simulation/simulate.ts';

const seeds = 300;
/** By then every deliberate defect is to be found. */
const defectSeeds = 200;
/** Those that have found a defect are tried before the others: which they are changes with the desk, what is found does not. */
const tellingSeeds = [1, 3, 6, 9, 14, 39, 36, 129];
const seedsForDefects = new Set([...tellingSeeds, ...Array.from({ length: defectSeeds }, (_, index) => index + 1)]);

/** For whoever sees it fail: what happened, and how to see it again. */
const describeFailure = ({ seed, violation, trace }: SimulationResult): string =>
  [...trace, `seed ${seed}: ${violation}`, `again: npm run simulate -- --seeds 1 --first-seed ${seed}`].join('\n');

describe(`the order path, under ${seeds} schedules of faults`, () => {
  const reached = new Set<string>();
  let failed: SimulationResult | undefined;

  beforeAll(async () => {
    for (let seed = 1; seed <= seeds && failed === undefined; seed++) {
      const result = await simulate(seed);
      if (result.violation !== undefined) failed = result;
      for (const name of result.reached) reached.add(name);
    }
  });

  it('keeps every promise', () => {
    if (failed !== undefined) expect.fail(describeFailure(failed));
  });

  it('comes past every state that an order can end in, every event that leads there, and legs that change accounts', () => {
    const events = [
      ...['intended', 'denied', 'concluded', 'attempted', 'observed', 'rejected', 'unknown', 'absent', 'triggered'],
      ...['trailed', 'cancel_requested', 'amend_requested', 'amended', 'settled', 'exit_planned'],
      ...['exits_changed'],
    ];
    const expected = [
      ...finalStates,
      ...['open', 'waiting', 'position.filled'],
      ...events.map((event) => `order.${event}`),
      'risk.switched',
      'handed over',
      'handed over again',
    ];
    expect(expected.filter((name) => !reached.has(name))).toEqual([]);
  });
});

describe('a run', () => {
  it('is the same again for the same seed', async () => {
    const [first, second, other] = [await simulate(7), await simulate(7), await simulate(8)];
    expect(second.trace).toEqual(first.trace);
    expect(other.trace).not.toEqual(first.trace);
  });

  it.each(defectNames.map((name) => [describeDefect(name), name] as const))(
    'finds out when %s',
    async (_description, defect) => {
      for (const seed of seedsForDefects) {
        if ((await simulate(seed, defect)).violation !== undefined) return;
      }
      expect.fail(`${defectSeeds} seeds did not notice ${defect}`);
    },
    120_000,
  );
});
