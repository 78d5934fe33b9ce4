/** Why nothing can be ordered: each denial names the field of the signal to change. */
import {
  amount,
  type Market,
  type OrderType,
  price,
  type Signal,
  type SignalSize,
  type TimeInForce,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred } from '../../support/markets.ts';
import { base, type Case, contracts, figures, onlyOrder, plan, position, quote } from '../../support/plans.ts';

const perpetual = btcUsdtPerpetual;
const { contractSize: _size, ...unknownContract } = inverseByHundred;
const { contractSize: _linear, ...unknownLinear } = btcUsdtPerpetual;
const quanto: Market = { ...inverseByHundred, symbol: 'ETH/USD:BTC', contractType: 'quanto' };
const market100 = figures('100');
const plenty = figures('100', position('flat'), '10000');

const exits = (change: Partial<NonNullable<Signal['exitPlan']>>): NonNullable<Signal['exitPlan']> => ({
  takeProfits: [],
  onFailure: 'keep',
  ...change,
});
const stop = (at: string) => exits({ stopLoss: { level: { price: price(at) } } });
const target = (at: string) => exits({ takeProfits: [{ level: { price: price(at) }, portion: '1' }] });
const buy = (size: SignalSize, change: Partial<Signal> = {}): Partial<Signal> => ({ action: 'buy', size, ...change });
const sell = (size: SignalSize, change: Partial<Signal> = {}): Partial<Signal> => ({ action: 'sell', size, ...change });
const risk: SignalSize = { riskPercent: '1' };
const equity: SignalSize = { percentEquity: '10' };
const half: SignalSize = { percentPosition: '50' };

/** The field and the code. */
type Denied = [name: string, planned: Case, field: string, code: string];

const ofSizes: Denied[] = [
  [
    'below the smallest amount',
    { signal: buy(base('0.0001')), market: perpetual, figures: market100 },
    'size.base',
    'amount_below_minimum',
  ],
  [
    'above the largest amount',
    { signal: buy(base('9001')), market: btcUsdt, figures: market100 },
    'size.base',
    'amount_above_maximum',
  ],
  [
    'below the smallest value',
    { signal: buy(quote('99')), market: perpetual, figures: market100 },
    'size.quote',
    'notional_below_minimum',
  ],
  [
    'of contracts on spot',
    { signal: buy(contracts('1')), market: btcUsdt, figures: market100 },
    'size.contracts',
    'not_supported',
  ],
  [
    'of contracts that stand for nobody knows what',
    { signal: buy(contracts('1')), market: unknownLinear, figures: market100 },
    'size.contracts',
    'not_supported',
  ],
  [
    'in quote, of such contracts',
    { signal: buy(quote('1')), market: unknownContract, figures: market100 },
    'size.quote',
    'not_supported',
  ],
  [
    'in base, of such contracts',
    { signal: buy(base('1')), market: unknownContract, figures: market100 },
    'size.base',
    'not_supported',
  ],
  [
    'in risk, of such contracts',
    { signal: buy(risk, { exitPlan: stop('90') }), market: unknownContract, figures: plenty },
    'size.riskPercent',
    'not_supported',
  ],
  [
    'in base, of quanto contracts',
    { signal: buy(base('1')), market: quanto, figures: market100 },
    'size.base',
    'not_supported',
  ],
  [
    'of quanto contracts, which nobody can value',
    { signal: buy(contracts('1')), market: quanto, figures: market100 },
    'symbol',
    'not_supported',
  ],
  [
    'of too little equity',
    { signal: buy(equity), market: perpetual, figures: figures('100', undefined, '10') },
    'size.percentEquity',
    'notional_below_minimum',
  ],
  [
    'of no equity',
    { signal: buy(equity), market: perpetual, figures: figures('100', undefined, '-5') },
    'size.percentEquity',
    'amount_below_minimum',
  ],
  [
    'in risk without a stop',
    { signal: buy(risk), market: perpetual, figures: plenty },
    'size.riskPercent',
    'not_supported',
  ],
  [
    'in risk to reduce',
    {
      signal: sell(risk, { reduceOnly: true }),
      market: perpetual,
      figures: figures('100', position('long', '1'), '10'),
    },
    'size.riskPercent',
    'not_supported',
  ],
  [
    'at a limit below the price step',
    { signal: buy(base('1'), { type: 'limit', price: price('0.001') }), market: btcUsdt },
    'price',
    'price_below_step',
  ],
  [
    'at a trigger below the price step',
    { signal: sell(base('1'), { type: 'stop', triggerPrice: price('0.001') }), market: btcUsdt, figures: market100 },
    'triggerPrice',
    'price_below_step',
  ],
  [
    'to close less than a step',
    {
      signal: { action: 'close', size: base('0.0001') },
      market: perpetual,
      figures: figures('100', position('long', '1')),
    },
    'size.base',
    'amount_below_minimum',
  ],
  [
    'to close less than the smallest value on spot',
    {
      signal: { action: 'close', size: base('0.001') },
      market: btcUsdt,
      figures: figures('100', position('long', '1')),
    },
    'size.base',
    'notional_below_minimum',
  ],
  [
    'to close more than one order takes',
    { signal: { action: 'close' }, market: perpetual, figures: figures('100', position('long', '9001')) },
    'action',
    'amount_above_maximum',
  ],
  [
    'to give up more than one order takes',
    {
      signal: { target: 'long', size: quote('200') },
      market: perpetual,
      figures: figures('100', position('long', '9999')),
    },
    'size.quote',
    'amount_above_maximum',
  ],
  [
    'to close contracts of no size on spot',
    {
      signal: { action: 'close', size: contracts('1') },
      market: btcUsdt,
      figures: figures('100', position('long', '1')),
    },
    'size.contracts',
    'not_supported',
  ],
  [
    'to show less than a step',
    {
      signal: buy(base('1'), { type: 'limit', price: price('90'), displayAmount: amount('0.0001') }),
      market: perpetual,
    },
    'displaySize',
    'amount_below_minimum',
  ],
  [
    'to trail by less than a step when it reduces',
    {
      signal: sell(base('1'), { type: 'trailing_stop', trail: { distance: price('0.001') }, reduceOnly: true }),
      market: perpetual,
      figures: figures('100', position('long', '1')),
    },
    'trailAmount',
    'price_below_step',
  ],
];

