import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Tests that keep nothing to themselves: their files share processes, which load Nightdesk, ccxt and the CDK once instead of for every file. */
const sharedFolders = ['test/unit', 'test/infra', 'test/architecture', 'test/contract', 'test/integration'];
/** These have a process for each file: what replaces a module, a variable, a clock or a log, ... */
const replaces = /\bvi\.(mock|doMock|hoisted|stub\w+|spyOn|useFakeTimers|setSystemTime)\b|\bprocess\.(env|on|chdir)\b/;
/** ... what starts whole desks or processes, which takes long, ... */
const starts = /\b(fork|spawn|execFile)\(|\bstart\w*(Desk|Cloud)\(|\bFleet\.start\(|\bcreateLambda\(/;
/** ... and what takes long for other reasons: all of these begin early. */
const longFiles = [
  'test/unit/simulation.test.ts',
  'test/integration/collect-venues.test.ts',
  'test/integration/desk-crash.test.ts',
  'test/integration/exchange-venue-layer.test.ts',
  'test/integration/supervisor-synthesis.test.ts',
];
/** A process that stands still for a second loses its lease, as it should; where that is not what is looked at, nothing else may run. */
const aloneFiles = ['test/integration/fleet-budget.test.ts', 'test/integration/fleet-nonces.test.ts'];
const needsOwnProcess = (text: string): boolean => replaces.test(text) || starts.test(text);

const sharedFiles = sharedFolders
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))))
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.test.ts') && !longFiles.includes(path))
  .filter((path) => !needsOwnProcess(readFileSync(join(root, path), 'utf8')));

/** Of the order in which tests run: the same in every run, so that one that fails can be run again; others are tried by setting it. */
const orderSeed = Number(process.env.NIGHTDESK_TEST_ORDER ?? 1);

/** In an order that the seed decides. Files that share a process come last: one goes on as long as it is their turn, and they are short. */
class SharedLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { seed } = this.ctx.config.sequence;
    const rank = ({ project, moduleId }: TestSpecification): string =>
      `${project.config.isolate ? 'own' : 'shared'} ${createHash('sha256').update(`${seed} ${moduleId}`).digest('hex')}`;
    const ranked = files.map((file) => ({ file, rank: rank(file) }));
    return ranked.toSorted((left, right) => (left.rank < right.rank ? -1 : 1)).map(({ file }) => file);
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A busy machine is no failure: only what never comes is.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    globalSetup: 'test/support/synthesize-first.ts',
    sequence: { shuffle: true, seed: orderSeed, sequencer: SharedLast },
    projects: [
      // Whole desks and fleets: what takes them 10 s on an idle machine takes a busy one several times as long. They wait for
      // much of their time, so there is one more of them at a time than there are cores.
      {
        extends: true,
        test: {
          ...{
            name: 'own',
            include: ['test/**/*.test.ts'],
            exclude: [...sharedFiles, ...aloneFiles],
            testTimeout: 240_000,
          },
          ...{ maxWorkers: 3, sequence: { groupOrder: 0 } },
        },
      },
      {
        extends: true,
        test: {
          ...{ name: 'shared', include: sharedFiles, isolate: false },
          ...{ maxWorkers: 2, sequence: { groupOrder: 1 } },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: aloneFiles, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['layers/**/*.ts', 'functions/**/*.ts', 'services/**/*.ts', 'lib/**/*.ts', 'local/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 90, 'layers/core/**': { branches: 100 } },
    },
  },
});
