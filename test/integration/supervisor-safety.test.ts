/** Nothing that local mode starts can leave this machine, and nothing of the owner's shell gets in. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWatchdog } from '../../local/cloud/lambda/watchdog.ts';
import { startChild } from '../../local/supervisor/child-process.ts';
import { type Cloud, startCloud } from '../../local/supervisor/cloud.ts';
import { openServices } from '../../local/supervisor/services.ts';
import { temporaryDirectory } from '../fixtures/lambda/start-lambda.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/supervisor/${name}`, import.meta.url));
const ignore = () => undefined;

/** What the owner of this machine may have in the shell that local mode is started from. */
const ownersShell = {
  AWS_ACCESS_KEY_ID: 'AKIAOWNERSREALKEY',
  AWS_SECRET_ACCESS_KEY: 'owners-real-secret',
  AWS_PROFILE: 'owners-profile',
  HTTPS_PROXY: 'http://owners-proxy.example:3128',
};

/** All attempts of the fixture, each refused. */
function expectAllRefused(outcomes: Record<string, unknown>): void {
  expect(Object.keys(outcomes).length).toBeGreaterThan(10);
  expect(outcomes).toEqual(Object.fromEntries(Object.keys(outcomes).map((attempt) => [attempt, 'refused'])));
}

describe('the guard', () => {
  it('refuses every way out of a sandbox', async () => {
    const services = await openServices({ paths: undefined, log: ignore });
    const { lambda } = services.completeWith({ resources: [], assemblyDirectory: temporaryDirectory() }, ignore);
    lambda.defineFunction({
      FunctionName: 'probe',
      Handler: 'index.handler',
      Timeout: 60,
      codeDirectory: fixture('probe'),
      layerDirectories: [],
    });
    const { payload } = await lambda.invoke({ functionName: 'probe', payload: '{}' });
    await lambda.close();
    await services.close();
    expectAllRefused(JSON.parse(payload));
  });

  it('refuses every way out of a child such as a simulated venue', async () => {
    const watchdog = createWatchdog();
    const options = { name: 'probe', arguments: [fixture('reach-out-child.mjs')], input: '' };
    const child = await startChild({ ...options, watchdog, log: ignore, onUnexpectedExit: ignore });
    await child.stop();
    watchdog.close();
    expectAllRefused(child.ready);
  });

  it('is what refuses them: without it the same attempts are not refused', () => {
    const { stdout } = spawnSync(process.execPath, [fixture('listen-everywhere.mjs')], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('listening');
  });
});

describe('the running cloud', () => {
  let cloud: Cloud;
  const before = { ...process.env };

  beforeAll(async () => {
    Object.assign(process.env, ownersShell);
    cloud = await startCloud({ log: ignore });
  });

  afterAll(async () => {
    for (const name of Object.keys(ownersShell)) delete process.env[name];
    Object.assign(process.env, before);
    await cloud.close();
  });

  const pids = (): number[] => [...cloud.sandboxes(), ...cloud.services(), ...cloud.simulators].map(({ pid }) => pid);

  it('cannot connect to anything but loopback from the supervisor itself', async () => {
    await expect(fetch('http://192.0.2.1/')).rejects.toMatchObject({
      cause: { message: 'local mode stays on this machine: connecting to 192.0.2.1 was refused' },
    });
    const health = await fetch(`${cloud.ready.api}/health`);
    expect(health.status).toBe(200);
  });

  it.skipIf(process.platform !== 'linux')('gives no child a variable of the shell it was started from', () => {
    expect(pids().length).toBeGreaterThan(2);
    expect(cloud.services()).toHaveLength(1);
    for (const pid of pids()) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const values = Object.values(ownersShell);
      expect(environment.filter((entry) => values.some((value) => entry.includes(value)))).toEqual([]);
      expect(environment.some((entry) => entry.startsWith('NODE_OPTIONS=') && entry.includes('loopback-only'))).toBe(
        true,
      );
    }
  });

  it.skipIf(process.platform !== 'linux')('has no socket beyond loopback in any of its processes', () => {
    const sockets = [process.pid, ...pids()].flatMap(tcpSocketsOf);
    expect(sockets.length).toBeGreaterThan(5);
    expect(sockets.filter((socket) => !socket.every(isLoopback))).toEqual([]);
  });
});

/** Local and remote address of each TCP socket of a process, in the kernel's hexadecimal form. */
function tcpSocketsOf(pid: number): string[][] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    } catch {
      return []; // Closed since it was listed.
    }
  });
  const inodes = new Set(descriptors.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  return ['tcp', 'tcp6'].flatMap((table) => {
    const rows = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1);
    const fields = rows.map((row) => row.trim().split(/\s+/));
    return fields.filter((row) => inodes.has(row[9] ?? '')).map((row) => row.slice(1, 3));
  });
}

/** A remote address of zeros is a listening socket's; for a local one it would mean every interface. */
function isLoopback(address: string, index: number): boolean {
  const host = address.split(':')[0] ?? '';
  const isNone = index === 1 && /^0+$/.test(host);
  return isNone || /^[0-9A-F]{6}7F$/.test(host) || host === '00000000000000000000000001000000';
}
