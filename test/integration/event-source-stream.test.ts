import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { tooManyRequests } from '../../local/cloud/lambda/errors.ts';
import {
  type EventRecord,
  failure,
  label,
  lostArn,
  passUntilQuiet,
  type StreamWorld,
  startStreamWorld,
  streamArn,
} from '../fixtures/lambda/start-stream-mapping.ts';

const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:notify';
const reporting = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
const failing = (...records: (EventRecord | undefined)[]) => ({
  batchItemFailures: records.map((record) => ({ itemIdentifier: record?.dynamodb.SequenceNumber })),
});

async function putAll(world: StreamWorld, ids: string): Promise<void> {
  for (const id of ids) await world.put(id);
}

/** Puts so many items, up to as many at once as a transaction takes. */
async function putMany({ endpoint }: StreamWorld, count: number): Promise<void> {
  const puts = Array.from({ length: count }, (_, index) => ({
    Put: { TableName: 'orders', Item: { id: { S: `many-${index}` } } },
  }));
  for (let start = 0; start < count; start += 100) {
    await endpoint.client.send(new TransactWriteItemsCommand({ TransactItems: puts.slice(start, start + 100) }));
  }
}

describe('the event', () => {
  test('holds each change as AWS writes it', async () => {
    const world = await startStreamWorld();
    const mapping = world.map();
    await world.put('a', 'open');
    await mapping.waitForQuiet();
    expect(world.events).toEqual([
      {
        Records: [
          {
            eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
            eventName: 'INSERT',
            eventVersion: '1.1',
            eventSource: 'aws:dynamodb',
            awsRegion: 'us-east-1',
            dynamodb: {
              ApproximateCreationDateTime: world.clock.nowMs() / 1000,
              Keys: { id: { S: 'a' } },
              NewImage: { id: { S: 'a' }, value: { S: 'open' } },
              SequenceNumber: '100000000000000000001',
              SizeBytes: expect.any(Number),
              StreamViewType: 'NEW_AND_OLD_IMAGES',
            },
            eventSourceARN: streamArn,
          },
        ],
      },
    ]);
  });

  test('holds changes in order, as many as the batch takes', async () => {
    const world = await startStreamWorld();
    await world.put('a', '1');
    await world.put('b', '1');
    await world.put('a', '2');
    await world.remove('a');
    const mapping = world.map({ BatchSize: 3 });
    await mapping.waitForQuiet();
    expect(world.invocations).toEqual([['a=1', 'b=1', 'a=2'], ['a=gone']]);
  });

  test('comes at once after a silence, and then no more often than AWS looks', async () => {
    const world = await startStreamWorld();
    const invokedAt: number[] = [];
    const mapping = world.map({}, () => void invokedAt.push(performance.now()));
    await world.put('a');
    await mapping.waitForQuiet();
    await putAll(world, 'bc');
    await mapping.waitForQuiet();
    expect(world.invocations.flat()).toEqual(['a=', 'b=', 'c=']);
    const [first = 0, second = 0] = invokedAt;
    // Timers may fire a millisecond early.
    expect(second - first).toBeGreaterThan(240);
  });

  test('is no larger than an invocation takes', async () => {
    const world = await startStreamWorld();
    for (let index = 0; index < 20; index += 1) await world.put(String(index), 'x'.repeat(390_000));
    const mapping = world.map();
    await mapping.waitForQuiet();
    expect(world.invocations.flat()).toHaveLength(20);
    expect(world.invocations.length).toBeGreaterThan(1);
  });

  test('gathers for the time of a batching window', async () => {
    const world = await startStreamWorld();
    const mapping = world.map({ MaximumBatchingWindowInSeconds: 5, BatchSize: 10 });
    await putAll(world, 'ab');
    expect(world.invocations).toEqual([]);
    await passUntilQuiet(world, mapping);
    expect(world.invocations).toEqual([['a=', 'b=']]);
  });
});

