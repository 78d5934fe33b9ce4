/** What a look at an account leaves in the tables: the books under their next version, and the events that lead to them. */
import { type JournalEvent, seal, streams } from '../journal/chain.ts';
import type { BooksChange } from '../ports/stores.ts';
import type { Books } from './books.ts';

/** Most events of one look: with books, figures and day they fit into one transaction, which takes 100 items. */
export const booksEventsMax = 90;

export interface SealedBooks {
  books: Books;
  journalEvents: JournalEvent[];
}

/**
 * Chains the events onto the account's `books#…` stream, and moves the books to where that ends.
 *
 * @throws RangeError where there are more events than one transaction can take
 */
export function sealBooks({ books, events }: Pick<BooksChange, 'books' | 'events'>): SealedBooks {
  if (events.length > booksEventsMax) {
    throw new RangeError(`${events.length} events of ${books.account} in one look: tell at most ${booksEventsMax}`);
  }
  const journalEvents: JournalEvent[] = [];
  let { sequence, journalHash } = books;
  for (const { type, atMs, data } of events) {
    sequence += 1;
    const event = seal({ stream: streams.books(books.account), sequence, type, atMs, data }, journalHash);
    journalEvents.push(event);
    journalHash = event.hash;
  }
  return { books: { ...books, version: books.version + 1, sequence, journalHash }, journalEvents };
}
