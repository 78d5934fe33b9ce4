/** `npm run halt` against a server that answers as a desk does, and records what it was asked. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { AccountId, CanceledOrder, IntentId, SwitchAnswer } from '@nightdesk/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeSwitch, isAllDone } from '../../local/halt/describe-switch.ts';
import { haltHelp, readHalt, UsageError } from '../../local/halt/halt-options.ts';
import { callSwitch, SwitchError } from '../../local/halt/switch-call.ts';

const token = 'the-token-of-the-role-risk';

let server: Server;
let api: string;
let directory: string;
let asked: { method?: string; url?: string; authorization?: string; body: unknown }[];
let answers: { status: number; body: unknown }[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    asked.push({ method, url, authorization: headers.authorization, body: JSON.parse(await text(request)) });
    const { status, body } = answers.shift() ?? { status: 200, body: done };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-halt-command-'));
  writeFileSync(join(directory, 'ready.json'), JSON.stringify({ api, tokens: { risk: token } }));
});

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

beforeEach(() => {
  asked = [];
  answers = [];
});

function run(options: string[], env: Record<string, string> = { NIGHTDESK_STATE_DIR: directory }) {
  const script = fileURLToPath(new URL('../../local/cli/halt.ts', import.meta.url));
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [script, ...options],
      { env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

const order = (id: string, outcome: CanceledOrder['outcome'], message?: string): CanceledOrder => ({
  ...{ account: 'main' as AccountId, orderId: id as IntentId, symbol: 'BTC/USDT', outcome },
  ...(message !== undefined && { message }),
});

const done: SwitchAnswer = {
  ...{ account: '*', state: 'halted', reason: 'why', by: 'risk', updatedAtMs: 1 },
  ...{ orders: [order('nd1', 'canceled'), order('nd22', 'filled')], keptExits: 2, failures: [] },
  ...{ inForceAfterMs: 12, lastAnswerAfterMs: 340 },
};

describe('npm run halt', () => {
  it('halts and cancels on the desk of this machine, and says what became of each order', async () => {
    const { code, stdout, stderr } = await run(['--reason', ' why ']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'all accounts: halted, in force after 12 ms (set by risk: why)',
      '  main  nd1   BTC/USDT  canceled',
      '  main  nd22  BTC/USDT  filled',
      '2 orders: 1 canceled, 1 filled; the last venue answered after 340 ms',
      'protecting positions still: 2 exits; --cancel-exits cancels them, too',
    ]);
    expect(asked).toEqual([
      {
        ...{ method: 'PUT', url: '/risk/*/switch', authorization: `Bearer ${token}` },
        body: { state: 'halted', reason: 'why', cancelOrders: true, cancelExits: false },
      },
    ]);
  });

  it('works against a deployed desk with a token of the environment, tells all in JSON, and ends with 1 where something is left', async () => {
    const left = { ...done, orders: [order('nd1', 'pending')] };
    answers = [{ status: 200, body: left }];
    const options = ['--reason', 'why', '--account', 'main', '--cancel-exits', '--api', `${api}/`, '--json'];
    const { code, stdout, stderr } = await run(options, { NIGHTDESK_TOKEN: 'another' });
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toEqual(left);
    expect(asked).toMatchObject([
      { url: '/risk/main/switch', authorization: 'Bearer another', body: { cancelExits: true } },
    ]);
  });

  it('ends with 1 where the desk refuses, names why, and never the token', async () => {
    answers = [{ status: 403, body: { error: { code: 'forbidden', message: 'this needs the role risk' } } }];
    const { code, stdout, stderr } = await run(['--reason', 'why', '--resume', '--token', 'secret-token']);
    expect([code, stdout, stderr]).toEqual([1, '', 'the desk answered 403: this needs the role risk\n']);
    expect(asked).toMatchObject([{ authorization: 'Bearer secret-token', body: { state: 'active', reason: 'why' } }]);
  });

  it('does nothing where it is not understood, and explains itself', async () => {
    const { code, stdout, stderr } = await run([]);
    expect([code, stdout, asked]).toEqual([2, '', []]);
    expect(stderr).toMatch(/^say why: --reason "…"\n\nStops trading/);
    expect(await run(['--help'])).toEqual({ code: 0, stdout: `${haltHelp}\n`, stderr: '' });
  });
});

