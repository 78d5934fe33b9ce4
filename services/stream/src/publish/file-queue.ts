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
  /** Ends the pause between two tries. */
  #wake: (() => void) | undefined;

  constructor(options: FileQueueOptions) {
    this.#options = options;
  }

  add(file: TickFile): void {
    this.#waiting.push(file);
    this.#bytes += file.bytes;
    this.#dropBeyond();
    this.#writing ??= this.#writeAll();
  }

  /** Resolves once nothing waits any more. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  /** What waits is tried at once, and each file once: there is no time for more. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async #writeAll(): Promise<void> {
    const { archive, observer } = this.#options;
    for (;;) {
      const [file] = this.#waiting;
      if (file === undefined) break;
      const { venue, connection, fromMs, ticks } = file;
      const isLastTry = this.#isEnded;
      try {
        await archive.write({ venue, connection, fromMs }, ticks);
        this.#failures = 0;
        this.#remove(file);
      } catch (error) {
        observer.failed(`a file of ${ticks.rows.length} ${ticks.kind} of ${venue} could not be written`, error);
        // Those behind it may be taken.
        if (isLastTry) this.#remove(file);
        else await this.#pause();
      }
    }
    this.#writing = undefined;
  }

  async #pause(): Promise<void> {
    if (this.#isEnded) return;
    const pauseMs = Math.min(retryPauseMs * 2 ** this.#failures, retryPauseMsMax);
    this.#failures += 1;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([woken, this.#options.clock.sleep(pauseMs)]);
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
