import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { clientOptions, withoutExtras } from './clients.ts';

/** Apart from the other clients, so that who needs a queue in rare cases only can load its client then. */
export const createSqsClient = (options: SQSClientConfig = {}): SQSClient =>
  withoutExtras(new SQSClient({ ...clientOptions(), ...options }));
