/** `npm run candles`: what is collected, and getting it out. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../candles/run-command.ts';

const defaultStateDirectory = fileURLToPath(new URL('../../.nightdesk', import.meta.url));
const { NIGHTDESK_STATE_DIR: directory } = process.env;

try {
  process.exitCode = await runCommand(process.argv.slice(2), {
    stateDirectory: directory ? resolve(directory) : defaultStateDirectory,
    print: (line) => console.log(line),
    progress: process.stderr,
    onInterrupt: (abort) => process.once('SIGINT', abort),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
