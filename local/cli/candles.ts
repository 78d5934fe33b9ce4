/** `npm run candles`: what is collected, and getting it out. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CandlesError } from '../candles/candles-error.ts';
import { type Command, commonHelp, commonOptions, storeNamesOf } from '../candles/command.ts';
import { backfill } from '../candles/commands/backfill.ts';
import { coverage } from '../candles/commands/coverage.ts';
import { exportCandles } from '../candles/commands/export.ts';
import { fill } from '../candles/commands/fill.ts';
import { list } from '../candles/commands/list.ts';
import { plot } from '../candles/commands/plot.ts';
import { quality } from '../candles/commands/quality.ts';
import { type Collected, openCollected } from '../candles/open-store.ts';

const commands: Readonly<Record<string, Command>> = {
  ...{ list, coverage, quality, backfill, fill, export: exportCandles, plot },
};

const help = `Candles, trades and funding that the desk collects.

${Object.entries(commands)
  .map(([name, { summary }]) => `  npm run candles -- ${name.padEnd(10)} ${summary}`)
  .join('\n')}

Each takes --help. All take:
${commonHelp}

Exit code 0: fine. 1: done, and something is not as it should be. 2: it could not be done.`;

const defaultStateDirectory = fileURLToPath(new URL('../../.nightdesk', import.meta.url));

async function main(): Promise<number> {
  const [name = '', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    if (name !== '--help' && name !== '-h') {
      throw new CandlesError(`${name === '' ? 'say what to do' : `there is no command "${name}"`}\n\n${help}`);
    }
    console.log(help);
    return 0;
  }
  // Once loosely for what is asked here; the command itself knows all its options and refuses others.
  const { values } = parseArgs({ args, options: commonOptions, strict: false, allowPositionals: true });
  if (values.help) {
    console.log(command.help);
    return 0;
  }
  const stage = String(values.stage);
  const { NIGHTDESK_STATE_DIR: directory } = process.env;
  const stateDirectory = directory ? resolve(directory) : defaultStateDirectory;
  const names = storeNamesOf(values as Parameters<typeof storeNamesOf>[0]);
  let opened: Collected | undefined;
  const interrupted = new AbortController();
  if (command.handlesInterrupt) process.once('SIGINT', () => interrupted.abort());
  try {
    return await command.run(args, {
      ...{ stage, json: values.json === true, signal: interrupted.signal, progress: process.stderr },
      async open() {
        opened = await openCollected(stage, stateDirectory, names);
        return opened;
      },
      print: (line) => console.log(line),
      clock: { nowMs: Date.now, sleep: (delayMs) => sleep(delayMs) },
    });
  } finally {
    await opened?.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
