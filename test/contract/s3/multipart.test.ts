import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, startForTest, temporaryDirectory } from './s3-server.ts';

const Key = 'long';
/** The least that a part may have which is not the last. */
const first = Buffer.alloc(5 * 1024 ** 2, 'a');
const last = Buffer.from('the end');
const md5 = (...chunks: Uint8Array[]) => chunks.reduce((hash, chunk) => hash.update(chunk), createHash('md5')).digest();

async function begin(input: Partial<CreateMultipartUploadCommandInput> = {}, directory?: string) {
  const server = await startForTest({ ...(directory !== undefined && { directory }) });
  const { client } = server;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...input }));
  const upload = async (PartNumber: number, Body: Buffer): Promise<CompletedPart> => {
    const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { PartNumber, ETag };
  };
  const complete = (Parts: CompletedPart[], rest: { IfNoneMatch?: string } = {}) => {
    const target = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
    return client.send(new CompleteMultipartUploadCommand({ ...target, ...rest }));
  };
  const abort = () => client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  return { ...server, upload, complete, abort };
}

describe('an upload in parts', () => {
  it('becomes an object of its parts, in one step, with an ETag and a checksum of theirs', async () => {
    const directory = await temporaryDirectory();
    const { client, upload, complete } = await begin(
      { ContentType: 'text/x', Metadata: { rows: '2' }, ChecksumAlgorithm: 'CRC32' },
      directory,
    );
    const replaced = await upload(2, Buffer.from('is uploaded again'));
    const parts = [await upload(1, first), await upload(2, last)];
    expect(replaced.ETag).not.toBe(parts[1]?.ETag);
    const unseen = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(unseen.KeyCount).toBe(0);
    const { ETag, ChecksumType } = await complete(parts);
    expect(ETag).toBe(`"${md5(md5(first), md5(last)).toString('hex')}-2"`);
    expect(ChecksumType).toBe('COMPOSITE');
    const { Body, ...head } = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ETag, ContentType: 'text/x', Metadata: { rows: '2' }, ChecksumType });
    expect(head.ChecksumCRC32).toMatch(/^[\w+/]{6}==-2$/);
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat([first, last]))).toBe(true);
    await expect(complete(parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('leaves nothing when it is aborted', async () => {
    const { client, upload, complete, abort } = await begin();
    const part = await upload(1, last);
    await abort();
    await expect(abort()).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(upload(2, last)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(complete([part])).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('is refused where the parts are not those that were uploaded, and can still be ended well', async () => {
    const { read, upload, complete } = await begin();
    const parts = [await upload(1, last), await upload(2, last)];
    const [one, two] = parts as [CompletedPart, CompletedPart];
    await expect(complete([two, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete([one, { ...two, PartNumber: 3 }])).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete([{ ...one, ETag: '"0123"' }])).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete([one, two])).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete([])).rejects.toMatchObject({ name: 'MalformedXML' });
    await complete([two]);
    expect(await read(Key)).toBe(last.toString());
  });

  it('makes no object where one has come in the meantime and none may be', async () => {
    const { put, read, upload, complete } = await begin();
    const part = await upload(1, last);
    await put(Key, 'first');
    await expect(complete([part], { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await read(Key)).toBe('first');
    await complete([part]);
    expect(await read(Key)).toBe(last.toString());
  });

  it('refuses what is not emulated, and numbers that no part has', async () => {
    const { client, upload } = await begin();
    await expect(upload(0, last)).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(upload(10_001, last)).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(client.send(new ListPartsCommand({ Bucket, Key, UploadId: 'x' }))).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    const whole = new CreateMultipartUploadCommand({
      Bucket,
      Key,
      ChecksumType: 'FULL_OBJECT',
      ChecksumAlgorithm: 'CRC32',
    });
    await expect(client.send(whole)).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('wants of each part the checksum that was said at its beginning', async () => {
    const { client } = await begin();
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'SHA256' }),
    );
    const part = { Bucket, Key, UploadId, PartNumber: 1, Body: last };
    const other = client.send(new UploadPartCommand({ ...part, ChecksumAlgorithm: 'CRC32' }));
    await expect(other).rejects.toMatchObject({ name: 'InvalidRequest' });
    const { ETag, ChecksumSHA256 } = await client.send(new UploadPartCommand({ ...part, ChecksumAlgorithm: 'SHA256' }));
    expect(ChecksumSHA256).toBe(createHash('sha256').update(last).digest('base64'));
    const named = (value: string | undefined) => ({ Parts: [{ PartNumber: 1, ETag, ChecksumSHA256: value }] });
    const complete = (value: string | undefined) =>
      client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: named(value) }));
    await expect(complete('AAAA')).rejects.toMatchObject({ name: 'InvalidPart' });
    expect((await complete(ChecksumSHA256)).ChecksumSHA256).toMatch(/=-1$/);
  });
});
