import { orderIdOf, type SignalMessage, type SignalQueue } from '@nightdesk/core';

/** How long SQS knows a message again. */
const deduplicationMs = 5 * 60_000;
/** What SQS takes as a message group. */
const lanePattern = /^[!-~]{1,128}$/;

export interface MemorySignalQueue extends SignalQueue {
  /** What was taken and not yet received, in the order it was sent. */
  readonly waiting: SignalMessage[];
}

/** The queue of signals in memory, with the rules of the FIFO queue: deduplicated within a lane, refused leg by leg. */
export function createMemorySignalQueue({ nowMs }: { nowMs(): number }): MemorySignalQueue {
  const sentAtMs = new Map<string, number>();
  const waiting: SignalMessage[] = [];
  return {
    waiting,
    async send(messages) {
      const refused = messages.filter(({ lane }) => !lanePattern.test(lane));
      for (const message of messages) {
        if (refused.includes(message)) continue;
        const key = `${message.lane} ${orderIdOf(message)}`;
        const known = sentAtMs.get(key);
        if (known !== undefined && nowMs() - known < deduplicationMs) continue;
        sentAtMs.set(key, nowMs());
        waiting.push(structuredClone(message));
      }
      if (refused[0] !== undefined) throw new Error(`the queue refused leg ${refused[0].leg}`);
    },
  };
}
