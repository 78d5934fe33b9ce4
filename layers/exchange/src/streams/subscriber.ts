/** Asks a venue for what is wanted: in packs that it takes, no faster than it takes them, and not while a socket is being dialled. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Backoff, type Clock, type Market } from '@nightdesk/core';
import type { BookRule, StreamTraits } from '../traits/stream-traits.ts';
import type { BookTracker } from './book-tracker.ts';
import { hookClient } from './hook-client.ts';
import type { StreamClient } from './open-stream-client.ts';
import type { StreamVenueClient, VenueSocket } from './stream-client.ts';
import type { Asking, Line, Subscription } from './subscription.ts';
import { watch } from './watch-plan.ts';

export interface SubscriberOptions {
  clock: Clock;
  /** Never goes back, unlike `clock`; milliseconds. */
  monotonicMs(): number;
  random(): number;
  streamTraits: StreamTraits;
  subscriptions: ReadonlyMap<string, Subscription>;
  hooks: SubscriberHooks;
}

export interface SubscriberHooks {
  lineOf(socket: VenueSocket): Line;
  /** Messages of this name are this subscription's. */
  route(subscription: Subscription, hash: string): void;
  refused(subscription: Subscription, error: unknown): void;
  isWanted(subscription: Subscription): boolean;
  tick(): void;
}

interface Group {
  readonly backoff: Backoff;
  /** Nothing is asked for earlier. */
  retryMs: number;
  readonly dialling: Set<VenueSocket>;
}

const tickMs = 1_000;
/** Data of a market that is not streamed any more is kept so long: updates may still be under way, and ccxt fails without it. */
const forgetMs = 10_000;
/** More than any book is asked for with. */
const levelsMin = 2_000;
/** Books that are cut by whoever tracks them: those that ccxt cuts would lack levels that are thought to be known. */
const keepsAll: ReadonlySet<BookRule> = new Set(['chained', 'summed']);

/** What is being asked for by the code that runs, however deep inside ccxt it is. */
const askingNow = new AsyncLocalStorage<Asking>();

/** By which the venue's answer names the message. */
function requestIdOf(request: unknown): string | undefined {
  const { id, req_id } = (request ?? {}) as { id?: unknown; req_id?: unknown };
  const told = id ?? req_id;
  return told === undefined ? undefined : String(told);
}

