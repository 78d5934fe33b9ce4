/** The messages that were published, for people and tests to look at; nobody gets them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { OutgoingMessage } from './message.ts';

export interface PublishedMessage extends OutgoingMessage {
  readonly messageId: string;
  readonly publishedMs: number;
}

export interface MessageStore {
  /** All of them or none. Survives `kill -9` once it returns. */
  add(topicArn: string, messages: readonly PublishedMessage[]): void;
  /** The last ones of a topic, oldest first. */
  list(topicArn: string): PublishedMessage[];
  close(): void;
}

/** So many of a topic are kept. */
const messagesMax = 1_000;

const schema = `
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic_arn TEXT NOT NULL, message TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_topic ON messages (topic_arn, id);
`;

/** Opens `sns.db` in `directory`, or keeps messages in memory when there is none. */
export function openMessageStore(directory: string | undefined): MessageStore {
  if (directory !== undefined) mkdirSync(directory, { recursive: true });
  const sqlite = new DatabaseSync(directory === undefined ? ':memory:' : join(directory, 'sns.db'));
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  sqlite.exec(schema);
  const insert = sqlite.prepare('INSERT INTO messages (topic_arn, message) VALUES (?, ?)');
  const trim = sqlite.prepare(`
    DELETE FROM messages WHERE topic_arn = ?1 AND id <=
      (SELECT id FROM messages WHERE topic_arn = ?1 ORDER BY id DESC LIMIT 1 OFFSET ${messagesMax})
  `);
  const select = sqlite.prepare('SELECT message FROM messages WHERE topic_arn = ? ORDER BY id');
  return {
    add(topicArn, messages) {
      sqlite.exec('BEGIN IMMEDIATE');
      try {
        for (const message of messages) insert.run(topicArn, JSON.stringify(message));
        trim.run(topicArn);
        sqlite.exec('COMMIT');
      } catch (error) {
        sqlite.exec('ROLLBACK');
        throw error;
      }
    },
    // Only `add` writes the column, so it holds what `add` was given.
    list: (topicArn) => select.all(topicArn).map((row) => JSON.parse(String(row.message)) as PublishedMessage),
    close: () => sqlite.close(),
  };
}
