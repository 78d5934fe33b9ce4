/** What is known of one call to a venue while it runs: the evidence that decides between `rejected` and `unknown`. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Why a request was not sent: later than its call allows, the venue refuses all for now, or no proxy leads to it. */
export type NotSentCode = 'not_sent' | 'venue_blocked' | 'proxy_refused';

/** The request did not leave. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
  readonly code: NotSentCode;

  constructor(message: string, code: NotSentCode = 'not_sent') {
    super(`not sent: ${message}`);
    this.code = code;
  }
}

/** One call may take several requests: some venues ask something first, or fetch what they just placed. */
export class VenueCall {
  /** Requests that left. */
  sent = 0;
  /** Requests other than GET that the venue answered without an error: what they asked for may be done. */
  writesAnswered = 0;
  /** No request of this call leaves later; UTC epoch milliseconds. */
  readonly sendBeforeMs: number;
  /** Places, changes or cancels an order. */
  readonly order: boolean;

  constructor(sendBeforeMs: number, order = false) {
    this.sendBeforeMs = sendBeforeMs;
    this.order = order;
  }

  /** @throws NotSentError when it is too late to send. */
  admit(nowMs: number): void {
    this.requireInTime(nowMs);
    this.sent += 1;
  }

  /** @throws NotSentError when it is too late to send. */
  requireInTime(nowMs: number): void {
    if (nowMs > this.sendBeforeMs) throw new NotSentError('the request waited too long for its turn');
  }

  /** The request that was admitted did not leave after all. */
  takeBack(): void {
    this.sent -= 1;
  }
}

/** The call that the running code belongs to, however deep inside ccxt it is. */
export const currentCall = new AsyncLocalStorage<VenueCall>();

/**
 * HTTP status of the answer that an error was made from. An error that is not in here is ccxt's own: it was raised
 * before anything was sent, or by an answer that could not be read, or by none.
 */
export const answerStatuses = new WeakMap<object, number>();
