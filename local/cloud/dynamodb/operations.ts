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
import dynaliteUpdateTable from 'dynalite/actions/updateTable.js';
import type { RequestData } from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import {
  type Action,
  type Answer,
  decideItemWrite,
  decideLater,
  decideNow,
  type Engine,
  type Operation,
} from './engine.ts';
import { validationError } from './errors.ts';
import { rememberExpressions } from './remembered-expressions.ts';
import { type Rules, rules } from './rules.ts';
import { createStore } from './store.ts';
import { changeTable, updateTable } from './table-changes.ts';
import { describeTimeToLiveOperation, updateTimeToLiveOperation } from './time-to-live-operations.ts';
import { transactGetItems } from './transact-get-items.ts';
import { transactWriteItems } from './transact-write-items.ts';

rememberExpressions();

/** Reads committed rows; never waits for a write. */
function reading(operationRules: Rules, action: Action): Operation {
  return { ...operationRules, run: (engine, data) => decideLater(action, engine.committed, data) };
}

function writingItem(operationRules: Rules, action: Action): Operation {
  return {
    ...operationRules,
    run: (engine, data) =>
      engine.writes.write((changes) => ({
        ...decideItemWrite(engine, action, { data, changes }),
        ...itemCollectionMetrics(engine, data),
      })),
  };
}

/** Writes that touch several rows but no single item's condition. */
function writing(operationRules: Rules, action: Action): Operation {
  return {
    ...operationRules,
    run: (engine, data) =>
      engine.writes.write((changes) => decideNow(action, createStore(engine.context, changes.read, changes), data)),
  };
}

function changingTable(operationRules: Rules, action: Action): Operation {
  return { ...operationRules, run: (engine, data) => changeTable(engine, action, data) };
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
  ['BatchGetItem', reading(rules.BatchGetItem, batchGetItem)],
  ['BatchWriteItem', writing(rules.BatchWriteItem, batchWriteItem)],
  ['CreateTable', changingTable(rules.CreateTable, createTable)],
  ['DeleteItem', writingItem(rules.DeleteItem, deleteItem)],
  ['DeleteTable', changingTable(rules.DeleteTable, deleteTable)],
  ['DescribeTable', reading(rules.DescribeTable, describeTable)],
  ['DescribeTimeToLive', describeTimeToLiveOperation],
  ['GetItem', reading(rules.GetItem, getItem)],
  ['ListTables', reading(rules.ListTables, listTables)],
  ['ListTagsOfResource', reading(rules.ListTagsOfResource, listTagsOfResource)],
  ['PutItem', writingItem(rules.PutItem, putItem)],
  ['Query', reading(rules.Query, query)],
  ['Scan', reading(rules.Scan, scan)],
  ['TagResource', writing(rules.TagResource, tagResource)],
  ['TransactGetItems', transactGetItems],
  ['TransactWriteItems', transactWriteItems],
  ['UntagResource', writing(rules.UntagResource, untagResource)],
  ['UpdateItem', writingItem(rules.UpdateItem, updateItem)],
  ['UpdateTable', { ...rules.UpdateTable, run: (engine, data) => updateTable(engine, dynaliteUpdateTable, data) }],
  ['UpdateTimeToLive', updateTimeToLiveOperation],
]);

export function findOperation(name: string): Operation | undefined {
  return operations.get(name);
}

/** Checks a request's types and rules, then runs it. @throws ApiError for everything the caller did wrong. */
export async function runOperation(engine: Engine, operation: Operation, request: RequestData): Promise<Answer> {
  const data = validations.checkTypes(request, operation.types);
  const complaint = operation.first?.(data);
  if (complaint !== undefined) throw validationError(complaint);
  validations.checkValidations(data, operation.types, operation.custom, engine.committed);
  return operation.run(engine, data);
}
