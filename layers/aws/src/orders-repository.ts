/** Orders in DynamoDB. Each write is one transaction: the order, what it reserves, and its journal event. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DynamoDBClient,
  paginateQuery,
  paginateScan,
  QueryCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import {
  type AppliedEvent,
  applyEvent,
  bookFills,
  counterChanges,
  type IntentId,
  type KnownPosition,
  leadsToCall,
  type Order,
  type OrderEvent,
  type OrdersStore,
  type PositionDelta,
  type PositionsStore,
  positionDelta,
  tableSchemas,
  VersionConflictError,
} from '@nightdesk/core';
import { createItemReader } from './item-reader.ts';
import { journalPut } from './journal-repository.ts';
import { fromOrderItem, toOrderItem } from './order-item.ts';
import { createOrderReader } from './order-reader.ts';
import { listOrders } from './orders-listing.ts';
import { createPositionsRepository, positionPut } from './positions-repository.ts';
import { claimItem, counterUpdate, switchCheck } from './risk-item.ts';
import { readRiskRows } from './risk-rows.ts';
import { failedAt, transact } from './transact.ts';

export interface OrderTables {
  orders: string;
  journal: string;
  risk: string;
  positions: string;
}

/** Orders of one market whose fills are written at the same moment; each try lets at least one of them through. */
const positionConflictsMax = 24;
const positionPauseMs = 10;

const { indexes } = tableSchemas.orders;
/**
 * How often an intent is recorded anew that was refused for a reason which is gone when it is looked for: a switch that was
 * made or set in between, for one. What is refused for good is explained the first time.
 */
const unexplainedMax = 5;

export function createOrdersRepository(
  client: DynamoDBClient,
  tables: OrderTables,
  reader = createItemReader(client),
): OrdersStore {
  const { get } = createOrderReader(reader, tables.orders);
  const places = { client, tables, positions: createPositionsRepository(client, tables, reader) };
  return {
    get,
    async insertIntent(event, gate) {
      const { order, journalEvent } = created(event);
      const { account, source } = event.intent;
      const readRows = () => readRiskRows(reader, tables.risk, { account, ...(gate.usesSource && { source }) });
      // Rows that were read ahead may be old by now: nothing is denied by them.
      let rows = gate.rows;
      let refusedParts = '';
      for (let attempt = 0; attempt < unexplainedMax; attempt++) {
        const early = rows === undefined ? undefined : gate.judge(rows);
        const judged = early?.kind === 'passes' ? early : gate.judge(await readRows());
        if (judged.kind === 'denied') {
          const known = await get(order.orderId);
          return known === undefined ? judged : { kind: 'exists', order: known };
        }
        const claims = judged.claims.map((claim) => claimItem(tables.risk, claim));
        const written = await transact(client, [
          putNew(tables.orders, order),
          journalPut(tables.journal, journalEvent),
          ...claims,
        ]);
        if (written.kind === 'written') return { kind: 'created', order };
        if (failedAt(written.reasons, 0)) return { kind: 'exists', order: await existing(order.orderId, get) };
        refusedParts = written.reasons.map(({ Code }) => Code).join(', ');
        rows = undefined;
      }
      const message = `the risk rows kept changing while the order was recorded (${refusedParts})`;
      return { kind: 'denied', denial: { code: 'switch_not_active', message } };
    },
    async insertDenied(event) {
      const { order, journalEvent } = created(event);
      const result = await transact(client, [putNew(tables.orders, order), journalPut(tables.journal, journalEvent)]);
      return result.kind === 'written' ? order : existing(order.orderId, get);
    },
    async apply(order, event, position) {
      const applied = applyEvent(order, event);
      if (applied === undefined) return order;
      const items = changeItems(tables, order, { applied, event });
      const delta = positionDelta(order, applied.order);
      if (delta === undefined) {
        const counters = counterChanges(order, applied.order).map((change) => counterUpdate(tables.risk, change));
        const result = await transact(client, [...items, ...counters]);
        if (result.kind === 'refused') throw new VersionConflictError(`order ${order.orderId}`);
      } else {
        const orders = { before: order, after: applied.order };
        await writeWithPosition(places, items, { orders, delta, atMs: event.atMs, known: position });
      }
      return applied.order;
    },
    async listBySignal(signalId) {
      const input = indexQuery(tables.orders, indexes.bySignal, signalId);
      const answer = await client.send(new QueryCommand(input));
      return (answer.Items ?? []).map(fromOrderItem);
    },
    async listOpen(account, limit) {
      const input = { ...indexQuery(tables.orders, indexes.open, account), Limit: limit };
      const orders: Order[] = [];
      // A page ends at 1 MB too, which few orders with many fills make up.
      for await (const page of paginateQuery({ client }, input)) {
        orders.push(...(page.Items ?? []).map(fromOrderItem));
        if (orders.length >= limit) break;
      }
      return orders.slice(0, limit);
    },
    list: (query) => listOrders(client, tables.orders, query),
  };
}

