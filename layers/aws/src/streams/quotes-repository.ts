/** What streams bring, in DynamoDB: quotes, when connections were last heard, and what the tasks tell of themselves. */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import {
  type Clock,
  type LiveQuote,
  type QuoteStore,
  type StoredQuote,
  type StreamTaskStatus,
  tableSchemas,
  type VenueId,
} from '@nightdesk/core';
import { expiryOf, type Item, isExpired, keyOf, numberOf, toItem, toQuote } from './quote-item.ts';
import { sideBySide } from './side-by-side.ts';
import { packStatus, unpackStatus } from './status-item.ts';

const { partitionKey, sortKey } = tableSchemas.quotes;
/** DynamoDB's own bounds on a batch. */
const writesPerBatch = 25;
const readsPerBatch = 100;
/** Requests at once. */
const requestsMax = 8;
/** Whoever writes quotes has newer ones by then, and must know soon that these were not taken. */
const answerMsMax = 1_000;
/** How often keys are asked for that DynamoDB has left out of its answer. */
const readsMax = 3;
/** Tasks that have told nothing of themselves for longer are gone. */
const statusMsMax = 60_000;
const heardRow = 'heard';
const tasksPartition = 'tasks';
const connectionPartition = (connection: string): string => `connection#${connection}`;

interface Table {
  client: DynamoDBClient;
  tableName: string;
  clock: Pick<Clock, 'nowMs'>;
}

export function createQuotesRepository(
  client: DynamoDBClient,
  tableName: string,
  clock: Pick<Clock, 'nowMs'>,
): QuoteStore {
  const table: Table = { client, tableName, clock };
  return {
    write: (quotes, writtenMs) => write(table, quotes, writtenMs),
    remove: (quotes) => sideBySide(quotes, requestsMax, (quote) => removeOne(table, quote)),
    read: (symbol, venue) => read(table, symbol, venue),
    beat: (connection, heardMs) =>
      put(table, { ...keyOf(connectionPartition(connection), heardRow), heardMs: { N: String(heardMs) } }),
    heard: (connections) => heard(table, connections),
    writeStatus: (status) =>
      put(table, { ...keyOf(tasksPartition, status.task), status: { B: packStatus(status) } }, status.atMs),
    readStatus: () => readStatus(table),
  };
}

const timeLimit = () => ({ abortSignal: AbortSignal.timeout(answerMsMax) });

async function put({ client, tableName, clock }: Table, item: Item, atMs = clock.nowMs()): Promise<void> {
  await client.send(new PutItemCommand({ TableName: tableName, Item: { ...item, ...expiryOf(atMs) } }), timeLimit());
}

async function write(
  { client, tableName }: Table,
  quotes: readonly LiveQuote[],
  writtenMs: number,
): Promise<LiveQuote[]> {
  // DynamoDB refuses a batch that has one row twice.
  const newest = [...new Map(quotes.map((quote) => [nameOf(quote), quote])).values()];
  const left: LiveQuote[] = [];
  await sideBySide(batchesOf(newest, writesPerBatch), requestsMax, async (batch) => {
    const requests: WriteRequest[] = batch.map((quote) => ({ PutRequest: { Item: toItem(quote, writtenMs) } }));
    const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } });
    const { UnprocessedItems } = await client.send(command, timeLimit());
    const unprocessed = UnprocessedItems?.[tableName] ?? [];
    if (unprocessed.length === 0) return;
    const names = new Set(unprocessed.map(({ PutRequest }) => nameOfItem(PutRequest?.Item ?? {})));
    left.push(...batch.filter((quote) => names.has(nameOf(quote))));
  });
  return left;
}

/** No venue's name has a space in it. */
const nameOf = ({ venue, symbol }: { venue: string; symbol: string }): string => `${venue} ${symbol}`;
const nameOfItem = (item: Item): string =>
  nameOf({ venue: item[sortKey]?.S ?? '', symbol: item[partitionKey]?.S ?? '' });

function batchesOf<Member>(members: readonly Member[], size: number): Member[][] {
  return Array.from({ length: Math.ceil(members.length / size) }, (_, index) =>
    members.slice(index * size, (index + 1) * size),
  );
}

async function removeOne(
  { client, tableName }: Table,
  { venue, symbol, connection }: Pick<LiveQuote, 'venue' | 'symbol' | 'connection'>,
): Promise<void> {
  const command = new DeleteItemCommand({
    TableName: tableName,
    Key: keyOf(symbol, venue),
    ConditionExpression: '#connection = :connection',
    ExpressionAttributeNames: { '#connection': 'connection' },
    ExpressionAttributeValues: { ':connection': { S: connection } },
  });
  try {
    await client.send(command, timeLimit());
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

async function queryAll({ client, tableName, clock }: Table, partition: string, row?: string): Promise<Item[]> {
  const items: Item[] = [];
  const input = {
    TableName: tableName,
    KeyConditionExpression: row === undefined ? '#partition = :partition' : '#partition = :partition AND #row = :row',
    ExpressionAttributeNames: { '#partition': partitionKey, ...(row !== undefined && { '#row': sortKey }) },
    ExpressionAttributeValues: { ':partition': { S: partition }, ...(row !== undefined && { ':row': { S: row } }) },
  };
  for await (const page of paginateQuery({ client }, input)) items.push(...(page.Items ?? []));
  return items.filter((item) => !isExpired(item, clock.nowMs()));
}

/** A caller may ask for any symbol, also one that is called as other rows are: those are no quotes. */
async function read(table: Table, symbol: string, venue?: VenueId): Promise<StoredQuote[]> {
  const items = await queryAll(table, symbol, venue);
  return items.map(toQuote).filter((quote) => quote !== undefined);
}

async function heard(
  { client, tableName, clock }: Table,
  connections: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const prefixLength = connectionPartition('').length;
  await sideBySide(batchesOf([...new Set(connections)], readsPerBatch), requestsMax, async (batch) => {
    let keys: Item[] = batch.map((connection) => keyOf(connectionPartition(connection), heardRow));
    // Who is left out after that counts as not heard, which only makes its quotes stale.
    for (let reads = 0; reads < readsMax && keys.length > 0; reads += 1) {
      const command = new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: keys } } });
      const { Responses, UnprocessedKeys } = await client.send(command);
      for (const item of Responses?.[tableName] ?? []) {
        if (isExpired(item, clock.nowMs())) continue;
        found.set((item[partitionKey]?.S ?? '').slice(prefixLength), numberOf(item.heardMs));
      }
      keys = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
  });
  return found;
}

async function readStatus(table: Table): Promise<StreamTaskStatus[]> {
  const items = await queryAll(table, tasksPartition);
  const statuses = items.flatMap(({ status }) => (status?.B === undefined ? [] : [unpackStatus(status.B)]));
  return statuses.filter(({ atMs }) => table.clock.nowMs() - atMs <= statusMsMax);
}
