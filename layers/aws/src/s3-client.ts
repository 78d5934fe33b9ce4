import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { clientOptions } from './clients.ts';

const connectionTimeoutMs = 1_000;
/** A day's trades are tens of megabytes, which take longer than a row. */
const requestTimeoutMs = 30_000;

/** Apart from the other clients, so that only who needs the archive loads its client. */
export const createS3Client = (options: S3ClientConfig = {}): S3Client =>
  new S3Client({
    ...clientOptions(),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    }),
    ...options,
  });
