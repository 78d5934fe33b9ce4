import {
  amount,
  decideExits,
  type ExitCommand,
  type ExitPlan,
  type ExitStep,
  type ExitView,
  exitCancelReasons,
  exitStepsMax,
  type IntentId,
  isBare,
  type Market,
  notional,
  type Order,
  type OrderAbilities,
  optionalStepsMax,
  type orderTypes,
  price,
  stepIdOf,
  type VenueOrderId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { fakeAbilities } from '../../support/fake-order.ts';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred } from '../../support/markets.ts';
import { cause, fill, intended, orderAfter } from '../../support/orders.ts';

const nowMs = 10_000_000;
const percent = (text: string) => ({ percent: text });
const at = (text: string) => ({ price: price(text) });

const bracket: ExitPlan = {
  takeProfits: [
    { level: percent('2'), portion: '0.5' },
    { level: percent('4'), portion: '0.5' },
  ],
  stopLoss: { level: percent('1') },
  onFailure: 'keep',
};
const stopOnly: ExitPlan = { ...bracket, takeProfits: [] };
const targetsOnly: ExitPlan = { takeProfits: bracket.takeProfits, onFailure: 'keep' };
const closing = (plan: ExitPlan): ExitPlan => ({ ...plan, onFailure: 'close' });
const trailing = (stop: Partial<ExitPlan['stopLoss']> = {}): ExitPlan => ({
  ...{ takeProfits: [], onFailure: 'keep' },
  stopLoss: { trail: percent('2'), ...stop },
});

/** An exit by the name of its step: its order, or `absent` where only the step is there. */
type ExitSpec = [name: string, order: Partial<Order> | 'absent', step?: Partial<ExitStep>];

interface Situation {
  market?: Market;
  plan?: ExitPlan;
  entry?: Partial<Order>;
  exits?: Partial<NonNullable<Order['exits']>>;
  orders?: ExitSpec[];
  abilities?: Partial<OrderAbilities>;
  view?: Partial<ExitView>;
  /** Last price, with a bid and an ask that are the same; `none` where nobody has asked. */
  last?: string;
}

function stepOf(name: string, change: Partial<ExitStep> = {}): ExitStep {
  const [kind, target] = name.split('-');
  const common = { orderId: name as IntentId, name, amount: amount('4'), ...change };
  if (kind === 'target') return { ...common, role: 'take_profit', target: Number(target) - 1 };
  return kind === 'stop' ? { price: price('99'), ...common, role: 'stop_loss' } : { ...common, role: 'close' };
}

function exitOrder({ orderId, role, amount: size, price: level }: ExitStep, change: Partial<Order>): Order {
  const { exitPlan: _, ...base } = orderAfter(intended);
  const terms = {
    take_profit: { type: 'limit', ...(level && { price: level }) },
    stop_loss: { type: 'stop', ...(level && { triggerPrice: level }) },
    close: { type: 'market' },
  } as const;
  const venueOrderId = 'v' as VenueOrderId;
  const own = { ...base, orderId, role, side: 'sell', amount: size, state: 'open', venueOrderId } as const;
  return { ...own, ...terms[role], updatedAtMs: nowMs, ...change };
}

function viewOf(situation: Situation): ExitView {
  const { market = btcUsdtPerpetual, plan = bracket, orders = [], abilities, last = '100' } = situation;
  const steps = orders.map(([name, , change]) => stepOf(name, change));
  const entry: Order = {
    ...{ ...orderAfter(intended), state: 'filled', symbol: market.symbol, amount: amount('4'), filled: amount('4') },
    ...{ cost: notional('400'), exitPlan: plan, exits: { state: 'waiting', ...situation.exits, steps } },
    ...situation.entry,
  };
  const known = orders.flatMap(([, order], index) => {
    const step = steps[index];
    return order === 'absent' || step === undefined ? [] : [exitOrder(step, order)];
  });
  const quote = price(last === 'none' ? '0' : last);
  return {
    ...{ entry, orders: known, market, abilities: { ...fakeAbilities(market), ...abilities }, nowMs },
    ...(last !== 'none' && { ticker: { last: quote, bid: quote, ask: quote } }),
    ...situation.view,
  };
}

const nameOf = ({ entry }: ExitView, orderId: IntentId): string =>
  entry.exits?.steps.find((step) => step.orderId === orderId)?.name ?? 'nobody';
const reasonOf = (text: string) => Object.entries(exitCancelReasons).find(([, reason]) => reason === text)?.[0];

function describeCommand(command: ExitCommand, view: ExitView): string {
  switch (command.kind) {
    case 'price_needed':
      return 'price needed';
    case 'place': {
      const { step, terms, handling, isPlanned } = command;
      const trail =
        terms.trail && ('percent' in terms.trail ? `trail ${terms.trail.percent}%` : `trail ${terms.trail.distance}`);
      const parts = [terms.triggerPrice, terms.price && `limit ${terms.price}`, trail, terms.timeInForce, handling];
      return ['place', step.name, terms.type, step.amount, ...parts, isPlanned && 'as planned']
        .filter(Boolean)
        .join(' ');
    }
    case 'give_up':
      return `give up ${command.step.name}`;
    case 'cancel':
      return `cancel ${nameOf(view, command.order.orderId)}: ${reasonOf(command.reason)}`;
    case 'amend':
      return `amend ${nameOf(view, command.order.orderId)} ${Object.entries(command.change).flat().join(' ')}`;
    case 'resolve':
      return `resolve ${nameOf(view, command.order.orderId)}`;
    case 'move_stop':
      return `move stop to ${command.change.stopPrice}${command.change.trailedTo ? ` behind ${command.change.trailedTo}` : ''}`;
    case 'declare':
      return `${command.state}${command.cause ? `: ${command.cause.code}` : ''}`;
  }
}

