/** The counters of the risk table as they are, and how they are put right. */
import {
  type AttributeValue,
  type DynamoDBClient,
  paginateScan,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import {
  type CountedRow,
  type CounterDifference,
  notional,
  type SourceId,
  type SwitchState,
  sourceRow,
} from '@nightdesk/core';
import { attributeOf, countersIn, counterUpdate } from './risk-item.ts';
import { transact } from './transact.ts';

/** A row with what its switch says; absent where it has none, because the row was lost. */
export interface SwitchedRow extends CountedRow {
  state?: SwitchState;
}

const sourcePrefix = sourceRow('' as SourceId);

/** Every row that counts what is at stake, also one without a switch, in no order; strongly consistent. */
export async function* scanCounters(client: DynamoDBClient, tableName: string): AsyncIterable<SwitchedRow> {
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    for (const item of page.Items ?? []) if (!item.account?.S?.startsWith(sourcePrefix)) yield fromItem(item);
  }
}

function fromItem(item: Record<string, AttributeValue>): SwitchedRow {
  const { account, reserved, state } = item;
  return {
    account: account?.S as SwitchedRow['account'],
    reserved: notional(reserved?.N ?? '0'),
    counters: countersIn(item),
    ...(state?.S !== undefined && { state: state.S as SwitchState }),
  };
}

/** An expression has 4 KB, and a name, a value and a condition for each counter. */
const countersMax = 40;

/**
 * Adds to the counters of one row what they lack. Only those are changed that still are what they were found to be, so that
 * what somebody else adds meanwhile, or mends first, is not counted twice; and only while nothing can be claimed of the row.
 *
 * @param haltedBy the row whose switch keeps everything from being claimed: the row itself, or `*`
 * @returns which were not changed, because a counter or the switch is another by now
 */
export async function mendCounters(
  client: DynamoDBClient,
  tableName: string,
  { differences, haltedBy }: { differences: readonly CounterDifference[]; haltedBy: CounterDifference['row'] },
): Promise<CounterDifference[]> {
  const [first] = differences;
  if (first === undefined) return [];
  const left: CounterDifference[] = [];
  for (let from = 0; from < differences.length; from += countersMax) {
    const part = differences.slice(from, from + countersMax);
    const items = mendItems(tableName, { row: first.row, differences: part, haltedBy });
    if ((await transact(client, items)).kind === 'refused') left.push(...part);
  }
  return left;
}

interface Mending {
  row: CounterDifference['row'];
  differences: readonly CounterDifference[];
  haltedBy: CounterDifference['row'];
}

function mendItems(tableName: string, { row, differences, haltedBy }: Mending): TransactWriteItem[] {
  const { Update } = counterUpdate(tableName, { row, changes: [...differences] });
  const unchanged = differences.map(({ counter, is }, index) => {
    const [name, value] = [`#was${index}`, `:was${index}`];
    const isSame = `${name} = ${value}`;
    // What is not there yet counts as zero.
    return {
      condition: Number(is) === 0 ? `(attribute_not_exists(${name}) OR ${isSame})` : isSame,
      names: { [name]: attributeOf(counter) },
      values: { [value]: { N: is } },
    };
  });
  const names = { '#state': 'state' };
  const values = { ':halted': { S: 'halted' } };
  const isHalted = '#state = :halted';
  const isOwn = haltedBy === row;
  const update: TransactWriteItem = {
    Update: {
      ...Update,
      ConditionExpression: [...(isOwn ? [isHalted] : []), ...unchanged.map(({ condition }) => condition)].join(' AND '),
      ExpressionAttributeNames: Object.assign(
        { ...Update?.ExpressionAttributeNames, ...(isOwn && names) },
        ...unchanged.map((each) => each.names),
      ),
      ExpressionAttributeValues: Object.assign(
        { ...Update?.ExpressionAttributeValues, ...(isOwn && values) },
        ...unchanged.map((each) => each.values),
      ),
    },
  } as TransactWriteItem;
  if (isOwn) return [update];
  const common = { TableName: tableName, Key: { account: { S: haltedBy } }, ConditionExpression: isHalted };
  return [
    update,
    { ConditionCheck: { ...common, ExpressionAttributeNames: names, ExpressionAttributeValues: values } },
  ];
}
