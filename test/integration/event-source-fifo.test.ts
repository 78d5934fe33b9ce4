import { expect, test } from 'vitest';
import { failure, pass, type SqsRecord, settle, startWorld, visibilityMs } from '../fixtures/lambda/start-mapping.ts';
import fc from '../support/property.ts';

const fifo = { fifo: true };

test('a batch holds several groups and says group, order and deduplication of each message', async () => {
  const { sqs, queue, events } = startWorld({ Enabled: true }, fifo);
  for (const [groupId, body] of [
    ['x', 'x1'],
    ['y', 'y1'],
    ['x', 'x2'],
  ] as const)
    sqs.send(queue, { body, groupId });
  await settle();
  const records = events.flatMap(({ Records }) => Records);
  expect(records).toHaveLength(3);
  expect(records.find(({ body }) => body === 'y1')?.attributes).toMatchObject({
    MessageGroupId: 'y',
    SequenceNumber: expect.stringMatching(/^\d{20}$/),
    MessageDeduplicationId: expect.stringMatching(/^[\da-f]{64}$/),
    ApproximateReceiveCount: '1',
  });
});

test('a group waits for its batch, other groups do not', async () => {
  const blocked = Promise.withResolvers<null>();
  const handler = ([first]: SqsRecord[]) => (first?.body === 'x1' ? blocked.promise : null);
  const { sqs, queue, invocations } = startWorld({ BatchSize: 1 }, { fifo: true, handler });
  for (const [groupId, body] of [
    ['x', 'x1'],
    ['x', 'x2'],
    ['y', 'y1'],
    ['y', 'y2'],
  ] as const)
    sqs.send(queue, { body, groupId });
  await settle();
  expect(invocations).toEqual([['x1'], ['y1'], ['y2']]);
  blocked.resolve(null);
  await settle();
  expect(invocations.at(-1)).toEqual(['x2']);
});

test('a message that fails holds its group back until the visibility timeout, then comes first', async () => {
  let failures = 1;
  const handler = () => (failures-- > 0 ? failure : null);
  const world = startWorld({ BatchSize: 1 }, { fifo: true, handler });
  for (const body of ['1', '2']) world.sqs.send(world.queue, { body, groupId: 'x' });
  await settle();
  await pass(world, visibilityMs - 1);
  expect(world.invocations).toEqual([['1']]);
  await pass(world, 1);
  expect(world.invocations).toEqual([['1'], ['1'], ['2']]);
});

test('whatever fails, every group is worked through once, in order, and never twice at a time', async () => {
  const schedule = fc.record({
    groups: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 25 }),
    outcomes: fc.array(fc.constantFrom('success', 'function error', 'partial failure'), {
      minLength: 1,
      maxLength: 12,
    }),
    batchSize: fc.integer({ min: 1, max: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(schedule, async ({ groups, outcomes, batchSize }) => {
      const done = new Map<string, string[]>();
      const active = new Set<string>();
      let calls = 0;
      const handler = async (records: SqsRecord[]): Promise<unknown> => {
        const groupIds = new Set(records.map(({ attributes }) => attributes.MessageGroupId ?? ''));
        for (const groupId of groupIds) {
          if (active.has(groupId)) throw new Error(`group ${groupId} is worked on twice at a time`);
          active.add(groupId);
        }
        const outcome = calls < outcomes.length ? outcomes[calls] : 'success';
        calls += 1;
        await settle();
        for (const groupId of groupIds) active.delete(groupId);
        if (outcome === 'function error') return failure;
        // As a function on a FIFO queue must: after the first failure of a group, the rest of it fails too.
        const good = outcome === 'success' ? records : records.slice(0, Math.floor(records.length / 2));
        for (const { body, attributes } of good) {
          const groupId = attributes.MessageGroupId ?? '';
          done.set(groupId, [...(done.get(groupId) ?? []), body]);
        }
        const failed = records.slice(good.length);
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      };
      const definition = { BatchSize: batchSize, FunctionResponseTypes: ['ReportBatchItemFailures'] };
      const world = startWorld(definition, { fifo: true, handler });
      for (const [index, group] of groups.entries())
        world.sqs.send(world.queue, { body: String(index), groupId: String(group) });
      for (let round = 0; round <= outcomes.length; round += 1) {
        await settle();
        await world.mapping.waitForQuiet();
        await pass(world, visibilityMs);
      }
      await world.mapping.waitForQuiet();

      const sent = Map.groupBy(
        groups.map((group, index) => ({ group: String(group), body: String(index) })),
        ({ group }) => group,
      );
      const expected = [...sent].map(([group, messages]) => [group, messages.map(({ body }) => body)]);
      expect(Object.fromEntries(done)).toEqual(Object.fromEntries(expected));
      expect(world.logged).toEqual([]);
      await world.mapping.close();
    }),
    { numRuns: 40 },
  );
});
