/** Tables as CloudFormation defines them. */
import { isDeepStrictEqual } from 'node:util';
import type { SecondaryIndex, Table } from 'dynalite/db/index.js';
import type { Engine } from './engine.ts';
import { findOperation, runOperation } from './operations.ts';
import { type StreamViewType, setStream, streamOf, streamViewTypes } from './streams/stream.ts';
import { templateStreamLabel } from './streams/stream-arn.ts';
import { dropStream } from './streams/trimming.ts';
import { setExpiryAttribute } from './time-to-live.ts';

/** Properties of `AWS::DynamoDB::Table` as a template holds them, references resolved. */
export interface TableDefinition {
  readonly TableName: string;
  readonly KeySchema: Table['KeySchema'];
  readonly AttributeDefinitions: Table['AttributeDefinitions'];
  readonly LocalSecondaryIndexes?: readonly SecondaryIndex[];
  readonly GlobalSecondaryIndexes?: readonly SecondaryIndex[];
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean };
  /** Its stream is labelled `templateStreamLabel`. */
  readonly StreamSpecification?: { readonly StreamViewType: StreamViewType };
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

/** @throws Error naming what the stream should have and cannot. */
function checkStream(tableName: string, stream: TableDefinition['StreamSpecification']): void {
  if (stream === undefined) return;
  const { StreamViewType: viewType, ...others } = stream;
  const unknown = Object.keys(others);
  if (unknown.length > 0) {
    throw new Error(`DynamoDB table ${tableName}: StreamSpecification.${unknown[0]} is not emulated`);
  }
  if (!streamViewTypes.includes(viewType)) {
    const known = streamViewTypes.join(', ');
    throw new Error(`DynamoDB table ${tableName}: StreamViewType must be one of ${known}, not ${viewType}`);
  }
}

/** Brings a table's stream to its definition. One that is switched on again goes on where it was. */
async function applyStream(engine: Engine, tableName: string, viewType: StreamViewType | undefined): Promise<void> {
  const { catalog, database } = engine.context;
  const current = streamOf(catalog.table(tableName));
  const wanted = viewType === undefined ? undefined : templateStreamLabel;
  const isThere = current?.isEnabled && current.viewType === viewType && current.label === wanted;
  if (isThere || (viewType === undefined && !current?.isEnabled)) return;
  const specification = { StreamEnabled: viewType !== undefined, StreamViewType: viewType };
  await engine.writes.writeAlone(async (changes) => {
    if (wanted !== undefined && current !== undefined && current.label !== wanted) {
      await dropStream(database, changes, tableName);
    }
    setStream(changes, tableName, { specification, label: templateStreamLabel });
  });
}

/** @see DynamoDb.createTable */
export async function applyTableDefinition(engine: Engine, definition: TableDefinition): Promise<void> {
  const { StreamSpecification: stream, ...withoutStream } = definition;
  const { TableName: tableName, TimeToLiveSpecification: expiry } = definition;
  checkStream(tableName, stream);
  const existing = engine.context.catalog.table(tableName);
  const difference = existing && findDifference(existing, definition);
  if (difference !== undefined) {
    throw new Error(
      `DynamoDB table ${tableName} exists with another definition: ${difference}; start with fresh state`,
    );
  }
  if (existing === undefined) await runCreateTable(engine, withoutStream);
  await applyStream(engine, tableName, stream?.StreamViewType);

  const attribute = expiry?.Enabled ? expiry.AttributeName : undefined;
  if (engine.context.catalog.expiryAttribute(tableName) === attribute) return;
  await engine.writes.writeAlone((changes) => setExpiryAttribute(engine.context, changes, { tableName, attribute }));
}
