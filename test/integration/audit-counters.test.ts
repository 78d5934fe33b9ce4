/** `npm run audit -- counters` on the tables of a desk that has lost rows of its limits. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createOrdersRepository, createRiskRepository, mendCounters } from '@nightdesk/aws';
import {
  type AccountId,
  type CounterDifference,
  counterOf,
  type IntentId,
  notional,
  type Order,
  type OrderEvent,
  type SwitchState,
} from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalTables } from '../../local/audit/local-tables.ts';
import { describeRecount, mendDesk, recountDesk } from '../../local/audit/recount-desk.ts';
import { verifyDesk } from '../../local/audit/verify-desk.ts';
import { systemClock } from '../../local/cloud/clock.ts';
import { createDynamoDb } from '../../local/cloud/dynamodb/index.ts';
import { statePaths } from '../../local/supervisor/state-directory.ts';
import { insertWithin } from '../support/gates.ts';
import { fill, intent, observed } from '../support/orders.ts';

const command = fileURLToPath(new URL('../../local/cli/audit.ts', import.meta.url));
const tables = {
  orders: 'nightdesk-local-data-OrdersTable1',
  journal: 'nightdesk-local-data-JournalTable1',
  risk: 'nightdesk-local-data-RiskTable1',
  positions: 'nightdesk-local-data-PositionsTable1',
  books: 'nightdesk-local-data-BooksTable1',
};
const [main, old] = ['main' as AccountId, 'old' as AccountId];

const noPause = async () => undefined;

let directory: string;
let client: DynamoDBClient;
let close: (() => Promise<void>) | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nightdesk-audit-counters-'));
  const dynamoDb = createDynamoDb({ directory: statePaths(directory).dynamoDb, clock: systemClock });
  const keys = {
    ...{ [tables.orders]: ['orderId'], [tables.journal]: ['stream', 'sequence'], [tables.risk]: ['account'] },
    ...{ [tables.positions]: ['account', 'symbol'], [tables.books]: ['account', 'row'] },
  };
  for (const [TableName, names] of Object.entries(keys)) {
    await dynamoDb.createTable({
      TableName,
      AttributeDefinitions: names.map((AttributeName) => ({
        AttributeName,
        AttributeType: AttributeName === 'sequence' ? 'N' : 'S',
      })),
      KeySchema: names.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      BillingMode: 'PAY_PER_REQUEST',
    });
  }
  await dynamoDb.close();
  await openTables();
});
afterEach(async () => {
  await closeTables();
  await rm(directory, { recursive: true, force: true });
});

async function openTables(): Promise<void> {
  const opened = await openLocalTables(directory);
  client = opened.client;
  close = opened.close;
}

async function closeTables(): Promise<void> {
  await close?.();
  close = undefined;
}

/** Runs the command on the tables, which nobody else may have open meanwhile. */
async function audit(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  await closeTables();
  const env = { PATH: process.env.PATH, NIGHTDESK_STATE_DIR: directory };
  const answer = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [command, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
  await openTables();
  return answer;
}

const riskStore = () => createRiskRepository(client, tables);
const set = (account: AccountId | '*', state: SwitchState) =>
  riskStore().setSwitch(account, { state, reason: 'for the test', by: 'test', atMs: 5_000 });
const lose = (account: string) =>
  client.send(new DeleteItemCommand({ TableName: tables.risk, Key: { account: { S: account } } }));

/** An order of 2 for 200, of which 1 is filled: 100 in the position, and 100 still to come. */
async function trade(account: AccountId, orderId: string): Promise<Order> {
  const [risk, orders] = [riskStore(), createOrdersRepository(client, tables)];
  await risk.ensure('*', 1);
  await risk.ensure(account, 1);
  const exposure = { mode: 'sandbox' as const, asset: 'BTC', notional: notional('200') };
  const event: OrderEvent = {
    ...{ type: 'order.intended', atMs: 1_500 },
    intent: { ...intent, account, orderId: orderId as IntentId, exposure },
  };
  const result = await insertWithin(orders, event);
  if (result.kind !== 'created') throw new Error('the intent was not recorded');
  return orders.apply(result.order, observed('open', '1', [fill('a')]));
}

const differs = (row: CounterDifference['row'], counter: string, is: string, wanted: string) =>
  expect.objectContaining({ row, counter, is, wanted });

describe('npm run audit -- counters', () => {
  it('names every counter of a lost row, mends it only while halted, and keeps what happens afterwards', async () => {
    const order = await trade(main, 'nd0001');
    expect(describeRecount(await recountDesk(client, tables, { without: [], pause: noPause }))).toBe(
      'every counter of the risk rows is what 1 open order and 1 position add up to',
    );
    // The row of a source has no counters, and is none of this.
    await client.send(new PutItemCommand({ TableName: tables.risk, Item: { account: { S: 'source#demo' } } }));
    await lose('main');
    await set(main, 'active');

    const { code, stdout } = await audit('counters');
    expect([code, stdout.trimEnd().split('\n')]).toEqual([
      1,
      [
        '4 counters of the risk rows differ from what 1 open order and 1 position add up to',
        '  main  asset#BTC  0, has to be 200',
        '  main  exposure  0, has to be 200',
        '  main  orders  0, has to be 1',
        expect.stringMatching(/^ {2}main {2}reserved {2}0, has to be \d+$/),
      ],
    ]);
    const options = { without: [], pause: noPause };
    const refused = await mendDesk(client, tables, options);
    expect(describeRecount(refused)).toContain('main must be halted first, by npm run halt');
    expect((await riskStore().get(main))?.counters).toEqual({});

    await set(main, 'halted');
    const mended = await audit('counters', '--mend', '--json');
    expect([mended.code, JSON.parse(mended.stdout)]).toEqual([0, expect.objectContaining({ kind: 'mended' })]);
    const line = describeRecount(JSON.parse(mended.stdout)).split('\n')[2];
    expect(line).toBe('  main  exposure  0, has to be 200: 200 was added');
    expect(await recountDesk(client, tables, options)).toMatchObject({ kind: 'agrees', isCalm: true });
    expect(await verifyDesk(client, tables)).toMatchObject({ kind: 'verified' });

    await createOrdersRepository(client, tables).apply(order, observed('canceled', '1', [fill('a')]));
    const row = await riskStore().get(main);
    expect(row && ['reserved', 'orders', 'exposure'].map((counter) => counterOf(row, counter))).toEqual([
      '0',
      '0',
      '100',
    ]);
  });

  it('mends what has become negative, on all rows while all accounts are halted, once', async () => {
    const order = await trade(main, 'nd0001');
    for (const account of ['main', '*']) await lose(account);
    await createOrdersRepository(client, tables).apply(order, observed('canceled', '1', [fill('a')]));
    const options = { without: [], pause: noPause };
    const found = await recountDesk(client, tables, options);
    expect(found.differences).toContainEqual(differs(main, 'orders', '-1', '0'));
    expect(found.differences).toContainEqual(differs('*', 'sandbox:exposure', '-100', '100'));
    expect(await mendDesk(client, tables, options)).toMatchObject({
      ...{ kind: 'differs', mended: [], reason: expect.stringContaining('*, main must be halted first') },
    });

    await set('*', 'halted');
    const mended = await mendDesk(client, tables, options);
    expect(mended).toMatchObject({ kind: 'mended', mended: found.differences });
    expect(await mendDesk(client, tables, options)).toMatchObject({ kind: 'agrees', mended: [] });
    // Whoever found the same before adds nothing a second time, and nothing once trading goes on.
    const own = found.differences.filter(({ row }) => row === 'main');
    expect(await mendCounters(client, tables.risk, { differences: own, haltedBy: '*' })).toEqual(own);
    await set('*', 'active');
    const right = own.map((difference) => ({ ...difference, is: difference.wanted, by: '1' }));
    expect(await mendCounters(client, tables.risk, { differences: right, haltedBy: '*' })).toEqual(right);
    expect(await recountDesk(client, tables, options)).toMatchObject({ kind: 'agrees' });
  });

  it('leaves out the positions of an account that was removed, but not its orders', async () => {
    await trade(main, 'nd0001');
    const order = await trade(old, 'nd0002');
    const options = { without: ['old'], pause: noPause };
    await expect(recountDesk(client, tables, options)).rejects.toThrow(
      'old cannot be left out while it has open orders',
    );
    await createOrdersRepository(client, tables).apply(order, observed('canceled', '1', [fill('a')]));
    await set('*', 'halted');
    const mended = await mendDesk(client, tables, options);
    expect(mended.differences.map(({ row, counter, by }) => [row, counter, by])).toEqual([
      ['*', 'sandbox:asset#BTC', '-100'],
      ['*', 'sandbox:exposure', '-100'],
      ['*', 'sandbox:venue#fake', '-100'],
    ]);
    expect(await recountDesk(client, tables, options)).toMatchObject({ kind: 'agrees' });
    expect((await recountDesk(client, tables, { ...options, without: [] })).differences).toHaveLength(3);
  });

  it('names only what stands at every look while the desk works, and mends nothing then', async () => {
    await trade(main, 'nd0001');
    await lose('main');
    await set('*', 'active');
    let placed = 1;
    const looks: string[] = [];
    const pause = async () => {
      placed += 1;
      looks.push(`nd000${placed}`);
      await trade(old, `nd000${placed}`);
      await set('*', placed === 5 ? 'halted' : 'active');
    };
    const mended = await mendDesk(client, tables, { without: [], pause });
    expect(looks).toHaveLength(4);
    expect(mended).toMatchObject({ kind: 'differs', isCalm: false, mended: [] });
    expect(mended.reason).toContain('orders or positions keep changing');
    expect([...new Set(mended.differences.map(({ row }) => row))]).toEqual(['main']);
  });

  it('has no part in verifying, which changes nothing', async () => {
    expect(await audit('verify', '--mend')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('are for counters'),
    });
  });
});