function decided(situation: Situation): string[] {
  const view = viewOf(situation);
  return decideExits(view).map((command) => describeCommand(command, view));
}

const short: Partial<Order> = { side: 'sell' };
const open = (change: Partial<Order> = {}): Partial<Order> => ({ ...change, state: 'open' });
const rejected: Partial<Order> = { state: 'rejected', cause };
const filled = (size: string): Partial<Order> => ({ state: 'filled', filled: amount(size) });
const ours = (reason: keyof typeof exitCancelReasons): Partial<Order> => ({
  state: 'canceled',
  cause: { code: 'canceled', message: exitCancelReasons[reason] },
});
const target = (size: string, level: string): Partial<ExitStep> => ({ amount: amount(size), price: price(level) });
const size = (text: string): Partial<ExitStep> => ({ amount: amount(text) });
const kinds = (...types: (typeof orderTypes)[number][]): Partial<OrderAbilities> => ({ types: new Set(types) });
const thrice = (role: string, order: Partial<Order>, step: Partial<ExitStep> = {}): ExitSpec[] =>
  [1, 2, 3].map((number) => [`${role}-${number}`, order, step]);
const standing: ExitSpec[] = [
  ['stop-1', {}],
  ['target-1-1', {}, target('2', '102')],
  ['target-2-1', {}, target('2', '104')],
];

type Row = [title: string, situation: Situation, expected: string[]];
const check = (rows: Row[]) =>
  it.each(rows)('%s', (_, situation, expected) => {
    expect(decided(situation)).toEqual(expected);
  });

describe('where orders can be reduce-only', () => {
  check([
    [
      'a stop and all targets rest together',
      {},
      ['place stop-1 stop 4 99', 'place target-1-1 limit 2 limit 102', 'place target-2-1 limit 2 limit 104'],
    ],
    [
      'a short position has them the other way round',
      { entry: short },
      ['place stop-1 stop 4 101', 'place target-1-1 limit 2 limit 98', 'place target-2-1 limit 2 limit 96'],
    ],
    [
      'levels may be prices, brought to the step in the direction that loses less',
      { plan: { ...stopOnly, stopLoss: { level: at('98.001') } } },
      ['place stop-1 stop 4 98.01'],
    ],
    [
      'a short one rounds down',
      { entry: short, plan: { ...stopOnly, stopLoss: { level: at('102.009') } } },
      ['place stop-1 stop 4 102'],
    ],
    ['all in place is protected', { orders: standing }, ['protected']],
    ['what is said already is not said again', { orders: standing, exits: { state: 'protected' } }, []],
    ['without a price the stop waits for one', { last: 'none', plan: stopOnly }, ['price needed']],
    [
      'without a price to be had it is placed all the same',
      { view: { ticker: 'unavailable' }, plan: stopOnly },
      ['place stop-1 stop 4 99'],
    ],
    ['nothing has to be asked where all is in place', { last: 'none', orders: standing }, ['protected']],
    [
      'a filled target has the stop made smaller',
      {
        orders: [
          ['stop-1', {}],
          ['target-1-1', filled('2'), target('2', '102')],
          ['target-2-1', {}, target('2', '104')],
        ],
      },
      ['amend stop-1 amount 2 triggerPrice 99'],
    ],
    [
      'or replaced, the new one first',
      {
        abilities: { amends: false },
        orders: [
          ['stop-1', {}],
          ['target-1-1', filled('2'), target('2', '102')],
          ['target-2-1', {}, target('2', '104')],
        ],
      },
      ['place stop-2 stop 2 99'],
    ],
    [
      'and then the old one canceled',
      {
        abilities: { amends: false },
        orders: [
          ['stop-1', {}],
          ['stop-2', {}, size('2')],
          ['target-1-1', filled('2'), target('2', '102')],
          ['target-2-1', {}, target('2', '104')],
        ],
      },
      ['cancel stop-1: replaced'],
    ],
    [
      'a change that was refused is made by replacing',
      { plan: stopOnly, orders: [['stop-1', { cause }, size('3')]] },
      ['place stop-2 stop 4 99'],
    ],
    [
      'so is one that could not be asked for',
      { plan: stopOnly, orders: [['stop-1', {}, size('3')]], view: { unamendable: new Set(['stop-1' as IntentId]) } },
      ['place stop-2 stop 4 99'],
    ],
    [
      'a change that is not confirmed is asked for again',
      { plan: stopOnly, orders: [['stop-1', { amendment: { requestedAtMs: 1, change: {} } }]] },
      ['amend stop-1 amount 4 triggerPrice 99'],
    ],
    [
      'a target that is too large goes before the new one',
      {
        abilities: { amends: false },
        orders: [
          ['stop-1', {}],
          ['target-1-1', {}, target('3', '102')],
          ['target-2-1', {}, target('1', '104')],
        ],
      },
      ['cancel target-1-1: replaced', 'cancel target-2-1: replaced'],
    ],
    [
      'a target is not placed beside others that are too large',
      {
        abilities: { amends: false },
        orders: [
          ['stop-1', {}],
          ['target-1-1', {}, target('3', '102')],
        ],
      },
      ['cancel target-1-1: replaced'],
    ],
    [
      'a cancel that was asked for is completed',
      { plan: stopOnly, orders: [['stop-1', { cancel: { requestedAtMs: 1, reason: 'a person' } }]] },
      ['place stop-2 stop 4 99', 'cancel stop-1: unwanted'],
    ],
    [
      'an exit in doubt is asked about and not doubled',
      { plan: stopOnly, orders: [['stop-1', { state: 'unknown' }]] },
      ['resolve stop-1'],
    ],
    [
      'and leaves the others alone',
      { orders: [['stop-1', { state: 'intended' }]] },
      ['place target-1-1 limit 2 limit 102', 'place target-2-1 limit 2 limit 104', 'resolve stop-1'],
    ],
    [
      'a partly sold target keeps its order',
      {
        orders: [
          ['stop-1', {}, size('3')],
          ['target-1-1', { filled: amount('1') }, target('2', '102')],
          standing[2] as ExitSpec,
        ],
      },
      ['protected'],
    ],
    [
      'the farthest targets are cut first where less is left',
      { orders: [...standing.slice(1), ['stop-1', open({ filled: amount('3') })]] },
      ['amend target-1-1 amount 1 price 102', 'cancel target-2-1: unwanted'],
    ],
    [
      'where the stop has sold everything, the targets go',
      { orders: [['stop-1', filled('4')], ...standing.slice(1)] },
      ['cancel target-1-1: unwanted', 'cancel target-2-1: unwanted'],
    ],
    [
      'and then it is done',
      {
        orders: [
          ['stop-1', filled('4')],
          ['target-1-1', ours('unwanted'), target('2', '102')],
        ],
      },
      ['done'],
    ],
    [
      'but not while one of them is in doubt',
      {
        orders: [
          ['stop-1', filled('4')],
          ['target-1-1', { state: 'unknown' }, target('2', '102')],
        ],
      },
      ['resolve target-1-1'],
    ],
    [
      'nor while the order of a step may still be recorded',
      {
        orders: [
          ['stop-1', filled('4')],
          ['target-1-1', 'absent', target('2', '102')],
        ],
      },
      ['give up target-1-1'],
    ],
  ]);
});

