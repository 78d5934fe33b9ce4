/** `TransactWriteItems`: each part runs through dynalite's own action on one layer of changes, which is kept or dropped whole. */
import deleteItem from 'dynalite/actions/deleteItem.js';
import putItem from 'dynalite/actions/putItem.js';
import updateItem from 'dynalite/actions/updateItem.js';
import type { Callback, Item, RequestData, Store } from 'dynalite/db/index.js';
import dynalite from 'dynalite/db/index.js';
import deleteItemRules from 'dynalite/validations/deleteItem.js';
import type { CustomValidation, FieldTypes } from 'dynalite/validations/index.js';
import putItemRules from 'dynalite/validations/putItem.js';
import updateItemRules from 'dynalite/validations/updateItem.js';
import type { Changes } from './changes.ts';
import { type Action, type Answer, decideItemWrite, type Engine, type Operation } from './engine.ts';
import { validationError } from './errors.ts';
import { fingerprintOf } from './request-tokens.ts';
import {
  capacityPerTable,
  decideParts,
  itemsField,
  pickTypes,
  refuseOversized,
  refuseRepeatedItems,
  type TransactionPart,
} from './transactions.ts';

interface PartKind {
  readonly types: FieldTypes;
  readonly custom: CustomValidation | undefined;
  readonly action: Action;
}

const conditionFields = ['TableName', 'ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'];

function partKind(rules: { types: FieldTypes; custom?: CustomValidation }, fields: string[], action: Action): PartKind {
  const types = {
    ...pickTypes(rules.types, [...conditionFields, ...fields]),
    ReturnValuesOnConditionCheckFailure: { type: 'String', enum: ['ALL_OLD', 'NONE'] },
  };
  return { types, custom: rules.custom, action };
}

/** Looks at an item as a delete would, and leaves it. */
function checkCondition(store: Store, data: RequestData, callback: Callback<Answer>): void {
  store.getTable(String(data.TableName), (tableError, table) => {
    if (tableError || table === undefined) return callback(tableError);
    const invalid = dynalite.validateKey(data.Key as Item, table);
    if (invalid) return callback(invalid);
    const key = dynalite.createKey(data.Key as Item, table);
    store.getItemDb(table.TableName).get(key, (error, item) => {
      const failed = error ?? dynalite.checkConditional(data, item as Item | undefined);
      callback(failed, { ConsumedCapacity: dynalite.addConsumedCapacity(data, false, item as Item | undefined) });
    });
  });
}

const conditionCheck = partKind(deleteItemRules, ['Key'], checkCondition);
const update = partKind(updateItemRules, ['Key', 'UpdateExpression'], updateItem);

const partKinds: Record<string, PartKind> = {
  ConditionCheck: {
    ...conditionCheck,
    types: { ...conditionCheck.types, ConditionExpression: { type: 'String', notNull: true } },
  },
  Put: partKind(putItemRules, ['Item'], putItem),
  Update: { ...update, types: { ...update.types, UpdateExpression: { type: 'String', notNull: true } } },
  Delete: partKind(deleteItemRules, ['Key'], deleteItem),
};

function partsOf(data: RequestData): TransactionPart[] {
  return (data.TransactItems as Record<string, RequestData>[]).map((entry) => {
    const [kind = '', ...others] = Object.keys(entry);
    const part = entry[kind];
    if (part === undefined || others.length > 0) {
      throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
    }
    part.ReturnConsumedCapacity = data.ReturnConsumedCapacity;
    return { kind, data: part };
  });
}

const validateParts: CustomValidation = (data, store) => {
  // Taken before the parts' own validation parses their expressions into them.
  if (data.ClientRequestToken !== undefined) data._fingerprint = fingerprintOf(data.TransactItems);
  for (const part of partsOf(data)) {
    const message = partKinds[part.kind]?.custom?.(part.data, store);
    if (message) return message;
  }
  return undefined;
};

function decideTransaction(engine: Engine, data: RequestData, changes: Changes): Answer {
  const token = data.ClientRequestToken as string | undefined;
  const fingerprint = String(data._fingerprint);
  if (token !== undefined && engine.tokens.wasDone(changes, token, fingerprint)) return {};

  const parts = partsOf(data);
  refuseRepeatedItems(engine, parts);
  const answers = decideParts(parts, (part) => {
    const action = partKinds[part.kind]?.action;
    if (action === undefined) throw new Error(`a transaction has no part of kind ${part.kind}`);
    return decideItemWrite(engine, action, { data: part.data, changes });
  });
  refuseOversized(engine, parts, changes.read);
  if (token !== undefined) engine.tokens.note(changes, token, fingerprint);
  return capacityPerTable(parts, answers, 'WriteCapacityUnits');
}

export const transactWriteItems: Operation = {
  types: {
    TransactItems: itemsField('TransactWriteItem', partKinds),
    ClientRequestToken: { type: 'String', lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 36 },
    ReturnConsumedCapacity: { type: 'String', enum: ['INDEXES', 'TOTAL', 'NONE'] },
  },
  custom: validateParts,
  run: (engine, data) => engine.writes.write((changes) => decideTransaction(engine, data, changes)),
};
