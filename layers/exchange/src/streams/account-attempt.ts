/**
 * One connection to a wallet's streams, from its opening to its end. Whatever goes wrong ends it: the next one has an object of the
 * venue's class of its own, since what ccxt remembers of keys, tokens and subscriptions may be what went wrong.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { AccountStreamKind, StreamIncidentKind } from '@nightdesk/core';
import { cleanMessage } from '../clean-message.ts';
import type { ClientOptions } from '../construct-client.ts';
import { secretValues } from '../credentials.ts';
import type { MarketLists } from '../market-lists.ts';
import { readFailure, type VenueFailure } from '../outcome.ts';
import type { VenueTraits } from '../traits/index.ts';
import { VenueCall } from '../venue-call.ts';
import { VenueSession } from '../venue-session.ts';
import {
  type AccountReading,
  type AccountStreamTraits,
  type AccountWatch,
  isRaw,
  type ReadMessage,
} from './account-reading.ts';
import { invoke, keepSnapshotsOff, kindOf } from './account-watch.ts';
import { openStreamClient, type SocketListener, type StreamClient, type StreamTiming } from './open-stream-client.ts';
import type { VenueSocket } from './stream-client.ts';

/** A connection of which no subscription stands after so long is given up. */
const readyWithinMs = 20_000;
/** Between two watches of which the first ended without a message. */
const watchAgainMs = 1_000;
/** Markets that are watched one by one where a venue cannot watch all at once. */
const symbolsMax = 50;

/** Why a connection ended: `refused` is the venue's word on the key. */
export interface Ending {
  kind: 'lost' | 'refused' | 'closed';
  reason: string;
}

export interface AttemptOptions extends Omit<ClientOptions, 'kind'> {
  marketLists: MarketLists;
  timing?: Partial<StreamTiming> | undefined;
}

export interface AttemptInput {
  options: AttemptOptions;
  traits: VenueTraits;
  /** Absent where nobody has compared the venue's streams with its answers. */
  reading: { traits: AccountStreamTraits; read: ReadMessage } | undefined;
  watches: readonly AccountWatch[];
  symbols: readonly string[];
  receiver: AttemptReceiver;
}

export interface AttemptReceiver {
  /** The venue's object knows its markets. */
  opened(session: VenueSession): void;
  /** All subscriptions stand. */
  ready(): void;
  take(reading: AccountReading, receivedMs: number): void;
  /** ccxt's own reading of a message. */
  resolved(kind: AccountStreamKind, result: unknown, receivedMs: number): void;
  /** A message has been read whole. */
  flush(receivedMs: number): void;
  incident(incident: StreamIncidentKind, reason: string, kind?: AccountStreamKind): void;
}

type Spawned = (...given: unknown[]) => unknown;

const refusals: ReadonlySet<string> = new Set([
  ...['authentication_failed', 'permission_denied', 'account_not_enabled', 'account_suspended', 'restricted_location'],
]);

export class AccountAttempt implements SocketListener {
  readonly #input: AttemptInput;
  readonly #secrets: readonly string[];
  /** Which kind the running code watches, however deep inside ccxt it is. */
  readonly #watching = new AsyncLocalStorage<AccountStreamKind>();
  /** ccxt's names of messages, by who waits for them. */
  readonly #kinds = new Map<string, AccountStreamKind>();
  readonly #ended = Promise.withResolvers<Ending>();
  #ending: Ending | undefined;
  #stream: StreamClient | undefined;
  #messages = 0;
  /** By messages alone, for when there is no socket any more. */
  #heardMs: number | undefined;
  #acknowledged = 0;
  #readyMs: number | undefined;

  constructor(input: AttemptInput) {
    this.#input = input;
    this.#secrets = secretValues(input.options.credentials);
  }

  /** When all its subscriptions stood; UTC epoch milliseconds. */
  get readyMs(): number | undefined {
    return this.#readyMs;
  }

