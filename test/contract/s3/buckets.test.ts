import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { type BucketDefinition, createS3 } from '../../../local/cloud/s3/index.ts';
import { dueBeforeMs, dueMs } from '../../../local/cloud/s3/lifecycle.ts';
import fc from '../../support/property.ts';
import { waitFor } from '../../support/waiting.ts';
import { Bucket, createClient, startForTest, startMs, startS3, temporaryDirectory } from './s3-server.ts';

const dayMs = 86_400_000;
const Rules = [
  { Id: 'expire trades', Status: 'Enabled', Prefix: 'trades/', ExpirationInDays: 3 },
  { Id: 'off', Status: 'Disabled', Prefix: 'candles/', ExpirationInDays: 1 },
  { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
];
const expiring: BucketDefinition = { BucketName: Bucket, LifecycleConfiguration: { Rules } };

const blobsIn = (directory: string): string[] =>
  readdirSync(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('lifecycle', () => {
  it('removes objects of a prefix at the midnight after their days, and no others', async () => {
    const directory = await temporaryDirectory();
    const { client, clock, put } = await startForTest({ directory, buckets: [expiring] });
    const keys = async () => (await client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key);
    for (const key of ['trades/a', 'trades/b', 'candles/a', 'trades']) await put(key);
    const { Expiration } = await client.send(new HeadObjectCommand({ Bucket, Key: 'trades/a' }));
    // S3's own example: what is written on the first in the morning and lives three days goes at midnight to the fifth.
    expect(Expiration).toBe('expiry-date="Mon, 05 Jan 2026 00:00:00 GMT", rule-id="expire%20trades"');
    clock.advance(Date.UTC(2026, 0, 4, 23, 59) - startMs);
    await put('trades/b', 'written again');
    expect(await keys()).toEqual(['candles/a', 'trades', 'trades/a', 'trades/b']);
    clock.advance(120_000);
    await waitFor(async () => expect(await keys()).toEqual(['candles/a', 'trades', 'trades/b']));
    await waitFor(() => expect(blobsIn(directory)).toHaveLength(3));
  });

  it('removes the parts of uploads that nobody has ended', async () => {
    const directory = await temporaryDirectory();
    const { client, clock } = await startForTest({ directory, buckets: [expiring] });
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    const part = { Bucket, Key: 'a', UploadId, PartNumber: 1 };
    const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: 'x' }));
    expect(blobsIn(directory)).toHaveLength(1);
    clock.advance(2 * dayMs);
    await waitFor(() => expect(blobsIn(directory)).toEqual([]));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const complete = new CompleteMultipartUploadCommand({ Bucket, Key: 'a', UploadId, MultipartUpload });
    await expect(client.send(complete)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('what is due is told alike before and after, at any instant', () => {
    const instant = fc.integer({ min: startMs, max: startMs + 10 * dayMs });
    const near = fc.oneof(
      instant,
      fc.integer({ min: 0, max: 20 }).map((day) => Date.UTC(2026, 0, day)),
    );
    fc.assert(
      fc.property(near, near, fc.integer({ min: 1, max: 5 }), (written, now, days) => {
        expect(written < dueBeforeMs(now, days)).toBe(dueMs(written, days) <= now);
      }),
    );
  });
});

describe('a bucket', () => {
  it('is there or is not', async () => {
    const { client } = await startForTest();
    expect((await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('us-east-1');
    expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    await expect(client.send(new HeadBucketCommand({ Bucket: 'none' }))).rejects.toMatchObject({ name: 'NotFound' });
    for (const command of [
      new PutObjectCommand({ Bucket: 'none', Key: 'a', Body: 'x' }),
      new ListObjectsV2Command({ Bucket: 'none' }),
    ]) {
      await expect(client.send(command as PutObjectCommand)).rejects.toMatchObject({ name: 'NoSuchBucket' });
    }
  });
});

describe('a definition', () => {
  const create = (definition: Partial<BucketDefinition>) => {
    const s3 = createS3({ clock: createMovableClock(), log: () => {} });
    s3.createBucket({ BucketName: Bucket, ...definition });
  };

  it.each([
    ['AccelerateConfiguration is not emulated', { AccelerateConfiguration: {} }],
    ['versioning is not emulated', { VersioningConfiguration: { Status: 'Enabled' } }],
    ['must be 3 to 63 lower-case letters', { BucketName: 'Archive' }],
    ['must be 3 to 63 lower-case letters', { BucketName: 'a..b' }],
    ['TagFilters of a lifecycle rule is not emulated', { LifecycleConfiguration: { Rules: [{ TagFilters: [] }] } }],
    ['whole number above 0', { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 0 }] } }],
  ])('is refused: %s', (problem, definition) => {
    expect(() => create(definition)).toThrow(problem);
  });

  it('may say what changes nothing on one machine', () => {
    const PublicAccessBlockConfiguration = { BlockPublicAcls: true };
    expect(() =>
      create({ PublicAccessBlockConfiguration, VersioningConfiguration: { Status: 'Suspended' } }),
    ).not.toThrow();
  });
});

it('an object whose bytes are lost is a failure of the emulation, and told as one', async () => {
  const directory = await temporaryDirectory();
  const { client, lines, put } = await startForTest({ directory });
  await put('a');
  rmSync(join(directory, 'blobs'), { recursive: true });
  const read = client.send(new GetObjectCommand({ Bucket, Key: 'a' }));
  await expect(read).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  expect(lines.join()).toContain('ENOENT');
});

describe('a restart', () => {
  it('finds objects, their headers and uploads under way, and keeps no bytes that belong to nothing', async () => {
    const directory = await temporaryDirectory();
    const before = await startS3({ directory });
    const { ETag } = await before.put('a', 'kept', { Metadata: { rows: '1' } });
    await before.put('b', 'old');
    await before.put('b', 'new');
    const { UploadId } = await before.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'c' }));
    const part = await before.client.send(
      new UploadPartCommand({ Bucket, Key: 'c', UploadId, PartNumber: 1, Body: 'c' }),
    );
    await before.close();
    const { client, read } = await startForTest({ directory });
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).toMatchObject({
      ETag,
      Metadata: { rows: '1' },
    });
    expect([await read('a'), await read('b')]).toEqual(['kept', 'new']);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'c', UploadId, MultipartUpload }));
    expect(await read('c')).toBe('c');
    expect(blobsIn(directory)).toHaveLength(3);
  });
});

