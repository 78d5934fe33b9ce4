/** Hands what accounts' streams tell of orders to the queue. */
import type { Clock, Fill, OrderNews, OrderNewsQueue, StreamKind } from '@nightdesk/core';
import type { PublishObserver } from './publisher.ts';

/** So many are sent in one go. */
const sendMax = 50;
/** After so many, the oldest are given up: whoever polls finds what they would have told. */
const waitingMax = 2_000;
/** What the queue has not taken for so long is given up: by then every order has been asked about. */
const waitingMsMax = 60_000;
const retryPauseMs = 100;
const retryPauseMsMax = 5_000;

export interface NewsSenderOptions {
  news: OrderNewsQueue;
  clock: Clock;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
  observer: PublishObserver;
}

interface Waiting {
  news: OrderNews;
  /** Since when, by the clock that never goes back. */
  sinceMs: number;
}

/**
 * Oldest first, one sending at a time. An open order of which something newer is told before it was sent is sent once, with what is newest and
 * the executions of both; how an order ended is never replaced.
 */
export class NewsSender {
  readonly #options: NewsSenderOptions;
  /** By order; an order that has ended has an entry of its own for each further word about it. */
  readonly #waiting = new Map<string, Waiting>();
  #sending: Promise<void> | undefined;
  #failures = 0;
  #isEnded = false;
  #count = 0;

  constructor(options: NewsSenderOptions) {
    this.#options = options;
  }

  add(news: OrderNews): void {
    if (this.#isEnded) return;
    const { clock, monotonicMs } = this.#options;
    const key = `${news.account} ${news.symbol} ${news.order.venueOrderId}`;
    const before = this.#waiting.get(key);
    const sinceMs = monotonicMs() - Math.max(0, clock.nowMs() - news.receivedMs);
    if (before === undefined) this.#waiting.set(key, { news, sinceMs });
    else if (before.news.order.status === 'open')
      this.#waiting.set(key, { news: merged(before.news, news), sinceMs: before.sinceMs });
    else {
      this.#count += 1;
      this.#waiting.set(`${key} ${this.#count}`, { news, sinceMs });
    }
    this.#dropBeyond();
    this.#sending ??= this.#sendAll();
  }

  /** Resolves once nothing waits any more, or what waits could not be sent. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  /** Takes nothing more, and tries what it has no more once a sending fails. */
  end(): void {
    this.#isEnded = true;
  }

  async #sendAll(): Promise<void> {
    const { clock } = this.#options;
    // What came in the same frames goes together.
    await clock.sleep(0);
    while (this.#waiting.size > 0) {
      this.#dropLate();
      const isSent =
        this.#failures === 0 ? await this.#send([...this.#waiting].slice(0, sendMax)) : await this.#sendSingly();
      if (isSent) {
        this.#failures = 0;
        continue;
      }
      this.#failures += 1;
      if (this.#isEnded) break;
      await clock.sleep(Math.min(retryPauseMs * 2 ** (this.#failures - 1), retryPauseMsMax));
    }
    this.#sending = undefined;
  }

  /** After a failure: what the queue refuses is to hold up nothing but its own market. @returns whether the queue took anything */
  async #sendSingly(): Promise<boolean> {
    const refused = new Set<string>();
    let isSent = false;
    for (const entry of [...this.#waiting].slice(0, sendMax)) {
      const { account, symbol } = entry[1].news;
      const market = `${account} ${symbol}`;
      if (refused.has(market)) continue;
      if (await this.#send([entry])) isSent = true;
      else refused.add(market);
      // Where nothing goes through, it is the queue.
      if (!isSent && refused.size > 1) break;
    }
    return isSent;
  }

  async #send(entries: readonly [string, Waiting][]): Promise<boolean> {
    const { news, monotonicMs, observer } = this.#options;
    try {
      await news.send(entries.map(([, waiting]) => waiting.news));
    } catch (error) {
      observer.failed(`news of ${entries.length} orders could not be sent`, error);
      return false;
    }
    // Something newer may have been told meanwhile, which waits in its place.
    for (const [key, waiting] of entries) if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    const nowMs = monotonicMs();
    const kind: StreamKind = 'orders';
    const venues = Map.groupBy(entries, ([, waiting]) => waiting.news.venue);
    for (const [venue, sent] of venues) {
      observer.published(
        venue,
        kind,
        sent.map(([, { sinceMs }]) => Math.max(0, nowMs - sinceMs)),
      );
    }
    return true;
  }

  #dropBeyond(): void {
    if (this.#waiting.size <= waitingMax) return;
    const [[key] = ['']] = this.#waiting;
    this.#drop([key], 'too much waits');
  }

  #dropLate(): void {
    const nowMs = this.#options.monotonicMs();
    const late = [...this.#waiting].filter(([, { sinceMs }]) => nowMs - sinceMs > waitingMsMax).map(([key]) => key);
    if (late.length > 0) this.#drop(late, 'it has waited for too long');
  }

  #drop(keys: readonly string[], reason: string): void {
    for (const key of keys) this.#waiting.delete(key);
    this.#options.observer.failed(`news of ${keys.length} orders are left to polling: ${reason}`, undefined);
  }
}

/** What is newest, with the executions of both. */
function merged(before: OrderNews, news: OrderNews): OrderNews {
  const known = new Set(news.order.fills.map(({ tradeId }) => tradeId));
  const earlier: Fill[] = before.order.fills.filter(({ tradeId }) => !known.has(tradeId));
  return { ...news, order: { ...news.order, fills: [...earlier, ...news.order.fills] } };
}
