/** Private topics: an account's orders, executions, positions and wallet, as they change. */
import type { EngineEvent } from '../engine/types.ts';
import type { BybitVenue } from './context.ts';
import { executionView, orderView } from './order-view.ts';
import { streamedPosition } from './position-view.ts';
import type { Publish } from './public-streams.ts';
import { walletView } from './wallet.ts';

const topics = ['order', 'execution', 'position', 'wallet'] as const;
type Topic = (typeof topics)[number];

export class PrivateStreams {
  readonly #venue: BybitVenue;
  readonly #listeners = new Map<string, Set<(topic: Topic, data: unknown) => void>>();
  #nextId = 1;

  constructor(venue: BybitVenue) {
    this.#venue = venue;
  }

  /** The topic behind a name such as `order` or `order.linear`; `undefined` when there is none. */
  topicOf(name: string): Topic | undefined {
    return topics.find((topic) => name === topic || name === `${topic}.linear` || name === `${topic}.spot`);
  }

  /** Publishes an account's topics under the names they were subscribed by; returns the function that ends it. */
  listen(accountId: string, names: ReadonlySet<string>, publish: Publish): () => void {
    const listeners = this.#listeners.get(accountId) ?? new Set();
    this.#listeners.set(accountId, listeners);
    const listener = (topic: Topic, data: unknown) => {
      for (const name of names) {
        if (this.topicOf(name) !== topic) continue;
        const id = `${accountId}_${this.#nextId++}`;
        publish({ id, topic: name, creationTime: Math.floor(this.#venue.nowMs()), data: [data] });
      }
    };
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  onEvent(event: EngineEvent): void {
    if (this.#listeners.size === 0) return;
    if (event.type === 'order') this.#onOrder(event);
    else if (event.type === 'position') this.#onPosition(event);
    else if (event.type === 'balances') {
      const coins = event.entries.map(({ asset }) => asset);
      this.#send(event.accountId, 'wallet', () => walletView(this.#venue, event.accountId, coins));
    }
  }

  #onOrder({ order, fill }: Extract<EngineEvent, { type: 'order' }>): void {
    // A hidden fill is not reported: whoever wants to know must ask again once it shows.
    if (fill?.hiddenUntilMs !== undefined) return;
    const spec = this.#venue.catalog.byInstrument(order.instrumentId);
    const { category } = spec;
    if (fill !== undefined) {
      this.#send(order.accountId, 'execution', () => ({ category, ...executionView(order, fill, spec) }));
    }
    const feeCurrency = order.side === 'buy' && category === 'spot' ? spec.base : spec.quote;
    this.#send(order.accountId, 'order', () => ({ category, ...orderView(order, spec), feeCurrency }));
  }

  #onPosition({ position }: Extract<EngineEvent, { type: 'position' }>): void {
    const spec = this.#venue.catalog.byInstrument(position.instrumentId);
    this.#send(position.accountId, 'position', () => streamedPosition(this.#venue, position, spec));
  }

  #send(accountId: string, topic: Topic, view: () => unknown): void {
    const listeners = this.#listeners.get(accountId);
    if (listeners === undefined || listeners.size === 0) return;
    const data = view();
    for (const listener of listeners) listener(topic, data);
  }
}
