/**
 * Changing an order that cannot be changed as it stands: it is canceled, and once that is certain an order for the rest takes
 * its place. The new one passes the whole gate. Its id comes from the amendment's, so that however often this is begun there
 * is one replacement at most, and a crash in between is completed by beginning again.
 */
import { type IntentId, stepIdOf } from '../ids.ts';
import {
  type Amount,
  compare,
  divideBy,
  isPositive,
  type Notional,
  roundToStep,
  scaleBy,
  zeroNotional,
} from '../money.ts';
import type { Side } from '../ports/market-data.ts';
import type { Cause, OrderChange } from '../ports/venue.ts';
import { addToCounters } from '../risk/counters.ts';
import { counterChanges, exposureStep, type IntentExposure } from '../risk/exposure.ts';
import { standingDenial } from '../risk/gate.ts';
import type { RiskState } from '../risk/risk-state.ts';
import { cancelRecorded } from './cancel.ts';
import { type ExecutionPorts, standingOf } from './execution-ports.ts';
import { askMarket, gateOf, insertIntent } from './intent-gate.ts';
import { finalStates, giveWayReasonOf, type Intent, type Order } from './order.ts';
import { remainderAfter } from './plan-amendment.ts';
import type { Following, FollowPorts } from './record-seen.ts';
import { type OrderContext, placeRecorded, resolveOrder } from './resolve-order.ts';
import { fitAmount } from './size-order.ts';

export type ReplacePorts = Pick<ExecutionPorts, 'orders' | 'clock' | 'risk'> & FollowPorts;

export interface Replacement {
  /** Unique among the amendments of the order. */
  amendId: string;
  /** On the market's steps, see `planAmendment`. */
  change: OrderChange;
  /** What the whole order is worth with the change, in the owner's currency. */
  reserved: Notional;
  /** When the amendment was asked for; UTC epoch milliseconds. */
  receivedAtMs: number;
}

export type ReplaceOutcome =
  | { kind: 'replaced'; order: Order; replacement: Order }
  /** Refused before anything was done: the order is as it was. */
  | { kind: 'refused'; order: Order; cause: Cause }
  /** It is not certain yet that the order has ended, or what became of the new one; begin again. */
  | { kind: 'pending'; order: Order; replacement?: Order }
  /** The order has ended, and nothing took its place. */
  | { kind: 'ended'; order: Order; cause: Cause };

export const replacementIdOf = (orderId: IntentId, amendId: string): IntentId => stepIdOf(orderId, `amend-${amendId}`);

/** True once the order was canceled for this replacement to take its place. */
export const isCanceledFor = (order: Order, replacementId: IntentId): boolean =>
  order.state === 'canceled' && order.cause?.message === giveWayReasonOf(replacementId);

/** True from when the order is to be canceled for this replacement: there is no way back from there. */
export const isGivingWayTo = (order: Order, replacementId: IntentId): boolean =>
  order.cancel?.reason === giveWayReasonOf(replacementId) || isCanceledFor(order, replacementId);

export async function replaceRecorded(
  order: Order,
  replacement: Replacement,
  { context, ports }: Working,
): Promise<ReplaceOutcome> {
  const { amendId } = replacement;
  const replacementId = replacementIdOf(order.orderId, amendId);
  const known = await ports.orders.get(replacementId);
  if (known !== undefined) return follow(order, known, { context, ports });
  if (!finalStates.has(order.state)) {
    const denial = await denialOf(order, { replacement, context, ports });
    if (denial !== undefined) return { kind: 'refused', order, cause: denial };
  }
  const ended = await cancelRecorded(order, giveWayReasonOf(replacementId), { context, ports });
  if (!finalStates.has(ended.state)) return { kind: 'pending', order: ended };
  const { side, amount } = ended;
  if (!isCanceledFor(ended, replacementId) || side === undefined || amount === undefined) {
    const message = `the order is ${ended.state} by now, so nothing takes its place`;
    return { kind: 'ended', order: ended, cause: ended.cause ?? { code: `order_${ended.state}`, message } };
  }
  const { goodTillMs } = ended;
  if (goodTillMs !== undefined && goodTillMs <= ports.clock.nowMs()) {
    const message = `it was good till ${new Date(goodTillMs).toISOString()}, which is over`;
    return { kind: 'ended', order: ended, cause: { code: 'order_expired', message } };
  }
  const intent = intentAfter({ ...ended, side, amount }, { ...replacement, replacementId }, context);
  if ('code' in intent) return { kind: 'ended', order: ended, cause: intent };
  const figures = await askBook(intent, context, ports);
  const inserted = await insertIntent(intent, { policy: context.policy, figures }, ports);
  if (inserted.kind === 'exists') return follow(ended, inserted.order, { context, ports });
  if (inserted.kind === 'created') {
    // One whose trigger Nightdesk watches waits for it anew.
    if (inserted.order.state === 'waiting') return { kind: 'replaced', order: ended, replacement: inserted.order };
    return settled(ended, await placeRecorded(inserted.order, context, ports));
  }
  // Nothing took its place, and that is on record under the id that it would have had.
  const { code, message } = inserted.denial;
  const event = { type: 'order.denied' as const, atMs: ports.clock.nowMs(), intent, cause: { code, message } };
  return settled(ended, await ports.orders.insertDenied(event));
}

type Working = Following<ReplacePorts>;

/** What was recorded is never placed from here: whether it was placed is the venue's to say. */
async function follow(order: Order, replacement: Order, { context, ports }: Working): Promise<ReplaceOutcome> {
  const inDoubt = replacement.state === 'intended' || replacement.state === 'unknown';
  return settled(order, inDoubt ? await resolveOrder(replacement, context, ports) : replacement);
}

