/** An embedded SQS on an ephemeral port with a clock that stands still, and the AWS SDK's client for it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createMovableClock, type MovableClock } from '../../../local/cloud/clock.ts';
import { createSqs, type Sqs } from '../../../local/cloud/sqs/index.ts';

export interface SqsServer {
  client: SQSClient;
  clock: MovableClock;
  endpoint: string;
  sqs: Sqs;
  /** Creates a queue, FIFO when its name says so. @returns its URL */
  createQueue(name: string, attributes?: Record<string, string>): Promise<string>;
  arnOf(queueUrl: string): Promise<string>;
  close(): Promise<void>;
}

export async function startSqsServer(): Promise<SqsServer> {
  const clock = createMovableClock();
  let endpoint = '';
  const sqs = createSqs({ clock, origin: () => endpoint });
  const server = createServer((request, response) => void sqs.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

  return {
    client,
    clock,
    endpoint,
    sqs,
    async createQueue(name, attributes = {}) {
      const kind = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
      const command = new CreateQueueCommand({ QueueName: name, Attributes: { ...kind, ...attributes } });
      return (await client.send(command)).QueueUrl ?? '';
    },
    async arnOf(QueueUrl) {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
      return (await client.send(command)).Attributes?.QueueArn ?? '';
    },
    async close() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sqs.close?.();
    },
  };
}

/** The error a call ends in, with what the SDK made of it. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ name: string; code: unknown; status: unknown; message: string }> {
  try {
    await call;
  } catch (error) {
    const { name, message, Code, $metadata } = error as Error & {
      Code?: string;
      $metadata?: { httpStatusCode?: number };
    };
    return { name, code: Code, status: $metadata?.httpStatusCode, message };
  }
  throw new Error('the call was expected to be refused');
}
