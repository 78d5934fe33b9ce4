/** AWS clients with bounded waits: a call that hangs must fail while its function still has time to say so. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const connectionTimeoutMs = 1_000;
const requestTimeoutMs = 3_000;
/** Tries in all. Every write here is conditional or deduplicated, so the SDK may repeat it. */
const attemptsMax = 3;

/** What every client is made with, those that Powertools makes included. */
export const clientOptions = () => ({
  maxAttempts: attemptsMax,
  requestHandler: new NodeHttpHandler({
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // Without this a request that takes too long is only warned of, and waited for.
    throwOnRequestTimeout: true,
  }),
});

export const createDynamoDbClient = (options: DynamoDBClientConfig = {}): DynamoDBClient =>
  new DynamoDBClient({ ...clientOptions(), ...options });
