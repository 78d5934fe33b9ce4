/** A desk that collects nothing by itself, and its candles as the command line sees them. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { type Collected, openCollected } from '@nightdesk/local/candles/open-store.ts';
import { childEnvironment } from '@nightdesk/local/supervisor/guard.ts';
import { type BenchDesk, startDesk } from './desk.ts';

export interface CandleDesk {
  desk: BenchDesk;
  collected: Collected;
  /** Runs `npm run candles`. @returns what it printed as JSON, line by line */
  command(...args: readonly string[]): Promise<unknown[]>;
}

const script = fileURLToPath(import.meta.resolve('@nightdesk/local/cli/candles.ts'));
const run = promisify(execFile);

/**
 * @param limits of the simulated Binance that the desk keeps to, where they are to be others than those of local mode. Its account is
 *   at another venue then: it has perpetuals at Binance, which no venue of such limits has, and looking at those would take most of them
 */
export async function withCandleDesk<Result>(
  limits: Readonly<Record<string, number>> | undefined,
  work: (desk: CandleDesk) => Promise<Result>,
): Promise<Result> {
  const configDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-candles-'));
  cpSync(paths.config, configDirectory, { recursive: true });
  // JSON is YAML as well.
  const exchanges = {
    binance: { enabled: true, timeoutMs: 5_000, ...(limits && { limits }) },
    ...(limits && { kraken: {} }),
  };
  writeFileSync(join(configDirectory, 'exchanges.yaml'), JSON.stringify(exchanges));
  if (limits !== undefined) {
    writeFileSync(
      join(configDirectory, 'accounts.yaml'),
      JSON.stringify({ main: { exchange: 'kraken', mode: 'sandbox' } }),
    );
  }
  writeFileSync(join(configDirectory, 'collection.yaml'), JSON.stringify({ collections: [] }));
  try {
    const desk = await startDesk((message) => console.error(message), { configDirectory });
    try {
      const collected = await openCollected('local', desk.stateDirectory);
      return await work({ desk, collected, command: (...args) => runCommand(desk, args) }).finally(() =>
        collected.close(),
      );
    } finally {
      await desk.close();
    }
  } finally {
    rmSync(configDirectory, { recursive: true, force: true });
  }
}

async function runCommand({ stateDirectory }: BenchDesk, args: readonly string[]): Promise<unknown[]> {
  const env = { ...childEnvironment(), NIGHTDESK_STATE_DIR: stateDirectory };
  const { stdout } = await run(process.execPath, [script, ...args, '--json'], { env });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
