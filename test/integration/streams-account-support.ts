/** What an account's stream tells, beside what the venue tells whoever asks, at the simulated venues. */
import {
  type AccountStreamPort,
  amount,
  type LiveBalance,
  type LiveOrder,
  type LivePosition,
  type Market,
  type OrderRequest,
  type PlaceOutcome,
  price,
  type StreamConnection,
  type StreamIncident,
  type VenueId,
  type VenueOrder,
  type VenuePort,
} from '@nightdesk/core';
import { type AccountStreamsOptions, createAccountStreams, createVenue, MarketLists } from '@nightdesk/exchange';
import { expect, vi } from 'vitest';
import { realClock } from '../support/clocks.ts';

export interface SimulatorOfStreams {
  url: string;
  close(): Promise<void>;
}

export interface OpenOptions {
  venue: string;
  directory: string;
  simulator: SimulatorOfStreams;
  account: { apiKey: string; secret: string };
  /** Other credentials for the stream than for requests. */
  streamAccount?: { apiKey: string; secret: string };
  /** Where sockets are dialled instead. */
  streamUrl?: string;
  timing?: AccountStreamsOptions['timing'];
}

/** Everything that was told, in order. */
export class Told {
  readonly orders: LiveOrder[] = [];
  readonly balances: LiveBalance[] = [];
  readonly positions: LivePosition[] = [];
  readonly incidents: StreamIncident[] = [];

  readonly listener = {
    order: (order: LiveOrder) => void this.orders.push(structuredClone(order)),
    balance: (balance: LiveBalance) => void this.balances.push(balance),
    position: (position: LivePosition) => void this.positions.push(position),
    incident: (incident: StreamIncident) => void this.incidents.push(incident),
  };

  count(incident: StreamIncident['incident']): number {
    return this.incidents.filter((told) => told.incident === incident).length;
  }

  ofOrder(venueOrderId: string): VenueOrder[] {
    return this.orders.map(({ order }) => order).filter((order) => order.venueOrderId === venueOrderId);
  }

  /** The order as somebody knows it who has only listened: the last word, and every execution once. */
  sumOf(venueOrderId: string): VenueOrder | undefined {
    const told = this.ofOrder(venueOrderId);
    const fills = new Map<string, VenueOrder['fills'][number]>();
    for (const fill of told.flatMap((order) => order.fills)) {
      const known = fills.get(fill.tradeId);
      if (known !== undefined) expect(fill).toEqual(known);
      fills.set(fill.tradeId, fill);
    }
    const last = told.at(-1);
    return last && { ...last, fills: [...fills.values()] };
  }
}

export class AccountBench {
  readonly told = new Told();
  readonly venue: VenuePort;
  readonly port: AccountStreamPort;
  readonly connection: StreamConnection;
  readonly #simulator: SimulatorOfStreams;
  readonly #markets: ReadonlyMap<string, Market>;
  #placed = 0;

  private constructor(parts: {
    venue: VenuePort;
    port: AccountStreamPort;
    simulator: SimulatorOfStreams;
    markets: readonly Market[];
  }) {
    this.venue = parts.venue;
    this.port = parts.port;
    this.#simulator = parts.simulator;
    this.#markets = new Map(parts.markets.map((market) => [market.symbol, market]));
    this.connection = this.port.open(this.told.listener, []);
  }

  static async open(options: OpenOptions): Promise<AccountBench> {
    const { venue, directory, simulator, account, streamAccount = account, streamUrl = simulator.url } = options;
    const shared = { venue: venue as VenueId, directory, mode: 'sandbox' as const, clock: realClock };
    const [rest, port] = await Promise.all([
      createVenue({
        ...{ ...shared, credentials: account, marketLists: new MarketLists() },
        exchangeConfig: { baseUrl: simulator.url, timeoutMs: 5_000 },
      }),
      createAccountStreams({
        ...{ ...shared, credentials: streamAccount, random: () => 0.1, timing: options.timing },
        exchangeConfig: { baseUrl: streamUrl, timeoutMs: 5_000 },
      }),
    ]);
    return new AccountBench({ venue: rest, port, simulator, markets: await rest.fetchMarkets() });
  }

  market(symbol: string): Market {
    const market = this.#markets.get(symbol);
    if (market === undefined) throw new Error(`${symbol} is not listed`);
    return market;
  }

  /** Until every subscription stands. */
  connected(): Promise<void> {
    return vi.waitFor(() => expect(this.connection.isOpen).toBe(true), { timeout: 8_000, interval: 10 });
  }

  async price(symbol: string): Promise<number> {
    return Number((await this.venue.fetchTicker(this.market(symbol))).last);
  }

  async place(symbol: string, terms: { side: 'buy' | 'sell'; size: string; at?: number }): Promise<VenueOrder> {
    this.#placed += 1;
    const { side, size, at } = terms;
    const market = this.market(symbol);
    const request: OrderRequest = {
      ...{ clientOrderId: `nd000000000000000000000${this.#placed}`, symbol, side, amount: amount(size) },
      ...(at === undefined
        ? { type: 'market' as const }
        : { type: 'limit' as const, price: price(stepped(at, market.priceStep)) }),
    };
    const outcome: PlaceOutcome = await this.venue.placeOrder(request, market);
    if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    return outcome.order;
  }

  async asked(symbol: string, { venueOrderId }: VenueOrder): Promise<VenueOrder> {
    const outcome = await this.venue.findOrder(this.#referenceOf(symbol, venueOrderId), this.market(symbol));
    if (outcome.kind !== 'found') throw new Error(JSON.stringify(outcome));
    return outcome.order;
  }

  async cancel(symbol: string, { venueOrderId }: VenueOrder): Promise<void> {
    await this.venue.cancelOrder(this.#referenceOf(symbol, venueOrderId), this.market(symbol));
  }

  #referenceOf(symbol: string, venueOrderId: VenueOrder['venueOrderId']) {
    return {
      ...{ clientOrderId: 'nd-not-looked-for', symbol, side: 'buy' as const, amount: amount('1') },
      ...{ venueOrderId, sinceMs: Date.now() - 60_000 },
    };
  }

  /** What was told is by now what the venue answers: the same state, quantity, cost, and the same executions to the last digit. */
  async agrees(symbol: string, placed: VenueOrder, status: VenueOrder['status']): Promise<VenueOrder> {
    return await vi.waitFor(
      async () => {
        const told = this.told.sumOf(placed.venueOrderId);
        const asked = await this.asked(symbol, placed);
        expect(asked.status).toBe(status);
        expect(told).toBeDefined();
        expect(comparable(told)).toEqual(comparable(asked));
        return asked;
      },
      { timeout: 4_000, interval: 50 },
    );
  }

  async control(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#simulator.url}/__sim/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.#simulator.close();
  }
}

function stepped(at: number, step: string): string {
  const size = Number(step);
  const decimals = step.split('.')[1]?.length ?? 0;
  return (Math.round(at / size) * size).toFixed(decimals);
}

const byId = (left: { tradeId: string }, right: { tradeId: string }) => left.tradeId.localeCompare(right.tradeId);

function comparable(order: VenueOrder | undefined) {
  const { status, filled, cost, amount: size, fills = [], venueOrderId, clientOrderId } = order ?? {};
  return { venueOrderId, status, filled, cost, size, clientOrderId, fills: [...fills].sort(byId) };
}
