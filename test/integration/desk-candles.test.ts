/** Candles on the whole desk: collected from the simulated Binance, through a kill of everything, without a gap or a double. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CandleSeries, Span, VenueId } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { type Collected, openCollected } from '@nightdesk/local/candles/open-store.ts';
import type { ReadyInfo } from '@nightdesk/local/supervisor/ready.ts';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openDeskRecords } from '../support/desk-records.ts';

const script = fileURLToPath(new URL('../support/desk-child.ts', import.meta.url));
/** What is collected is there within seconds; the rest is patience with a busy machine. */
const soon = { timeout: 120_000, interval: 200 };
const symbols = ['BTC/USDT', 'ETH/USDT', 'SOL/USDT'];
const directory = mkdtempSync(join(tmpdir(), 'nightdesk-candles-'));
const [state, config] = [join(directory, 'state'), join(directory, 'config')];

let child: ChildProcessByStdio<Writable, Readable, Readable>;
let ready: ReadyInfo;
let collected: Collected;

async function start(): Promise<void> {
  child = spawn(process.execPath, [script, state, config, 'binance'], { stdio: 'pipe' });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])]);
  if (typeof line !== 'string') throw new Error(`the desk ended before it was ready:\n${said.join('\n')}`);
  ready = JSON.parse(line) as ReadyInfo;
  collected = await openCollected('local', state);
}

async function stop(): Promise<void> {
  await collected.close();
  child.kill('SIGKILL');
  await once(child, 'exit');
}

beforeAll(async () => {
  cpSync(paths.config, config, { recursive: true });
  const selection = `{ venues: [binance], symbols: [${symbols.join(', ')}]`;
  // Candles of seconds, so that a test need not wait for minutes; and a day of the past of one market.
  const text = `collections:
  - ${selection}, timeframes: [1s], every: 1m }
  - { venues: [binance], symbols: [BTC/USDT], timeframes: [1m], every: 1m, history: 1d }
`;
  writeFileSync(join(config, 'collection.yaml'), text);
  await start();
}, 300_000);

afterAll(async () => {
  await stop();
  rmSync(directory, { recursive: true, force: true });
});

const seriesOf = (symbol: string, timeframe: string): CandleSeries => ({
  ...{ kind: 'candles', venue: 'binance' as VenueId, symbol, timeframe },
});

async function opens(symbol: string, timeframe: string, span: Span): Promise<number[]> {
  const found: number[] = [];
  for await (const { openMs } of collected.reader.read(seriesOf(symbol, timeframe), span)) found.push(...openMs);
  return found;
}

/** As the simulated venue itself tells them. */
async function told(symbol: string, interval: string, { fromMs, toMs }: Span): Promise<number[]> {
  const query = `symbol=${symbol.replace('/', '')}&interval=${interval}&startTime=${fromMs}&endTime=${toMs - 1}&limit=1000`;
  const answer = await fetch(`${ready.simulators.binance}/api/v3/klines?${query}`);
  return ((await answer.json()) as [number][]).map(([openMs]) => openMs);
}

/** A minute of the clock is too long for a test: a job of a lane is sent as the planner sends it. */
async function collectNow(): Promise<void> {
  const jobs = await collected.openJobs();
  const lane = { venue: 'binance' as VenueId, part: '1s', number: 0 };
  await jobs.send([{ job: 'collect', lane, plannedAtMs: Date.now() }]);
}

const lastOf = async (symbol: string, fromMs: number): Promise<number> =>
  (await opens(symbol, '1s', { fromMs, toMs: Date.now() })).at(-1) ?? 0;

it('collects what collection.yaml names, and goes on after everything was killed without a gap or a double', async () => {
  child.stdin.write('plan-candles\n');
  const records = await vi.waitFor(async () => {
    const found = (await collected.series.list('binance' as VenueId)).filter(({ series }) => series.kind === 'candles');
    expect(found.map(({ series }) => (series as CandleSeries).timeframe).sort()).toEqual(['1m', '1s', '1s', '1s']);
    return found;
  }, soon);
  const beganMs = Math.max(...records.map(({ sinceMs }) => sinceMs));
  await sleep(3_500);
  await collectNow();
  await vi.waitFor(async () => expect(await lastOf('SOL/USDT', beganMs)).toBeGreaterThan(beganMs), soon);

  // In the middle of a job, as far as that can be had.
  await collectNow();
  await stop();
  const killedMs = Date.now();
  await start();
  await sleep(2_500);
  await collectNow();
  await vi.waitFor(async () => {
    for (const symbol of symbols) expect(await lastOf(symbol, beganMs)).toBeGreaterThan(killedMs);
  }, soon);
  for (const symbol of symbols) {
    const span = { fromMs: beganMs, toMs: (await lastOf(symbol, beganMs)) + 1_000 };
    const found = await opens(symbol, '1s', span);
    expect(found).toEqual([...new Set(found)]);
    expect(found).toEqual(await told(symbol, '1s', span));
    expect(found.length).toBeGreaterThan(5);
  }
}, 400_000);

it('fetches the past that is wanted, and the journal of it all can be verified', async () => {
  const series = seriesOf('BTC/USDT', '1m');
  const record = await vi.waitFor(async () => {
    const found = await collected.series.get(series);
    expect(found?.backfill?.endedAtMs).toBeDefined();
    return found;
  }, soon);
  const { fromMs = 0, toMs = 0 } = record?.backfill ?? {};
  expect((await opens('BTC/USDT', '1m', { fromMs, toMs })).length).toBe((toMs - fromMs) / 60_000);
  const sample = { fromMs: toMs - 500 * 60_000, toMs };
  expect(await opens('BTC/USDT', '1m', sample)).toEqual(await told('BTC/USDT', '1m', sample));
  expect(await collected.reader.gapsIn(series, { fromMs, toMs }, Date.now())).toEqual([]);
  const audit = await openDeskRecords(ready.aws);
  expect(await audit.verify()).toMatchObject({ kind: 'verified' });
  audit.close();
}, 200_000);
