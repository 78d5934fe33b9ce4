/** Situations of a bracket for tests, and what is decided in them, in words. */
import {
  amount,
  decideExits,
  type ExitCommand,
  type ExitPlan,
  type ExitStep,
  type ExitView,
  exitCancelReasons,
  type IntentId,
  type Market,
  notional,
  type Order,
  type OrderAbilities,
  type orderTypes,
  price,
  type VenueOrderId,
} from '@nightdesk/core';
import { fakeAbilities } from './fake-order.ts';
import { btcUsdtPerpetual } from './markets.ts';
import { cause, intended, orderAfter } from './orders.ts';

export const nowMs = 10_000_000;
export const percent = (text: string) => ({ percent: text });
export const at = (text: string) => ({ price: price(text) });

export const bracket: ExitPlan = {
  takeProfits: [
    { level: percent('2'), portion: '0.5' },
    { level: percent('4'), portion: '0.5' },
  ],
  stopLoss: { level: percent('1') },
  onFailure: 'keep',
};
export const stopOnly: ExitPlan = { ...bracket, takeProfits: [] };
export const targetsOnly: ExitPlan = { takeProfits: bracket.takeProfits, onFailure: 'keep' };
export const closing = (plan: ExitPlan): ExitPlan => ({ ...plan, onFailure: 'close' });
export const trailing = (stop: Partial<ExitPlan['stopLoss']> = {}): ExitPlan => ({
  ...{ takeProfits: [], onFailure: 'keep' },
  stopLoss: { trail: percent('2'), ...stop },
});

/** An exit by the name of its step: its order, or `absent` where only the step is there. */
export type ExitSpec = [name: string, order: Partial<Order> | 'absent', step?: Partial<ExitStep>];

export interface Situation {
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

export function viewOf(situation: Situation): ExitView {
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

export function decided(situation: Situation): string[] {
  const view = viewOf(situation);
  return decideExits(view).map((command) => describeCommand(command, view));
}

export const short: Partial<Order> = { side: 'sell' };
export const open = (change: Partial<Order> = {}): Partial<Order> => ({ ...change, state: 'open' });
export const rejected: Partial<Order> = { state: 'rejected', cause };
export const filled = (size: string): Partial<Order> => ({ state: 'filled', filled: amount(size) });
export const ours = (reason: keyof typeof exitCancelReasons): Partial<Order> => ({
  state: 'canceled',
  cause: { code: 'canceled', message: exitCancelReasons[reason] },
});
export const target = (size: string, level: string): Partial<ExitStep> => ({
  amount: amount(size),
  price: price(level),
});
export const size = (text: string): Partial<ExitStep> => ({ amount: amount(text) });
export const kinds = (...types: (typeof orderTypes)[number][]): Partial<OrderAbilities> => ({ types: new Set(types) });
export const thrice = (role: string, order: Partial<Order>, step: Partial<ExitStep> = {}): ExitSpec[] =>
  [1, 2, 3].map((number) => [`${role}-${number}`, order, step]);
export const standing: ExitSpec[] = [
  ['stop-1', {}],
  ['target-1-1', {}, target('2', '102')],
  ['target-2-1', {}, target('2', '104')],
];

export type Row = [title: string, situation: Situation, expected: string[]];
