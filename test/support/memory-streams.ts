/** What streams bring is put here, in memory, with the rules of the real stores. They pass the same contract suites. */
import {
  canonicalJson,
  type LiveQuote,
  type OrderNews,
  type OrderNewsQueue,
  type QuoteStore,
  rewriteEveryMs,
  type StoredQuote,
  type StreamTaskStatus,
  type TickArchive,
  type TickRows,
} from '@nightdesk/core';

/** How long rows are kept that are not written again. */
export const keptMs = 2 * rewriteEveryMs + 60_000;
const statusMsMax = 60_000;

const nameOf = ({ venue, symbol }: Pick<LiveQuote, 'venue' | 'symbol'>): string => `${venue} ${symbol}`;

export interface MemoryQuotes extends QuoteStore {
  /** What is stored, by `<venue> <symbol>`. */
  readonly rows: Map<string, StoredQuote>;
  readonly beats: Map<string, number>;
  /** Called before each write and removal, which wait for what it returns and fail as it does. */
  before: (call: 'write' | 'remove' | 'beat', names: readonly string[]) => Promise<void>;
  /** Names of quotes that writes leave out, as a table does that is asked too much. */
  readonly refused: Set<string>;
}

export function createMemoryQuotes({ nowMs }: { nowMs(): number }): MemoryQuotes {
  const rows = new Map<string, StoredQuote>();
  const beats = new Map<string, number>();
  const beatsAtMs = new Map<string, number>();
  const statuses = new Map<string, StreamTaskStatus>();
  const isKept = (atMs: number): boolean => nowMs() < atMs + keptMs;
  return {
    rows,
    beats,
    before: async () => {},
    refused: new Set(),
    async write(quotes, writtenMs) {
      const copies = structuredClone(quotes);
      await this.before('write', quotes.map(nameOf));
      const left: LiveQuote[] = [];
      for (const quote of copies) {
        if (this.refused.has(nameOf(quote))) left.push(quote);
        else rows.set(nameOf(quote), { ...quote, writtenMs });
      }
      return left;
    },
    async remove(quotes) {
      await this.before('remove', quotes.map(nameOf));
      for (const quote of quotes) {
        if (rows.get(nameOf(quote))?.connection === quote.connection) rows.delete(nameOf(quote));
      }
    },
    async read(symbol, venue) {
      const found = [...rows.values()].filter((row) => row.symbol === symbol && (venue ?? row.venue) === row.venue);
      const kept = found.filter(({ writtenMs }) => isKept(writtenMs));
      return structuredClone(kept.sort((left, right) => (left.venue < right.venue ? -1 : 1)));
    },
    async beat(connection, heardMs) {
      await this.before('beat', [connection]);
      beats.set(connection, heardMs);
      beatsAtMs.set(connection, nowMs());
    },
    async heard(connections) {
      const known = connections.filter((connection) => isKept(beatsAtMs.get(connection) ?? Number.NEGATIVE_INFINITY));
      return new Map(known.map((connection) => [connection, beats.get(connection) ?? 0]));
    },
    async writeStatus(status) {
      statuses.set(status.task, structuredClone(status));
    },
    async readStatus() {
      const told = [...statuses.values()].filter(({ atMs }) => nowMs() - atMs <= statusMsMax);
      return structuredClone(told.sort((left, right) => (left.task < right.task ? -1 : 1)));
    },
  };
}

/** How long SQS knows a message again. */
const deduplicationMs = 5 * 60_000;

export interface MemoryOrderNews extends OrderNewsQueue {
  /** What was sent and nobody has received. */
  readonly waiting: OrderNews[];
  /** Called before each sending, which waits for what it returns and fails as it does. */
  before: (news: readonly OrderNews[]) => Promise<void>;
}

export function createMemoryOrderNews({ nowMs }: { nowMs(): number }): MemoryOrderNews {
  const sentAtMs = new Map<string, number>();
  const waiting: OrderNews[] = [];
  return {
    waiting,
    before: async () => {},
    async send(news) {
      const copies = structuredClone(news);
      await this.before(news);
      for (const each of copies) {
        const { receivedMs: _received, kind: _kind, ...content } = each;
        const known = sentAtMs.get(canonicalJson(content));
        if (known !== undefined && nowMs() - known < deduplicationMs) continue;
        sentAtMs.set(canonicalJson(content), nowMs());
        waiting.push(each);
      }
    },
  };
}

export interface MemoryTicks extends TickArchive {
  /** What was written, by `<kind> <venue> <from> <connection>`. */
  readonly files: Map<string, TickRows>;
  /** Called before each writing, which waits for what it returns and fails as it does. */
  before: (name: string) => Promise<void>;
}

export function createMemoryTicks(): MemoryTicks {
  const files = new Map<string, TickRows>();
  return {
    files,
    before: async () => {},
    async write({ venue, connection, fromMs }, rows) {
      const name = `${rows.kind} ${venue} ${fromMs} ${connection}`;
      await this.before(name);
      const copy = structuredClone(rows);
      files.set(name, copy);
      return { bytes: copy.rows.length };
    },
  };
}
