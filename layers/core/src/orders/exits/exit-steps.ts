/** The steps of a bracket together with their orders: what is at work, how the others ended, and when to try again. */
import { type Amount, compare, isPositive } from '../../money.ts';
import type { Cause } from '../../ports/venue.ts';
import type { ExitStep, Exits } from '../exits.ts';
import { finalStates, type Order } from '../order.ts';
import { exitCancelReasons, exitFailuresMax, exitRetryPauseMs, exitRetryPauseMsMax } from './exit-view.ts';
import { sum } from './position.ts';

/** What tells the steps apart that stand in for each other: the stop, each target, the order that closes. */
export type ExitSlotKey = Pick<ExitStep, 'role' | 'target'>;

export interface RecordedStep {
  step: ExitStep;
  order: Order;
}

export interface ExitSteps {
  recorded: readonly RecordedStep[];
  /** At the venue or waiting here. */
  working: readonly RecordedStep[];
  /** Whether the venue has them is not known. */
  inDoubt: readonly RecordedStep[];
  /** Planned, and their orders not recorded. */
  orphans: readonly ExitStep[];
}

export function stepsOf({ steps }: Exits, orders: readonly Order[]): ExitSteps {
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const recorded = steps.flatMap((step) => {
    const order = byId.get(step.orderId);
    return order === undefined ? [] : [{ step, order }];
  });
  const unsettled = recorded.filter(({ order }) => !finalStates.has(order.state));
  return {
    recorded,
    working: unsettled.filter(({ order }) => !isInDoubt(order)),
    inDoubt: unsettled.filter(({ order }) => isInDoubt(order)),
    orphans: steps.filter(({ orderId }) => !byId.has(orderId)),
  };
}

const isInDoubt = ({ state }: Order): boolean => state === 'intended' || state === 'unknown';

/** True for steps that stand in for each other. */
export const isSameSlot = (left: ExitSlotKey, right: ExitSlotKey): boolean =>
  left.role === right.role && left.target === right.target;

export const inSlot = ({ recorded }: ExitSteps, key: ExitSlotKey): RecordedStep[] =>
  recorded.filter(({ step }) => isSameSlot(step, key));

/** True once the position is being given up: that is not taken back. */
export const isClosing = ({ recorded, orphans }: ExitSteps): boolean =>
  orphans.some(({ role }) => role === 'close') ||
  recorded.some(({ step, order }) => step.role === 'close' && order.state !== 'no_order');

/** What the steps of a slot have filled. */
export const filledOf = (steps: ExitSteps, key: ExitSlotKey): Amount =>
  sum(inSlot(steps, key).map(({ order }) => order.filled));

const ownReasons: ReadonlySet<string> = new Set(Object.values(exitCancelReasons));

/** `good` did what it was for, or was ended by Nightdesk; a step that was `given_up` never was an order. */
type Ending = { kind: 'good' | 'given_up' } | { kind: 'failed'; cause: Cause; isDenied: boolean };

function endingOf({ order }: RecordedStep): Ending {
  const { state, cause } = order;
  const isOwn = cause !== undefined && ownReasons.has(cause.message);
  const failed = (why: Cause): Ending => ({ kind: 'failed', cause: why, isDenied: state === 'denied' });
  switch (state) {
    case 'no_order':
      return { kind: 'given_up' };
    case 'rejected':
    case 'not_placed':
    case 'denied':
      return failed(cause ?? { code: state, message: `the exit was ${state}` });
    case 'expired':
    case 'canceled': {
      // What works at once or not at all ends like this by its nature, and so does the part of a market order that met nobody.
      const isPassing = order.timeInForce === 'IOC' || (order.type === 'market' && isPositive(order.filled));
      if (isOwn || isPassing) return { kind: 'good' };
      return failed({ code: 'exit_ended_elsewhere', message: `an exit was ${state}, and not by Nightdesk` });
    }
    default:
      return { kind: 'good' };
  }
}

export interface SlotFailure {
  cause: Cause;
  /** Not before then is it tried again; UTC epoch milliseconds. */
  retryAtMs: number;
}

/** The failure of a slot whose orders failed as often in a row as is tried at once; `undefined` while that is not so. */
export function failureOf(steps: ExitSteps, key: ExitSlotKey): SlotFailure | undefined {
  const endings = inSlot(steps, key).map((step) => ({ ...endingOf(step), atMs: step.order.updatedAtMs }));
  const lastGood = endings.findLastIndex(({ kind }) => kind === 'good');
  const failures = endings.slice(lastGood + 1).flatMap((ending) => (ending.kind === 'failed' ? [ending] : []));
  const last = failures.at(-1);
  // A denial is Nightdesk's own: asking again at once would change nothing.
  const isFinal = last !== undefined && (last.isDenied || failures.length >= exitFailuresMax);
  if (!isFinal) return undefined;
  const doublings = Math.max(0, failures.length - exitFailuresMax);
  const pauseMs = Math.min(exitRetryPauseMs * 2 ** doublings, exitRetryPauseMsMax);
  return { cause: last.cause, retryAtMs: last.atMs + pauseMs };
}

const kinds = { stop_loss: 'stop', take_profit: 'target', close: 'close' } as const;

/** The next name of a slot that no step of the entry has: `stop-2`, `target-1-1`. */
export function nextName({ recorded, orphans }: ExitSteps, key: ExitSlotKey): string {
  const used = [...recorded.map(({ step }) => step), ...orphans].filter((step) => isSameSlot(step, key));
  const which = key.target === undefined ? [] : [key.target + 1];
  return [kinds[key.role], ...which, used.length + 1].join('-');
}

/** True while two quantities or prices, or the absence of both, are the same. */
export const isSame = (left: string | undefined, right: string | undefined): boolean =>
  left === undefined || right === undefined ? left === right : compare(left, right) === 0;
