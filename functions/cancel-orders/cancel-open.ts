/**
 * Cancels what is open of some accounts, all of them side by side, after their switch was set. What is meant: every order that is
 * not final, but the exits that protect a position unless those are asked for. The wish to cancel is written on all orders of an
 * account before its venue is asked about the first, so tracking carries out what there is no time for here.
 */
import type { Telemetry } from '@nightdesk/aws';
import {
  type AccountId,
  type CanceledOrder,
  ConfigurationError,
  type ConfiguredAccount,
  cancelRecorded,
  type DeskConfig,
  type ExecutionPolicy,
  type ExecutionPorts,
  type ExecutionVenue,
  finalStates,
  gateLimitsOf,
  type IntentId,
  isPositive,
  isProtecting,
  type Order,
  type OrderContext,
  othersThan,
  recordFact,
  SecretUnavailableError,
  VenueError,
  VersionConflictError,
} from '@nightdesk/core';
import type { CancelOrdersRequest, OpenCanceled } from '../shared/cancel-request.ts';

/** Orders of one account that one call cancels. */
export const ordersMax = 5_000;
/**
 * Open orders are listed by an index, which shows what was recorded mostly within a fraction of a second. They are listed once
 * more after this time, so that what was recorded just before the switch was set is not missed.
 */
export const indexLagMsMax = 1_000;
/** Wishes that are written, and venue calls of one account that are made, at once. */
const wishLanesMax = 16;
const venueLanesMax = 8;

export interface CancelOpenRequest extends Omit<CancelOrdersRequest, 'accounts'> {
  accounts: readonly ConfiguredAccount[];
  config: DeskConfig;
}

export interface CancelOpenDependencies {
  ports: Pick<ExecutionPorts, 'orders' | 'clock' | 'findMarket' | 'openVenue'>;
  /** The stage's setting. */
  liveTrading: boolean;
  telemetry: Telemetry;
}

/** What one call has come to know by now. */
interface Run extends CancelOpenRequest, CancelOpenDependencies {
  results: Map<IntentId, CanceledOrder>;
  kept: Set<IntentId>;
  failures: Map<AccountId, string>;
  answeredAtMs: number | undefined;
}

/** Never throws for what concerns one order or account: the report says so. */
export async function cancelOpen(
  request: CancelOpenRequest,
  dependencies: CancelOpenDependencies,
): Promise<OpenCanceled> {
  const { clock } = dependencies.ports;
  const known = { results: new Map(), kept: new Set<IntentId>(), failures: new Map(), answeredAtMs: undefined };
  const run: Run = { ...request, ...dependencies, ...known };
  const work = Promise.all(request.accounts.map((account) => cancelAccount(account, run)));
  await Promise.race([work, clock.sleep(Math.max(0, request.deadlineMs - clock.nowMs()))]);
  const { results, kept, failures, answeredAtMs } = run;
  return {
    // Copies: what is answered later must not change a report that is being written.
    orders: [...results.values()].map((result) => ({ ...result })),
    keptExits: kept.size,
    failures: [...failures].map(([account, message]) => ({ account, message })),
    ...(answeredAtMs !== undefined && { answeredAtMs }),
  };
}

async function cancelAccount(account: ConfiguredAccount, run: Run): Promise<void> {
  const { clock } = run.ports;
  const sweepOnce = () =>
    sweep(account, run).catch((error: unknown) => {
      run.failures.set(account.id, messageOf(error, run));
    });
  const lagMs = run.inForceAtMs + indexLagMsMax - clock.nowMs();
  await Promise.all([sweepOnce(), clock.sleep(Math.max(0, lagMs)).then(sweepOnce)]);
}

/** Lists what is open of an account, and cancels what no sweep has taken up yet. */
async function sweep(account: ConfiguredAccount, run: Run): Promise<void> {
  const { ports, results } = run;
  const open = await ports.orders.listOpen(account.id, ordersMax);
  // The second list makes up for a first that failed.
  run.failures.delete(account.id);
  if (open.length >= ordersMax) {
    run.failures.set(account.id, `it has more than ${ordersMax} open orders: ask again for the rest`);
  }
  const targets: Order[] = [];
  const byId = new Map(open.map((order) => [order.orderId, order]));
  for (const order of open.filter(({ state }) => !finalStates.has(state))) {
    if (results.has(order.orderId)) continue;
    if (!run.cancelExits && (await isProtecting(order, ports.orders, byId))) run.kept.add(order.orderId);
    else targets.push(order);
  }
  for (const order of targets) note(order, { outcome: 'pending' }, run);
  const wished = await inLanes(targets, wishLanesMax, (order) => wish(order, run));
  await cancelAll(wished, account, run);
}