describe('what is asked for', () => {
  const here = () => ({ NIGHTDESK_STATE_DIR: directory });

  it.each([
    ['--reason x', { state: 'halted', cancelOrders: true, cancelExits: false }],
    ['--reason x --reducing', { state: 'reducing', cancelOrders: true, cancelExits: false }],
    ['--reason x --no-cancel', { state: 'halted' }],
    ['--reason x --reducing --no-cancel', { state: 'reducing' }],
    ['--reason x --resume', { state: 'active' }],
  ])('%s', (line, body) => {
    expect(readHalt(line.split(' '), here()).call).toEqual({
      api,
      token,
      account: '*',
      body: { reason: 'x', ...body },
    });
  });

  it.each([
    ['a blank reason', ['--reason', ' '], 'say why'],
    ['an unknown option', ['--reason', 'x', '--now'], '--now'],
    ['a resume that reduces', ['--reason', 'x', '--resume', '--reducing'], 'contradict'],
    ['exits without orders', ['--reason', 'x', '--no-cancel', '--cancel-exits'], '--cancel-exits'],
    ['exits while reducing', ['--reason', 'x', '--reducing', '--cancel-exits'], '--cancel-exits'],
    ['exits at a resume', ['--reason', 'x', '--resume', '--cancel-exits'], '--cancel-exits'],
    ['a token in clear over a network', ['--reason', 'x', '--api', 'http://desk.example', '--token', 't'], 'https://'],
    ['an address that is none', ['--reason', 'x', '--api', 'desk', '--token', 't'], 'https://'],
    ['a desk elsewhere without a token', ['--reason', 'x', '--api', 'https://desk.example'], 'NIGHTDESK_TOKEN'],
  ])('is refused: %s', (_name, options, said) => {
    expect(() => readHalt(options, here())).toThrow(UsageError);
    expect(() => readHalt(options, here())).toThrow(said);
  });

  it('is refused where no desk runs', () => {
    const nowhere = { NIGHTDESK_STATE_DIR: join(directory, 'none') };
    expect(() => readHalt(['--reason', 'x'], nowhere)).toThrow('no desk is running');
  });
});

describe('the call', () => {
  const call = () => callSwitch({ api, token, account: '*', body: { state: 'halted', reason: 'x' }, pauseMs: 1 });
  const fails = { status: 503, body: { error: { message: 'not now' } } };

  it('is made again where that may help, and given up after the third', async () => {
    answers = [fails, { status: 429, body: {} }];
    expect(await call()).toMatchObject({ state: 'halted' });
    answers = [fails, fails, fails];
    await expect(call()).rejects.toThrow(new SwitchError('the desk answered 503: not now'));
    expect(asked).toHaveLength(6);
  });

  it('is made once where the desk understood and refused, and names the fields', async () => {
    const issues = [{ path: 'reason', message: 'must say why' }];
    answers = [{ status: 400, body: { error: { message: 'not like that', issues } } }];
    await expect(call()).rejects.toThrow('the desk answered 400: not like that\n  reason must say why');
    expect(asked).toHaveLength(1);
  });

  it('tells that a desk is not reached', async () => {
    const nobody = { api: 'http://127.0.0.1:1', token, account: '*', pauseMs: 1 };
    await expect(callSwitch({ ...nobody, body: { state: 'halted', reason: 'x' } })).rejects.toThrow('was not reached');
  });
});

describe('what is left open', () => {
  it.each([
    ['nothing was asked for', { orders: undefined, failures: undefined }, true, 'answered after 7 ms'],
    ['nothing was open', { orders: [] }, true, 'there was no open order'],
    ['an order failed', { orders: [order('nd1', 'failed', 'no key')] }, false, 'BTC/USDT  failed  no key'],
    ['an order is in doubt', { orders: [order('nd1', 'unknown')] }, false, '1 may still be open'],
    [
      'an account could not be listed',
      { failures: [{ account: 'main' as AccountId, message: 'no answer' }] },
      ...[false, 'main: open orders are not all known: no answer'],
    ],
  ] as const)('%s', (_name, changes, isDone, said) => {
    const answer = { ...done, ...changes } as SwitchAnswer;
    expect(isAllDone(answer)).toBe(isDone);
    expect(describeSwitch(answer, 7)).toContain(said);
  });
});
