/** Runs calls on a venue: with a deadline for sending, the clock set right once if the venue asks for it, errors read. */
import type { Clock, Market } from '@nightdesk/core';
import type { ClientContext } from './observed-client.ts';
import { readFailure, type VenueFailure } from './outcome.ts';
import { currentCall, VenueCall } from './venue-call.ts';
import { offers, type VenueClient } from './venue-client.ts';

/**
 * Every request of a call leaves within this time of its start, waiting for its turn included. The settling time counts
 * on it for orders: without a bound, one could reach the venue after it was given up. Questions may wait longer.
 */
export const sendWithinMs = { order: 2_000, question: 10_000 } as const;

export type CallResult = { kind: 'answered'; value: unknown } | { kind: 'failed'; failure: VenueFailure };

export class VenueSession {
  readonly client: VenueClient;
  readonly #context: ClientContext;
  readonly #clock: Clock;
  readonly #secrets: readonly string[];
  /** Definitions the client holds, by symbol. */
  readonly #definitions = new Map<string, string>();

  constructor(client: VenueClient, context: ClientContext, secrets: readonly string[]) {
    this.client = client;
    this.#context = context;
    this.#clock = context.clock;
    this.#secrets = secrets;
  }

  /** Makes sure the client knows this market and, so that it never loads them all, at least one. */
  use(market: Market): void {
    if (this.#definitions.get(market.symbol) === market.definition) return;
    this.#definitions.set(market.symbol, market.definition);
    this.client.setMarkets([...this.#definitions.values()].map((definition): unknown => JSON.parse(definition)));
  }

  /**
   * Runs one call. A venue that refuses it because of the clock has not processed it; then the venue's time is fetched
   * and the call is made once more, still within the time for sending.
   */
  async call(kind: keyof typeof sendWithinMs, action: () => Promise<unknown>): Promise<CallResult> {
    const sendBeforeMs = this.#clock.nowMs() + sendWithinMs[kind];
    const call = () => new VenueCall(sendBeforeMs, kind === 'order');
    const result = await this.#attempt(action, call());
    if (result.kind === 'answered' || !isClockRefusal(result.failure)) return result;
    const adjusted = await this.#setClock(sendBeforeMs);
    return adjusted ? this.#attempt(action, call()) : result;
  }

  async #attempt(action: () => Promise<unknown>, call: VenueCall): Promise<CallResult> {
    try {
      return { kind: 'answered', value: await currentCall.run(call, action) };
    } catch (error) {
      return { kind: 'failed', failure: readFailure(error, call, this.#secrets) };
    }
  }

  /** Assumes that the answer took as long as the request. False when the venue does not tell its time. */
  async #setClock(sendBeforeMs: number): Promise<boolean> {
    if (!offers(this.client, 'fetchTime')) return false;
    const startMs = this.#clock.nowMs();
    const result = await this.#attempt(() => this.client.fetchTime(), new VenueCall(sendBeforeMs));
    const venueMs = result.kind === 'answered' ? Number(result.value) : Number.NaN;
    if (!Number.isSafeInteger(venueMs) || venueMs <= 0) return false;
    this.#context.aheadMs = Math.round((startMs + this.#clock.nowMs()) / 2) - venueMs;
    return true;
  }
}

const isClockRefusal = (failure: VenueFailure): boolean =>
  failure.className === 'InvalidNonce' && failure.meaning === 'rejected';
