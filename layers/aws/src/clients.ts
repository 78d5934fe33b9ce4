/** AWS clients with bounded waits: a call that hangs must fail while its function still has time to say so. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const connectionTimeoutMs = 1_000;
const requestTimeoutMs = 3_000;
/** Tries in all. Every write here is conditional or deduplicated, so the SDK may repeat it. */
const attemptsMax = 3;

const options = () => ({
  maxAttempts: attemptsMax,
  requestHandler: new NodeHttpHandler({ connectionTimeout: connectionTimeoutMs, requestTimeout: requestTimeoutMs }),
});

export const createDynamoDbClient = (): DynamoDBClient => new DynamoDBClient(options());
export const createSqsClient = (): SQSClient => new SQSClient(options());
