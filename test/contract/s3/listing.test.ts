import { ListObjectsV2Command, type ListObjectsV2CommandInput, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';
import { Bucket, startForTest, startMs } from './s3-server.ts';

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** What S3's documentation says a whole list is, without pages. */
function expectedList(keys: readonly string[], { prefix = '', delimiter = '', startAfter = '' }): string[] {
  const entries = keys
    .filter((key) => key.startsWith(prefix) && byBytes(key, startAfter) > 0)
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : `${key.slice(0, end + delimiter.length)}*`;
    });
  return [...new Set(entries)].sort((left, right) => byBytes(left.replace(/\*$/, ''), right.replace(/\*$/, '')));
}

describe('a list', () => {
  it('is in the order of UTF-8, whatever order JavaScript would put names in', async () => {
    const { client, put } = await startForTest();
    const keys = ['a', 'B', 'a/b', 'a-b', 'é', '\uffee', '🙂', 'a/'];
    for (const key of keys) await put(key);
    const { Contents, KeyCount, IsTruncated, MaxKeys } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['B', 'a', 'a-b', 'a/', 'a/b', 'é', '\uffee', '🙂']);
    expect({ KeyCount, IsTruncated, MaxKeys }).toEqual({ KeyCount: 8, IsTruncated: false, MaxKeys: 1000 });
    expect([...keys].sort()).not.toEqual(Contents?.map(({ Key }) => Key));
  });

  it('tells size, time and ETag, and the owner who is asked for', async () => {
    const { client, put } = await startForTest();
    const { ETag } = await put('a', 'hello');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }));
    const Owner = { ID: '000000000000' };
    expect(Contents).toEqual([
      {
        Key: 'a',
        Size: 5,
        ETag,
        LastModified: new Date(startMs),
        StorageClass: 'STANDARD',
        ChecksumAlgorithm: ['CRC32'],
        Owner,
      },
    ]);
  });

  it.each<[name: string, input: Partial<ListObjectsV2CommandInput>]>([
    ['max-keys', { MaxKeys: -1 }],
    ['continuation-token', { ContinuationToken: 'no token!' }],
    ['encoding-type', { EncodingType: 'latin' as 'url' }],
  ])('refuses a wrong %s', async (ArgumentName, input) => {
    const { client } = await startForTest();
    await expect(client.send(new ListObjectsV2Command({ Bucket, ...input }))).rejects.toMatchObject({
      ...{ name: 'InvalidArgument', ArgumentName },
    });
  });

  it('is of nothing when nothing is asked for', async () => {
    const { client, put } = await startForTest();
    await put('a');
    const answer = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    expect(answer).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it('names what XML cannot hold in the spelling of addresses', async () => {
    const { client, put } = await startForTest();
    await put('a b/(c)\u0001&é');
    const input = { Bucket, EncodingType: 'url', Prefix: 'a b/', Delimiter: '&', StartAfter: 'a b' } as const;
    expect(await client.send(new ListObjectsV2Command(input))).toMatchObject({
      ...{ EncodingType: 'url', Prefix: 'a+b/', Delimiter: '%26', StartAfter: 'a+b' },
      CommonPrefixes: [{ Prefix: 'a+b/%28c%29%01%26' }],
    });
  });

  it('of any names, prefix, delimiter and page size is what the whole list is, in pages that are full', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', 'é', '🙂'), minLength: 1, maxLength: 6 });
    const options = fc.record({
      prefix: fc.constantFrom('', 'a', 'a/', 'é', 'b-'),
      delimiter: fc.constantFrom('', '/', '-a', '🙂'),
      startAfter: fc.oneof(fc.constant(''), name),
      pageSize: fc.integer({ min: 1, max: 7 }),
    });
    const { client, put } = await startForTest();
    const keys: string[] = [];
    const property = fc.asyncProperty(fc.array(name, { maxLength: 4 }), options, async (added, asked) => {
      for (const key of added) await put(key, 'x');
      keys.push(...added.filter((key) => !keys.includes(key)));
      const { prefix: Prefix, delimiter: Delimiter, startAfter: StartAfter, pageSize } = asked;
      const entries: string[] = [];
      const pages = paginateListObjectsV2({ client, pageSize }, { Bucket, Prefix, Delimiter, StartAfter });
      const counts: number[] = [];
      for await (const { Contents = [], CommonPrefixes = [], KeyCount = 0 } of pages) {
        expect(KeyCount).toBe(Contents.length + CommonPrefixes.length);
        counts.push(KeyCount);
        entries.push(...Contents.map(({ Key }) => String(Key)), ...CommonPrefixes.map((common) => `${common.Prefix}*`));
      }
      expect([...entries].sort()).toEqual(expectedList(keys, asked).sort());
      expect(counts.slice(0, -1).every((count) => count === pageSize)).toBe(true);
    });
    await fc.assert(property, { numRuns: 60 });
  });
});
