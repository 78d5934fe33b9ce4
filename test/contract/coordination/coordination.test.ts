import { DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createCoordinationTable } from '@nightdesk/aws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCoordinationTable, type TestTable } from '../../support/coordination-table.ts';
import { createMemoryCoordination } from '../../support/memory-coordination.ts';
import { coordinationContract } from './coordination-contract.ts';

coordinationContract('memory', async () => {
  const store = createMemoryCoordination();
  return { connect: () => store, close: async () => {} };
});

coordinationContract('the table', async () => {
  const table = await startCoordinationTable();
  return { connect: () => createCoordinationTable(table.client, table.name), close: () => table.close() };
});

describe('the table of shared rows', () => {
  let table: TestTable;
  beforeEach(async () => {
    table = await startCoordinationTable();
  });
  afterEach(() => table.close());

  const count = (row?: Readonly<Record<string, string | number>>) => {
    const total = Number(row?.total ?? 0) + 1;
    return { row: { total }, expiresAtMs: 1_795_000_000_001, result: total };
  };

  it('says in seconds when a row has no meaning any more, not before it has none', async () => {
    await createCoordinationTable(table.client, table.name).change('a', count);
    const { Item } = await table.client.send(new GetItemCommand({ TableName: table.name, Key: { key: { S: 'a' } } }));
    expect(Item?.expiresAt).toEqual({ N: '1795000001' });
  });

  it('begins anew where the row was removed', async () => {
    const store = createCoordinationTable(table.client, table.name);
    await store.change('a', count);
    await store.change('a', count);
    await table.client.send(new DeleteItemCommand({ TableName: table.name, Key: { key: { S: 'a' } } }));
    expect(await store.change('a', count)).toBe(1);
  });

  it('takes one request per change while nobody else changes the row', async () => {
    const store = createCoordinationTable(table.client, table.name);
    await store.change('a', count);
    const before = table.requests();
    for (let change = 0; change < 5; change += 1) await store.change('a', count);
    expect(table.requests() - before).toBe(5);
  });

  it('says so when the table does not answer', async () => {
    const store = createCoordinationTable(table.client, 'no-such-table');
    await expect(store.change('a', count)).rejects.toThrow();
  });
});
