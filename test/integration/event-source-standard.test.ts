import { describe, expect, test } from 'vitest';
import { mappingFromResource } from '../../local/cloud/event-sources/index.ts';
import { tooManyRequests } from '../../local/cloud/lambda/errors.ts';
import { failure, pass, type SqsRecord, settle, startWorld, visibilityMs } from '../fixtures/lambda/start-mapping.ts';

const reporting = { FunctionResponseTypes: ['ReportBatchItemFailures'] };

/** Refuses to be invoked while the list lasts. */
function throttledTimes(times: number): () => null {
  let left = times;
  return () => {
    left -= 1;
    if (left >= 0) throw tooManyRequests();
    return null;
  };
}

describe('the event', () => {
  test('holds each message as AWS writes it', async () => {
    const { sqs, queue, events, clock } = startWorld();
    const sentMs = clock.nowMs();
    const attributes = {
      source: { DataType: 'String', StringValue: 'demo' },
      raw: { DataType: 'Binary', BinaryValue: 'AQI=' },
    };
    const { messageId } = sqs.send(queue, { body: '{"side":"buy"}', attributes });
    await settle();
    expect(events).toEqual([
      {
        Records: [
          {
            messageId,
            receiptHandle: expect.any(String),
            body: '{"side":"buy"}',
            attributes: {
              ApproximateReceiveCount: '1',
              SentTimestamp: String(sentMs),
              SenderId: expect.any(String),
              ApproximateFirstReceiveTimestamp: String(sentMs),
            },
            messageAttributes: {
              source: { stringValue: 'demo', stringListValues: [], binaryListValues: [], dataType: 'String' },
              raw: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
            },
            md5OfBody: 'ec79f53e3bd0abe683b95a555f6b3d01',
            eventSource: 'aws:sqs',
            eventSourceARN: queue.arn,
            awsRegion: 'us-east-1',
          },
        ],
      },
    ]);
  });

  test('messages that are too large together for one invocation come in several', async () => {
    const { sqs, queue, invocations } = startWorld({ BatchSize: 10, Enabled: true }, {});
    for (let index = 0; index < 10; index += 1) sqs.send(queue, { body: `${index}${'x'.repeat(1_000_000)}` });
    await settle();
    const sizes = invocations.map((bodies) => bodies.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(10);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6);
    expect(sqs.depth(queue)).toMatchObject({ visible: 0, inFlight: 0 });
  });
});

describe('what becomes of a batch', () => {
  const bodies = ['a', 'b', 'c'];

  /** Sends three messages as one batch, answers them, and tells which come again after the visibility timeout. */
  async function redelivered(answer: (records: SqsRecord[]) => unknown, definition = {}): Promise<string[]> {
    const world = startWorld({ BatchSize: 3, MaximumBatchingWindowInSeconds: 5, ...definition }, { handler: answer });
    for (const body of bodies) world.sqs.send(world.queue, { body });
    await settle();
    expect(world.invocations.map((batch) => batch.toSorted())).toEqual([bodies]);
    await pass(world, visibilityMs - 1);
    expect(world.invocations).toHaveLength(1);
    await pass(world, 1);
    await pass(world, 5_000);
    return world.invocations.slice(1).flat().toSorted();
  }

  test('success deletes every message', async () => {
    expect(await redelivered(() => ({ any: 'answer' }))).toEqual([]);
  });

  test('a function error leaves every message to become visible again', async () => {
    expect(await redelivered(() => failure)).toEqual(bodies);
  });

  test('without ReportBatchItemFailures named failures mean nothing', async () => {
    const answer = ([first]: SqsRecord[]) => ({ batchItemFailures: [{ itemIdentifier: first?.messageId }] });
    expect(await redelivered(answer)).toEqual([]);
  });

  test('named failures come again, the others are deleted', async () => {
    const answer = (records: SqsRecord[]) => ({
      batchItemFailures: records
        .filter(({ body }) => body !== 'b')
        .map(({ messageId }) => ({ itemIdentifier: messageId })),
    });
    expect(await redelivered(answer, reporting)).toEqual(['a', 'c']);
  });

  test.each([
    ['no answer', null],
    ['an empty object', {}],
    ['no list', { batchItemFailures: null }],
    ['an empty list', { batchItemFailures: [] }],
  ])('%s is success', async (_case, answer) => {
    expect(await redelivered(() => answer, reporting)).toEqual([]);
  });

  test.each([
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a missing id', { batchItemFailures: [{ id: 'x' }] }],
    ['an id that is null', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'not-of-this-batch' }] }],
    ['an entry that is null', { batchItemFailures: [null] }],
    ['a list that is none', { batchItemFailures: 'all' }],
    ['a text', 'fine'],
  ])('%s fails the whole batch', async (_case, answer) => {
    expect(await redelivered(() => answer, reporting)).toEqual(bodies);
  });
});

