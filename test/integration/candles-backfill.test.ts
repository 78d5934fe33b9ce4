import { Writable } from 'node:stream';
import { type Backfill, type CandleJob, createCandleReader, type SeriesRecord } from '@nightdesk/core';
import type { CommandContext } from '@nightdesk/local/candles/command.ts';
import { backfill } from '@nightdesk/local/candles/commands/backfill.ts';
import { fill } from '@nightdesk/local/candles/commands/fill.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../support/clocks.ts';
import {
  type CollectedStores,
  candleSeries,
  createStores,
  minuteMs,
  minutesOf,
  seriesRecord,
  storeBlocks,
} from '../support/collected-candles.ts';

const dayMs = 1_440 * minuteMs;
const startMs = Date.UTC(2026, 10, 18);
const nowMs = startMs + 2 * dayMs;
const series = candleSeries('BTC/USDT', '1m', 'binance');
const market = ['--venue', 'binance', '--symbol', 'BTC/USDT'];
const usual: Backfill = {
  ...{ fromMs: startMs, toMs: nowMs, doneToMs: startMs, startedAtMs: nowMs },
  ...{ candles: 0, requests: 0, askedBy: 'person' },
};

let stores: CollectedStores;
let clock: ManualClock;
let sent: CandleJob[];
let lines: string[];
let progress: string;
let interrupted: AbortController;
/** What the desk does while somebody looks on, one step for each look. */
let steps: ((record: SeriesRecord & { backfill: Backfill }) => Partial<Backfill> | 'interrupt')[];

beforeEach(() => {
  [stores, clock, interrupted] = [createStores(), createManualClock(nowMs), new AbortController()];
  [sent, lines, progress, steps] = [[], [], '', []];
});

function contextOf(json = false): CommandContext {
  const stream = new Writable({
    write(bytes, _encoding, done) {
      progress += String(bytes);
      done();
    },
  });
  return {
    ...{ stage: 'local', json, signal: interrupted.signal, progress: stream as unknown as NodeJS.WriteStream },
    print: (line) => void lines.push(line),
    clock: {
      nowMs: clock.nowMs,
      async sleep() {
        clock.advance(6_000);
        const record = (await stores.series.get(series)) as SeriesRecord & { backfill: Backfill };
        const step = steps.shift()?.(record);
        if (step === 'interrupt') interrupted.abort();
        else await stores.series.save({ ...record, backfill: { ...record.backfill, ...step } });
      },
    },
    open: async () => ({
      ...{ ...stores, reader: createCandleReader(stores), close: async () => {} },
      openJobs: async () => ({ send: async (jobs) => void sent.push(...jobs) }),
    }),
  };
}

const run = (...args: string[]) => backfill.run([...market, ...args], contextOf());
const recorded = async () => (await stores.series.get(series))?.backfill;
const ended = { doneToMs: nowMs, candles: 2_870, requests: 3, endedAtMs: nowMs + 12_000 };

