import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMovableClock } from '../../local/cloud/clock.ts';
import { readDefinition } from '../../local/cloud/lambda/definition.ts';
import type { Lambda } from '../../local/cloud/lambda/index.ts';
import { Pool } from '../../local/cloud/lambda/pool.ts';
import { noWatchdog } from '../../local/cloud/lambda/watchdog.ts';
import { ask, fixture, isAlive, probeFunction, startLambda } from '../fixtures/lambda/start-lambda.ts';

const onWindows = process.platform === 'win32';

async function processOf(lambda: Lambda, event: unknown = { do: 'sleep', ms: 100 }): Promise<number> {
  return ((await ask(lambda, event)).json as { pid: number }).pid;
}

function pids(lambda: Lambda): number[] {
  return lambda.sandboxes().map(({ pid }) => pid);
}

describe('concurrency', () => {
  test('calls at the same time run in sandboxes of their own, which are used again', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    await lambda.warm('probe', 3);
    // Longer than a call waits for one of those at work, which are as many as there are processors while these are busy.
    const long = { do: 'sleep', ms: 4_000 };
    const first = await Promise.all([processOf(lambda, long), processOf(lambda, long), processOf(lambda, long)]);
    expect(new Set(first).size).toBe(3);
    expect(first).toContain(await processOf(lambda));
    expect(pids(lambda).toSorted()).toEqual(first.toSorted());
  });

  test('beyond what the machine bears calls wait, and none is lost', async () => {
    const lambda = startLambda({ sandboxesMax: 2 });
    lambda.defineFunction(probeFunction());
    const used = await Promise.all(Array.from({ length: 20 }, () => processOf(lambda, { do: 'process' })));
    expect(used).toHaveLength(20);
    expect(lambda.sandboxes().length).toBeLessThanOrEqual(2);
  });

  test.skipIf(process.platform === 'win32')('those that nobody waits for come after others', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    lambda.defineFunction({ ...probeFunction(), FunctionName: 'fed', inBackground: true });
    await Promise.all([lambda.warm('probe', 1), lambda.warm('fed', 1)]);
    const nice = (name: string) =>
      lambda.sandboxes().flatMap(({ functionName, pid }) => (functionName === name ? [getPriority(pid)] : []));
    expect(nice('probe')).toEqual([getPriority()]);
    // Who runs the tests may be niced already.
    expect(nice('fed')).toEqual([Math.max(5, getPriority())]);
  });

  test('beyond the reserved concurrency calls are refused with TooManyRequestsException', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction({ ReservedConcurrentExecutions: 2 }));
    const calls = await Promise.allSettled([1, 2, 3].map(() => processOf(lambda)));
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(calls[2]).toMatchObject({ reason: { name: 'TooManyRequestsException', status: 429 } });
    await expect(processOf(lambda)).resolves.toBeTypeOf('number');
  });

  test('a reserved concurrency of 0 refuses every call', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction({ ReservedConcurrentExecutions: 0 }));
    await expect(ask(lambda, {})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    expect(lambda.sandboxes()).toEqual([]);
  });

  test('a caller that gives up waiting does not end the invocation', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    const hangUp = new AbortController();
    const payload = JSON.stringify({ do: 'sleep', ms: 50 });
    const call = lambda.invoke({ functionName: 'probe', payload, signal: hangUp.signal });
    hangUp.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    expect((await ask(lambda, { do: 'process' })).json).toMatchObject({ invocations: expect.any(Number) });
  });
});

