/** A desk with one entry and its bracket at the fake venue, which can be stopped at any call and started again. */
import {
  type Amount,
  accountOf,
  add,
  amount,
  compare,
  type ExecutionVenue,
  type ExitContext,
  type ExitPlan,
  finalStates,
  gateLimitsOf,
  type Intent,
  type IntentId,
  isPositive,
  keepExits,
  type Market,
  needsCare,
  notional,
  type Order,
  type OrderAbilities,
  type OrdersStore,
  placeRecorded,
  price,
  refreshOrder,
  resolveOrder,
  type Side,
  subtract,
  VenueError,
  zeroAmount,
} from '@nightdesk/core';
import { createManualClock } from './clocks.ts';
import { deskConfig } from './desk-config.ts';
import type { FakeOrder, VenueFaults } from './fake-venue.ts';
import { FakeVenue } from './fake-venue.ts';
import { insertWithin } from './gates.ts';
import { createMemoryOrders, createMemoryRisk, MemoryTables } from './memory-stores.ts';
import { intent } from './orders.ts';

/** What a process is ended by in these tests: nothing after it happens. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** The process ends at this call of a store or the venue, counted from 0: before or after its effect. */
export interface CrashPoint {
  call: number;
  when: 'before' | 'after';
}

export interface ExitDeskOptions {
  market: Market;
  plan: ExitPlan;
  side?: Side;
  size?: string;
  /** Only this much of the entry fills at first; it is a limit order then. */
  partial?: string;
  abilities?: Partial<OrderAbilities>;
  /** What else the entry is. */
  terms?: Partial<Intent>;
}

/** An order that the venue does not tell of keeps nobody else waiting. */
function leaveToNextRound(error: unknown): void {
  if (!(error instanceof VenueError)) throw error;
}

const minuteMs = 60_000;
const patienceMs = 20_000;

