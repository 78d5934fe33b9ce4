/** `npm run streams`: what the stream service keeps live, and how it is. */
import { runCommand } from '../streams/run-command.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
// Whoever reads this through a pipe, such as head, may have seen enough.
process.stdout.on('error', () => interrupt.abort());

try {
  process.exitCode = await runCommand(process.argv.slice(2), {
    ...{ output: process.stdout, environment: process.env, interrupted: interrupt.signal, nowMs: Date.now },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
