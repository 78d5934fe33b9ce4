/** Tables as CloudFormation defines them. */
import { isDeepStrictEqual } from 'node:util';
import type { SecondaryIndex, Table } from 'dynalite/db/index.js';
import type { Engine } from './engine.ts';
import { findOperation, runOperation } from './operations.ts';
import { setExpiryAttribute } from './time-to-live.ts';

/** Properties of `AWS::DynamoDB::Table` as a template holds them, references resolved. */
export interface TableDefinition {
  readonly TableName: string;
  readonly KeySchema: Table['KeySchema'];
  readonly AttributeDefinitions: Table['AttributeDefinitions'];
  readonly LocalSecondaryIndexes?: readonly SecondaryIndex[];
  readonly GlobalSecondaryIndexes?: readonly SecondaryIndex[];
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean };
  readonly [property: string]: unknown;
}

/** What cannot be changed without losing rows, in a form that two definitions can be compared in. */
function shapeOf(table: TableDefinition | Table): Map<string, unknown> {
  const keyNames = new Set<string>();
  const shape = new Map<string, unknown>();
  const noteKeys = (name: string, keySchema: Table['KeySchema'], projection?: SecondaryIndex['Projection']): void => {
    for (const key of keySchema) keyNames.add(key.AttributeName);
    const keys = keySchema.map((key) => `${key.KeyType} ${key.AttributeName}`);
    const included = [...(projection?.NonKeyAttributes ?? [])].sort();
    shape.set(name, { keys, projection: projection?.ProjectionType, included });
  };
  noteKeys('KeySchema', table.KeySchema);
  for (const kind of ['LocalSecondaryIndexes', 'GlobalSecondaryIndexes'] as const) {
    for (const index of table[kind] ?? []) noteKeys(`${kind} ${index.IndexName}`, index.KeySchema, index.Projection);
  }
  for (const { AttributeName, AttributeType } of table.AttributeDefinitions) {
    if (keyNames.has(AttributeName)) shape.set(`AttributeDefinitions ${AttributeName}`, AttributeType);
  }
  return shape;
}

function findDifference(existing: Table, definition: TableDefinition): string | undefined {
  const is = shapeOf(existing);
  const wanted = shapeOf(definition);
  for (const property of new Set([...is.keys(), ...wanted.keys()])) {
    if (isDeepStrictEqual(is.get(property), wanted.get(property))) continue;
    const describe = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
    return `${property} is ${describe(is.get(property))} and should be ${describe(wanted.get(property))}`;
  }
  return undefined;
}

async function runCreateTable(engine: Engine, definition: TableDefinition): Promise<void> {
  const createTable = findOperation('CreateTable');
  if (createTable === undefined) throw new Error('the embedded DynamoDB has no CreateTable');
  await runOperation(engine, createTable, structuredClone(definition));
}

/** @see DynamoDb.createTable */
export async function applyTableDefinition(engine: Engine, definition: TableDefinition): Promise<void> {
  const { TableName: tableName, TimeToLiveSpecification: expiry } = definition;
  if (definition.StreamSpecification !== undefined) {
    throw new Error(`DynamoDB table ${tableName}: StreamSpecification is not supported by the embedded cloud`);
  }
  const existing = engine.context.catalog.table(tableName);
  const difference = existing && findDifference(existing, definition);
  if (difference !== undefined) {
    throw new Error(
      `DynamoDB table ${tableName} exists with another definition: ${difference}; start with fresh state`,
    );
  }
  if (existing === undefined) await runCreateTable(engine, definition);

  const attribute = expiry?.Enabled ? expiry.AttributeName : undefined;
  if (engine.context.catalog.expiryAttribute(tableName) === attribute) return;
  await engine.writes.writeAlone((changes) => setExpiryAttribute(engine.context, changes, { tableName, attribute }));
}
