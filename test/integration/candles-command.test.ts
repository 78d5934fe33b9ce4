import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  createArchive,
  createCandleRepository,
  createDynamoDbClient,
  createS3Client,
  createSeriesRepository,
} from '@nightdesk/aws';
import { type CandleSeries, type Gap, noTotals, type QuarantinedCandle, rowsOf } from '@nightdesk/core';
import { runCommand } from '@nightdesk/local/candles/run-command.ts';
import { systemClock } from '@nightdesk/local/cloud/clock.ts';
import { createDynamoDb } from '@nightdesk/local/cloud/dynamodb/index.ts';
import { createAwsEndpoint } from '@nightdesk/local/cloud/endpoint.ts';
import { createS3 } from '@nightdesk/local/cloud/s3/index.ts';
import { writeStateFile } from '@nightdesk/local/cloud/state-file.ts';
import { statePaths } from '@nightdesk/local/supervisor/state-directory.ts';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CollectedStores,
  candleSeries,
  minuteMs,
  minutesOf,
  seriesRecord,
  storeBlocks,
} from '../support/collected-candles.ts';

const command = fileURLToPath(new URL('../../local/cli/candles.ts', import.meta.url));
const [table, bucket] = ['nightdesk-local-data-CandlesTable1', 'nightdesk-local-data-archivebucket1'];
const dayMs = 1_440 * minuteMs;
const startMs = Date.UTC(2026, 10, 18);
const endMs = startMs + 2 * dayMs;
const spot = candleSeries('BTC/USDT', '1m', 'binance');
const perpetual = candleSeries('BTC/USDT:USDT', '1m', 'binance');
const gaps: Gap[] = [
  { fromMs: startMs + 60 * minuteMs, toMs: startMs + 70 * minuteMs, kind: 'no-trades', attempts: 2, by: 'trades' },
  {
    ...{ fromMs: startMs + dayMs, toMs: startMs + dayMs + 30 * minuteMs, kind: 'outage', attempts: 1 },
    incident: { fromMs: startMs + dayMs - 5_000, toMs: startMs + dayMs + 30 * minuteMs },
  },
];
const candles = minutesOf({ fromMs: startMs, toMs: endMs }, gaps);
const quarantined: QuarantinedCandle = {
  ...{ series: perpetual, openMs: startMs, reason: 'inconsistent', message: 'low 2 is above high 1', atMs: endMs },
  values: [startMs, 1, 1, 2, 1, 0],
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nightdesk-candles-'));
  await makeState();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What a desk leaves when it stops: its tables and its archive. */
async function makeState(): Promise<void> {
  const paths = statePaths(directory);
  await mkdir(directory, { recursive: true });
  const dynamoDb = createDynamoDb({ directory: paths.dynamoDb, clock: systemClock });
  const s3 = createS3({ directory: paths.s3, clock: systemClock, log: () => undefined });
  s3.createBucket({ BucketName: bucket });
  await dynamoDb.createTable({
    ...{ TableName: table, BillingMode: 'PAY_PER_REQUEST' },
    KeySchema: [
      { AttributeName: 'series', KeyType: 'HASH' },
      { AttributeName: 'row', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['series', 'row'].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
  });
  const endpoint = await createAwsEndpoint({ services: [dynamoDb, s3], log: () => undefined });
  const options = {
    ...{ endpoint: endpoint.url, region: 'us-east-1' },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const [tableClient, bucketClient] = [createDynamoDbClient(options), createS3Client(options)];
  const stores = {
    candles: createCandleRepository(tableClient, table),
    series: createSeriesRepository(tableClient, table),
    cold: createArchive(bucketClient, bucket),
  };
  await fillStores(stores);
  tableClient.destroy();
  bucketClient.destroy();
  await endpoint.close();
  writeStateFile(paths.names, { 'nightdesk-local-data/ArchiveBucket1': bucket });
}

async function fillStores(stores: CollectedStores): Promise<void> {
  const missing = { open: 0, noTrades: 10, outage: 30, quarantined: 0 };
  const totals = {
    ...noTotals,
    candles: candles.openMs.length,
    hotBytes: 20_000,
    coldBytes: 60_000,
    periods: 2,
    missing,
  };
  const sealed = { sinceMs: startMs, sealed: '2026-11-19', totals, status: 'kept' as const, untilMs: endMs };
  await stores.series.save(seriesRecord(spot, sealed));
  const failure = { code: 'timeout', message: 'no answer', sinceMs: startMs, attempts: 3, retryAtMs: endMs };
  await stores.series.save(seriesRecord(perpetual, { ...sealed, lane: 1, failure }));
  // One day only in the archive, the other one in both.
  await storeBlocks(stores, spot, { candles, gaps, cold: (period) => period === '2026-11-18' });
  await storeBlocks(stores, perpetual, { candles, gaps });
  await stores.candles.quarantine([quarantined]);
}

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** As the command's own process does it, without the time that a process takes to start. */
async function run(...args: string[]): Promise<Ran> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(`${line}\n`);
  const progress = new Writable({ write: (_bytes, _encoding, done) => done() }) as unknown as NodeJS.WriteStream;
  try {
    const code = await runCommand(args, { stateDirectory: directory, print, progress, onInterrupt: () => undefined });
    return { code, stdout: lines.join(''), stderr: '' };
  } catch (error) {
    return { code: 2, stdout: lines.join(''), stderr: String(error instanceof Error ? error.message : error) };
  }
}

function runProcess(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, NIGHTDESK_STATE_DIR: directory };
    execFile(process.execPath, [command, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

const market = ({ venue, symbol }: CandleSeries) => ['--venue', venue, '--symbol', symbol];
const span = ['--from', '2026-11-18', '--to', '2026-11-20'];

describe('npm run candles', () => {
  it('lists what a desk that does not run has collected, its size and its failures', async () => {
    const { code, stdout, stderr } = await runProcess('list');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^binance BTC\/USDT 1m \(kept\) +2,840 +100 % +20\.0 KB +60\.0 KB +7\.0 /m);
    expect(stdout).toMatch(/^binance BTC\/USDT:USDT 1m .*timeout: no answer \(3 times/m);
    expect(stdout).toContain('2 series, 5,680 candles, 40.0 KB hot, 120 KB cold, 1 failing');
  });

  it('tells what is missing of a series, and why', async () => {
    const { code, stdout } = await run('coverage', ...market(spot), ...span);
    expect(stdout).toContain('2,840 of 2,880 candles, 98.61 %; 100 % with those that are shown not to exist');
    expect(stdout).toContain(
      '2026-11-18 01:00 to 2026-11-18 01:10  10 candles  no trades (asked 2 times, and for trades)',
    );
    expect(stdout).toContain(
      '30 candles  outage (asked once, the venue was down 2026-11-18 23:59 to 2026-11-19 00:30)',
    );
    expect(code).toBe(0);
  });

  it('counts no time that has not come and none before there were markets', async () => {
    const ever = await run('coverage', ...market(spot), '--from', '2026-11-18', '--to', '9999-12-31');
    expect(ever).toMatchObject({ stderr: '', stdout: expect.stringContaining('2,840 of ') });
    const late = await run(
      'export',
      ...market(spot),
      '--from',
      '2026-11-18',
      '--to',
      '9999-12-31',
      '--format',
      'csv',
      '--out',
      join(directory, 'late.csv'),
      '--json',
    );
    expect([late.stderr, JSON.parse(late.stdout).rows]).toEqual(['', 2_840]);
    const never = await run('coverage', ...market(spot), '--from', '2035-01-01', '--to', '2036-01-01');
    expect(never).toMatchObject({ code: 2, stderr: expect.stringContaining('candles are from 2009-01-03 until now') });
  });

  it('tells what is quarantined, and ends with 1 where something is', async () => {
    const { code, stdout } = await run('quality', ...market(perpetual), ...span);
    expect(stdout).toContain('quarantined  2026-11-18 00:00  inconsistent: low 2 is above high 1');
    expect(code).toBe(1);
  });

  it('exports what is in files and in the table to one file that freqtrade reads', async () => {
    const out = join(directory, 'data');
    const { code, stdout } = await run(
      'export',
      '--venue',
      'binance',
      ...span,
      '--format',
      'freqtrade',
      '--out',
      out,
      '--json',
    );
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).rows),
    ).toEqual([2_840, 2_840]);
    for (const name of ['BTC_USDT-1m.feather', 'futures/BTC_USDT_USDT-1m-futures.feather']) {
      const read = tableFromIPC(await readFile(join(out, 'binance', name)));
      expect(Array.from(read.getChild('date') ?? [], Number)).toEqual([...candles.openMs]);
      expect(Array.from(read.getChild('close') ?? [])).toEqual([...candles.close]);
    }
  });

  it('exports a longer timeframe, and replaces a file only where that is asked for', async () => {
    const out = join(directory, 'hours.csv');
    const args = ['export', ...market(spot), ...span, '--timeframe', '1h', '--format', 'csv', '--out', out];
    expect(await run(...args)).toMatchObject({ code: 0 });
    const lines = (await readFile(out, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(1 + 48);
    const first = rowsOf(candles).slice(0, 60);
    expect(lines[1]?.split(',').slice(0, 3).map(Number)).toEqual([
      ...[startMs, first[0]?.open, Math.max(...first.map(({ high }) => high))],
    ]);
    expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--force replaces it') });
    expect(await run(...args, '--force')).toMatchObject({ code: 0 });
  });

  it('draws a chart as a picture of the size that was asked for, in which there is something', async () => {
    const out = join(directory, 'chart.png');
    const size = ['--width', '800', '--height', '500'];
    const ran = await run(
      'plot',
      ...market(spot),
      '--from',
      '2026-11-18',
      '--to',
      '2026-11-18T06:00',
      '--out',
      out,
      ...size,
    );
    expect(ran).toMatchObject({ code: 0, stdout: `${out}: 350 of 360 1m candles\n` });
    const png = await readFile(out);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 500]);
    // An empty picture of this size packs into two kilobytes.
    expect(png.length).toBeGreaterThan(15_000);
  });

  it('draws a chart as a page that needs nothing else', async () => {
    const out = join(directory, 'chart.html');
    expect(await run('plot', ...market(spot), ...span, '--out', out)).toMatchObject({ code: 0 });
    const html = await readFile(out, 'utf8');
    // Not by `toMatch`, which would print a megabyte.
    expect(/<(script|link|img) [^>]*(src|href)=/.test(html.replace(/<script>[\s\S]*?<\/script>/g, ''))).toBe(false);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html.includes('"text":"BTC/USDT')).toBe(true);
  });

  it('says that a backfill needs a desk that runs', async () => {
    const ran = await run('backfill', ...market(spot), '--from', '2026-11-01');
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('start one with npm start') });
  });
});

