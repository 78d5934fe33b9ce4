/** A few kills of what `node test/crash/run.ts` does fifty of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFailed } from 'vitest';
import { runCrashes } from '../crash/crashes.ts';

const kills = 6;
let stateDirectory: string;

beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-crash-'));
});

afterEach(() => rmSync(stateDirectory, { recursive: true, force: true }));

it(`loses and doubles nothing when it is killed ${kills} times under load`, async () => {
  const seed = Date.now() % 1_000_000;
  const log: string[] = [];
  onTestFailed(() => console.error([`node test/crash/run.ts --kills ${kills} --seed ${seed}`, ...log].join('\n')));
  const report = await runCrashes({ kills, seed, signalsPerSecond: 10, stateDirectory, log: (line) => log.push(line) });
  expect(report.failures).toEqual([]);
  expect(report.verification.kind).toBe('verified');
  expect(report.kills.process + report.kills.starting + report.kills.sandbox).toBe(kills);
  expect(report.signals.confirmed).toBeGreaterThan(kills);
}, 360_000);
