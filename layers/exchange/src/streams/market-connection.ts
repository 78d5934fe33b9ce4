/** One connection to a venue's markets: what is wanted of it, who is told what comes, and what is done when something breaks. */
import {
  backoffMs,
  type Clock,
  type Market,
  type MarketConnection,
  type MarketStreamListener,
  type MarketSubscription,
} from '@nightdesk/core';
import type { VenueTraits } from '../traits/index.ts';
import type { StreamTraits, SubscribeAnswer } from '../traits/stream-traits.ts';
import { findSilence } from './find-silence.ts';
import { changesNoBook } from './hook-client.ts';
import type { SocketListener, StreamClient } from './open-stream-client.ts';
import { Poller } from './poller.ts';
import { messageOf, Recovery } from './recovery.ts';
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
  /** Never goes back, unlike `clock`; milliseconds. */
  monotonicMs(): number;
  /** From 0 up to 1. */
  random(): number;
  listener: MarketStreamListener;
  /** Constructs the client, whose sockets tell this listener. */
  openClient(listener: SocketListener): Promise<StreamClient>;
}

export class StreamedMarkets implements MarketConnection, SocketListener {
  readonly #options: MarketConnectionOptions;
  readonly #recovery: Recovery;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #routes: Routes;
  readonly #lines = new Map<VenueSocket, Line>();
  readonly #subscriber: Subscriber;
  readonly #poller: Poller;
  #stream: StreamClient | undefined;
  #opening: Promise<void> | undefined;
  /** When a question was answered last. */
  #polledMs: number | undefined;
  #isClosed = false;

