/**
 * Canceling by signal: one order, all of a symbol, or all of an account. What is meant:
 *
 * - orders that were asked for before the signal was received, as far as they are recorded;
 * - the rest of entries, and of what clears the way for them, waiting ones included;
 * - exits only where their entry holds nothing: a cancel never takes the protection off a position, not even where it names the
 *   exit. Whoever wants that gone closes the position. Exits that are left without one are ended by `keepExits`.
 */
import { VenueError } from '../errors.ts';
import type { IntentId } from '../ids.ts';
import type { Cause, ExecutionVenue } from '../ports/venue.ts';
import { everySymbol, type Signal } from '../signals/signal.ts';
import { cancelRecorded } from './cancel.ts';
import type { Command, CommandOutcome } from './execute-command.ts';
import { isProtecting } from './exits/is-protecting.ts';
import { finalStates, type Order } from './order.ts';
import { othersThan } from './others-than.ts';
import { type OrderContext, recordFact } from './resolve-order.ts';

/** Orders of an account that one signal cancels. */
const ordersMax = 5_000;
/** Orders that are canceled at once. */
const lanesMax = 4;
/** Ids named in one cause. */
const namedMax = 20;
/** Orders looked through for those that an earlier delivery has canceled. */
const recentMax = 100;

const denied = (code: string, message: string): CommandOutcome => ({ kind: 'denied', cause: { code, message } });

/** Why an order was canceled; by these words the orders of an earlier delivery are known again. */
export const cancelReasonOf = ({ signalId, source }: Pick<Signal, 'signalId' | 'source'>): string =>
  `canceled by signal ${signalId} of ${source}`;

export async function executeCancel(command: Command): Promise<CommandOutcome> {
  const { signal } = command.message;
  const targets = signal.orderId === undefined ? await listTargets(command) : await nameTarget(command, signal.orderId);
  if (!Array.isArray(targets)) return targets;
  // What is too old is not begun any more. What was begun goes on: it is wanted on the orders themselves.
  const isStale = command.ports.clock.nowMs() > command.policy.expiresAtMs;
  const ended = await cancelAll(isStale ? targets.filter((order) => isBegun(order, signal)) : targets, command);
  // Asked for last, and only to be counted: whoever cancels is in a hurry.
  const named = new Set(ended.map(({ orderId }) => orderId));
  const earlier = signal.orderId === undefined ? await listEarlier(command) : [];
  const results = [...earlier.filter(({ orderId }) => !named.has(orderId)), ...ended];
  if (isStale && results.length === 0) return denied('stale_signal', 'the signal was too old when its turn came');
  return tally(results);
}

const isBegun = ({ cancel, cause }: Order, signal: Signal): boolean =>
  [cancel?.reason, cause?.message].includes(cancelReasonOf(signal));

/** The order that the signal names, or why it is not canceled. */
async function nameTarget(command: Command, orderId: IntentId): Promise<Order[] | CommandOutcome> {
  const { message, ports } = command;
  const { symbol } = message.signal;
  const order = await ports.orders.get(orderId);
  const isMeant = order?.account === message.account && (symbol === everySymbol || order.symbol === symbol);
  if (order === undefined || !isMeant) {
    const where = symbol === everySymbol ? '' : ` in ${symbol}`;
    return denied('order_not_found', `${orderId} is no order of the account ${message.account}${where}`);
  }
  if (await isProtecting(order, ports.orders)) {
    const text = `${orderId} protects the position of ${order.parentId}; close the position instead (action "close")`;
    return denied('order_protects_position', text);
  }
  const isOurs = order.cause?.message === cancelReasonOf(message.signal);
  if (finalStates.has(order.state) && !isOurs) {
    return denied('order_final', `${orderId} is ${order.state} already, and nothing of it is left to cancel`);
  }
  return [order];
}

async function listTargets({ message, policy, ports }: Command): Promise<Order[]> {
  const { symbol, receivedAtMs } = message.signal;
  const open = await ports.orders.listOpen(policy.account.id, ordersMax);
  const byId = new Map(open.map((order) => [order.orderId, order]));
  const isMeant = (order: Order) =>
    !finalStates.has(order.state) &&
    (symbol === everySymbol || order.symbol === symbol) &&
    order.receivedAtMs <= receivedAtMs;
  const targets: Order[] = [];
  for (const order of open.filter(isMeant)) {
    if (!(await isProtecting(order, ports.orders, byId))) targets.push(order);
  }
  return targets;
}

/** What an earlier delivery of this signal has canceled, as far as it is recent: it is open no more. */
async function listEarlier({ message, policy, ports }: Command): Promise<Order[]> {
  const { symbol } = message.signal;
  const query = { account: policy.account.id, limit: recentMax, nowMs: ports.clock.nowMs() };
  const page = await ports.orders.list(symbol === everySymbol ? query : { ...query, symbol });
  const reason = cancelReasonOf(message.signal);
  return page.orders.filter(({ state, cause }) => finalStates.has(state) && cause?.message === reason);
}

