/** What an account's balances and positions are worth in the owner's currency, and how far its positions are from the end. */
import {
  type AccountValue,
  add,
  amount,
  type Balance,
  type MarketKind,
  notional,
  type Position,
  price,
  type ToldAccount,
  valueAccount,
  type Wallet,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdtPerpetual, inverseByHundred } from '../../../support/markets.ts';
import fc from '../../../support/property.ts';

const has = (asset: string, total: string, rest: Partial<Balance> = {}): Balance => ({
  asset,
  total: amount(total),
  ...rest,
});

const open = (symbol: string, side: 'long' | 'short', rest: Partial<Position> = {}): Position => ({
  ...{ symbol, side, amount: amount('2'), contracts: amount('2') },
  ...rest,
});

const walletOf = (name: string, kinds: Wallet['kinds'], countsOpenProfit = false): Wallet => ({
  ...{ name, kinds, countsOpenProfit },
});
const spot = walletOf('spot', ['spot']);
const futures = walletOf('futures', ['perpetual', 'future']);
const unified = walletOf('unified', ['spot', 'perpetual', 'option'], true);

const rates = { USD: price('1'), USDT: price('1'), BTC: price('100'), EUR: price('1.25') };
const markets = [btcUsdtPerpetual, inverseByHundred];
const context = { rates, dustBelow: notional('1'), markets };

const value = (wallet: Wallet, balances: Balance[], positions: Position[] = []): AccountValue =>
  valueAccount({ wallets: [{ wallet, balances }], positions }, context);

describe('equity', () => {
  it.each<[string, Balance[], object]>([
    ['is what balances are worth', [has('USDT', '50'), has('BTC', '2')], { equity: '250', unvalued: [] }],
    ['takes off what is owed', [has('USDT', '50', { borrowed: amount('20') })], { equity: '30' }],
    ['takes off once what the total has taken off', [has('USDT', '-5', { borrowed: amount('5') })], { equity: '-5' }],
    ['of nothing is nothing', [], { equity: '0', balances: [], unvalued: [], valued: [] }],
    ['leaves out balances of nothing', [has('BTC', '0')], { equity: '0', balances: [] }],
    [
      'counts an asset without a rate as nothing and names it',
      [has('USDT', '5'), has('X', '9')],
      { equity: '5', unvalued: ['X'] },
    ],
  ])('%s', (_name, balances, expected) => {
    expect(value(spot, balances)).toMatchObject(expected);
  });

  it('is not known with a debt in an asset without a rate', () => {
    expect(value(spot, [has('USDT', '5'), has('X', '-9')])).not.toHaveProperty('equity');
    expect(value(spot, [has('X', '0', { borrowed: amount('1') })])).not.toHaveProperty('equity');
  });

  it('counts open profit that the wallet does not', () => {
    const position = open('BTC/USDT:USDT', 'long', { unrealizedPnl: amount('-7') });
    expect(value(futures, [has('USDT', '50')], [position])).toMatchObject({ equity: '43', unrealized: '-7' });
    expect(value(unified, [has('USDT', '50')], [position])).toMatchObject({ equity: '50', unrealized: '-7' });
  });

  it('is not known with an open profit that is not, unless the wallet counts it', () => {
    const position = open('BTC/USDT:USDT', 'long');
    expect(value(futures, [has('USDT', '50')], [position])).not.toHaveProperty('equity');
    expect(value(unified, [has('USDT', '50')], [position])).toMatchObject({ equity: '50' });
    expect(value(unified, [has('USDT', '50')], [position])).not.toHaveProperty('unrealized');
  });

  it('names what a position settles in that has no rate', () => {
    const position = open('X/Y:Y', 'long', { unrealizedPnl: amount('1') });
    expect(value(futures, [has('Y', '5')], [position])).toMatchObject({ unvalued: ['Y'] });
  });

  it('of a position in no wallet of the desk counts its open profit', () => {
    const position = open('BTC/USDT:USDT', 'long', { unrealizedPnl: amount('3') });
    expect(value(spot, [has('USDT', '1')], [position])).toMatchObject({ equity: '4', positions: [{ wallet: '' }] });
  });
});

describe('a balance', () => {
  it('keeps what it is, with its wallet and its worth', () => {
    const { balances } = value(spot, [has('BTC', '2', { free: amount('1') }), has('X', '1')]);
    expect(balances).toEqual([
      { asset: 'BTC', total: '2', free: '1', wallet: 'spot', worth: '200' },
      { asset: 'X', total: '1', wallet: 'spot' },
    ]);
  });

  it('is dust below the limit, a debt too, and never without a worth', () => {
    const balances = [has('USDT', '0.99'), has('BTC', '0.01'), has('EUR', '-0.5'), has('X', '9')];
    expect(value(spot, balances)).toMatchObject({ dust: ['spot:USDT', 'spot:EUR'], valued: ['BTC'] });
  });
});