describe('where one order holds all there is', () => {
  const spot = { market: btcUsdt } as const;
  check([
    ['only the stop rests', spot, ['place stop-1 stop 4 99']],
    ['it is protected by that', { ...spot, orders: [['stop-1', {}]] }, ['protected']],
    ['targets need a price', { ...spot, last: 'none', orders: [['stop-1', {}]] }, ['price needed']],
    [
      'and are let be without one',
      { ...spot, orders: [['stop-1', {}]], view: { ticker: 'unavailable' } },
      ['protected'],
    ],
    [
      'a stop alone needs none while it rests',
      { ...spot, plan: stopOnly, last: 'none', orders: [['stop-1', {}]] },
      ['protected'],
    ],
    [
      'a reached target has the stop canceled',
      { ...spot, last: '102', orders: [['stop-1', {}]] },
      ['cancel stop-1: target'],
    ],
    [
      'and is sold once that is certain',
      { ...spot, last: '102', orders: [['stop-1', ours('target')]] },
      ['place target-1-1 limit 2 limit 102 IOC'],
    ],
    [
      'as a plain limit where nothing is immediate',
      { ...spot, last: '102', abilities: { timesInForce: new Set() }, orders: [['stop-1', ours('target')]] },
      ['place target-1-1 limit 2 limit 102'],
    ],
    [
      'not while the stop is in doubt',
      { ...spot, last: '102', orders: [['stop-1', { state: 'unknown' }]] },
      ['resolve stop-1'],
    ],
    [
      'then the stop is placed for the rest',
      {
        ...spot,
        last: '102',
        orders: [
          ['stop-1', ours('target')],
          ['target-1-1', filled('2'), target('2', '102')],
        ],
      },
      ['place stop-2 stop 2 99'],
    ],
    [
      'a target that rests is taken back',
      {
        ...spot,
        last: '102',
        orders: [
          ['stop-1', ours('target')],
          ['target-1-1', { updatedAtMs: 0 }, target('2', '102')],
        ],
      },
      ['cancel target-1-1: missed'],
    ],
    [
      'one that was just tried lets the stop rest first',
      { ...spot, last: '102', orders: [['target-1-1', { state: 'expired', timeInForce: 'IOC' }, target('2', '102')]] },
      ['place stop-1 stop 4 99'],
    ],
    [
      'and is tried again later',
      {
        ...spot,
        last: '102',
        orders: [['target-1-1', { state: 'expired', timeInForce: 'IOC', updatedAtMs: 0 }, target('2', '102')]],
      },
      ['place target-1-2 limit 2 limit 102 IOC'],
    ],
    [
      'one that keeps failing is told of, and the stop rests',
      { ...spot, last: '102', orders: [...thrice('target-1', rejected, target('2', '102')), ['stop-1', {}]] },
      ['failed: test'],
    ],
    [
      'only the bid counts for selling',
      { ...spot, view: { ticker: { bid: price('101.99'), last: price('102') } }, orders: [['stop-1', {}]] },
      ['protected'],
    ],
    [
      'the last price stands in for it',
      { ...spot, view: { ticker: { last: price('102') } }, orders: [['stop-1', {}]] },
      ['cancel stop-1: target'],
    ],
    ['an empty market reaches nothing', { ...spot, view: { ticker: {} }, orders: [] }, ['place stop-1 stop 4 99']],
    [
      'a short position is bought back at its targets',
      {
        abilities: { reduceOnly: false },
        entry: short,
        last: '98',
        orders: [['stop-1', ours('target'), { price: price('101') }]],
      },
      ['place target-1-1 limit 2 limit 98 IOC'],
    ],
    [
      'not before the ask is there',
      {
        abilities: { reduceOnly: false },
        entry: short,
        view: { ticker: { ask: price('98.01'), last: price('98') } },
        orders: [['stop-1', {}, { price: price('101') }]],
      },
      ['protected'],
    ],
    [
      'nor once so many were tried that the stop comes first',
      {
        ...spot,
        last: '102',
        orders: [
          ...Array.from(
            { length: optionalStepsMax - 1 },
            (_, n): ExitSpec => [`target-2-${n + 1}`, { state: 'expired', timeInForce: 'IOC' }, target('2', '104')],
          ),
          ['stop-1', {}],
        ],
      },
      ['protected'],
    ],
    [
      'without a stop the targets rest',
      { ...spot, plan: targetsOnly },
      ['place target-1-1 limit 2 limit 102', 'place target-2-1 limit 2 limit 104'],
    ],
    ['and protect', { ...spot, plan: targetsOnly, orders: standing.slice(1) }, ['protected']],
    [
      'a stop grows by being canceled first',
      { ...spot, plan: stopOnly, abilities: { amends: false }, orders: [['stop-1', {}, size('3')]] },
      ['cancel stop-1: replaced'],
    ],
    [
      'but stays where its successor would fail',
      {
        ...spot,
        plan: stopOnly,
        abilities: { amends: false },
        orders: [['stop-1', {}, size('3')], ...[2, 3, 4].map((n): ExitSpec => [`stop-${n}`, rejected])],
      },
      ['failed: test'],
    ],
    [
      'fees in the asset itself are not there to be sold',
      {
        ...spot,
        plan: stopOnly,
        entry: { fills: [{ ...fill('1', '2'), fee: { asset: 'BTC', amount: amount('0.002') } }] },
      },
      ['place stop-1 stop 3.996 99'],
    ],
    [
      'nor those of exits',
      {
        ...spot,
        plan: stopOnly,
        orders: [
          [
            'target-1-1',
            { ...filled('2'), fills: [{ ...fill('1', '2'), fee: { asset: 'BTC', amount: amount('0.1') } }] },
            size('2'),
          ],
        ],
      },
      ['place stop-1 stop 1.9 99'],
    ],
    [
      'rebates and fees in other assets change nothing',
      {
        ...spot,
        plan: stopOnly,
        entry: { fills: [fill('1', '2'), { ...fill('2', '2'), fee: { asset: 'BTC', amount: amount('-1') } }] },
      },
      ['place stop-1 stop 4 99'],
    ],
  ]);
});

