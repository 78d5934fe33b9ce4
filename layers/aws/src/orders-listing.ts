/** Lists orders newest first, day by day. */
import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  type IntentId,
  type Order,
  type OrdersPage,
  type OrdersQuery,
  RequestError,
  tableSchemas,
} from '@nightdesk/core';
import { createdKeyOf, dayOf, fromOrderItem } from './order-item.ts';

const { byDay } = tableSchemas.orders.indexes;
/** Days looked through for one page; the cursor goes on from there. */
const daysMax = 31;
const dayMs = 86_400_000;
/** Pages of the index read for one day; more are left to the cursor. */
const pagesMax = 8;

interface Position {
  day: string;
  /** Orders at and above this key were given out; absent at the start of a day. */
  before?: string;
}

/**
 * One page. A page may be short or empty and still have a cursor, when few orders pass the filter; `daysMax` days without
 * a single one end the list.
 */
export async function listOrders(client: DynamoDBClient, tableName: string, query: OrdersQuery): Promise<OrdersPage> {
  const orders: Order[] = [];
  let position: Position = query.cursor === undefined ? { day: dayOf(query.nowMs) } : parseCursor(query.cursor);
  for (let day = 0; day < daysMax; day++) {
    if (query.sinceMs !== undefined && position.day < dayOf(query.sinceMs)) return { orders };
    const more = await readDay({ client, tableName, query }, position, orders);
    if (more !== undefined) return { orders, cursor: formatCursor(more) };
    position = { day: dayOf(Date.parse(position.day) - dayMs) };
  }
  return orders.length === 0 ? { orders } : { orders, cursor: formatCursor(position) };
}

/** Adds a day's orders; tells where to go on when the page or the reading bound was reached within the day. */
async function readDay(
  source: { client: DynamoDBClient; tableName: string; query: OrdersQuery },
  position: Position,
  orders: Order[],
): Promise<Position | undefined> {
  const { client, tableName, query } = source;
  let before = position.before;
  for (let page = 0; page < pagesMax; page++) {
    const answer = await client.send(
      new QueryCommand(dayQuery(tableName, query, { day: position.day, ...(before && { before }) })),
    );
    for (const item of answer.Items ?? []) {
      const order = fromOrderItem(item);
      // A range of keys has both of its ends in it, and this one was given out already.
      if (createdKeyOf(order) === before) continue;
      orders.push(order);
      if (orders.length >= query.limit) return { day: position.day, before: createdKeyOf(order) };
    }
    before = answer.LastEvaluatedKey?.createdKey?.S;
    if (before === undefined) return undefined;
  }
  return { day: position.day, ...(before !== undefined && { before }) };
}

function dayQuery(tableName: string, query: OrdersQuery, { day, before }: Position) {
  const filters = { account: query.account, state: query.status, symbol: query.symbol };
  const wanted = Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const names: Record<string, string> = { '#day': byDay.partitionKey };
  const values: Record<string, AttributeValue> = { ':day': { S: day } };
  const range = keyRange(query.sinceMs, before);
  if (range !== undefined) names['#key'] = byDay.sortKey;
  if (before !== undefined) values[':before'] = { S: before };
  if (query.sinceMs !== undefined)
    values[':since'] = { S: createdKeyOf({ createdAtMs: query.sinceMs, orderId: '' as IntentId }) };
  for (const [field, value] of wanted) {
    names[`#${field}`] = field;
    values[`:${field}`] = { S: value };
  }
  const filter = wanted.map(([field]) => `#${field} = :${field}`).join(' AND ');
  return {
    TableName: tableName,
    IndexName: byDay.name,
    KeyConditionExpression: range === undefined ? '#day = :day' : `#day = :day AND ${range}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ScanIndexForward: false,
    ...(filter !== '' && { FilterExpression: filter }),
  };
}

/** One condition is all that a sort key may have. */
function keyRange(sinceMs: number | undefined, before: string | undefined): string | undefined {
  if (sinceMs === undefined) return before === undefined ? undefined : '#key < :before';
  return before === undefined ? '#key >= :since' : '#key BETWEEN :since AND :before';
}

const formatCursor = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64url');

function parseCursor(cursor: string): Position {
  const invalid = new RequestError('invalid_request', 'the cursor is not one this desk gave out', [
    { path: 'cursor', message: 'use the cursor of the page before as it is' },
  ]);
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const { day, before } = position as Partial<Position>;
    const valid = typeof day === 'string' && /^20\d{2}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day));
    if (!valid || (before !== undefined && typeof before !== 'string')) throw invalid;
    return { day, ...(before !== undefined && { before }) };
  } catch {
    throw invalid;
  }
}