const ofFigures: Denied[] = [
  [
    'no trigger of a stop',
    { signal: sell(base('1'), { type: 'stop' }), market: perpetual, figures: market100 },
    'triggerPrice',
    'price_missing',
  ],
  [
    'no trail of a trailing stop',
    { signal: sell(base('1'), { type: 'trailing_stop' }), market: perpetual, figures: market100 },
    'trailPercent',
    'price_missing',
  ],
  ['no price', { signal: buy(base('1')), market: perpetual }, 'size.base', 'price_missing'],
  [
    'no price to sell at',
    { signal: sell(base('1'), { type: 'limit', price: price('90') }), market: perpetual },
    'size.base',
    'price_missing',
  ],
  [
    'no price to close by quote',
    {
      signal: { action: 'close', size: quote('5') },
      market: perpetual,
      figures: figures(undefined, position('long', '1')),
    },
    'size.quote',
    'price_missing',
  ],
  [
    'no price to close on spot',
    { signal: { action: 'close' }, market: btcUsdt, figures: figures(undefined, position('long', '1')) },
    'action',
    'price_missing',
  ],
  [
    'no price of an inverse contract',
    {
      signal: { action: 'close', size: equity },
      market: inverseByHundred,
      figures: figures(undefined, position('long', '1'), '1'),
    },
    'size.percentEquity',
    'price_missing',
  ],
  [
    'no price of base in inverse contracts',
    {
      signal: { action: 'close', size: base('1') },
      market: inverseByHundred,
      figures: figures(undefined, position('long', '1')),
    },
    'size.base',
    'price_missing',
  ],
  [
    'no price to close a share of the risk',
    {
      signal: sell(risk, { reduceOnly: true }),
      market: perpetual,
      figures: figures(undefined, position('long', '1'), '1'),
    },
    'size.riskPercent',
    'price_missing',
  ],
  ['no equity', { signal: buy(equity), market: perpetual, figures: market100 }, 'size.percentEquity', 'equity_missing'],
  [
    'no equity to risk',
    { signal: buy(risk, { exitPlan: stop('90') }), market: perpetual, figures: market100 },
    'size.riskPercent',
    'equity_missing',
  ],
  [
    'no position to close',
    { signal: { action: 'close' }, market: perpetual, figures: market100 },
    'action',
    'position_missing',
  ],
  [
    'no position to bring to a target',
    { signal: { target: 'long', size: base('1') }, market: perpetual, figures: market100 },
    'target',
    'position_missing',
  ],
  [
    'no position to take a share of',
    { signal: buy(half), market: perpetual, figures: market100 },
    'size.percentPosition',
    'position_missing',
  ],
  [
    'no position to reduce',
    { signal: sell(base('1'), { reduceOnly: true }), market: perpetual, figures: market100 },
    'reduceOnly',
    'position_missing',
  ],
];