describe('what the venue can keep', () => {
  const spot = { market: btcUsdt, plan: stopOnly } as const;
  check([
    [
      'a stop with a limit beyond it',
      { ...spot, abilities: kinds('market', 'limit', 'stop_limit') },
      ['place stop-1 stop_limit 4 99 limit 94.05'],
    ],
    [
      'for a short one above it',
      { plan: stopOnly, entry: short, abilities: kinds('market', 'limit', 'stop_limit') },
      ['place stop-1 stop_limit 4 101 limit 106.05'],
    ],
    [
      'which moves with it',
      {
        plan: stopOnly,
        abilities: { ...kinds('stop_limit'), amends: true },
        orders: [['stop-1', { price: price('90') }, { price: price('95') }]],
      },
      ['amend stop-1 amount 4 triggerPrice 99 price 94.05'],
    ],
    [
      'no stop at all: it waits here',
      { ...spot, abilities: kinds('market', 'limit') },
      ['place stop-1 stop 4 99 emulated'],
    ],
    [
      'not even market orders',
      { ...spot, abilities: kinds('limit') },
      ['place stop-1 stop_limit 4 99 limit 94.05 emulated'],
    ],
    [
      'what waits here is changed here',
      {
        ...spot,
        abilities: { ...kinds('market'), amends: false },
        orders: [['stop-1', { state: 'waiting', handling: 'emulated' }, size('3')]],
      },
      ['amend stop-1 amount 4 triggerPrice 99'],
    ],
    [
      'a limit never falls below a step',
      {
        ...spot,
        entry: { cost: notional('0.04') },
        market: { ...btcUsdt, notionalMin: notional('0') },
        last: '1',
        abilities: kinds('stop_limit'),
      },
      ['place stop-1 stop_limit 4 0.01 limit 0.01'],
    ],
    [
      'which may have to rest',
      { ...spot, last: '98', abilities: { ...kinds('limit'), timesInForce: new Set() } },
      ['place close-1 limit 4 limit 93.1'],
    ],
    [
      'and starts from the average where no price is known',
      {
        ...spot,
        plan: closing({ ...stopOnly, stopLoss: {} }),
        abilities: kinds('limit'),
        view: { ticker: 'unavailable' },
      },
      ['failed: exit_level_unusable', 'place close-1 limit 4 limit 95 IOC'],
    ],
    [
      'closing without market orders is a limit beyond the price',
      { ...spot, last: '98', abilities: kinds('limit') },
      ['place close-1 limit 4 limit 93.1 IOC'],
    ],
  ]);
});