describe('where it begins', () => {
  test('is what is there with TRIM_HORIZON, and what is yet to come with LATEST', async () => {
    const world = await startStreamWorld();
    await world.put('before');
    const mappings = [
      world.map({ FunctionName: 'all' }, () => null),
      world.map({ FunctionName: 'new', StartingPosition: 'LATEST' }, () => null),
    ];
    await world.put('after');
    await Promise.all(mappings.map((mapping) => mapping.waitForQuiet()));
    expect(world.invocations.flat().sort()).toEqual(['after=', 'after=', 'before=']);
  });

  test('is where it was when it comes again, whatever its starting position', async () => {
    const world = await startStreamWorld();
    const first = world.map({ StartingPosition: 'LATEST' });
    await world.put('a');
    await first.waitForQuiet();
    await first.close();
    await world.put('b');
    const second = world.map({ StartingPosition: 'LATEST' });
    await second.waitForQuiet();
    expect(world.invocations).toEqual([['a='], ['b=']]);
  });

  test('is before what was interrupted', async () => {
    const world = await startStreamWorld();
    const never = new Promise(() => undefined);
    const first = world.map({}, () => never);
    await world.put('a');
    await expect.poll(() => world.invocations).toEqual([['a=']]);
    await first.close({ graceMs: 0 });
    const second = world.map();
    await second.waitForQuiet();
    expect(world.invocations).toEqual([['a='], ['a=']]);
  });

  test('is noted once in a while for what no filter takes, and at the end', async () => {
    const world = await startStreamWorld();
    const { streams } = world.endpoint.dynamoDb;
    const stream = streams.find(streamArn);
    if (stream === undefined) throw new Error('no stream');
    const noted = () => streams.position(stream, functionArn);
    const filters = [{ Pattern: JSON.stringify({ dynamodb: { NewImage: { value: { S: ['told'] } } } }) }];
    const first = world.map({ FilterCriteria: { Filters: filters } });
    await putAll(world, 'abc');
    await first.waitForQuiet();
    expect(noted()).toBe('100000000000000000000');
    await world.put('d', 'told');
    await first.waitForQuiet();
    expect(noted()).toBe('100000000000000000004');
    await putMany(world, 999);
    await first.waitForQuiet();
    expect(noted()).toBe('100000000000000000004');
    await world.put('f');
    await first.waitForQuiet();
    expect(noted()).toBe('100000000000000001004');
    await world.put('g');
    await first.close();
    expect(noted()).toBe('100000000000000001005');
    expect(world.invocations).toEqual([['d=told']]);
  });

  test('is nowhere for a mapping that is not enabled', async () => {
    const world = await startStreamWorld();
    await world.put('a');
    await world.map({ Enabled: false }).close();
    expect(world.invocations).toEqual([]);
  });
});

describe('failures', () => {
  test('hold up everything behind them until they are mended', async () => {
    const world = await startStreamWorld();
    await putAll(world, 'abc');
    let failuresLeft = 3;
    const mapping = world.map({ BatchSize: 2 }, () => {
      failuresLeft -= 1;
      return failuresLeft >= 0 ? failure : null;
    });
    await passUntilQuiet(world, mapping);
    const first = ['a=', 'b='];
    expect(world.invocations).toEqual([first, first, first, first, ['c=']]);
  });

  test('that are reported bring back the lowest and all behind it, and nothing before', async () => {
    const world = await startStreamWorld();
    await putAll(world, 'abcd');
    let isFirst = true;
    const mapping = world.map(reporting, (records) => {
      const answer = isFirst ? failing(records[3], records[2]) : null;
      isFirst = false;
      return answer;
    });
    await passUntilQuiet(world, mapping);
    expect(world.invocations).toEqual([
      ['a=', 'b=', 'c=', 'd='],
      ['c=', 'd='],
    ]);
  });

  test.each([
    ['an unknown record', { batchItemFailures: [{ itemIdentifier: '1' }] }],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['another name', { batchItemFailures: [{ id: '1' }] }],
  ])('that are reported with %s count for the whole batch', async (_title, answer) => {
    const world = await startStreamWorld();
    await putAll(world, 'ab');
    let isFirst = true;
    const mapping = world.map(reporting, () => {
      const given = isFirst ? answer : null;
      isFirst = false;
      return given;
    });
    await passUntilQuiet(world, mapping);
    expect(world.invocations).toEqual([
      ['a=', 'b='],
      ['a=', 'b='],
    ]);
  });

  test('of one record are narrowed down to it by splitting, and its place is told to the destination', async () => {
    const world = await startStreamWorld();
    await putAll(world, 'abcde');
    const DestinationConfig = { OnFailure: { Destination: lostArn } };
    const definition = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1, DestinationConfig };
    const mapping = world.map(definition, (records) => (records.some((one) => label(one) === 'd=') ? failure : null));
    await passUntilQuiet(world, mapping);
    expect(world.invocations.map((batch) => batch.join(''))).toEqual([
      'a=b=c=d=e=',
      'a=b=c=',
      'd=e=',
      'd=',
      'd=',
      'e=',
    ]);
    expect(await world.givenUp()).toEqual([
      {
        requestContext: {
          requestId: 'r5',
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:notify',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 2,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: expect.stringMatching(/^2026-01-01T00:00:0\d\.\d{3}Z$/),
        DDBStreamBatchInfo: {
          shardId: expect.stringMatching(/^shardId-/),
          startSequenceNumber: '100000000000000000004',
          endSequenceNumber: '100000000000000000004',
          approximateArrivalOfFirstRecord: '2026-01-01T00:00:00Z',
          approximateArrivalOfLastRecord: '2026-01-01T00:00:00Z',
          batchSize: 1,
          streamArn,
        },
      },
    ]);
  });

  test('end when the record is too old', async () => {
    const world = await startStreamWorld();
    await putAll(world, 'ab');
    const DestinationConfig = { OnFailure: { Destination: lostArn } };
    const mapping = world.map({ MaximumRecordAgeInSeconds: 60, DestinationConfig }, () => failure);
    await passUntilQuiet(world, mapping);
    const [message] = await world.givenUp();
    expect(message?.requestContext).toMatchObject({ condition: 'RecordAgeExceeded' });
    expect(message?.DDBStreamBatchInfo).toMatchObject({ batchSize: 2 });
    await world.put('c');
    await expect.poll(() => world.invocations.at(-1)).toEqual(['c=']);
  });

  test('go on for a day where nothing bounds them', async () => {
    const world = await startStreamWorld();
    await world.put('a');
    const startMs = world.clock.nowMs();
    const mapping = world.map({}, () => failure);
    await passUntilQuiet(world, mapping, 60_000);
    const hours = (world.clock.nowMs() - startMs) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(24);
    expect(world.logged.at(-1)).toContain('1 records were given up: RecordAgeExceeded');
  });

  test('to reach the function use up no retry', async () => {
    const world = await startStreamWorld();
    await world.put('a');
    let refusalsLeft = 4;
    const mapping = world.map({ MaximumRetryAttempts: 0 }, () => {
      refusalsLeft -= 1;
      if (refusalsLeft >= 0) throw tooManyRequests();
      return null;
    });
    await passUntilQuiet(world, mapping);
    expect(world.invocations).toHaveLength(5);
    expect(world.logged).toEqual(Array.from({ length: 4 }, () => expect.stringContaining('was not reached')));
  });

  test('of the stream to keep what nobody read are told', async () => {
    const world = await startStreamWorld();
    await world.map({}).close();
    await putAll(world, 'ab');
    const dayMs = 24 * 60 * 60 * 1000;
    world.clock.advance(dayMs + 2 * 60_000);
    await world.put('c');
    await expect
      .poll(async () => {
        world.clock.advance(60_000);
        const stream = world.endpoint.dynamoDb.streams.find(streamArn);
        return stream && (await world.endpoint.dynamoDb.streams.read(stream, { after: '1', recordsMax: 10 })).length;
      })
      .toBe(1);
    const mapping = world.map({});
    await mapping.waitForQuiet();
    expect(world.invocations).toEqual([['c=']]);
    expect(world.logged).toEqual([expect.stringContaining('2 records were trimmed')]);
  });
});

