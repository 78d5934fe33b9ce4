/** Gathers what one connection brings tick by tick, until it is enough for a file. */
import type { TickRows, VenueId } from '@nightdesk/core';
import type { FileQueue } from './file-queue.ts';

/** A file has what came within this time, ... */
export const fileMsMax = 300_000;
/** ... if that is not more than so much memory, by the figures below. */
export const fileBytesMax = 5 * 1024 * 1024;
/** About what a row takes of memory, and each level of a book. */
const rowBytes = 250;
const levelBytes = 60;
const hourMs = 3_600_000;

type Kind = TickRows['kind'];
type RowOf<K extends Kind> = Extract<TickRows, { kind: K }>['rows'][number];
type Row = RowOf<Kind>;

interface Gathered {
  fromMs: number;
  rows: Row[];
  bytes: number;
}

export interface TickBufferOptions {
  venue: VenueId;
  connection: string;
  files: FileQueue;
}

/** Times are UTC epoch milliseconds. */
export class TickBuffer {
  readonly #options: TickBufferOptions;
  readonly #gathered = new Map<Kind, Gathered>();
  /** When the latest file of each kind begins: files are called by it, and one must not take the place of another. */
  readonly #beganMs = new Map<Kind, number>();

  constructor(options: TickBufferOptions) {
    this.#options = options;
  }

  /** @param row must not change any more */
  add<K extends Kind>(kind: K, row: RowOf<K>): void {
    const { receivedMs } = row;
    const before = this.#gathered.get(kind);
    // Files lie in folders by hour, and have nothing of another.
    if (before !== undefined && hourOf(before.fromMs) < hourOf(receivedMs)) this.#close(kind, before);
    const gathered = this.#gathered.get(kind) ?? this.#begin(kind, receivedMs);
    gathered.rows.push(row);
    gathered.bytes += bytesOf(row);
    if (gathered.bytes >= fileBytesMax) this.#close(kind, gathered);
  }

  /** Closes what has been gathered for long enough. */
  closeDue(nowMs: number): void {
    for (const [kind, gathered] of this.#gathered) {
      if (nowMs - gathered.fromMs >= fileMsMax) this.#close(kind, gathered);
    }
  }

  closeAll(): void {
    for (const [kind, gathered] of this.#gathered) this.#close(kind, gathered);
  }

  #begin(kind: Kind, receivedMs: number): Gathered {
    const fromMs = Math.max(receivedMs, (this.#beganMs.get(kind) ?? Number.NEGATIVE_INFINITY) + 1);
    const gathered = { fromMs, rows: [], bytes: 0 };
    this.#beganMs.set(kind, fromMs);
    this.#gathered.set(kind, gathered);
    return gathered;
  }

  #close(kind: Kind, { fromMs, rows, bytes }: Gathered): void {
    this.#gathered.delete(kind);
    const { venue, connection, files } = this.#options;
    // Only rows of its kind are ever added to it.
    const ticks = { kind, rows } as TickRows;
    files.add({ venue, connection, fromMs, ticks, bytes });
  }
}

const hourOf = (ms: number): number => Math.floor(ms / hourMs);

function bytesOf(row: Row): number {
  return 'bids' in row ? rowBytes + levelBytes * (row.bids.length + row.asks.length) : rowBytes;
}
