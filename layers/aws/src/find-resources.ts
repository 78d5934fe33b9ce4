/** Where things are, for commands of people: functions are told by their environment. */
import { paginateListBuckets, type S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, QueueDoesNotExist, type SQSClient } from '@aws-sdk/client-sqs';

/** Names of the account's buckets that begin so. */
export async function bucketsNamed(client: S3Client, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListBuckets({ client }, { Prefix: prefix })) {
    names.push(...(page.Buckets ?? []).map(({ Name: name = '' }) => name));
  }
  return names;
}

/** @returns `undefined` where there is no such queue */
export async function queueUrlOf(client: SQSClient, name: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    throw error;
  }
}
