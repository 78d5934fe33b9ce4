import { beforeEach, describe, expect, it } from 'vitest';
import { type ClientContext, constructObserved } from '../../../layers/exchange/src/observed-client.ts';
import { RequestWindow } from '../../../layers/exchange/src/request-window.ts';
import { answerStatuses, currentCall, NotSentError, VenueCall } from '../../../layers/exchange/src/venue-call.ts';
import type { HttpAnswer, VenueClass } from '../../../layers/exchange/src/venue-client.ts';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';

/** Stands in for ccxt's base class: answers what it is told, and keeps `milliseconds` on the object as ccxt does. */
class StubVenue {
  answer: unknown = {};
  seenUrl = '';
  milliseconds = () => 0;
  async throttle(): Promise<void> {
    throw new Error("ccxt's own limiter must not be used");
  }
  async fetch(): Promise<unknown> {
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

let clock: ManualClock;
let context: ClientContext;
beforeEach(() => {
  clock = createManualClock(1_000_000);
  context = { clock, window: new RequestWindow(1_000), aheadMs: 0, originalUrl: (url) => `original of ${url}` };
  context.window.setRate(500);
});

function construct() {
  const config = { number: String, enableRateLimit: true, timeout: 1, options: {} };
  // The stub has the few members that matter here.
  return constructObserved(StubVenue as unknown as VenueClass, config, context) as ReturnType<
    typeof constructObserved
  > &
    Pick<StubVenue, 'answer' | 'seenUrl'>;
}

describe('the observed client', () => {
  it('waits in the shared window, where a cost that is a text counts as a number', async () => {
    const client = construct();
    const call = new VenueCall(clock.nowMs() + 2_000);
    await currentCall.run(call, async () => {
      for (let count = 0; count < 4; count += 1) await client.throttle('0.5');
      expect(clock.nowMs()).toBe(1_000_000);
      await client.throttle('1');
      expect(clock.nowMs()).toBe(1_001_000);
    });
  });

  it('does not wait longer than the call allows: then nothing is sent', async () => {
    const client = construct();
    await currentCall.run(new VenueCall(clock.nowMs() + 500), async () => {
      await client.throttle(2);
      await expect(client.throttle(1)).rejects.toThrow(NotSentError);
      expect(clock.nowMs()).toBe(1_000_000);
    });
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

  it("reads the injected clock, less what it is ahead of the venue's", () => {
    const client = construct();
    context.aheadMs = 250;
    expect(client.milliseconds()).toBe(999_750);
  });
});
