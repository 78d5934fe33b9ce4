/** What follows from a look once it is written down. Each of it is safe to do again. */
import {
  type BreakerStates,
  type BreakerTrip,
  cancelRecorded,
  finalStates,
  isProtecting,
  type Market,
  metricNames,
  type Order,
  type PositionRow,
  type Rates,
  recordFact,
  standingCancel,
} from '@nightdesk/core';
import { contextOf, onceWith } from '../shared/order-context.ts';
import { type ReconcileRound, readDesk } from './round.ts';
import { asShown, type ShownSources } from './shown-by-venue.ts';
import { changedExposure } from './value-account.ts';

/** Orders canceled at once. */
const lanesMax = 4;

/** Sets the account's switch as breakers want it, and cancels what they say. */
export async function carryOut(trips: readonly BreakerTrip[], round: ReconcileRound): Promise<void> {
  const { account, ports, telemetry } = round;
  for (const { name, action, message } of trips) {
    telemetry.count(metricNames.breakersTripped, 1, account.venue);
    telemetry.info('breaker tripped', { account: account.id, breaker: name, action, message });
    if (action === 'alarm') continue;
    const change = { state: action, reason: message, by: `breaker:${name}`, atMs: ports.clock.nowMs() };
    await ports.risk.tighten(account.id, change);
  }
  const canceling = trips.find(({ cancelOrders }) => cancelOrders);
  if (canceling === undefined) return;
  const { orders } = await readDesk(round);
  await cancelOrders({ orders: await cancelableOf(orders, round), reason: reasonOf(canceling) }, round);
}

const reasonOf = ({ name, message }: Pick<BreakerTrip, 'name' | 'message'>): string => `breaker ${name}: ${message}`;

export interface Canceling {
  orders: Order[];
  /** For people. */
  reason: string;
}

/** What a look before was to have canceled and has not asked for; `undefined` where nothing of it is left. */
export async function unfinishedCancels(
  states: BreakerStates,
  orders: readonly Order[],
  round: ReconcileRound,
): Promise<Canceling | undefined> {
  const wanted = standingCancel(states, round.row);
  if (wanted === undefined) return undefined;
  const unasked = orders.filter(({ cancel, createdAtMs }) => cancel === undefined && createdAtMs <= wanted.untilMs);
  const left = await cancelableOf(unasked, round);
  return left.length === 0 ? undefined : { orders: left, reason: reasonOf(wanted) };
}

/** Open orders that protect no position. */
async function cancelableOf(orders: readonly Order[], { ports }: ReconcileRound): Promise<Order[]> {
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const cancelable: Order[] = [];
  for (const order of orders.filter(({ state }) => !finalStates.has(state))) {
    if (!(await isProtecting(order, ports.orders, byId))) cancelable.push(order);
  }
  return cancelable;
}

/** The wish is written on all of them first: it outlives this look, and tracking carries it out. */
export async function cancelOrders({ orders, reason }: Canceling, round: ReconcileRound): Promise<void> {
  const { ports, telemetry, deadlineMs } = round;
  const wished: Order[] = [];
  for (const order of orders) {
    const atMs = ports.clock.nowMs();
    wished.push(await recordFact(order, { type: 'order.cancel_requested', atMs, reason }, onceWith(round)));
  }
  const worker = async () => {
    for (let order = wished.shift(); order !== undefined; order = wished.shift()) {
      if (ports.clock.nowMs() >= deadlineMs) return;
      try {
        await cancelRecorded(order, reason, { context: await contextOf(order, round), ports: onceWith(round) });
      } catch (error) {
        telemetry.failure('order could not be canceled for a breaker', error);
      }
    }
  };
  await Promise.all(Array.from({ length: lanesMax }, worker));
}

/** Limits count positions at the prices of now. One that has changed meanwhile is valued at the next look. */
export async function revalue(
  rows: readonly PositionRow[],
  { rates, markets, shown }: { rates: Rates; markets: readonly Market[]; shown: ShownSources },
  { account, ports, telemetry }: ReconcileRound,
): Promise<void> {
  for (const row of rows) {
    const exposure = changedExposure(asShown(row, shown), { rates, markets, mode: account.mode });
    if (exposure === undefined) continue;
    try {
      await ports.positions.revalue(row, exposure);
    } catch (error) {
      telemetry.failure('position could not be valued anew', error);
    }
  }
}
