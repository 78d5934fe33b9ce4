/**
 * The part of a ccxt.pro venue that Nightdesk uses. As with `VenueClient`, what it hands over is `unknown`: nothing is believed
 * before a mapper has checked it.
 */
import type { CallParameters, VenueClient } from '../venue-client.ts';

/** Node's `ws` socket, as far as it is used here. */
export interface RawSocket {
  ping(): void;
  /** Ends it at once, whatever the other side does. */
  terminate(): void;
}

/** ccxt's `WsClient`: one connection to one address. */
export interface VenueSocket {
  /** The venue's own address, even where another is dialled: ccxt tells parts of a venue apart by it. */
  url: string;
  /** Absent until it is dialled. */
  connection?: RawSocket | undefined;
  /** What somebody waits for, by ccxt's names of messages. */
  readonly futures: Record<string, { resolve(value: unknown): void; reject(error: unknown): void }>;
  /** What was asked for, by ccxt's names of subscriptions. */
  readonly subscriptions: Record<string, unknown>;
  readonly rejections: Record<string, unknown>;
  error?: unknown;
  /** What Node's `ws` is constructed with. */
  options?: Record<string, unknown> | undefined;
  isOpen(): boolean;
  send(message: unknown): Promise<unknown>;
  // Called by ccxt itself; replaced in open-stream-client.ts.
  resolve(result: unknown, hash?: string): unknown;
  reject(error: unknown, hash?: string): unknown;
  createConnection(): void;
  onOpen(): void;
  onPong(): void;
  onError(error: unknown): void;
  onClose(event: { code?: unknown }): void;
}

/** Watches one or many; the promise is that of the first update, and nobody has to wait for it. */
type Watch = (symbols: unknown, ...rest: unknown[]) => Promise<unknown>;

export interface StreamVenueClient extends VenueClient {
  /** Put in place of `{hostname}` in addresses. */
  readonly hostname?: string | undefined;
  /** What the class is made of, as ccxt ships it. */
  describe(): { urls?: { api?: unknown } };
  clients: Record<string, VenueSocket>;
  /** Books, trades and so on that ccxt keeps, by symbol. */
  orderbooks: Record<string, unknown>;
  trades: Record<string, unknown>;
  tickers: Record<string, unknown>;
  ohlcvs: Record<string, unknown>;
  client: (url: string) => VenueSocket;
  handleMessage: (socket: VenueSocket, message: unknown) => void;
  calculateWsBackoffDelay: (url: string) => number;
  watch: (url: string, hash: string, ...rest: unknown[]) => Promise<unknown>;
  watchMultiple: (url: string, hashes: readonly string[], ...rest: unknown[]) => Promise<unknown>;
  fetchRestOrderBookSafe: (symbol: string, limit?: number, params?: CallParameters) => Promise<unknown>;
  orderBook: (snapshot?: object, depth?: number) => unknown;
  indexedOrderBook: (snapshot?: object, depth?: number) => unknown;
  countedOrderBook: (snapshot?: object, depth?: number) => unknown;
  requestId?: (url?: string) => unknown;
  close(): Promise<unknown>;
}

/** A method of the venue's class by its name, bound to it; absent where the class has none. */
export function methodOf(client: VenueClient, name: string): Watch | undefined {
  const method = (client as unknown as Record<string, unknown>)[name];
  return typeof method === 'function' ? (method.bind(client) as Watch) : undefined;
}