describe('trailing', () => {
  const here = kinds('market', 'limit', 'stop');
  check([
    ['is the venue’s where it can', { plan: trailing() }, ['place stop-1 trailing_stop 4 trail 2%']],
    [
      'and is left to it',
      { plan: trailing(), orders: [['stop-1', { type: 'trailing_stop' }, { price: undefined } as never]] },
      ['protected'],
    ],
    [
      'not where its size will change and cannot in place',
      {
        plan: { ...trailing(), takeProfits: bracket.takeProfits },
        abilities: { amends: false },
        orders: standing.slice(1),
      },
      ['place stop-1 stop 4 98'],
    ],
    ['not with a level to start from', { plan: trailing({ level: percent('1') }) }, ['place stop-1 stop 4 99']],
    ['not with break even', { plan: trailing({ breakEven: true }) }, ['place stop-1 stop 4 98']],
    [
      'not once Nightdesk has begun',
      { plan: trailing(), orders: [['stop-1', {}, { price: price('98') }]] },
      ['protected'],
    ],
    ['by Nightdesk needs a price', { plan: trailing(), abilities: here, last: 'none' }, ['price needed']],
    [
      'and waits without one',
      {
        plan: trailing(),
        abilities: here,
        view: { ticker: 'unavailable' },
        orders: [['stop-1', {}, { price: price('98') }]],
      },
      ['protected'],
    ],
    [
      'or without trades',
      { plan: trailing(), abilities: here, view: { ticker: {} }, orders: [['stop-1', {}, { price: price('98') }]] },
      ['protected'],
    ],
    [
      'follows a better price',
      { plan: trailing(), abilities: here, last: '110', orders: [['stop-1', {}, { price: price('98') }]] },
      ['move stop to 107.8 behind 110'],
    ],
    [
      'by an amount',
      { plan: trailing({ trail: { distance: price('3') } }), abilities: here, last: '110' },
      ['move stop to 107 behind 110'],
    ],
    [
      'down for a short one',
      { plan: trailing(), entry: short, abilities: here, last: '90' },
      ['move stop to 91.8 behind 90'],
    ],
    [
      'never back',
      {
        plan: trailing(),
        abilities: here,
        last: '108',
        exits: { stopPrice: price('107.8'), trailedTo: price('110') },
        orders: [['stop-1', {}, { price: price('107.8') }]],
      },
      ['protected'],
    ],
    [
      'not by less than is worth it',
      { plan: trailing(), abilities: here, last: '100.1', orders: [['stop-1', {}, { price: price('98') }]] },
      ['protected'],
    ],
    [
      'moves the resting stop after that',
      {
        plan: trailing(),
        abilities: here,
        last: '110',
        exits: { stopPrice: price('107.8'), trailedTo: price('110') },
        orders: [['stop-1', {}, { price: price('98') }]],
      },
      ['amend stop-1 amount 4 triggerPrice 107.8'],
    ],
    [
      'starts from the price where the entry’s is not known',
      { plan: trailing({ level: at('90') }), abilities: here, entry: { cost: undefined } as never, last: '100' },
      ['move stop to 98 behind 100'],
    ],
    [
      'ends where replacing has gone on for too long',
      {
        plan: trailing(),
        abilities: { ...here, amends: false },
        last: '110',
        orders: [
          ...Array.from(
            { length: optionalStepsMax - 1 },
            (_, n): ExitSpec => [`stop-${n + 1}`, ours('replaced'), { price: price('98') }],
          ),
          [`stop-${optionalStepsMax}`, {}, { price: price('98') }],
        ],
      },
      ['protected'],
    ],
    [
      'not by a distance that leaves no price',
      {
        plan: trailing({ trail: { distance: price('99.5') }, level: at('95') }),
        abilities: here,
        last: '90',
        orders: [['stop-1', {}, { price: price('95') }]],
      },
      ['protected'],
    ],
    [
      'has targets without an average only where they are prices',
      {
        plan: {
          ...trailing({ level: at('95') }),
          takeProfits: [
            { level: percent('1'), portion: '0.5' },
            { level: at('110'), portion: '0.5' },
          ],
        },
        entry: { cost: undefined } as never,
        abilities: here,
        view: { ticker: 'unavailable' },
      },
      ['failed: exit_level_unusable', 'place stop-1 stop 4 95', 'place target-2-1 limit 4 limit 110'],
    ],
    [
      'has no start without an average',
      { plan: trailing(), abilities: here, entry: { cost: undefined } as never },
      ['failed: exit_level_unusable'],
    ],
  ]);
});

