/**
 * One leg of a signal becomes at most one order for what it asks for, after at most one that clears the way for it. First
 * delivery, redelivery and recovery after a crash are this one function: look at what is recorded, ask the venue where that
 * is not enough, go on from there.
 */
import { VenueError, VersionConflictError } from '../errors.ts';
import type { AccountId, IntentId } from '../ids.ts';
import { isPositive } from '../money.ts';
import type { Cause } from '../ports/venue.ts';
import { orderIdOf, type SignalMessage } from '../signals/signal.ts';
import { askSwitches } from './ask-switches.ts';
import { executeCommand, isCommand } from './execute-command.ts';
import type { ExecutionPolicy, ExecutionPorts } from './execution-ports.ts';
import { hasJustFilled } from './exits/position.ts';
import { needsCare } from './exits.ts';
import { insertIntent } from './intent-gate.ts';
import { keepMarketExits, listBrackets, releaseHoldings } from './keep-market-exits.ts';
import { denialOf } from './leg-failure.ts';
import { finalStates, type Order } from './order.ts';
import { type Execution, type LegPlan, type LegPorts, planLeg } from './plan-leg.ts';
import { addingTo, readLeg } from './read-leg.ts';
import { type OrderContext, placeRecorded, resolveOrder } from './resolve-order.ts';
import { type Clearing, closeOpposite } from './reversal.ts';

export interface LegResult {
  order: Order;
  /** False when an earlier delivery had already brought the order to where it is. */
  worked: boolean;
}

/** How a leg ends that has no order at a venue. */
type Ending = Exclude<LegPlan, { kind: 'planned' }>;

/** Pauses before the venue is asked again whether the position that was closed is gone. */
const closedPausesMs = [100, 300, 1_000] as const;

/**
 * @throws what a store, the credentials or the venue's price throw before an intent is recorded, where another try may
 *   mend it and comes before the signal is too old: the message is then to be delivered again. Otherwise that is recorded
 *   as the cause of a denial.
 */
export async function executeLeg(message: SignalMessage, policy: ExecutionPolicy, ports: LegPorts): Promise<LegResult> {
  const orderId = orderIdOf(message);
  const { order: known, rows, position } = await readLeg(message, orderId, { policy, ports });
  if (known === undefined && isCommand(message)) return executeCommand(message, policy, ports);
  const execution = {
    policy,
    ports: { ...ports, orders: addingTo(position, ports.orders) },
    ...(rows && { rows }),
  };
  return known === undefined ? executeNew(message, orderId, execution) : resume(known, message, execution);
}

async function executeNew(message: SignalMessage, orderId: IntentId, execution: Execution): Promise<LegResult> {
  const { policy, ports } = execution;

  /** Somebody else may have recorded something else first, and have come no further than that. */
  const conclude = async (ending: Ending): Promise<LegResult> => {
    const order = await recordEnding(message, orderId, { ending, ports });
    return { ...(await resume(order, message, execution)), worked: true };
  };
  const carryOut = async (plan: LegPlan): Promise<LegResult> => {
    if (plan.kind !== 'planned') return conclude(plan);
    const inserted = await insertIntent(plan.entry, { policy, figures: plan.figures }, ports);
    if (inserted.kind === 'denied') return conclude({ kind: 'denied', cause: inserted.denial });
    if (inserted.kind === 'exists') return resume(inserted.order, message, execution);
    if (inserted.order.state === 'waiting') return { order: inserted.order, worked: true };
    const { venue, market } = plan;
    return { order: await placeRecorded(inserted.order, { venue, market, policy }, ports), worked: true };
  };
  const plan = await planEntry(message, orderId, execution);
  if (plan.kind !== 'planned') return conclude(plan);
  const { venue, market, entry } = plan;
  const context = { venue, market, policy };
  const brackets = entry.reduceOnly === true ? await listBrackets(message.account, entry.symbol, ports) : [];
  const protection = { brackets, context, ports };
  if (!(await mustRelease(plan, { brackets, execution }))) {
    const { order, worked } = await carryOut(plan);
    const kept = await protect(order, protection);
    if (order.state === 'filled' && closesAll(message)) await endBrackets(protection);
    return { order: kept, worked };
  }
  try {
    await releaseHoldings(brackets, context, ports);
    // What was filled until the exits were gone is not there any more to be sold.
    const { order, worked } = await carryOut(await planEntry(message, orderId, withoutRows(execution)));
    return { order: await protect(order, protection), worked };
  } catch (error) {
    await protect(undefined, protection);
    throw error;
  }
}