/** A wish that cannot be written now is written again before the venue is asked. */
async function wish(order: Order, { ports, reason, deadlineMs }: Run): Promise<Order> {
  const fact = { type: 'order.cancel_requested' as const, atMs: ports.clock.nowMs(), reason };
  return recordFact(order, fact, { ...ports, deadlineMs }).catch(() => order);
}

/**
 * What rests at the venue goes side by side. What is in doubt is first found out, which takes until nothing can be under way any
 * more: beside the others, and one after the other in each market, so that two never claim the same order of the venue.
 */
async function cancelAll(orders: readonly Order[], account: ConfiguredAccount, run: Run): Promise<void> {
  const reach = reachOnce(account, run);
  const isDoubtful = ({ state }: Order) => state === 'intended' || state === 'unknown';
  const markets = [...Map.groupBy(orders.filter(isDoubtful), ({ symbol }) => symbol).values()];
  const certain = orders.filter((order) => !isDoubtful(order)).map((order) => [order]);
  const cancelInTurn = async (turn: readonly Order[]) => {
    for (const order of turn) await cancelOne(order, reach, run);
  };
  await Promise.all([certain, markets].map((turns) => inLanes(turns, venueLanesMax, cancelInTurn)));
}

type Reach = (order: Order) => Promise<OrderContext>;

async function cancelOne(order: Order, reach: Reach, run: Run): Promise<void> {
  const { ports, reason, deadlineMs } = run;
  // What waits at Nightdesk has ended with the wish.
  if (finalStates.has(order.state)) return note(order, outcomeOf(order), run);
  if (ports.clock.nowMs() >= deadlineMs) return;
  try {
    const context = await reach(order);
    const ended = await cancelRecorded(order, reason, { context, ports: { ...ports, deadlineMs } });
    const outcome = outcomeOf(ended);
    if (outcome.outcome !== 'unknown') run.answeredAtMs = ports.clock.nowMs();
    note(ended, outcome, run);
  } catch (error) {
    note(order, { outcome: 'failed', message: messageOf(error, run) }, run);
  }
}

/** Where an order is; one that cannot be reached leaves the others alone. */
function reachOnce(account: ConfiguredAccount, run: Run): Reach {
  const { ports, config, liveTrading } = run;
  const { id, venue: venueId } = account;
  const policy: ExecutionPolicy = {
    ...{ account, liveTrading, limits: gateLimitsOf(config, id), standIns: [], expiresAtMs: 0 },
    // Nothing is placed again on the way.
    onUnknown: 'give_up',
  };
  let opened: Promise<ExecutionVenue> | undefined;
  return async (order) => {
    const { orderId, venue: orderVenue, symbol } = order;
    if (orderVenue !== venueId)
      throw new VenueError(orderVenue, `has ${orderId}, and the account ${id} is at ${venueId}`);
    opened ??= ports.openVenue(account);
    const [market, venue, others] = await Promise.all([
      ports.findMarket(venueId, symbol),
      opened,
      othersThan(order, ports),
    ]);
    if (market === undefined) throw new VenueError(venueId, `${symbol} is not a market any more`);
    return { market, venue, policy, others };
  };
}

type Outcome = Pick<CanceledOrder, 'outcome' | 'message'>;

const note = ({ account, orderId, symbol }: Order, outcome: Outcome, { results }: Run): void => {
  results.set(orderId, { account, orderId, symbol, ...outcome });
};

function outcomeOf({ state, filled, amount, cause }: Order): Outcome {
  const part = isPositive(filled) ? { message: `${filled} of ${amount} had been filled` } : {};
  if (state === 'canceled') return { outcome: 'canceled', ...part };
  if (state === 'filled') return { outcome: 'filled' };
  if (finalStates.has(state))
    return { outcome: 'not_open', message: `it is ${state}${cause ? `: ${cause.message}` : ''}` };
  return {
    outcome: 'unknown',
    message: `it is ${state}, and its venue has not told that it has ended; tracking goes on`,
  };
}

/** What the desk itself says may be told to the caller; anything else goes to the log. */
function messageOf(error: unknown, { telemetry }: Run): string {
  telemetry.failure('an open order could not be canceled', error);
  const told = [VenueError, SecretUnavailableError, ConfigurationError, VersionConflictError];
  return told.some((kind) => error instanceof kind) ? (error as Error).message : 'unexpected; the log has the details';
}

async function inLanes<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, worker));
  return results;
}
