/**
 * Writes, one after another. Each write decides on a layer that shows every earlier write, so writes and transactions are
 * serializable; those that wait for the disk at the same time are committed as one LevelDB batch and answered together.
 * Readers never queue here: a batch becomes visible in one instant, and only committed rows can be read.
 */
import type { Changes } from './changes.ts';
import { layChanges } from './changes.ts';
import type { Database } from './database.ts';

export interface WriteQueue {
  /** Runs a write that decides within one turn. When `decide` throws, none of its changes is kept. */
  write<T>(decide: (changes: Changes) => T): Promise<T>;
  /** Runs a write that has to wait for something, such as reading a whole table; nothing else is written meanwhile. */
  writeAlone<T>(decide: (changes: Changes) => Promise<T>): Promise<T>;
  /** Resolves once everything queued so far is committed or refused. */
  settled(): Promise<void>;
}

interface QueuedWrite {
  readonly isAlone: boolean;
  /** Decides on a layer; returns how to answer once the layer is on disk. */
  decide(changes: Changes): Answer | Promise<Answer>;
  fail(error: unknown): void;
}

type Answer = () => void;

/** Most writes that share one batch, so that a burst cannot delay the first answer for long. */
const groupWritesMax = 256;

export function createWriteQueue(
  database: Database,
  onCommit: (rows: ReadonlyMap<string, unknown>) => void,
): WriteQueue {
  let waiting: QueuedWrite[] = [];
  let draining: Promise<void> | undefined;

  function takeGroup(): QueuedWrite[] {
    const lonely = waiting.findIndex((write) => write.isAlone);
    const length = lonely === 0 ? 1 : Math.min(lonely < 0 ? waiting.length : lonely, groupWritesMax);
    const group = waiting.slice(0, length);
    waiting = waiting.slice(length);
    return group;
  }

  async function commitGroup(group: readonly QueuedWrite[]): Promise<void> {
    const changes = layChanges(database.read);
    const answers: Answer[] = [];
    try {
      for (const write of group) {
        const answer = write.decide(changes);
        answers.push(typeof answer === 'function' ? answer : await answer);
      }
      if (changes.rows.size > 0) {
        await database.commit(changes.rows);
        onCommit(changes.rows);
      }
    } catch (error) {
      for (const write of group) write.fail(error);
      return;
    }
    for (const answer of answers) answer();
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) await commitGroup(takeGroup());
    draining = undefined;
  }

  function enqueue(write: QueuedWrite): void {
    waiting.push(write);
    draining ??= drain();
  }

  return {
    write: (decide) =>
      new Promise((resolve, reject) => {
        enqueue({
          isAlone: false,
          decide(changes) {
            const layer = layChanges(changes.read);
            try {
              const value = decide(layer);
              changes.absorb(layer);
              return () => resolve(value);
            } catch (error) {
              return () => reject(error);
            }
          },
          fail: reject,
        });
      }),
    writeAlone: (decide) =>
      new Promise((resolve, reject) => {
        enqueue({
          isAlone: true,
          async decide(changes) {
            const layer = layChanges(changes.read);
            try {
              const value = await decide(layer);
              changes.absorb(layer);
              return () => resolve(value);
            } catch (error) {
              return () => reject(error);
            }
          },
          fail: reject,
        });
      }),
    settled: () => draining ?? Promise.resolve(),
  };
}