interface Change {
  applied: AppliedEvent;
  event: OrderEvent;
}

/** What changes with an order, its position and the counters of the risk rows aside. */
function changeItems(tables: OrderTables, order: Order, { applied, event }: Change): TransactWriteItem[] {
  const items = [putNext(tables.orders, order, applied.order), journalPut(tables.journal, applied.journalEvent)];
  // Placing an order later or again is placing an order: the switches have their say again.
  if (leadsToCall(event)) {
    items.push(switchCheck(tables.risk, order.account, order), switchCheck(tables.risk, '*', order));
  }
  return items;
}

interface Places {
  client: DynamoDBClient;
  tables: OrderTables;
  positions: Pick<PositionsStore, 'get'>;
}

interface Filling {
  orders: { before: Order; after: Order };
  delta: PositionDelta;
  atMs: number;
  /** As it was read ahead. */
  known: KnownPosition | undefined;
}

/**
 * Writes the position in the same transaction. Another order of the market may change the position in between: then it is
 * read and added to anew, which no fill is lost or doubled by, since the order's own version is part of every try.
 *
 * @throws VersionConflictError when the order itself has changed, or the position did so for `positionConflictsMax` tries
 */
async function writeWithPosition(
  { client, tables, positions }: Places,
  items: readonly TransactWriteItem[],
  { orders, delta, atMs, known }: Filling,
): Promise<void> {
  const { account, symbol, orderId } = delta;
  let ahead = known?.of.account === account && known.of.symbol === symbol ? known : undefined;
  for (let conflict = 0; conflict <= positionConflictsMax; conflict++) {
    const before = ahead === undefined ? await positions.get(account, symbol) : ahead.row;
    ahead = undefined;
    const { position, journalEvent, counters } = bookFills(orders, delta, { before, atMs });
    const result = await transact(client, [
      ...items,
      positionPut(tables.positions, before, position),
      journalPut(tables.journal, journalEvent),
      ...counters.map((change) => counterUpdate(tables.risk, change)),
    ]);
    if (result.kind === 'written') return;
    if (items.some((_, index) => failedAt(result.reasons, index))) throw new VersionConflictError(`order ${orderId}`);
    await sleep(Math.random() * positionPauseMs * (conflict + 1));
  }
  throw new VersionConflictError(`the position of ${account} in ${symbol}`);
}

/** Every order, in no order; strongly consistent, for verification. */
export async function* scanOrders(client: DynamoDBClient, tableName: string): AsyncIterable<Order> {
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    yield* (page.Items ?? []).map(fromOrderItem);
  }
}

function created(event: OrderEvent) {
  const applied = applyEvent(undefined, event);
  if (applied === undefined) throw new TypeError(`${event.type} creates no order`);
  return applied;
}

async function existing(orderId: IntentId, get: OrdersStore['get']): Promise<Order> {
  const order = await get(orderId);
  if (order === undefined) throw new VersionConflictError(`order ${orderId}`);
  return order;
}

function putNew(tableName: string, order: Order): TransactWriteItem {
  return {
    Put: { TableName: tableName, Item: toOrderItem(order), ConditionExpression: 'attribute_not_exists(orderId)' },
  };
}

function putNext(tableName: string, before: Order, after: Order): TransactWriteItem {
  return {
    Put: {
      TableName: tableName,
      Item: toOrderItem(after),
      ConditionExpression: '#version = :version',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': { N: String(before.version) } },
    },
  };
}

function indexQuery(tableName: string, index: { name: string; partitionKey: string }, value: string) {
  return {
    TableName: tableName,
    IndexName: index.name,
    KeyConditionExpression: '#key = :value',
    ExpressionAttributeNames: { '#key': index.partitionKey },
    ExpressionAttributeValues: { ':value': { S: value } },
  };
}
