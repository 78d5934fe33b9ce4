/** `npm run streams` against a server that answers as a desk does, and records what it was asked. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type QuoteView, quoteView } from '@nightdesk/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeQuotes } from '../../local/streams/describe-quotes.ts';
import { describeStreams, isFine, joinStreams } from '../../local/streams/describe-streams.ts';
import { readCommand, streamsHelp } from '../../local/streams/options.ts';
import { runCommand } from '../../local/streams/run-command.ts';
import { openScreen } from '../../local/streams/screen.ts';
import { StreamsError } from '../../local/streams/streams-error.ts';
import { quoteOf, startMs, statusOf } from '../support/live-quotes.ts';

const token = 'the-token-of-the-role-viewer';
const answered = { atMs: startMs + 1_000, tasks: [statusOf()] };
const fresh = quoteView({ ...quoteOf(), writtenMs: startMs }, undefined, startMs);

let server: Server;
let api: string;
let directory: string;
let asked: string[];
let answers: { status: number; body: unknown }[];
let interrupt: AbortController;
let written: string[];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const { status, body } = answers.shift() ?? { status: 200, body: answered };
    if (answers.length === 0) interrupt.abort();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-streams-command-'));
  writeFileSync(join(directory, 'ready.json'), JSON.stringify({ api, tokens: { viewer: token } }));
});

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

beforeEach(() => {
  [asked, answers, written, interrupt] = [[], [], [], new AbortController()];
});

const output = (terminal = {}) => ({ write: (text: string) => written.push(text) > 0, ...terminal });

const run = (words: string, { environment = { NIGHTDESK_STATE_DIR: directory }, terminal = {} } = {}) =>
  runCommand(words.split(' '), {
    ...{ output: output(terminal), environment, interrupted: interrupt.signal, nowMs: () => startMs + 1_000 },
  });

const text = () => written.join('');

describe('npm run streams -- top', () => {
  it('shows exchanges, tasks and what befell last, and asks the desk on this machine as a viewer', async () => {
    expect(await run('top --once')).toBe(0);
    expect(asked).toEqual([`GET /streams Bearer ${token}`]);
    expect(text()).toContain('1 task, 1 exchange, 100 subscriptions, 12.5 updates/s');
    const lines = text()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).join(' '));
    expect(lines).toContain('binance books 100 12.5 1.5 20.0 - 2 2 0 0 100 20');
    expect(lines).toContain('task-1 1 min 1 1 1 s ago 100 MB 50.0 MB 5.0 ms runs');
    expect(lines).toContain('1 s ago binance BTC/USDT gap 12 came after 10');
    expect(text()).not.toContain(token);
  });

  it('answers JSON as the desk gave it', async () => {
    expect(await run('top --once --json')).toBe(0);
    expect(JSON.parse(text())).toEqual(answered);
  });

  it('draws one picture over the other until it is interrupted, and leaves the terminal as it was', async () => {
    answers = [answered, { ...answered, tasks: [] }].map((body) => ({ status: 200, body }));
    expect(await run('top --every 500ms', { terminal: { isTTY: true, columns: 60, rows: 4 } })).toBe(0);
    expect([asked.length, written.length]).toEqual([2, 4]);
    const [opened, first = '', second, closed] = written;
    expect([opened, closed]).toEqual(['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l']);
    expect(first.split('\n')).toHaveLength(3);
    const shown = stripVTControlCharacters(first).split('\n');
    expect(Math.max(...shown.map(({ length }) => length))).toBeLessThanOrEqual(60);
    expect(second).toContain('no task of the stream service');
  });

  it('waits for a desk that does not answer for a while, and says so', async () => {
    answers = [
      { status: 503, body: { error: { code: 'unavailable', message: 'not now' } } },
      { status: 200, body: answered },
    ];
    expect(await run('top --every 500ms')).toBe(0);
    expect(written[0]).toBe('the desk answered 503: not now\n\n');
    expect(written[1]).toContain('12.5 updates/s');
  });

  it.each([
    ['no task runs', []],
    [
      'a connection is not open',
      [statusOf({ units: [{ unit: 'a', venue: 'kraken', subscriptions: 1, isOpen: false }] })],
    ],
    ['work has no task', [statusOf({ unplaced: 2 })]],
  ])('ends with 1 where %s', async (_name, tasks) => {
    answers = [{ status: 200, body: { ...answered, tasks } }];
    expect(await run('top --once')).toBe(1);
  });
});

describe('npm run streams -- quote', () => {
  it('shows each exchange’s best prices and depth, and asks for the exchange that is named', async () => {
    answers = [{ status: 200, body: { quotes: [fresh] } }];
    expect(await run('quote BTC/USDT --venue binance')).toBe(0);
    expect(asked).toEqual([`GET /quotes?symbol=BTC%2FUSDT&venue=binance Bearer ${token}`]);
    expect(text()).toContain('90000.1');
    expect(text()).not.toContain('STALE');
  });

  it('shouts that a quote is stale, and ends with 1', async () => {
    answers = [{ status: 200, body: { quotes: [fresh, { ...fresh, venue: 'kraken', stale: true }] } }];
    expect(await run('quote BTC/USDT')).toBe(1);
    expect(text()).toMatch(/kraken .*STALE/);
  });

  it('answers JSON as the desk gave it', async () => {
    answers = [{ status: 200, body: { quotes: [fresh] } }];
    expect(await run('quote BTC/USDT --json')).toBe(0);
    expect(JSON.parse(text())).toEqual({ quotes: [fresh] });
  });

  it('says what the desk says where there is none', async () => {
    const issues = [{ path: 'symbol', message: 'there is no quote of X' }];
    answers = [{ status: 404, body: { error: { code: 'not_found', message: 'there is no such quote', issues } } }];
    await expect(run('quote X')).rejects.toThrow('404: there is no such quote\n  symbol: there is no quote of X');
  });
});

describe('what cannot be done', () => {
  it.each([
    ['', 'there is no command ""'],
    ['watch', 'there is no command "watch"'],
    ['top now', '"now" is not expected'],
    ['top --venue kraken', '--venue goes with quote'],
    ['top --every 10m', '--every 10m: must be'],
    ['top --every 100ms', '--every 100ms: must be'],
    ['top --loud', "Unknown option '--loud'"],
    ['quote', 'say of which symbol'],
    ['quote BTC/USDT ETH/USDT', '"ETH/USDT" is not expected'],
    ['top --api https://desk.example --stage dev', 'two desks'],
    ['top --api https://desk.example', 'set NIGHTDESK_TOKEN'],
    ['top --api http://desk.example', '--api must be the https:// address of a desk'],
    ['top --api nonsense', '--api must be the https:// address of a desk'],
  ])('"%s" says why: %s', async (words, said) => {
    await expect(run(words)).rejects.toThrow(said);
    await expect(run(words)).rejects.toThrow(StreamsError);
  });

  it('says which desk was not there', async () => {
    const nowhere = { NIGHTDESK_STATE_DIR: join(directory, 'none') };
    await expect(run('top --once', { environment: nowhere })).rejects.toThrow('no desk is running from');
    const closed = { NIGHTDESK_STATE_DIR: directory, NIGHTDESK_TOKEN: token };
    await expect(run('top --once --api http://127.0.0.1:9', { environment: closed })).rejects.toThrow(
      'http://127.0.0.1:9 was not reached',
    );
  });

  it('shows text that is no JSON as it is', async () => {
    const plain = createServer((_request, response) => response.writeHead(502).end('bad gateway'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    const environment = { NIGHTDESK_STATE_DIR: directory, NIGHTDESK_TOKEN: token };
    await expect(run(`quote X --api ${address}`, { environment })).rejects.toThrow(
      'the desk answered 502: bad gateway',
    );
    plain.close();
  });
});

it('--help explains every option', async () => {
  expect(await run('--help')).toBe(0);
  expect(text()).toBe(`${streamsHelp}\n`);
  for (const option of ['--once', '--every', '--venue', '--json', '--stage', '--quotes-table', '--api'])
    expect(streamsHelp).toContain(option);
  expect(readCommand(['top', '--stage', 'dev', '--quotes-table', 't'], {})).toMatchObject({
    place: { kind: 'stage', stage: 'dev', quotesTable: 't' },
  });
});

describe('pictures', () => {
  it('add up what several tasks have of one exchange, and show the worst of their shares', () => {
    const [first] = statusOf().streams;
    if (first === undefined) throw new Error('it has one');
    const { lagMs: _none, ...without } = first;
    const slow = { ...first, publishMs: { p50: 1, p90: 2, p99: 3, max: 4 }, lagMs: { p50: 5, p90: 6, p99: 7, max: 8 } };
    const [joined, other] = joinStreams(
      [slow, first, without, { ...without, venue: 'a', kind: 'trades' as const }].toReversed(),
    );
    expect(joined).toMatchObject({ venue: 'a', kind: 'trades' });
    expect(other).toMatchObject({
      ...{
        subscriptions: 300,
        updatesPerSecond: 37.5,
        written: 300,
        conflated: 60,
        incidents: { gap: 6, resynced: 6 },
      },
      ...{ lagMs: { p50: 5, p90: 6, p99: 20, max: 100 }, publishMs: { p99: 3 } },
    });
  });

  it('tell of tasks that end, of those that were not heard of, and of what nobody has room for', () => {
    const answer = {
      atMs: startMs + 20_000,
      tasks: [
        statusOf({ task: 'old', latest: [], unplaced: 3 }),
        statusOf({ task: 'new', atMs: startMs + 19_000, isDraining: true, units: [], latest: [] }),
      ],
    };
    const picture = describeStreams(answer);
    expect(picture).toMatch(/old .* silent for 20 s/);
    expect(picture).toMatch(/new .* ends/);
    expect(picture).toContain('3 connections WITHOUT A TASK: raise streamTasks');
    expect([picture.includes('what befell'), isFine(answer)]).toEqual([false, false]);
  });

  it('show a market of which one side is empty', () => {
    const { ask: _ask, askSize: _size, ...left } = fresh;
    const oneSided: QuoteView = { ...left, depth: { bids: fresh.depth.bids, asks: [] } };
    expect(describeQuotes([oneSided, { ...fresh, depth: { bids: [], asks: [] } }], startMs)).toContain('90000.1');
  });

  it('are plain where there is no terminal', () => {
    openScreen(output()).draw('one\ntwo');
    openScreen(output()).close();
    expect(text()).toBe('one\ntwo\n\n');
    const screen = openScreen(output({ isTTY: true }));
    screen.draw('x'.repeat(200));
    expect(written.at(-1)).toContain(`${'x'.repeat(80)}\u001b[K`);
  });
});
