import { createMessageRelease, createSqsClient, createSqsSignalQueue } from '@nightdesk/aws';

/** What is done to the queue only when something goes wrong: handing messages back, and handing legs over. */
export function openSignalsQueue(queueUrl: string) {
  const client = createSqsClient();
  return { release: createMessageRelease(client, queueUrl), queue: createSqsSignalQueue(client, queueUrl) };
}
