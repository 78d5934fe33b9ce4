/** Rows of the risk table, and the conditions that intents are recorded under. */
import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type CounterChange,
  counterNames,
  isNegative,
  type Notional,
  notional,
  passingSwitches,
  type RiskState,
  type RowClaim,
  type SourceState,
  subtract,
} from '@nightdesk/core';

type Item = Record<string, AttributeValue>;

/**
 * Counters are DynamoDB numbers, exact to 38 digits, so that they can be added to without being read first. They are the only
 * amounts here that are not strings, and have attributes of their own: only those can be added to where they are not there yet.
 */
const counterPrefix = 'counter:';

/** The attribute that a counter is kept in. */
export const attributeOf = (counter: string): string =>
  counter === counterNames.reserved ? counter : `${counterPrefix}${counter}`;

/** @returns `undefined` for a row without a switch: one that a release created after the row was lost */
export function fromRiskItem(item: Item): RiskState | undefined {
  const { reserved, ...rest } = item;
  const { figures, deskFigures, ...row } = unmarshall(
    Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith(counterPrefix))),
  );
  if (row.state === undefined || reserved?.N === undefined) return undefined;
  const { minute, minuteOrders, ...others } = row;
  return {
    ...(others as RiskState),
    reserved: notional(reserved.N),
    counters: countersIn(rest),
    figuresVersion: row.figuresVersion ?? 0,
    ...minuteOf({ minute, minuteOrders }),
    ...(figures !== undefined && { figures: JSON.parse(figures) }),
    ...(deskFigures !== undefined && { deskFigures: JSON.parse(deskFigures) }),
  };
}

/** The counters of a row, but what is reserved. */
export const countersIn = (item: Item): Record<string, Notional> =>
  Object.fromEntries(
    Object.entries(item).flatMap(([name, { N }]) =>
      name.startsWith(counterPrefix) && N !== undefined ? [[name.slice(counterPrefix.length), notional(N)]] : [],
    ),
  );

/** What a source has done, of its row. */
export const fromSourceItem = (item: Item): SourceState => minuteOf(unmarshall(item));

const minuteOf = ({ minute, minuteOrders }: Record<string, unknown>): SourceState =>
  minute === undefined ? {} : { minute: { minute: Number(minute), orders: Number(minuteOrders) } };

/** Names and values of one expression, each made as it is first used. */
class Expression {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, AttributeValue> = {};

  name(attribute: string): string {
    const known = Object.entries(this.names).find(([, named]) => named === attribute);
    const name = known?.[0] ?? `#n${Object.keys(this.names).length}`;
    this.names[name] = attribute;
    return name;
  }

  value(value: AttributeValue): string {
    const name = `:v${Object.keys(this.values).length}`;
    this.values[name] = value;
    return name;
  }

  number = (value: string | number): string => this.value({ N: String(value) });
}

/** Takes what an intent claims of a row, if all of it is granted; where it claims nothing, only looks. */
export function claimItem(tableName: string, claim: RowClaim): TransactWriteItem {
  const expression = new Expression();
  const conditions = [...rowConditions(claim, expression), ...counterConditions(claim, expression)];
  const adds = claim.counters.map(
    ({ counter, by }) => `${expression.name(attributeOf(counter))} ${expression.number(by)}`,
  );
  const { sets, conditions: timely } = minuteParts(claim, adds, expression);
  const update = [
    ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
    ...(adds.length > 0 ? [`ADD ${adds.join(', ')}`] : []),
  ];
  const every = [...conditions, ...timely];
  const common = {
    TableName: tableName,
    Key: { account: { S: claim.row } },
    ...(every.length > 0 && { ConditionExpression: every.join(' AND ') }),
    ExpressionAttributeNames: expression.names,
    ExpressionAttributeValues: expression.values,
  };
  if (update.length === 0) return { ConditionCheck: { ...common, ConditionExpression: every.join(' AND ') } };
  return { Update: { ...common, UpdateExpression: update.join(' ') } };
}

function rowConditions({ states, figuresVersion }: RowClaim, expression: Expression): string[] {
  const allowed = states?.map((state) => expression.value({ S: state }));
  const version = figuresVersion === undefined ? undefined : expression.name('figuresVersion');
  return [
    ...(allowed === undefined ? [] : [`${expression.name('state')} IN (${allowed.join(', ')})`]),
    ...(version === undefined ? [] : [versionIs(version, figuresVersion ?? 0, expression)]),
  ];
}

const versionIs = (name: string, version: number, expression: Expression): string =>
  version === 0 ? `attribute_not_exists(${name})` : `${name} = ${expression.number(version)}`;

function counterConditions({ counters }: RowClaim, expression: Expression): string[] {
  return counters.map(({ counter, by, atMost }) => {
    const name = expression.name(attributeOf(counter));
    const isAbove = `${name} >= ${expression.number('0')}`;
    const room = atMost === undefined ? undefined : subtract(atMost as Notional, by as Notional);
    const fits = room === undefined ? isAbove : `${isAbove} AND ${name} <= ${expression.number(room)}`;
    // A row without `reserved` is none that a switch was set on; any other counter begins with its first claim, if that fits at all.
    const mustExist = counter === counterNames.reserved || (room !== undefined && isNegative(room));
    return mustExist ? `(${fits})` : `(attribute_not_exists(${name}) OR (${fits}))`;
  });
}

function minuteParts(
  { minute }: RowClaim,
  adds: string[],
  expression: Expression,
): { sets: string[]; conditions: string[] } {
  if (minute === undefined) return { sets: [], conditions: [] };
  const [at, orders] = [expression.name('minute'), expression.name('minuteOrders')];
  const now = expression.number(minute.minute);
  if (minute.isNew) {
    return {
      sets: [`${at} = ${now}`, `${orders} = ${expression.number(1)}`],
      conditions: [`(attribute_not_exists(${at}) OR ${at} < ${now})`],
    };
  }
  adds.push(`${orders} ${expression.number(1)}`);
  const { ordersMax } = minute;
  const isBelow = ordersMax === undefined ? [] : [`${orders} < ${expression.number(ordersMax)}`];
  return { sets: [], conditions: [`${at} = ${now}`, ...isBelow] };
}

/** Adds to the counters of a row what has happened. Never refused: it has, whatever the switch says. */
export function counterUpdate(tableName: string, { row, changes }: CounterChange): TransactWriteItem {
  const expression = new Expression();
  const adds = changes.map(({ counter, by }) => `${expression.name(attributeOf(counter))} ${expression.number(by)}`);
  return {
    Update: {
      TableName: tableName,
      Key: { account: { S: row } },
      UpdateExpression: `ADD ${adds.join(', ')}`,
      ExpressionAttributeNames: expression.names,
      ExpressionAttributeValues: expression.values,
    },
  };
}

/** Holds only while the switch of `account` (`*` for all) lets such an order pass. */
export const switchCheck = (
  tableName: string,
  row: RowClaim['row'],
  order: Parameters<typeof passingSwitches>[0],
): TransactWriteItem => claimItem(tableName, { row, states: passingSwitches(order), counters: [] });
