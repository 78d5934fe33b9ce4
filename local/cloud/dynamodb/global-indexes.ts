/** Adding and removing global indexes of a table that exists, which dynalite's `UpdateTable` takes and forgets. */
import type { Item, RequestData, SecondaryIndex, Store, Table } from 'dynalite/db/index.js';
import type { Changes } from './changes.ts';
import type { Database } from './database.ts';
import { modelError, validationError } from './errors.ts';
import { updateIndexes } from './index-rows.ts';
import { indexPrefix, itemsPrefix, prefixRange, tablesPrefix } from './row-keys.ts';

interface IndexUpdate {
  readonly Create?: SecondaryIndex;
  readonly Delete?: { readonly IndexName: string };
}

type AttributeDefinitions = Table['AttributeDefinitions'];

/** What index changes work on: a table's row that is about to be written, and where its rows are. */
export interface IndexChange {
  readonly database: Database;
  readonly changes: Changes;
  readonly store: Store;
  readonly table: Table;
}

function indexesOf(table: Table): SecondaryIndex[] {
  return [...(table.LocalSecondaryIndexes ?? []), ...(table.GlobalSecondaryIndexes ?? [])];
}

/** The table's attribute definitions and the new ones, where the new ones win. */
function mergeDefinitions(existing: AttributeDefinitions, added: AttributeDefinitions): AttributeDefinitions {
  const byName = new Map([...existing, ...added].map((definition) => [definition.AttributeName, definition]));
  return [...byName.values()];
}

/** DynamoDB keeps definitions of key attributes only. */
function dropUnusedDefinitions(table: Table): void {
  const keys = [table.KeySchema, ...indexesOf(table).map((index) => index.KeySchema)].flat();
  const used = new Set(keys.map((key) => key.AttributeName));
  table.AttributeDefinitions = table.AttributeDefinitions.filter(({ AttributeName }) => used.has(AttributeName));
}

async function addIndex({ database, changes, store, table }: IndexChange, definition: SecondaryIndex): Promise<void> {
  const name = definition.IndexName;
  if (indexesOf(table).some((index) => index.IndexName === name)) {
    throw validationError(`Attempting to create an index which already exists: ${name}`);
  }
  const defined = new Set(table.AttributeDefinitions.map((attribute) => attribute.AttributeName));
  const undefinedKey = definition.KeySchema.find((key) => !defined.has(key.AttributeName));
  if (undefinedKey !== undefined) {
    throw validationError(
      `One or more parameter values were invalid: key ${undefinedKey.AttributeName} of index ${name} ` +
        'is missing in AttributeDefinitions',
    );
  }
  const index: SecondaryIndex = {
    ...definition,
    IndexArn: `${table.TableArn}/index/${name}`,
    IndexSizeBytes: 0,
    IndexStatus: 'ACTIVE',
    ItemCount: 0,
    ProvisionedThroughput: {
      ReadCapacityUnits: 0,
      WriteCapacityUnits: 0,
      ...(definition.ProvisionedThroughput ?? {}),
      NumberOfDecreasesToday: 0,
    },
  };
  const { LocalSecondaryIndexes: _others, ...tableWithOneIndex } = { ...table, GlobalSecondaryIndexes: [index] };
  for (const key of await database.keys(prefixRange(itemsPrefix(table.TableName)))) {
    updateIndexes(store, tableWithOneIndex, { after: changes.read(key) as Item });
  }
  table.GlobalSecondaryIndexes = [...(table.GlobalSecondaryIndexes ?? []), index];
}

async function removeIndex({ database, changes, table }: IndexChange, name: string): Promise<void> {
  const remaining = table.GlobalSecondaryIndexes?.filter((index) => index.IndexName !== name) ?? [];
  if (remaining.length === (table.GlobalSecondaryIndexes?.length ?? 0)) {
    throw modelError('ResourceNotFoundException', `Requested resource not found: Index: ${name} not found`);
  }
  const keys = await database.keys(prefixRange(indexPrefix('Global', table.TableName, name)));
  keys.forEach(changes.delete);
  if (remaining.length > 0) table.GlobalSecondaryIndexes = remaining;
  else delete table.GlobalSecondaryIndexes;
}

/** Applies the index changes of an `UpdateTable` request to the table's row and fills or clears the index rows. */
export async function updateGlobalIndexes(change: IndexChange, data: RequestData): Promise<void> {
  const { changes, table } = change;
  const added = (data.AttributeDefinitions ?? []) as AttributeDefinitions;
  table.AttributeDefinitions = mergeDefinitions(table.AttributeDefinitions, added);
  for (const { Create, Delete } of (data.GlobalSecondaryIndexUpdates ?? []) as IndexUpdate[]) {
    if (Create !== undefined) await addIndex(change, Create);
    if (Delete !== undefined) await removeIndex(change, Delete.IndexName);
  }
  dropUnusedDefinitions(table);
  changes.put(tablesPrefix + table.TableName, table);
}
