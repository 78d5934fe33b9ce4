/** The SQLite file behind the queues: one writer, write-ahead log, prepared statements with typed rows. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

/**
 * `messages.id` is the order of arrival and the base of the sequence number, hence AUTOINCREMENT: an id is never used twice.
 * `visible_ms` is when a message can next be delivered; with a `receipt` and in the future it is in flight, without one it is delayed.
 * `lanes` holds the first message of every group of a FIFO queue, so that a receive never scans a backlog.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS queues (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, attributes TEXT NOT NULL, tags TEXT NOT NULL,
    created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL, purged_ms INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS deleted_queues (name TEXT PRIMARY KEY, deleted_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue_id INTEGER NOT NULL REFERENCES queues (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL, group_id TEXT, deduplication_id TEXT, body TEXT NOT NULL, attributes TEXT,
    trace_header TEXT, sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL, receipt TEXT,
    receives INTEGER NOT NULL DEFAULT 0, receives_here INTEGER NOT NULL DEFAULT 0, first_receive_ms INTEGER,
    received_ms INTEGER, source_arn TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue_id, visible_ms, id);
  CREATE INDEX IF NOT EXISTS messages_by_group ON messages (queue_id, group_id, id);
  CREATE INDEX IF NOT EXISTS messages_by_age ON messages (queue_id, sent_ms);
  CREATE INDEX IF NOT EXISTS messages_received ON messages (queue_id, visible_ms) WHERE receipt IS NOT NULL;
  CREATE TABLE IF NOT EXISTS lanes (
    queue_id INTEGER NOT NULL REFERENCES queues (id) ON DELETE CASCADE, group_id TEXT NOT NULL,
    head_id INTEGER NOT NULL, ready_ms INTEGER NOT NULL, PRIMARY KEY (queue_id, group_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS lanes_by_readiness ON lanes (queue_id, ready_ms, head_id);
  CREATE TABLE IF NOT EXISTS deduplications (
    queue_id INTEGER NOT NULL REFERENCES queues (id) ON DELETE CASCADE, scope TEXT NOT NULL,
    message_id TEXT NOT NULL, arrival INTEGER NOT NULL, expires_ms INTEGER NOT NULL, PRIMARY KEY (queue_id, scope)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS deduplications_by_expiry ON deduplications (expires_ms);
  CREATE TABLE IF NOT EXISTS receive_attempts (
    queue_id INTEGER NOT NULL REFERENCES queues (id) ON DELETE CASCADE, attempt_id TEXT NOT NULL,
    expires_ms INTEGER NOT NULL, received TEXT NOT NULL, PRIMARY KEY (queue_id, attempt_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS receive_attempts_by_expiry ON receive_attempts (expires_ms);
  CREATE TABLE IF NOT EXISTS move_tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source_arn TEXT NOT NULL, destination_arn TEXT, per_second_max INTEGER,
    started_ms INTEGER NOT NULL, status TEXT NOT NULL, moved INTEGER NOT NULL DEFAULT 0, to_move INTEGER NOT NULL,
    failure TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS move_tasks_by_source ON move_tasks (source_arn, id);
`;

export interface Statement<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** @returns the number of rows changed and the id of the last row inserted */
  run(...values: SQLInputValue[]): { changes: number; insertedId: number };
}

export interface Database {
  /** Prepares `sql` once; `Row` states the columns it selects, in their aliases. */
  statement<Row = never>(sql: string): Statement<Row>;
  /** Runs `work` as one atomic write; inside another, as a part of it. Nothing remains when the outermost throws. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/**
 * Opens `sqs.db` in `directory`, or a database in memory when there is none. `synchronous=NORMAL` in WAL mode means
 * that a committed write survives the death of the process, though not a power cut.
 */
export function openDatabase(directory: string | undefined): Database {
  if (directory !== undefined) mkdirSync(directory, { recursive: true });
  const sqlite = new DatabaseSync(directory === undefined ? ':memory:' : join(directory, 'sqs.db'));
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
  sqlite.exec(schema);

  const begin = sqlite.prepare('BEGIN IMMEDIATE');
  const commit = sqlite.prepare('COMMIT');
  const rollBack = sqlite.prepare('ROLLBACK');
  let open = false;

  return {
    statement<Row>(sql: string): Statement<Row> {
      const prepared = sqlite.prepare(sql);
      return {
        // SQLite hands back untyped columns; the schema above is STRICT, so a row has the types its query names.
        get: (...values) => prepared.get(...values) as unknown as Row | undefined,
        all: (...values) => prepared.all(...values) as unknown as Row[],
        run: (...values) => {
          const { changes, lastInsertRowid } = prepared.run(...values);
          return { changes: Number(changes), insertedId: Number(lastInsertRowid) };
        },
      };
    },
    transaction(work) {
      if (open) return work();
      begin.run();
      open = true;
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        rollBack.run();
        throw error;
      } finally {
        open = false;
      }
    },
    close: () => sqlite.close(),
  };
}
