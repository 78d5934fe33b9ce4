/** AWS clients with bounded waits: a call that hangs must fail while its function still has time to say so. */
import { DynamoDBClient, type DynamoDBClientConfig, TransactionConflictException } from '@aws-sdk/client-dynamodb';
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

export function createDynamoDbClient(options: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = withoutExtras(new DynamoDBClient({ ...clientOptions(), ...options }));
  retryConflicts(client);
  return client;
}

/**
 * Takes out of a client what every call would go through for nothing: what a call asks and is answered is copied for a logger that
 * there is not, and the header that tells AWS which SDK calls is put together anew. A tenth of the processor time of a call.
 */
export function withoutExtras<Client extends { middlewareStack: { remove(name: string): boolean } }>(
  client: Client,
): Client {
  for (const name of ['loggerMiddleware', 'getUserAgentMiddleware']) client.middlewareStack.remove(name);
  return client;
}

/**
 * DynamoDB refuses a single write of an item that a transaction is just working on, and has then written nothing. The SDK takes
 * that for an error of the caller; marked as retryable it is tried again like any fault that passes: after the SDK's pauses,
 * and no more often than `attemptsMax`. What a transaction itself is refused for is `transact`'s to judge.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */
function retryConflicts({ middlewareStack }: DynamoDBClient): void {
  middlewareStack.add(
    (next) => async (call) => {
      try {
        return await next(call);
      } catch (error) {
        if (error instanceof TransactionConflictException) error.$retryable = {};
        throw error;
      }
    },
    // Of this step the SDK's retries come first, with priority `high`: they see what is thrown here.
    { step: 'finalizeRequest', priority: 'low', name: 'retryConflicts' },
  );
}
