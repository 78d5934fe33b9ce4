import { amount, type Books, notional, type Order, type PositionRow, type Wallet } from '@nightdesk/core';
import { asShown, type ShownSources } from '@nightdesk/functions/reconcile-balances/shown-by-venue.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import { intent } from '../../support/orders.ts';

const nowMs = 1_000_000;
const perpetual = 'BTC/USDT:USDT';
const spot: Wallet = { name: 'spot', kinds: ['spot'], countsOpenProfit: false };
const futures: Wallet = { name: 'futures', kinds: ['perpetual'], countsOpenProfit: false };

const row = (symbol: string, quantity: string, updatedAtMs = 0): PositionRow => ({
  ...{ account: intent.account, venue: intent.venue, symbol, quantity: amount(quantity), cost: notional('0') },
  ...{ unpriced: amount('0'), realizedPnl: notional('0'), unpricedClosed: amount('0'), fees: {} },
  ...{ version: 1, journalHash: '', updatedAtMs },
});

/** What was shown of BTC, or of the perpetual, at this look and at the one before. */
function sources(now: string | undefined, before: string | undefined, orders: Partial<Order>[] = []): ShownSources {
  const balance = (total: string | undefined) => (total === undefined ? [] : [{ asset: 'BTC', total: amount(total) }]);
  const position = (size: string | undefined) =>
    size === undefined || size.startsWith('-')
      ? []
      : [{ symbol: perpetual, side: 'long' as const, amount: amount(size), contracts: amount(size) }];
  const elsewhere = [{ asset: 'BTC', total: amount('99') }];
  return {
    holdings: {
      askedAtMs: nowMs,
      wallets: [
        { wallet: spot, balances: balance(now) },
        { wallet: futures, balances: elsewhere },
      ],
      positions: position(now),
    },
    books: {
      answeredAtMs: nowMs - 60_000,
      balances: balance(before).map((each) => ({ ...each, wallet: 'spot' })),
      positions: position(before).map((each) => ({ ...each, wallet: 'futures' })),
    } as unknown as Books,
    desk: { orders: orders as Order[] },
  };
}

describe('a position', () => {
  it.each<[string, PositionRow, ShownSources, string]>([
    ['counts whole where the venue shows it', row(btcUsdt.symbol, '2'), sources('2', '2'), '2'],
    ['counts whole where the venue shows more', row(btcUsdt.symbol, '2'), sources('5', '5'), '2'],
    ['counts with what is left of it', row(btcUsdt.symbol, '2'), sources('0.5', '0.5'), '0.5'],
    ['counts for nothing once nothing is left', row(btcUsdt.symbol, '2'), sources(undefined, undefined), '0'],
    ['counts whole where one answer alone lacks it', row(btcUsdt.symbol, '2'), sources(undefined, '2'), '2'],
    ['counts for nothing where more is owed', row(btcUsdt.symbol, '2'), sources('-1', '-1'), '0'],
    ['in a contract counts with what is left', row(perpetual, '3'), sources('1', '1'), '1'],
    ['that is short does, too', row(perpetual, '-3'), sources('1', '1'), '-1'],
    ['that was liquidated counts for nothing', row(perpetual, '3'), sources(undefined, undefined), '0'],
    ['that has just changed counts whole', row(btcUsdt.symbol, '2', nowMs - 59_999), sources('0', '0'), '2'],
    [
      'in whose market an order is open counts whole',
      row(btcUsdt.symbol, '2'),
      sources('0', '0', [{ symbol: btcUsdt.symbol, state: 'open' }]),
      '2',
    ],
    [
      'counts with what is left where orders are over, or elsewhere',
      row(btcUsdt.symbol, '2'),
      sources('0', '0', [
        { symbol: btcUsdt.symbol, state: 'filled' },
        { symbol: 'X/Y', state: 'open' },
      ]),
      '0',
    ],
    ['counts whole at the first look', row(btcUsdt.symbol, '2'), { ...sources('0', '0'), books: undefined }, '2'],
    [
      'counts whole where the look before was before its last change',
      row(btcUsdt.symbol, '2', nowMs - 60_000 - 1),
      { ...sources('0', '0'), books: { ...sources('0', '0').books, answeredAtMs: nowMs - 120_000 } as Books },
      '2',
    ],
  ])('%s', (_what, position, shown, quantity) => {
    expect(asShown(position, shown)).toEqual({ ...position, quantity });
  });
});
