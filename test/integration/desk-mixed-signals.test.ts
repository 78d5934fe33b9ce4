/** A small run of what `npm run soak` does at length: signals of every kind at three venues that fail in turn. */
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { explain } from '../soak/judge.ts';
import { runMixed } from '../soak/mixed.ts';
import { type SoakDesk, startSoakDesk } from '../soak/soak-desk.ts';

const signals = 90;
let soak: SoakDesk;

beforeAll(async () => {
  soak = await startSoakDesk();
}, 180_000);
afterAll(() => soak.configured.close());

it(`doubles and loses nothing of ${signals} signals of every kind, and keeps every bracket`, async () => {
  const seed = Date.now() % 1_000_000;
  const log: string[] = [];
  onTestFailed(() =>
    console.error([`npm run soak -- --signals ${signals} --races 0 --seed ${seed}`, ...log].join('\n')),
  );
  const { verdict, ...report } = await runMixed(soak, { signals, seed, log: (line) => log.push(line) });
  const [first] = verdict.violations;
  if (first !== undefined) log.push(JSON.stringify(await explain(first, soak, { verdict, signals: report.signals })));
  expect(verdict.violations).toEqual([]);
  expect(report.refused).toEqual([]);
  expect(report.signals).toHaveLength(signals);
  const placed = verdict.pairs.filter(({ atVenue }) => atVenue !== undefined);
  expect(placed.length).toBeGreaterThan(signals / 2);
  expect(await soak.desk.records.verify()).toMatchObject({ kind: 'verified' });
  expect(await soak.configured.told()).toEqual([]);
}, 900_000);
