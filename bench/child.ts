/** Runs a script of `bench/processes` as a process of its own, so that what it does takes no time from this one. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '@nightdesk/local/supervisor/guard.ts';

const processesDirectory = fileURLToPath(new URL('./processes', import.meta.url));

/** @param name of a script in `bench/processes`, or the absolute path of another one */
export const scriptPath = (name: string): string => resolve(processesDirectory, name);

export interface ScriptResult<Output> {
  output: Output;
  /** Epoch milliseconds with decimals. */
  spawnedAtMs: number;
}

interface ScriptOptions {
  /** Of its command line. */
  script?: readonly string[];
  /** Of Node itself. */
  node?: readonly string[];
  /** Keep what Node compiles for the next run, as the desk's own processes do. @default false: as scripts run by themselves */
  keepCompiled?: boolean;
}

/**
 * Runs a script to its end.
 *
 * @param name as `scriptPath` takes it
 * @param input given on stdin as JSON; `undefined` for nothing
 * @param options or the script's own, on its command line
 * @returns what it wrote on stdout as JSON
 * @throws Error when it fails; what it wrote on stderr is in the message
 */
export async function runScript<Output>(
  name: string,
  input: unknown,
  options: readonly string[] | ScriptOptions = [],
): Promise<ScriptResult<Output>> {
  const {
    script = [],
    node = [],
    keepCompiled = false,
  }: ScriptOptions = 'length' in options ? { script: options } : options;
  const spawnedAtMs = preciseNowMs();
  const child = spawn(process.execPath, [...node, scriptPath(name), ...script], {
    env: childEnvironment(keepCompiled ? {} : { NODE_DISABLE_COMPILE_CACHE: '1' }),
    stdio: 'pipe',
  });
  child.stdin.end(JSON.stringify(input));
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, output, complaints] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${name} failed: ${endOf(complaints || output)}`);
  return { output: JSON.parse(output) as Output, spawnedAtMs };
}

const complaintLinesMax = 24;
const complaintColumnsMax = 200;

/** Node begins with the line of source where it happened, and in the venue layer a line is a whole file. */
const endOf = (complaints: string): string =>
  complaints
    .trim()
    .split('\n')
    .slice(-complaintLinesMax)
    .map((line) => line.slice(0, complaintColumnsMax))
    .join('\n');

/** Epoch milliseconds with decimals. */
export const preciseNowMs = (): number => performance.timeOrigin + performance.now();
