/** The streams of a venue's markets. */
import type { Market, MarketStreamPort } from '@nightdesk/core';
import type { ClientOptions } from '../construct-client.ts';
import { traitsOf } from '../traits/index.ts';
import { streamTraitsOf } from '../traits/stream-traits.ts';
import { StreamedMarkets } from './market-connection.ts';
import { monotonicMs as machineMs } from './monotonic-ms.ts';
import { openStreamClient, type SocketListener, type StreamTiming } from './open-stream-client.ts';
import { offerOf } from './watch-plan.ts';

export interface MarketStreamsOptions extends Omit<ClientOptions, 'kind' | 'credentials' | 'secretName'> {
  /**
   * Those that may be streamed; as a map by symbol, more can be put into it before they are wanted. Each connection's client gets the
   * definitions of those that it streams, and never loads any.
   */
  markets: readonly Market[] | ReadonlyMap<string, Market>;
  /** From 0 up to 1; spreads attempts to connect. @default Math.random */
  random?: () => number;
  timing?: Partial<StreamTiming> | undefined;
  /** Never goes back, unlike `clock`; milliseconds. @default the machine's */
  monotonicMs?: () => number;
}

/**
 * What ccxt keeps of each market is never read again; trades are taken out of it with each message (`TradeReader`), so that room for the
 * longest one costs nothing. Of Bybit one has up to 1,024: https://bybit-exchange.github.io/docs/v5/websocket/public/trade.
 */
export const cacheSizes = { tradesLimit: 2_048, OHLCVLimit: 4, liquidationsLimit: 64, ordersLimit: 16 };

const nobody: SocketListener = {
  opened: () => undefined,
  closed: () => undefined,
  resolved: () => undefined,
  rejected: () => undefined,
  unreadable: () => undefined,
};

/**
 * Loads the venue's class. Each connection that is opened has a client of its own, and so sockets of its own; they share the venue's
 * request limits where `fleet` is given.
 *
 * @throws ConfigurationError when the venue streams nothing, or cannot be reached as configured.
 */
export async function createMarketStreams(options: MarketStreamsOptions): Promise<MarketStreamPort> {
  const { venue, clock, random = Math.random, monotonicMs = machineMs, ...rest } = options;
  const streamTraits = streamTraitsOf(venue);
  const own = traitsOf(venue);
  const traits = { ...own, options: { ...own.options, ...cacheSizes, ...streamTraits.options } };
  const markets =
    'get' in options.markets ? options.markets : new Map(options.markets.map((market) => [market.symbol, market]));
  const openClient = (listener: SocketListener) =>
    openStreamClient({ ...rest, venue, clock, monotonicMs, markets: [] }, traits, listener);
  // What it offers is known by an object only; this one is never connected.
  const sample = await openClient(nobody);
  await sample.close();
  return {
    offers: (kind, market) => offerOf(sample.client, streamTraits, { kind, market }),
    subscriptionsMax: streamTraits.subscriptionsMax,
    open: (listener) =>
      new StreamedMarkets({
        ...{ traits, streamTraits, markets, clock, monotonicMs, random, listener, openClient },
      }),
  };
}
