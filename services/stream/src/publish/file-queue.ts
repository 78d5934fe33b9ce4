/** Writes files one after the other. Where the archive does not answer they wait, up to a bound of memory. */
import type { Clock, TickArchive, TickRows, VenueId } from '@nightdesk/core';
import type { PublishObserver } from './publisher.ts';

/** What files that wait may take of memory together, as `TickFile.bytes` counts; of those beyond the oldest are given up. */
export const waitingBytesMax = 32 * 1024 * 1024;
const retryPauseMs = 1_000;
const retryPauseMsMax = 60_000;

export interface TickFile {
  venue: VenueId;
  connection: string;
  fromMs: number;
  ticks: TickRows;
  /** About what its rows take of memory. */
  bytes: number;
}

export interface FileQueueOptions {
  archive: TickArchive;
  clock: Clock;
  observer: PublishObserver;
}

export class FileQueue {
  readonly #options: FileQueueOptions;
  readonly #waiting: TickFile[] = [];
  #bytes = 0;
  #writing: Promise<void> | undefined;
  #failures = 0;
  #isEnded = false;

  constructor(options: FileQueueOptions) {
    this.#options = options;
  }

  add(file: TickFile): void {
    this.#waiting.push(file);
    this.#bytes += file.bytes;
    this.#dropBeyond();
    this.#writing ??= this.#writeAll();
  }

  /** Resolves once nothing waits any more, or, after `end`, one could not be written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  /** Tries no file again. */
  end(): void {
    this.#isEnded = true;
  }

  async #writeAll(): Promise<void> {
    const { archive, clock, observer } = this.#options;
    for (;;) {
      const [file] = this.#waiting;
      if (file === undefined) break;
      const { venue, connection, fromMs, ticks } = file;
      try {
        await archive.write({ venue, connection, fromMs }, ticks);
        this.#failures = 0;
        this.#remove(file);
      } catch (error) {
        observer.failed(`a file of ${ticks.rows.length} ${ticks.kind} of ${venue} could not be written`, error);
        if (this.#isEnded) break;
        await clock.sleep(Math.min(retryPauseMs * 2 ** this.#failures, retryPauseMsMax));
        this.#failures += 1;
      }
    }
    this.#writing = undefined;
  }

  /** It may have been given up meanwhile. */
  #remove(file: TickFile): void {
    const index = this.#waiting.indexOf(file);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.#bytes -= file.bytes;
  }

  #dropBeyond(): void {
    while (this.#bytes > waitingBytesMax && this.#waiting.length > 1) {
      const [oldest] = this.#waiting;
      if (oldest === undefined) return;
      this.#remove(oldest);
      const { ticks, venue } = oldest;
      this.#options.observer.failed(
        `${ticks.rows.length} ${ticks.kind} of ${venue} are lost: the archive does not answer`,
        undefined,
      );
    }
  }
}
