/** When reconciliation counts a position anew. */
import { amount, type IntentExposure, notional, type PositionRow, price } from '@nightdesk/core';
import { changedExposure } from '@nightdesk/functions/reconcile-balances/value-account.ts';
import { expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import { intent } from '../../support/orders.ts';

const row = (quantity: string, exposure?: Partial<IntentExposure>): PositionRow => ({
  ...{ account: intent.account, venue: intent.venue, symbol: btcUsdt.symbol, quantity: amount(quantity) },
  ...{ cost: notional('0'), unpriced: amount('0'), realizedPnl: notional('0'), unpricedClosed: amount('0') },
  ...{ fees: {}, version: 1, journalHash: '', updatedAtMs: 0 },
  ...(exposure && { exposure: { mode: 'sandbox', asset: 'BTC', notional: notional('200'), ...exposure } }),
});

it.each<[string, PositionRow, string | undefined]>([
  ['not where it is worth about what it counts for', row('2.01', {}), undefined],
  ['where it is worth something else', row('3', {}), '300'],
  ['where it is worth nothing any more', row('0', {}), '0'],
  ['where it was not counted', row('2'), '200'],
  ['not where there is nothing to count', row('0'), undefined],
  ['where it counts among accounts of another mode', row('2', { mode: 'paper' }), '200'],
  ['where it did, and nothing is left', row('0', { mode: 'paper' }), '0'],
  ['not where it counted for nothing there', row('0', { mode: 'paper', notional: notional('0') }), undefined],
])('is counted anew: %s', (_what, position, expected) => {
  const valued = { rates: { BTC: price('100'), USDT: price('1') }, markets: [btcUsdt], mode: 'sandbox' } as const;
  const changed = changedExposure(position, valued);
  expect(changed).toEqual(expected && { mode: 'sandbox', asset: 'BTC', notional: expected });
});
