/** Counts what streams do, by venue and kind, for the status of a task. */
import {
  accountStreamKinds,
  marketStreamKinds,
  type StreamIncident,
  type StreamIncidentKind,
  type StreamKind,
} from '../ports/streams.ts';
import { LatencyHistogram } from './latency.ts';
import { RateMeter } from './sliding-minute.ts';
import type { StreamFigures } from './stream-status.ts';

/** Of one kind at one venue. */
class Counted {
  readonly venue: string;
  readonly kind: StreamKind;
  readonly updates: RateMeter;
  readonly lag = new LatencyHistogram();
  readonly publish = new LatencyHistogram();
  readonly incidents: Partial<Record<StreamIncidentKind, number>> = {};
  subscriptions = 0;
  written = 0;
  conflated = 0;

  constructor(of: { venue: string; kind: StreamKind }, nowMs: number) {
    this.venue = of.venue;
    this.kind = of.kind;
    this.updates = new RateMeter(nowMs);
  }

  figures(nowMs: number): StreamFigures {
    const { venue, kind, subscriptions, incidents, written, conflated } = this;
    const [lagMs, publishMs] = [this.lag.figures(nowMs), this.publish.figures(nowMs)];
    return {
      ...{ venue, kind, subscriptions, updatesPerSecond: this.updates.perSecond(nowMs) },
      ...(lagMs !== undefined && { lagMs }),
      ...(publishMs !== undefined && { publishMs }),
      ...{ incidents: { ...incidents }, written, conflated },
    };
  }
}

export interface StreamName {
  venue: string;
  kind: StreamKind;
}

const kindsInOrder: readonly StreamKind[] = [...marketStreamKinds, ...accountStreamKinds];

/**
 * Memory grows with venues, not with markets or updates. `nowMs` is a clock that never goes back, milliseconds; times of updates
 * are UTC epoch milliseconds.
 */
export class StreamCounters {
  readonly #byName = new Map<string, Counted>();

  /** Something came: how many at once, and when by the venue's clock and by this one. */
  updated(of: StreamName, { count = 1, exchangeTimeMs, receivedMs }: UpdateTimes, nowMs: number): void {
    const counted = this.#of(of, nowMs);
    counted.updates.add(count, nowMs);
    if (exchangeTimeMs !== undefined) counted.lag.record(receivedMs - exchangeTimeMs, nowMs);
  }

  /** Something that had come can be read by others now. @param tookMs since it was received */
  published(of: StreamName, tookMs: number, nowMs: number): void {
    const counted = this.#of(of, nowMs);
    counted.written += 1;
    counted.publish.record(tookMs, nowMs);
  }

  /** Updates that a newer one replaced. */
  conflated(of: StreamName, count: number, nowMs: number): void {
    this.#of(of, nowMs).conflated += count;
  }

  /** What befell a whole connection is counted once: with `of`, the most important kind that it carries. */
  befell(of: StreamName, { kind = of.kind, incident }: Pick<StreamIncident, 'kind' | 'incident'>, nowMs: number): void {
    const { incidents } = this.#of({ venue: of.venue, kind }, nowMs);
    incidents[incident] = (incidents[incident] ?? 0) + 1;
  }

  /** Replaces what is subscribed now; what is not named has none. */
  subscribed(subscriptions: readonly (StreamName & { count: number })[], nowMs: number): void {
    for (const counted of this.#byName.values()) counted.subscriptions = 0;
    for (const { count, ...of } of subscriptions) this.#of(of, nowMs).subscriptions += count;
  }

  /** By venue, then by kind. */
  figures(nowMs: number): StreamFigures[] {
    const rank = ({ kind }: Counted) => kindsInOrder.indexOf(kind);
    return [...this.#byName.values()]
      .sort((one, other) => (one.venue === other.venue ? rank(one) - rank(other) : one.venue < other.venue ? -1 : 1))
      .map((counted) => counted.figures(nowMs));
  }

  #of(of: StreamName, nowMs: number): Counted {
    const name = `${of.venue}#${of.kind}`;
    const counted = this.#byName.get(name) ?? new Counted(of, nowMs);
    this.#byName.set(name, counted);
    return counted;
  }
}

export interface UpdateTimes {
  /** @default 1 */
  count?: number;
  /** By the venue's clock, where it tells. */
  exchangeTimeMs?: number;
  receivedMs: number;
}
