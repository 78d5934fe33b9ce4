import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { createCatalog } from '../../../local/cloud/dynamodb/catalog.ts';
import { createDatabase } from '../../../local/cloud/dynamodb/database.ts';
import { createStore, type StoreContext } from '../../../local/cloud/dynamodb/store.ts';
import { createChangeStreams } from '../../../local/cloud/dynamodb/streams/change-streams.ts';
import { firstPosition } from '../../../local/cloud/dynamodb/streams/sequence-numbers.ts';
import { setStream, streamOf } from '../../../local/cloud/dynamodb/streams/stream.ts';
import { trimStreams } from '../../../local/cloud/dynamodb/streams/trimming.ts';
import { createWriteQueue } from '../../../local/cloud/dynamodb/write-queue.ts';

const TableName = 'orders';
const ids = ['a', 'b', 'c', 'd'];

afterEach(() => vi.restoreAllMocks());

/** A table with a stream in memory, and one record of 10,003 bytes per id. */
async function startStream() {
  const database = createDatabase(undefined);
  await database.open();
  onTestFinished(() => database.close());
  const catalog = createCatalog(database);
  const writes = createWriteQueue(database, catalog.follow);
  const context: StoreContext = { database, catalog, region: 'r', accountId: '0', nowMs: () => 0 };
  const streams = createChangeStreams({ database, catalog, writes: () => writes });
  await writes.write((changes) => {
    const table = { TableName, TableStatus: 'ACTIVE', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] };
    changes.put(`table~${TableName}`, { ...table, AttributeDefinitions: [], TableArn: 'arn:table' });
    const specification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } as const;
    setStream(changes, TableName, { specification, label: 'now' });
  });
  for (const id of ids) {
    await writes.write((changes) => {
      const items = createStore(context, changes.read, changes).getItemDb(TableName);
      items.put(id, { id: { S: id }, text: { S: 'x'.repeat(9_993) } }, () => undefined);
    });
  }
  const stream = streamOf(catalog.table(TableName));
  if (stream === undefined) throw new Error('the table has no stream');
  const kept = async () => {
    const records = await streams.read(stream, { after: firstPosition, recordsMax: 10 });
    return records.map(({ dynamodb }) => dynamodb.Keys.id?.S);
  };
  return { context, writes, kept };
}

it.each([
  [40_100, ids],
  [40_000, ['b', 'c', 'd']],
  [10_100, ['d']],
  [10, []],
])('a stream of four records of 10,003 bytes, bound to %d, keeps the last %j', async (bytesMax, expected) => {
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { context, writes, kept } = await startStream();
  await trimStreams(context, writes, { isStopped: () => false, bounds: { bytesMax } });
  expect(await kept()).toEqual(expected);
  const dropped = ids.length - expected.length;
  expect(complaint.mock.calls.map(([text]) => text)).toEqual(
    dropped === 0 ? [] : [`the stream of table orders is full: ${dropped} records less than a day old were dropped`],
  );
});

it('a sweep that is stopped trims nothing more', async () => {
  const { context, writes, kept } = await startStream();
  await trimStreams(context, writes, { isStopped: () => true, bounds: { bytesMax: 10 } });
  expect(await kept()).toEqual(ids);
});