describe('batching and concurrency', () => {
  test('without a window a message is handed over at once, and a batch is never larger than BatchSize', async () => {
    const { sqs, queue, invocations } = startWorld({ BatchSize: 2 });
    sqs.send(queue, { body: 'first' });
    await settle();
    expect(invocations).toEqual([['first']]);
    for (const body of ['1', '2', '3', '4', '5']) sqs.send(queue, { body });
    await settle();
    expect(invocations.flat()).toHaveLength(6);
    expect(Math.max(...invocations.map(({ length }) => length))).toBeLessThanOrEqual(2);
  });

  test('a window gathers more than one receive gives, until the batch is full or the time is over', async () => {
    const world = startWorld({ BatchSize: 12, MaximumBatchingWindowInSeconds: 2 });
    for (let index = 0; index < 15; index += 1) world.sqs.send(world.queue, { body: String(index) });
    await settle();
    expect(world.invocations.map(({ length }) => length)).toEqual([12]);
    await pass(world, 1_999);
    expect(world.invocations).toHaveLength(1);
    await pass(world, 1);
    expect(world.invocations.map(({ length }) => length)).toEqual([12, 3]);
  });

  test('no more invocations at once than MaximumConcurrency or the reserved concurrency', async () => {
    for (const [maximum, reserved, expected] of [
      [2, undefined, 2],
      [5, 3, 3],
    ] as const) {
      let running = 0;
      let runningMax = 0;
      const handler = async (): Promise<void> => {
        running += 1;
        runningMax = Math.max(runningMax, running);
        await settle();
        running -= 1;
      };
      const definition = { BatchSize: 1, ScalingConfig: { MaximumConcurrency: maximum } };
      const options = reserved === undefined ? { handler } : { handler, reservedConcurrency: reserved };
      const { sqs, queue, invocations } = startWorld(definition, options);
      for (let index = 0; index < 12; index += 1) sqs.send(queue, { body: String(index) });
      await expect.poll(() => invocations).toHaveLength(12);
      expect(runningMax).toBe(expected);
    }
  });

  test('a throttled batch is tried again with growing waits and is received only once', async () => {
    const world = startWorld({}, { handler: throttledTimes(3) });
    world.sqs.send(world.queue, { body: 'a' });
    await settle();
    for (const [waitMs, attempts] of [
      [100, 2],
      [200, 3],
      [400, 4],
    ] as const) {
      await pass(world, waitMs - 1);
      expect(world.invocations).toHaveLength(attempts - 1);
      await pass(world, 1);
      expect(world.invocations).toHaveLength(attempts);
    }
    expect(world.events.at(-1)?.Records[0]?.attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(world.sqs.depth(world.queue)).toMatchObject({ visible: 0, inFlight: 0 });
  });

  test('a batch throttled for too long goes back, before its messages could be worked on twice', async () => {
    const world = startWorld({}, { handler: throttledTimes(1_000) });
    world.sqs.send(world.queue, { body: 'a' });
    await settle();
    for (let second = 0; second < 29; second += 1) await pass(world, 1_000);
    expect(world.logged).toEqual([expect.stringContaining('TooManyRequestsException')]);
    const attempts = world.invocations.length;
    await pass(world, 1_000);
    expect(world.invocations).toHaveLength(attempts + 1);
    expect(world.events.at(-1)?.Records[0]?.attributes).toMatchObject({ ApproximateReceiveCount: '2' });
  });
});

describe('stopping', () => {
  test('close receives no more and waits for the batch that is being worked on', async () => {
    const release = Promise.withResolvers<null>();
    const world = startWorld(
      { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
      { handler: () => release.promise },
    );
    world.sqs.send(world.queue, { body: 'a' });
    await settle();
    const closing = world.mapping.close({ graceMs: 60_000 });
    world.sqs.send(world.queue, { body: 'b' });
    await settle();
    release.resolve(null);
    await closing;
    expect(world.invocations).toEqual([['a']]);
    expect(world.sqs.depth(world.queue)).toMatchObject({ visible: 1, inFlight: 0 });
  });

  test('close does not wait longer than told, even with every invocation in use', async () => {
    const world = startWorld({}, { handler: () => new Promise(() => undefined), reservedConcurrency: 1 });
    world.sqs.send(world.queue, { body: 'a' });
    await settle();
    await world.mapping.close({ graceMs: 20 });
    expect(world.sqs.depth(world.queue)).toMatchObject({ inFlight: 1 });
  });

  test('a mapping that is not enabled receives nothing', async () => {
    const world = startWorld({ Enabled: false });
    world.sqs.send(world.queue, { body: 'a' });
    await settle();
    expect(world.invocations).toEqual([]);
  });
});

describe('definitions that AWS refuses, or that are not emulated', () => {
  test.each([
    ['FilterCriteria', { FilterCriteria: { Filters: [] } }, {}],
    ['EventSourceArn', { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:other' }, {}],
    ['BatchSize', { BatchSize: 11 }, { fifo: true }],
    ['MaximumBatchingWindowInSeconds must be at least 1', { BatchSize: 11 }, {}],
    ['MaximumBatchingWindowInSeconds is not for FIFO', { MaximumBatchingWindowInSeconds: 1 }, { fifo: true }],
    ['ScalingConfig.MaximumConcurrency', { ScalingConfig: { MaximumConcurrency: 1 } }, {}],
    ['FunctionResponseTypes', { FunctionResponseTypes: ['ReportItems'] }, {}],
    ['5 seconds is less than Function timeout: 10 seconds', {}, { queueProperties: { VisibilityTimeout: 5 } }],
  ])('%s', (problem, definition, options) => {
    expect(() => startWorld(definition, options)).toThrow(problem);
  });
});

test('a template resource says the same, with numbers and booleans written as text too', () => {
  const properties = {
    EventSourceArn: 'arn:q',
    FunctionName: 'f',
    BatchSize: '5',
    Enabled: 'false',
  };
  const resource = { logicalId: 'Mapping', type: 'AWS::Lambda::EventSourceMapping', physicalId: 'id', properties };
  expect(mappingFromResource(resource)).toEqual({ ...properties, BatchSize: 5, Enabled: false });
});
