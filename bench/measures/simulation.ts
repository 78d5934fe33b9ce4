/** How many seeded schedules of faults one process simulates a second. Unlike the others it has nothing to stand beside. */
import { fileURLToPath } from 'node:url';
import { runScript } from '../child.ts';
import type { Report } from '../report.ts';
import { distributionOf, rounded } from '../statistics.ts';

const script = fileURLToPath(new URL('../../test/simulation/run.ts', import.meta.url));
const rounds = 3;

/** What the script prints of a run, as far as it is told here. */
interface Totals {
  seeds: number;
  signals: number;
  orders: number;
  crashes: number;
  seconds: number;
}

export async function measureSimulation({ quick }: { quick: boolean }): Promise<Report> {
  const seeds = quick ? 60 : 400;
  const found: Totals[] = [];
  for (let round = 0; round < rounds; round++) {
    const range = ['--seeds', String(seeds), '--first-seed', String(1 + round * seeds)];
    // Fails where an invariant is violated: a broken desk has no speed worth telling.
    const { output } = await runScript<Totals>(script, undefined, [...range, '--json']);
    found.push(output);
  }
  const perSecond = (field: Exclude<keyof Totals, 'seconds'>) =>
    distributionOf(found.map((totals) => rounded(totals[field] / totals.seconds)));
  const figures = { seeds: perSecond('seeds'), signals: perSecond('signals'), orders: perSecond('orders') };
  return {
    title: `Simulated schedules of faults, one process, median of ${rounds} rounds of ${seeds} seeds`,
    columns: ['', 'seeds/s', 'signals/s', 'orders/s'],
    rows: [
      ['median', ...Object.values(figures).map(({ p50 }) => p50.toFixed(1))],
      ['fastest', ...Object.values(figures).map(({ max }) => max.toFixed(1))],
    ],
    notes: [`${sum(found, 'crashes')} crashes and every other fault in them, no invariant violated`],
    figures: { rounds, seedsPerRound: seeds, perSecond: figures },
  };
}

const sum = (found: readonly Totals[], field: keyof Totals): number =>
  found.reduce((total, totals) => total + totals[field], 0);
