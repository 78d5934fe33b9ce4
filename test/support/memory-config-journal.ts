/** The `config` stream in memory, with the rules of the real one. They pass the same contract suite. */
import type { ConfigJournal } from '@nightdesk/aws';
import { streams } from '@nightdesk/core';
import type { MemoryTables } from './memory-stores.ts';

export function createMemoryConfigJournal(tables: MemoryTables): ConfigJournal {
  const events = () => tables.journal.get(streams.config) ?? [];
  return {
    last: async () => structuredClone(events().at(-1)),
    async append(event) {
      if (event.sequence <= events().length) return false;
      tables.append(event);
      return true;
    },
  };
}
