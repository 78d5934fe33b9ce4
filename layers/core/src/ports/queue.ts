import type { SignalMessage } from '../signals/signal.ts';

/** The queue between receiving a signal and executing it. */
export interface SignalQueue {
  /**
   * Sends every leg of a signal. Resolves only when the queue has them all.
   *
   * @throws Error when any was not taken; those that were are recognised as duplicates when sent again.
   */
  send(messages: readonly SignalMessage[]): Promise<void>;
}
