import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  canonicalJson,
  type Market,
  type MarketsStore,
  marketName,
  sha256Hex,
  tableSchemas,
  type VenueId,
} from '@nightdesk/core';

/** DynamoDB's own bound on a batch. */
const batchSize = 25;
const batchesAtOnce = 4;
const retriesMax = 8;
const retryPauseMs = 50;
const { byName } = tableSchemas.markets.indexes;

/** One row per symbol, so that an execution reads only the symbol it trades. */
export function createMarketsRepository(client: DynamoDBClient, tableName: string): MarketsStore {
  return {
    async get(venue, symbol) {
      const input = { TableName: tableName, Key: { venue: { S: venue }, symbol: { S: symbol } } };
      const answer = await client.send(new GetItemCommand(input));
      return answer.Item && fromItem(answer.Item);
    },
    async findByName(venue, name) {
      const input = {
        TableName: tableName,
        IndexName: byName.name,
        KeyConditionExpression: '#key = :name',
        ExpressionAttributeNames: { '#key': byName.partitionKey },
        ExpressionAttributeValues: { ':name': { S: `${venue}#${name}` } },
      };
      return ((await client.send(new QueryCommand(input))).Items ?? []).map(fromItem);
    },
    async hasAny(venue) {
      const input = { ...venueQuery(tableName, venue), ProjectionExpression: '#venue', Limit: 1 };
      return ((await client.send(new QueryCommand(input))).Items ?? []).length > 0;
    },
    async replaceAll(venue, markets) {
      const stored = await readFingerprints(client, tableName, venue);
      const requests: WriteRequest[] = [];
      for (const market of markets) {
        const known = stored.get(market.symbol);
        stored.delete(market.symbol);
        const fingerprint = fingerprintOf(market);
        if (known !== fingerprint) requests.push({ PutRequest: { Item: toItem(market, fingerprint) } });
      }
      const written = requests.length;
      for (const symbol of stored.keys()) {
        requests.push({ DeleteRequest: { Key: { venue: { S: venue }, symbol: { S: symbol } } } });
      }
      await writeAll(client, tableName, requests);
      return { written, removed: requests.length - written };
    },
  };
}

/** Tells whether a market changed without comparing its whole definition. */
const fingerprintOf = (market: Market): string => sha256Hex(canonicalJson(market));

function toItem(market: Market, fingerprint: string): Record<string, AttributeValue> {
  const venueName = `${market.venue}#${marketName(market.base + market.quote)}`;
  return marshall({ ...market, venueName, fingerprint }, { removeUndefinedValues: true });
}

function fromItem(item: Record<string, AttributeValue>): Market {
  const { venueName: _name, fingerprint: _fingerprint, ...market } = unmarshall(item);
  return market as Market;
}

function venueQuery(tableName: string, venue: VenueId) {
  return {
    TableName: tableName,
    KeyConditionExpression: '#venue = :venue',
    ExpressionAttributeNames: { '#venue': tableSchemas.markets.partitionKey },
    ExpressionAttributeValues: { ':venue': { S: venue } },
  };
}

async function readFingerprints(
  client: DynamoDBClient,
  tableName: string,
  venue: VenueId,
): Promise<Map<string, string>> {
  const query = venueQuery(tableName, venue);
  const names = { ...query.ExpressionAttributeNames, '#symbol': 'symbol' };
  const input = { ...query, ExpressionAttributeNames: names, ProjectionExpression: '#symbol, fingerprint' };
  const fingerprints = new Map<string, string>();
  for await (const page of paginateQuery({ client }, input)) {
    for (const item of page.Items ?? []) fingerprints.set(item.symbol?.S ?? '', item.fingerprint?.S ?? '');
  }
  return fingerprints;
}

async function writeAll(client: DynamoDBClient, tableName: string, requests: WriteRequest[]): Promise<void> {
  const batches: WriteRequest[][] = [];
  for (let start = 0; start < requests.length; start += batchSize)
    batches.push(requests.slice(start, start + batchSize));
  const worker = async () => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop())
      await writeBatch(client, tableName, batch);
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, worker));
}

async function writeBatch(client: DynamoDBClient, tableName: string, batch: WriteRequest[]): Promise<void> {
  let left = batch;
  for (let retry = 0; retry <= retriesMax; retry++) {
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: left } }));
    left = answer.UnprocessedItems?.[tableName] ?? [];
    if (left.length === 0) return;
    await sleep(Math.random() * retryPauseMs * 2 ** retry);
  }
  throw new Error(`${left.length} markets could not be stored after ${retriesMax} retries`);
}
