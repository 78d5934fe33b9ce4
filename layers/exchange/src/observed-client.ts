/** A venue's class with the parts that Nightdesk needs to see or replace. */
import type { Clock } from '@nightdesk/core';
import type { RequestWindow } from './request-window.ts';
import { answerStatuses, currentCall, NotSentError } from './venue-call.ts';
import type { HttpAnswer, VenueClass, VenueClient, VenueClientConfig } from './venue-client.ts';

export interface ClientContext {
  clock: Clock;
  /** The limit that all calls share. */
  window: RequestWindow;
  /** How far the local clock is ahead of the venue's, milliseconds. */
  aheadMs: number;
  /** The venue's own URL for the one that is really used. */
  originalUrl(url: string): string;
}

/**
 * ccxt hands a text on where an answer is no JSON, and its parsers make an empty list of it: a gateway's web page would
 * show that there are no orders.
 */
class BadResponse extends Error {
  override readonly name = 'BadResponse';
}

/**
 * Constructs a venue that reports what it sends and what it is answered to the current `VenueCall`, waits for its turn
 * in the shared window, and reads the injected clock.
 */
export function constructObserved(Venue: VenueClass, config: VenueClientConfig, context: ClientContext): VenueClient {
  class ObservedClient extends Venue {
    override async throttle(cost?: unknown): Promise<void> {
      const nowMs = context.clock.nowMs();
      const budgetMs = (currentCall.getStore()?.sendBeforeMs ?? nowMs) - nowMs;
      // ccxt hands costs over as texts once numbers are texts.
      const delayMs = context.window.reserve(Number(cost ?? 1), nowMs, budgetMs);
      if (delayMs === undefined) throw new NotSentError("not sent: the venue's request limit is used up");
      if (delayMs > 0) await context.clock.sleep(delayMs);
    }

    override async fetch(url: string, method = 'GET', headers?: unknown, body?: unknown): Promise<unknown> {
      const call = currentCall.getStore();
      call?.admit(context.clock.nowMs());
      const answer = await super.fetch(url, method, headers, body);
      if (typeof answer === 'string') throw new BadResponse(`an answer that is no JSON: ${answer}`);
      if (call !== undefined && method !== 'GET') call.writesAnswered += 1;
      return answer;
    }

    override handleErrors(...answer: HttpAnswer): unknown {
      const [status, reason, url, ...rest] = answer;
      // Once a key has worked, ccxt takes Binance's refusal of it (-2015) for a ban, which Binance says by 418 and 429. It
      // is a refusal before anything was done, so this keeps ccxt from remembering.
      delete this.options.hasAlreadyAuthenticatedSuccessfully;
      return withStatus(status, () => super.handleErrors(status, reason, context.originalUrl(url), ...rest));
    }

    override handleHttpStatusCode(status: number, reason: string, url: string, method: string, body: string): void {
      withStatus(status, () => super.handleHttpStatusCode(status, reason, url, method, body));
    }
  }
  const client = new ObservedClient(config);
  // ccxt keeps its helpers on the object itself, so a method of the class would be hidden by its own.
  client.milliseconds = () => context.clock.nowMs() - context.aheadMs;
  return client;
}

function withStatus<Result>(status: number, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (typeof error === 'object' && error !== null) answerStatuses.set(error, status);
    throw error;
  }
}