const ofIntentions: Denied[] = [
  [
    'a target of a share',
    { signal: { target: 'long', size: half }, market: perpetual, figures: figures('100', position('long', '1')) },
    'size.percentPosition',
    'not_supported',
  ],
  ['a cancel', { signal: { action: 'cancel' }, market: perpetual }, 'action', 'not_supported'],
  ['an amendment', { signal: { action: 'amend' }, market: perpetual }, 'action', 'not_supported'],
  ['no intention at all', { signal: {}, market: perpetual }, 'action', 'not_supported'],
  [
    'a buy without a size',
    { signal: { action: 'buy' }, market: perpetual, figures: market100 },
    'size',
    'size_missing',
  ],
  [
    'a target that is to open without a size',
    { signal: { target: 'long' }, market: perpetual, figures: figures('100', position('flat')) },
    'size',
    'size_missing',
  ],
  [
    'a target that is to turn without a size',
    { signal: { target: 'short' }, market: perpetual, figures: figures('100', position('long', '1')) },
    'size',
    'size_missing',
  ],
  [
    'a short on spot',
    { signal: { target: 'short', size: base('1') }, market: btcUsdt, figures: figures('100', position('flat')) },
    'target',
    'not_supported',
  ],
  [
    'a target that may only reduce',
    {
      signal: { target: 'long', size: base('1'), reduceOnly: true },
      market: perpetual,
      figures: figures('100', position('flat')),
    },
    'reduceOnly',
    'not_supported',
  ],
  [
    'a turn that waits for a trigger',
    {
      signal: { target: 'short', size: base('1'), type: 'stop', triggerPrice: price('90') },
      market: perpetual,
      figures: figures('100', position('long', '1')),
    },
    'type',
    'not_supported',
  ],
  [
    'a turn larger than one order takes',
    {
      signal: { target: 'short', size: base('1') },
      market: perpetual,
      figures: figures('100', position('long', '9001')),
    },
    'target',
    'amount_above_maximum',
  ],
];

