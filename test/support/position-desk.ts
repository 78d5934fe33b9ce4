/** A desk of one account that executes legs at the fake venue and keeps brackets there, on one market. */
import {
  type AccountId,
  amount,
  type ExecutionPolicy,
  type ExecutionPorts,
  type ExecutionVenue,
  type ExitPlan,
  executeLeg,
  keepMarketExits,
  listBrackets,
  type Market,
  notional,
  type Order,
  type OrdersStore,
  price,
  refreshOrder,
  type Signal,
  type SignalId,
  type SignalMessage,
  type SourceId,
  type VenueId,
} from '@nightdesk/core';
import { createManualClock } from './clocks.ts';
import { FakeVenue } from './fake-venue.ts';
import { gateLimits, noBooks } from './gates.ts';
import { createMemoryOrders, createMemoryPositions, createMemoryRisk, MemoryTables } from './memory-stores.ts';

const main = 'main' as AccountId;
const minuteMs = 60_000;

export function createPositionDesk(market: Market) {
  const clock = createManualClock();
  const tables = new MemoryTables();
  const venue = new FakeVenue({ clock });
  const orders = createMemoryOrders(tables);
  let count = 0;

  const policy = (): ExecutionPolicy => ({
    account: {
      ...{ id: main, venue: 'fake' as VenueId, exchange: 'fake', mode: 'sandbox', readOnlySecret: false },
      exchangeConfig: { enabled: true, timeoutMs: 5_000, sandbox: false, connectionsMax: 5, risingNonces: false },
    },
    limits: gateLimits({ quotes: ['USDT'], orderNotionalMax: notional('100000'), openNotionalMax: notional('500000') }),
    ...{ liveTrading: false, onUnknown: 'give_up', standIns: [], expiresAtMs: clock.nowMs() + 60 * minuteMs },
  });
  const signal = (change: Partial<Signal>): SignalMessage => ({
    signal: {
      ...{ signalId: `sg${++count}` as SignalId, source: 'demo' as SourceId, accounts: [main] },
      ...{ venue: 'fake' as VenueId, symbol: market.symbol, type: 'market' },
      ...{ expiresAtMs: clock.nowMs() + 60 * minuteMs, receivedAtMs: clock.nowMs() },
      ...change,
    },
    ...{ account: main, leg: 0, lane: `main:${market.symbol}` },
  });
  const ports = (
    own: ExecutionVenue = venue,
    store: OrdersStore = orders,
  ): ExecutionPorts & { deadlineMs: number } => ({
    orders: store,
    risk: createMemoryRisk(tables),
    positions: createMemoryPositions(tables),
    books: noBooks,
    clock,
    findMarket: async () => market,
    openVenue: async () => own,
    isVenueFailing: async () => false,
    handOver: async () => {
      throw new Error('nothing here is handed over');
    },
    deadlineMs: clock.nowMs() + 29_000,
  });
  const execute = async (message: SignalMessage, own: ExecutionVenue = venue): Promise<Order> =>
    (await executeLeg(message, policy(), { ...ports(own), retryPauseMs: 4_000 })).order;
  const executeWith = (message: SignalMessage, own: Partial<ExecutionPorts>) =>
    executeLeg(message, policy(), { ...ports(), ...own, retryPauseMs: 4_000 });
  const buy = (size: string, exitPlan?: ExitPlan): Promise<Order> =>
    execute(signal({ action: 'buy', size: { base: amount(size) }, ...(exitPlan && { exitPlan }) }));

  /** What a round of tracking does here: orders first, then brackets. */
  async function track(own: ExecutionVenue = venue): Promise<unknown[]> {
    const context = { venue: own, market, policy: policy() };
    for (const order of await orders.listOpen(main, 1_000)) {
      if (order.state === 'open') await refreshOrder(order, context, ports(own));
    }
    const brackets = await listBrackets(main, market.symbol, { orders });
    return (await keepMarketExits(brackets, context, ports(own))).failures;
  }

  const stored = (orderId: string): Order => {
    const order = tables.orders.get(orderId);
    if (order === undefined) throw new Error(`there is no order ${orderId}`);
    return order;
  };
  /** The exits of an entry that rest at the venue. */
  const restingOf = ({ orderId }: Order): string[] =>
    [...tables.orders.values()]
      .filter(({ parentId }) => parentId === orderId)
      .flatMap((exit) => venue.ordersWith(exit.orderId))
      .filter(({ status }) => status === 'open')
      .map(({ request: { type, amount: size, price: limit, triggerPrice } }) =>
        [type, size, limit ?? triggerPrice].join(' '),
      );
  const quantity = (): string => tables.positions.get(`${main} ${market.symbol}`)?.quantity ?? '0';

  return {
    ...{
      clock,
      tables,
      venue,
      orders,
      market,
      policy,
      signal,
      ports,
      execute,
      executeWith,
      buy,
      track,
      stored,
      restingOf,
      quantity,
    },
    setPrice: (to: string) => venue.setPrice(market.symbol, price(to)),
  };
}

export type PositionDesk = ReturnType<typeof createPositionDesk>;

/** The same venue, with some of its answers changed. Its own rules and state stay behind them. */
export const changedVenue = (venue: FakeVenue, change: Partial<ExecutionVenue>): ExecutionVenue =>
  new Proxy(venue as ExecutionVenue, {
    get: (target, key) => {
      const member: unknown = Reflect.get(change, key) ?? Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
