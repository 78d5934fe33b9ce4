/**
 * What requests to DynamoDB are charged, in its request units. Pure.
 *
 * The rules are those of "DynamoDB read and write operations" and "Global secondary indexes" in the Amazon DynamoDB Developer
 * Guide: a read unit is 4 KB, half of one where it is not strongly consistent; a write unit is 1 KB; both count twice in a
 * transaction; each index that shows an item costs a write of its own; a write whose condition fails is charged as well.
 */

export interface TableUnits {
  read: number;
  write: number;
}

/** One request and its answer, as they were on the wire. */
export interface TableRequest {
  /** Such as `Query`. */
  operation: string;
  /** Sent with `ReturnConsumedCapacity`. */
  request: Readonly<Record<string, unknown>>;
  status: number;
  answer: Readonly<Record<string, unknown>>;
}

/** By table, the partition keys of its global secondary indexes, all of which project whole items. */
export type IndexKeys = Readonly<Record<string, readonly string[]>>;

const readOperations: ReadonlySet<string> = new Set(['GetItem', 'Query', 'Scan', 'BatchGetItem', 'TransactGetItems']);
const writeOperations: ReadonlySet<string> = new Set([
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'],
]);
const writeUnitBytes = 1_024;
const transactionFactor = 2;
/** Refused after the table was looked at, unlike a request that is malformed or comes too often. */
const conditionFailures = /(?:ConditionalCheckFailed|TransactionCanceled)Exception$/;

/**
 * What a request is charged. Requests about tables instead of items are free.
 *
 * @throws TypeError for a write that it could not count: to a part of an item that indexes show, since the request does not
 * tell the whole
 */
export function unitsOf(exchange: TableRequest, indexKeys: IndexKeys): TableUnits {
  const { operation } = exchange;
  if (readOperations.has(operation)) return { read: readUnits(exchange), write: 0 };
  if (writeOperations.has(operation)) return { read: 0, write: writeUnits(exchange, indexKeys) };
  return { read: 0, write: 0 };
}

/** What is not there costs as much as the smallest that could be. */
function readUnits({ request, status, answer }: TableRequest): number {
  if (status !== 200) return 0;
  return Math.max(consumed(answer), request.ConsistentRead === true ? 1 : 0.5);
}

function writeUnits(exchange: TableRequest, indexKeys: IndexKeys): number {
  const { status, answer } = exchange;
  const parts = writesOf(exchange);
  if (status === 200) return parts.reduce((sum, part) => sum + indexUnits(part, indexKeys), consumed(answer));
  if (!conditionFailures.test(String(answer.__type))) return 0;
  // How large the rows are that refused is not told; those of the desk's conditions are mostly below the smallest unit.
  return parts.length * (exchange.operation === 'TransactWriteItems' ? transactionFactor : 1);
}

interface Write {
  TableName?: string;
  /** The whole of what a put writes. */
  Item?: Readonly<Record<string, unknown>>;
  UpdateExpression?: string;
  /** Of a check, which writes nothing. */
  ConditionExpression?: string;
}

function writesOf({ operation, request }: TableRequest): Write[] {
  if (operation === 'TransactWriteItems') {
    const parts = request.TransactItems as readonly Readonly<Record<string, Write>>[];
    return parts.flatMap((part) => Object.values(part));
  }
  if (operation !== 'BatchWriteItem') return [request];
  const byTable = Object.entries(request.RequestItems as Record<string, readonly Readonly<Record<string, Write>>[]>);
  return byTable.flatMap(([TableName, parts]) =>
    parts.flatMap((part) => Object.values(part).map((write) => ({ ...write, TableName }))),
  );
}

/** Emulated DynamoDB does not count these. An index that shows an item is written when anything of the item changes. */
function indexUnits({ TableName = '', Item, UpdateExpression }: Write, indexKeys: IndexKeys): number {
  const keys = indexKeys[TableName] ?? [];
  if (keys.length > 0 && UpdateExpression !== undefined) {
    throw new TypeError(`an update of ${TableName} is not counted, since it does not tell the size of the item`);
  }
  if (Item === undefined) return 0;
  const shownBy = keys.filter((key) => Object.hasOwn(Item, key)).length;
  return shownBy * Math.ceil(itemBytes(Item) / writeUnitBytes);
}

/** Of one table, or of each of several. */
function consumed({ ConsumedCapacity: told }: TableRequest['answer']): number {
  const capacities = (Array.isArray(told) ? told : [told ?? {}]) as readonly { CapacityUnits?: number }[];
  return capacities.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

/** Bytes of an item in DynamoDB's JSON, after "DynamoDB item sizes and formats". */
export function itemBytes(item: Readonly<Record<string, unknown>>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + utf8Bytes(name) + valueBytes(value), 0);
}

const containerBytes = 3;
const entryBytes = 1;

function valueBytes(typed: unknown): number {
  const [[type, value] = ['', undefined]] = Object.entries(typed as Record<string, unknown>);
  switch (type) {
    case 'S':
      return utf8Bytes(String(value));
    case 'N':
      // Two digits take a byte, and one more says where the point is.
      return Math.ceil(String(value).replace(/^-?0*\.?0*|\.|0+$/g, '').length / 2) + 1;
    case 'B':
      return Math.floor((String(value).replace(/=+$/, '').length * 3) / 4);
    case 'L':
      return (value as unknown[]).reduce((sum: number, part) => sum + valueBytes(part) + entryBytes, containerBytes);
    case 'M': {
      const entries = Object.entries(value as Record<string, unknown>);
      return entries.reduce(
        (sum, [name, part]) => sum + utf8Bytes(name) + valueBytes(part) + entryBytes,
        containerBytes,
      );
    }
    case 'SS':
      return (value as string[]).reduce((sum, text) => sum + utf8Bytes(text), 0);
    default:
      return 1;
  }
}

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;

export const addUnits = (left: TableUnits, right: TableUnits): TableUnits => ({
  read: left.read + right.read,
  write: left.write + right.write,
});
