import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, send, startForTest, startMs, temporaryDirectory } from './s3-server.ts';

const md5OfHello = '5d41402abc4b2a76b9719d911017c592';

describe('an object', () => {
  it('comes back as it was sent, with its headers, metadata and MD5', async () => {
    const { client, put } = await startForTest();
    const Metadata = { symbol: 'BTC/USDT', rows: '1440' };
    const { ETag } = await put('a.parquet', 'hello', { ContentType: 'text/x', CacheControl: 'no-store', Metadata });
    expect(ETag).toBe(`"${md5OfHello}"`);
    const { Body, ...head } = await client.send(new GetObjectCommand({ Bucket, Key: 'a.parquet' }));
    expect(await Body?.transformToString()).toBe('hello');
    expect(head).toMatchObject({
      ...{ ETag, Metadata, ContentType: 'text/x', CacheControl: 'no-store', ContentLength: 5, AcceptRanges: 'bytes' },
      ...{ LastModified: new Date(startMs), ChecksumCRC32: 'NhCmhg==', ChecksumType: 'FULL_OBJECT' },
    });
    const { ContentLength, Metadata: metadata } = await client.send(
      new HeadObjectCommand({ Bucket, Key: 'a.parquet' }),
    );
    expect({ ContentLength, metadata }).toEqual({ ContentLength: 5, metadata: Metadata });
  });

  it('may be empty', async () => {
    const { put, read } = await startForTest();
    await put('empty', Buffer.alloc(0));
    expect(await read('empty')).toBe('');
  });

  it('is replaced as a whole, with its metadata', async () => {
    const { client, put, read } = await startForTest();
    await put('a', 'first and long', { Metadata: { old: 'yes' } });
    await put('a', 'second');
    expect(await read('a')).toBe('second');
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).Metadata).toEqual({});
  });

  it('under a key of KMS has an ETag that is no MD5, and another one for every write', async () => {
    const ServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'key' };
    const BucketEncryption = { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault }] };
    const { put } = await startForTest({ buckets: [{ BucketName: Bucket, BucketEncryption }] });
    const [first, second] = [await put('a', 'hello'), await put('a', 'hello')];
    expect(first.ServerSideEncryption).toBe('aws:kms');
    expect(first.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(new Set([first.ETag, second.ETag, `"${md5OfHello}"`]).size).toBe(3);
  });

  it.each([
    'a b+c%20d',
    'candles/venue=binance/symbol=BTC-USDT/date=2026-01-01/candles.parquet',
    'ключ/日本/🙂',
    './../..//a//',
    '<&>"\'\r\n\t\u0001',
    '?x=1&y=2#z',
    `${'k'.repeat(1022)}é`,
  ])('may be called %j', async (key) => {
    const { client, put, read } = await startForTest();
    await put(key, 'here');
    await put([...key].slice(0, -1).join(''), 'a name that the other begins with');
    expect(await read(key)).toBe('here');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
    expect(Contents?.map(({ Key }) => decodeURIComponent(String(Key).replaceAll('+', ' ')))).toContain(key);
    await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    await expect(read(key)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('may not be called by more than 1024 bytes', async () => {
    const { put } = await startForTest();
    await expect(put('é'.repeat(513))).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });

  it('that is not there is refused by name, and by status alone where no body can say it', async () => {
    const { client, read } = await startForTest();
    await expect(read('none')).rejects.toMatchObject({
      name: 'NoSuchKey',
      message: 'The specified key does not exist.',
    });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(client.send(new DeleteObjectCommand({ Bucket, Key: 'none' }))).resolves.toBeDefined();
  });
});

describe('a part of an object', () => {
  it.each([
    ['bytes=2-5', '2345', 'bytes 2-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ])('%s', async (Range, expected, ContentRange) => {
    const { client, put } = await startForTest();
    await put('a', '0123456789');
    const { Body, ...head } = await client.send(new GetObjectCommand({ Bucket, Key: 'a', Range }));
    expect(await Body?.transformToString()).toBe(expected);
    expect(head).toMatchObject({ ContentRange, ContentLength: expected.length });
    expect(head.ChecksumCRC32).toBeUndefined();
  });

  it.each(['bytes=5-2', 'lines=1-2', 'bytes=-', 'bytes=0-1,4-5'])('%s is passed over: all comes', async (Range) => {
    const { client, put } = await startForTest();
    await put('a', '0123456789');
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'a', Range }));
    expect(await Body?.transformToString()).toBe('0123456789');
  });

  it.each(['bytes=10-', 'bytes=-0'])('%s has no byte of it', async (Range) => {
    const { client, put } = await startForTest();
    await put('a', '0123456789');
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'a', Range }))).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });
});

