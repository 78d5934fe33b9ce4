/** What transactional writes and reads have in common. */
import type { Item, RequestData } from 'dynalite/db/index.js';
import dynalite from 'dynalite/db/index.js';
import type { FieldTypes } from 'dynalite/validations/index.js';
import type { ReadRow } from './database.ts';
import { type Answer, type Engine, readTarget } from './engine.ts';
import { type ApiError, exceptionName, isApiError, modelError, tableNotFound, validationError } from './errors.ts';
import { itemsPrefix } from './row-keys.ts';
import { createStore } from './store.ts';

/** One operation on one item; `kind` is its name in the request, e.g. `Put`. */
export interface TransactionPart {
  readonly kind: string;
  readonly data: RequestData;
}

const partsMax = 100;
const transactionBytesMax = 4 * 1024 * 1024;
/** So many items cannot exceed the limit, whatever they hold: each is at most 400 KiB. */
const partsAlwaysSmallEnough = 10;
/** A transactional read or write costs twice the capacity of a plain one. */
const capacityFactor = 2;

export function pickTypes(types: FieldTypes, fields: readonly string[]): FieldTypes {
  return Object.fromEntries(fields.map((field) => [field, types[field]]));
}

/** The type of `TransactItems`: a list of structures that hold one of the kinds each. */
export function itemsField(structure: string, kinds: Record<string, { types: FieldTypes }>): FieldTypes {
  const children = Object.entries(kinds).map(([kind, { types }]) => [
    kind,
    { type: `FieldStruct<${kind}>`, children: types },
  ]);
  return {
    type: 'List',
    notNull: true,
    lengthGreaterThanOrEqual: 1,
    lengthLessThanOrEqual: partsMax,
    children: { type: `ValueStruct<${structure}>`, children: Object.fromEntries(children) },
  };
}

/** The row a part is about; `undefined` when its key does not fit the table, which the part itself will report. */
function targetRowKey(engine: Engine, part: TransactionPart): string | undefined {
  const tableName = String(part.data.TableName);
  const table = engine.context.catalog.table(tableName);
  if (table === undefined) throw tableNotFound();
  const { Key, Item } = part.data as { Key?: Item; Item?: Item };
  const isInvalid = Key === undefined ? dynalite.validateItem(Item ?? {}, table) : dynalite.validateKey(Key, table);
  return isInvalid ? undefined : itemsPrefix(tableName) + dynalite.createKey(Key ?? Item ?? {}, table);
}

/** @throws ValidationException when two parts name the same item, ResourceNotFoundException when one names no table. */
export function refuseRepeatedItems(engine: Engine, parts: readonly TransactionPart[]): void {
  const seen = new Set<string>();
  for (const part of parts) {
    const rowKey = targetRowKey(engine, part);
    if (rowKey === undefined) continue;
    if (seen.has(rowKey)) {
      throw validationError('Transaction request cannot include multiple operations on one item');
    }
    seen.add(rowKey);
  }
}

/** @throws ValidationException when the items of a transaction, as `read` shows them, are too large together. */
export function refuseOversized(engine: Engine, parts: readonly TransactionPart[], read: ReadRow): void {
  if (parts.length <= partsAlwaysSmallEnough) return;
  const store = createStore(engine.context, read);
  let bytes = 0;
  for (const part of parts) {
    const item = readTarget(store, part.data);
    if (item !== undefined) bytes += dynalite.itemSize(item);
  }
  if (bytes > transactionBytesMax) {
    throw validationError('The aggregate size of the items in the transaction exceeded 4 MB');
  }
}

interface CancellationReason {
  readonly Code: string;
  readonly Message?: string | undefined;
  readonly Item?: unknown;
}

function cancellationReason(error: ApiError): CancellationReason {
  const isCondition = exceptionName(error) === 'ConditionalCheckFailedException';
  const Code = isCondition ? 'ConditionalCheckFailed' : 'ValidationError';
  return { Code, Message: error.body.message, Item: error.body.Item };
}

/**
 * Decides every part, also after one has failed, so that each gets its own reason.
 * @throws TransactionCanceledException with one reason per part when any of them failed.
 */
export function decideParts(parts: readonly TransactionPart[], decide: (part: TransactionPart) => Answer): Answer[] {
  const reasons: CancellationReason[] = [];
  const answers: Answer[] = [];
  for (const part of parts) {
    try {
      answers.push(decide(part));
      reasons.push({ Code: 'None' });
    } catch (error) {
      if (!isApiError(error)) throw error;
      reasons.push(cancellationReason(error));
    }
  }
  if (answers.length === parts.length) return answers;
  const codes = reasons.map((reason) => reason.Code).join(', ');
  throw modelError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
}

/** `ConsumedCapacity` of a transaction, one entry per table, from the answers of its parts. */
export function capacityPerTable(
  parts: readonly TransactionPart[],
  answers: readonly Answer[],
  unitsField: 'ReadCapacityUnits' | 'WriteCapacityUnits',
): Answer {
  const unitsByTable = new Map<string, number>();
  for (const [index, part] of parts.entries()) {
    const capacity = answers[index]?.ConsumedCapacity as { CapacityUnits: number } | undefined;
    if (capacity === undefined) continue;
    const tableName = String(part.data.TableName);
    unitsByTable.set(tableName, (unitsByTable.get(tableName) ?? 0) + capacityFactor * capacity.CapacityUnits);
  }
  if (unitsByTable.size === 0) return {};
  const perTable = [...unitsByTable].map(([TableName, units]) => ({
    TableName,
    CapacityUnits: units,
    [unitsField]: units,
  }));
  return { ConsumedCapacity: perTable };
}
