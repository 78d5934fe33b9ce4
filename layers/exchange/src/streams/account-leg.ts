/** The streams of one of an account's wallets, kept up: what is lost is connected again, later and later while it does not hold. */
import type { AccountStreamListener, LiveOrder, Market, StreamIncident } from '@nightdesk/core';
import { Backoff } from '@nightdesk/core';
import { marketOf } from '../account-markets.ts';
import { UnparsableAnswerError } from '../fields.ts';
import type { VenueTraits } from '../traits/index.ts';
import type { VenueSession } from '../venue-session.ts';
import { AccountAttempt, type AttemptOptions, type AttemptReceiver, type Ending } from './account-attempt.ts';
import { LookUps } from './account-look-ups.ts';
import { AccountNews, newIn } from './account-news.ts';
import type { AccountStreamTraits, AccountWatch } from './account-reading.ts';

/** Before a key is tried again that was refused. */
const refusedMainMs = 60_000;
/** The same where the account can do without: many keys may not trade from every wallet. */
const refusedAsideMs = 15 * 60_000;

export interface LegInput {
  /** Its name, for people. */
  wallet: string;
  options: AttemptOptions;
  traits: VenueTraits;
  streamTraits: AccountStreamTraits | undefined;
  watches: readonly AccountWatch[];
  symbols: readonly string[];
  listener: AccountStreamListener;
  /** The key must be good for it. */
  isMain: boolean;
  /** From 0 to 1. */
  random(): number;
}

export class AccountLeg {
  readonly #input: LegInput;
  readonly #news: AccountNews;
  readonly #lookUps: LookUps;
  readonly #reading: { traits: AccountStreamTraits; read: ReturnType<AccountStreamTraits['openReader']> } | undefined;
  readonly #closing = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  /** As the venue's object of now knows them. */
  readonly #markets = new Map<string, Market>();
  #session: VenueSession | undefined;
  #attempt: AccountAttempt | undefined;
  #heardMs: number | undefined;
  #isClosed = false;
  /** What kept it from being connected the last time, so that it is told once. */
  #reason: string | undefined;

  constructor(input: LegInput) {
    this.#input = input;
    const { listener, traits, streamTraits, options } = input;
    const shared = {
      marketOf: (symbol: string) => this.#marketOf(symbol),
      nowMs: () => options.clock.nowMs(),
    };
    this.#news = new AccountNews({
      ...shared,
      listener,
      isCostExact: (market) => streamTraits?.isCostExact(market) ?? false,
    });
    this.#lookUps = new LookUps({
      ...{ ...shared, traits },
      tell: (news: LiveOrder) => listener.order(news),
      broke: (error) => this.#tell('unreadable', error instanceof Error ? error.name : 'an error of ours'),
    });
    this.#reading = streamTraits && { traits: streamTraits, read: streamTraits.openReader() };
    this.#running = this.#run();
  }

  get heardMs(): number | undefined {
    return this.#attempt?.heardMs ?? this.#heardMs;
  }

  get isOpen(): boolean {
    return this.#attempt?.isOpen === true;
  }

  /** An account may do without it. */
  get isOptional(): boolean {
    return !this.#input.isMain && this.#reason !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.resolve();
    this.#attempt?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { options, traits, watches, symbols, random } = this.#input;
    const backoff = new Backoff(random);
    while (!this.#isClosed) {
      const attempt = new AccountAttempt({
        ...{ options, traits, watches, symbols },
        ...{ reading: this.#reading, receiver: this.#receiver() },
      });
      this.#attempt = attempt;
      const ending = await attempt.run();
      this.#heardMs = attempt.heardMs ?? this.#heardMs;
      if (this.#isClosed) break;
      if (attempt.readyMs !== undefined) backoff.opened(attempt.readyMs);
      const waitMs = backoff.failed(options.clock.nowMs());
      this.#tellEnding(ending, attempt.readyMs !== undefined);
      const refusedMs = this.#input.isMain ? refusedMainMs : refusedAsideMs;
      const pauseMs = ending.kind === 'refused' ? refusedMs * (0.5 + random() / 2) : waitMs;
      await Promise.race([options.clock.sleep(pauseMs), this.#closing.promise]);
    }
  }

  #tellEnding({ kind, reason }: Ending, wasReady: boolean): void {
    const isKnown = !wasReady && this.#reason === reason;
    this.#reason = reason;
    if (!isKnown) this.#tell(kind === 'refused' ? 'refused' : 'disconnected', reason);
  }

  #receiver(): AttemptReceiver {
    return {
      opened: (session) => {
        this.#session = session;
        this.#markets.clear();
      },
      ready: () => {
        this.#reason = undefined;
        this.#tell('connected', `the wallet ${this.#input.wallet} is streamed`);
      },
      take: (reading, receivedMs) => this.#news.take(reading, receivedMs),
      resolved: (kind, result, receivedMs) => {
        if (kind === 'balances') this.#news.takeBalances(result, receivedMs);
        else if (kind === 'positions') this.#news.takePositions(newIn(result), receivedMs);
        else this.#lookUp(newIn(result), kind === 'orders' ? 'id' : 'order');
      },
      flush: (receivedMs) => this.#news.flush(receivedMs),
      incident: (incident, reason, kind) => this.#tell(incident, reason, kind),
    };
  }

  /** What ccxt has read of orders by itself is not taken for what they are. */
  #lookUp(entries: readonly unknown[], idField: 'id' | 'order'): void {
    if (this.#session === undefined || this.#reading !== undefined) return;
    for (const entry of entries) {
      try {
        this.#lookUps.want(entry, idField, this.#session);
      } catch (error) {
        if (!(error instanceof UnparsableAnswerError)) throw error;
        this.#tell('unreadable', error.message, 'orders');
      }
    }
  }

  #marketOf(symbol: string): Market {
    const { options, traits } = this.#input;
    if (this.#session === undefined) throw new UnparsableAnswerError('order', 'symbol', 'a market not known yet');
    const known = this.#markets.get(symbol);
    if (known !== undefined) return known;
    const market = marketOf({ venue: options.venue, session: this.#session, traits }, symbol);
    this.#markets.set(symbol, market);
    return market;
  }

  #tell(incident: StreamIncident['incident'], reason: string, kind?: StreamIncident['kind']): void {
    const { listener, options } = this.#input;
    listener.incident({ incident, ...(kind && { kind }), atMs: options.clock.nowMs(), reason });
  }
}