describe('break even', () => {
  const plan: ExitPlan = { ...bracket, stopLoss: { level: percent('1'), breakEven: true } };
  const first: ExitSpec = ['target-1-1', filled('2'), target('2', '102')];
  check([
    ['comes after the first target', { plan, last: '103', orders: [['stop-1', {}], first] }, ['move stop to 100']],
    [
      'is never worse than even',
      { plan, last: '103', entry: { cost: notional('400.0001') }, orders: [['stop-1', {}], first] },
      ['move stop to 100.01'],
    ],
    [
      'for a short one too',
      { plan, last: '97', entry: { ...short, cost: notional('400.0001') }, orders: [['stop-1', {}], first] },
      ['move stop to 100'],
    ],
    [
      'moves once',
      {
        plan,
        last: '103',
        exits: { stopPrice: price('100') },
        orders: [['stop-1', {}, { ...size('2'), price: price('100') }], first, ['target-2-1', {}, target('2', '104')]],
      },
      ['protected'],
    ],
    [
      'closes at market where the price is back there already',
      { plan, last: '100', exits: { stopPrice: price('100') }, orders: [['stop-1', {}], first] },
      ['place close-1 market 2'],
    ],
    [
      'needs to know what even is',
      {
        plan: { ...plan, stopLoss: { level: at('99'), breakEven: true } },
        last: '103',
        entry: { cost: undefined } as never,
        orders: [
          ['stop-1', {}, size('2')],
          ['target-1-1', filled('2'), target('2', '102')],
        ],
      },
      ['failed: exit_level_unusable'],
    ],
    [
      'is not looked at while the position is closed',
      { plan, last: '103', orders: [first, ['close-1', {}, size('2')]] },
      [],
    ],
  ]);
});

describe('an entry', () => {
  const { amountMin: _amount, notionalMin: _notional, ...bare } = btcUsdt;
  const working: Partial<Order> = { state: 'open' };
  check([
    ['that has not filled waits', { entry: { ...working, filled: amount('0') } }, []],
    ['that ended without a fill is done', { entry: { state: 'canceled', filled: amount('0') } }, ['done: not_filled']],
    [
      'that fills on has its stop grow',
      { plan: stopOnly, entry: { ...working, amount: amount('9') }, orders: [['stop-1', {}, size('1')]] },
      ['amend stop-1 amount 4 triggerPrice 99'],
    ],
    [
      'below the least amount waits while it works',
      { plan: stopOnly, entry: { ...working, filled: amount('0.0001'), cost: notional('0.01') } },
      [],
    ],
    [
      'below it at its end is done',
      {
        plan: stopOnly,
        entry: { state: 'canceled', filled: amount('0.001'), cost: notional('0.1') },
        market: { ...btcUsdtPerpetual, amountMin: amount('1') },
      },
      ['done: dust_left'],
    ],
    [
      'worth too little on spot is done',
      { market: btcUsdt, plan: stopOnly, entry: { filled: amount('0.05'), cost: notional('5') } },
      ['done: dust_left'],
    ],
    [
      'that its exits have closed meanwhile waits for more',
      {
        entry: { ...working, filled: amount('2') },
        exits: { state: 'protected' },
        orders: [['stop-1', filled('2'), size('2')]],
      },
      ['waiting'],
    ],
    [
      'that was done and fills late is looked after again',
      {
        plan: stopOnly,
        entry: { state: 'canceled' },
        exits: { state: 'done', cause: { code: 'not_filled', message: '' } },
      },
      ['place stop-1 stop 4 99'],
    ],
    ['without a plan has nothing to be kept', { entry: { exitPlan: undefined } as never }, []],
    [
      'with a plan that is used up is done',
      {
        plan: { ...targetsOnly, takeProfits: targetsOnly.takeProfits.slice(0, 1) },
        orders: [['target-1-1', filled('2'), target('2', '102')]],
      },
      ['done: plan_fulfilled'],
    ],
    [
      'whose rest still rests is not done',
      { market: btcUsdt, plan: stopOnly, orders: [['stop-1', { filled: amount('3.99') }]] },
      ['protected'],
    ],
    [
      'with market order fills goes by their average',
      { plan: stopOnly, entry: { cost: undefined, fills: [fill('1', '4')] } as never },
      ['place stop-1 stop 4 99'],
    ],
    [
      'without any goes by its limit',
      { plan: stopOnly, last: '210', entry: { cost: undefined, price: price('200') } as never },
      ['place stop-1 stop 4 198'],
    ],
    [
      'of a quanto contract goes by the plain mean',
      {
        market: { ...inverseByHundred, contractType: 'quanto' },
        plan: { ...stopOnly, stopLoss: { level: percent('0') } },
        last: '300',
        entry: { fills: [fill('1', '2'), { ...fill('2', '2'), price: price('300') }] },
      },
      ['place stop-1 stop 4 200'],
    ],
    [
      'in a market without minimums is protected to the last step',
      { market: bare, plan: stopOnly, entry: { filled: amount('0.00001'), cost: notional('0.001') } },
      ['place stop-1 stop 0.00001 99'],
    ],
    [
      'of an inverse contract goes by the harmonic mean',
      {
        market: inverseByHundred,
        plan: { ...stopOnly, stopLoss: { level: percent('0') } },
        last: '200',
        entry: { fills: [fill('1', '2'), { ...fill('2', '2'), price: price('300') }] },
      },
      ['place stop-1 stop 4 150'],
    ],
  ]);
});

