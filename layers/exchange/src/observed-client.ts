/** A venue's class with the parts that Nightdesk needs to see or replace. */
import type { Clock, NonceLane, RequestBudget } from '@nightdesk/core';
import type { MarketLists } from './market-lists.ts';
import { type RefusalPattern, readRefusal } from './rate-refusal.ts';
import type { Wording } from './traits/index.ts';
import { answerStatuses, currentCall, NotSentError } from './venue-call.ts';
import type { HttpAnswer, VenueClass, VenueClient, VenueClientConfig, VenueRequest } from './venue-client.ts';

export interface ClientContext {
  clock: Clock;
  /** Where every request takes its share of the venue's limits. */
  budget: RequestBudget;
  /** How the venue says that it was asked too much, beside 429 and 418. */
  refusals: readonly RefusalPattern[];
  /** The venue judges requests by how their nonces rise, rather than by their time. */
  risingNonces: boolean;
  /** What the venue's errors mean where ccxt does not say it. */
  wordings: readonly Wording[];
  /** Where the key's requests take turns. Absent where nonces need not rise. */
  lane?: NonceLane | undefined;
  /** Shared with other accounts of the process; absent keeps a list for this one. */
  marketLists?: MarketLists | undefined;
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

/** ccxt names the parts of a venue `public`, `private`, `sapi`, …; only the first need no key. */
const isSigned = (part: unknown): boolean => !/public/i.test(String(part));

/**
 * Constructs a venue that reports what it sends and what it is answered to the current `VenueCall`, takes its share of the
 * venue's limits and its turn in the key's lane before it signs anything, and reads the injected clock.
 */
export function constructObserved(Venue: VenueClass, config: VenueClientConfig, context: ClientContext): VenueClient {
  const { clock, lane } = context;
  /** What others are being told of answers. */
  const reports = new Set<Promise<void>>();
  const tell = (telling: Promise<void>): void => {
    const report = telling.finally(() => reports.delete(report));
    reports.add(report);
  };

  class ObservedClient extends Venue {
    override async fetch2(...request: VenueRequest): Promise<unknown> {
      const [path, part, method = 'GET', params = {}, , , limits = {}] = request;
      const call = currentCall.getStore();
      const leftMs = () => (call === undefined ? 0 : call.sendBeforeMs - clock.nowMs());
      // ccxt hands costs over as texts once numbers are texts.
      const weight = Number(this.calculateRateLimiterCost(part, method, path, params, limits));
      const signed = isSigned(part);
      const order = signed && method !== 'GET' && call?.order === true;
      const answer = await context.budget.take({ weight, signed, order }, leftMs());
      if (answer.kind === 'blocked') {
        throw new NotSentError(
          `the venue takes no requests for another ${answer.retryInMs} ms (${answer.reason})`,
          'venue_blocked',
        );
      }
      if (answer.kind === 'exhausted') throw new NotSentError("the venue's request limit is used up");
      if (lane === undefined || !signed) return super.fetch2(...request);
      const leave = await lane.enter(leftMs(), () => super.nonce());
      if (leave === undefined) throw new NotSentError("the account's key was in use elsewhere");
      return super.fetch2(...request).finally(leave);
    }

    override async fetch(url: string, method = 'GET', headers?: unknown, body?: unknown): Promise<unknown> {
      const call = currentCall.getStore();
      call?.admit(clock.nowMs());
      try {
        const answer = await super.fetch(url, method, headers, body);
        if (typeof answer === 'string') throw new BadResponse(`an answer that is no JSON: ${answer}`);
        if (call !== undefined && method !== 'GET') call.writesAnswered += 1;
        return answer;
      } catch (error) {
        if (error instanceof NotSentError) call?.takeBack();
        throw error;
      } finally {
        await Promise.all(reports);
      }
    }

    /** ccxt keeps six numbers of a candle; the venue's own row behind them has the others (`traits/candle-traits.ts`). */
    override parseOHLCV(row: unknown, market?: unknown): unknown {
      const parsed = super.parseOHLCV(row, market);
      return Array.isArray(parsed) ? [...parsed, row] : parsed;
    }

    override nonce(): number {
      const own = super.nonce();
      return lane === undefined ? own : lane.next(own);
    }

    override handleErrors(...answer: HttpAnswer): unknown {
      const [status, reason, url, method, headers, body, ...rest] = answer;
      const refusal = readRefusal({ status, headers, body }, context.refusals, clock.nowMs());
      if (refusal !== undefined) tell(context.budget.refused(refusal));
      // An error is an answer, too: what matters is that the venue has looked at the request.
      else if (status < 500) tell(context.budget.answered());
      // Once a key has worked, ccxt takes Binance's refusal of it (-2015) for a ban, which Binance says by 418 and 429. It
      // is a refusal before anything was done, so this keeps ccxt from remembering.
      delete this.options.hasAlreadyAuthenticatedSuccessfully;
      return withStatus(status, () =>
        super.handleErrors(status, reason, context.originalUrl(url), method, headers, body, ...rest),
      );
    }

    override handleHttpStatusCode(status: number, reason: string, url: string, method: string, body: string): void {
      withStatus(status, () => super.handleHttpStatusCode(status, reason, url, method, body));
    }
  }
  const client = new ObservedClient(config);
  // ccxt keeps its helpers on the object itself, so a method of the class would be hidden by its own.
  client.milliseconds = () => clock.nowMs() - context.aheadMs;
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
