/** A desk of one account at the fake venue that is reconciled by the real handler, on stores in memory. */
import {
  type AccountId,
  amount,
  type Books,
  type Difference,
  type Intent,
  type IntentId,
  type Market,
  type Order,
  price,
  type SwitchState,
  type VenuePort,
} from '@nightdesk/core';
import { createHandler, type ReconcileDependencies } from '@nightdesk/functions/reconcile-balances/handler.ts';
import { createHandler as createTracking } from '@nightdesk/functions/track-orders/handler.ts';
import { createManualClock } from './clocks.ts';
import { deskConfig } from './desk-config.ts';
import { FakeVenue, type FakeVenueOptions } from './fake-venue.ts';
import { insertWithin } from './gates.ts';
import { btcUsdt, btcUsdtPerpetual, ethUsdt } from './markets.ts';
import { createMemoryBooks } from './memory-books.ts';
import { createMemoryCoordination } from './memory-coordination.ts';
import { createMemoryRisk } from './memory-risk.ts';
import { createMemoryMarkets, createMemoryOrders, createMemoryPositions, MemoryTables } from './memory-stores.ts';
import { intent } from './orders.ts';
import { createRecordingTelemetry } from './telemetry.ts';

const main = 'main' as AccountId;
const markets: readonly Market[] = [btcUsdt, ethUsdt, btcUsdtPerpetual];

export interface Wanted {
  symbol?: string;
  side: 'buy' | 'sell';
  size: string;
  /** Makes it a limit order. */
  limit?: string;
}

export async function createReconcileDesk(
  options: Partial<FakeVenueOptions> & { risk?: Record<string, unknown> } = {},
) {
  const { risk: limits, ...venueOptions } = options;
  const clock = createManualClock();
  const venue = new FakeVenue({ clock, ...venueOptions });
  const tables = new MemoryTables();
  const telemetry = createRecordingTelemetry();
  const config = deskConfig(limits && { risk: limits });
  const orders = createMemoryOrders(tables);
  const positions = createMemoryPositions(tables);
  const risk = createMemoryRisk(tables);
  const books = createMemoryBooks(tables);
  const stored = createMemoryMarkets(tables);
  await stored.replaceAll(venue.venue, [...markets]);
  for (const row of ['*', main] as const) await risk.ensure(row, clock.nowMs());
  let count = 0;

  const dependencies = (port: VenuePort = venue): ReconcileDependencies => ({
    loadConfig: async () => config,
    liveTrading: false,
    telemetry,
    clientOrderIdOf: (_account, orderId) => orderId,
    ports: {
      ...{ orders, positions, books, risk, markets: stored, clock, coordination: createMemoryCoordination() },
      findMarket: (venueId, symbol) => stored.get(venueId, symbol),
      openVenue: async () => port,
    },
  });

  async function look(port?: VenuePort): Promise<Books> {
    const message = JSON.stringify({ account: main, plannedAtMs: clock.nowMs() });
    await createHandler(dependencies(port))(message, { deadlineMs: clock.nowMs() + 50_000 });
    const found = await books.get(main);
    if (found === undefined) throw new Error('there are no books');
    return found;
  }

  /** Records an order of the desk, with nothing called yet. */
  async function record({ symbol = 'BTC/USDT', side, size, limit }: Wanted): Promise<Order> {
    const wanted: Intent = {
      ...{ ...intent, orderId: `nd${String(++count).padStart(24, '0')}` as IntentId, symbol, side },
      ...{ amount: amount(size), type: limit === undefined ? 'market' : 'limit' },
      ...(limit !== undefined && { price: price(limit) }),
    };
    const result = await insertWithin(orders, { type: 'order.intended', atMs: clock.nowMs(), intent: wanted });
    if (result.kind !== 'created') throw new Error(`not recorded: ${result.kind}`);
    return result.order;
  }

  const marketOf = (symbol: string): Market => {
    const market = markets.find((each) => each.symbol === symbol);
    if (market === undefined) throw new Error(`no market ${symbol}`);
    return market;
  };

  /** Has the venue take a recorded order, without the desk hearing of it. */
  async function send({ orderId, symbol, side, amount: size, type, price: limit }: Order) {
    if (side === undefined || size === undefined) throw new Error('not an order that can be sent');
    const request = { clientOrderId: orderId, symbol, side, type, amount: size, ...(limit && { price: limit }) };
    return venue.placeOrder(request, marketOf(symbol));
  }

  async function place(wanted: Wanted): Promise<Order> {
    const order = await record(wanted);
    const outcome = await send(order);
    if (outcome.kind !== 'accepted') return order;
    return orders.apply(order, { type: 'order.observed', atMs: clock.nowMs(), order: outcome.order });
  }

  const eventsOf = (stream = `books#${main}`) => tables.journal.get(stream) ?? [];

  return {
    ...{
      clock,
      venue,
      tables,
      telemetry,
      config,
      orders,
      positions,
      risk,
      books,
      place,
      record,
      send,
      look,
      dependencies,
    },
    eventsOf,
    /** What was confirmed so far, as `kind subject amount`. */
    told: (): string[] =>
      eventsOf()
        .filter(({ type }) => type === 'books.difference' || type === 'books.transfer')
        .map(({ data }) => data as Record<string, string | undefined>)
        .map((data) => [data.kind, data.subject ?? data.asset, data.amount].filter(Boolean).join(' ')),
    /** A look after a minute. */
    async nextLook(port?: VenuePort): Promise<Books> {
      clock.advance(60_000);
      return look(port);
    },
    async track(): Promise<unknown> {
      const { ports, ...rest } = dependencies();
      return createTracking({ ...rest, ports })(clock.nowMs() + 45_000);
    },
    quantityOf: (symbol: string): string => tables.positions.get(`${main} ${symbol}`)?.quantity ?? '0',
    async setSwitch(state: SwitchState, by: string): Promise<void> {
      await risk.setSwitch(main, { state, by, reason: 'looked into it', atMs: clock.nowMs() });
    },
  };
}

export type ReconcileDesk = Awaited<ReturnType<typeof createReconcileDesk>>;

/** Differences as `state kind subject amount`. */
export const shown = ({ differences }: Books): string[] =>
  differences.map(({ state, kind, subject, amount: size }: Difference) =>
    [state, kind, subject, size].filter(Boolean).join(' '),
  );
