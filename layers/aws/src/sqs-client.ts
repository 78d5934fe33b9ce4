import { SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions } from './clients.ts';

/** Apart from the other clients, so that who needs a queue in rare cases only can load its client then. */
export const createSqsClient = (): SQSClient => new SQSClient(clientOptions());
