/** One connection to a venue's markets: what is wanted of it, who is told what comes, and what is done when something breaks. */
import {
  backoffMs,
  type Clock,
  healthyAfterMs,
  type Market,
  type MarketConnection,
  type MarketStreamListener,
  type MarketSubscription,
  type StreamIncidentKind,
} from '@nightdesk/core';
import { cleanMessage } from '../clean-message.ts';
import type { VenueTraits } from '../traits/index.ts';
import type { StreamTraits } from '../traits/stream-traits.ts';
import { findSilence } from './find-silence.ts';
import type { SocketListener, StreamClient } from './open-stream-client.ts';
import { Poller } from './poller.ts';
import { isOf, Routes } from './routes.ts';
import type { VenueSocket } from './stream-client.ts';
import { Subscriber } from './subscriber.ts';
import { keyOf, type Line, Subscription } from './subscription.ts';
import { planWatch } from './watch-plan.ts';

export interface MarketConnectionOptions {
  /** What venues are known for. */
  traits: VenueTraits;
  streamTraits: StreamTraits;
  markets: ReadonlyMap<string, Market>;
  clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  listener: MarketStreamListener;
  /** Constructs the client, whose sockets tell this listener. */
  openClient(listener: SocketListener): Promise<StreamClient>;
}

/** Where nothing of use has come for so long and asking again does not help, the socket is opened anew; milliseconds. */
const uselessMsMax = 30_000;
const failuresBeforeReconnect = 3;
/** Something that the venue has refused is asked for again after so long; milliseconds. */
const refusedMs = 300_000;

