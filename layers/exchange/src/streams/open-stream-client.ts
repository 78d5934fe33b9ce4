/**
 * A venue's streaming class as Nightdesk uses it: dialled where it was configured, its sockets watched, and every update told
 * the moment ccxt has applied it. ccxt's own way is to wait for updates in a loop, which costs the more the more symbols there are.
 */
import type { Market } from '@nightdesk/core';
import { cleanMessage } from '../clean-message.ts';
import { type ClientOptions, constructClient } from '../construct-client.ts';
import { secretValues, splitCredentials } from '../credentials.ts';
import type { ClientContext } from '../observed-client.ts';
import { createProxyAgent } from '../proxy-agent.ts';
import { ProxyRotation } from '../proxy-rotation.ts';
import type { VenueTraits } from '../traits/index.ts';
import { monotonicMs } from './monotonic-ms.ts';
import { dialled } from './socket-address.ts';
import type { StreamVenueClient, VenueSocket } from './stream-client.ts';

/** What befalls the sockets of a client. Told synchronously; must not throw. */
export interface SocketListener {
  /** ccxt has made a socket for this address of the venue, and dials it now. */
  created?(socket: VenueSocket): void;
  opened(socket: VenueSocket): void;
  /** Once for each socket, whether it ever was open or not. @param reason for people, without secrets */
  closed(socket: VenueSocket, reason: string): void;
  /** Before ccxt reads a message. False keeps it from ccxt. */
  message?(socket: VenueSocket, message: unknown): boolean;
  /** ccxt has applied an update. */
  resolved(socket: VenueSocket, result: unknown, hash: string): void;
  /** ccxt has found something wrong, or the venue has refused something. */
  rejected(socket: VenueSocket, error: unknown, hash: string): void;
  /** A message broke what read it. */
  unreadable(socket: VenueSocket, error: unknown): void;
}

export interface StreamClientOptions extends Omit<ClientOptions, 'kind'> {
  /** Whose definitions the client gets: it never loads any itself. */
  markets: readonly Market[];
  timing?: Partial<StreamTiming> | undefined;
  /** Never goes back, unlike `clock`; milliseconds. @default the machine's */
  monotonicMs?: () => number;
}

export interface StreamTiming {
  /** Between two pings of the protocol, which every socket answers. @default 3,000 */
  pingEveryMs: number;
  /** A socket over which nothing has come for so long, answers to pings included, is dead. @default 30,000 */
  silentMsMax: number;
}

const timingStandard: StreamTiming = { pingEveryMs: 3_000, silentMsMax: 30_000 };

export interface StreamClient {
  readonly client: StreamVenueClient;
  readonly context: ClientContext;
  /** The message that is being read; absent between messages, and so while an answer over HTTP is. */
  readonly message: unknown;
  /** When anything last came over the socket that was heard least lately; UTC epoch milliseconds. Absent until one was open. */
  readonly heardMs: number | undefined;
  /** There is a socket, and each is open. */
  readonly isOpen: boolean;
  /** When the message that is being read came in; UTC epoch milliseconds. */
  readonly receivedMs: number;
  /** Ends a socket at once; `closed` is told before this returns. */
  end(socket: VenueSocket, reason: string): void;
  /** Ends all of them for good. */
  close(): Promise<void>;
}

/**
 * @throws ConfigurationError when the venue streams nothing, or cannot be reached as configured.
 * @throws SecretUnavailableError when the credentials lack a field that the venue asks for.
 */
export async function openStreamClient(
  options: StreamClientOptions,
  traits: VenueTraits,
  listener: SocketListener,
): Promise<StreamClient> {
  const { client, context } = await constructClient({ ...options, kind: 'pro' }, traits);
  const sockets = new Sockets(client as StreamVenueClient, listener, {
    ...timingStandard,
    ...options.timing,
    nowMs: () => options.clock.nowMs(),
    monotonicMs: options.monotonicMs ?? monotonicMs,
    secrets: secretValues(options.credentials),
  });
  const agents = await proxyAgents(options);
  sockets.hook({ addressOf: dialled(sockets.client, options), agentOf: agents });
  sockets.client.setMarkets(options.markets.map(({ definition }): unknown => JSON.parse(definition)));
  void sockets.watch((delayMs) => options.clock.sleep(delayMs));
  return Object.assign(sockets, { context });
}

