/** Looks at which the venue did not tell: a state of its own. All that was known stays as it was, and grows old. */
import type { AccountId, VenueId } from '../ids.ts';
import { genesisHash } from '../journal/chain.ts';
import type { BooksEvent } from '../ports/stores.ts';
import type { Cause } from '../ports/venue.ts';
import type { Books } from './books.ts';

/** One look without an answer is nothing to tell people of. */
export const unansweredToldFrom = 2;

export function leaveUnanswered(
  before: Books | undefined,
  cause: Cause,
  { account, venue, nowMs }: { account: AccountId; venue: VenueId; nowMs: number },
): { books: Books; events: BooksEvent[] } {
  const known = before ?? neverAnswered(account, venue);
  const unansweredLooks = known.unansweredLooks + 1;
  const isNews = unansweredLooks === unansweredToldFrom;
  const { answeredAtMs, unansweredSinceMs = nowMs } = known;
  return {
    books: { ...known, venue, status: 'unanswered', checkedAtMs: nowMs, unansweredLooks, unansweredSinceMs, cause },
    events: isNews ? [{ type: 'books.unanswered', atMs: nowMs, data: { venue, cause, answeredAtMs } }] : [],
  };
}

/** The books of an account before its venue was heard for the first time. */
export const neverAnswered = (account: AccountId, venue: VenueId): Books => ({
  ...{ account, venue, status: 'unanswered', checkedAtMs: 0, answeredAtMs: 0, unansweredLooks: 0 },
  ...{ balances: [], positions: [], margins: [], rates: {}, unvalued: [], baselines: {}, differences: [] },
  ...{ cursors: {}, settled: [], breakers: {}, version: 0, sequence: 0, journalHash: genesisHash },
});

/**
 * The books as they are for an account as it is configured now. One that was moved to another venue, or whose mode has changed, has
 * other money: what was there before is no loss, and what is there now no drift. Its journal goes on, and its breakers stay as they are.
 */
export function booksFor(
  books: Books | undefined,
  { id, venue, mode }: { id: AccountId; venue: VenueId; mode: NonNullable<Books['mode']> },
): Books | undefined {
  if (books === undefined || (books.venue === venue && (books.mode ?? mode) === mode)) return books;
  const { version, sequence, journalHash, breakers } = books;
  return { ...neverAnswered(id, venue), version, sequence, journalHash, breakers };
}

/** Tells that the venue answers again, where it was told that it did not. */
export function answeredAgain(before: Books, tell: (type: string, data: Record<string, unknown>) => unknown): void {
  const { unansweredLooks, answeredAtMs, venue } = before;
  if (unansweredLooks >= unansweredToldFrom)
    tell('books.answered', { venue, unansweredLooks, lastAnsweredAtMs: answeredAtMs });
}
