import {
  type AccountId,
  type Amount,
  add,
  amount,
  applyFills,
  assetFlows,
  assetsOf,
  type IntentId,
  isNegative,
  kindOfSymbol,
  type LedgerPosition,
  notionalOf,
  price,
  subtract,
  type VenueId,
  type Wallet,
  walletOf,
  zeroAmount,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const spot: Wallet = { name: 'spot', kinds: ['spot'], countsOpenProfit: false };
const futures: Wallet = { name: 'futures', kinds: ['perpetual', 'future'], countsOpenProfit: false };
const wallets = [spot, futures];

interface Traded {
  side: 'buy' | 'sell';
  size: string;
  at?: string;
  fee?: { asset: string; amount: string };
}

function ledger(symbol: string, trades: readonly Traded[]): LedgerPosition {
  let position: LedgerPosition | undefined;
  for (const [index, { side, size, at, fee }] of trades.entries()) {
    position = applyFills(position, {
      ...{ account: 'main' as AccountId, venue: 'fake' as VenueId, symbol, side, quantity: amount(size) },
      ...(at !== undefined && { cost: notionalOf(amount(size), price(at)) }),
      fees: fee === undefined ? [] : [{ asset: fee.asset, amount: amount(fee.amount) }],
      ...{ orderId: `nd${index}` as IntentId, orderVersion: 1 },
    });
  }
  if (position === undefined) throw new Error('nothing was traded');
  return position;
}

const flowsOf = (symbol: string, ...trades: Traded[]) => assetFlows([ledger(symbol, trades)], wallets);
const plain = (traded: string, unpriced = '0') => ({ traded, unpriced });

describe('what was traded adds up', () => {
  it.each<[string, string, Traded[], Record<string, ReturnType<typeof plain>>]>([
    [
      'a purchase',
      'BTC/USDT',
      [{ side: 'buy', size: '2', at: '100' }],
      { 'spot:BTC': plain('2'), 'spot:USDT': plain('-200') },
    ],
    [
      'a sale at another price, with a fee in the quote asset',
      'BTC/USDT',
      [
        { side: 'buy', size: '2', at: '100' },
        { side: 'sell', size: '1', at: '130', fee: { asset: 'USDT', amount: '0.5' } },
      ],
      { 'spot:BTC': plain('1'), 'spot:USDT': plain('-70.5') },
    ],
    [
      'a fee in the base asset, which is in the quantity',
      'BTC/USDT',
      [{ side: 'buy', size: '2', at: '100', fee: { asset: 'BTC', amount: '0.01' } }],
      { 'spot:BTC': plain('1.99'), 'spot:USDT': plain('-200') },
    ],
    [
      'a fee in a third asset',
      'BTC/USDT',
      [{ side: 'buy', size: '2', at: '100', fee: { asset: 'BNB', amount: '0.03' } }],
      { 'spot:BTC': plain('2'), 'spot:USDT': plain('-200'), 'spot:BNB': plain('-0.03') },
    ],
    [
      'a sale of what the desk never bought',
      'BTC/USDT',
      [{ side: 'sell', size: '2', at: '100' }],
      { 'spot:BTC': plain('-2'), 'spot:USDT': plain('200') },
    ],
    [
      'a contract, of which nothing moves before it is closed',
      'BTC/USDT:USDT',
      [{ side: 'buy', size: '2', at: '100', fee: { asset: 'USDT', amount: '0.1' } }],
      { 'futures:USDT': plain('-0.1') },
    ],
    [
      'a contract that was closed in part',
      'BTC/USDT:USDT',
      [
        { side: 'sell', size: '2', at: '100' },
        { side: 'buy', size: '1', at: '90' },
      ],
      { 'futures:USDT': plain('10') },
    ],
    [
      'an inverse contract, whose profit is told by its venue alone',
      'BTC/USD:BTC',
      [
        { side: 'buy', size: '5' },
        { side: 'sell', size: '2' },
      ],
      { 'futures:BTC': plain('0', '7') },
    ],
    [
      'a price that is not known',
      'BTC/USDT',
      [{ side: 'buy', size: '2' }],
      { 'spot:BTC': plain('2'), 'spot:USDT': plain('0', '2') },
    ],
    ['a market that no wallet pays for', 'BTC/USDT:USDT-261225-100-C', [{ side: 'buy', size: '1', at: '9' }], {}],
  ])('%s', (_name, symbol, trades, expected) => {
    expect(flowsOf(symbol, ...trades)).toEqual(expected);
  });

  it('over all positions of a wallet', () => {
    const rows = [
      ledger('BTC/USDT', [{ side: 'buy', size: '2', at: '100' }]),
      ledger('ETH/USDT', [{ side: 'sell', size: '3', at: '10' }]),
    ];
    expect(assetFlows(rows, wallets)['spot:USDT']).toEqual(plain('-170'));
  });

  it('to what changed hands, whatever is bought and sold at whatever price', () => {
    const trade = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 1, max: 9_999 }).map((n) => String(n / 1_000)),
      at: fc.integer({ min: 1, max: 99_999 }).map((n) => String(n / 100)),
      fee: fc.record({
        asset: fc.constantFrom('BTC', 'USDT', 'BNB'),
        amount: fc.integer({ min: 0, max: 9 }).map((n) => String(n / 10_000)),
      }),
    });
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 30 }), (trades) => {
        const moved: Record<string, Amount> = {};
        const move = (asset: string, by: Amount) => {
          moved[`spot:${asset}`] = add(moved[`spot:${asset}`] ?? zeroAmount, by);
        };
        for (const { side, size, at, fee } of trades) {
          const cost = notionalOf(amount(size), price(at)) as string as Amount;
          const signed = (by: Amount, isUp: boolean) => (isUp ? by : subtract(zeroAmount, by));
          move('BTC', signed(amount(size), side === 'buy'));
          move('USDT', signed(cost, side === 'sell'));
          move(fee.asset, subtract(zeroAmount, amount(fee.amount)));
        }
        const flows = flowsOf('BTC/USDT', ...trades);
        for (const [key, by] of Object.entries(moved)) expect(flows[key]?.traded).toBe(by);
      }),
    );
  });

  it('and what was traded at unknown prices is counted by a figure that only grows', () => {
    const trade = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 1, max: 9 }).map(String),
      at: fc.option(fc.constant('100'), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 20 }), (trades) => {
        let last = '0';
        for (const [index, { at }] of trades.entries()) {
          const now = flowsOf(
            'BTC/USDT',
            ...trades.slice(0, index + 1).map(({ at: told, ...rest }) => ({ ...rest, ...(told && { at: told }) })),
          );
          const unpriced = now['spot:USDT']?.unpriced ?? '0';
          const grown = subtract(amount(unpriced), amount(last));
          expect(isNegative(grown)).toBe(false);
          if (at === undefined) expect(grown).not.toBe('0');
          last = unpriced;
        }
      }),
    );
  });
});

it.each([
  ['BTC/USDT', 'spot', 'spot', ['BTC', 'USDT']],
  ['BTC/USDT:USDT', 'perpetual', 'futures', ['USDT']],
  ['BTC/USD:BTC-270326', 'future', 'futures', ['BTC']],
  ['BTC/USDT:USDT-270326-100000-C', 'option', undefined, ['USDT']],
  ['BTC/USDT:USDT-270326-100000-P', 'option', undefined, ['USDT']],
])('%s is a market of kind %s', (symbol, kind, wallet, assets) => {
  expect([kindOfSymbol(symbol), walletOf(symbol, wallets)?.name, assetsOf(symbol)]).toEqual([kind, wallet, assets]);
});