describe('targets', () => {
  const thirds: ExitPlan = {
    takeProfits: ['1', '2', '3'].map((level) => ({ level: percent(level), portion: '0.3333333333' })),
    onFailure: 'keep',
  };
  const tiny = { ...btcUsdtPerpetual, amountMin: amount('1'), amountStep: amount('0.1') };
  const placed = (plan: ExitPlan, filledSize = '4') =>
    decided({
      market: tiny,
      plan,
      entry: { filled: amount(filledSize), cost: notional(String(Number(filledSize) * 100)) },
    });
  it('give the last one what rounding left over', () => {
    expect(placed(thirds)).toEqual([
      'place target-1-1 limit 1.3 limit 101',
      'place target-2-1 limit 1.3 limit 102',
      'place target-3-1 limit 1.4 limit 103',
    ]);
  });
  it('below the least amount are added to the next one', () => {
    expect(placed(thirds, '2')).toEqual(['place target-2-1 limit 2 limit 102']);
  });
  it('leave what they are not for', () => {
    expect(placed({ ...thirds, takeProfits: thirds.takeProfits.slice(0, 2) })).toEqual([
      'place target-1-1 limit 1.3 limit 101',
      'place target-2-1 limit 1.3 limit 102',
    ]);
  });
  it('without a price that can be had are told of', () => {
    const plan = { ...bracket, takeProfits: [{ level: percent('100'), portion: '1' }] };
    expect(decided({ plan, entry: short, orders: [['stop-1', {}, { price: price('101') }]] })).toEqual([
      'failed: exit_level_unusable',
    ]);
  });
});

describe('failures', () => {
  const failed = { state: 'failed', cause } as const;
  const denied: Partial<Order> = { state: 'denied', cause, updatedAtMs: nowMs };
  check([
    ['a rejected stop is placed again', { plan: stopOnly, orders: [['stop-1', rejected]] }, ['place stop-2 stop 4 99']],
    ['three in a row are told of', { plan: stopOnly, orders: thrice('stop', rejected) }, ['failed: test']],
    ['and said once', { plan: stopOnly, exits: failed, orders: thrice('stop', rejected) }, []],
    [
      'after a pause there is another try',
      { plan: stopOnly, exits: failed, orders: thrice('stop', { ...rejected, updatedAtMs: nowMs - 60_000 }) },
      ['place stop-4 stop 4 99'],
    ],
    [
      'which grows with every failure',
      {
        plan: stopOnly,
        exits: failed,
        orders: [...thrice('stop', rejected), ['stop-4', { ...rejected, updatedAtMs: nowMs - 60_000 }]],
      },
      [],
    ],
    [
      'up to a bound',
      {
        plan: stopOnly,
        exits: failed,
        orders: Array.from(
          { length: 30 },
          (_, n): ExitSpec => [`stop-${n + 1}`, { ...rejected, updatedAtMs: nowMs - 3_600_000 }],
        ),
      },
      ['place stop-31 stop 4 99'],
    ],
    [
      'not in a row are not',
      {
        plan: stopOnly,
        orders: [
          ['stop-1', rejected],
          ['stop-2', rejected],
          ['stop-3', ours('replaced')],
          ['stop-4', { state: 'not_placed' }],
        ],
      },
      ['place stop-5 stop 4 99'],
    ],
    [
      'what was given up does not count',
      {
        plan: stopOnly,
        orders: [
          ['stop-1', rejected],
          ['stop-2', rejected],
          ['stop-3', { state: 'no_order' }],
        ],
      },
      ['place stop-4 stop 4 99'],
    ],
    [
      'without a cause they have one all the same',
      { plan: stopOnly, orders: thrice('stop', { state: 'not_placed' }) },
      ['failed: not_placed'],
    ],
    ['a denial is told of at once', { plan: stopOnly, orders: [['stop-1', denied]] }, ['failed: test']],
    [
      'an order that expired elsewhere is a failure',
      { plan: stopOnly, orders: thrice('stop', { state: 'expired' }) },
      ['failed: exit_ended_elsewhere'],
    ],
    [
      'so is one that somebody else canceled',
      {
        plan: stopOnly,
        orders: thrice('stop', { state: 'canceled', cause: { code: 'canceled', message: 'by hand' } }),
      },
      ['failed: exit_ended_elsewhere'],
    ],
    [
      'the policy may close the position',
      { plan: closing(stopOnly), exits: failed, orders: thrice('stop', rejected) },
      ['place close-1 market 4'],
    ],
    [
      'not where an older stop still protects it',
      {
        plan: closing(stopOnly),
        abilities: { amends: false },
        exits: { stopPrice: price('99.5') },
        orders: [['stop-1', {}], ...[2, 3, 4].map((n): ExitSpec => [`stop-${n}`, rejected])],
      },
      ['failed: test'],
    ],
    [
      'targets are canceled before that',
      { plan: closing(bracket), exits: failed, orders: [...thrice('stop', rejected), ...standing.slice(1)] },
      ['cancel target-1-1: closing', 'cancel target-2-1: closing'],
    ],
    ['a close that fails is told of', { plan: stopOnly, orders: thrice('close', rejected) }, ['failed: test']],
    [
      'one that met too few is done again',
      { plan: stopOnly, exits: failed, orders: thrice('close', { state: 'canceled', filled: amount('1') }) },
      ['place close-4 market 1'],
    ],
    ['one that rests is waited for', { plan: stopOnly, orders: [['close-1', {}]] }, []],
    [
      'one that was planned is gone on with',
      { plan: stopOnly, orders: [['close-1', 'absent']] },
      ['place close-1 market 4 as planned'],
    ],
    [
      'one that was given up leaves the stop its turn',
      { plan: stopOnly, orders: [['close-1', { state: 'no_order' }]] },
      ['place stop-1 stop 4 99'],
    ],
    [
      'a target alone may close the position too',
      {
        plan: closing(targetsOnly),
        orders: [...thrice('target-1', rejected, target('2', '102')), ['target-2-1', {}, target('2', '104')]],
      },
      ['failed: test', 'cancel target-2-1: closing'],
    ],
    [
      'or be kept at',
      {
        plan: targetsOnly,
        orders: [...thrice('target-1', rejected, target('2', '102')), ['target-2-1', {}, target('2', '104')]],
      },
      ['failed: test'],
    ],
    [
      'a stop without a price is told of',
      { plan: { ...bracket, stopLoss: { level: percent('100') } }, orders: standing.slice(1) },
      ['failed: exit_level_unusable'],
    ],
    [
      'on spot no target rests then',
      { market: btcUsdt, plan: { ...bracket, stopLoss: { level: percent('100') } } },
      ['failed: exit_level_unusable'],
    ],
    [
      'or closes the position',
      { plan: closing({ ...stopOnly, stopLoss: {} }) },
      ['failed: exit_level_unusable', 'place close-1 market 4'],
    ],
    ['a stop that would be triggered at once closes it', { plan: stopOnly, last: '99' }, ['place close-1 market 4']],
    ['a short one likewise', { plan: stopOnly, entry: short, last: '101' }, ['place close-1 market 4']],
    [
      'by the bid where nothing was traded',
      { plan: stopOnly, view: { ticker: { bid: price('98') } } },
      ['place close-1 market 4'],
    ],
    [
      'by the ask of a short one',
      { plan: stopOnly, entry: short, view: { ticker: { ask: price('102') } } },
      ['place close-1 market 4'],
    ],
    [
      'too many exits are told of',
      {
        plan: stopOnly,
        orders: Array.from({ length: exitStepsMax }, (_, n): ExitSpec => [`stop-${n + 1}`, ours('replaced')]),
      },
      ['failed: too_many_exits'],
    ],
    ['closed is closed', { plan: stopOnly, orders: [['close-1', filled('4')]] }, ['done: closed_at_market']],
    [
      'what protects again is no failure any more',
      { plan: stopOnly, exits: failed, orders: [['stop-1', {}]] },
      ['protected'],
    ],
  ]);
});