describe('a position', () => {
  const linear = (side: 'long' | 'short', rest: Partial<Position>) => open('BTC/USDT:USDT', side, rest);
  const inverse = (side: 'long' | 'short', rest: Partial<Position>) => open('BTC/USD:BTC', side, rest);
  const entered = { entryPrice: price('80'), markPrice: price('100') };

  it.each<[string, Position, object]>([
    [
      'has the venue’s own profit before any other',
      linear('long', { ...entered, unrealizedPnl: amount('1') }),
      { unrealizedPnl: '1' },
    ],
    ['long gains as the price rises', linear('long', entered), { unrealizedPnl: '40', worth: '200' }],
    ['short loses as the price rises', linear('short', entered), { unrealizedPnl: '-40', worth: '200' }],
    [
      'without a mark price has that of the rates',
      linear('long', { entryPrice: price('80') }),
      { unrealizedPnl: '40', markPrice: '100' },
    ],
    [
      'with a mark price of zero has that of the rates',
      linear('long', { entryPrice: price('80'), markPrice: price('0') }),
      { unrealizedPnl: '40', markPrice: '100' },
    ],
    // 2 contracts of 100 USD: 200 ÷ 80 − 200 ÷ 100 = 0.5 BTC.
    ['in an inverse contract gains base asset', inverse('long', entered), { unrealizedPnl: '0.5', worth: '200' }],
    ['short in an inverse contract loses base asset', inverse('short', entered), { unrealizedPnl: '-0.5' }],
    [
      'rounds what it has to',
      inverse('long', { entryPrice: price('3'), markPrice: price('100') }),
      { unrealizedPnl: '64.666666666666666667' },
    ],
    ['in a coin that counts as dollars is linear', open('BTC/USD:USDT', 'long', entered), { unrealizedPnl: '40' }],
  ])('%s', (_name, position, expected) => {
    expect(value(futures, [], [position]).positions[0]).toMatchObject(expected);
  });

  it.each<[string, Position]>([
    ['without an entry price', linear('long', { markPrice: price('100') })],
    ['without a mark price or a rate of the base', open('X/USDT:USDT', 'long', { entryPrice: price('80') })],
    ['without a mark price or a rate of the quote', open('BTC/X:X', 'long', { entryPrice: price('80') })],
    ['with an expiry and without a mark price', open('BTC/USDT:USDT-270326', 'long', { entryPrice: price('80') })],
    ['in an inverse contract of a size not known', open('ETH/USD:ETH', 'long', entered)],
    ['in an inverse contract that was entered for nothing', inverse('long', { ...entered, entryPrice: price('0') })],
    ['in a quanto contract', open('BTC/USD:ETH', 'long', entered)],
    ['in an option', open('BTC/USDT:USDT-270326-50000-C', 'long', entered)],
    ['in an inverse option', open('BTC/USD:BTC-270326-50000-P', 'short', entered)],
  ])('%s has no profit that can be told', (_name, position) => {
    expect(value(futures, [], [position]).positions[0]).not.toHaveProperty('unrealizedPnl');
  });

  it.each<[string, Position]>([
    ['without a mark price', open('X/USDT:USDT', 'long')],
    ['in an inverse contract of a size not known', open('ETH/USD:ETH', 'long', entered)],
    ['in a quanto contract', open('BTC/USD:ETH', 'long', entered)],
    ['in an option', open('BTC/USDT:USDT-270326-50000-C', 'long', entered)],
    ['paid in what has no rate', open('BTC/X:X', 'long', entered)],
  ])('%s has no worth', (_name, position) => {
    expect(value(futures, [], [position]).positions[0]).not.toHaveProperty('worth');
  });

  it('in an inverse contract is worth its base asset where its quote has no rate', () => {
    const markPrice = price('50');
    const told: ToldAccount = { wallets: [], positions: [inverse('long', { markPrice }), inverse('long', {})] };
    const valued = valueAccount(told, { ...context, rates: { BTC: price('40') } });
    expect(valued.positions.map(({ worth }) => worth)).toEqual(['160', undefined]);
  });

  it.each<[string, Partial<Position>, 'long' | 'short', string | undefined]>([
    ['below a long', { liquidationPrice: price('75') }, 'long', '25'],
    ['above a short', { liquidationPrice: price('130') }, 'short', '30'],
    ['is never rounded up', { liquidationPrice: price('66.6611') }, 'long', '33.33'],
    ['is none where it has been passed by a long', { liquidationPrice: price('101') }, 'long', '0'],
    ['is none where it has been passed by a short', { liquidationPrice: price('100') }, 'short', '0'],
    ['is absent where the venue tells none', {}, 'long', undefined],
    ['is absent where the venue tells zero for none', { liquidationPrice: price('0') }, 'long', undefined],
  ])('the distance to liquidation %s', (_name, rest, side, expected) => {
    const position = linear(side, { ...rest, markPrice: price('100') });
    expect(value(futures, [], [position]).positions[0]?.distanceToLiquidation).toBe(expected);
  });

  it('has no distance to liquidation without a mark price', () => {
    const position = open('X/USDT:USDT', 'long', { liquidationPrice: price('5') });
    expect(value(futures, [], [position]).positions[0]).not.toHaveProperty('distanceToLiquidation');
  });

  it.each<[string, MarketKind, string]>([
    ['BTC/USDT:USDT', 'perpetual', 'futures'],
    ['BTC/USDT:USDT-270326', 'future', 'futures'],
    ['BTC/USDT:USDT-270326-50000-C', 'option', 'options'],
  ])('in %s is a %s by its symbol, and belongs to the wallet %s', (symbol, _kind, name) => {
    const wallets = [spot, futures, walletOf('options', ['option'])].map((wallet) => ({ wallet, balances: [] }));
    const { positions } = valueAccount({ wallets, positions: [open(symbol, 'long')] }, context);
    expect(positions[0]?.wallet).toBe(name);
  });

  it('belongs to the one of two wallets that has of what it settles in', () => {
    const wallets = [
      { wallet: walletOf('dollars', ['perpetual']), balances: [has('USDT', '5')] },
      { wallet: walletOf('coins', ['perpetual']), balances: [has('BTC', '5')] },
    ];
    const positions = [inverse('long', entered), linear('long', entered), open('A/B:B', 'long')];
    const valued = valueAccount({ wallets, positions }, context);
    expect(valued.positions.map(({ wallet }) => wallet)).toEqual(['coins', 'dollars', 'dollars']);
  });

  it('outside contracts takes the kind that its symbol says', () => {
    expect(value(spot, [], [open('BTC/USDT', 'long', entered)]).positions[0]).toMatchObject({ wallet: 'spot' });
  });
});

