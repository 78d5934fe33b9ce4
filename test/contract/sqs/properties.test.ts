import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';
import { type Action, createFifoTrial, deduplicationMs } from './fifo-model.ts';
import { bodies, createFixture, handles } from './queues.ts';

const pick = fc.nat({ max: 1000 });
const visibilityMs = fc.constantFrom(0, 1000, 5000, 60_000);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      group: fc.constantFrom('a', 'b', 'c'),
      deduplicationId: fc.nat({ max: 40 }).map(String),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('receive' as const),
      messagesMax: fc.integer({ min: 1, max: 10 }),
      visibilityMs,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hide' as const), pick, visibilityMs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      byMs: fc.constantFrom(1, 500, 1000, 5000, 60_000, deduplicationMs),
    }),
  },
);

describe('whatever is sent, received, deleted, hidden and waited for', () => {
  it('a FIFO queue behaves like its model, and gives up to its dead-letter queue what it must', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60, size: 'max' }), async (actions) => {
        const trial = createFifoTrial();
        for (const next of actions) await trial.apply(next);
        await trial.drain();
      }),
      { numRuns: 300 },
    );
  });

  it('two consumers of a FIFO queue never work on one group at once and see every group in order', async () => {
    const steps = fc.array(
      fc.record({ consumer: fc.constantFrom(0, 1), messagesMax: fc.integer({ min: 1, max: 10 }) }),
    );
    const groups = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(groups, steps, async (sends, turns) => {
        const { sqs, queue, send, receive } = createFixture();
        const orders = queue('orders.fifo');
        for (const [index, group] of sends.entries()) send(orders, group, `${group}-${index}`);
        const working: string[][] = [[], []];
        const seen: string[] = [];
        for (const { consumer, messagesMax } of turns) {
          sqs.deleteBatch(orders, working[consumer] ?? []);
          const received = await receive(orders, messagesMax);
          working[consumer] = handles(received);
          seen.push(...bodies(received));
        }
        await sqs.close();
        for (const group of new Set(sends)) {
          const expected = sends.flatMap((of, index) => (of === group ? [`${group}-${index}`] : []));
          const got = seen.filter((body) => body.startsWith(group));
          expect(got).toEqual(expected.slice(0, got.length));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('a standard queue delivers a message only while it is visible and never after its deletion', async () => {
    const turn = fc.record({
      messagesMax: fc.integer({ min: 1, max: 10 }),
      deletes: fc.nat({ max: 10 }),
      byMs: fc.constantFrom(0, 500, 2000),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.array(turn), async (count, turns) => {
        const { sqs, clock, queue, receive } = createFixture();
        const jobs = queue('jobs');
        const visibleMs = new Map(Array.from({ length: count }, (_, index) => [`m${index}`, 0]));
        for (const body of visibleMs.keys()) sqs.send(jobs, { body });
        for (const { messagesMax, deletes, byMs } of turns) {
          const due = [...visibleMs].filter(([, ms]) => ms <= clock.nowMs()).length;
          const received = await receive(jobs, messagesMax, 1000);
          expect(received).toHaveLength(Math.min(messagesMax, due));
          for (const { body } of received) {
            expect(visibleMs.get(body)).toBeLessThanOrEqual(clock.nowMs());
            visibleMs.set(body, clock.nowMs() + 1000);
          }
          const deleted = received.slice(0, deletes);
          sqs.deleteBatch(jobs, handles(deleted));
          for (const { body } of deleted) visibleMs.delete(body);
          clock.advance(byMs);
        }
        await sqs.close();
      }),
      { numRuns: 100 },
    );
  });
});