describe('the life of a sandbox', () => {
  test.skipIf(onWindows)('it stands still between invocations, unless that is turned off', async () => {
    const ticksWhileIdle = async (freeze: boolean): Promise<number> => {
      const lambda = startLambda({ freeze });
      lambda.defineFunction(probeFunction());
      await ask(lambda, { do: 'startTicking' });
      const before = (await ask(lambda, { do: 'ticks' })).json as number;
      await sleep(1_000);
      return ((await ask(lambda, { do: 'ticks' })).json as number) - before;
    };
    // It also ticks while it is asked, which takes a moment on a busy machine.
    expect(await ticksWhileIdle(true)).toBeLessThan((await ticksWhileIdle(false)) / 2);
  });

  test('it is reaped when idle for ten minutes, counted from its last use', async () => {
    const clock = createMovableClock();
    const lambda = startLambda({ clock });
    lambda.defineFunction(probeFunction());
    await ask(lambda, { do: 'nothing' });
    clock.advance(6 * 60_000);
    await ask(lambda, { do: 'nothing' });
    await expect.poll(() => pids(lambda).every(isStopped)).toBe(true);
    clock.advance(6 * 60_000);
    await sleep(50);
    expect(lambda.sandboxes()).toHaveLength(1);
    clock.advance(5 * 60_000);
    await expect.poll(() => lambda.sandboxes()).toEqual([]);
  });

  test('one that is reaped is given no invocation, though its process has yet to end', async () => {
    const clock = createMovableClock();
    const lambda = startLambda({ clock });
    lambda.defineFunction(probeFunction());
    const reaped = await processOf(lambda);
    await expect.poll(() => isStopped(reaped)).toBe(true);
    clock.advance(600_000);
    const next = ask(lambda, { do: 'sleep', ms: 1 });
    expect(pids(lambda)).toEqual([reaped]);
    const { functionError, json } = await next;
    expect(functionError).toBeUndefined();
    expect(json).toEqual({ pid: expect.any(Number) });
    expect(json).not.toEqual({ pid: reaped });
    await expect.poll(() => pids(lambda)).not.toContain(reaped);
  });

  test('one that is reaped is made up for when others are warmed', async () => {
    const clock = createMovableClock();
    const lambda = startLambda({ clock });
    lambda.defineFunction(probeFunction());
    await lambda.warm('probe', 1);
    const [reaped] = pids(lambda);
    clock.advance(600_000);
    await lambda.warm('probe', 1);
    expect(pids(lambda).filter((pid) => pid !== reaped)).toHaveLength(1);
  });

  test('one that an invocation cannot be handed to is ended, its caller told, and the next one gets another', async () => {
    const settings = readDefinition(probeFunction(), { region: 'us-east-1', accountId: '000000000000' });
    const shared = { environment: {}, clock: createMovableClock(), watchdog: noWatchdog, writeLog: () => {} };
    const pool = new Pool({ settings, ...shared, freeze: false }, { sandboxesMax: 1, idleMs: 600_000 });
    onTestFinished(() => pool.close(0));
    const payload = JSON.stringify({ do: 'process' });
    const unsendable = pool.invoke({ requestId: 'first', payload, clientContext: 'two\nlines' });
    await expect(unsendable).rejects.toMatchObject({ name: 'ServiceException', status: 500 });
    const next = await pool.invoke({ requestId: 'second', payload, clientContext: undefined });
    expect(JSON.parse(next.outcome.payload)).toMatchObject({ invocations: 1 });
  });

  test('warming starts what is missing and no more', async () => {
    const lambda = startLambda({ sandboxesMax: 3 });
    lambda.defineFunction(probeFunction());
    await lambda.warm('probe', 2);
    const warmed = pids(lambda);
    expect(warmed).toHaveLength(2);
    await lambda.warm('probe', 2);
    expect(pids(lambda)).toEqual(warmed);
    expect(warmed).toContain(await processOf(lambda));
    await lambda.warm('probe', 9);
    expect(pids(lambda)).toHaveLength(3);
  });

  test('closing lets a running invocation end, refuses new ones, and leaves no process', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    await lambda.warm('probe', 2);
    const processes = pids(lambda);
    const running = ask(lambda, { do: 'sleep', ms: 200 });
    const closing = lambda.close({ graceMs: 10_000 });
    await expect(ask(lambda, {})).rejects.toMatchObject({ name: 'ServiceException' });
    expect((await running).functionError).toBeUndefined();
    await closing;
    expect(processes.filter(isAlive)).toEqual([]);
  });

  test('closing does not wait longer than told for an invocation that does not end', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    await lambda.warm('probe', 1);
    const processes = pids(lambda);
    const running = ask(lambda, { do: 'spin' });
    await lambda.close({ graceMs: 50 });
    expect((await running).json).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(processes.filter(isAlive)).toEqual([]);
  });
});

describe.skipIf(onWindows)('the death of the supervisor', () => {
  test('kill -9 leaves no sandbox: neither one that is frozen nor one in an endless loop', async () => {
    const script = new URL('../fixtures/lambda/supervisor.ts', import.meta.url).pathname;
    const supervisor = spawn(process.execPath, [script, fixture('probe')], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void supervisor.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: supervisor.stdout }), 'line');
    const processes = JSON.parse(line) as number[];
    expect(processes).toHaveLength(2);
    await expect.poll(() => processes.filter(isStopped)).toHaveLength(1);
    expect(processes.filter(isAlive)).toEqual(processes);
    supervisor.kill('SIGKILL');
    await expect.poll(() => processes.filter(isAlive)).toEqual([]);
  });
});

describe('event invocations', () => {
  test('a failed event is repeated after one minute and after two, then dropped', async () => {
    const clock = createMovableClock();
    let log = '';
    const lambda = startLambda({
      clock,
      onLog: (_name, text) => {
        log += text;
      },
    });
    lambda.defineFunction(probeFunction());
    const payload = JSON.stringify({ do: 'fail', message: 'again' });
    const requestId = lambda.invokeAsync({ functionName: 'probe', payload });
    const count = (line: string): number => log.split(`${line} RequestId: ${requestId}`).length - 1;
    for (const [index, waitMs] of [60_000, 120_000, 600_000].entries()) {
      await expect.poll(() => count('REPORT')).toBe(index + 1);
      await nextTurn();
      clock.advance(waitMs - 1);
      expect(count('START')).toBe(index + 1);
      clock.advance(1);
    }
    expect(count('START')).toBe(3);
  });

  test('a throttled event is tried again until there is room', async () => {
    const clock = createMovableClock();
    let runs = 0;
    const lambda = startLambda({
      clock,
      onLog: (_name, text) => {
        if (text.startsWith('START')) runs += 1;
      },
    });
    lambda.defineFunction(probeFunction({ ReservedConcurrentExecutions: 1 }));
    const blocking = ask(lambda, { do: 'sleep', ms: 150 });
    lambda.invokeAsync({ functionName: 'probe', payload: JSON.stringify({ do: 'nothing' }) });
    await blocking;
    expect(runs).toBe(1);
    clock.advance(1_000);
    await expect.poll(() => runs).toBe(2);
  });
});

/** Whether SIGSTOP holds a process. */
function isStopped(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.startsWith('T');
}