describe('filters', () => {
  test('keep records from the function, and are passed for good', async () => {
    const world = await startStreamWorld();
    const filled = { dynamodb: { NewImage: { value: { S: ['filled'] } } } };
    const FilterCriteria = { Filters: [{ Pattern: JSON.stringify(filled) }, { Pattern: '{"eventName":["REMOVE"]}' }] };
    const first = world.map({ FilterCriteria, BatchSize: 2 });
    await world.put('a', 'open');
    await world.put('a', 'filled');
    await world.put('b', 'open');
    await world.remove('b');
    await world.put('c', 'open');
    await first.waitForQuiet();
    expect(world.invocations.flat()).toEqual(['a=filled', 'b=gone']);
    await first.close();
    const second = world.map({ BatchSize: 2 });
    await second.waitForQuiet();
    expect(world.invocations.flat()).toHaveLength(2);
  });
});

describe('definitions that AWS refuses, or that are not emulated', () => {
  const destination = (arn: string) => ({ DestinationConfig: { OnFailure: { Destination: arn } } });
  test.each<[problem: string, definition: object]>([
    ['EventSourceArn is not the ARN of a stream', { EventSourceArn: streamArn.replace('orders', 'others') }],
    ['StartingPosition must be TRIM_HORIZON or LATEST', { StartingPosition: 'AT_TIMESTAMP' }],
    ['StartingPosition must be TRIM_HORIZON or LATEST', { StartingPosition: undefined }],
    ['BatchSize must be a whole number from 1 to 10000', { BatchSize: 10_001 }],
    ['MaximumBatchingWindowInSeconds must be a whole number from 0 to 300', { MaximumBatchingWindowInSeconds: 301 }],
    ['MaximumRetryAttempts must be a whole number from -1 to 10000', { MaximumRetryAttempts: -2 }],
    ['MaximumRecordAgeInSeconds must be a whole number from 60', { MaximumRecordAgeInSeconds: 59 }],
    ['ParallelizationFactor other than 1 is not emulated', { ParallelizationFactor: 2 }],
    ['ScalingConfig is not emulated', { ScalingConfig: { MaximumConcurrency: 2 } }],
    ['TumblingWindowInSeconds is not emulated', { TumblingWindowInSeconds: 1 }],
    ['FunctionResponseTypes cannot hold Some', { FunctionResponseTypes: ['Some'] }],
    ['must be the ARN of a standard queue', destination('arn:aws:sns:us-east-1:000000000000:topic')],
    [
      'FilterCriteria.Filters.0: eventName: the rule suffix',
      { FilterCriteria: filter('{"eventName":[{"suffix":"Y"}]}') },
    ],
    ['FilterCriteria can hold 5 filters, not 6', { FilterCriteria: filter(...Array.from({ length: 6 }, () => '{}')) }],
  ])('%s', async (problem, definition) => {
    const world = await startStreamWorld();
    expect(() => world.map(definition)).toThrow(problem);
  });
});

function filter(...patterns: string[]) {
  return { Filters: patterns.map((Pattern) => ({ Pattern })) };
}
