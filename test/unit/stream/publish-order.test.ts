/** Whatever a table does with writes: in the end it has what the venue has, and no row is ever written by two at once. */
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';
import { bookAt, marketUnit, openPublisher, subscriptionOf } from '../../support/streaming-publisher.ts';

const symbols = ['A/USDT', 'B/USDT', 'C/USDT'];
/** Nothing that nobody answered comes to be later than this. */
const lateMsMax = 4_500;

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('book' as const), of: fc.nat(2), pauseMs: fc.nat(400) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('lost' as const), of: fc.nat(2), pauseMs: fc.nat(400) }) },
);
const answer = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('taken' as const), afterMs: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('refused' as const), afterMs: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('late' as const), afterMs: fc.nat(lateMsMax) }) },
);

describe('publishing to a table that answers late, never or not at all', () => {
  it('ends in what is newest of each market, written by one at a time', async () => {
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 30 }),
      fc.infiniteStream(answer),
      async (steps, answers) => {
        const opened = openPublisher();
        const { quotes, clock, publisher, pass, nowMs } = opened;
        const { write, remove } = quotes;
        const underWay = new Set<string>();
        /** What the table does with a call, by the stream of answers. */
        const disturbed = async <Result>(names: readonly string[], put: () => Promise<Result>): Promise<Result> => {
          for (const name of names) {
            expect(underWay).not.toContain(name);
            underWay.add(name);
          }
          try {
            const [next] = answers.take(1);
            if (next?.is === 'late') {
              void clock.sleep(next.afterMs).then(put);
              await clock.sleep(Math.min(next.afterMs, 1_000));
              throw new Error('no answer in time');
            }
            await clock.sleep(next?.afterMs ?? 0);
            if (next?.is === 'refused') throw new Error('too much at once');
            return await put();
          } finally {
            for (const name of names) underWay.delete(name);
          }
        };
        quotes.write = (all, writtenMs) =>
          disturbed(
            all.map(({ symbol }) => symbol),
            () => write.call(quotes, all, writtenMs),
          );
        quotes.remove = (all) =>
          disturbed(
            all.map(({ symbol }) => symbol),
            () => remove.call(quotes, all),
          );
        const feed = publisher.openMarkets(marketUnit, { connection: 'one', heardMs: () => undefined });
        feed.want(symbols.map((symbol) => subscriptionOf(symbol, { quoteEveryMs: 200 })));
        const truth = new Map<string, number>();
        for (const [index, { does, of, pauseMs }] of steps.entries()) {
          const symbol = symbols[of] ?? '';
          // Prices come back, as they do, so that a book may be as it was written before.
          const price = 100 + (index % 3);
          if (does === 'book') {
            truth.set(symbol, price);
            feed.book(bookAt(price, { symbol, receivedMs: nowMs() }));
          } else {
            truth.delete(symbol);
            feed.bookLost(symbol);
          }
          await pass(pauseMs);
        }
        quotes.write = (all, writtenMs) => write.call(quotes, all, writtenMs);
        quotes.remove = (all) => remove.call(quotes, all);
        await pass(20_000);
        expect(opened.bids()).toEqual(Object.fromEntries(truth));
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });
});
