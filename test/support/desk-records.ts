/** What a running desk has written down, read past its API from the tables and queues themselves. */
import { type DynamoDBClient, paginateListTables, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { scanOrders } from '@nightdesk/aws';
import type { Order, Verification } from '@nightdesk/core';
import { findDeskTables } from '@nightdesk/local/audit/desk-tables.ts';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { verifyDesk } from '@nightdesk/local/audit/verify-desk.ts';

export interface DeskRecords {
  /** Every order, in no order. */
  orders(): Promise<Order[]>;
  /** Rows of every table, of the journal by kind of stream, and messages of every queue, whether visible, delayed or being worked on. */
  counts(): Promise<Record<string, number>>;
  verify(): Promise<Verification>;
  close(): void;
}

const stage = 'local';
const depths = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** @param aws origin of the AWS endpoint of a desk that is ready */
export async function openDeskRecords(aws: string): Promise<DeskRecords> {
  const dynamoDb = createLocalClient(aws);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const sqs = new SQSClient({ endpoint: aws, region: 'us-east-1', credentials });
  const tables = await findDeskTables(dynamoDb, stage);
  return {
    async orders() {
      const orders: Order[] = [];
      for await (const order of scanOrders(dynamoDb, tables.orders)) orders.push(order);
      return orders;
    },
    async counts() {
      const counts = await Promise.all([countRows(dynamoDb), countMessages(sqs)]);
      return Object.assign({}, ...counts);
    },
    verify: () => verifyDesk(dynamoDb, tables),
    close() {
      dynamoDb.destroy();
      sqs.destroy();
    },
  };
}

async function countRows(client: DynamoDBClient): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const TableName of TableNames) {
      if (journalTable.test(TableName)) Object.assign(counts, await countEvents(client, TableName));
      else counts[TableName] = await countAll(client, TableName);
    }
  }
  return counts;
}

const journalTable = /JournalTable/;

async function countAll(client: DynamoDBClient, TableName: string): Promise<number> {
  let count = 0;
  const pages = paginateScan({ client }, { TableName, Select: 'COUNT', ConsistentRead: true });
  for await (const page of pages) count += page.Count ?? 0;
  return count;
}

/** A stream is named by its kind, `#`, and what it is of. */
async function countEvents(client: DynamoDBClient, TableName: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const names = { '#stream': 'stream' };
  const query = { TableName, ConsistentRead: true, ProjectionExpression: '#stream', ExpressionAttributeNames: names };
  for await (const { Items = [] } of paginateScan({ client }, query)) {
    for (const { stream } of Items) {
      const name = `${TableName} ${stream?.S?.split('#')[0]}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

async function countMessages(client: SQSClient): Promise<Record<string, number>> {
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
  const entries = QueueUrls.map(async (QueueUrl) => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...depths] });
    const { Attributes = {} } = await client.send(command);
    const total = depths.reduce((sum, name) => sum + Number(Attributes[name]), 0);
    return [new URL(QueueUrl).pathname.split('/').at(-1) ?? QueueUrl, total] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
