/** Rows of the risk table, and the conditions that intents are recorded under. */
import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import {
  compare,
  isNegative,
  type Notional,
  notional,
  passingSwitches,
  type RiskLimits,
  type RiskState,
  subtract,
} from '@nightdesk/core';

/**
 * `reserved` is a DynamoDB number, exact to 38 digits, so that it can be added to without being read first. It is the
 * only amount here that is not a string.
 *
 * @returns `undefined` for a row without a switch: one that a release created after the row was lost
 */
export function fromRiskItem(item: Record<string, AttributeValue>): RiskState | undefined {
  const { reserved, ...rest } = item;
  const row = unmarshall(rest);
  if (row.state === undefined || reserved?.N === undefined) return undefined;
  return { ...row, reserved: notional(reserved.N) } as RiskState;
}

/** Adds to what an account has reserved, if its switch is active and the limits allow it. */
export function reserveUpdate(
  tableName: string,
  { account, reserved, limits }: { account: string; reserved: Notional; limits: RiskLimits },
): TransactWriteItem {
  const room = subtract(limits.openNotionalMax, reserved);
  const fits = compare(reserved, limits.orderNotionalMax) <= 0 && !isNegative(room);
  return {
    Update: {
      TableName: tableName,
      Key: { account: { S: account } },
      UpdateExpression: 'SET reserved = reserved + :reserved',
      // Less than nothing is reserved only where a row was lost and its orders' releases made a new one: no figure to compare with.
      ConditionExpression: '#state = :active AND reserved >= :nothing AND reserved <= :room',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: {
        ':active': { S: 'active' },
        ':reserved': { N: reserved },
        ':nothing': { N: '0' },
        // What does not fit at all must fail whatever is reserved: nothing lies between zero and minus one.
        ':room': { N: fits ? room : '-1' },
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** Takes back what a finished order had reserved. Never refused: a finished order is finished whatever the switch says. */
export function releaseUpdate(tableName: string, account: string, released: Notional): TransactWriteItem {
  return {
    Update: {
      TableName: tableName,
      Key: { account: { S: account } },
      UpdateExpression: 'ADD reserved :released',
      ExpressionAttributeValues: { ':released': { N: `-${released}` } },
    },
  };
}

/** Holds only while the switch of `account` (`*` for all) lets such an order pass. */
export function switchCheck(
  tableName: string,
  account: string,
  order: Parameters<typeof passingSwitches>[0],
): TransactWriteItem {
  const values = passingSwitches(order).map((state, index) => [`:state${index}`, { S: state }] as const);
  return {
    ConditionCheck: {
      TableName: tableName,
      Key: { account: { S: account } },
      ConditionExpression: `#state IN (${values.map(([name]) => name).join(', ')})`,
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: Object.fromEntries(values),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}
