/** The desk's own positions: average cost, realized profit and fees, from the changes of its orders. */
import {
  type AccountId,
  add,
  amount,
  applyDelta,
  applyFills,
  averageEntryOf,
  currencyOf,
  type Fee,
  type IntentId,
  type LedgerPosition,
  notional,
  type Order,
  type PositionDelta,
  partsOf,
  positionDelta,
  price,
  type Side,
  subtract,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { fill, intended, observed, orderAfter } from '../../support/orders.ts';
import fc from '../../support/property.ts';

/** A change: side, quantity, cost (absent is not known), fees. */
type Trade = [side: Side, quantity: string, cost?: string, ...fees: [asset: string, paid: string][]];

const deltaOf = ([side, quantity, cost, ...fees]: Trade, symbol = 'BTC/USDT'): PositionDelta => ({
  ...{ account: 'main' as AccountId, venue: 'fake' as VenueId, symbol, side, quantity: amount(quantity) },
  ...(cost !== undefined && { cost: notional(cost) }),
  fees: fees.map(([asset, paid]): Fee => ({ asset, amount: amount(paid) })),
  ...{ orderId: 'nd0001' as IntentId, orderVersion: 2 },
});

function positionAfter(trades: readonly Trade[], symbol?: string): LedgerPosition {
  let position: LedgerPosition | undefined;
  for (const trade of trades) position = applyFills(position, deltaOf(trade, symbol));
  if (position === undefined) throw new Error('there are no trades');
  return position;
}

describe('a position', () => {
  it.each<[string, Trade[], object]>([
    ['is what was bought', [['buy', '2', '200']], { quantity: '2', cost: '200', realizedPnl: '0' }],
    [
      'averages what it cost',
      [
        ['buy', '2', '200'],
        ['buy', '1', '130'],
      ],
      { quantity: '3', cost: '330' },
    ],
    [
      'realizes what a part was sold above its average',
      [
        ['buy', '2', '200'],
        ['buy', '2', '240'],
        ['sell', '1', '150'],
      ],
      { quantity: '3', cost: '330', realizedPnl: '40' },
    ],
    [
      'realizes a loss',
      [
        ['buy', '2', '200'],
        ['sell', '2', '150'],
      ],
      { quantity: '0', cost: '0', realizedPnl: '-50' },
    ],
    ['can be short', [['sell', '2', '200']], { quantity: '-2', cost: '200' }],
    [
      'realizes what a short was bought back below',
      [
        ['sell', '2', '200'],
        ['buy', '1', '80'],
      ],
      { quantity: '-1', cost: '100', realizedPnl: '20' },
    ],
    [
      'turns from long to short',
      [
        ['buy', '1', '100'],
        ['sell', '3', '360'],
      ],
      { quantity: '-2', cost: '240', realizedPnl: '20' },
    ],
    [
      'turns from short to long',
      [
        ['sell', '1', '100'],
        ['buy', '4', '360'],
      ],
      { quantity: '3', cost: '270', realizedPnl: '10' },
    ],
    [
      'begins anew after it was closed',
      [
        ['buy', '1', '100'],
        ['sell', '1', '110'],
        ['buy', '1', '500'],
      ],
      { quantity: '1', cost: '500', realizedPnl: '10' },
    ],
    [
      'keeps thirds to the last place',
      [
        ['buy', '3', '100'],
        ['sell', '1', '40'],
        ['sell', '2', '80'],
      ],
      { quantity: '0', cost: '0', realizedPnl: '20' },
    ],
  ])('%s', (_name, trades, expected) => {
    expect(positionAfter(trades)).toMatchObject({ unpriced: '0', unpricedClosed: '0', ...expected });
  });

  it.each<[string, Trade[], object]>([
    ['is counted, at no cost', [['buy', '2']], { quantity: '2', cost: '0', unpriced: '2' }],
    [
      'leaves the rest its average',
      [
        ['buy', '2', '200'],
        ['buy', '2'],
      ],
      { quantity: '4', cost: '200', unpriced: '2' },
    ],
    [
      'is closed in proportion',
      [
        ['buy', '2', '200'],
        ['buy', '2'],
        ['sell', '2', '300'],
      ],
      { quantity: '2', cost: '100', unpriced: '1', realizedPnl: '50', unpricedClosed: '1' },
    ],
    [
      'is closed without a profit',
      [
        ['buy', '2'],
        ['sell', '2', '300'],
      ],
      { quantity: '0', unpriced: '0', realizedPnl: '0', unpricedClosed: '2' },
    ],
    [
      'closes without a profit',
      [
        ['buy', '2', '200'],
        ['sell', '1'],
      ],
      { quantity: '1', cost: '100', realizedPnl: '0', unpricedClosed: '1' },
    ],
    [
      'turns a position',
      [
        ['buy', '1', '100'],
        ['sell', '3'],
      ],
      { quantity: '-2', cost: '0', unpriced: '2', unpricedClosed: '1' },
    ],
  ])('what was filled at a price that is not known %s', (_name, trades, expected) => {
    expect(positionAfter(trades)).toMatchObject(expected);
  });

  it.each<[string, Trade[], object]>([
    [
      'are counted by asset',
      [
        ['buy', '1', '100', ['USDT', '0.1'], ['BNB', '0.01']],
        ['sell', '1', '100', ['USDT', '0.2']],
      ],
      { quantity: '0', realizedPnl: '0', fees: { USDT: '0.3', BNB: '0.01' } },
    ],
    ['can be rebates', [['buy', '1', '100', ['USDT', '-0.1']]], { fees: { USDT: '-0.1' } }],
    [
      'in base asset make the position smaller, at a loss',
      [['buy', '1', '100', ['BTC', '0.1']]],
      { quantity: '0.9', cost: '90', realizedPnl: '-10', fees: { BTC: '0.1' } },
    ],
    [
      'in base asset of a sale too',
      [
        ['buy', '2', '200'],
        ['sell', '1', '100', ['BTC', '0.5']],
      ],
      { quantity: '0.5', cost: '50', realizedPnl: '-50' },
    ],
    [
      'in base asset that come back make it larger',
      [['buy', '1', '100', ['BTC', '-0.1']]],
      { quantity: '1.1', cost: '100' },
    ],
    ['of nothing change nothing', [['buy', '1', '100', ['BTC', '0']]], { quantity: '1', fees: { BTC: '0' } }],
    [
      'can become known by themselves',
      [
        ['buy', '1', '100'],
        ['buy', '0', undefined, ['USDT', '0.1']],
      ],
      { quantity: '1', cost: '100', unpriced: '0', fees: { USDT: '0.1' } },
    ],
  ])('fees %s', (_name, trades, expected) => {
    expect(positionAfter(trades)).toMatchObject(expected);
  });

  it('in a contract is not made smaller by a fee in base asset', () => {
    expect(positionAfter([['buy', '1', '100', ['BTC', '0.1']]], 'BTC/USDT:USDT')).toMatchObject({
      quantity: '1',
      fees: { BTC: '0.1' },
    });
  });

  it.each<[Trade[], string | undefined]>([
    [
      [
        ['buy', '2', '200'],
        ['buy', '1', '130'],
      ],
      '110',
    ],
    [[['sell', '4', '200']], '50'],
    [
      [
        ['buy', '2', '200'],
        ['buy', '5'],
      ],
      '100',
    ],
    [[['buy', '2']], undefined],
    [
      [
        ['buy', '2', '200'],
        ['sell', '2', '1'],
      ],
      undefined,
    ],
  ])('has the average price of what is priced (%#)', (trades, average) => {
    expect(averageEntryOf(positionAfter(trades))).toBe(average);
  });
});

describe('what a profit is in', () => {
  it.each<[string, string | undefined]>([
    ['BTC/USDT', 'USDT'],
    ['BTC/EUR', 'EUR'],
    ['BTC/USDT:USDT', 'USDT'],
    ['BTC/USDT:USDT-270326', 'USDT'],
    ['BTC/USD:USDC', 'USDC'],
    ['BTC/USD:BTC', undefined],
    ['ETH/USD:BTC', undefined],
  ])('%s: %s', (symbol, currency) => {
    expect(currencyOf({ symbol })).toBe(currency);
  });

  it('is read from a symbol, however little of one it is', () => {
    expect(partsOf('BTC')).toEqual({ base: 'BTC', quote: '' });
    expect(partsOf('BTC/USD:BTC-270326')).toEqual({ base: 'BTC', quote: 'USD', settle: 'BTC' });
  });
});

describe('a change of an order', () => {
  const recorded = orderAfter(intended);
  const half = orderAfter(intended, observed('open', '1', [fill('a')]));
  const whole = orderAfter(intended, observed('open', '1', [fill('a')]), observed('filled', '2', [fill('b')]));
  const fee = { asset: 'USDT', amount: '0.1' };
  const withoutCost = ({ cost: _cost, ...order }: Order): Order => order;

  it.each<[string, Order | undefined, Order, object | undefined]>([
    ['that fills nothing changes no position', undefined, recorded, undefined],
    ['that fills a part', recorded, half, { side: 'buy', quantity: '1', cost: '100', fees: [fee], orderVersion: 2 }],
    ['that fills the rest', half, whole, { quantity: '1', cost: '100', fees: [fee], orderVersion: 3 }],
    ['over several versions', recorded, whole, { quantity: '2', cost: '200', fees: [fee, fee] }],
    ['from nothing', undefined, whole, { quantity: '2', cost: '200' }],
    ['that changes nothing of its fills', whole, whole, undefined],
    [
      'whose fills say what its cost does not',
      withoutCost(recorded),
      withoutCost(half),
      { quantity: '1', cost: '100' },
    ],
    [
      'of whose fills a fee was not told',
      recorded,
      { ...half, fills: [{ ...fill('a'), fee: undefined }] } as Order,
      { quantity: '1', fees: [] },
    ],
    ['whose fills are not told yet', recorded, { ...half, fills: [] }, { quantity: '1', cost: '100', fees: [] }],
    ['that brings fees only', { ...half, fills: [] }, half, { quantity: '0', fees: [fee] }],
    ['whose side was never determined', undefined, { ...whole, side: undefined } as unknown as Order, undefined],
  ])('%s', (_name, before, now, expected) => {
    const delta = positionDelta(before, now);
    if (expected === undefined) expect(delta).toBeUndefined();
    else expect(delta).toMatchObject(expected);
  });

  it('over several trades names each of them in the order in which they happened, and none that is nothing', () => {
    const trades = [
      { ...fill('late'), price: price('90'), atMs: 5_000 },
      { ...fill('early'), price: price('110'), atMs: 4_000 },
      { ...fill('nothing', '0'), atMs: 4_500 },
    ];
    const expected = [
      { quantity: '1', cost: '110' },
      { quantity: '1', cost: '90' },
    ];
    expect(positionDelta(recorded, { ...whole, fills: trades })).toMatchObject({ cost: '200', trades: expected });
    expect(positionDelta(recorded, half)).not.toHaveProperty('trades');
  });

  it('that turns a position round closes it at the price of the trades that did', () => {
    const [long, sold] = [deltaOf(['buy', '1', '100']), deltaOf(['sell', '3', '290'])];
    const trades = [
      { quantity: amount('1'), cost: notional('110') },
      { quantity: amount('2'), cost: notional('180') },
    ];
    const turned = applyFills(applyFills(undefined, long), { ...sold, trades });
    expect(turned).toMatchObject({ quantity: '-2', cost: '180', realizedPnl: '10' });
  });

  it('whose fill comes late is not taken to have cost what that fill did', () => {
    const untold = { ...half, fills: [] };
    const late = { ...whole, cost: notional('210'), fills: [fill('a')] };
    expect(positionDelta(untold, late)).toMatchObject({ quantity: '1', cost: '110', fees: [fee] });
    expect(positionDelta(untold, withoutCost(late))).toMatchObject({ quantity: '1', cost: '100' });
  });

  const partlyKnown = { ...whole, fills: [fill('a')] };
  it.each<[string, Order, Order]>([
    ['what it had cost before is not known', withoutCost(half), { ...partlyKnown }],
    ['what it has cost is not known', half, withoutCost(partlyKnown)],
    ['it is said to have cost less than before', half, { ...partlyKnown, cost: notional('90') }],
    ['the contract is inverse', { ...half, symbol: 'BTC/USD:BTC' }, { ...whole, symbol: 'BTC/USD:BTC' }],
  ])('has no cost where %s', (_name, before, now) => {
    const delta = positionDelta(before, now);
    expect(delta).toMatchObject({ quantity: '1' });
    expect(delta).not.toHaveProperty('cost');
  });

  it('is one event of the journal, of which the row names the last', () => {
    const first = positionDelta(recorded, half);
    const second = positionDelta(half, whole);
    if (first === undefined || second === undefined) throw new Error('nothing was filled');
    const one = applyDelta(undefined, first, 3_000);
    const two = applyDelta(one.position, second, 4_000);
    expect([one.journalEvent.sequence, two.journalEvent.sequence]).toEqual([1, 2]);
    expect(two.journalEvent).toMatchObject({ stream: 'position#main#BTC/USDT', type: 'position.filled', atMs: 4_000 });
    expect(two.journalEvent.prevHash).toBe(one.journalEvent.hash);
    expect(two.position).toMatchObject({
      version: 2,
      journalHash: two.journalEvent.hash,
      updatedAtMs: 4_000,
      quantity: '2',
    });
  });
});

describe('every sequence of trades', () => {
  const units = (max: number) => fc.integer({ min: 1, max }).map((value) => String(value / 1_000));
  const trades = fc.array(
    fc.tuple(fc.constantFrom<Side>('buy', 'sell'), units(50_000), units(9_000_000), fc.boolean(), units(100)),
    { minLength: 1, maxLength: 30 },
  );
  const signed = (side: Side, value: string) => (side === 'buy' ? amount(value) : subtract(amount('0'), amount(value)));

  it('adds up to the quantity, whatever its order', () => {
    fc.assert(
      fc.property(trades, (all) => {
        const of = (list: typeof all) =>
          positionAfter(
            list.map(
              ([side, size, cost, isPriced, fee]): Trade => [side, size, isPriced ? cost : undefined, ['BTC', fee]],
            ),
          );
        const expected = all.reduce(
          (sum, [side, size, , , fee]) => subtract(add(sum, signed(side, size)), amount(fee)),
          amount('0'),
        );
        expect(of(all).quantity).toBe(expected);
        expect(of(all.toReversed()).quantity).toBe(expected);
      }),
    );
  });

  it('neither makes nor loses money: what came in is the profit, less what is open', () => {
    fc.assert(
      fc.property(trades, (all) => {
        const position = positionAfter(all.map(([side, size, cost]): Trade => [side, size, cost]));
        const income = all.reduce((sum, [side, , cost]) => subtract(sum, signed(side, cost)), amount('0'));
        const isShort = position.quantity.startsWith('-');
        const open = isShort ? subtract(notional('0'), position.cost) : position.cost;
        expect(subtract(position.realizedPnl, open)).toBe(income);
      }),
    );
  });

  it('has an average between its best and its worst price while it only grows', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(units(50_000), units(9_000_000)), { minLength: 1, maxLength: 20 }), (all) => {
        const average = Number(
          averageEntryOf(positionAfter(all.map(([size, cost]): Trade => ['sell', size, cost]))) ?? price('0'),
        );
        const paid = all.map(([size, cost]) => Number(cost) / Number(size));
        expect(average).toBeGreaterThanOrEqual(Math.min(...paid) * 0.999_999);
        expect(average).toBeLessThanOrEqual(Math.max(...paid) * 1.000_001);
      }),
    );
  });

  it('never counts more unpriced than there is', () => {
    fc.assert(
      fc.property(trades, (all) => {
        const position = positionAfter(
          all.map(([side, size, cost, isPriced]): Trade => [side, size, isPriced ? cost : undefined]),
        );
        const held = Number(position.quantity.replace('-', ''));
        expect(Number(position.unpriced)).toBeLessThanOrEqual(held + 1e-9);
        expect(Number(position.cost)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
