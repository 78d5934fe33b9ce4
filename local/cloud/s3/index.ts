/**
 * S3 of the embedded cloud: buckets of the template, objects with their conditions, ranges and checksums, lists, uploads
 * in parts, and expiry by lifecycle rules. What is not here is answered with `NotImplemented` and named: versions,
 * tags, ACLs, Object Lock, multi-object copies, presigned URLs, and everything that a bucket's policy would decide.
 *
 *   index.ts                  puts the parts together; the only file that others import
 *   call.ts                   a request becomes an operation on a bucket or a key
 *   objects.ts, listing.ts    the operations; multipart.ts, conditions.ts, range.ts
 *   body.ts                   takes a body and checks it; aws-chunked.ts, checksums.ts
 *   store.ts                  how bytes become an object in one step
 *   object-index.ts           what each key holds, in SQLite; multipart-index.ts
 *   blobs.ts                  the bytes
 *   bucket.ts, lifecycle.ts   what the template says; expiry.ts removes what is due
 *   parts.ts, xml.ts, errors.ts
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { localPlace } from '../../assembly/pseudo-parameters.ts';
import type { CloudClock } from '../clock.ts';
import { type AwsService, signedService } from '../http.ts';
import { startSweeper } from '../sweeper.ts';
import { createBlobs } from './blobs.ts';
import { type Bucket, type BucketDefinition, readBucket } from './bucket.ts';
import { checkCall, readCall } from './call.ts';
import { notImplemented, S3Error } from './errors.ts';
import { sweepExpired } from './expiry.ts';
import { dayOf } from './lifecycle.ts';
import { listObjectsV2 } from './listing.ts';
import { abortMultipartUpload, completeMultipartUpload, createMultipartUpload, uploadPart } from './multipart.ts';
import { createMultipartIndex } from './multipart-index.ts';
import { openObjectIndex } from './object-index.ts';
import { copyObject, deleteObject, deleteObjects, getObject, headObject, putObject } from './objects.ts';
import { findBucket, type Operation, type S3Answer, type S3Parts } from './parts.ts';
import { removeAbandoned } from './store.ts';
import { writeDocument, writeError } from './xml.ts';

export type { BucketDefinition } from './bucket.ts';

export interface S3Options {
  /** Where objects are kept; in memory only when absent. Survives `kill -9` of the process. */
  readonly directory?: string | undefined;
  /** Dates objects and drives their expiry. */
  readonly clock: CloudClock;
  readonly log: (message: string) => void;
}

export interface S3 extends AwsService {
  /**
   * Makes a bucket from the properties of an `AWS::S3::Bucket`; what it held before is there.
   *
   * @throws Error naming a property that is not emulated
   */
  createBucket(definition: BucketDefinition): void;
  /** Waits for requests under way and closes the files. */
  close(): Promise<void>;
}

export function createS3({ directory, clock, log }: S3Options): S3 {
  const buckets = new Map<string, Bucket>();
  const index = openObjectIndex(directory);
  const blobs = createBlobs(directory && join(directory, 'blobs'));
  const parts: S3Parts = { buckets, index, uploads: createMultipartIndex(index), blobs, clock };
  const underway = new Set<Promise<void>>();
  const track = (work: Promise<void>): Promise<void> => {
    underway.add(work);
    return work.finally(() => underway.delete(work));
  };
  // What a killed process left behind.
  track(removeAbandoned(parts)).catch((error: unknown) =>
    log(`s3: could not remove what is left over: ${String(error)}`),
  );
  // What is due changes at midnight only. @see dueMs
  let sweptDay: number | undefined;
  const sweeper = startSweeper(clock, {
    async sweep(isStopped) {
      const day = dayOf(clock.nowMs());
      if (day === sweptDay) return;
      await sweepExpired(parts, isStopped);
      sweptDay = day;
    },
    failed: (error) => log(`s3: could not remove what has expired: ${String(error)}`),
  });
  return {
    name: 's3',
    matches: (request) => signedService(request) === 's3',
    handle: (request, response) => track(answer(parts, log, { request, response })),
    createBucket(definition) {
      const bucket = readBucket(definition);
      buckets.set(bucket.name, bucket);
      sweptDay = undefined;
    },
    async close() {
      await sweeper.stop();
      await Promise.allSettled(underway);
      index.close();
    },
  };
}

const headBucket: Operation = (parts, { bucket }) => {
  findBucket(parts, bucket);
  return { headers: { 'x-amz-bucket-region': localPlace.region } };
};

/** S3 has no word for us-east-1, its first region. */
const getBucketLocation: Operation = (parts, { bucket }) => {
  findBucket(parts, bucket);
  return { body: writeDocument('LocationConstraint', localPlace.region === 'us-east-1' ? '' : localPlace.region) };
};

const operations: ReadonlyMap<string, Operation> = new Map([
  ['AbortMultipartUpload', abortMultipartUpload],
  ['CompleteMultipartUpload', completeMultipartUpload],
  ['CopyObject', copyObject],
  ['CreateMultipartUpload', createMultipartUpload],
  ['DeleteObject', deleteObject],
  ['DeleteObjects', deleteObjects],
  ['GetBucketLocation', getBucketLocation],
  ['GetObject', getObject],
  ['HeadBucket', headBucket],
  ['HeadObject', headObject],
  ['ListObjectsV2', listObjectsV2],
  ['PutObject', putObject],
  ['UploadPart', uploadPart],
]);

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(parts: S3Parts, log: (message: string) => void, { request, response }: Exchange): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  response.setHeader('x-amz-request-id', requestId);
  try {
    const call = readCall(request);
    const operation = operations.get(call.operation);
    if (operation === undefined) throw notImplemented(call.operation);
    checkCall(call);
    await send(response, await operation(parts, call));
  } catch (error) {
    if (!(error instanceof S3Error)) {
      // A client that goes away in the middle of an object has no use for an answer.
      if (response.destroyed || request.socket.destroyed) return;
      throw error;
    }
    if (error.code === 'NotImplemented') log(`aws: NOT EMULATED: ${error.message}`);
    const { code, message, details } = error;
    const body = writeError({ Code: code, Message: message, ...details, RequestId: requestId, HostId: 'local' });
    // An answer to HEAD has no body, so that its client learns no more than the status.
    await send(response, { status: error.status, ...(request.method !== 'HEAD' && { body }) });
  }
}

async function send(response: ServerResponse, { status = 200, headers = {}, body }: S3Answer): Promise<void> {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  if (body instanceof Readable) {
    await pipeline(body, response);
    return;
  }
  if (body !== undefined) {
    response.setHeader('content-type', 'application/xml');
    response.setHeader('content-length', Buffer.byteLength(body));
  }
  response.end(body);
}
