/**
 * Rows that may be larger than DynamoDB lets one be: what does not fit goes to rows behind the first, all written in one transaction.
 * Each part has the stamp of the data that it is of, so parts of earlier data are not taken for it.
 */
import { createHash } from 'node:crypto';
import { type AttributeValue, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { tableSchemas } from '@nightdesk/core';
import { transact } from '../transact.ts';

export type Item = Record<string, AttributeValue>;

const { partitionKey, sortKey } = tableSchemas.candles;
/** An item may have 400 KB, names and keys included; the rest of the first part is far less than what is left. */
const partBytesMax = 350 * 1024;
/** A transaction may have 4 MB. */
export const partsMax = 11;
const partDigits = 2;
const stampLength = 32;
/** DynamoDB removes rows one by one, within two days after they expire: the first part must not be the one that is left. */
const othersLaterMs = 3 * 86_400_000;

export interface RowKey {
  series: string;
  row: string;
}

export interface PartedRow {
  key: RowKey;
  data: Uint8Array;
  /** What else the first part has. */
  head: Item;
  /** When DynamoDB may remove it; UTC epoch milliseconds. */
  expiresAtMs?: number;
}

export interface WriteCondition {
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Item;
}

export const keyOf = ({ series, row }: RowKey): Item => ({ [partitionKey]: { S: series }, [sortKey]: { S: row } });
/** Parts sort behind their first and before every other row, since `#` sorts before whatever else a row's name goes on with. */
export const partName = (row: string, part: number): string => `${row}#${String(part).padStart(partDigits, '0')}`;
/** The last name that a part of a row can have. */
export const lastPartName = (row: string): string => `${row}#~`;
export const isFirst = (item: Item): boolean => item.part === undefined;
export const rowNameOf = (item: Item): string => item[sortKey]?.S ?? '';

/**
 * Writes all parts or none.
 *
 * @param condition on the first part
 * @returns how many bytes they have, or `undefined` when the condition does not hold
 * @throws RangeError for more than `partsMax` parts hold
 */
export async function writeParted(
  { client, tableName }: { client: DynamoDBClient; tableName: string },
  parted: PartedRow,
  condition?: WriteCondition,
): Promise<number | undefined> {
  const [first, ...others] = partsOf(parted);
  const bytes = [first, ...others].reduce((sum, item) => sum + bytesOfItem(item), 0);
  const put = { TableName: tableName, Item: first, ...condition };
  if (others.length === 0) return (await putAlone(client, put)) ? bytes : undefined;
  const items = [{ Put: put }, ...others.map((Item) => ({ Put: { TableName: tableName, Item } }))];
  const result = await transact(client, items);
  if (result.kind === 'written') return bytes;
  if (result.reasons[0]?.Code === 'ConditionalCheckFailed') return undefined;
  const codes = result.reasons.map(({ Code }) => Code).join(', ');
  throw new Error(`${parted.key.row} of ${parted.key.series} could not be written: ${codes}`);
}

async function putAlone(
  client: DynamoDBClient,
  input: { TableName: string; Item: Item } & Partial<WriteCondition>,
): Promise<boolean> {
  try {
    await client.send(new PutItemCommand(input));
    return true;
  } catch (error) {
    const refused = error instanceof Error && error.name === 'ConditionalCheckFailedException';
    if (refused && input.ConditionExpression !== undefined) return false;
    throw error;
  }
}

const expiry = (expiresAtMs: number | undefined, laterMs = 0): Item =>
  expiresAtMs === undefined ? {} : { expiresAt: { N: String(Math.ceil((expiresAtMs + laterMs) / 1_000)) } };

function partsOf({ key, data, head, expiresAtMs }: PartedRow): [Item, ...Item[]] {
  const count = Math.max(1, Math.ceil(data.length / partBytesMax));
  if (count > partsMax) {
    const most = partsMax * partBytesMax;
    throw new RangeError(
      `${key.row} of ${key.series} has ${data.length} bytes, and at most ${most} are written at once`,
    );
  }
  const pieceOf = (part: number): AttributeValue => ({
    B: data.subarray(part * partBytesMax, (part + 1) * partBytesMax),
  });
  const first: Item = { ...head, ...keyOf(key), ...expiry(expiresAtMs), data: pieceOf(0) };
  if (count === 1) return [first];
  const stamp: Item = { stamp: { S: createHash('sha256').update(data).digest('hex').slice(0, stampLength) } };
  const others = Array.from({ length: count - 1 }, (_, index): Item => {
    const name = { series: key.series, row: partName(key.row, index + 1) };
    return {
      ...keyOf(name),
      ...expiry(expiresAtMs, othersLaterMs),
      ...stamp,
      part: { N: String(index + 1) },
      data: pieceOf(index + 1),
    };
  });
  return [{ ...first, ...stamp, parts: { N: String(count) } }, ...others];
}

/** As DynamoDB counts what is asked of it: the bytes of names and values. Only texts, numbers and bytes are here. */
function bytesOfItem(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + bytesOfValue(value), 0);
}

function bytesOfValue({ S: text, N: number, B: bytes }: AttributeValue): number {
  if (bytes !== undefined) return bytes.length;
  return text === undefined ? Math.ceil((number ?? '').length / 2) + 1 : new TextEncoder().encode(text).length;
}

export interface JoinedRow {
  head: Item;
  row: string;
  /** Absent when parts of it are missing, or of other data: it was written while it was read. */
  data?: Uint8Array;
}

/** @param items first parts and others, in order of their names */
export function joinParts(items: readonly Item[]): JoinedRow[] {
  const byName = new Map(items.map((item) => [rowNameOf(item), item]));
  return items.filter(isFirst).map((head) => {
    const row = rowNameOf(head);
    const pieces: Uint8Array[] = [head.data?.B ?? new Uint8Array()];
    for (let part = 1; part < Number(head.parts?.N ?? 1); part += 1) {
      const other = byName.get(partName(row, part));
      if (other?.data?.B === undefined || other.stamp?.S !== head.stamp?.S) return { head, row };
      pieces.push(other.data.B);
    }
    return { head, row, data: new Uint8Array(Buffer.concat(pieces)) };
  });
}