type AgentOf = () => unknown;

/** Streams go through the proxies that requests go through, one after the other. */
async function proxyAgents({ exchangeConfig, credentials, clock }: StreamClientOptions): Promise<AgentOf> {
  const { proxies = [] } = exchangeConfig;
  if (proxies.length === 0) return () => undefined;
  const rotation = new ProxyRotation(proxies, clock);
  const { proxy } = splitCredentials(credentials);
  const made = proxies.map(
    async (address) => [address, await createProxyAgent(address, { idleMsMax: 0, credentials: proxy })] as const,
  );
  const agents = new Map(await Promise.all(made));
  return () => agents.get(rotation.order()[0] ?? '');
}

interface WatchOptions extends StreamTiming {
  nowMs(): number;
  monotonicMs(): number;
  /** Must not be in any reason. */
  secrets: readonly string[];
}

interface Watched {
  /** ccxt keeps what it knows of a key at sockets that it never dials: of those there is nothing to hear. */
  isDialled: boolean;
  heardMs: number | undefined;
  /** When it was dialled, or last heard: silence is counted from there. */
  sinceMs: number;
  isOpen: boolean;
  isClosed: boolean;
}

const unheard = { isDialled: false, isOpen: false, isClosed: false, heardMs: undefined };

class Sockets {
  readonly client: StreamVenueClient;
  readonly #listener: SocketListener;
  readonly #timing: WatchOptions;
  readonly #sockets = new Map<VenueSocket, Watched>();
  #isClosed = false;
  message: unknown;
  receivedMs = 0;

  constructor(client: StreamVenueClient, listener: SocketListener, timing: WatchOptions) {
    this.client = client;
    this.#listener = listener;
    this.#timing = timing;
  }

  get heardMs(): number | undefined {
    let leastMs: number | undefined;
    for (const { heardMs, isDialled } of this.#sockets.values()) {
      if (!isDialled) continue;
      if (heardMs === undefined) return undefined;
      leastMs = Math.min(leastMs ?? heardMs, heardMs);
    }
    return leastMs;
  }