const closesAll = ({ signal: { action, target, size } }: SignalMessage): boolean =>
  size === undefined && (action === 'close' || target === 'flat');

/**
 * An account may show for a moment longer what was closed. Its exits would be left for that long, and could close what the next
 * signal opens. Tracking sees to what is left after that.
 */
async function endBrackets({ brackets, context, ports }: Protection): Promise<void> {
  for (const pauseMs of closedPausesMs) {
    const entries = await Promise.all(brackets.map(({ orderId }) => ports.orders.get(orderId)));
    const nowMs = ports.clock.nowMs();
    const left = entries
      .filter((entry) => entry !== undefined)
      // One that has just filled is not cut so early, see `heldSettlesMs`.
      .filter((entry) => entry.exits?.state === 'protected' && !hasJustFilled(entry, nowMs));
    if (left.length === 0 || nowMs + pauseMs >= ports.deadlineMs) return;
    await ports.clock.sleep(pauseMs);
    await protect(undefined, { brackets: left, context, ports });
  }
}

/**
 * On spot, coins that rest in an exit cannot be sold by another order. Nothing is released for an order that only waits, nor
 * where a switch lets nothing pass: then neither the order nor the exits after it could be placed.
 */
async function mustRelease(
  { entry, market }: Extract<LegPlan, { kind: 'planned' }>,
  { brackets, execution }: { brackets: readonly Order[]; execution: Execution },
): Promise<boolean> {
  if (market.kind !== 'spot' || brackets.length === 0 || entry.handling === 'emulated') return false;
  return (await askSwitches(entry.account, { reduceOnly: true }, execution.ports.risk)) === undefined;
}

interface Protection {
  /** Brackets of other entries that share the position. */
  brackets: readonly Order[];
  context: OrderContext;
  ports: LegPorts;
}

/**
 * Exits are an order's business as soon as some of it is filled. What fails here is tried again by tracking within a minute; the
 * order itself is recorded, and must not look as if it had failed.
 */
async function protect<T extends Order | undefined>(
  order: T,
  { brackets, context, ports }: Protection,
): Promise<T | Order> {
  const isDue = order !== undefined && (isPositive(order.filled) || finalStates.has(order.state));
  const own = isDue && needsCare(order.exits) ? [order] : [];
  const concerned = [...brackets, ...own];
  if (concerned.length === 0) return order;
  const resuming = { ...context, resumes: brackets.length > 0 };
  const { entries } = await keepMarketExits(concerned, resuming, ports).catch((error: unknown) => {
    if (error instanceof VenueError || error instanceof VersionConflictError) return { entries: [] };
    throw error;
  });
  return entries.find(({ orderId }) => orderId === order?.orderId) ?? order;
}

/**
 * Records that a leg is not executed, for a cause that is known before there is anything to execute it with. Where the
 * leg already became an order, that stays as it is.
 */
export async function denyLeg(
  message: SignalMessage,
  cause: Cause,
  ports: Pick<ExecutionPorts, 'orders' | 'clock' | 'handOver'>,
): Promise<LegResult> {
  const orderId = orderIdOf(message);
  const known = await ports.orders.get(orderId);
  if (known !== undefined) return { order: await passOn(known, message, ports), worked: false };
  const order = await recordEnding(message, orderId, { ending: { kind: 'denied', cause }, ports });
  return { order: await passOn(order, message, ports), worked: true };
}

