import { describe, expect, it } from 'vitest';
import type { StreamRecord } from '../../../local/cloud/dynamodb/index.ts';
import {
  decideNext,
  partByAge,
  type RetryPolicy,
  type StreamBatch,
} from '../../../local/cloud/event-sources/stream-batch.ts';
import fc from '../../support/property.ts';

const records = (count: number): StreamRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    eventID: String(index),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: 1_000 + index,
      Keys: {},
      SequenceNumber: String(index),
      SizeBytes: 0,
      StreamViewType: 'KEYS_ONLY',
    },
  }));

const batch = (count: number, failures = 0): StreamBatch => ({ records: records(count), failures });
const ids = (some: StreamBatch | undefined): string | undefined => some?.records.map(({ eventID }) => eventID).join('');

function told(of: StreamBatch, firstFailed: number | undefined, policy: Partial<RetryPolicy> = {}) {
  const steps = decideNext(of, firstFailed, { bisects: false, retriesMax: undefined, ...policy });
  const next = steps.next.map((part) => `${ids(part)} failed ${part.failures}`);
  return { next, done: steps.done?.eventID, givenUp: ids(steps.givenUp) };
}

describe('after an invocation', () => {
  it.each([
    ['all went well', batch(3), undefined, {}, { next: [], done: '2', givenUp: undefined }],
    ['all failed', batch(3), 0, {}, { next: ['012 failed 1'], done: undefined, givenUp: undefined }],
    ['all failed again', batch(3, 7), 0, {}, { next: ['012 failed 8'], done: undefined, givenUp: undefined }],
    ['some went well', batch(3, 7), 1, {}, { next: ['12 failed 1'], done: '0', givenUp: undefined }],
    ['the last try failed', batch(3, 2), 0, { retriesMax: 2 }, { next: [], done: '2', givenUp: '012' }],
    [
      'a try is left',
      batch(3, 1),
      0,
      { retriesMax: 2 },
      { next: ['012 failed 2'], done: undefined, givenUp: undefined },
    ],
    ['some went well and there are no retries', batch(3), 2, { retriesMax: 0 }, { next: [], done: '2', givenUp: '2' }],
    [
      'all failed and may be split, which is no retry',
      batch(3, 1),
      0,
      { bisects: true, retriesMax: 1 },
      { next: ['01 failed 1', '2 failed 1'], done: undefined, givenUp: undefined },
    ],
    [
      'some went well and the rest may be split',
      batch(4),
      2,
      { bisects: true, retriesMax: 0 },
      { next: ['23 failed 1'], done: '1', givenUp: undefined },
    ],
    ['one is left to split', batch(1, 1), 0, { bisects: true, retriesMax: 1 }, { next: [], done: '0', givenUp: '0' }],
  ] as const)('in which %s', (_title, of, firstFailed, policy, expected) => {
    expect(told(of, firstFailed, policy)).toEqual(expected);
  });

  it('every record ends, in order, as done or given up, and splitting gives up only those that fail', () => {
    const bad = fc.uniqueArray(fc.nat(11));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        bad,
        fc.nat(2),
        fc.boolean(),
        (count, badOnes, retriesMax, reports) => {
          const isBad = ({ eventID }: StreamRecord) => badOnes.includes(Number(eventID));
          const policy = { bisects: true, retriesMax };
          let waiting: readonly StreamBatch[] = [batch(count)];
          let position = -1;
          const givenUp: string[] = [];
          const invocationsMax = 1_000;
          for (let invocation = 0; waiting.length > 0; invocation += 1) {
            expect(invocation).toBeLessThan(invocationsMax);
            const [current, ...later] = waiting;
            if (current === undefined) break;
            expect(current.records[0]?.eventID).toBe(String(position + 1));
            const lowest = current.records.findIndex(isBad);
            const firstFailed = lowest < 0 ? undefined : reports ? lowest : 0;
            const steps = decideNext(current, firstFailed, policy);
            givenUp.push(...(steps.givenUp?.records.map(({ eventID }) => eventID) ?? []));
            if (steps.done !== undefined) position = Number(steps.done.eventID);
            waiting = [...steps.next, ...later];
          }
          expect(position).toBe(count - 1);
          expect(givenUp).toEqual(
            badOnes
              .filter((id) => id < count)
              .sort((a, b) => a - b)
              .map(String),
          );
        },
      ),
    );
  });
});

describe('age', () => {
  it.each([
    [0, undefined, '012'],
    [1_000_999, undefined, '012'],
    [1_001_000, '0', '12'],
    [1_002_500, '01', '2'],
    [1_003_000, '012', undefined],
  ])('of records from second 1000 on, with none older than %d ms allowed', (oldestMs, tooOld, rest) => {
    const parts = partByAge(batch(3, 4), oldestMs);
    expect([ids(parts.tooOld), ids(parts.rest)]).toEqual([tooOld, rest]);
    expect((parts.rest ?? parts.tooOld)?.failures).toBe(4);
  });
});
