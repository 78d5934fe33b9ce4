import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { templateStreamArn } from '../../local/cloud/dynamodb/index.ts';
import { createClient, readStream } from '../contract/dynamodb/support.ts';
import fc from '../support/property.ts';

const TableName = 'orders';
const serverPath = fileURLToPath(new URL('../contract/dynamodb/server-process.ts', import.meta.url));
const transactionParts = ['journal', 'order', 'risk', 'signal'];
const writersInParallel = 8;

let directory: string;
let server: ChildProcess | undefined;
let url = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nightdesk-dynamodb-'));
});
afterEach(async () => {
  await kill();
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<DynamoDBClient> {
  server = spawn(process.execPath, [serverPath, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error('the server has no output to read its address from');
  [url] = (await once(createInterface(server.stdout), 'line')) as [string];
  return createClient(url);
}

async function kill(): Promise<void> {
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

/** What the server has confirmed, as ids. */
interface Acknowledged {
  readonly puts: Set<string>;
  readonly transactions: Set<string>;
}

const itemOf = (id: string): Record<string, AttributeValue> => ({ id: { S: id }, account: { S: 'main' } });

/** Writes one item or one transaction after another until the server is gone. */
async function writeUntilKilled(client: DynamoDBClient, name: string, acknowledged: Acknowledged): Promise<void> {
  for (let index = 0; ; index += 1) {
    const id = `${name}-${index}`;
    try {
      if (index % 2 === 0) {
        await client.send(new PutItemCommand({ TableName, Item: itemOf(`put:${id}`) }));
        acknowledged.puts.add(id);
      } else {
        const TransactItems = transactionParts.map((part) => ({ Put: { TableName, Item: itemOf(`${part}:${id}`) } }));
        await client.send(new TransactWriteItemsCommand({ TransactItems }));
        acknowledged.transactions.add(id);
      }
    } catch {
      return;
    }
  }
}

async function readIds(client: DynamoDBClient, source: 'table' | 'index'): Promise<string[]> {
  const pages =
    source === 'table'
      ? paginateScan({ client }, { TableName })
      : paginateQuery(
          { client },
          {
            TableName,
            IndexName: 'by-account',
            KeyConditionExpression: 'account = :account',
            ExpressionAttributeValues: { ':account': { S: 'main' } },
          },
        );
  const ids: string[] = [];
  for await (const { Items = [] } of pages) ids.push(...Items.map((item) => item.id?.S ?? ''));
  return ids.sort();
}

function expectWhole(ids: readonly string[], acknowledged: Acknowledged): void {
  const stored = new Set(ids);
  for (const id of acknowledged.puts) expect(stored).toContain(`put:${id}`);
  for (const id of acknowledged.transactions) expect(stored).toContain(`journal:${id}`);
  for (const entry of ids.filter((id) => !id.startsWith('put:'))) {
    const id = entry.slice(entry.indexOf(':') + 1);
    expect(transactionParts.filter((part) => stored.has(`${part}:${id}`))).toEqual(transactionParts);
  }
}

it('has every acknowledged write with its stream record, and no half transaction, after being killed at random moments', async () => {
  const acknowledged: Acknowledged = { puts: new Set(), transactions: new Set() };
  let round = 0;
  const killDelayMs = fc.integer({ min: 5, max: 300 });
  await fc.assert(
    fc.asyncProperty(killDelayMs, async (delayMs) => {
      round += 1;
      const client = await start();
      const writers = Array.from({ length: writersInParallel }, (_, writer) =>
        writeUntilKilled(client, `${round}-${writer}`, acknowledged),
      );
      setTimeout(() => void kill(), delayMs);
      await Promise.all(writers);
      client.destroy();

      const reopened = await start();
      const ids = await readIds(reopened, 'table');
      expectWhole(ids, acknowledged);
      expect(await readIds(reopened, 'index')).toEqual(ids);
      const records = await readStream(url, templateStreamArn(TableName));
      expect(records.map(({ dynamodb }) => dynamodb.Keys.id?.S).sort()).toEqual(ids);
      reopened.destroy();
      await kill();
    }),
    { numRuns: 8, endOnFailure: true },
  );
  expect(acknowledged.puts.size).toBeGreaterThan(0);
  expect(acknowledged.transactions.size).toBeGreaterThan(0);
});

it('refuses a directory that another process is using, naming it', async () => {
  await start().then((client) => client.destroy());
  const second = spawn(process.execPath, [serverPath, directory], { stdio: ['ignore', 'ignore', 'pipe'] });
  if (second.stderr === null) throw new Error('the second server has no error output to read');
  let complaint = '';
  second.stderr.on('data', (text: Buffer) => {
    complaint += text.toString();
  });
  const [exitCode] = (await once(second, 'exit')) as [number];
  expect(exitCode).not.toBe(0);
  expect(complaint).toContain(directory);
});
