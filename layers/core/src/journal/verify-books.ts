/**
 * The part of verification that compares the books of accounts with their streams. Books cannot be rebuilt from events, which
 * tell only what differed; but each row says where its stream ends.
 */
import type { Books } from '../books/books.ts';
import { type JournalEvent, type Misfit, streams } from './chain.ts';

/** What of a row is looked at. */
export type BooksHead = Pick<Books, 'account' | 'sequence' | 'journalHash'>;

export interface BooksAudit {
  /** Takes the next event of the journal, whatever its stream; each stream's in sequence and together. */
  follow(event: JournalEvent): Misfit | undefined;
  /** Once there are no more events. */
  end(): Misfit | undefined;
}

/** An event bears the time of its look, and is written at the end of it: far less than this later. */
const lookMsMax = 600_000;

/** @param startedAtMs when the rows were read; books that were written later may be ahead of them */
export function auditBooks(rows: readonly BooksHead[], startedAtMs: number): BooksAudit {
  const shown = new Map(rows.map((row) => [streams.books(row.account), row]));
  const unseen = new Map([...shown].filter(([, { sequence }]) => sequence > 0));
  return {
    follow({ stream, sequence, atMs, hash }) {
      if (!stream.startsWith(streams.books(''))) return undefined;
      const misfit = (reason: string): Misfit => ({ stream, sequence, reason });
      const row = shown.get(stream);
      const isOld = atMs < startedAtMs - lookMsMax;
      if (row === undefined) return isOld ? misfit('the journal has these books, the books table has not') : undefined;
      if (sequence > row.sequence && isOld) return misfit('the books table is behind its journal');
      if (sequence !== row.sequence) return undefined;
      unseen.delete(stream);
      return hash === row.journalHash ? undefined : misfit('the books table does not show the end of its journal');
    },
    end() {
      const [left] = unseen;
      if (left === undefined) return undefined;
      const reason = 'the books table knows of this event, the journal has it not';
      return { stream: left[0], sequence: left[1].sequence, reason };
    },
  };
}
