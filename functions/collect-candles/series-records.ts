/** The records of series as a process knows them: read once for all lanes of a venue, and changed under their condition. */
import {
  type Series,
  type SeriesRecord,
  type SeriesStore,
  seriesKeyOf,
  type VenueId,
  VersionConflictError,
} from '@nightdesk/core';

/** How often a change is decided anew because somebody else changed the record first. */
const conflictsMax = 6;
/** A lane that was planned long ago is to know of series that began since. */
const ageMsMax = 20_000;
/** Venues whose records are kept. */
const venuesMax = 50;

interface Known {
  readAtMs: number;
  records: Promise<Map<string, SeriesRecord>>;
}

export class SeriesRecords {
  readonly #store: SeriesStore;
  readonly #nowMs: () => number;
  readonly #known = new Map<VenueId, Known>();

  constructor(store: SeriesStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /**
   * Those of a venue, as they were no earlier than `sinceMs`: lanes that were planned together share one question.
   *
   * @throws what the store throws
   */
  async of(venue: VenueId, sinceMs: number): Promise<SeriesRecord[]> {
    const known = this.#known.get(venue);
    const youngMs = Math.max(sinceMs, this.#nowMs() - ageMsMax);
    if (known !== undefined && known.readAtMs >= youngMs) return [...(await known.records).values()];
    const records = this.#store
      .list(venue)
      .then((listed) => new Map(listed.map((record) => [seriesKeyOf(record.series), record])));
    const entry = { readAtMs: this.#nowMs(), records };
    this.#known.delete(venue);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= venuesMax && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(venue, entry);
    // What could not be read is read anew by the next one.
    records.catch(() => this.#known.get(venue) === entry && this.#known.delete(venue));
    return [...(await records).values()];
  }

  /** As it is stored now. */
  get(series: Series): Promise<SeriesRecord | undefined> {
    return this.#store.get(series);
  }

  /**
   * Changes a record on the version that was read, and decides anew on a newer one.
   *
   * @param change `undefined` leaves it as it is
   * @returns as it is now; `undefined` where there is none
   * @throws VersionConflictError when others keep coming first
   */
  async change(
    record: SeriesRecord,
    change: (record: SeriesRecord) => SeriesRecord | undefined,
  ): Promise<SeriesRecord | undefined> {
    let current: SeriesRecord | undefined = record;
    for (let conflict = 0; conflict <= conflictsMax && current !== undefined; conflict += 1) {
      const changed = change(current);
      if (changed === undefined) return current;
      try {
        const saved = await this.#store.save(changed);
        await this.#keep(saved);
        return saved;
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error;
      }
      current = await this.#store.get(record.series);
    }
    if (current === undefined) return undefined;
    throw new VersionConflictError(`the series ${seriesKeyOf(record.series)}`);
  }

  async #keep(record: SeriesRecord): Promise<void> {
    const records = await this.#known.get(record.series.venue)?.records;
    records?.set(seriesKeyOf(record.series), record);
  }
}
