import type { BudgetAnswer, RequestBudget, RequestCost, VenueRefusal } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ClientContext, constructObserved } from '../../../layers/exchange/src/observed-client.ts';
import { answerStatuses, currentCall, NotSentError, VenueCall } from '../../../layers/exchange/src/venue-call.ts';
import type { HttpAnswer, VenueClass } from '../../../layers/exchange/src/venue-client.ts';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';

/** Stands in for ccxt's base class: answers what it is told, and keeps `milliseconds` on the object as ccxt does. */
class StubVenue {
  options = {};
  answer: unknown = {};
  seenUrl = '';
  milliseconds = () => 0;
  nonce(): number {
    return 7;
  }
  calculateRateLimiterCost(): string {
    return '0.5';
  }
  /** ccxt signs, sends and reads in here. */
  async fetch2(_path: string, _part: string, method = 'GET'): Promise<unknown> {
    return this.fetch('http://x', method);
  }
  async fetch(_url: string, _method: string): Promise<unknown> {
    return this.answer;
  }
  handleErrors(...[, , url]: HttpAnswer): never {
    this.seenUrl = url;
    throw new Error('refused');
  }
  handleHttpStatusCode(): never {
    throw new Error('status');
  }
}

/** Answers what it is told, and keeps what it was asked. */
class ScriptedBudget implements RequestBudget {
  answer: BudgetAnswer = { kind: 'granted' };
  readonly taken: [cost: RequestCost, delayMsMax: number][] = [];
  readonly refusals: VenueRefusal[] = [];
  answers = 0;
  async take(...request: [RequestCost, number]): Promise<BudgetAnswer> {
    this.taken.push(request);
    return this.answer;
  }
  prepare(): void {}
  async refused(refusal: VenueRefusal): Promise<void> {
    this.refusals.push(refusal);
  }
  async answered(): Promise<void> {
    this.answers += 1;
  }
}

let clock: ManualClock;
let budget: ScriptedBudget;
let context: ClientContext;
beforeEach(() => {
  clock = createManualClock(1_000_000);
  budget = new ScriptedBudget();
  context = {
    clock,
    budget,
    refusals: [],
    wordings: [],
    risingNonces: false,
    aheadMs: 0,
    originalUrl: (url) => `original of ${url}`,
  };
});

function construct(Venue: typeof StubVenue = StubVenue) {
  const config = { number: String, enableRateLimit: false as const, timeout: 1, options: {} };
  // The stub has the few members that matter here.
  return constructObserved(Venue as unknown as VenueClass, config, context) as ReturnType<typeof constructObserved> &
    Pick<StubVenue, 'answer' | 'seenUrl'>;
}

describe('the observed client', () => {
  it('takes what a request costs before it is signed, where a cost that is a text counts as a number', async () => {
    const client = construct();
    await currentCall.run(new VenueCall(clock.nowMs() + 2_000, true), async () => {
      await client.fetch2('order', 'private', 'POST');
      await client.fetch2('order', 'private');
      await client.fetch2('depth', 'public', 'POST');
    });
    expect(budget.taken).toEqual([
      [{ weight: 0.5, signed: true, order: true }, 2_000],
      [{ weight: 0.5, signed: true, order: false }, 2_000],
      [{ weight: 0.5, signed: false, order: false }, 2_000],
    ]);
  });

  it.each<[answer: BudgetAnswer, code: string]>([
    [{ kind: 'exhausted', retryInMs: 500 }, 'not_sent'],
    [{ kind: 'blocked', retryInMs: 500, reason: '418' }, 'venue_blocked'],
  ])('sends nothing when the budget is %j', async (answer, code) => {
    const client = construct();
    budget.answer = answer;
    const call = new VenueCall(clock.nowMs() + 2_000, true);
    await expect(currentCall.run(call, () => client.fetch2('order', 'private', 'POST'))).rejects.toMatchObject({
      name: 'NotSentError',
      code,
    });
    expect(call.sent).toBe(0);
  });

  it('sends nothing after the time for sending', async () => {
    const client = construct();
    const call = new VenueCall(clock.nowMs());
    await currentCall.run(call, () => client.fetch('http://x', 'POST'));
    clock.advance(1);
    await expect(currentCall.run(call, () => client.fetch('http://x', 'POST'))).rejects.toThrow(NotSentError);
    expect(call).toMatchObject({ sent: 1, writesAnswered: 1 });
  });

  it('counts reads as sent and not as writes', async () => {
    const client = construct();
    const call = new VenueCall(clock.nowMs());
    await currentCall.run(call, () => client.fetch('http://x'));
    expect(call).toMatchObject({ sent: 1, writesAnswered: 0 });
  });

  it('keeps two calls apart that run at once', async () => {
    const client = construct();
    const calls = [new VenueCall(clock.nowMs()), new VenueCall(clock.nowMs())];
    await Promise.all(
      calls.map((call, index) => currentCall.run(call, () => client.fetch('http://x', index ? 'GET' : 'POST'))),
    );
    expect(calls.map(({ writesAnswered }) => writesAnswered)).toEqual([1, 0]);
  });

  it.each(['<html>', '', 'null'])('takes an answer that is no JSON for no answer: %j', async (answer) => {
    const client = construct();
    client.answer = answer;
    await expect(client.fetch('http://x')).rejects.toMatchObject({ name: 'BadResponse' });
  });

  it("shows the venue's own address to its error table, and remembers the status", () => {
    const client = construct();
    const answer: HttpAnswer = [418, '', 'http://127.0.0.1/api', 'GET', {}, '', {}, {}, undefined];
    const caught = [() => client.handleErrors(...answer), () => client.handleHttpStatusCode(503, '', '', '', '')].map(
      (raise) => {
        try {
          return raise();
        } catch (error) {
          return answerStatuses.get(error as Error);
        }
      },
    );
    expect(caught).toEqual([418, 503]);
    expect(client.seenUrl).toBe('original of http://127.0.0.1/api');
  });

  it('tells the others that the venue refuses, before its caller goes on', async () => {
    class RefusingVenue extends StubVenue {
      override async fetch(): Promise<unknown> {
        return this.handleErrors(429, '', 'http://x', 'GET', { 'retry-after': '3' }, '', {}, {}, undefined);
      }
    }
    const client = construct(RefusingVenue);
    await expect(client.fetch('http://x')).rejects.toThrow('refused');
    expect(budget.refusals).toEqual([{ scope: 'egress', reason: '429', retryAfterMs: 3_000 }]);
    expect(budget.answers).toBe(0);
  });

  it.each([
    [200, 1],
    [400, 1],
    [503, 0],
  ])('takes an answer with status %i for word of the venue %i times', (status, answers) => {
    const client = construct();
    expect(() => client.handleErrors(status, '', 'http://x', 'GET', {}, '', {}, {}, undefined)).toThrow();
    expect(budget.answers).toBe(answers);
  });

  it('counts nonces as the venue does where they need not rise', () => {
    expect(construct().nonce()).toBe(7);
  });

  it("reads the injected clock, less what it is ahead of the venue's", () => {
    const client = construct();
    context.aheadMs = 250;
    expect(client.milliseconds()).toBe(999_750);
  });
});