it('whoever is killed while they write leaves whole objects, old or new, and no bytes that belong to nothing', async () => {
  const directory = await temporaryDirectory();
  const length = 300_000;
  const bodyOf = (fill: string) => fill.repeat(length);
  const server = fork(fileURLToPath(new URL('server-process.ts', import.meta.url)), [directory], { silent: true });
  onTestFinished(() => void server.kill('SIGKILL'));
  const [line] = await once(server.stdout ?? process.stdin, 'data');
  const client = createClient(String(line).trim());
  const put = (Key: string, fill: string) => client.send(new PutObjectCommand({ Bucket, Key, Body: bodyOf(fill) }));
  const keys = ['a', 'b', 'c', 'd'];
  await Promise.all(keys.map((key) => put(key, '0')));
  const acknowledged = new Map(keys.map((key) => [key, 0]));
  const writing = keys.map(async (key) => {
    for (let round = 1; round < 10; round += 1) {
      await put(key, String(round));
      acknowledged.set(key, round);
      if (key === 'c' && round === 3) server.kill('SIGKILL');
    }
  });
  const outcomes = await Promise.allSettled(writing);
  expect(outcomes.map(({ status }) => status)).toEqual(keys.map(() => 'rejected'));
  client.destroy();
  const { read } = await startForTest({ directory });
  for (const key of keys) {
    const text = (await read(key)) ?? '';
    expect(text).toBe(bodyOf(text.slice(0, 1)));
    expect(Number(text.slice(0, 1))).toBeGreaterThanOrEqual(acknowledged.get(key) ?? 0);
  }
  expect(blobsIn(directory)).toHaveLength(keys.length);
});
