import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { createSqsCandleJobs, createSqsClient, jobGroupOf } from '@nightdesk/aws';
import type { CandleJob } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createSqs } from '../../../local/cloud/sqs/index.ts';
import { binance, candleSeries, day, dayStartMs } from '../../support/candle-series.ts';
import { createManualClock } from '../../support/clocks.ts';
import { createMemoryCandleJobs } from '../../support/memory-candles.ts';
import { type CandleJobsHarness, candleJobsContract } from './candles-jobs-contract.ts';
import { serve } from './desk-cloud.ts';
import { refuseSecondEntry } from './refused-entry.ts';

/** More receives than any test needs. */
const receivesMax = 50;

/** The queues with the properties of the deployed ones that senders notice. */
async function openSqs() {
  const clock = createMovableClock();
  let origin = '';
  const sqs = createSqs({ clock, origin: () => origin });
  const endpoint = await serve(sqs);
  origin = endpoint.url;
  const properties = { FifoQueue: true, DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
  const queues = {
    candles: sqs.createQueue({ name: 'candle-jobs.fifo', properties }),
    backfills: sqs.createQueue({ name: 'backfill-jobs.fifo', properties }),
  };
  const urls = {
    candleJobsQueueUrl: sqs.urlOf(queues.candles),
    backfillJobsQueueUrl: sqs.urlOf(queues.backfills),
  };
  const client = createSqsClient();
  const harness: CandleJobsHarness = {
    jobs: createSqsCandleJobs(client, urls),
    async receiveAll(name) {
      const received: CandleJob[] = [];
      for (let receive = 0; receive < receivesMax; receive += 1) {
        const messages = await sqs.receive({ queue: queues[name], messagesMax: 10, waitMs: 0 });
        if (messages.length === 0) return received;
        for (const { body, systemAttributes } of messages) {
          const job: CandleJob = JSON.parse(body);
          expect(systemAttributes.MessageGroupId).toBe(jobGroupOf(job));
          received.push(job);
        }
        const handles = messages.map(({ receiptHandle }) => receiptHandle);
        sqs.deleteBatch(queues[name], handles);
      }
      throw new Error(`the queue was not empty after ${receivesMax} receives`);
    },
    pass: (byMs) => clock.advance(byMs),
    async close() {
      client.destroy();
      await endpoint.close();
    },
  };
  return { ...harness, client, urls };
}

candleJobsContract('in memory', async () => {
  const clock = createManualClock();
  const jobs = createMemoryCandleJobs(clock);
  return {
    jobs,
    receiveAll: async (queue) => (queue === 'candles' ? jobs.waiting : jobs.waitingBackfills).splice(0),
    pass: (byMs) => clock.advance(byMs),
    close: async () => {},
  };
});
candleJobsContract('SQS', openSqs);

describe('SQS besides', () => {
  let opened: Awaited<ReturnType<typeof openSqs>>;
  beforeEach(async () => {
    opened = await openSqs();
  });
  afterEach(() => opened.close());

  const collect = (number: number): CandleJob => ({
    ...{ job: 'collect', lane: { venue: binance, part: '1m', number }, plannedAtMs: dayStartMs },
  });

  it.each<[string, CandleJob, string | RegExp]>([
    ['a lane by its key', collect(7), 'lane#binance#1m#7'],
    [
      'a lane, sealed or collected, alike',
      { job: 'seal', lane: { venue: binance, part: '1m', number: 7 }, period: day },
      'lane#binance#1m#7',
    ],
    ['a series by its key', { job: 'fill', series: candleSeries(), period: day }, 'series#binance#BTC/USDT#1m'],
    ['a ranking by its venue', { job: 'rank', venue: binance, plannedAtMs: 0 }, 'rank#binance'],
    [
      'what SQS takes in no name by a hash',
      { job: 'fill', series: candleSeries({ symbol: '币安人生/USDT' }), period: day },
      /^[0-9a-f]{64}$/,
    ],
    [
      'what is too long for a name by a hash',
      { job: 'backfill', series: candleSeries({ symbol: 'L'.repeat(200) }), doneToMs: 0 },
      /^[0-9a-f]{64}$/,
    ],
  ])('groups %s', (_what, job, group) => {
    expect(jobGroupOf(job)).toEqual(group instanceof RegExp ? expect.stringMatching(group) : group);
  });

  it('is not taken at its word when a queue is gone', async () => {
    await opened.client.send(new DeleteQueueCommand({ QueueUrl: opened.urls.candleJobsQueueUrl }));
    await expect(opened.jobs.send([collect(0)])).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('names the first job that was not taken, and sending again adds that one only', async () => {
    const takeAll = refuseSecondEntry(opened.client);
    const jobs = [collect(0), collect(1), collect(2)];
    await expect(opened.jobs.send(jobs)).rejects.toThrow(
      'the queue refused the job collect of lane#binance#1m#1: InternalError try again',
    );
    takeAll();
    await opened.jobs.send(jobs);
    expect(await opened.receiveAll('candles')).toEqual([collect(0), collect(2), collect(1)]);
  });
});
