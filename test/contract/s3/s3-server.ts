/** S3 of the embedded cloud behind an endpoint of its own, and the SDK's client for it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createAwsEndpoint } from '../../../local/cloud/endpoint.ts';
import { type BucketDefinition, createS3 } from '../../../local/cloud/s3/index.ts';

export const Bucket = 'archive';
/** In the middle of a day. */
export const startMs = Date.UTC(2026, 0, 1, 10, 30);

export interface ServerOptions {
  /** Absent keeps everything in memory. */
  directory?: string;
  /** @default one bucket that is called `archive` */
  buckets?: readonly BucketDefinition[];
}

export const createClient = (endpoint: string): S3Client =>
  new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

export async function startS3({ directory, buckets = [{ BucketName: Bucket }] }: ServerOptions = {}) {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const clock = createMovableClock(startMs);
  const s3 = createS3({ clock, log, directory });
  for (const bucket of buckets) s3.createBucket(bucket);
  const endpoint = await createAwsEndpoint({ services: [s3], log });
  const client = createClient(endpoint.url);
  const put = (Key: string, Body: PutObjectCommandInput['Body'] = Key, rest: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...rest }));
  const read = async (Key: string): Promise<string | undefined> =>
    (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
  return {
    ...{ client, clock, lines, put, read, url: endpoint.url },
    async close() {
      client.destroy();
      await endpoint.close();
    },
  };
}

/** Closed when the test ends. */
export async function startForTest(options: ServerOptions = {}) {
  const server = await startS3(options);
  onTestFinished(server.close);
  return server;
}

/** Removed when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'nightdesk-s3-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A request as it is on the wire, signed in name only. */
export const send = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, {
    ...init,
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      ...init.headers,
    },
  });
