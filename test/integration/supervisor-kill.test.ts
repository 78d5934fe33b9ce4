/** The process behind `npm start`: signals, sudden death, and what is left of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeskClient } from '../../local/supervisor/client.ts';
import type { ReadyInfo } from '../../local/supervisor/ready.ts';
import { until } from '../support/waiting.ts';

const script = fileURLToPath(new URL('../../local/cli/start.ts', import.meta.url));

let stateDirectory: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-kill-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) await end(child, 'SIGKILL');
  await until(() => descendants().length === 0);
  rmSync(stateDirectory, { recursive: true, force: true, maxRetries: 5 });
});

interface Run {
  child: ChildProcess;
  /** Every line on stdout so far. */
  lines: string[];
  ready: ReadyInfo;
}

async function start(...options: string[]): Promise<Run> {
  const env = { ...process.env, NIGHTDESK_STATE_DIR: stateDirectory, NIGHTDESK_PORT: '0' };
  const child = spawn(process.execPath, [script, ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await Promise.race([once(output, 'line'), once(child, 'exit')]);
  if (lines[0] === undefined) throw new Error(`it ended with ${child.exitCode} before it was ready:\n${errors}`);
  return { child, lines, ready: JSON.parse(lines[0]) as ReadyInfo };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  return child.exitCode;
}

/** Processes that run for this test's cloud, whoever their parent is by now. */
function descendants(): number[] {
  const supervisors = started.map(({ pid }) => pid);
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || supervisors.includes(Number(name))) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const isOurs = command.includes(stateDirectory) || awsUrls.some((url) => environment.includes(`${url}\0`));
      return isOurs ? [Number(name)] : [];
    } catch {
      return []; // It ended while it was looked at.
    }
  });
}

const awsUrls: string[] = [];

function signal(id: string) {
  return {
    id,
    symbol: 'BTC/USDT',
    action: 'buy',
    size: { base: '0.01' },
    type: 'market',
    sentAt: new Date().toISOString(),
  };
}

describe.skipIf(process.platform !== 'linux')('the process of npm start', () => {
  it('prints one line, stops at SIGTERM with exit code 0 and takes everything with it', async () => {
    const { child, lines, ready } = await start();
    awsUrls.push(ready.aws);
    expect(descendants().length).toBeGreaterThan(2);
    expect(await end(child, 'SIGTERM')).toBe(0);
    expect(lines).toEqual([JSON.stringify(ready)]);
    expect(existsSync(join(stateDirectory, 'ready.json'))).toBe(false);
    expect(descendants()).toEqual([]);
  });

  it('leaves no process behind when it is killed, and the next one continues', async () => {
    const first = await start();
    awsUrls.push(first.ready.aws);
    const client = createDeskClient(first.ready);
    const posted = await client.postSignal(signal('before'));
    const before = await client.waitForOrder(posted.body.signalId ?? '');
    await end(first.child, 'SIGKILL');
    await until(() => descendants().length === 0);
    expect(descendants()).toEqual([]);

    const second = await start();
    awsUrls.push(second.ready.aws);
    expect(second.ready.tokens).toEqual(first.ready.tokens);
    const again = createDeskClient(second.ready);
    expect((await again.getSignal(before.signalId)).body).toEqual(before);
    const next = await again.postSignal(signal('after'));
    const after = await again.waitForOrder(next.body.signalId ?? '');
    const known = [before, after].flatMap(({ orders }) => orders.map(({ orderId }) => orderId));
    const placed = (await again.simulatorOrders()).map(({ clientOrderId }) => clientOrderId);
    expect(placed.sort()).toEqual(known.sort());
  });

  it('says what is wrong with a setting and ends with exit code 1', async () => {
    const env = { ...process.env, NIGHTDESK_STATE_DIR: stateDirectory, NIGHTDESK_PORT: 'http' };
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    started.push(child);
    const [said, [exitCode]] = await Promise.all([child.stderr.setEncoding('utf8').toArray(), once(child, 'exit')]);
    expect(said.join('')).toContain('NIGHTDESK_PORT must be a port from 0 to 65535, not "http"');
    expect(exitCode).toBe(1);
  });
});