/** An order that is recorded is never placed from here: whether it was placed is the venue's to say. */
async function resume(order: Order, message: SignalMessage, { policy, ports }: Execution): Promise<LegResult> {
  await passOn(order, message, ports);
  const isSettled = finalStates.has(order.state) || order.state === 'open' || order.state === 'waiting';
  // Another venue than the order's would show that it does not have the order, and that says nothing.
  if ((isSettled && order.exits?.state !== 'waiting') || policy.account.venue !== order.venue) {
    return { order, worked: false };
  }
  const market = await ports.findMarket(order.venue, order.symbol);
  if (market === undefined) return { order, worked: false };
  const context = { venue: await ports.openVenue(policy.account), market, policy };
  const resolved = isSettled ? order : await resolveOrder(order, context, ports);
  const brackets = order.reduceOnly === true ? await listBrackets(order.account, order.symbol, ports) : [];
  return { order: await protect(resolved, { brackets, context, ports }), worked: !isSettled };
}

/**
 * Hands a leg over that is recorded to be somebody else's now. With every delivery, because what stopped the last one may
 * have stopped it before this; it takes effect once.
 */
async function passOn(order: Order, message: SignalMessage, ports: Pick<ExecutionPorts, 'handOver'>): Promise<Order> {
  if (order.failedOverTo !== undefined) await ports.handOver(message, order.failedOverTo);
  return order;
}

/** What was read ahead is too old once the venue was called: losses, for one, are compared and not claimed. */
const withoutRows = ({ policy, ports }: Execution): Execution => ({ policy, ports });

/** Plans the entry, once nothing stands in its way any more. */
async function planEntry(message: SignalMessage, entryId: IntentId, execution: Execution): Promise<LegPlan> {
  const { clock, retryPauseMs } = execution.ports;
  let current = execution;
  for (const pauseMs of [...closedPausesMs, undefined]) {
    const plan = await planLeg(message, entryId, current);
    current = withoutRows(execution);
    if (plan.kind !== 'planned' || plan.reduce === undefined) return plan;
    try {
      const clearing: Clearing = await closeOpposite(plan.reduce, message, { entryId, place: plan, execution });
      if (clearing.kind === 'failed') return { kind: 'denied', cause: clearing.cause };
      if (pauseMs === undefined) throw stillThere(plan.market.venue, plan.market.symbol);
    } catch (error) {
      const cause = denialOf(error, { atMs: clock.nowMs() + retryPauseMs, expiresAtMs: execution.policy.expiresAtMs });
      if (cause === undefined) throw error;
      return { kind: 'denied', cause };
    }
    // What was filled may take a moment to show in the position.
    await clock.sleep(pauseMs);
  }
  throw new TypeError('the loop above ends by returning or throwing');
}

const stillThere = (venue: string, symbol: string): VenueError =>
  new VenueError(venue, `still shows the position in ${symbol} that was closed`, { code: 'reversal_pending' });

interface Recording {
  ending: Ending;
  ports: Pick<ExecutionPorts, 'orders' | 'clock'>;
}

/** Records why there is no order here, unless something else is recorded already. */
async function recordEnding(message: SignalMessage, orderId: IntentId, { ending, ports }: Recording): Promise<Order> {
  const { signalId, source, venue, symbol, action, type, receivedAtMs } = message.signal;
  const side = action === 'buy' || action === 'sell' ? { side: action } : {};
  const intent = { orderId, signalId, source, account: message.account, venue, symbol, ...side, type, receivedAtMs };
  const { code, message: text } = ending.cause;
  const atMs = ports.clock.nowMs();
  const cause = { code, message: text };
  if (ending.kind === 'nothing') return ports.orders.insertDenied({ type: 'order.concluded', atMs, intent, cause });
  const failedOverTo: AccountId | undefined = ending.failedOverTo;
  return ports.orders.insertDenied({
    ...{ type: 'order.denied', atMs, intent, cause },
    ...(failedOverTo !== undefined && { failedOverTo }),
  });
}
