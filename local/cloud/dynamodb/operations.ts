/** Every operation the embedded DynamoDB answers: dynalite's own, each run the way it needs, and the overlay's. */
import batchGetItem from 'dynalite/actions/batchGetItem.js';
import batchWriteItem from 'dynalite/actions/batchWriteItem.js';
import createTable from 'dynalite/actions/createTable.js';
import deleteItem from 'dynalite/actions/deleteItem.js';
import deleteTable from 'dynalite/actions/deleteTable.js';
import describeTable from 'dynalite/actions/describeTable.js';
import getItem from 'dynalite/actions/getItem.js';
import listTables from 'dynalite/actions/listTables.js';
import listTagsOfResource from 'dynalite/actions/listTagsOfResource.js';
import putItem from 'dynalite/actions/putItem.js';
import query from 'dynalite/actions/query.js';
import scan from 'dynalite/actions/scan.js';
import tagResource from 'dynalite/actions/tagResource.js';
import untagResource from 'dynalite/actions/untagResource.js';
import updateItem from 'dynalite/actions/updateItem.js';
import updateTable from 'dynalite/actions/updateTable.js';
import type { RequestData } from 'dynalite/db/index.js';
import batchGetItemRules from 'dynalite/validations/batchGetItem.js';
import batchWriteItemRules from 'dynalite/validations/batchWriteItem.js';
import createTableRules from 'dynalite/validations/createTable.js';
import deleteItemRules from 'dynalite/validations/deleteItem.js';
import deleteTableRules from 'dynalite/validations/deleteTable.js';
import describeTableRules from 'dynalite/validations/describeTable.js';
import getItemRules from 'dynalite/validations/getItem.js';
import type { CustomValidation, FieldTypes } from 'dynalite/validations/index.js';
import validations from 'dynalite/validations/index.js';
import listTablesRules from 'dynalite/validations/listTables.js';
import listTagsOfResourceRules from 'dynalite/validations/listTagsOfResource.js';
import putItemRules from 'dynalite/validations/putItem.js';
import queryRules from 'dynalite/validations/query.js';
import scanRules from 'dynalite/validations/scan.js';
import tagResourceRules from 'dynalite/validations/tagResource.js';
import untagResourceRules from 'dynalite/validations/untagResource.js';
import updateItemRules from 'dynalite/validations/updateItem.js';
import updateTableRules from 'dynalite/validations/updateTable.js';
import {
  type Action,
  type Answer,
  decideItemWrite,
  decideLater,
  decideNow,
  type Engine,
  type Operation,
} from './engine.ts';
import { createStore } from './store.ts';
import { changeTable } from './table-changes.ts';
import { describeTimeToLiveOperation, updateTimeToLiveOperation } from './time-to-live-operations.ts';
import { transactGetItems } from './transact-get-items.ts';
import { transactWriteItems } from './transact-write-items.ts';

interface Rules {
  readonly types: FieldTypes;
  readonly custom?: CustomValidation;
}

const failedConditionField = { type: 'String', enum: ['ALL_OLD', 'NONE'] };

/** Reads committed rows; never waits for a write. */
function reading(rules: Rules, action: Action): Operation {
  return { ...rules, run: (engine, data) => decideLater(action, engine.committed, data) };
}

function writingItem(rules: Rules, action: Action): Operation {
  return {
    types: { ...rules.types, ReturnValuesOnConditionCheckFailure: failedConditionField },
    custom: rules.custom,
    run: (engine, data) =>
      engine.writes.write((changes) => ({
        ...decideItemWrite(engine, action, { data, changes }),
        ...itemCollectionMetrics(engine, data),
      })),
  };
}

/** Writes that touch several rows but no single item's condition. */
function writing(rules: Rules, action: Action): Operation {
  return {
    ...rules,
    run: (engine, data) =>
      engine.writes.write((changes) => decideNow(action, createStore(engine.context, changes.read, changes), data)),
  };
}

function changingTable(rules: Rules, action: Action): Operation {
  return { ...rules, run: (engine, data) => changeTable(engine, action, data) };
}

/** Only tables with local indexes have item collections. */
function itemCollectionMetrics({ context }: Engine, data: RequestData): Answer {
  const table = context.catalog.table(String(data.TableName));
  const hashName = table?.KeySchema[0]?.AttributeName;
  if (data.ReturnItemCollectionMetrics !== 'SIZE' || !table?.LocalSecondaryIndexes || !hashName) return {};
  const item = (data.Key ?? data.Item) as Record<string, unknown>;
  return {
    ItemCollectionMetrics: { ItemCollectionKey: { [hashName]: item[hashName] }, SizeEstimateRangeGB: [0, 1] },
  };
}

const operations = new Map<string, Operation>([
  ['BatchGetItem', reading(batchGetItemRules, batchGetItem)],
  ['BatchWriteItem', writing(batchWriteItemRules, batchWriteItem)],
  ['CreateTable', changingTable(createTableRules, createTable)],
  ['DeleteItem', writingItem(deleteItemRules, deleteItem)],
  ['DeleteTable', changingTable(deleteTableRules, deleteTable)],
  ['DescribeTable', reading(describeTableRules, describeTable)],
  ['DescribeTimeToLive', describeTimeToLiveOperation],
  ['GetItem', reading(getItemRules, getItem)],
  ['ListTables', reading(listTablesRules, listTables)],
  ['ListTagsOfResource', reading(listTagsOfResourceRules, listTagsOfResource)],
  ['PutItem', writingItem(putItemRules, putItem)],
  ['Query', reading(queryRules, query)],
  ['Scan', reading(scanRules, scan)],
  ['TagResource', writing(tagResourceRules, tagResource)],
  ['TransactGetItems', transactGetItems],
  ['TransactWriteItems', transactWriteItems],
  ['UntagResource', writing(untagResourceRules, untagResource)],
  ['UpdateItem', writingItem(updateItemRules, updateItem)],
  ['UpdateTable', changingTable(updateTableRules, updateTable)],
  ['UpdateTimeToLive', updateTimeToLiveOperation],
]);

export function findOperation(name: string): Operation | undefined {
  return operations.get(name);
}

/** Checks a request's types and rules, then runs it. @throws ApiError for everything the caller did wrong. */
export async function runOperation(engine: Engine, operation: Operation, request: RequestData): Promise<Answer> {
  const data = validations.checkTypes(request, operation.types);
  validations.checkValidations(data, operation.types, operation.custom, engine.committed);
  return operation.run(engine, data);
}