describe('the margin of a wallet', () => {
  const margins = { initialMargin: amount('10'), maintenanceMargin: amount('4') };
  const position = (rest: Partial<Position>) => open('BTC/USDT:USDT', 'long', rest);

  it.each<[string, Balance[], Position[], object]>([
    [
      'is what its balances show as used and free',
      [
        has('USDT', '50', { used: amount('20'), free: amount('30') }),
        has('BTC', '1', { used: amount('0.5'), free: amount('0.5') }),
      ],
      [position(margins)],
      { wallet: 'futures', used: '70', free: '80', maintenance: '4' },
    ],
    [
      'is what its positions take where balances do not tell',
      [has('USDT', '50')],
      [position(margins), position(margins)],
      { wallet: 'futures', used: '20', maintenance: '8' },
    ],
    ['is not known where neither tells', [has('USDT', '50')], [position(margins), position({})], { wallet: 'futures' }],
    ['of nothing is nothing', [], [], { wallet: 'futures', used: '0', free: '0', maintenance: '0' }],
    [
      'leaves out what has no rate',
      [
        has('X', '50', { used: amount('20'), free: amount('30') }),
        has('USDT', '1', { used: amount('0'), free: amount('1') }),
      ],
      [],
      { wallet: 'futures', used: '0', free: '1', maintenance: '0' },
    ],
  ])('%s', (_name, balances, positions, expected) => {
    expect(value(futures, balances, positions).margins).toEqual([expected]);
  });

  it('is of wallets that contracts are paid from, each by itself', () => {
    const wallets = [
      { wallet: spot, balances: [has('USDT', '9', { used: amount('3'), free: amount('6') })] },
      { wallet: futures, balances: [has('USDT', '5', { used: amount('1'), free: amount('4') })] },
    ];
    expect(valueAccount({ wallets, positions: [] }, context).margins).toEqual([
      { wallet: 'futures', used: '1', free: '4', maintenance: '0' },
    ]);
  });
});

it('the equity of two accounts together is that of both', () => {
  const asset = fc.constantFrom('USDT', 'BTC', 'EUR', 'X');
  const total = fc.integer({ min: 0, max: 10 ** 9 }).map((units) => amount(`${units}e-4`));
  const balances = fc.array(fc.record({ asset, total }), { maxLength: 5 });
  const positions = fc.array(
    fc.record({
      side: fc.constantFrom('long' as const, 'short' as const),
      entryPrice: total.map((text) => price(text)),
      size: total,
    }),
    { maxLength: 3 },
  );
  const account = fc.record({ balances, positions }).map(({ balances: had, positions: opened }) => ({
    had,
    opened: opened.map(({ side, entryPrice, size }) => open('BTC/USDT:USDT', side, { entryPrice, amount: size })),
  }));
  fc.assert(
    fc.property(account, account, (one, other) => {
      const [first, second] = [value(futures, one.had, one.opened), value(futures, other.had, other.opened)];
      const both = value(futures, [...one.had, ...other.had], [...one.opened, ...other.opened]);
      if (first.equity === undefined || second.equity === undefined) throw new Error('all of it can be valued');
      expect(both.equity).toBe(add(first.equity, second.equity));
    }),
    { numRuns: 60 },
  );
});
