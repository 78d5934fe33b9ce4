import { describe, expect, it } from 'vitest';
import type { Database } from '../../../local/cloud/dynamodb/database.ts';
import { createDatabase } from '../../../local/cloud/dynamodb/database.ts';
import { createWriteQueue } from '../../../local/cloud/dynamodb/write-queue.ts';

/** A database in memory that counts its commits and can be told to fail them. */
async function openDatabase() {
  const database = createDatabase(undefined);
  await database.open();
  const disk = { commits: 0, isFull: false };
  const watched: Database = {
    ...database,
    async commit(changes) {
      disk.commits += 1;
      if (disk.isFull) throw new Error('disk full');
      await database.commit(changes);
    },
  };
  return { database: watched, disk };
}

const ignoreCommit = () => {};

describe('the write queue', () => {
  it('shows each write every earlier one and commits those that wait together as one batch', async () => {
    const { database, disk } = await openDatabase();
    const writes = createWriteQueue(database, ignoreCommit);
    const increments = Array.from({ length: 100 }, () =>
      writes.write((changes) => {
        const next = Number(changes.read('counter') ?? 0) + 1;
        changes.put('counter', next);
        return next;
      }),
    );
    expect(await Promise.all(increments)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(database.read('counter')).toBe(100);
    expect(disk.commits).toBe(2);
  });

  it('drops the changes of a write that refuses, and no other', async () => {
    const { database } = await openDatabase();
    const writes = createWriteQueue(database, ignoreCommit);
    const kept = writes.write((changes) => changes.put('kept', 1));
    const refused = writes.write((changes) => {
      changes.put('dropped', 1);
      throw new Error('condition failed');
    });
    await expect(refused).rejects.toThrow('condition failed');
    await kept;
    expect([database.read('kept'), database.read('dropped')]).toEqual([1, undefined]);
  });

  it('lets nothing write beside a write that runs alone', async () => {
    const { database } = await openDatabase();
    const writes = createWriteQueue(database, ignoreCommit);
    const order: string[] = [];
    await Promise.all([
      writes.write(() => order.push('before')),
      writes.writeAlone(async () => {
        order.push('alone starts');
        await new Promise((resolve) => setImmediate(resolve));
        order.push('alone ends');
      }),
      writes.write(() => order.push('after')),
    ]);
    expect(order).toEqual(['before', 'alone starts', 'alone ends', 'after']);
  });

  it('fails every write of a batch that the disk refused, and goes on afterwards', async () => {
    const { database, disk } = await openDatabase();
    const announced: string[] = [];
    const writes = createWriteQueue(database, (rows) => announced.push(...rows.keys()));
    disk.isFull = true;
    const failed = await Promise.allSettled([
      writes.write((changes) => changes.put('a', 1)),
      writes.write((changes) => changes.put('b', 1)),
    ]);
    expect(failed.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    disk.isFull = false;
    await writes.write((changes) => changes.put('c', 1));
    expect([database.read('a'), database.read('b'), database.read('c')]).toEqual([undefined, undefined, 1]);
    expect(announced).toEqual(['c']);
  });
});