describe('reading on a condition', () => {
  const etag = `"${md5OfHello}"`;
  const [before, after] = [new Date(startMs - 1000), new Date(startMs + 1000)];
  it.each<[input: Partial<GetObjectCommandInput>, status: number]>([
    [{ IfMatch: etag }, 200],
    [{ IfMatch: '*' }, 200],
    [{ IfMatch: '"other"' }, 412],
    [{ IfNoneMatch: etag }, 304],
    [{ IfNoneMatch: '"other"' }, 200],
    [{ IfModifiedSince: before }, 200],
    [{ IfModifiedSince: new Date(startMs) }, 304],
    [{ IfUnmodifiedSince: before }, 412],
    [{ IfUnmodifiedSince: after }, 200],
    [{ IfMatch: etag, IfUnmodifiedSince: before }, 200],
    [{ IfNoneMatch: etag, IfModifiedSince: before }, 304],
    [{ IfNoneMatch: '"other"', IfModifiedSince: after }, 200],
  ])('%j is answered with %d', async (input, expected) => {
    const { client, put } = await startForTest();
    await put('a', 'hello');
    const status = await client.send(new GetObjectCommand({ Bucket, Key: 'a', ...input })).then(
      ({ $metadata }) => $metadata.httpStatusCode,
      (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
    );
    expect(status).toBe(expected);
  });
});

describe('deleting', () => {
  it('removes many at once, those that are not there too, and says which', async () => {
    const { client, put } = await startForTest();
    for (const key of ['a', 'b<&>', 'c']) await put(key);
    const Objects = [{ Key: 'a' }, { Key: 'b<&>' }, { Key: 'none' }];
    const { Deleted, Errors } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect({ Deleted, Errors }).toEqual({ Deleted: Objects, Errors: undefined });
    const quiet = { Objects: [{ Key: 'none' }], Quiet: true };
    expect((await client.send(new DeleteObjectsCommand({ Bucket, Delete: quiet }))).Deleted).toBeUndefined();
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key)).toEqual(['c']);
  });

  it('happens on the condition that the object is still the one that was read', async () => {
    const { client, put, read } = await startForTest();
    await put('a', 'hello');
    const remove = (IfMatch: string) => client.send(new DeleteObjectCommand({ Bucket, Key: 'a', IfMatch }));
    await expect(remove('"other"')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await read('a')).toBe('hello');
    await remove(`"${md5OfHello}"`);
    await expect(remove(`"${md5OfHello}"`)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it.each([
    ['MalformedXML', '<Delete></Delete>'],
    ['MalformedXML', '<Delete><Object><Key>a</Key></Object>'],
    ['MalformedXML', '<Delete><Object><Key>&nope;</Key></Object></Delete>'],
    ['MalformedXML', `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`],
    ['NotImplemented', '<Delete><Object><Key>a</Key><VersionId>1</VersionId></Object></Delete>'],
  ])('refuses with %s what it does not understand', async (code, body) => {
    const { url } = await startForTest();
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
    const response = await send(`${url}/${Bucket}?delete`, { method: 'POST', body, headers });
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
  });

  it('refuses a list that could have changed on its way', async () => {
    const { url } = await startForTest();
    const body = '<Delete><Object><Key>a</Key></Object></Delete>';
    const response = await send(`${url}/${Bucket}?delete`, { method: 'POST', body });
    expect(await response.text()).toContain('<Code>InvalidRequest</Code>');
  });
});

describe('copying', () => {
  it('takes the object with its metadata and checksum, or with other metadata', async () => {
    const { client, put } = await startForTest();
    await put('from/a b', 'hello', { Metadata: { rows: '1' }, ChecksumAlgorithm: 'SHA256' });
    const CopySource = encodeURI(`${Bucket}/from/a b`);
    const { CopyObjectResult } = await client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource }));
    expect(CopyObjectResult).toMatchObject({ ETag: `"${md5OfHello}"`, LastModified: new Date(startMs) });
    const read = () =>
      client.send(new GetObjectCommand({ Bucket, Key: 'to' })).then(async ({ Body, ...head }) => ({
        ...head,
        text: await Body?.transformToString(),
      }));
    const ChecksumSHA256 = 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=';
    expect(await read()).toMatchObject({ text: 'hello', Metadata: { rows: '1' }, ChecksumSHA256 });
    const rest = { MetadataDirective: 'REPLACE', Metadata: { rows: '2' } } as const;
    await client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `/${Bucket}/to`, ...rest }));
    expect(await read()).toMatchObject({ text: 'hello', Metadata: { rows: '2' } });
  });

  it.each([
    ['NoSuchKey', { CopySource: `${Bucket}/none` }],
    ['NoSuchBucket', { CopySource: 'none/a' }],
    ['InvalidRequest', { CopySource: `${Bucket}/a`, Key: 'a' }],
    ['InvalidArgument', { CopySource: Bucket }],
    ['PreconditionFailed', { CopySource: `${Bucket}/a`, CopySourceIfMatch: '"other"' }],
    ['PreconditionFailed', { CopySource: `${Bucket}/a`, CopySourceIfNoneMatch: `"${md5OfHello}"` }],
  ])('is refused with %s', async (name, input) => {
    const { client, put } = await startForTest();
    await put('a', 'hello');
    await expect(client.send(new CopyObjectCommand({ Bucket, Key: 'b', ...input }))).rejects.toMatchObject({ name });
  });
});

