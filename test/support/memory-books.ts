/** The books of accounts in memory, with the rules of the real table. They pass the same contract suite. */
import { type Books, type BooksStore, type EquityDay, sealBooks, VersionConflictError } from '@nightdesk/core';
import type { MemoryTables } from './memory-stores.ts';

interface BooksRows {
  books: Map<string, Books>;
  /** By account, and then by day. */
  days: Map<string, Map<string, EquityDay>>;
}

/** Kept by the tables that they belong to, so that all stores on them see the same rows. */
const rowsOf = new WeakMap<MemoryTables, BooksRows>();

export function createMemoryBooks(tables: MemoryTables): BooksStore {
  const rows = rowsOf.get(tables) ?? { books: new Map(), days: new Map() };
  rowsOf.set(tables, rows);
  return {
    get: async (account) => structuredClone(rows.books.get(account)),
    async save(change) {
      const { account, version } = change.books;
      const conflict = new VersionConflictError(`the books of ${account}`);
      if ((rows.books.get(account)?.version ?? 0) !== version) throw conflict;
      const { books, journalEvents } = sealBooks(change);
      const first = journalEvents[0];
      if (first !== undefined && (tables.journal.get(first.stream)?.length ?? 0) !== first.sequence - 1) throw conflict;
      for (const event of journalEvents) tables.append(event);
      rows.books.set(account, structuredClone(books));
      const { day, figures } = change;
      if (day !== undefined) {
        const days = rows.days.get(account) ?? new Map<string, EquityDay>();
        rows.days.set(account, days.set(day.day, structuredClone(day)));
      }
      const row = tables.risk.get(account);
      if (row !== undefined && figures !== undefined) {
        tables.risk.set(account, { ...row, figures: { ...figures }, figuresVersion: row.figuresVersion + 1 });
      }
      return books;
    },
    async listDays(account, limit) {
      const days = [...(rows.days.get(account)?.values() ?? [])];
      return structuredClone(days.sort((left, right) => (left.day < right.day ? 1 : -1)).slice(0, limit));
    },
  };
}
