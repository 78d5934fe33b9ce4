/** Tells people what befalls streams, each once, without a storm of it filling the log. */
import type { Telemetry } from '@nightdesk/aws';
import type { Clock, StreamIncident, VenueId } from '@nightdesk/core';

/** Lines of one kind of incident of one venue within a minute; the others are counted, and the count is told. */
const linesMax = 5;
const minuteMs = 60_000;
const countsMax = 500;
/** What befell last, for who looks at the status. */
const latestMax = 20;
/** Reasons are for people: longer ones say no more. */
const reasonCharactersMax = 300;

export interface LatestIncident {
  atMs: number;
  venue: string;
  symbol?: string;
  incident: StreamIncident['incident'];
  reason: string;
}

interface Count {
  /** Absent where what befell is none of a venue's. */
  venue: VenueId | undefined;
  incident: string;
  sinceMs: number;
  told: number;
  untold: number;
}

export class IncidentLog {
  readonly #telemetry: Pick<Telemetry, 'info' | 'failure'>;
  readonly #clock: Pick<Clock, 'nowMs'>;
  /** By venue and what befell: as many as there are kinds of incidents at venues. */
  readonly #counts = new Map<string, Count>();
  #latest: LatestIncident[] = [];

  constructor(telemetry: Pick<Telemetry, 'info' | 'failure'>, clock: Pick<Clock, 'nowMs'>) {
    this.#telemetry = telemetry;
    this.#clock = clock;
  }

  /** Newest first. */
  get latest(): readonly LatestIncident[] {
    return this.#latest;
  }

  tell(venue: VenueId, { incident, kind, symbol, atMs, reason: whole }: StreamIncident): void {
    const reason = whole.slice(0, reasonCharactersMax);
    const latest: LatestIncident = { atMs, venue, incident, reason, ...(symbol !== undefined && { symbol }) };
    this.#latest = [latest, ...this.#latest.slice(0, latestMax - 1)];
    const fields = { venue, incident, stream: kind, symbol, reason };
    if (this.#mayTell(venue, incident)) this.#telemetry.info('a stream met an incident', fields);
  }

  /** The same for what failed on our side, such as writing a quote. */
  fail(what: string, error: unknown): void {
    if (this.#mayTell(undefined, what)) this.#telemetry.failure(what, error);
  }

  /** Tells how many lines were left out in minutes that are over. Called now and then. */
  sweep(): void {
    const nowMs = this.#clock.nowMs();
    for (const [key, { venue, incident, sinceMs, untold }] of this.#counts) {
      if (nowMs - sinceMs < minuteMs) continue;
      this.#counts.delete(key);
      if (untold > 0)
        this.#telemetry.info('more of the same befell within a minute', { venue, incident, more: untold });
    }
  }

  #mayTell(venue: VenueId | undefined, incident: string): boolean {
    const key = `${venue} ${incident}`;
    // Texts that name what they are about may be many; beyond this nothing new is told until the minute is over.
    if (!this.#counts.has(key) && this.#counts.size >= countsMax) return false;
    const count = this.#counts.get(key) ?? { venue, incident, sinceMs: this.#clock.nowMs(), told: 0, untold: 0 };
    this.#counts.set(key, count);
    const isTold = count.told < linesMax;
    if (isTold) count.told += 1;
    else count.untold += 1;
    return isTold;
  }
}