function settled(order: Order, replacement: Order): ReplaceOutcome {
  const { state, cause } = replacement;
  if (state === 'intended' || state === 'unknown') return { kind: 'pending', order, replacement };
  if (state !== 'denied' && state !== 'rejected' && state !== 'not_placed') {
    return { kind: 'replaced', order, replacement };
  }
  return { kind: 'ended', order, cause: cause ?? { code: state, message: `the order in its place is ${state}` } };
}

/**
 * What the gate would say to the new order, as far as that can be told while the old one still reserves: asked before the cancel,
 * so that an order is not lost for the sake of a change that is not allowed.
 */
async function denialOf(
  order: Order,
  { replacement, context, ports }: Working & { replacement: Replacement },
): Promise<Cause | undefined> {
  const { policy } = context;
  const early = standingDenial(standingOf(policy));
  if (early !== undefined) return early;
  if (context.rate === undefined && !policy.limits.account.quotes.includes(context.market.quote)) {
    const message = `nothing tells what ${context.market.quote} is worth, which the account's limits are not in`;
    return { code: 'quote_without_limit', message };
  }
  if (ports.clock.nowMs() > policy.expiresAtMs) {
    return { code: 'stale_signal', message: 'the amendment was too old when its turn came' };
  }
  const intent = { ...restOf(order, replacement), orderId: replacementIdOf(order.orderId, 'asked ahead') };
  const rows = await ports.risk.rows(order.account, order.source);
  const freed = counterChanges(order, { ...order, state: 'canceled', reserved: zeroNotional });
  const without = (row: RiskState | undefined, key: string) =>
    row && addToCounters(row, freed.find((change) => change.row === key)?.changes ?? []);
  const gate = gateOf(intent, { policy, figures: await askBook(order, context, ports) }, ports);
  const judged = gate.judge({
    ...{ account: without(rows.account, order.account), all: without(rows.all, '*') },
    source: rows.source,
  });
  return judged.kind === 'denied' ? judged.denial : undefined;
}

/** What only shrinks a position is not measured by the book, so it does not wait for one either. */
const askBook = async ({ reduceOnly }: Pick<Order, 'reduceOnly'>, context: OrderContext, ports: ReplacePorts) =>
  reduceOnly === true ? {} : askMarket(context, ports);

/** As it would be placed if nothing more of it were filled. What has not ended has a side and an amount. */
function restOf(order: Order, { change, reserved }: Replacement): Intent {
  const wanted = change.amount ?? order.amount;
  const rest = wanted && remainderAfter(order.filled, wanted);
  const worth = rest ? shareOf(reserved, rest, wanted) : reserved;
  const exposure = order.exposure && { exposure: exposureOf(order.exposure, worth) };
  return { ...order, ...change, reserved: worth, ...exposure } as Intent;
}

/** What only shrinks a position does so after the change as well. */
const exposureOf = (exposure: IntentExposure, reserved: Notional): IntentExposure => ({
  ...exposure,
  notional: isPositive(exposure.notional) ? reserved : zeroNotional,
});

/** The rest of a canceled order with the change in it, or why there is none. */
function intentAfter(
  ended: Order & { side: Side; amount: Amount },
  { replacementId, change, reserved, receivedAtMs }: Replacement & { replacementId: IntentId },
  { market }: OrderContext,
): Intent | Cause {
  const { side, filled } = ended;
  const wanted = change.amount ?? ended.amount;
  const rest = remainderAfter(filled, wanted);
  if (rest === undefined)
    return { code: 'amount_filled', message: `${filled} was filled, and ${wanted} is wanted in all` };
  const fitted = fitAmount(rest, 'amount', market);
  if (fitted.kind === 'refused') {
    return { code: fitted.code, message: `${filled} of ${wanted} was filled, and the rest ${fitted.message}` };
  }
  const { account, source, signalId, venue, symbol, type, role, parentId, handling, exitPlan } = ended;
  const { trail, timeInForce, goodTillMs, reduceOnly, displayAmount, leverage, marginMode } = ended;
  const { exposure } = ended;
  const worth = reduceOnly === true ? zeroNotional : shareOf(reserved, fitted.amount, wanted);
  const price = change.price ?? ended.price;
  const triggerPrice = change.triggerPrice ?? ended.triggerPrice;
  return {
    ...{ orderId: replacementId, signalId, source, account, venue, symbol, side, type, amount: fitted.amount },
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
    ...(trail !== undefined && { trail }),
    ...(timeInForce !== undefined && { timeInForce }),
    ...(goodTillMs !== undefined && { goodTillMs }),
    ...(reduceOnly !== undefined && { reduceOnly }),
    // A rest that is no more than what was to be shown of it is shown as a whole: venues refuse anything else.
    ...(displayAmount !== undefined && compare(displayAmount, fitted.amount) < 0 && { displayAmount }),
    ...(leverage !== undefined && { leverage }),
    ...(marginMode !== undefined && { marginMode }),
    ...(role !== undefined && { role }),
    ...(parentId !== undefined && { parentId }),
    ...(handling !== undefined && { handling }),
    ...(exitPlan !== undefined && { exitPlan }),
    replaces: ended.orderId,
    reserved: worth,
    ...(exposure !== undefined && { exposure: exposureOf(exposure, worth) }),
    receivedAtMs,
  };
}

/** What a part of an order reserves of what the whole would, rounded up. */
const shareOf = (reserved: Notional, part: Amount, whole: Amount): Notional =>
  roundToStep(divideBy(scaleBy(reserved, part), whole), exposureStep, 'up');