describe('what is asked for wrongly', () => {
  it.each([
    ['no command', [], /say what to do/],
    ['an unknown command', ['sell'], /no command "sell"/],
    [
      'a venue of which nothing is collected',
      ['coverage', '--venue', 'kraken'],
      /nothing is collected of kraken: there is binance/,
    ],
    ['a symbol that was never collected', ['quality', '--symbol', 'ETH/USDT'], /never collected: there is BTC\/USDT/],
    ['what is no time', ['coverage', '--from', 'yesterday'], /--from yesterday: must be a time such as/],
    ['an end before its beginning', ['coverage', '--from', '2026-11-20', '--to', '2026-11-19'], /must be before --to/],
    ['no format', ['export', '--out', 'x'], /--format is missing/],
    [
      'one file for two markets',
      ['export', '--format', 'csv', '--out', 'x.csv'],
      /is one file, and these are 2 markets/,
    ],
    ['a picture that is none', ['plot', ...market(spot), '--out', 'x.gif'], /must end in .png or .html/],
    [
      'a picture of too much',
      ['plot', ...market(spot), ...span, '--timeframe', '1m', '--out', 'x.png'],
      /take --timeframe 15m/,
    ],
    ['an unknown option', ['list', '--all-of-it'], /--all-of-it/],
  ])('%s is told, with what to do', async (_what, args, message) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(existsSync('x.csv')).toBe(false);
  });
});
