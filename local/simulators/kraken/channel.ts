/** What a channel of WebSocket v2 is made of. */
import type { VenueClock } from '../clock.ts';
import type { EngineEvent } from '../engine/types.ts';
import type { PairSpec } from './catalog.ts';
import type { KrakenVenue } from './context.ts';
import type { SubscribeParams } from './socket-request.ts';

export interface ChannelContext {
  readonly venue: KrakenVenue;
  readonly clock: VenueClock;
  /** Tells of everything that happens at the venue; the returned function ends it. */
  listen(listener: (event: EngineEvent) => void): () => void;
}

export type Publish = (type: 'snapshot' | 'update', data: unknown) => void;

/** What a subscription starts. */
export interface Subscription {
  /** Fields of the acknowledgment, beside channel and symbol. */
  readonly acknowledged: Readonly<Record<string, unknown>>;
  /** Sends a snapshot where one was asked for, then updates; the returned function ends them. */
  start(publish: Publish): () => void;
}

/** A channel of one pair. @throws KrakenError when the request's options do not fit. */
export type PairChannel = (context: ChannelContext, spec: PairSpec, params: SubscribeParams) => Subscription;

/** A channel of one account. */
export type AccountChannel = (context: ChannelContext, accountId: string, params: SubscribeParams) => Subscription;
