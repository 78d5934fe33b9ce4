import {
  createAwsSecrets,
  createDeskConfigProvider,
  createDynamoDbClient,
  createMessageRelease,
  createSentNotices,
  createSqsClient,
  createTelemetry,
  type PublishNotice,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { processNotices } from './batch.ts';
import { createHandler } from './handler.ts';
import { createSender } from './send.ts';

const { coordinationTable, noticesQueueUrl, noticesTopicArn, secretsPrefix } = environmentNames;
const environment = readEnvironment({ coordinationTable, noticesQueueUrl, noticesTopicArn, secretsPrefix });
const telemetry = createTelemetry('send-notice');

/** The topic's client is loaded with the first notice for it. */
const loadPublisher = async () =>
  (await import('@nightdesk/aws/notifications/notice-topic.ts')).createTopicPublisher(environment.noticesTopicArn);
let publisher: Promise<PublishNotice> | undefined;
const publish: PublishNotice = async (message) => {
  publisher ??= loadPublisher();
  return (await publisher)(message);
};

const handle = createHandler({
  loadConfig: createDeskConfigProvider(),
  sent: createSentNotices(createDynamoDbClient(), environment.coordinationTable),
  send: createSender({
    secrets: createAwsSecrets(),
    secretsPrefix: environment.secretsPrefix,
    publish: environment.noticesTopicArn === 'none' ? undefined : publish,
  }),
  clock: systemClock,
  telemetry,
});
const release = createMessageRelease(createSqsClient(), environment.noticesQueueUrl);

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures = await processNotices(Records, { handle, release, telemetry });
  telemetry.flush();
  return { batchItemFailures };
}
