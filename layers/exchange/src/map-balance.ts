/** ccxt's balances in Nightdesk's words. */
import { amount, type Balance, compare } from '@nightdesk/core';
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
    .filter(({ total, used }) => compare(total, '0') !== 0 || (used !== undefined && compare(used, '0') !== 0));
}

function mapBalance(asset: string, fields: Fields): Balance {
  const [free, used] = [fields.optionalDecimal('free'), fields.optionalDecimal('used')];
  return {
    asset,
    total: amount(fields.decimal('total')),
    ...present({
      free: free === undefined ? undefined : amount(free),
      used: used === undefined ? undefined : amount(used),
    }),
  };
}
