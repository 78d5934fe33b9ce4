/** Runs calls on a venue: with a deadline for sending, the clock set right once if the venue asks for it, errors read. */
import type { Clock, Market } from '@nightdesk/core';
import { Fields, listOf } from './fields.ts';
import { type LoadedList, type MarketList, MarketLists } from './market-lists.ts';
import type { ClientContext } from './observed-client.ts';
import { type FailureReader, readFailure, type VenueFailure } from './outcome.ts';
import { currentCall, VenueCall } from './venue-call.ts';
import { offers, type VenueClient } from './venue-client.ts';

/**
 * Every request of a call leaves within this time of its start, waiting for its turn included. The settling time counts
 * on it for orders: without a bound, one could reach the venue after it was given up. Questions may wait longer. A probe may
 * not: whoever asks for a sign of life takes a long silence for the venue's, and it would be our own limit's.
 */
export const sendWithinMs = { order: 2_000, question: 10_000, probe: 1_000 } as const;

export type CallResult = { kind: 'answered'; value: unknown } | { kind: 'failed'; failure: VenueFailure };

export class VenueSession {
  readonly client: VenueClient;
  readonly #context: ClientContext;
  readonly #clock: Clock;
  readonly #reader: FailureReader;
  /** Definitions the client holds, by symbol. */
  readonly #definitions = new Map<string, string>();
  readonly #lists: MarketLists;
  /** What the client knows all markets by. */
  #list: MarketList | undefined;

  constructor(client: VenueClient, context: ClientContext, secrets: readonly string[]) {
    this.client = client;
    this.#lists = context.marketLists ?? new MarketLists();
    this.#context = context;
    this.#clock = context.clock;
    this.#reader = { secrets, wordings: context.wordings };
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** A moment of our clock by the venue's, as far as that is known. */
  venueTimeMs(ourMs: number): number {
    return ourMs - this.#context.aheadMs;
  }

  /** The client, knowing these markets; and at least that there may be others, so that it never loads them all by itself. */
  use(...markets: readonly Market[]): VenueClient {
    if (this.#list !== undefined) return this.#useBeside(markets);
    const unknown = markets.filter(({ symbol, definition }) => this.#definitions.get(symbol) !== definition);
    if (unknown.length === 0) return this.useAny();
    for (const { symbol, definition } of unknown) this.#definitions.set(symbol, definition);
    this.#hand([...this.#definitions.values()].map((definition): unknown => JSON.parse(definition)));
    return this.client;
  }

  /** The client, which knows a whole list; what is not on it was listed later. */
  #useBeside(markets: readonly Market[]): VenueClient {
    const known = this.client.markets ?? {};
    const later = markets.filter(({ symbol }) => !Object.hasOwn(known, symbol));
    if (later.length > 0) {
      this.#hand([...Object.values(known), ...later.map(({ definition }): unknown => JSON.parse(definition))]);
    }
    return this.client;
  }

  /** The client, for a question that names no market. */
  useAny(): VenueClient {
    if (this.client.markets === undefined) this.#hand([]);
    return this.client;
  }

  /**
   * Makes the client know every market of the venue, for answers that name any. Asked for once an hour, by whichever account of
   * the process comes first.
   *
   * @returns why it does not know them, if so.
   */
  async useAll(): Promise<VenueFailure | undefined> {
    const loaded = await this.#lists.get(this.client, this.nowMs(), () => this.#loadAll());
    if ('failure' in loaded) return this.#list === undefined ? loaded.failure : undefined;
    const { list } = loaded;
    if (list !== this.#list && list.client !== this.client) {
      this.client.setMarketsFromExchange(list.client);
      const { marketsByAltname } = list.client.options;
      if (marketsByAltname !== undefined) this.client.options.marketsByAltname = marketsByAltname;
    }
    this.#list = list;
    return undefined;
  }

  async #loadAll(): Promise<LoadedList> {
    const result = await this.call('question', () => this.client.fetchMarkets());
    if (result.kind === 'failed') return { failure: result.failure };
    const markets = listOf('markets', result.value);
    for (const market of markets) new Fields('market', market).text('symbol');
    this.#hand(markets);
    return { list: { client: this.client, loadedAtMs: this.nowMs() } };
  }

  #hand(markets: readonly unknown[]): void {
    this.client.setMarkets(markets);
    indexByAlternateName(this.client);
  }

  /**
   * Runs one call. A venue that refuses it because of the clock or its nonce has not processed it; then the venue's time is
   * fetched and the call is made once more, still within the time for sending.
   */
  async call(kind: keyof typeof sendWithinMs, action: () => Promise<unknown>): Promise<CallResult> {
    const sendBeforeMs = this.#clock.nowMs() + sendWithinMs[kind];
    const call = () => new VenueCall(sendBeforeMs, kind === 'order');
    const result = await this.#attempt(action, call());
    if (result.kind === 'answered' || !(await this.#isMended(result.failure, sendBeforeMs))) return result;
    return this.#attempt(action, call());
  }

  /** Whether the same call may succeed now. */
  async #isMended({ className, meaning, cause }: VenueFailure, sendBeforeMs: number): Promise<boolean> {
    if (meaning !== 'rejected') return false;
    // Where nonces must rise, it was too low for the one before. Setting the clock back would only make all others so too.
    if (className === 'InvalidNonce' && this.#context.risingNonces) return true;
    return cause.code === 'clock_refused' && this.#setClock(sendBeforeMs);
  }

  async #attempt(action: () => Promise<unknown>, call: VenueCall): Promise<CallResult> {
    try {
      return { kind: 'answered', value: await currentCall.run(call, action) };
    } catch (error) {
      return { kind: 'failed', failure: readFailure(error, call, this.#reader) };
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

/**
 * Kraken's orders name their pair by another name than its market has. ccxt looks those up in an index that it only makes
 * when it fetches the markets itself; without it, every order would be taken for one of another market and left out.
 */
function indexByAlternateName(client: VenueClient): void {
  if (client.options.marketsByAltname === undefined) return;
  const named = Object.values(client.markets ?? {}).flatMap((market) => {
    const name = new Fields('market', market).optionalText('altname');
    return name === undefined ? [] : [[name, market] as const];
  });
  client.options.marketsByAltname = Object.fromEntries(named);
}
