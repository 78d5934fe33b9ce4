import type { SignalMessage, SignalQueue } from '@nightdesk/core';

export interface FakeQueue extends SignalQueue {
  /** What the queue holds, in the order it was sent; a leg that is sent again is there once. */
  readonly messages: SignalMessage[];
  /** Refuses what it is sent from now on. */
  isDown: boolean;
}

/** The signals queue in memory, with the deduplication of the real one but without its five minutes. */
export function createFakeQueue(): FakeQueue {
  const messages: SignalMessage[] = [];
  const keyOf = ({ signal, leg }: SignalMessage) => `${signal.signalId}-${leg}`;
  return {
    messages,
    isDown: false,
    async send(sent) {
      if (this.isDown) throw new Error('the queue does not answer');
      const known = new Set(messages.map(keyOf));
      messages.push(...structuredClone(sent.filter((message) => !known.has(keyOf(message)))));
    },
  };
}
