/** The `config` stream in memory, with the rules of the real one. They pass the same contract suite. */
import type { ConfigJournal } from '@nightdesk/aws';
import { streams } from '@nightdesk/core';
import { createMemoryJournalStreams } from './memory-journal-streams.ts';
import type { MemoryTables } from './memory-stores.ts';

export function createMemoryConfigJournal(tables: MemoryTables): ConfigJournal {
  const { last, append } = createMemoryJournalStreams(tables);
  return { last: () => last(streams.config), append };
}
