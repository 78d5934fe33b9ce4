/** Streams of the journal in memory, with the rules of the real ones. */
import type { JournalStreams } from '@nightdesk/aws';
import type { MemoryTables } from './memory-stores.ts';

export function createMemoryJournalStreams(tables: MemoryTables): JournalStreams {
  const events = (stream: string) => tables.journal.get(stream) ?? [];
  return {
    last: async (stream) => structuredClone(events(stream).at(-1)),
    async append(event) {
      if (event.sequence <= events(event.stream).length) return false;
      tables.append(event);
      return true;
    },
  };
}
