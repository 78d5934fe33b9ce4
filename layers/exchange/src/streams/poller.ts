/** Asks again and again for what a venue does not stream: one question at a time, in turn. */
import type { Clock, MarketStreamKind } from '@nightdesk/core';
import { currentCall, VenueCall } from '../venue-call.ts';
import { toFloats } from './float-books.ts';
import type { StreamClient } from './open-stream-client.ts';
import { methodOf } from './stream-client.ts';
import type { Subscription } from './subscription.ts';
import { pollMethods } from './watch-plan.ts';

export interface PollerOptions {
  clock: Clock;
  /** Never goes back, unlike `clock`; milliseconds. */
  monotonicMs(): number;
  subscriptions: ReadonlyMap<string, Subscription>;
  isClosed(): boolean;
  tell(subscription: Subscription, result: unknown): void;
  failed(subscription: Subscription, error: unknown): void;
}

/** Between two questions for the same thing, at the least; milliseconds. Questions of others come in between. */
const everyMs: Readonly<Record<MarketStreamKind, number>> = {
  books: 2_000,
  trades: 5_000,
  tickers: 5_000,
  candles: 15_000,
  funding: 60_000,
  liquidations: 60_000,
};
const idleMs = 250;
/** After a question that failed, the same is not asked again for so long; milliseconds. */
const failedMs = 15_000;
const answerWithinMs = 10_000;

export class Poller {
  readonly #options: PollerOptions;
  #isRunning = false;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Begins where there is anything to ask for, and ends by itself where there is nothing left. */
  wake(stream: StreamClient): void {
    if (this.#isRunning || this.#polled().length === 0) return;
    this.#isRunning = true;
    void this.#run(stream).finally(() => {
      this.#isRunning = false;
    });
  }

  #polled(): Subscription[] {
    return [...this.#options.subscriptions.values()].filter(({ plan }) => plan === undefined);
  }

  async #run(stream: StreamClient): Promise<void> {
    const { clock, monotonicMs, isClosed } = this.#options;
    while (!isClosed()) {
      const polled = this.#polled();
      if (polled.length === 0) return;
      const next = polled.reduce((first, each) => (each.dueMs < first.dueMs ? each : first));
      if (next.dueMs <= monotonicMs()) await this.#ask(stream, next);
      await clock.sleep(idleMs);
    }
  }

  async #ask(stream: StreamClient, subscription: Subscription): Promise<void> {
    const { clock, monotonicMs, tell, failed, isClosed } = this.#options;
    const { market, wanted } = subscription;
    const name = pollMethods[wanted.kind];
    const method = name === undefined ? undefined : methodOf(stream.client, name);
    subscription.dueMs = monotonicMs() + everyMs[wanted.kind];
    if (method === undefined) return;
    const rest = wanted.kind === 'candles' ? [wanted.timeframe, undefined, 2] : [];
    try {
      const call = new VenueCall(clock.nowMs() + answerWithinMs);
      const answer = await currentCall.run(call, () => method(market.symbol, ...rest));
      subscription.asksAgain();
      if (!isClosed()) tell(subscription, wanted.kind === 'books' ? toFloats(answer) : answer);
    } catch (error) {
      subscription.dueMs = monotonicMs() + failedMs;
      if (!isClosed()) failed(subscription, error);
    }
  }
}