const ofExits: Denied[] = [
  [
    'a stop above a long',
    { signal: buy(base('1'), { exitPlan: stop('101') }), market: perpetual, figures: market100 },
    'stopLoss.price',
    'exit_wrong_side',
  ],
  [
    'a stop at the entry',
    { signal: buy(base('1'), { exitPlan: stop('100') }), market: perpetual, figures: market100 },
    'stopLoss.price',
    'exit_wrong_side',
  ],
  [
    'a stop below a short',
    { signal: sell(base('1'), { exitPlan: stop('99') }), market: perpetual, figures: market100 },
    'stopLoss.price',
    'exit_wrong_side',
  ],
  [
    'a stop that measures the risk on the wrong side',
    { signal: buy(risk, { exitPlan: stop('101') }), market: perpetual, figures: plenty },
    'stopLoss.price',
    'exit_wrong_side',
  ],
  [
    'a stop all the way down',
    {
      signal: buy(base('1'), { exitPlan: exits({ stopLoss: { level: { percent: '100' } } }) }),
      market: perpetual,
      figures: market100,
    },
    'stopLoss.percent',
    'exit_wrong_side',
  ],
  [
    'a trail as long as the price',
    {
      signal: buy(base('1'), { exitPlan: exits({ stopLoss: { trail: { distance: price('100') } } }) }),
      market: perpetual,
      figures: market100,
    },
    'stopLoss.trailAmount',
    'exit_wrong_side',
  ],
  [
    'a trail of everything',
    {
      signal: buy(base('1'), { exitPlan: exits({ stopLoss: { trail: { percent: '100' } } }) }),
      market: perpetual,
      figures: market100,
    },
    'stopLoss.trailPercent',
    'exit_wrong_side',
  ],
  [
    'a stop that says nothing',
    { signal: buy(base('1'), { exitPlan: exits({ stopLoss: {} }) }), market: perpetual, figures: market100 },
    'stopLoss',
    'exit_wrong_side',
  ],
  [
    'a target below a long',
    { signal: buy(base('1'), { exitPlan: target('99') }), market: perpetual, figures: market100 },
    'takeProfit.0.price',
    'exit_wrong_side',
  ],
  [
    'a target above a short',
    { signal: sell(base('1'), { exitPlan: target('101') }), market: perpetual, figures: market100 },
    'takeProfit.0.price',
    'exit_wrong_side',
  ],
  [
    'a target of a short at nothing',
    {
      signal: sell(base('1'), { exitPlan: exits({ takeProfits: [{ level: { percent: '100' }, portion: '1' }] }) }),
      market: perpetual,
      figures: market100,
    },
    'takeProfit.0.percent',
    'exit_wrong_side',
  ],
  [
    'a stop of a sale on spot',
    { signal: sell(base('1'), { exitPlan: stop('110') }), market: btcUsdt, figures: market100 },
    'stopLoss',
    'not_supported',
  ],
  [
    'a target of a sale on spot',
    { signal: sell(base('1'), { exitPlan: target('90') }), market: btcUsdt, figures: market100 },
    'takeProfit',
    'not_supported',
  ],
  [
    'exits of a share that is given up',
    {
      signal: sell(half, { exitPlan: stop('110') }),
      market: perpetual,
      figures: figures('100', position('long', '2')),
    },
    'stopLoss',
    'not_supported',
  ],
];

describe.each([
  ['a size', ofSizes],
  ['a figure that is missing', ofFigures],
  ['an intention', ofIntentions],
  ['exits', ofExits],
])('denied for %s', (_group, cases) => {
  it.each(cases)('%s', (_name, planned, field, code) => {
    const denied = plan(planned);
    expect(denied).toMatchObject({ kind: 'denied', field, cause: { code } });
    if (denied.kind === 'denied')
      expect(denied.cause.message).toMatch(new RegExp(`^${field.replaceAll('.', '\\.')} \\w`));
  });
});

