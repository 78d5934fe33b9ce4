import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createBooksRepository, createOrdersRepository, createRiskRepository } from '@nightdesk/aws';
import type { Order, OrderEvent } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalTables } from '../../local/audit/local-tables.ts';
import { systemClock } from '../../local/cloud/clock.ts';
import { createDynamoDb } from '../../local/cloud/dynamodb/index.ts';
import { statePaths } from '../../local/supervisor/state-directory.ts';
import { equityMarks, newBooks } from '../support/books.ts';
import { insertWithin } from '../support/gates.ts';
import { fill, intended, observed } from '../support/orders.ts';

const command = fileURLToPath(new URL('../../local/cli/audit.ts', import.meta.url));
const tables = {
  orders: 'nightdesk-local-data-OrdersTable1',
  journal: 'nightdesk-local-data-JournalTable1',
  risk: 'nightdesk-local-data-RiskTable1',
  positions: 'nightdesk-local-data-PositionsTable1',
  books: 'nightdesk-local-data-BooksTable1',
};

let directory: string;

function audit(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, NIGHTDESK_STATE_DIR: directory };
    execFile(process.execPath, [command, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

async function makeTables(): Promise<void> {
  const dynamoDb = createDynamoDb({ directory: statePaths(directory).dynamoDb, clock: systemClock });
  const keys = {
    ...{ [tables.orders]: ['orderId'], [tables.journal]: ['stream', 'sequence'], [tables.risk]: ['account'] },
    ...{ [tables.positions]: ['account', 'symbol'], [tables.books]: ['account', 'row'] },
  };
  for (const [TableName, names] of Object.entries(keys)) {
    await dynamoDb.createTable({
      TableName,
      AttributeDefinitions: names.map((name) => ({
        AttributeName: name,
        AttributeType: name === 'sequence' ? 'N' : 'S',
      })),
      KeySchema: names.map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      BillingMode: 'PAY_PER_REQUEST',
    });
  }
  await dynamoDb.close();
}

/** Opens the tables, lets `action` work on them, and closes them again: the desk is not running when it is audited. */
async function withTables(action: (client: DynamoDBClient) => Promise<unknown>): Promise<void> {
  const opened = await openLocalTables(directory);
  await action(opened.client);
  await opened.close();
}

/** An order of three events. */
async function trade(client: DynamoDBClient): Promise<Order> {
  const risk = createRiskRepository(client, tables);
  await Promise.all([risk.ensure('*', 1), risk.ensure('main' as Order['account'], 1)]);
  const orders = createOrdersRepository(client, tables);
  const result = await insertWithin(orders, intended as Extract<OrderEvent, { type: 'order.intended' }>);
  if (result.kind !== 'created') throw new Error('the intent was not recorded');
  const open = await orders.apply(result.order, observed('open', '1', [fill('a')]));
  return orders.apply(open, observed('filled', '2', [fill('b')]));
}

const at = (sequence: number) => ({ stream: { S: 'order#nd0001' }, sequence: { N: String(sequence) } });
const switchAt = (sequence: number) => ({ stream: { S: 'risk#main' }, sequence: { N: String(sequence) } });
const set = (client: DynamoDBClient, name: string, value: string, sequence: number) =>
  client.send(
    new UpdateItemCommand({
      TableName: tables.journal,
      Key: at(sequence),
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': { S: value } },
    }),
  );

describe('npm run audit -- verify', () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nightdesk-audit-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('verifies what the desk wrote, in a sentence or in JSON', async () => {
    await makeTables();
    await withTables(trade);
    expect(await audit('verify')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('7 events in 4 chains, 1 order'),
    });
    const { stdout } = await audit('verify', '--json');
    expect(JSON.parse(stdout)).toEqual({ kind: 'verified', streams: 4, events: 7, orders: 1 });
  });

  it('verifies books, and names the event that was cut off their end', async () => {
    await makeTables();
    const told = { type: 'books.opened', atMs: 1, data: {} };
    await withTables((client) =>
      createBooksRepository(client, tables).save({
        ...{ books: newBooks(), events: [told, told] },
        day: { day: '2026-11-21', marks: equityMarks() },
      }),
    );
    expect(await audit('verify')).toMatchObject({ code: 0 });
    const last = { stream: { S: 'books#main' }, sequence: { N: '2' } };
    await withTables((client) => client.send(new DeleteItemCommand({ TableName: tables.journal, Key: last })));
    expect(await audit('verify')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('books#main, sequence 2:'),
    });
  });

  it.each<[string, (client: DynamoDBClient) => Promise<unknown>, string]>([
    ['an altered event', (client) => set(client, 'data', '{"order":{"filled":"9"}}', 2), 'order#nd0001, sequence 2'],
    ['an altered hash', (client) => set(client, 'hash', 'f'.repeat(64), 1), 'order#nd0001, sequence 1'],
    [
      'a removed event',
      (client) => client.send(new DeleteItemCommand({ TableName: tables.journal, Key: at(2) })),
      'order#nd0001, sequence 3',
    ],
    [
      'a chain cut short',
      (client) => client.send(new DeleteItemCommand({ TableName: tables.journal, Key: at(3) })),
      'order#nd0001, sequence 3',
    ],
    [
      'an altered order',
      (client) =>
        client.send(
          new UpdateItemCommand({
            TableName: tables.orders,
            Key: { orderId: { S: 'nd0001' } },
            UpdateExpression: 'SET filled = :filled',
            ExpressionAttributeValues: { ':filled': { S: '1' } },
          }),
        ),
      'order#nd0001, sequence 3',
    ],
    [
      'a switch whose history was cut short',
      (client) => client.send(new DeleteItemCommand({ TableName: tables.journal, Key: switchAt(1) })),
      'risk#main, sequence 1',
    ],
    [
      'a switch that was changed past the journal',
      (client) =>
        client.send(
          new UpdateItemCommand({
            TableName: tables.risk,
            Key: { account: { S: 'main' } },
            UpdateExpression: 'SET journalHash = :hash',
            ExpressionAttributeValues: { ':hash': { S: 'f'.repeat(64) } },
          }),
        ),
      'risk#main, sequence 1',
    ],
    [
      'a removed order',
      (client) => client.send(new DeleteItemCommand({ TableName: tables.orders, Key: { orderId: { S: 'nd0001' } } })),
      'order#nd0001, sequence 3',
    ],
    [
      'an altered position',
      (client) =>
        client.send(
          new UpdateItemCommand({
            TableName: tables.positions,
            Key: { account: { S: 'main' }, symbol: { S: 'BTC/USDT' } },
            UpdateExpression: 'SET quantity = :quantity',
            ExpressionAttributeValues: { ':quantity': { S: '9' } },
          }),
        ),
      'position#main#BTC/USDT, sequence 2',
    ],
  ])('names the first event that does not fit after %s', async (_name, tamper, named) => {
    await makeTables();
    await withTables(async (client) => {
      await trade(client);
      await tamper(client);
    });
    expect(await audit('verify')).toMatchObject({ code: 1, stdout: expect.stringContaining(`${named}:`) });
  });

  it('says so where there is nothing to audit, and what it can do', async () => {
    expect(await audit('verify')).toMatchObject({ code: 2, stderr: expect.stringContaining('holds no desk') });
    expect(await audit()).toMatchObject({ code: 2, stderr: expect.stringContaining('say what to do: verify') });
    expect(await audit('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Exit code 0') });
  });

  it('does not guess between two tables that could be meant', async () => {
    await makeTables();
    const dynamoDb = createDynamoDb({ directory: statePaths(directory).dynamoDb, clock: systemClock });
    await dynamoDb.createTable({
      TableName: 'nightdesk-local-data-OrdersTable2',
      AttributeDefinitions: [{ AttributeName: 'orderId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'orderId', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await dynamoDb.close();
    expect(await audit('verify')).toMatchObject({ code: 2, stderr: expect.stringContaining('could both be meant') });
    const named = Object.entries(tables).flatMap(([table, name]) => [`--${table}-table`, name]);
    expect(await audit('verify', ...named)).toMatchObject({ code: 0 });
  });
});
