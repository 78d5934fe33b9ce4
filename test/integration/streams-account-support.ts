/** What an account's stream tells, beside what the venue tells whoever asks, at the simulated venues. */
import {
  type AccountStreamPort,
  amount,
  type Clock,
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
import { type AccountStreamsOptions, createAccountStreams, createVenue } from '@nightdesk/exchange';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../support/clocks.ts';
import { openVenueLayer } from '../support/venue-layer.ts';
import { waitFor } from '../support/waiting.ts';

export interface SimulatorOfStreams {
  url: string;
  close(): Promise<void>;
}

export interface OpenOptions {
  venue: string;
  directory: string;
  simulator: SimulatorOfStreams;
  account: { apiKey: string; secret: string };
  /** Our ids as the venue has them. @default as they are */
  ids?: RegExp | undefined;
  /** The tests ask more in a few seconds than some venues allow. */
  limits?: Record<string, number> | undefined;
  /** Other credentials for the stream than for requests. */
  streamAccount?: { apiKey: string; secret: string };
  /** Where sockets are dialled instead. */
  streamUrl?: string;
  timing?: AccountStreamsOptions['timing'];
  /** @default the machine's */
  clock?: Clock;
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
  readonly #options: OpenOptions;
  readonly #markets: ReadonlyMap<string, Market>;
  /** Ours, by the venue's. */
  readonly #ids = new Map<string, string>();
  #placed = 0;

  private constructor(parts: {
    options: OpenOptions;
    venue: VenuePort;
    port: AccountStreamPort;
    markets: readonly Market[];
  }) {
    this.venue = parts.venue;
    this.port = parts.port;
    this.#options = parts.options;
    this.#markets = new Map(parts.markets.map((market) => [market.symbol, market]));
    this.connection = this.port.open(this.told.listener, []);
  }

  static async open(options: OpenOptions): Promise<AccountBench> {
    const { venue, directory, simulator, account } = options;
    const [rest, port] = await Promise.all([
      createVenue({
        ...{ venue: venue as VenueId, directory, mode: 'sandbox', clock: realClock, credentials: account },
        exchangeConfig: { baseUrl: simulator.url, timeoutMs: 5_000, limits: options.limits },
      }),
      openStreams(options),
    ]);
    return new AccountBench({ options, venue: rest, port, markets: await rest.fetchMarkets() });
  }

  /** Streams that are opened otherwise. */
  another(change: Partial<OpenOptions>): Promise<AccountStreamPort> {
    return openStreams({ ...this.#options, ...change });
  }

  market(symbol: string): Market {
    const market = this.#markets.get(symbol);
    if (market === undefined) throw new Error(`${symbol} is not listed`);
    return market;
  }

  /** Until every subscription stands. */
  connected(): Promise<void> {
    return waitFor(() => expect(this.connection.isOpen).toBe(true));
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
    this.#ids.set(outcome.order.venueOrderId, request.clientOrderId);
    return outcome.order;
  }

  async asked(symbol: string, placed: VenueOrder): Promise<VenueOrder> {
    const outcome = await this.venue.findOrder(this.#referenceOf(symbol, placed), this.market(symbol));
    if (outcome.kind !== 'found') throw new Error(JSON.stringify(outcome));
    return outcome.order;
  }

  async cancel(symbol: string, placed: VenueOrder): Promise<void> {
    await this.venue.cancelOrder(this.#referenceOf(symbol, placed), this.market(symbol));
  }

  #referenceOf(symbol: string, { venueOrderId }: VenueOrder) {
    const clientOrderId = this.#ids.get(venueOrderId) ?? '';
    return {
      ...{ clientOrderId, symbol, side: 'buy' as const, amount: amount('1') },
      ...{ venueOrderId, sinceMs: Date.now() - 60_000 },
    };
  }

  /** What was told is by now what the venue answers: the same state, quantity, cost, and the same executions to the last digit. */
  async agrees(symbol: string, placed: VenueOrder, status: VenueOrder['status']): Promise<VenueOrder> {
    return await waitFor(async () => {
      const told = this.told.sumOf(placed.venueOrderId);
      const asked = await this.asked(symbol, placed);
      expect(asked.status).toBe(status);
      expect(told).toBeDefined();
      expect(comparable(told)).toEqual(comparable(asked));
      expect(told?.clientOrderId).toMatch(this.#options.ids ?? (asked.clientOrderId as string));
      return asked;
    });
  }

  async control(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#options.simulator.url}/__sim/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.#options.simulator.close();
  }
}

const openStreams = (options: OpenOptions): Promise<AccountStreamPort> =>
  createAccountStreams({
    ...{
      venue: options.venue as VenueId,
      directory: options.directory,
      mode: 'sandbox',
      clock: options.clock ?? realClock,
    },
    ...{ credentials: options.streamAccount ?? options.account, random: () => 0.1, timing: options.timing },
    exchangeConfig: { baseUrl: options.streamUrl ?? options.simulator.url, timeoutMs: 5_000, limits: options.limits },
  });

function stepped(at: number, step: string): string {
  const size = Number(step);
  const decimals = step.split('.')[1]?.length ?? 0;
  return (Math.round(at / size) * size).toFixed(decimals);
}

const byId = (left: { tradeId: string }, right: { tradeId: string }) => left.tradeId.localeCompare(right.tradeId);

/** Our id is compared apart: a venue may have it in a form that only whoever knows ours can tell. */
function comparable(order: VenueOrder | undefined) {
  const { clientOrderId: _ours, fills = [], ...rest } = order ?? {};
  return { ...rest, fills: [...fills].sort(byId) };
}

export interface AccountOfTests {
  venue: string;
  symbols: readonly [string, ...string[]];
  account: { apiKey: string; secret: string };
  start(): Promise<SimulatorOfStreams>;
  limits?: Record<string, number>;
  ids?: RegExp;
  /** Somebody else's order with the account's key, in the venue's words. */
  outsider: Readonly<Record<string, string>>;
}

/** What every venue's stream must show. */
export function itTellsOfAccounts({ venue, symbols, account, start, limits, ids, outsider }: AccountOfTests): void {
  describe(`what the stream of an account at ${venue} tells`, () => {
    let bench: AccountBench;
    let directory = '';
    beforeAll(async () => {
      ({ directory } = await openVenueLayer());
      bench = await AccountBench.open({ venue, directory, simulator: await start(), account, limits, ids });
      await bench.connected();
    });
    afterAll(() => bench.close());

    it.each(symbols)('is an order in %s that rests, and its cancellation', async (symbol) => {
      const at = (await bench.price(symbol)) * 0.8;
      const placed = await bench.place(symbol, { side: 'buy', size: '0.01', at });
      await bench.agrees(symbol, placed, 'open');
      await bench.cancel(symbol, placed);
      await bench.agrees(symbol, placed, 'canceled');
    });

    it.each(symbols)('is every fill of an order in %s, once, as the venue answers it', async (symbol) => {
      const at = (await bench.price(symbol)) * 1.05;
      await bench.control('POST', 'faults', { kind: 'partial-fill', ratio: '0.3', everyMs: 40, count: 1 });
      const placed = await bench.place(symbol, { side: 'buy', size: '0.5', at });
      const asked = await bench.agrees(symbol, placed, 'filled');
      expect(asked.fills.length).toBeGreaterThanOrEqual(4);
      const steps = bench.told.ofOrder(placed.venueOrderId).map(({ filled }) => Number(filled));
      expect(steps).toEqual([...steps].sort((left, right) => left - right));
      expect(new Set(steps).size).toBeGreaterThanOrEqual(4);
    });

    it.each(symbols)('is what was filled of an order in %s before it was canceled', async (symbol) => {
      const at = (await bench.price(symbol)) * 0.95;
      await bench.control('POST', 'faults', { kind: 'partial-fill', ratio: '0.4', everyMs: 60_000, count: 1 });
      const placed = await bench.place(symbol, { side: 'sell', size: '0.5', at });
      const open = await bench.agrees(symbol, placed, 'open');
      expect(open.filled).toBe('0.2');
      await bench.cancel(symbol, placed);
      await bench.agrees(symbol, placed, 'canceled');
    });

    it('is the order of somebody else, too', async () => {
      const before = bench.told.orders.length;
      await bench.control('POST', 'outsider', { action: 'order', account: 'main', params: outsider });
      await waitFor(() => expect(bench.told.orders.slice(before).at(-1)?.order.status).toBe('filled'));
    });

    it('is what the account has of an asset, as the venue answers it', async () => {
      await bench.place(symbols[0], { side: 'buy', size: '0.1' });
      await waitFor(async () => {
        const asked = (await bench.venue.fetchBalances('spot')).find(({ asset }) => asset === 'BTC');
        expect(bench.told.balances.findLast(({ asset }) => asset === 'BTC')?.total).toBe(asked?.total);
      });
    });

    it('goes on after its connection was lost in the middle of an order, and repeats nothing in other words', async () => {
      const [symbol] = symbols;
      const at = (await bench.price(symbol)) * 1.05;
      await bench.control('POST', 'faults', { kind: 'partial-fill', ratio: '0.2', everyMs: 150, count: 1 });
      const placed = await bench.place(symbol, { side: 'buy', size: '0.5', at });
      await waitFor(() => expect(bench.told.sumOf(placed.venueOrderId)?.fills.length).toBeGreaterThan(0));
      const before = bench.told.count('disconnected');
      await bench.control('POST', 'faults', { kind: 'disconnect-streams', forMs: 50 });
      await waitFor(() => expect(bench.told.count('disconnected')).toBeGreaterThan(before));
      await bench.connected();
      await waitFor(() => expect(bench.told.sumOf(placed.venueOrderId)?.status).toBe('filled'));
      const [told, asked] = [bench.told.sumOf(placed.venueOrderId), await bench.asked(symbol, placed)];
      expect(told?.filled).toBe(asked.filled);
      expect(asked.fills).toEqual(expect.arrayContaining(told?.fills ?? []));
      const next = await bench.place(symbol, { side: 'sell', size: '0.1' });
      await bench.agrees(symbol, next, 'filled');
    });

    it('is that a key is refused, without the key', async () => {
      const told = new Told();
      const wrong = { apiKey: account.apiKey, secret: Buffer.from('another secret of some length').toString('base64') };
      const port = await bench.another({ streamAccount: wrong });
      const connection = port.open(told.listener, []);
      await waitFor(() => expect(told.count('refused')).toBe(1));
      expect(connection.isOpen).toBe(false);
      const text = JSON.stringify(told.incidents);
      for (const secret of [wrong.apiKey, wrong.secret]) expect(text).not.toContain(secret);
      expect(told.orders).toEqual([]);
      await connection.close();
    });

    it('says what it offers', () => {
      for (const kind of ['orders', 'fills', 'balances'] as const) expect(bench.port.offers(kind)).toBe('streamed');
    });

    it('breaks nothing that reads it', () => {
      expect(bench.told.count('unreadable')).toBe(0);
      expect(bench.connection.heardMs).toBeGreaterThan(Date.now() - 10_000);
    });
  });
}
