/** Finds the command that was given, and does it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CandlesError } from './candles-error.ts';
import { type Command, type CommandContext, commonHelp, commonOptions, storeNamesOf } from './command.ts';
import { backfill } from './commands/backfill.ts';
import { coverage } from './commands/coverage.ts';
import { exportCandles } from './commands/export.ts';
import { fill } from './commands/fill.ts';
import { list } from './commands/list.ts';
import { plot } from './commands/plot.ts';
import { quality } from './commands/quality.ts';
import { type Collected, openCollected } from './open-store.ts';

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

export interface Surroundings extends Pick<CommandContext, 'print' | 'progress'> {
  stateDirectory: string;
  /** Calls back when the person interrupts a command that ends by itself then; others are ended. */
  onInterrupt(abort: () => void): void;
}

/** @returns the exit code; @throws Error whose message is for people, when it could not be done */
export async function runCommand([name = '', ...args]: readonly string[], around: Surroundings): Promise<number> {
  const { stateDirectory, print, progress, onInterrupt } = around;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    if (name !== '--help' && name !== '-h') {
      throw new CandlesError(`${name === '' ? 'say what to do' : `there is no command "${name}"`}\n\n${help}`);
    }
    print(help);
    return 0;
  }
  // Once loosely for what is asked here; the command itself knows all its options and refuses others.
  const { values } = parseArgs({ args, options: commonOptions, strict: false, allowPositionals: true });
  if (values.help) {
    print(command.help);
    return 0;
  }
  const names = storeNamesOf(values as Parameters<typeof storeNamesOf>[0]);
  const stage = String(values.stage);
  let opened: Collected | undefined;
  const interrupted = new AbortController();
  if (command.handlesInterrupt) onInterrupt(() => interrupted.abort());
  try {
    return await command.run(args, {
      ...{ stage, json: values.json === true, signal: interrupted.signal, progress, print },
      async open() {
        opened = await openCollected(stage, stateDirectory, names);
        return opened;
      },
      clock: { nowMs: Date.now, sleep: (delayMs) => sleep(delayMs) },
    });
  } finally {
    await opened?.close();
  }
}
