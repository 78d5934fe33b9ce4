/** Records of a table's change stream, told apart and unpacked. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { tableSchemas } from '@nightdesk/core';
import type { DynamoDBRecord } from 'aws-lambda';

/** A row that was written: what it is now, and what it was before, where it was there. Rows of the journal never were. */
export interface RowChange {
  table: 'orders' | 'journal';
  before: Record<string, unknown> | undefined;
  after: Record<string, unknown>;
}

type Image = Record<string, AttributeValue>;

/**
 * @returns `undefined` for a row that was deleted
 * @throws Error when the record is of another table, or its stream does not carry both images
 */
export function readChange({ dynamodb, eventName }: DynamoDBRecord): RowChange | undefined {
  const keys = dynamodb?.Keys ?? {};
  const table = (['orders', 'journal'] as const).find((name) => Object.hasOwn(keys, tableSchemas[name].partitionKey));
  if (table === undefined) throw new Error(`a change of a table with the key ${Object.keys(keys).join(', ')}`);
  if (eventName === 'REMOVE') return undefined;
  if (dynamodb?.NewImage === undefined) throw new Error(`a change of ${table} without the row as it is now`);
  if (eventName === 'MODIFY' && dynamodb.OldImage === undefined) {
    throw new Error(`a change of ${table} without the row as it was`);
  }
  const { OldImage: old, NewImage: current } = dynamodb;
  return { table, before: old && unmarshall(old as Image), after: unmarshall(current as Image) };
}
