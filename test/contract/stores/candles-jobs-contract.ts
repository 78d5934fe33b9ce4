/** What the queues of work on candles must do, whatever they are. */
import type { CandleJob, CandleJobs, Lane } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { binance, candleSeries, day, dayStartMs, kraken, minuteMs } from '../../support/candle-series.ts';

export interface CandleJobsHarness {
  jobs: CandleJobs;
  /** Receives and removes everything of a queue, as a consumer that is done with each message at once. */
  receiveAll(queue: 'candles' | 'backfills'): Promise<CandleJob[]>;
  pass(byMs: number): void;
  close(): Promise<void>;
}

const laneOf = (number: number): Lane => ({ venue: binance, part: '1m', number });
const collect = (number: number, minute = 0): CandleJob => ({
  ...{ job: 'collect', lane: laneOf(number), plannedAtMs: dayStartMs + minute * minuteMs },
});
const fill = (symbol: string): CandleJob => ({ job: 'fill', series: candleSeries({ symbol }), period: day });

/** Every kind of job, and jobs that differ in one part only. */
const recent: CandleJob[] = [
  collect(0),
  collect(1),
  collect(0, 1),
  { job: 'seal', lane: laneOf(0), period: day },
  { job: 'seal', lane: laneOf(0), period: day, after: 'BTC/USDT' },
  { job: 'seal', lane: laneOf(0), period: day, after: 'ETH/USDT:USDT' },
  { job: 'rank', venue: binance, plannedAtMs: dayStartMs },
  { job: 'rank', venue: kraken, plannedAtMs: dayStartMs },
];
const past: CandleJob[] = [
  fill('BTC/USDT'),
  fill('BTC/USDT:USDT-270326'),
  fill('币安人生/USDT'),
  fill('L'.repeat(200)),
  { job: 'backfill', series: candleSeries(), doneToMs: dayStartMs },
  { job: 'backfill', series: candleSeries(), doneToMs: dayStartMs + minuteMs },
];

export function candleJobsContract(name: string, open: () => Promise<CandleJobsHarness>): void {
  describe(`the queues of work on candles, ${name}`, () => {
    let harness: CandleJobsHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const inAnyOrder = (jobs: readonly CandleJob[]) => jobs.map((job) => JSON.stringify(job)).sort();

    it('delivers every job as it was sent, what is new apart from what is missing of the past', async () => {
      await harness.jobs.send([...recent, ...past]);
      expect(inAnyOrder(await harness.receiveAll('candles'))).toEqual(inAnyOrder(recent));
      expect(inAnyOrder(await harness.receiveAll('backfills'))).toEqual(inAnyOrder(past));
    });

    it('takes none, and more than a batch', async () => {
      await harness.jobs.send([]);
      const many = Array.from({ length: 27 }, (_, number) => collect(number));
      await harness.jobs.send(many);
      expect(inAnyOrder(await harness.receiveAll('candles'))).toEqual(inAnyOrder(many));
    });

    it('delivers jobs of one lane, and of one series, in the order they were sent', async () => {
      const ofLane = [...Array.from({ length: 12 }, (_, minute) => collect(0, minute)), ...recent.slice(3, 6)];
      await harness.jobs.send(ofLane);
      expect(await harness.receiveAll('candles')).toEqual(ofLane);
      const ofSeries = [fill('BTC/USDT'), ...past.slice(4)];
      await harness.jobs.send(ofSeries);
      expect(await harness.receiveAll('backfills')).toEqual(ofSeries);
    });

    it('delivers once what is sent again within five minutes, before it was received and after', async () => {
      await harness.jobs.send([...recent, ...recent]);
      await Promise.all([1, 2, 3].map(() => harness.jobs.send(recent)));
      expect(await harness.receiveAll('candles')).toHaveLength(recent.length);
      harness.pass(4 * minuteMs);
      await harness.jobs.send([...recent, ...past]);
      expect(await harness.receiveAll('candles')).toEqual([]);
      harness.pass(2 * minuteMs);
      await harness.jobs.send([collect(0)]);
      expect(await harness.receiveAll('candles')).toEqual([collect(0)]);
    });

    it('knows a job again whatever the order of its fields', async () => {
      await harness.jobs.send([collect(0)]);
      const { job, lane, plannedAtMs } = collect(0) as Extract<CandleJob, { job: 'collect' }>;
      await harness.jobs.send([
        { plannedAtMs, lane: { number: lane.number, part: lane.part, venue: lane.venue }, job },
      ]);
      expect(await harness.receiveAll('candles')).toHaveLength(1);
    });
  });
}
