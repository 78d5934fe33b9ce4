/** Tells that connections were heard: quotes that they brought are what the venue has, as long as nothing else is written. */
import type { QuoteStore } from '@nightdesk/core';
import type { PublishedConnection, PublishObserver } from './publisher.ts';

/** As often as the pulse beats this may be told; a quote is fresh for five times as long. */
export const beatEveryMs = 2_000;
/** A connection of which something newer has waited for so long to be written does not beat: what is written is not what the venue has. */
const waitingMsMax = 5_000;

/** A connection whose quotes are published. */
export interface BeatingConnection extends PublishedConnection {
  /** Since when the oldest of what is to be written has waited, by a clock that never goes back. Absent where nothing waits. */
  waitingSinceMs(): number | undefined;
}

export class Beats {
  readonly #quotes: Pick<QuoteStore, 'beat'>;
  readonly #observer: PublishObserver;
  /** What was told last of each. */
  readonly #connections = new Map<BeatingConnection, number | undefined>();

  constructor(quotes: Pick<QuoteStore, 'beat'>, observer: PublishObserver) {
    this.#quotes = quotes;
    this.#observer = observer;
  }

  add(connection: BeatingConnection): void {
    this.#connections.set(connection, undefined);
  }

  /** Its quotes age from now on. */
  remove(connection: BeatingConnection): void {
    this.#connections.delete(connection);
  }

  /** Never rejects. */
  async beat(nowMs: number): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => this.#beatOne(connection, nowMs)));
  }

  async #beatOne([connection, toldMs]: [BeatingConnection, number | undefined], nowMs: number): Promise<void> {
    const heardMs = connection.heardMs();
    const waitingMs = nowMs - (connection.waitingSinceMs() ?? nowMs);
    if (heardMs === undefined || heardMs === toldMs || waitingMs > waitingMsMax) return;
    try {
      await this.#quotes.beat(connection.connection, heardMs);
      if (this.#connections.has(connection)) this.#connections.set(connection, heardMs);
    } catch (error) {
      this.#observer.failed(`it could not be told that ${connection.connection} was heard`, error);
    }
  }
}