  constructor(options: MarketConnectionOptions) {
    const { clock, monotonicMs, random, streamTraits, listener } = options;
    this.#options = options;
    this.#routes = new Routes(streamTraits.answerOf !== undefined);
    const endSocket = (socket: VenueSocket, reason: string) => this.#stream?.end(socket, reason);
    this.#recovery = new Recovery({ clock, monotonicMs, random, streamTraits, listener, endSocket });
    const hooks = {
      lineOf: (socket: VenueSocket) => this.#lineOf(socket),
      route: (subscription: Subscription, hash: string) => this.#routes.add(subscription, hash),
      refused: (subscription: Subscription, error: unknown) => this.#recovery.refuse(subscription, error),
      isWanted: (subscription: Subscription) => this.#isWanted(subscription),
      tick: () => this.#tick(),
    };
    this.#subscriber = new Subscriber({
      ...{ clock, monotonicMs, random, streamTraits, subscriptions: this.#subscriptions, hooks },
    });
    this.#poller = new Poller({
      ...{ clock, monotonicMs, subscriptions: this.#subscriptions, isClosed: () => this.#isClosed },
      tell: (subscription, result) => {
        this.#polledMs = clock.nowMs();
        this.#receive(subscription, result);
      },
      failed: (subscription, error) => this.#recovery.lose(subscription, 'refused', messageOf(error)),
    });
  }

  get heardMs(): number | undefined {
    return this.#stream?.heardMs ?? (this.#isPolledOnly() ? this.#polledMs : undefined);
  }

  get isOpen(): boolean {
    return this.#stream?.isOpen === true || (this.#isPolledOnly() && this.#polledMs !== undefined);
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
    await this.#stream?.close();
  }

  async #open(): Promise<void> {
    const { clock, random, openClient } = this.#options;
    for (let failures = 1; !this.#isClosed; failures++) {
      try {
        const stream = await openClient(this);
        if (this.#isClosed) return await stream.close();
        this.#stream = stream;
        void this.#subscriber.run(stream);
        return;
      } catch (error) {
        this.#recovery.incident('refused', messageOf(error));
        await clock.sleep(backoffMs(failures, random()));
      }
    }
  }

  /** Then there is no socket to be heard. */
  #isPolledOnly(): boolean {
    for (const { plan } of this.#subscriptions.values()) if (plan !== undefined) return false;
    return true;
  }

  #diff(stream: StreamClient, wanted: readonly MarketSubscription[]): void {
    const { markets, traits, streamTraits, monotonicMs } = this.#options;
    const kept = new Map(wanted.map((each) => [keyOf(each), each]));
    for (const [key, subscription] of this.#subscriptions) if (!kept.has(key)) this.#leave(key, subscription);
    const added: Subscription[] = [];
    for (const [key, each] of kept) {
      if (this.#subscriptions.has(key)) continue;
      const market = markets.get(each.symbol);
      if (market === undefined) {
        this.#recovery.incident('refused', `there is no market ${each.symbol} at this venue`, each);
        continue;
      }
      const plan = planWatch(stream.client, streamTraits, { kind: each.kind, market: market.kind });
      const subscription = new Subscription({
        ...{ wanted: each, market, plan, traits, streamTraits, nowMs: monotonicMs() },
      });
      this.#subscriptions.set(key, subscription);
      added.push(subscription);
      if (plan === undefined) this.#recovery.incident('polled', 'the venue does not stream it', each);
    }
    this.#subscriber.know(added.map(({ market }) => market));
    this.#poller.wake(stream);
    this.#subscriber.wake();
  }

  #leave(key: string, subscription: Subscription): void {
    this.#subscriptions.delete(key);
    // Nobody keeps it up from here on; what takes its place, such as the same book with more levels, is still to come.
    this.#recovery.lost(subscription);
    const isShared = this.#routes.remove(subscription);
    if (subscription.line !== undefined && !isShared) this.#subscriber.leave(subscription);
  }

  #isWanted(subscription: Subscription): boolean {
    return this.#subscriptions.get(keyOf(subscription.wanted)) === subscription;
  }

  #lineOf(socket: VenueSocket): Line {
    const line = this.#lines.get(socket) ?? { socket, toldMs: this.#options.monotonicMs() };
    this.#lines.set(socket, line);
    return line;
  }

  opened(socket: VenueSocket): void {
    if (this.#isClosed) return;
    this.#recovery.incident('connected', `to ${new URL(socket.url).host}`);
    this.#subscriber.opened(socket);
  }

  closed(socket: VenueSocket, reason: string): void {
    this.#lines.delete(socket);
    if (this.#isClosed) return;
    this.#recovery.incident('disconnected', reason);
    const lost = [...this.#subscriptions.values()].filter((each) => each.line?.socket === socket);
    this.#subscriber.closed(socket, lost);
    for (const subscription of lost) {
      this.#recovery.lost(subscription);
      subscription.disconnected();
      subscription.silence.mended(this.#options.monotonicMs());
    }
  }

  message(socket: VenueSocket, message: unknown): boolean {
    const answer = this.#options.streamTraits.answerOf?.(message);
    if (answer !== undefined && this.#isSettled(socket, answer)) return false;
    if (this.#options.streamTraits.books.rule !== 'summed' || this.#stream === undefined) return true;
    return !changesNoBook(this.#stream.client, message);
  }

  /** @returns whether that was all there is to it; else ccxt has to read it as well */
  #isSettled(socket: VenueSocket, { id, symbol, refusal }: SubscribeAnswer): boolean {
    let isRefused = false;
    for (const subscription of this.#subscriptions.values()) {
      const { asking, line, market } = subscription;
      if (asking?.id !== id || line?.socket !== socket || (symbol !== undefined && symbol !== market.symbol)) continue;
      if (refusal === undefined) subscription.taken();
      else if (!this.#isClosed) this.#recovery.refuse(subscription, new Error(refusal));
      isRefused ||= refusal !== undefined;
    }
    if (isRefused) this.#subscriber.wake();
    return isRefused;
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
    if (this.#isClosed) return;
    const routed = this.#routes.of(hash).filter((each) => each.line?.socket === socket);
    if (routed.length === 0) this.#recovery.incident('refused', messageOf(error));
    for (const subscription of routed) this.#recovery.rejected(subscription, error, this.#stream?.message);
    this.#subscriber.wake();
  }

  unreadable(_socket: VenueSocket, error: unknown): void {
    if (!this.#isClosed) this.#recovery.incident('unreadable', messageOf(error));
  }

  #receive(subscription: Subscription, result: unknown): void {
    const { message, receivedMs: messageMs = 0 } = this.#stream ?? {};
    const receivedMs = message === undefined ? this.#options.clock.nowMs() : messageMs;
    const { tracker, line, wanted } = subscription;
    const nowMs = this.#options.monotonicMs();
    subscription.silence.heard(nowMs);
    if (tracker === undefined) {
      subscription.hasTold = true;
      subscription.taken();
      try {
        subscription.tell(result, receivedMs, this.#options.listener);
      } catch (error) {
        this.#recovery.incident('unreadable', messageOf(error), wanted);
      }
    } else {
      const fault = subscription.checkBook(result, message);
      if (fault === 'skipped') return;
      if (fault !== undefined) {
        this.#recovery.lose(subscription, fault.incident, fault.reason);
        this.#subscriber.wake();
        return;
      }
      if (subscription.goodSinceMs === undefined) this.#recovery.found(subscription, nowMs);
      this.#options.listener.book(subscription.bookOf(result, receivedMs, message));
    }
    if (line !== undefined) line.toldMs = nowMs;
  }

  /** Once a second or so. */
  #tick(): void {
    const nowMs = this.#options.monotonicMs();
    const { beginsByRequest } = this.#options.streamTraits.books;
    for (const subscription of this.#subscriptions.values()) {
      const reason = findSilence(subscription, { nowMs, beginsByRequest });
      if (reason === undefined) continue;
      subscription.silence.mended(nowMs);
      this.#recovery.lose(subscription, 'silent', reason);
    }
    this.#subscriber.wake();
  }
}
