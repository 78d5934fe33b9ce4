/** `TransactGetItems`: dynalite's own reads, all on one snapshot. */
import getItem from 'dynalite/actions/getItem.js';
import type { RequestData } from 'dynalite/db/index.js';
import getItemRules from 'dynalite/validations/getItem.js';
import type { CustomValidation } from 'dynalite/validations/index.js';
import { decideNow, type Operation } from './engine.ts';
import { validationError } from './errors.ts';
import { createStore } from './store.ts';
import {
  capacityPerTable,
  decideParts,
  itemsField,
  pickTypes,
  refuseOversized,
  refuseRepeatedItems,
  type TransactionPart,
} from './transactions.ts';

const getTypes = pickTypes(getItemRules.types, [
  'TableName',
  'Key',
  'ProjectionExpression',
  'ExpressionAttributeNames',
]);

function partsOf(data: RequestData): TransactionPart[] {
  return (data.TransactItems as { Get?: RequestData }[]).map(({ Get }) => {
    if (Get === undefined) throw validationError('TransactItems can only contain Get');
    return { kind: 'Get', data: Object.assign(Get, { ReturnConsumedCapacity: data.ReturnConsumedCapacity }) };
  });
}

const validateParts: CustomValidation = (data, store) => {
  for (const part of partsOf(data)) {
    const message = getItemRules.custom?.(part.data, store);
    if (message) return message;
  }
  return undefined;
};

export const transactGetItems: Operation = {
  types: {
    TransactItems: itemsField('TransactGetItem', { Get: { types: getTypes } }),
    ReturnConsumedCapacity: { type: 'String', enum: ['INDEXES', 'TOTAL', 'NONE'] },
  },
  custom: validateParts,
  async run(engine, data) {
    const parts = partsOf(data);
    refuseRepeatedItems(engine, parts);
    return engine.context.database.readSnapshot((read) => {
      const store = createStore(engine.context, read);
      const answers = decideParts(parts, (part) => decideNow(getItem, store, { ...part.data, ConsistentRead: true }));
      refuseOversized(engine, parts, read);
      return {
        Responses: answers.map(({ Item }) => (Item === undefined ? {} : { Item })),
        ...capacityPerTable(parts, answers, 'ReadCapacityUnits'),
      };
    });
  },
};