interface Failure {
  orderId: IntentId;
  failed: string;
}

/** Writes the wish on all of them first: it outlives this delivery, and tracking carries it out. Then the venue is asked. */
async function cancelAll(targets: readonly Order[], command: Command): Promise<(Order | Failure)[]> {
  const { message, ports } = command;
  const reason = cancelReasonOf(message.signal);
  const wish = (order: Order): Promise<Order | Failure> =>
    recordFact(order, { type: 'order.cancel_requested', atMs: ports.clock.nowMs(), reason }, ports);
  const wished = await inLanes(targets, (order) => wish(order).catch(failureOf(order)));
  const reach = reachOnce(command);
  return inTurns(wished, async (order) => {
    if ('failed' in order || finalStates.has(order.state) || ports.clock.nowMs() >= ports.deadlineMs) return order;
    if (order.venue !== command.policy.account.venue) {
      return { orderId: order.orderId, failed: `it is at ${order.venue}` };
    }
    const context = { policy: command.policy, ...(await reach(order)) };
    return cancelRecorded(order, reason, { context, ports });
  });
}

/**
 * What is in doubt goes one after the other in each market: where a venue knows no ids of ours, one is told from what the other was
 * found to be.
 */
async function inTurns(
  orders: readonly (Order | Failure)[],
  work: (order: Order | Failure) => Promise<Order | Failure>,
): Promise<(Order | Failure)[]> {
  const turnOf = ([, order]: [number, Order | Failure]): string =>
    'failed' in order || !isDoubtful(order) ? `order ${order.orderId}` : `market ${order.symbol}`;
  const results = [...orders];
  await inLanes([...Map.groupBy(orders.entries(), turnOf).values()], async (turn) => {
    for (const [index, order] of turn) results[index] = await work(order).catch(failureOf(order));
  });
  return results;
}

const isDoubtful = ({ state }: Order): boolean => state === 'intended' || state === 'unknown';

/** Where an order is; one that cannot be reached leaves the others alone. */
function reachOnce({ policy, ports }: Command) {
  let opened: Promise<ExecutionVenue> | undefined;
  return async (order: Order): Promise<Pick<OrderContext, 'market' | 'venue' | 'others'>> => {
    const { venue: venueId, symbol } = order;
    opened ??= ports.openVenue(policy.account);
    const [market, venue, others] = await Promise.all([
      ports.findMarket(venueId, symbol),
      opened,
      othersThan(order, ports),
    ]);
    if (market === undefined) throw new VenueError(venueId, `${symbol} is not a market any more`);
    return { market, venue, others };
  };
}

const failureOf =
  ({ orderId }: Pick<Order, 'orderId'>) =>
  (error: Error): Failure => ({ orderId, failed: error.message });

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: lanesMax }, worker));
  return results;
}

/** `3 orders canceled (ids), 1 had filled already (id)`. */
function tally(results: readonly (Order | Failure)[]): CommandOutcome {
  const failures = results.filter((result) => 'failed' in result);
  const orders = results.filter((result): result is Order => !('failed' in result));
  const canceled = orders.filter(({ state }) => state === 'canceled' || state === 'not_placed');
  const pending = orders.filter(({ state }) => !finalStates.has(state));
  const filled = orders.filter(({ state }) => state === 'filled');
  const ended = orders.filter((order) => ![canceled, pending, filled].some((group) => group.includes(order)));
  const parts = [
    part(canceled, (count) => `${count} canceled`),
    part(filled, (count) => `${count} had filled already`),
    part(ended, (count) => `${count} had ended already`),
    part(pending, (count) => `${count} not confirmed by the venue yet`),
    part(failures, (count) => `${count} could not be canceled (${failures[0]?.failed})`),
  ].filter((text) => text !== undefined);
  if (parts.length === 0) return done('nothing_to_cancel', 'there was no open order');
  const text = `orders: ${parts.join('; ')}`;
  const isOpen = pending.length > 0 || failures.length > 0;
  return isOpen ? { kind: 'pending', cause: { code: 'cancel_pending', message: text } } : done('canceled_orders', text);
}

const done = (code: string, message: string): { kind: 'done'; cause: Cause } => ({
  kind: 'done',
  cause: { code, message },
});

function part(group: readonly { orderId: IntentId }[], say: (count: number) => string): string | undefined {
  if (group.length === 0) return undefined;
  const ids = group.slice(0, namedMax).map(({ orderId }) => orderId);
  const more = group.length > namedMax ? ` and ${group.length - namedMax} more` : '';
  return `${say(group.length)}: ${ids.join(', ')}${more}`;
}
