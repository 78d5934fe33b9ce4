/** A small run of what `npm run soak` does at length: orders that are canceled and changed while they fill, at three venues. */
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { explain } from '../soak/judge.ts';
import { contestedOf } from '../soak/judge-races.ts';
import { runRaces } from '../soak/races.ts';
import { type SoakDesk, startSoakDesk } from '../soak/soak-desk.ts';

const races = 40;
let soak: SoakDesk;

beforeAll(async () => {
  soak = await startSoakDesk();
}, 180_000);
afterAll(() => soak.configured.close());

it(`ends ${races} cancels and changes that are raced by fills as their venues have it, and never with more than was wanted`, async () => {
  const seed = Date.now() % 1_000_000;
  const log: string[] = [];
  onTestFailed(() => console.error([`npm run soak -- --signals 0 --races ${races} --seed ${seed}`, ...log].join('\n')));
  const { verdict, ...report } = await runRaces(soak, { races, seed, log: (line) => log.push(line) });
  const [first] = verdict.violations;
  if (first !== undefined) log.push(JSON.stringify(await explain(first, soak, { verdict, signals: report.signals })));
  expect(verdict.violations).toEqual([]);
  expect(report.refused).toEqual([]);
  expect(report.races).toHaveLength(races);
  expect(contestedOf(report.races, verdict.pairs)).toBeGreaterThan(0);
  expect(await soak.desk.records.verify()).toMatchObject({ kind: 'verified' });
}, 900_000);