export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #groups = new Map<string, Group>();
  readonly #known = new Map<string, unknown>();
  readonly #leaving: Subscription[] = [];
  readonly #forgotten = new Map<string, number>();
  #stream: StreamClient | undefined;
  #wake: (() => void) | undefined;
  #isClosed = false;
  #isWoken = false;
  #requests = 0;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  close(): void {
    this.#isClosed = true;
    this.wake();
  }

  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** The client learns of these markets: it holds no more than it streams. */
  know(markets: readonly Market[]): void {
    const unknown = markets.filter(({ symbol }) => !this.#known.has(symbol));
    for (const { symbol, definition } of unknown) this.#known.set(symbol, JSON.parse(definition));
    if (unknown.length > 0) this.#stream?.client.setMarkets([...this.#known.values()]);
  }

  /** Ends it at the venue. */
  leave(subscription: Subscription): void {
    this.#leaving.push(subscription);
    this.wake();
  }

  opened(socket: VenueSocket): void {
    const nowMs = this.#options.monotonicMs();
    for (const { backoff, dialling } of this.#groups.values()) if (dialling.delete(socket)) backoff.opened(nowMs);
    this.wake();
  }

  /** @param lost what it had, or was dialled for */
  closed(socket: VenueSocket, lost: readonly Subscription[]): void {
    const nowMs = this.#options.monotonicMs();
    for (const { dialling } of this.#groups.values()) dialling.delete(socket);
    for (const name of new Set(lost.map(({ group }) => group))) {
      const group = this.#groupOf(name);
      group.retryMs = nowMs + group.backoff.failed(nowMs);
    }
    for (const { market, wanted } of lost) {
      if (wanted.kind === 'books') delete this.#stream?.client.orderbooks[market.symbol];
    }
    this.wake();
  }

  async run(stream: StreamClient): Promise<void> {
    this.#stream = stream;
    const { clock, monotonicMs, streamTraits, hooks } = this.#options;
    hookClient(stream.client, {
      ...{ clock, levelsMin: keepsAll.has(streamTraits.books.rule) ? levelsMin : 0 },
      asked: (socket, hashes, request) => this.#asked(socket, hashes, request),
      isChained: streamTraits.books.rule === 'chained',
      trackersOf: (symbol) => this.#trackersOf(symbol),
    });
    let tickedMs = monotonicMs();
    while (!this.#isClosed) {
      const isBusy = this.#unsubscribe() || this.#subscribe();
      if (isBusy) await clock.sleep(1_000 / streamTraits.messagesPerSecondMax);
      else await this.#rest();
      if (monotonicMs() - tickedMs < tickMs) continue;
      tickedMs = monotonicMs();
      this.#forget(stream.client, tickedMs);
      hooks.tick();
    }
  }

  /** Until something is to be done, or may have become due. */
  async #rest(): Promise<void> {
    if (!this.#isWoken) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([woken, this.#options.clock.sleep(tickMs)]);
    }
    this.#wake = undefined;
    this.#isWoken = false;
  }

  /** ccxt has found out over which socket, and by which names, what is being asked for comes. */
  #asked(socket: VenueSocket, hashes: readonly string[], request: unknown): void {
    const asking = askingNow.getStore();
    if (asking !== undefined) asking.id = requestIdOf(request) ?? asking.id;
    const subscriptions = asking?.subscriptions.filter((each) => each.asking === asking) ?? [];
    const { hooks } = this.#options;
    const line = hooks.lineOf(socket);
    subscriptions.forEach((subscription, place) => {
      if (!hooks.isWanted(subscription)) return;
      subscription.line = line;
      subscription.isHeld = true;
      if (socket.connection === undefined || !socket.isOpen()) this.#groupOf(subscription.group).dialling.add(socket);
      const own = hashes.length === subscriptions.length ? hashes.slice(place, place + 1) : hashes;
      for (const hash of own) hooks.route(subscription, hash);
    });
  }

  #trackersOf(symbol: string): BookTracker[] {
    const found: BookTracker[] = [];
    for (const { tracker, market } of this.#options.subscriptions.values()) {
      if (tracker !== undefined && market.symbol === symbol) found.push(tracker);
    }
    return found;
  }

  #groupOf(name: string): Group {
    const group = this.#groups.get(name) ?? {
      ...{ backoff: new Backoff(this.#options.random), retryMs: 0, dialling: new Set<VenueSocket>() },
    };
    this.#groups.set(name, group);
    return group;
  }

  /** @returns whether a message was sent */
  #subscribe(): boolean {
    const pack = this.#nextPack();
    const [first] = pack;
    const stream = this.#stream;
    if (stream === undefined || first?.plan === undefined) return false;
    const asking: Asking = { subscriptions: pack };
    const nowMs = this.#options.monotonicMs();
    if (this.#options.streamTraits.books.resync === 'again') this.#end(pack.filter(({ isHeld }) => isHeld));
    for (const subscription of pack) {
      const { line, hashes, wanted, market } = subscription;
      for (const hash of hashes) if (line !== undefined) delete line.socket.subscriptions[hash];
      if (this.#options.streamTraits.books.resync === 'anew' && wanted.kind === 'books') {
        delete stream.client.orderbooks[market.symbol];
      }
      Object.assign(subscription, { asking, state: 'asked', askedMs: nowMs });
    }
    const { kind, timeframe } = first.wanted;
    const symbols = pack.map(({ market }) => market.symbol);
    const streams = { kind, symbols, timeframe, levels: first.levels };
    const plan = first.plan;
    askingNow
      .run(asking, () => watch(stream.client, plan, streams))
      .catch((error: unknown) => this.#failed(asking, error));
    return true;
  }

  /** What failed before it was known where it goes was refused by ccxt itself; the rest is told by the socket. */
  #failed(asking: Asking, error: unknown): void {
    for (const subscription of asking.subscriptions) {
      if (subscription.asking === asking && subscription.line === undefined) {
        this.#options.hooks.refused(subscription, error);
      }
    }
  }

  #nextPack(): Subscription[] {
    const { monotonicMs, subscriptions, streamTraits } = this.#options;
    const { symbolsPerMessageMax, books } = streamTraits;
    const nowMs = monotonicMs();
    let awaited = 0;
    const due: Subscription[] = [];
    for (const subscription of subscriptions.values()) {
      if (subscription.tracker !== undefined && subscription.state === 'asked') awaited += 1;
      if (this.#isDue(subscription, nowMs)) due.push(subscription);
    }
    const isFull = books.beginsByRequest && awaited >= 2 * symbolsPerMessageMax;
    const first = due.find(({ tracker }) => tracker === undefined || !isFull);
    if (first === undefined) return [];
    const isLike = ({ group, wanted, levels, isAlone }: Subscription): boolean =>
      group === first.group &&
      wanted.kind === first.wanted.kind &&
      levels === first.levels &&
      first.plan?.takesMany === true &&
      !first.isAlone &&
      !isAlone;
    return [first, ...due.filter((each) => each !== first && isLike(each))].slice(0, symbolsPerMessageMax);
  }

  #isDue({ state, plan, dueMs, group: name }: Subscription, nowMs: number): boolean {
    if (state !== 'due' || plan === undefined || dueMs > nowMs) return false;
    const group = this.#groups.get(name);
    return group === undefined || (group.retryMs <= nowMs && group.dialling.size === 0);
  }

  /** @returns whether a message was sent */
  #unsubscribe(): boolean {
    const [first] = this.#leaving;
    if (first === undefined) return false;
    const { symbolsPerMessageMax } = this.#options.streamTraits;
    const pack = this.#leaving
      .filter(({ wanted, line }) => wanted.kind === first.wanted.kind && line === first.line)
      .slice(0, symbolsPerMessageMax);
    for (const each of pack) this.#leaving.splice(this.#leaving.indexOf(each), 1);
    for (const { line, hashes } of pack) for (const hash of hashes) delete line?.socket.subscriptions[hash];
    this.#end(pack);
    const nowMs = this.#options.monotonicMs();
    for (const { market } of pack) this.#forgotten.set(market.symbol, nowMs + forgetMs);
    return true;
  }

  /** In the venue's words, since what ccxt does beside would be at odds with what is kept here. All are of one kind and socket. */
  #end(pack: readonly Subscription[]): void {
    const { unsubscribe } = this.#options.streamTraits;
    const socket = pack[0]?.line?.socket;
    if (unsubscribe === undefined || socket === undefined || socket.connection === undefined) return;
    const { timeframes } = this.#stream?.client ?? {};
    const topics = pack.flatMap((subscription) => {
      const { market, wanted, levels } = subscription;
      const { kind, timeframe = '' } = wanted;
      const interval = kind === 'candles' ? String(timeframes?.[timeframe] ?? timeframe) : undefined;
      const topic = unsubscribe.topic({
        ...{ kind, market },
        ...(levels !== undefined && { levels }),
        ...(interval !== undefined && { interval }),
      });
      return topic ?? [];
    });
    this.#requests += 1;
    // A socket that takes nothing more is about to close, and what it had is asked for at the next one.
    if (topics.length > 0)
      socket
        .send(unsubscribe.request(topics, 1_000_000 + this.#requests, pack[0]?.wanted.kind ?? 'books'))
        .catch(() => undefined);
  }

  #forget({ orderbooks, trades, tickers, ohlcvs, options }: StreamVenueClient, nowMs: number): void {
    // By each set of markets that was ever asked for together.
    for (const name of this.#options.streamTraits.optionsThatGrow) if (options[name] !== undefined) options[name] = {};
    if (this.#forgotten.size === 0) return;
    const streamed = new Set([...this.#options.subscriptions.values()].map(({ market }) => market.symbol));
    for (const [symbol, atMs] of this.#forgotten) {
      if (atMs > nowMs) continue;
      this.#forgotten.delete(symbol);
      if (streamed.has(symbol)) continue;
      for (const kept of [orderbooks, trades, tickers, ohlcvs]) delete kept[symbol];
    }
  }
}