describe('a step whose order is not recorded', () => {
  check([
    [
      'is gone on with where it fits',
      { plan: stopOnly, orders: [['stop-1', 'absent']] },
      ['place stop-1 stop 4 99 as planned'],
    ],
    [
      'is given up before anything takes its place',
      { plan: stopOnly, orders: [['stop-1', 'absent', size('3')]] },
      ['give up stop-1'],
    ],
    [
      'also where its price is another one',
      { plan: stopOnly, orders: [['stop-1', 'absent', { price: price('98') }]] },
      ['give up stop-1'],
    ],
  ]);
});

describe('an account that holds less than its entries say', () => {
  const held = (text: string) => ({ held: amount(text) });
  const ledger = { plan: stopOnly, orders: [['stop-1', {}]] satisfies ExitSpec[] };
  check([
    ['is protected for what there is', { ...ledger, view: held('3') }, ['amend stop-1 amount 3 triggerPrice 99']],
    ['more of it changes nothing', { ...ledger, view: held('9') }, ['protected']],
    ['has its exits canceled where nothing is left', { ...ledger, view: held('0') }, ['cancel stop-1: unwanted']],
    [
      'and is done then',
      { plan: stopOnly, orders: [['stop-1', ours('unwanted')]], view: held('0') },
      ['done: nothing_held'],
    ],
    ['for good', { plan: stopOnly, exits: { state: 'done', cause: { code: 'nothing_held', message: '' } } }, []],
    [
      'is not believed so soon after a fill',
      { ...ledger, view: held('0'), entry: { fills: [{ ...fill('1', '4'), atMs: nowMs - 1_000 }] } },
      ['protected'],
    ],
  ]);
});

describe('a position', () => {
  const bare = (situation: Situation) => isBare(viewOf(situation));
  it.each<[string, Situation, boolean]>([
    ['with its stop is not bare', { orders: [['stop-1', {}]] }, false],
    ['with an older, larger stop is not', { orders: [['stop-1', {}, { ...size('5'), price: price('90') }]] }, false],
    ['with a smaller one is', { orders: [['stop-1', {}, size('3')]] }, true],
    [
      'with one that is being canceled is',
      { orders: [['stop-1', { cancel: { requestedAtMs: 1, reason: 'x' } }]] },
      true,
    ],
    ['with one in doubt is', { orders: [['stop-1', { state: 'unknown' }]] }, true],
    ['of nothing is not', { entry: { filled: amount('0') } }, false],
    [
      'of dust is not',
      { market: btcUsdt, plan: stopOnly, entry: { filled: amount('0.01'), cost: notional('1') } },
      false,
    ],
    ['without a plan is not', { entry: { exitPlan: undefined } as never }, false],
    ['without a stop in the plan needs its targets', { plan: targetsOnly }, true],
    ['and is not bare with them', { plan: targetsOnly, orders: standing.slice(1) }, false],
    ['whose stop has no price is', { plan: { ...stopOnly, stopLoss: {} } }, true],
  ])('%s', (_, situation, expected) => {
    expect(bare(situation)).toBe(expected);
  });
});

it('steps are named by what they are, and their orders by entry and name', () => {
  const [command] = decideExits(viewOf({ plan: stopOnly, orders: [['stop-1', rejected]] }));
  const { entry } = viewOf({});
  expect(command).toMatchObject({
    step: { name: 'stop-2', orderId: stepIdOf(entry.orderId, 'stop-2'), role: 'stop_loss' },
  });
});
