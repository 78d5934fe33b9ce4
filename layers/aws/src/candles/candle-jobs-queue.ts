/** Work on candles as messages of two FIFO queues. */
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type CandleJob, type CandleJobs, canonicalJson, laneKeyOf, seriesKeyOf } from '@nightdesk/core';
import { nodeSha256Hex } from '../sha256.ts';

/** SQS's own bound on a batch. */
const batchSize = 10;
/** What SQS takes as a group (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html). */
const groupPattern = /^[!-~]{1,128}$/;

export interface CandleQueueUrls {
  candleJobsQueueUrl: string;
  backfillJobsQueueUrl: string;
}

export function createSqsCandleJobs(client: SQSClient, urls: CandleQueueUrls): CandleJobs {
  return {
    async send(jobs) {
      const isPast = ({ job }: CandleJob) => job === 'backfill' || job === 'fill';
      await sendAll(
        client,
        urls.candleJobsQueueUrl,
        jobs.filter((job) => !isPast(job)),
      );
      await sendAll(client, urls.backfillJobsQueueUrl, jobs.filter(isPast));
    },
  };
}

async function sendAll(client: SQSClient, queueUrl: string, jobs: readonly CandleJob[]): Promise<void> {
  for (let start = 0; start < jobs.length; start += batchSize) {
    await sendBatch(client, queueUrl, jobs.slice(start, start + batchSize));
  }
}

async function sendBatch(client: SQSClient, queueUrl: string, jobs: readonly CandleJob[]): Promise<void> {
  const entries = jobs.map((job, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify(job),
    MessageGroupId: jobGroupOf(job),
    MessageDeduplicationId: nodeSha256Hex(canonicalJson(job)),
  }));
  const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
  const [failed] = answer.Failed ?? [];
  if (failed === undefined) return;
  const job = jobs[Number(failed.Id)];
  const name = job === undefined ? 'a job' : `the job ${job.job} of ${subjectOf(job)}`;
  throw new Error(`the queue refused ${name}: ${failed.Code} ${failed.Message ?? ''}`);
}

/** What the job is about: of one subject there is one job at a time. */
function subjectOf(job: CandleJob): string {
  if (job.job === 'rank') return `rank#${job.venue}`;
  return 'lane' in job ? `lane#${laneKeyOf(job.lane)}` : `series#${seriesKeyOf(job.series)}`;
}

/** The message group: the subject as it is, and a hash of one that SQS takes in no group's name, as of a symbol in Chinese. */
export function jobGroupOf(job: CandleJob): string {
  const subject = subjectOf(job);
  return groupPattern.test(subject) ? subject : nodeSha256Hex(subject);
}