export async function createExitDesk(options: ExitDeskOptions) {
  const { market, plan, side = 'buy', size = '4', partial, abilities = {}, terms = {} } = options;
  const clock = createManualClock();
  const tables = new MemoryTables();
  const venue = new FakeVenue({ clock, abilities, markets: [market] });
  const orders = createMemoryOrders(tables);
  const risk = createMemoryRisk(tables);
  for (const key of ['*', intent.account] as const) await risk.ensure(key, clock.nowMs());
  const config = deskConfig();
  const account = accountOf(config, intent.account);
  if (account === undefined) throw new Error('the account is configured');
  const policy = {
    ...{ account, limits: gateLimitsOf(config, account.id), liveTrading: false, standIns: [] },
    ...{ onUnknown: 'give_up' as const, expiresAtMs: clock.nowMs() + 10 * minuteMs },
  };
  let calls = 0;
  let crash: CrashPoint | undefined;
  const context = (own: ExecutionVenue = venue): ExitContext => ({ venue: own, market, policy });
  const ports = (own: OrdersStore = orders) => ({ orders: own, risk, clock, deadlineMs: clock.nowMs() + patienceMs });

  /** The same port, ended at the crash point. Methods of the venue that ask nothing are not calls. */
  const crashing = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || key === 'abilitiesOf') return value;
        return async (...parameters: unknown[]) => {
          const isHit = crash?.call === calls++;
          if (isHit && crash?.when === 'before') throw new Crash();
          const result: unknown = await Reflect.apply(value, target, parameters);
          check();
          if (isHit) throw new Crash();
          return result;
        };
      },
    });

  const entryIntent = { ...intent, side, symbol: market.symbol, amount: amount(size), exitPlan: plan, ...terms };
  const limit = partial === undefined ? {} : ({ type: 'limit', price: price('100') } as const);
  const event = { type: 'order.intended' as const, atMs: clock.nowMs(), intent: { ...entryIntent, ...limit } };
  const inserted = await insertWithin(
    orders,
    { ...event, intent: { ...event.intent, reserved: notional('0') } },
    policy.limits.account,
  );
  if (inserted.kind !== 'created') throw new Error(inserted.kind);
  if (partial !== undefined) venue.faults.place = () => ({ kind: 'partial_fill', filled: amount(partial) });
  const { orderId } = await placeRecorded(inserted.order, context(), ports());
  delete venue.faults.place;

  const exitSide = side === 'buy' ? 'sell' : 'buy';
  const exitsAtVenue = (): FakeOrder[] =>
    venue.orders.filter(({ request, effectiveAtMs }) => request.side === exitSide && effectiveAtMs <= clock.nowMs());
  const openAtVenue = () => exitsAtVenue().filter(({ status }) => status === 'open');
  const filledOf = (of: readonly FakeOrder[]) => of.reduce<Amount>((sum, { filled }) => add(sum, filled), zeroAmount);
  const restOf = (of: readonly FakeOrder[]) =>
    of.reduce<Amount>((sum, { request, filled }) => add(sum, subtract(amount(request.amount), filled)), zeroAmount);
  const positionAtVenue = () =>
    subtract(filledOf(venue.orders.filter(({ request }) => request.side === side)), filledOf(exitsAtVenue()));

  /** What must hold at every moment, whatever was interrupted. */
  function check(): void {
    const position = positionAtVenue();
    if (compare(position, zeroAmount) < 0) throw new Error(`the exits filled ${position} beyond the entry`);
    const open = openAtVenue();
    const isReducing = venue.abilitiesOf(market).reduceOnly;
    if (isReducing && open.some(({ request }) => request.reduceOnly !== true)) throw new Error('not reduce-only');
    if (!isReducing && compare(restOf(open), position) > 0) {
      throw new Error(`exits for ${restOf(open)} rest for a position of ${position}`);
    }
    for (const { request } of venue.orders) {
      const twins = venue.orders.filter((other) => other.request.clientOrderId === request.clientOrderId);
      if (twins.length > 1) throw new Error(`${request.clientOrderId} was placed ${twins.length} times`);
    }
  }

  const entry = async (): Promise<Order> => {
    const order = await orders.get(orderId);
    if (order === undefined) throw new Error('the entry is recorded');
    return order;
  };

  /** What must hold whenever a pass has ended by itself. */
  async function checkPass(): Promise<void> {
    check();
    const { exits } = await entry();
    const position = positionAtVenue();
    const stops = openAtVenue().filter(({ working }) => !working);
    const targets = openAtVenue().filter(({ working }) => working);
    // What the venue has not told yet nobody can act on.
    const isTold = [...tables.orders.values()].every((order) => {
      const [known] = venue.ordersWith(order.orderId);
      return (
        known === undefined || (known.filled === order.filled && (order.state !== 'open' || known.status === 'open'))
      );
    });
    if (!isTold) return;
    if (compare(restOf(targets), position) > 0) throw new Error(`targets for ${restOf(targets)} of ${position}`);
    if (plan.stopLoss === undefined || !isPositive(position) || exits?.state === 'failed') return;
    const waiting = [...tables.orders.values()].filter(({ state }) => state === 'waiting');
    const isKept =
      waiting.some((order) => order.amount !== undefined && compare(order.amount, position) >= 0) ||
      stops.some((stop) => compare(restOf([stop]), position) >= 0);
    if (!isKept) throw new Error(`a position of ${position} is bare, and the bracket says ${exits?.state}`);
  }

  /** What tracking does for one order of this desk. */
  async function follow(order: Order, own: ExecutionVenue, store: OrdersStore): Promise<void> {
    if (order.state === 'open') await refreshOrder(order, context(own), ports(store));
    if (order.state === 'intended' || order.state === 'unknown') await resolveOrder(order, context(own), ports(store));
    if (order.state !== 'waiting' || order.triggerPrice === undefined) return;
    const at = await own.fetchPrice(market, exitSide);
    const isReached = compare(at, order.triggerPrice) <= 0 === (exitSide === 'sell');
    if (!isReached) return;
    const triggered = await store.apply(order, { type: 'order.triggered', atMs: clock.nowMs(), price: at });
    await placeRecorded(triggered, context(own), ports(store));
  }

  /** One round of tracking: orders first, then brackets. Ends early where it is made to crash. */
  async function track(point?: CrashPoint): Promise<{ crashed: boolean; calls: number }> {
    [calls, crash] = [0, point];
    const [own, store] = [crashing<ExecutionVenue>(venue), crashing(orders)];
    try {
      for (const order of await orders.listOpen(intent.account, 100)) {
        if (!finalStates.has(order.state)) await follow(order, own, store).catch(leaveToNextRound);
      }
      const current = await entry();
      if (needsCare(current.exits)) await keepExits(current, context(own), ports(store));
      await checkPass();
      return { crashed: false, calls };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      check();
      return { crashed: true, calls };
    } finally {
      crash = undefined;
      clock.advance(minuteMs);
    }
  }

  const exitNamed = async (name: string): Promise<Order | undefined> => {
    const step = (await entry()).exits?.steps.find((candidate) => candidate.name === name);
    return step && orders.get(step.orderId as IntentId);
  };

  return {
    ...{ clock, tables, venue, orders, market, orderId, entry, exitNamed, track, context, ports, check },
    ...{ openAtVenue, exitsAtVenue, positionAtVenue },
    setPrice: (to: string) => venue.setPrice(market.symbol, price(to)),
    setFaults: (faults: VenueFaults) => {
      venue.faults = faults;
    },
    state: async () => (await entry()).exits?.state,
  };
}

export type ExitDesk = Awaited<ReturnType<typeof createExitDesk>>;
