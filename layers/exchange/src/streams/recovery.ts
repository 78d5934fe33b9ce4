/** What becomes of a subscription when what came is wrong, or the venue did not take it, and when it is well again. */
import {
  backoffMs,
  type Clock,
  healthyAfterMs,
  type MarketStreamListener,
  type MarketSubscription,
  type StreamIncidentKind,
} from '@nightdesk/core';
import { cleanMessage } from '../clean-message.ts';
import type { StreamTraits } from '../traits/stream-traits.ts';
import { BeginningTooOldError } from './fetch-beginning.ts';
import type { VenueSocket } from './stream-client.ts';
import type { Subscription } from './subscription.ts';

export interface RecoveryOptions {
  clock: Pick<Clock, 'nowMs'>;
  /** Never goes back, unlike `clock`; milliseconds. */
  monotonicMs(): number;
  /** From 0 up to 1. */
  random(): number;
  streamTraits: StreamTraits;
  listener: MarketStreamListener;
  endSocket(socket: VenueSocket, reason: string): void;
}

/** Where nothing of use has come for so long and asking again does not help, the socket is opened anew; milliseconds. */
const uselessMsMax = 30_000;
const failuresBeforeReconnect = 3;
/** Something that the venue has refused is asked for again after so long; milliseconds. */
const refusedMs = 300_000;

/** ccxt's words for a book that does not go on from the one before. */
const gaps: ReadonlySet<unknown> = new Set(['ChecksumError', 'InvalidNonce']);
/** ccxt's words for what is no better when it is asked for again. */
const refusals: ReadonlySet<unknown> = new Set([
  ...['ArgumentsRequired', 'AuthenticationError', 'BadRequest', 'BadSymbol', 'ExchangeError', 'NotSupported'],
  'PermissionDenied',
]);

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : (JSON.stringify(error) ?? 'unknown');

export class Recovery {
  readonly #options: RecoveryOptions;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  incident(incident: StreamIncidentKind, reason: string, of?: MarketSubscription): void {
    this.#options.listener.incident({
      incident,
      ...(of !== undefined && { kind: of.kind, symbol: of.symbol }),
      atMs: this.#options.clock.nowMs(),
      reason: cleanMessage(reason),
    });
  }

  /** Its book is the venue's from now on. @param nowMs of the clock that never goes back */
  found(subscription: Subscription, nowMs: number): void {
    Object.assign(subscription, { goodSinceMs: nowMs, isAlone: false });
    if (subscription.plan !== undefined) subscription.state = 'running';
    if (subscription.isMending) this.incident('resynced', 'it is the venue’s again', subscription.wanted);
    subscription.isMending = false;
  }

  /** Its book, or its ticker, is of no use any more. */
  lost(subscription: Subscription): void {
    const { wanted, market, hasTold } = subscription;
    subscription.hasTold = false;
    if (hasTold && wanted.kind === 'tickers') this.#options.listener.tickerLost(market.symbol);
    if (subscription.goodSinceMs === undefined) return;
    const goodMs = this.#options.monotonicMs() - subscription.goodSinceMs;
    if (goodMs >= healthyAfterMs) subscription.failures = 0;
    subscription.goodSinceMs = undefined;
    this.#options.listener.bookLost(market.symbol);
  }

  /** Something is wrong with it: it is fetched anew, at once where it went well for a while. */
  lose(subscription: Subscription, incident: StreamIncidentKind, reason: string): void {
    const { monotonicMs, random, streamTraits, endSocket } = this.#options;
    const { plan, line } = subscription;
    // What is polled is asked for again anyway; of what is about to be, it was told already.
    if (plan !== undefined && subscription.state === 'due') return;
    this.lost(subscription);
    this.incident(incident, reason, subscription.wanted);
    subscription.isMending = true;
    if (plan === undefined) return;
    subscription.failures += 1;
    if (incident === 'thin') subscription.timesThin += 1;
    subscription.tracker?.await();
    subscription.state = 'due';
    const again = subscription.failures - 1;
    subscription.dueMs = monotonicMs() + (again === 0 ? 0 : backoffMs(again, random()));
    if (line === undefined) return;
    const isUseless = again + 1 >= failuresBeforeReconnect && monotonicMs() - line.toldMs > uselessMsMax;
    const isOnlyWay = subscription.tracker !== undefined && streamTraits.books.resync === 'reconnect';
    if (isOnlyWay || isUseless) endSocket(line.socket, reason);
  }

  /** ccxt or the venue has an objection. @param message that it was found in */
  rejected(subscription: Subscription, error: unknown, message: unknown): void {
    const { tracker } = subscription;
    const { name } = (error ?? {}) as { name?: unknown };
    if (tracker !== undefined && gaps.has(name)) {
      const isOwn = error instanceof BeginningTooOldError;
      this.lose(subscription, 'gap', isOwn ? error.message : tracker.expectation(message));
    } else if (tracker !== undefined && !refusals.has(name)) this.lose(subscription, 'refused', messageOf(error));
    else this.refuse(subscription, error);
  }

  /** It was not taken. It may have been another one of the same message: each is asked for by itself first. */
  refuse(subscription: Subscription, error: unknown): void {
    this.lost(subscription);
    this.incident('refused', messageOf(error), subscription.wanted);
    subscription.tracker?.await();
    const dueMs = this.#options.monotonicMs() + (subscription.isAlone ? refusedMs : 0);
    Object.assign(subscription, { state: 'due', asking: undefined, dueMs, isAlone: true, isMending: true });
  }
}
