import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { clientOptions } from './clients.ts';

const connectionTimeoutMs = 1_000;
/** Until the answer begins. A day's trades are tens of megabytes, which take longer to send than a row. */
const requestTimeoutMs = 30_000;
/** Without a byte in either direction, before or within the answer: a question that is tried again so often is still answered in time. */
const silenceMsMax = 5_000;

/** Apart from the other clients, so that only who needs the archive loads its client. */
export const createS3Client = (options: S3ClientConfig = {}, { silenceMs = silenceMsMax } = {}): S3Client =>
  new S3Client({
    ...clientOptions(),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      socketTimeout: silenceMs,
      throwOnRequestTimeout: true,
    }),
    ...options,
  });