  get heardMs(): number | undefined {
    return this.#stream?.heardMs ?? this.#heardMs;
  }

  get isOpen(): boolean {
    return this.#readyMs !== undefined && this.#ending === undefined;
  }

  /** Runs until it is lost, refused or closed. */
  async run(): Promise<Ending> {
    try {
      await this.#open();
    } catch (error) {
      this.#fail(this.#failureOf(error));
    }
    const ending = await this.#ended.promise;
    await this.#stream?.close();
    return ending;
  }

  close(): void {
    this.#end({ kind: 'closed', reason: 'closed here' });
  }

  async #open(): Promise<void> {
    const { options, traits, watches, receiver } = this.#input;
    const stream = await openStreamClient({ ...options, markets: [] }, traits, this);
    this.#stream = stream;
    stream.context.marketLists = options.marketLists;
    const session = new VenueSession(stream.client, stream.context, this.#secrets);
    const failure = await session.useAll();
    if (this.#ending !== undefined) return;
    if (failure !== undefined) return this.#fail(failure);
    receiver.opened(session);
    this.#hook(stream, session);
    for (const watch of watches) void this.#watch(session, watch, undefined);
    void options.clock.sleep(readyWithinMs).then(() => {
      if (this.#readyMs === undefined) this.#lose(`no subscription stood after ${readyWithinMs} ms`);
    });
  }

  #hook(stream: StreamClient, session: VenueSession): void {
    const { client } = stream;
    const { clock } = this.#input.options;
    const [watch, watchMultiple, read] = [client.watch, client.watchMultiple, client.handleMessage];
    client.watch = (url, hash, ...rest) => {
      this.#note([hash]);
      return watch.call(client, url, hash, ...rest);
    };
    client.watchMultiple = (url, hashes, ...rest) => {
      this.#note(hashes);
      return watchMultiple.call(client, url, hashes, ...rest);
    };
    client.handleMessage = (socket, message) => {
      read.call(client, socket, message);
      this.#input.receiver.flush(clock.nowMs());
    };
    keepSnapshotsOff(client);
    // ccxt renews listen keys by timers, whose requests have a time to leave of their own.
    const spawn = (method: Spawned, ...given: unknown[]) =>
      session.call('question', async () => method.apply(client, given));
    const delay = (delayMs: number, method: Spawned, ...given: unknown[]) => {
      const renew = () => spawn(method, ...this.#withType(given));
      void clock.sleep(delayMs).then(() => (this.#ending === undefined ? renew() : undefined));
    };
    Object.assign(client, { spawn, delay });
  }

  /** Binance's class forgets of which wallet a listen key is, and would leave it to run out after an hour. */
  #withType(given: readonly unknown[]): readonly unknown[] {
    const [parameters, ...rest] = given;
    const { reading, watches } = this.#input;
    const type = watches[0]?.parameters.type;
    return reading === undefined || type === undefined || !isRaw(parameters)
      ? given
      : [{ type, ...parameters }, ...rest];
  }

  #note(hashes: readonly string[]): void {
    const kind = this.#watching.getStore();
    if (kind !== undefined) for (const hash of hashes) this.#kinds.set(hash, kind);
  }

  /** Waits again and again, since some classes tell only who waits; what comes is taken where it is told, in `resolved`. */
  async #watch(session: VenueSession, watch: AccountWatch, symbol: string | undefined): Promise<void> {
    const { clock } = this.#input.options;
    while (this.#ending === undefined) {
      const before = this.#messages;
      const result = await session.call('question', () =>
        this.#watching.run(kindOf[watch.method], () => invoke(session, watch, symbol)),
      );
      if (this.#ending !== undefined) return;
      if (result.kind === 'failed') return this.#watchFailed(session, watch, { symbol, failure: result.failure });
      if (this.#messages === before) await clock.sleep(watchAgainMs);
    }
  }

  #watchFailed(
    session: VenueSession,
    watch: AccountWatch,
    { symbol, failure }: { symbol: string | undefined; failure: VenueFailure },
  ): void {
    const { symbols, receiver } = this.#input;
    const { className, cause } = failure;
    const wantsSymbol = className === 'ArgumentsRequired' && symbol === undefined && watch.method !== 'watchBalance';
    if (wantsSymbol && symbols.length > 0) {
      for (const each of symbols.slice(0, symbolsMax)) void this.#watch(session, watch, each);
    } else if (className === 'ArgumentsRequired' || className === 'NotSupported' || className === 'BadSymbol') {
      receiver.incident('refused', cause.message, kindOf[watch.method]);
    } else this.#fail(failure);
  }

  /** ccxt makes promises that nobody waits for; that one of them is broken must not end the process. */
  created(socket: VenueSocket): void {
    const { futures } = socket;
    const reject = socket.reject.bind(socket);
    socket.reject = (error, hash) => {
      const broken = hash === undefined ? Object.values(futures) : [futures[hash]];
      for (const future of broken) void Promise.resolve(future).catch(() => undefined);
      return reject(error, hash);
    };
  }

  message(_socket: VenueSocket, message: unknown): boolean {
    const { reading, receiver, options } = this.#input;
    this.#messages += 1;
    this.#heardMs = options.clock.nowMs();
    if (reading === undefined || this.#stream === undefined || !isRaw(message)) return true;
    const ended = reading.traits.endOf?.(message);
    if (ended !== undefined) {
      this.#lose(`the venue has ended the stream: ${ended}`);
      return false;
    }
    if (reading.traits.isAcknowledgement(message)) {
      this.#acknowledged += 1;
      if (this.#acknowledged === this.#acknowledgementsMin()) this.#beReady();
    }
    const read = reading.read(message, this.#stream.client);
    if (read !== undefined) receiver.take(read, options.clock.nowMs());
    return read === undefined;
  }

  #acknowledgementsMin(): number {
    const { reading, watches } = this.#input;
    return reading?.traits.acknowledgementsOf(watches) ?? 0;
  }

  #beReady(): void {
    if (this.#readyMs !== undefined || this.#ending !== undefined) return;
    this.#readyMs = this.#input.options.clock.nowMs();
    this.#input.receiver.ready();
  }

  opened(): void {
    if (this.#acknowledgementsMin() === 0) this.#beReady();
  }

  closed(socket: VenueSocket, reason: string): void {
    // ccxt keeps what it knows of a key at sockets that it never dials.
    if (socket.connection !== undefined) this.#lose(reason);
  }

  resolved(_socket: VenueSocket, result: unknown, hash: string): void {
    const kind = this.#kinds.get(hash);
    if (kind === undefined) return;
    const { receiver, options } = this.#input;
    receiver.resolved(kind, result, options.clock.nowMs());
  }

  rejected(_socket: VenueSocket, error: unknown): void {
    const failure = this.#failureOf(error);
    // Who waits has the clock set right and asks once more.
    if (failure.cause.code !== 'clock_refused') this.#fail(failure);
  }

  unreadable(_socket: VenueSocket, error: unknown): void {
    this.#input.receiver.incident('unreadable', this.#failureOf(error).cause.message);
  }

  #failureOf(error: unknown): VenueFailure {
    const known = error instanceof Error ? error : new Error(JSON.stringify(error) ?? 'nothing said');
    const { wordings } = this.#input.traits;
    return readFailure(known, new VenueCall(0), { secrets: this.#secrets, wordings });
  }

  #fail({ className, cause: { code, message } }: VenueFailure): void {
    const isRefused = refusals.has(code) || className === 'SecretUnavailableError';
    this.#end({ kind: isRefused ? 'refused' : 'lost', reason: cleanMessage(message, this.#secrets) });
  }

  #lose(reason: string): void {
    this.#end({ kind: 'lost', reason });
  }

  /** The first word counts: what follows comes of it. */
  #end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#ended.resolve(ending);
  }
}