  get isOpen(): boolean {
    const dialled = [...this.#sockets.values()].filter(({ isDialled }) => isDialled);
    return dialled.length > 0 && dialled.every(({ isOpen }) => isOpen);
  }

  hook({ addressOf, agentOf }: { addressOf: (url: string) => string; agentOf: AgentOf }): void {
    const { client } = this;
    const [make, read] = [client.client.bind(client), client.handleMessage.bind(client)];
    // How long to wait before dialling again is decided here; ccxt would wait once more.
    client.calculateWsBackoffDelay = () => 0;
    client.handleMessage = (socket, message) => this.#read(socket, message, read);
    client.client = (url) => {
      const socket = make(url);
      if (!this.#sockets.has(socket)) {
        const agent = agentOf();
        if (agent !== undefined) socket.options = { ...socket.options, agent };
        this.#adopt(socket, addressOf(url));
      }
      return socket;
    };
  }

  #read(socket: VenueSocket, message: unknown, read: (socket: VenueSocket, message: unknown) => void): void {
    const watched = this.#sockets.get(socket);
    if (watched === undefined || watched.isClosed) return;
    const nowMs = this.#timing.nowMs();
    watched.heardMs = nowMs;
    watched.sinceMs = this.#timing.monotonicMs();
    this.receivedMs = nowMs;
    this.message = message;
    try {
      if (this.#listener.message?.(socket, message) !== false) read(socket, message);
    } catch (error) {
      this.#listener.unreadable(socket, error);
    } finally {
      this.message = undefined;
    }
  }

  #adopt(socket: VenueSocket, address: string): void {
    const watched: Watched = { ...unheard, sinceMs: this.#timing.monotonicMs() };
    this.#sockets.set(socket, watched);
    const own = socket.url;
    const heard = (): void => {
      watched.heardMs = this.#timing.nowMs();
      watched.sinceMs = this.#timing.monotonicMs();
    };
    const { createConnection, onOpen, onPong, onError, onClose } = socket;
    socket.createConnection = () => {
      // One that was ended before it was dialled is not dialled any more.
      if (watched.isClosed) return;
      watched.isDialled = true;
      watched.sinceMs = this.#timing.monotonicMs();
      socket.url = address;
      createConnection.call(socket);
      socket.url = own;
    };
    socket.onOpen = () => {
      watched.isOpen = true;
      heard();
      onOpen.call(socket);
      this.#listener.opened(socket);
    };
    socket.onPong = () => {
      heard();
      onPong.call(socket);
    };
    socket.onError = (error) => {
      onError.call(socket, error);
      this.#closed(socket, error instanceof Error ? error.message : String((error as { message?: unknown })?.message));
    };
    socket.onClose = (event) => {
      onClose.call(socket, event);
      this.#closed(socket, `the venue closed it with code ${String(event.code)}`);
    };
    this.#passOn(socket);
    this.#listener.created?.(socket);
  }

  /** ccxt keeps what nobody waits for; here everything is told, and nothing kept. */
  #passOn(socket: VenueSocket): void {
    const { futures } = socket;
    socket.resolve = (result, hash) => {
      if (hash === undefined) return result;
      const future = futures[hash];
      if (future !== undefined) {
        delete futures[hash];
        future.resolve(result);
      }
      this.#listener.resolved(socket, result, hash);
      return result;
    };
    socket.reject = (error, hash) => {
      for (const waiting of hash === undefined ? Object.keys(futures) : [hash]) {
        const future = futures[waiting];
        delete futures[waiting];
        future?.reject(error);
      }
      // Of all at once it is the socket that is gone, which is told as that.
      if (hash !== undefined) this.#listener.rejected(socket, error, hash);
      return error;
    };
  }

  #closed(socket: VenueSocket, reason: string): void {
    const watched = this.#sockets.get(socket);
    if (watched === undefined || watched.isClosed) return;
    watched.isClosed = true;
    watched.isOpen = false;
    this.#sockets.delete(socket);
    if (this.client.clients[socket.url] === socket) delete this.client.clients[socket.url];
    // An error leaves the transport as it was, which would go on delivering beside its successor.
    socket.connection?.terminate();
    this.#listener.closed(socket, cleanMessage(reason, this.#timing.secrets));
  }

  end(socket: VenueSocket, reason: string): void {
    socket.onError(new Error(reason));
  }

  /** Pings every socket again and again, and ends those that answer nothing. */
  async watch(sleep: (delayMs: number) => Promise<void>): Promise<void> {
    const { pingEveryMs, silentMsMax, monotonicMs: nowMs } = this.#timing;
    while (!this.#isClosed) {
      await sleep(pingEveryMs);
      for (const [socket, watched] of [...this.#sockets].filter(([, { isDialled }]) => isDialled)) {
        const silentMs = Math.floor(nowMs() - watched.sinceMs);
        if (silentMs >= silentMsMax) this.end(socket, `nothing came for ${silentMs} ms`);
        else if (watched.isOpen) ping(socket);
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const socket of [...this.#sockets.keys()]) this.end(socket, 'closed here');
    await Promise.resolve();
  }
}

/** A socket that closes just now takes no ping, and says so by itself. */
function ping(socket: VenueSocket): void {
  try {
    socket.connection?.ping();
  } catch {
    return;
  }
}
