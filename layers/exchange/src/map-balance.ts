/** ccxt's balances in Nightdesk's words. */
import { type Amount, amount, type Balance, compare } from '@nightdesk/core';
import { Fields, present } from './fields.ts';

/**
 * The assets of which there is something, sorted by name.
 *
 * @throws UnparsableAnswerError when an asset has no total, or a number makes no sense.
 */
export function mapBalances(value: unknown): Balance[] {
  const answer = new Fields('balances', value);
  const totals = answer.fields('total');
  return totals
    .names()
    .sort()
    .map((asset) => mapBalance(asset, answer.fields(asset)))
    .filter((balance) => [balance.total, balance.used, balance.borrowed].some(isSomething));
}

const isSomething = (amountOf: Amount | undefined): boolean => amountOf !== undefined && compare(amountOf, '0') !== 0;

function mapBalance(asset: string, fields: Fields): Balance {
  const read = (name: string): Amount | undefined => {
    const text = fields.optionalDecimal(name);
    return text === undefined ? undefined : amount(text);
  };
  return {
    asset,
    total: amount(fields.decimal('total')),
    ...present({ free: read('free'), used: read('used'), borrowed: read('debt') }),
  };
}