describe('a backfill', () => {
  it('is written into the record, handed to the desk, and watched until it has ended', async () => {
    steps = [() => ({ doneToMs: startMs + dayMs }), () => ended];
    expect(await run('--from', '2026-11-18')).toBe(0);
    expect(sent).toEqual([{ job: 'backfill', series, doneToMs: startMs }]);
    expect(await stores.series.get(series)).toMatchObject({ status: 'kept', backfill: { ...usual, ...ended } });
    expect(lines).toEqual([
      'asked for binance BTC/USDT 1m, 2026-11-18 00:00 to 2026-11-20 00:00 UTC, at most 2,880 candles',
      'done: 2,870 candles by 3 requests in 12 s',
    ]);
    expect(progress).toBe(
      '50 % | 1,440/2,880 candles | 240 candles/s, 6 s left\n100 % | 2,880/2,880 candles | 240 candles/s\n',
    );
  });

  it('goes on when nobody watches any more, and is not asked for again by who looks on later', async () => {
    steps = [() => 'interrupt'];
    expect(await run('--from', '2026-11-18')).toBe(0);
    expect(lines.at(-1)).toBe('it goes on; the same command shows how far it is');
    interrupted = new AbortController();
    steps = [() => ended];
    expect(await run('--from', '2026-11-18')).toBe(0);
    expect([sent.length, lines.at(-1)]).toEqual([1, 'done: 2,870 candles by 3 requests in 12 s']);
    // What has ended is shown without asking, too.
    expect(await run()).toBe(0);
    expect(sent).toHaveLength(1);
  });

  it('is only handed over with --detach', async () => {
    expect(await run('--from', '2026-11-18', '--to', '2026-11-19', '--detach')).toBe(0);
    expect(await recorded()).toEqual({ ...usual, toMs: startMs + dayMs });
    expect(sent).toHaveLength(1);
  });

  it('takes the place of what collection.yaml wants of the past, and of no other that a person asked for', async () => {
    const history = { ...usual, fromMs: startMs - dayMs, askedBy: 'history' as const, startedAtMs: 1 };
    await stores.series.save(seriesRecord(series, { backfill: history }));
    await run('--from', '2026-11-18', '--detach');
    expect(await recorded()).toEqual(usual);
    expect((await stores.series.get(series))?.status).toBe('collected');
    await expect(run('--from', '2026-11-01')).rejects.toThrow(
      '2026-11-18 00:00 to 2026-11-20 00:00: it has to end first',
    );
    expect(await recorded()).toEqual(usual);
  });

  it('tells why it stands still, and when it was replaced', async () => {
    const cause = { code: 'timeout', message: 'the venue does not answer' };
    steps = [() => ({ cause }), () => ({ startedAtMs: 1 })];
    await expect(run('--from', '2026-11-18')).rejects.toThrow('replaced by another backfill');
    expect(progress).toContain('stands still: the venue does not answer');
  });

  it.each([
    ['all of it was fetched', startMs, 0, /^done\. The desk goes on with the past/],
    ['it ended early', nowMs, 1, /^ended; coverage tells/],
  ])(
    'after which the desk went on with the past before anybody looked is told as ended where %s',
    async (_what, historyFromMs, code, text) => {
      steps = [() => ({ doneToMs: startMs + dayMs })];
      const context = contextOf();
      const sleep = context.clock.sleep;
      let looks = 0;
      context.clock.sleep = async (delayMs) => {
        looks += 1;
        if (looks === 1) return sleep(delayMs);
        const record = (await stores.series.get(series)) as SeriesRecord;
        const history = {
          ...usual,
          fromMs: startMs - dayMs,
          toMs: startMs,
          startedAtMs: nowMs + 1,
          askedBy: 'history' as const,
        };
        await stores.series.save({ ...record, historyFromMs, backfill: history });
      };
      expect(await backfill.run([...market, '--from', '2026-11-18'], context)).toBe(code);
      expect(lines.at(-1)).toMatch(text);
    },
  );

  it('that ended early is told with 1', async () => {
    steps = [
      () => ({ doneToMs: startMs + dayMs, endedAtMs: nowMs, cause: { code: 'bad_symbol', message: 'no such market' } }),
    ];
    expect(await run('--from', '2026-11-18')).toBe(1);
    expect(lines.at(-1)).toMatch(/^ended at 2026-11-19 00:00: .*no such market$/);
  });

  it.each([
    ['no beginning', [], /--from is missing: no backfill of binance BTC\/USDT 1m is under way/],
    ['a beginning to come', ['--from', '2027-01-01'], /no closed candle/],
    ['what is no timeframe', ['--timeframe', '7x', '--from', '2026-11-18'], /--timeframe 7x/],
    ['an exchange that is not configured', ['--venue', 'nowhere', '--from', '2026-11-18'], /no enabled exchange/],
  ])('of %s is refused', async (_what, args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
    expect([sent, await recorded()]).toEqual([[], undefined]);
  });
});

describe('filling', () => {
  const gaps = [
    { fromMs: startMs + minuteMs, toMs: startMs + 3 * minuteMs, kind: 'open' as const, attempts: 8 },
    { fromMs: startMs + dayMs, toMs: startMs + dayMs + minuteMs, kind: 'no-trades' as const, attempts: 2 },
  ];

  it.each([
    ['what is not found out', [], ['2026-11-18'], '2 candles in 1 period'],
    ['all that is missing', ['--all'], ['2026-11-18', '2026-11-19'], '3 candles in 2 periods'],
    ['nothing of a span without gaps', ['--from', '2026-11-18T01:00'], [], undefined],
  ])('asks for %s', async (_what, args, periods, text) => {
    await stores.series.save(seriesRecord(series, { sinceMs: startMs, sealed: '2026-11-19' }));
    await storeBlocks(stores, series, { candles: minutesOf({ fromMs: startMs, toMs: nowMs }, gaps), gaps });
    expect(await fill.run(['--venue', 'binance', ...args], contextOf())).toBe(0);
    expect(sent).toEqual(periods.map((period) => ({ job: 'fill', series, period })));
    expect(lines).toEqual([`binance BTC/USDT 1m: ${text === undefined ? 'nothing to ask for' : `asked for ${text}`}`]);
  });
});
