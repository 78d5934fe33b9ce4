import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { ChecksumAlgorithm, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { receiveBody } from '../../../local/cloud/s3/body.ts';
import { Bucket, send, startForTest } from './s3-server.ts';

describe('writing on a condition', () => {
  const refused = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };

  it('makes an object only where there is none', async () => {
    const { put, read } = await startForTest();
    await put('a', 'first', { IfNoneMatch: '*' });
    await expect(put('a', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject(refused);
    expect(await read('a')).toBe('first');
  });

  it('replaces the object only while it is the one that was read', async () => {
    const { put, read } = await startForTest();
    const { ETag } = await put('a', 'first');
    await expect(put('a', 'x', { IfMatch: '"0123"' })).rejects.toMatchObject(refused);
    await put('a', 'second', { IfMatch: ETag });
    await expect(put('a', 'third', { IfMatch: ETag })).rejects.toMatchObject(refused);
    await expect(put('none', 'x', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read('a')).toBe('second');
  });

  it('lets one of many win that write at once', async () => {
    const { put, read } = await startForTest();
    const bodies = Array.from({ length: 20 }, (_, index) => `writer ${index}`);
    const outcomes = await Promise.allSettled(bodies.map((body) => put('a', body, { IfNoneMatch: '*' })));
    const winners = bodies.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners).toEqual([await read('a')]);
    const { ETag } = await put('a', 'again');
    const replaced = await Promise.allSettled(bodies.map((body) => put('a', body, { IfMatch: ETag })));
    expect(replaced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('refuses an ETag where S3 takes none', async () => {
    const { put } = await startForTest();
    await expect(put('a', 'x', { IfNoneMatch: '"0123"' })).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

describe('checksums', () => {
  /** Of `123456789`, which catalogues of such algorithms give as their check value. */
  const ofDigits = {
    CRC32: Buffer.from('cbf43926', 'hex').toString('base64'),
    CRC32C: Buffer.from('e3069283', 'hex').toString('base64'),
    SHA1: createHash('sha1').update('123456789').digest('base64'),
    SHA256: createHash('sha256').update('123456789').digest('base64'),
  };
  const names = Object.keys(ofDigits) as (keyof typeof ofDigits)[];

  it.each(names)('%s is checked, kept, and told when it is asked for', async (name) => {
    const { client, put } = await startForTest();
    const field = `Checksum${name}` as const;
    expect((await put('a', '123456789', { [field]: ofDigits[name] }))[field]).toBe(ofDigits[name]);
    const asked = await client.send(new HeadObjectCommand({ Bucket, Key: 'a', ChecksumMode: 'ENABLED' }));
    expect(asked).toMatchObject({ [field]: ofDigits[name], ChecksumType: 'FULL_OBJECT' });
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'a' })))[field]).toBeUndefined();
    await expect(put('a', 'other', { [field]: ofDigits[name] })).rejects.toMatchObject({ name: 'BadDigest' });
  });

  it.each([1, 1_000, 200_000])('a stream of %d bytes comes in pieces with its checksum behind them', async (bytes) => {
    const { client } = await startForTest();
    const body = Buffer.from(Array.from({ length: bytes }, (_, index) => index % 251));
    const pieces = [body.subarray(0, bytes / 3), body.subarray(bytes / 3, bytes / 2), body.subarray(bytes / 2)];
    const input = {
      Bucket,
      Key: 'a',
      Body: Readable.from(pieces.filter(({ length }) => length > 0)),
      ContentLength: bytes,
    };
    await client.send(new PutObjectCommand({ ...input, ContentEncoding: 'gzip' }));
    const { Body, ...head } = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    const expected = Buffer.alloc(4);
    expected.writeUInt32BE(crc32(body));
    expect(head).toMatchObject({
      ContentEncoding: 'gzip',
      ContentLength: bytes,
      ChecksumCRC32: expected.toString('base64'),
    });
    expect(body.equals(Buffer.from((await Body?.transformToByteArray()) ?? []))).toBe(true);
  });

  it('those that are not here are refused by name', async () => {
    const { url, lines } = await startForTest();
    const others = Object.values(ChecksumAlgorithm).filter((name) => !names.some((known) => known === name));
    for (const name of others) {
      const headers = { [`x-amz-checksum-${name.toLowerCase()}`]: 'AAAA' };
      expect((await send(`${url}/${Bucket}/a`, { method: 'PUT', body: 'x', headers })).status).toBe(501);
    }
    expect(lines.map((line) => line.split(' ').at(-1))).toEqual(others.map((name) => name.toLowerCase()));
  });
});

it('that finds the disk full keeps its connection, on which it is answered', async () => {
  const full = createServer((incoming, response) => {
    const write = () => Promise.reject(new Error('ENOSPC: no space left on device'));
    receiveBody(incoming, { bytesMax: 10_000_000, write }).catch((error: Error) => {
      response.end(`${error.message}, ${incoming.destroyed ? 'cut off' : 'connected'}`);
    });
  });
  onTestFinished(() => void full.close());
  await once(full.listen(0, '127.0.0.1'), 'listening');
  const { port } = full.address() as AddressInfo;
  for (const streaming of ['', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER']) {
    const headers = { 'x-amz-content-sha256': streaming, 'x-amz-decoded-content-length': '5' };
    const body = streaming === '' ? Buffer.alloc(1_000_000) : '5\r\nhello\r\n0\r\n\r\n';
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'PUT', body, headers });
    expect(await response.text()).toBe('ENOSPC: no space left on device, connected');
  }
});

describe('a body that is not what was said of it', () => {
  const trailer = (rest: Record<string, string> = {}) => ({
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-trailer': 'x-amz-checksum-crc32',
    ...rest,
  });
  const chunked = (bytes: number) => trailer({ 'x-amz-decoded-content-length': String(bytes) });

  it.each<[code: string, body: string, headers: Record<string, string>]>([
    ['BadDigest', 'hello', { 'content-md5': createHash('md5').update('hullo').digest('base64') }],
    ['InvalidDigest', 'hello', { 'content-md5': 'AAAA' }],
    ['BadDigest', 'hello', { 'x-amz-checksum-crc32': 'AAAAAA==' }],
    ['InvalidRequest', 'hello', { 'x-amz-checksum-crc32': 'NhCmhg==', 'x-amz-checksum-sha1': 'AAAA' }],
    ['XAmzContentSHA256Mismatch', 'hello', { 'x-amz-content-sha256': '0'.repeat(64) }],
    ['MissingContentLength', '5\r\nhello\r\n0\r\n\r\n', trailer()],
    ['MalformedTrailerError', '5\r\nhello\r\n0\r\n\r\n', chunked(5)],
    ['BadDigest', '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', chunked(5)],
    ['IncompleteBody', '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', chunked(6)],
    ['IncompleteBody', '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', chunked(4)],
    ['IncompleteBody', '6\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', chunked(5)],
    ['IncompleteBody', '4\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', chunked(5)],
    ['IncompleteBody', '5\r\nhello\r\n', chunked(5)],
    ['IncompleteBody', 'hello', chunked(5)],
    ['IncompleteBody', `${'f'.repeat(5_000)}`, chunked(5)],
    ['MetadataTooLarge', 'hello', { 'x-amz-meta-long': 'x'.repeat(2_045) }],
  ])('is refused with %s, and nothing is written', async (code, body, headers) => {
    const { url, put, read } = await startForTest();
    await put('a', 'before');
    const response = await send(`${url}/${Bucket}/a`, { method: 'PUT', body, headers });
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
    expect(await read('a')).toBe('before');
  });

  it('is taken in signed pieces as well, whose signatures are not looked at', async () => {
    const { url, read } = await startForTest();
    const body = '5;chunk-signature=00\r\nhello\r\n1;chunk-signature=11\r\n!\r\n0;chunk-signature=22\r\n\r\n';
    const headers = {
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-decoded-content-length': '6',
    };
    expect((await send(`${url}/${Bucket}/a`, { method: 'PUT', body, headers })).status).toBe(200);
    expect(await read('a')).toBe('hello!');
  });

  it('that ends in the middle leaves nothing', async () => {
    const { url, put, read } = await startForTest();
    await put('a', 'before');
    const headers = { authorization: 'Credential=local/20260101/us-east-1/s3/aws4_request', 'content-length': 200_000 };
    const upload = request(`${url}/${Bucket}/a`, { method: 'PUT', headers });
    const ended = once(upload, 'error');
    upload.write(Buffer.alloc(100_000), () => upload.destroy(new Error('the client is gone')));
    await ended;
    expect(await read('a')).toBe('before');
  });
});
