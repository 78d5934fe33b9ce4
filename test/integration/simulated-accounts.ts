/** The three simulated venues with one account each, for tests of what all of them must show. */
import type { Exchange } from 'ccxt';
import type { VenueClock } from '../../local/simulators/clock.ts';
import * as binance from './binance-support.ts';
import * as bybit from './bybit-support.ts';
import * as kraken from './kraken-support.ts';

export interface StartOptions {
  clock?: VenueClock;
  /** Where the venue keeps its state. */
  directory?: string;
}

export interface SimulatedAccount {
  readonly url: string;
  /** ccxt's own class, its markets loaded. */
  readonly exchange: Exchange;
  /** Sends a call to `/__sim`. */
  control(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** How one venue is started, and its words. */
export interface VenueOfTests {
  readonly name: 'binance' | 'bybit' | 'kraken';
  start(options?: StartOptions): Promise<SimulatedAccount>;
  /** `BTC/USDT` as control calls have it. */
  readonly symbolAtVenue: string;
  /** An order of somebody else for 0.01 BTC. */
  readonly outsiderBuys: Readonly<Record<string, string>>;
  /** How the venue says that an order has no id of a customer. */
  readonly noClientOrderId: (clientOrderId: string | undefined) => boolean;
  /** A transfer's time as the venue shows it may be this much earlier than it was. */
  readonly transferTimeStepMs: { readonly in: number; readonly out: number };
}

async function opened(
  support: { control: typeof binance.control },
  simulator: { url: string; close(): Promise<void> },
  exchange: Exchange,
): Promise<SimulatedAccount> {
  await exchange.loadMarkets();
  return {
    url: simulator.url,
    exchange,
    control: (method, path, body) => support.control(simulator.url, method, path, body),
    close: () => simulator.close(),
  };
}

const paced = (exchange: Exchange, clock: VenueClock | undefined): Exchange => {
  if (clock !== undefined) exchange.nonce = () => Math.floor(clock.nowMs());
  return exchange;
};

export const venuesOfTests: readonly VenueOfTests[] = [
  {
    name: 'binance',
    symbolAtVenue: 'BTCUSDT',
    async start(options = {}) {
      const simulator = await binance.startSimulator({ symbolsCount: 50, ...options });
      return await opened(binance, simulator, paced(binance.restClient(simulator), options.clock));
    },
    outsiderBuys: { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' },
    // Binance makes one up.
    noClientOrderId: (clientOrderId) => /^[A-Za-z0-9]{22}$/.test(clientOrderId ?? ''),
    transferTimeStepMs: { in: 1, out: 1_000 },
  },
  {
    name: 'bybit',
    symbolAtVenue: 'BTCUSDT',
    async start(options = {}) {
      const simulator = await bybit.startSimulator(options);
      const exchange = paced(bybit.restClient(simulator), options.clock);
      // ccxt warns once that Bybit shows the latest 500 orders only.
      exchange.options.fetchOrder = { acknowledged: true };
      return await opened(bybit, simulator, exchange);
    },
    outsiderBuys: {
      category: 'spot',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Market',
      qty: '0.01',
      marketUnit: 'baseCoin',
    },
    noClientOrderId: (clientOrderId) => clientOrderId === undefined,
    transferTimeStepMs: { in: 1, out: 1 },
  },
  {
    name: 'kraken',
    symbolAtVenue: 'XBTUSDT',
    async start(options = {}) {
      const simulator = await kraken.startSimulator(options);
      return await opened(kraken, simulator, kraken.restClient(simulator));
    },
    outsiderBuys: { pair: 'XBTUSDT', type: 'buy', ordertype: 'market', volume: '0.01' },
    noClientOrderId: (clientOrderId) => clientOrderId === undefined,
    transferTimeStepMs: { in: 1_000, out: 1_000 },
  },
];
