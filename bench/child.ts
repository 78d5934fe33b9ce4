/** Runs a script of `bench/processes` as a process of its own, so that what it does takes no time from this one. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '@nightdesk/local/supervisor/guard.ts';

export const scriptPath = (name: string): string => fileURLToPath(new URL(`./processes/${name}`, import.meta.url));

export interface ScriptResult<Output> {
  output: Output;
  /** Epoch milliseconds with decimals. */
  spawnedAtMs: number;
}

/**
 * Runs a script to its end.
 *
 * @param input given on stdin as JSON
 * @returns what it wrote on stdout as JSON
 * @throws Error when it fails; what it wrote on stderr is in the message
 */
export async function runScript<Output>(name: string, input: unknown): Promise<ScriptResult<Output>> {
  const spawnedAtMs = preciseNowMs();
  const child = spawn(process.execPath, [scriptPath(name)], { env: childEnvironment(), stdio: 'pipe' });
  child.stdin.end(JSON.stringify(input));
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, output, complaints] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${name} failed: ${complaints.trim()}`);
  return { output: JSON.parse(output) as Output, spawnedAtMs };
}

/** Epoch milliseconds with decimals. */
export const preciseNowMs = (): number => performance.timeOrigin + performance.now();