export class StreamedMarkets implements MarketConnection, SocketListener {
  readonly #options: MarketConnectionOptions;
  readonly #listener: MarketStreamListener;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #routes = new Routes();
  readonly #lines = new Map<VenueSocket, Line>();
  readonly #subscriber: Subscriber;
  readonly #poller: Poller;
  #stream: StreamClient | undefined;
  #opening: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: MarketConnectionOptions) {
    const { clock, random, streamTraits, listener } = options;
    this.#options = options;
    this.#listener = listener;
    const hooks = {
      lineOf: (socket: VenueSocket) => this.#lineOf(socket),
      route: (subscription: Subscription, hash: string) => this.#routes.add(subscription, hash),
      refused: (subscription: Subscription, error: unknown) => this.#refuse(subscription, error),
      isWanted: (subscription: Subscription) => this.#isWanted(subscription),
      tick: () => this.#tick(),
    };
    this.#subscriber = new Subscriber({ clock, random, streamTraits, subscriptions: this.#subscriptions, hooks });
    this.#poller = new Poller({
      ...{ clock, subscriptions: this.#subscriptions, isClosed: () => this.#isClosed },
      tell: (subscription, result) => this.#receive(subscription, result),
      failed: (subscription, error) => this.#unreadable(subscription, error),
    });
  }

  get heardMs(): number | undefined {
    return this.#stream?.heardMs;
  }

  get isOpen(): boolean {
    return this.#stream?.isOpen ?? false;
  }

  want(wanted: readonly MarketSubscription[]): void {
    if (this.#isClosed) return;
    if (this.#stream !== undefined) this.#diff(this.#stream, wanted);
    else {
      this.#opening ??= this.#open();
      void this.#opening.then(() => this.want(wanted));
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#subscriber.close();
    await this.#opening;
    await this.#stream?.close();
  }

  async #open(): Promise<void> {
    try {
      const stream = await this.#options.openClient(this);
      if (this.#isClosed) return await stream.close();
      this.#stream = stream;
      void this.#subscriber.run(stream);
    } catch (error) {
      this.#isClosed = true;
      this.#incident('refused', error instanceof Error ? error.message : String(error));
    }
  }

  #diff(stream: StreamClient, wanted: readonly MarketSubscription[]): void {
    const { markets, traits, streamTraits, clock } = this.#options;
    const kept = new Map(wanted.map((each) => [keyOf(each), each]));
    for (const [key, subscription] of this.#subscriptions) if (!kept.has(key)) this.#leave(key, subscription);
    const added: Subscription[] = [];
    for (const [key, each] of kept) {
      if (this.#subscriptions.has(key)) continue;
      const market = markets.get(each.symbol);
      if (market === undefined) {
        this.#incident('refused', `there is no market ${each.symbol} at this venue`, each);
        continue;
      }
      const plan = planWatch(stream.client, streamTraits, { kind: each.kind, market: market.kind });
      const subscription = new Subscription({
        ...{ wanted: each, market, plan, traits, streamTraits, nowMs: clock.nowMs() },
      });
      this.#subscriptions.set(key, subscription);
      added.push(subscription);
      if (plan === undefined) this.#incident('polled', 'the venue does not stream it', each);
    }
    this.#subscriber.know(added.map(({ market }) => market));
    this.#poller.wake(stream);
    this.#subscriber.wake();
  }

  #leave(key: string, subscription: Subscription): void {
    this.#subscriptions.delete(key);
    const isShared = this.#routes.remove(subscription);
    if (subscription.line !== undefined && !isShared) this.#subscriber.leave(subscription);
  }

  #isWanted(subscription: Subscription): boolean {
    return this.#subscriptions.get(keyOf(subscription.wanted)) === subscription;
  }

  #lineOf(socket: VenueSocket): Line {
    const line = this.#lines.get(socket) ?? { socket, toldMs: this.#options.clock.nowMs() };
    this.#lines.set(socket, line);
    return line;
  }

  opened(socket: VenueSocket): void {
    if (this.#isClosed) return;
    this.#incident('connected', `to ${new URL(socket.url).host}`);
    this.#subscriber.opened(socket);
  }

  closed(socket: VenueSocket, reason: string): void {
    this.#lines.delete(socket);
    if (this.#isClosed) return;
    this.#incident('disconnected', reason);
    const lost = [...this.#subscriptions.values()].filter((each) => each.line?.socket === socket);
    this.#subscriber.closed(socket, lost);
    for (const subscription of lost) {
      this.#lost(subscription);
      subscription.disconnected();
      subscription.silence.mended(this.#options.clock.nowMs());
    }
  }

  resolved(socket: VenueSocket, result: unknown, hash: string): void {
    const routed = this.#routes.of(hash);
    for (const subscription of routed) {
      if (subscription.line?.socket !== socket) continue;
      if (routed.length > 1 && !isOf(result, subscription)) continue;
      this.#receive(subscription, result);
    }
  }

  rejected(socket: VenueSocket, error: unknown, hash: string): void {
    const routed = this.#routes.of(hash).filter((each) => each.line?.socket === socket);
    if (routed.length === 0) this.#incident('refused', messageOf(error));
    const { name } = (error ?? {}) as { name?: unknown };
    for (const subscription of routed) {
      const { tracker } = subscription;
      if (tracker === undefined) this.#refuse(subscription, error);
      // ccxt's words for a book that does not go on from the one before.
      else if (name !== 'ChecksumError' && name !== 'InvalidNonce')
        this.#lose(subscription, 'refused', messageOf(error));
      else this.#lose(subscription, 'gap', tracker.expectation(this.#stream?.message));
    }
  }

  unreadable(_socket: VenueSocket, error: unknown): void {
    this.#incident('unreadable', messageOf(error));
  }

  #receive(subscription: Subscription, result: unknown): void {
    const { message, receivedMs: messageMs = 0 } = this.#stream ?? {};
    const receivedMs = message === undefined ? this.#options.clock.nowMs() : messageMs;
    subscription.silence.heard(receivedMs);
    if (subscription.line !== undefined) subscription.line.toldMs = receivedMs;
    if (subscription.tracker === undefined) {
      try {
        subscription.tell(result, receivedMs, this.#listener);
      } catch (error) {
        this.#unreadable(subscription, error);
      }
      return;
    }
    const fault = subscription.checkBook(result, message);
    if (fault === undefined) {
      if (subscription.goodSinceMs === undefined) this.#found(subscription, receivedMs);
      this.#listener.book(subscription.bookOf(result, receivedMs, message));
    } else if (fault !== 'skipped') this.#lose(subscription, fault.incident, fault.reason);
  }

  #found(subscription: Subscription, nowMs: number): void {
    subscription.goodSinceMs = nowMs;
    subscription.state = 'running';
    if (subscription.isMending) this.#incident('resynced', 'it is the venue’s again', subscription.wanted);
    subscription.isMending = false;
    this.#subscriber.wake();
  }

  /** A book is of no use any more. */
  #lost(subscription: Subscription): void {
    if (subscription.goodSinceMs === undefined) return;
    const goodMs = this.#options.clock.nowMs() - subscription.goodSinceMs;
    if (goodMs >= healthyAfterMs) subscription.failures = 0;
    subscription.goodSinceMs = undefined;
    this.#listener.bookLost(subscription.market.symbol);
  }

  #lose(subscription: Subscription, incident: StreamIncidentKind, reason: string): void {
    if (subscription.state === 'due') return;
    const { clock, random, streamTraits } = this.#options;
    this.#lost(subscription);
    this.#incident(incident, reason, subscription.wanted);
    subscription.isMending = true;
    subscription.failures += 1;
    if (incident === 'thin') subscription.timesThin += 1;
    subscription.tracker?.await();
    subscription.state = 'due';
    // What went well for a while is fetched anew at once.
    const again = subscription.failures - 1;
    subscription.dueMs = clock.nowMs() + (again === 0 ? 0 : backoffMs(again, random()));
    const { line } = subscription;
    const isUseless =
      line !== undefined &&
      subscription.failures >= failuresBeforeReconnect &&
      clock.nowMs() - line.toldMs > uselessMsMax;
    if (line !== undefined && (streamTraits.books.resync === 'reconnect' || isUseless)) {
      this.#stream?.end(line.socket, reason);
    }
    this.#subscriber.wake();
  }

  #refuse(subscription: Subscription, error: unknown): void {
    this.#lost(subscription);
    this.#incident('refused', messageOf(error), subscription.wanted);
    subscription.state = 'due';
    subscription.asking = undefined;
    subscription.dueMs = this.#options.clock.nowMs() + (subscription.isAlone ? refusedMs : 0);
    // It may have been another one that the venue did not take.
    subscription.isAlone = true;
  }

  #unreadable(subscription: Subscription, error: unknown): void {
    this.#incident('unreadable', messageOf(error), subscription.wanted);
  }

  /** Once a second or so. */
  #tick(): void {
    const nowMs = this.#options.clock.nowMs();
    const { beginsByRequest } = this.#options.streamTraits.books;
    for (const subscription of this.#subscriptions.values()) {
      const reason = findSilence(subscription, { nowMs, beginsByRequest });
      if (reason === undefined) continue;
      subscription.silence.mended(nowMs);
      if (subscription.tracker !== undefined) this.#lose(subscription, 'silent', reason);
      else {
        this.#incident('silent', reason, subscription.wanted);
        subscription.state = 'due';
      }
    }
  }

  #incident(incident: StreamIncidentKind, reason: string, of?: MarketSubscription): void {
    if (this.#isClosed && incident !== 'refused') return;
    this.#listener.incident({
      incident,
      ...(of !== undefined && { kind: of.kind, symbol: of.symbol }),
      atMs: this.#options.clock.nowMs(),
      reason: cleanMessage(reason),
    });
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : (JSON.stringify(error) ?? 'unknown');
