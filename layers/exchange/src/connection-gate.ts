/** Lets a bounded number of requests be under way at once; over HTTP/1.1 that many connections are in use. */
import { NotSentError } from './venue-call.ts';

export class ConnectionGate {
  readonly #waiting: { enter: () => void }[] = [];
  #free: number;

  /** @param connectionsMax requests under way at once, 1 or more */
  constructor(connectionsMax: number) {
    this.#free = connectionsMax;
  }

  /**
   * Runs an action as soon as there is room.
   *
   * @throws NotSentError when the signal is aborted before that
   */
  async run<Result>(signal: AbortSignal, action: () => Promise<Result>): Promise<Result> {
    await this.#enter(signal);
    try {
      return await action();
    } finally {
      // Whoever waits takes the place over, so that nobody who comes just now gets ahead of them.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next.enter();
    }
  }

  #enter(signal: AbortSignal): Promise<void> {
    const refusal = () => new NotSentError('all connections to the venue were in use');
    if (signal.aborted) return Promise.reject(refusal());
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(refusal());
      };
      const waiter = {
        enter: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
