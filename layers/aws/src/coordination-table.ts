import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type CoordinationRow, type CoordinationStore, type RowChange, tableSchemas } from '@nightdesk/core';

const { partitionKey, timeToLive } = tableSchemas.coordination;
/** Orders wait for these rows, so a table that does not answer must be known well before an order is too late. */
const answerMsMax = 1_000;
/** How often a change is tried anew because somebody else came first. Each has its way a few milliseconds later. */
const conflictsMax = 40;
const conflictPauseMs = 4;
const conflictPauseMsMax = 100;

type Decide<Result> = (row: CoordinationRow | undefined) => RowChange<Result>;

/** What one process knows of a row. `version` 0 is no row. */
interface KnownRow {
  version: number;
  row: CoordinationRow | undefined;
}

/**
 * Rows in a table, each with a version that every change counts up. A change takes one write where nobody else changed the
 * row since this process saw it last; else the refused write brings the newer row along. What is decided without a write
 * is decided on a row that was just read.
 */
export function createCoordinationTable(client: DynamoDBClient, tableName: string): CoordinationStore {
  const seen = new Map<string, KnownRow>();
  /** The last change of a row from this process: the next begins after it, or it would only come in its way. */
  const turns = new Map<string, Promise<unknown>>();
  return {
    change(key, decide) {
      const turn = (turns.get(key) ?? Promise.resolve()).then(() => change(key, decide));
      const over = turn.catch(() => undefined).finally(() => turns.get(key) === over && turns.delete(key));
      turns.set(key, over);
      return turn;
    },
  };

  async function change<Result>(key: string, decide: Decide<Result>): Promise<Result> {
    let known = seen.get(key);
    let fresh = known === undefined;
    known ??= await read(client, tableName, key);
    for (let conflict = 0; conflict < conflictsMax; conflict += 1) {
      const { row, expiresAtMs, result } = decide(known.row);
      if (row === undefined) {
        seen.set(key, known);
        if (fresh) return result;
        known = await read(client, tableName, key);
        fresh = true;
        continue;
      }
      const next = { row, version: known.version + 1 };
      const newer = await write(client, tableName, { key, expiresAtMs, next, before: known.version });
      if (newer === undefined) {
        seen.set(key, next);
        return result;
      }
      known = newer;
      fresh = true;
      // Full jitter: those that collided once must not meet again.
      if (conflict > 0) await sleep(Math.random() * Math.min(conflictPauseMs * 2 ** conflict, conflictPauseMsMax));
    }
    throw new Error(`others changed the row ${key} first, ${conflictsMax} times`);
  }
}

const timeLimit = () => ({ abortSignal: AbortSignal.timeout(answerMsMax) });

async function read(client: DynamoDBClient, tableName: string, key: string): Promise<KnownRow> {
  const input = { TableName: tableName, Key: { [partitionKey]: { S: key } }, ConsistentRead: true };
  return fromItem((await client.send(new GetItemCommand(input), timeLimit())).Item);
}

/** @returns nothing once it is written, else the row as it is */
async function write(
  client: DynamoDBClient,
  tableName: string,
  { key, expiresAtMs = 0, next, before }: { key: string; expiresAtMs?: number; next: KnownRow; before: number },
): Promise<KnownRow | undefined> {
  const { row = {}, version } = next;
  const item = { [partitionKey]: key, version, [timeToLive]: Math.ceil(expiresAtMs / 1_000), fields: row };
  const input = {
    TableName: tableName,
    Item: marshall(item),
    ConditionExpression: before === 0 ? 'attribute_not_exists(#version)' : '#version = :before',
    ExpressionAttributeNames: { '#version': 'version' },
    ...(before > 0 && { ExpressionAttributeValues: { ':before': { N: String(before) } } }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
  try {
    await client.send(new PutItemCommand(input), timeLimit());
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return fromItem(error.Item);
  }
}

function fromItem(item: Record<string, AttributeValue> | undefined): KnownRow {
  if (item === undefined) return { version: 0, row: undefined };
  const { version, fields } = unmarshall(item);
  return { version: Number(version), row: fields as CoordinationRow };
}
