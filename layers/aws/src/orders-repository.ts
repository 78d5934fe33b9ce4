/** Orders in DynamoDB. Each write is one transaction: the order, what it reserves, and its journal event. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  paginateScan,
  QueryCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import {
  type AccountId,
  type AppliedEvent,
  applyDelta,
  applyEvent,
  type Denial,
  type IntentId,
  leadsToCall,
  type Order,
  type OrderEvent,
  type OrdersStore,
  type PositionDelta,
  positionDelta,
  type RiskLimits,
  reservationDenial,
  subtract,
  tableSchemas,
  VersionConflictError,
} from '@nightdesk/core';
import { journalPut } from './journal-repository.ts';
import { fromOrderItem, toOrderItem } from './order-item.ts';
import { createOrderReader } from './order-reader.ts';
import { listOrders } from './orders-listing.ts';
import { createPositionsRepository, positionPut } from './positions-repository.ts';
import { fromRiskItem, releaseUpdate, reserveUpdate, switchCheck } from './risk-item.ts';
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

export function createOrdersRepository(client: DynamoDBClient, tables: OrderTables): OrdersStore {
  const { get } = createOrderReader(client, tables.orders);
  return {
    get,
    async insertIntent(event, limits) {
      const { order, journalEvent } = created(event);
      const { account, reserved, reduceOnly = false } = event.intent;
      let refusedParts = '';
      for (let attempt = 0; attempt < unexplainedMax; attempt++) {
        const result = await transact(client, [
          putNew(tables.orders, order),
          reduceOnly
            ? switchCheck(tables.risk, account, event.intent)
            : reserveUpdate(tables.risk, { account, reserved, limits }),
          switchCheck(tables.risk, '*', event.intent),
          journalPut(tables.journal, journalEvent),
        ]);
        if (result.kind === 'written') return { kind: 'created', order };
        if (failedAt(result.reasons, 0)) return { kind: 'exists', order: await existing(order.orderId, get) };
        const [, accountRow, globalRow] = result.reasons.map((reason) => reason.Item);
        const figures = { accountRow, globalRow, limits, reserved, reduceOnly };
        const denial = await explain({ client, tables, account }, figures);
        if (denial !== undefined) return { kind: 'denied', denial };
        refusedParts = result.reasons.map(({ Code }) => Code).join(', ');
      }
      const message = `the switch or the reservation kept changing while the order was recorded (${refusedParts})`;
      return { kind: 'denied', denial: { code: 'switch_not_active', message } };
    },
    async insertDenied(event) {
      const { order, journalEvent } = created(event);
      const result = await transact(client, [putNew(tables.orders, order), journalPut(tables.journal, journalEvent)]);
      return result.kind === 'written' ? order : existing(order.orderId, get);
    },
    async apply(order, event) {
      const applied = applyEvent(order, event);
      if (applied === undefined) return order;
      const items = changeItems(tables, order, { applied, event });
      const delta = positionDelta(order, applied.order);
      if (delta === undefined) {
        const result = await transact(client, items);
        if (result.kind === 'refused') throw new VersionConflictError(`order ${order.orderId}`);
      } else {
        await writeWithPosition({ client, tables }, items, { delta, atMs: event.atMs });
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

/** What changes with an order, its position aside. */
function changeItems(tables: OrderTables, order: Order, { applied, event }: Change): TransactWriteItem[] {
  const items = [putNext(tables.orders, order, applied.order), journalPut(tables.journal, applied.journalEvent)];
  if (order.reserved !== applied.order.reserved) {
    items.push(releaseUpdate(tables.risk, order.account, subtract(order.reserved, applied.order.reserved)));
  }
  // Placing an order later or again is placing an order: the switches have their say again.
  if (leadsToCall(event)) {
    items.push(switchCheck(tables.risk, order.account, order), switchCheck(tables.risk, '*', order));
  }
  return items;
}

interface Filling {
  delta: PositionDelta;
  atMs: number;
}

/**
 * Writes the position in the same transaction. Another order of the market may change the position in between: then it is
 * read and added to anew, which no fill is lost or doubled by, since the order's own version is part of every try.
 *
 * @throws VersionConflictError when the order itself has changed, or the position did so for `positionConflictsMax` tries
 */
async function writeWithPosition(
  { client, tables }: { client: DynamoDBClient; tables: OrderTables },
  items: readonly TransactWriteItem[],
  { delta, atMs }: Filling,
): Promise<void> {
  const { account, symbol, orderId } = delta;
  const positions = createPositionsRepository(client, tables.positions);
  for (let conflict = 0; conflict <= positionConflictsMax; conflict++) {
    const before = await positions.get(account, symbol);
    const { position, journalEvent } = applyDelta(before, delta, atMs);
    const result = await transact(client, [
      ...items,
      positionPut(tables.positions, before, position),
      journalPut(tables.journal, journalEvent),
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

type Item = Record<string, AttributeValue> | undefined;

interface Refusal {
  /** The rows as the transaction saw them; only those whose condition failed are there. */
  accountRow: Item;
  globalRow: Item;
  limits: RiskLimits;
  reserved: Order['reserved'];
  reduceOnly: boolean;
}

/**
 * Why the risk rows refused. The row that failed came with the refusal; the other one is read. `undefined` where the rows, as
 * they are by now, would let it pass.
 */
async function explain(
  { client, tables, account }: { client: DynamoDBClient; tables: OrderTables; account: AccountId },
  { accountRow, globalRow, limits, reserved, reduceOnly }: Refusal,
): Promise<Denial | undefined> {
  const read = async (key: string): Promise<Item> => {
    const input = { TableName: tables.risk, Key: { account: { S: key } }, ConsistentRead: true };
    return (await client.send(new GetItemCommand(input))).Item;
  };
  const [own, all] = await Promise.all([accountRow ?? read(account), globalRow ?? read('*')]);
  return reservationDenial({
    accountRow: own && fromRiskItem(own),
    globalRow: all && fromRiskItem(all),
    limits,
    notional: reserved,
    reduces: reduceOnly,
  });
}