describe('what is not emulated', () => {
  it('is refused by name, and told to the log', async () => {
    const { client, lines } = await startForTest();
    const refused = { name: 'NotImplemented' };
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await expect(
      client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration })),
    ).rejects.toMatchObject(refused);
    await expect(client.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }))).rejects.toMatchObject(refused);
    await expect(client.send(new ListObjectsCommand({ Bucket }))).rejects.toMatchObject(refused);
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'a', VersionId: 'v' }))).rejects.toMatchObject(
      refused,
    );
    await expect(
      client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', Tagging: 'a=b' })),
    ).rejects.toMatchObject(refused);
    await expect(
      client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', ACL: 'public-read' })),
    ).rejects.toMatchObject(refused);
    expect(lines.map((line) => line.replace('aws: NOT EMULATED: the embedded cloud does not emulate s3 ', ''))).toEqual(
      [
        'PutBucketVersioning',
        'GetObjectTagging',
        'ListObjects',
        'GetObject with versionId',
        'PutObject with x-amz-tagging',
        'PutObject with x-amz-acl',
      ],
    );
  });

  it('does not include being another account', async () => {
    const { client, put } = await startForTest();
    await put('a', 'x', { ExpectedBucketOwner: '000000000000' });
    const other = new GetObjectCommand({ Bucket, Key: 'a', ExpectedBucketOwner: '111122223333' });
    await expect(client.send(other)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

it('a reader gets the object whole that was there when it began, whatever is written meanwhile', async () => {
  const { client, put, read } = await startForTest({ directory: await temporaryDirectory() });
  const bytes = 4 * 1024 ** 2;
  await put('a', Buffer.alloc(bytes, 'a'));
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }));
  await put('a', 'new');
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  const chunks = await (Body as Readable).toArray();
  const whole = Buffer.concat(chunks as Buffer[]);
  expect(whole.equals(Buffer.alloc(bytes, 'a'))).toBe(true);
  await expect(read('a')).rejects.toMatchObject({ name: 'NoSuchKey' });
});
