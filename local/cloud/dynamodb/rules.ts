/** What requests may look like: dynalite's validations, brought up to date where the service has moved on. */
import type { RequestData } from 'dynalite/db/index.js';
import batchGetItem from 'dynalite/validations/batchGetItem.js';
import batchWriteItem from 'dynalite/validations/batchWriteItem.js';
import createTable from 'dynalite/validations/createTable.js';
import deleteItem from 'dynalite/validations/deleteItem.js';
import deleteTable from 'dynalite/validations/deleteTable.js';
import describeTable from 'dynalite/validations/describeTable.js';
import getItem from 'dynalite/validations/getItem.js';
import type { CustomValidation, FieldTypes } from 'dynalite/validations/index.js';
import listTables from 'dynalite/validations/listTables.js';
import listTagsOfResource from 'dynalite/validations/listTagsOfResource.js';
import putItem from 'dynalite/validations/putItem.js';
import query from 'dynalite/validations/query.js';
import scan from 'dynalite/validations/scan.js';
import tagResource from 'dynalite/validations/tagResource.js';
import untagResource from 'dynalite/validations/untagResource.js';
import updateItem from 'dynalite/validations/updateItem.js';
import updateTable from 'dynalite/validations/updateTable.js';
import { streamViewTypes } from './streams/stream.ts';

export interface Rules {
  readonly types: FieldTypes;
  readonly custom?: CustomValidation | undefined;
  /** Looked at before everything else; returns what is wrong. */
  readonly first?: ((data: RequestData) => string | undefined) | undefined;
}

const batchGetKeysMax = 100;

const tableNameConstraints = { regex: '[a-zA-Z0-9_.-]+', lengthGreaterThanOrEqual: 3, lengthLessThanOrEqual: 255 };
const newTableNameField = { type: 'String', required: true, ...tableNameConstraints };

/** The name of a table that exists. */
export const tableNameField = { type: 'String', notNull: true, ...tableNameConstraints };

const failedConditionField = { type: 'String', enum: ['ALL_OLD', 'NONE'] };

function withFailedCondition(rules: Rules): Rules {
  return { ...rules, types: { ...rules.types, ReturnValuesOnConditionCheckFailure: failedConditionField } };
}

function isEmpty(requestItems: unknown): boolean {
  return typeof requestItems === 'object' && requestItems !== null && Object.keys(requestItems).length === 0;
}

function checkBatchGet({ RequestItems }: RequestData): string | undefined {
  if (isEmpty(RequestItems)) return 'The requestItems parameter is required for BatchGetItem';
  for (const [tableName, request] of Object.entries((RequestItems ?? {}) as Record<string, { Keys?: unknown[] }>)) {
    if ((request.Keys?.length ?? 0) <= batchGetKeysMax) continue;
    return (
      `1 validation error detected: Value at 'RequestItems.${tableName}.member.Keys' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${batchGetKeysMax}`
    );
  }
  return undefined;
}

function checkSelect(data: RequestData): string | undefined {
  const isListed = data.ProjectionExpression !== undefined || data.AttributesToGet !== undefined;
  return data.Select === 'SPECIFIC_ATTRIBUTES' && !isListed
    ? 'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES'
    : undefined;
}

function checkQuery(data: RequestData): string | undefined {
  return data.Limit === 0
    ? "1 validation error detected: Value at 'Limit' failed to satisfy constraint: " +
        'Member must have value greater than or equal to 1'
    : checkSelect(data);
}

function checkScan(data: RequestData): string | undefined {
  return data.Segment !== undefined && data.TotalSegments === undefined
    ? 'The TotalSegments parameter is required but was not present in the request when Segment parameter is present'
    : checkSelect(data);
}

const arnPattern = /^.+:.+:.+:.+:.+:.+\/.+$/;

function checkTagArn({ ResourceArn }: RequestData): string | undefined {
  return typeof ResourceArn === 'string' && !arnPattern.test(ResourceArn)
    ? `Invalid TableArn: Invalid ResourceArn provided as input ${ResourceArn}`
    : undefined;
}

const streamField = {
  type: 'FieldStruct<StreamSpecification>',
  children: {
    StreamEnabled: { type: 'Boolean', notNull: true },
    StreamViewType: { type: 'String', enum: [...streamViewTypes] },
  },
};

interface IndexUpdatesField {
  readonly children: { readonly children: { readonly Create: { readonly children: FieldTypes } } };
}

/** On-demand tables add an index without throughput, and every added index may bring attribute definitions. */
function updateTableTypes(): FieldTypes {
  const updates = structuredClone(updateTable.types.GlobalSecondaryIndexUpdates) as IndexUpdatesField;
  const { Create } = updates.children.children;
  Create.children.ProvisionedThroughput = createTable.types.ProvisionedThroughput;
  const { notNull: _required, ...optionalDefinitions } = createTable.types.AttributeDefinitions as FieldTypes;
  return {
    ...updateTable.types,
    AttributeDefinitions: optionalDefinitions,
    GlobalSecondaryIndexUpdates: updates,
    StreamSpecification: streamField,
  };
}

/** Dynalite's check does not count a stream among what a table can be updated by, but a flag that no request has. */
const checkUpdateTable: CustomValidation = (data, store) =>
  updateTable.custom?.({ ...data, UpdateStreamEnabled: data.StreamSpecification !== undefined }, store);

export const rules = {
  BatchGetItem: { ...batchGetItem, first: checkBatchGet },
  BatchWriteItem: {
    ...batchWriteItem,
    first: ({ RequestItems }) =>
      isEmpty(RequestItems) ? 'The requestItems parameter is required for BatchWriteItem' : undefined,
  },
  CreateTable: {
    ...createTable,
    types: { ...createTable.types, TableName: newTableNameField, StreamSpecification: streamField },
  },
  DeleteItem: withFailedCondition(deleteItem),
  DeleteTable: deleteTable,
  DescribeTable: describeTable,
  GetItem: getItem,
  ListTables: listTables,
  ListTagsOfResource: listTagsOfResource,
  PutItem: withFailedCondition(putItem),
  Query: { ...query, first: checkQuery },
  Scan: { ...scan, first: checkScan },
  TagResource: { ...tagResource, first: checkTagArn },
  UntagResource: untagResource,
  UpdateItem: withFailedCondition(updateItem),
  UpdateTable: { ...updateTable, types: updateTableTypes(), custom: checkUpdateTable },
} satisfies Record<string, Rules>;
