/** Counts what streams do, and tells people of what befalls them. */
import type { Telemetry } from '@nightdesk/aws';
import {
  type Clock,
  StreamCounters,
  type StreamFigures,
  type StreamIncident,
  type StreamKind,
  type StreamUnit,
  type UpdateTimes,
  type VenueId,
} from '@nightdesk/core';
import type { PublishObserver } from '../publish/publisher.ts';
import { IncidentLog, type LatestIncident } from './incident-log.ts';

export interface StreamMeterOptions {
  telemetry: Pick<Telemetry, 'info' | 'failure'>;
  clock: Pick<Clock, 'nowMs'>;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
}

export class StreamMeter implements PublishObserver {
  readonly #counters = new StreamCounters();
  readonly #log: IncidentLog;
  readonly #monotonicMs: () => number;
  /** Kinds of subscriptions, by unit. */
  readonly #subscribed = new Map<string, { venue: VenueId; counts: ReadonlyMap<StreamKind, number> }>();

  constructor({ telemetry, clock, monotonicMs }: StreamMeterOptions) {
    this.#log = new IncidentLog(telemetry, clock);
    this.#monotonicMs = monotonicMs;
  }

  update(venue: VenueId, kind: StreamKind, times: UpdateTimes): void {
    this.#counters.updated({ venue, kind }, times, this.#monotonicMs());
  }

  /** Replaces what a unit has subscribed. */
  setSubscriptions({ id, venue }: StreamUnit, subscriptions: readonly { kind: StreamKind }[]): void {
    if (subscriptions.length === 0) this.#subscribed.delete(id);
    else this.#subscribed.set(id, { venue, counts: countKinds(subscriptions) });
    const all = [...this.#subscribed.values()].flatMap(({ venue: at, counts }) =>
      [...counts].map(([kind, count]) => ({ venue: at, kind, count })),
    );
    this.#counters.subscribed(all, this.#monotonicMs());
  }

  /** @param mainKind what is counted where it befell a whole connection */
  incident(venue: VenueId, mainKind: StreamKind, incident: StreamIncident): void {
    this.#counters.befell({ venue, kind: mainKind }, incident, this.#monotonicMs());
    this.#log.tell(venue, incident);
  }

  published(venue: VenueId, kind: StreamKind, delaysMs: readonly number[]): void {
    const nowMs = this.#monotonicMs();
    for (const delayMs of delaysMs) this.#counters.published({ venue, kind }, delayMs, nowMs);
  }

  conflated(venue: VenueId, count: number): void {
    this.#counters.conflated({ venue, kind: 'books' }, count, this.#monotonicMs());
  }

  failed(what: string, error: unknown): void {
    this.#log.fail(what, error);
  }

  figures(): StreamFigures[] {
    return this.#counters.figures(this.#monotonicMs());
  }

  /** What befell last, newest first. */
  get latest(): readonly LatestIncident[] {
    return this.#log.latest;
  }

  /** Tells how much was left out of the log. Called now and then. */
  sweep(): void {
    this.#log.sweep();
  }
}

function countKinds(subscriptions: readonly { kind: StreamKind }[]): Map<StreamKind, number> {
  const counts = new Map<StreamKind, number>();
  for (const { kind } of subscriptions) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