describe('what a venue cannot keep', () => {
  const without = <Item>(all: readonly Item[], ...missing: Item[]) =>
    new Set(all.filter((item) => !missing.includes(item)));
  const types = (...missing: OrderType[]) =>
    without<OrderType>(['market', 'limit', 'stop', 'stop_limit', 'take_profit', 'trailing_stop'], ...missing);
  const limit: Partial<Signal> = { type: 'limit', price: price('90') };
  const stopped: Partial<Signal> = { type: 'stop', triggerPrice: price('110') };

  it.each<[string, Case]>([
    [
      'a stop',
      { signal: buy(base('2'), stopped), market: perpetual, figures: market100, abilities: { types: types('stop') } },
    ],
    [
      'a stop-limit',
      {
        signal: buy(base('2'), { ...limit, type: 'stop_limit', triggerPrice: price('110') }),
        market: perpetual,
        abilities: { types: types('stop_limit') },
      },
    ],
    [
      'a take-profit',
      {
        signal: buy(base('2'), { type: 'take_profit', triggerPrice: price('90') }),
        market: perpetual,
        figures: market100,
        abilities: { types: types('take_profit') },
      },
    ],
    [
      'a trailing stop',
      {
        signal: buy(base('2'), { type: 'trailing_stop', trail: { percent: '2' } }),
        market: perpetual,
        figures: market100,
        abilities: { types: types('trailing_stop') },
      },
    ],
    [
      'a stop that reduces',
      {
        signal: { action: 'close', type: 'stop', triggerPrice: price('90') },
        market: perpetual,
        figures: figures('100', position('long', '1')),
        abilities: { types: types('stop') },
      },
    ],
  ])('is emulated: %s', (_name, planned) => {
    expect(onlyOrder(plan(planned))).toMatchObject({ handling: 'emulated' });
    expect(onlyOrder(plan({ ...planned, abilities: {} }))).not.toHaveProperty('handling');
  });

  it('is kept by its date where the venue knows none', () => {
    const gtd: Partial<Signal> = { ...limit, timeInForce: 'GTD', goodTillMs: 9_000 };
    const order = onlyOrder(
      plan({ signal: buy(base('2'), gtd), market: perpetual, abilities: { timesInForce: new Set(['GTC'] as const) } }),
    );
    expect(order.terms).toMatchObject({ timeInForce: 'GTD', goodTillMs: 9_000 });
    expect(order).not.toHaveProperty('handling');
  });

  it.each<[string, Case, string]>([
    ...(['IOC', 'FOK', 'PO'] as TimeInForce[]).map((timeInForce): [string, Case, string] => [
      timeInForce,
      {
        signal: buy(base('2'), { ...limit, timeInForce }),
        market: perpetual,
        abilities: { timesInForce: new Set(['GTC', 'GTD'] as const) },
      },
      'timeInForce',
    ]),
    [
      'an iceberg',
      {
        signal: buy(base('2'), { ...limit, displayAmount: amount('1') }),
        market: perpetual,
        abilities: { iceberg: false },
      },
      'displaySize',
    ],
    [
      'orders at market',
      { signal: buy(base('2')), market: perpetual, figures: market100, abilities: { types: types('market') } },
      'type',
    ],
    [
      'what a stop becomes',
      {
        signal: buy(base('2'), stopped),
        market: perpetual,
        figures: market100,
        abilities: { types: types('market', 'stop') },
      },
      'type',
    ],
    [
      'what a turn is closed with',
      {
        signal: { target: 'long', size: base('2'), ...limit },
        market: perpetual,
        figures: figures('100', position('short', '1')),
        abilities: { types: types('market') },
      },
      'type',
    ],
    [
      'a close that cannot open',
      {
        signal: { action: 'close' },
        market: perpetual,
        figures: figures('100', position('long', '1')),
        abilities: { reduceOnly: false },
      },
      'action',
    ],
    [
      'a turn that cannot open',
      {
        signal: { target: 'short', size: base('2') },
        market: perpetual,
        figures: figures('100', position('long', '1')),
        abilities: { reduceOnly: false },
      },
      'target',
    ],
    [
      'reduceOnly',
      {
        signal: sell(base('1'), { reduceOnly: true }),
        market: perpetual,
        figures: figures('100', position('long', '1')),
        abilities: { reduceOnly: false },
      },
      'reduceOnly',
    ],
    [
      'a share that is given up',
      {
        signal: sell(half),
        market: perpetual,
        figures: figures('100', position('long', '1')),
        abilities: { reduceOnly: false },
      },
      'size.percentPosition',
    ],
    [
      'leverage',
      {
        signal: buy(base('2'), { leverage: '3' }),
        market: perpetual,
        figures: market100,
        abilities: { leverage: false },
      },
      'leverage',
    ],
    [
      'a margin mode',
      {
        signal: buy(base('2'), { marginMode: 'cross' }),
        market: perpetual,
        figures: market100,
        abilities: { marginMode: false },
      },
      'marginMode',
    ],
  ])('is denied: %s', (_name, planned, field) => {
    expect(plan(planned)).toMatchObject({ kind: 'denied', field, cause: { code: 'not_supported' } });
    expect(plan({ ...planned, abilities: {} })).toMatchObject({ kind: 'orders' });
  });

  it('does not matter on spot, where nothing is reduce-only at the venue', () => {
    const held = figures('100', position('long', '1'));
    const planned = plan({
      signal: { action: 'close' },
      market: btcUsdt,
      figures: held,
      abilities: { reduceOnly: false },
    });
    expect(onlyOrder(planned).terms).toEqual({ type: 'market', reduceOnly: true });
  });

  it('does not matter where an iceberg would show all of itself', () => {
    const whole = { ...limit, displayAmount: amount('2') };
    const planned = plan({ signal: buy(base('2'), whole), market: perpetual, abilities: { iceberg: false } });
    expect(onlyOrder(planned).terms).not.toHaveProperty('displayAmount');
  });
});
