import { describe, expect, it } from 'vitest';
import { streamHeadsPrefix, streamRecordsPrefix } from '../../../local/cloud/dynamodb/row-keys.ts';
import { createRecentRecords, type RecentRecords } from '../../../local/cloud/dynamodb/streams/recent-records.ts';
import { firstPosition, sequenceNumberOf } from '../../../local/cloud/dynamodb/streams/sequence-numbers.ts';
import fc from '../../support/property.ts';

const table = 'orders';
const mebibyte = 1024 * 1024;

/** The rows of one commit: the records from one count to another, and where the stream is then. */
function commit(from: number, to: number, bytes = 100): Map<string, unknown> {
  const rows = new Map<string, unknown>([['item-orders~a', { a: 1 }]]);
  for (let count = from; count <= to; count += 1) {
    const SequenceNumber = sequenceNumberOf(count);
    rows.set(streamHeadsPrefix + table, { count, bytes: 0 });
    rows.set(streamRecordsPrefix(table) + SequenceNumber, {
      record: { dynamodb: { SequenceNumber, SizeBytes: bytes } },
      bytesThrough: 0,
    });
  }
  return rows;
}

const trim = (count: number) =>
  new Map<string, unknown>([[streamRecordsPrefix(table) + sequenceNumberOf(count), undefined]]);

const counted = (recent: RecentRecords, after: number, limit = 2_000) =>
  recent.after(table, sequenceNumberOf(after), limit)?.map(({ dynamodb }) => Number(dynamodb.SequenceNumber.slice(-9)));

describe('what a stream got last', () => {
  it('is not known before anything was committed, nor of other tables', () => {
    const recent = createRecentRecords();
    recent.follow(new Map([['item-orders~stream-record', 1]]));
    expect(recent.last(table)).toBeUndefined();
    expect(recent.after(table, firstPosition, 10)).toBeUndefined();
    recent.follow(commit(1, 3));
    expect(recent.after('journal', firstPosition, 10)).toBeUndefined();
    expect(recent.last('journal')).toBeUndefined();
  });

  it('is told from where it is asked, and no more than is asked for', () => {
    const recent = createRecentRecords();
    recent.follow(commit(11, 15));
    expect(recent.last(table)).toBe(sequenceNumberOf(15));
    expect(counted(recent, 9)).toBeUndefined();
    expect(counted(recent, 10)).toEqual([11, 12, 13, 14, 15]);
    expect(counted(recent, 12, 2)).toEqual([13, 14]);
    expect(counted(recent, 15)).toEqual([]);
  });

  it('is bounded in number and size, but always has the last one', () => {
    const recent = createRecentRecords();
    recent.follow(commit(1, 1_500));
    expect(counted(recent, 499)).toBeUndefined();
    expect(counted(recent, 500)).toHaveLength(1_000);
    recent.follow(commit(1_501, 1_501, 9 * mebibyte));
    expect(counted(recent, 1_499)).toBeUndefined();
    expect(counted(recent, 1_500)).toEqual([1_501]);
  });

  it('is forgotten with what is trimmed, which then is looked for on disk', () => {
    const recent = createRecentRecords();
    recent.follow(commit(1, 5));
    recent.follow(trim(2));
    expect(counted(recent, 1)).toBeUndefined();
    expect(counted(recent, 2)).toEqual([3, 4, 5]);
    recent.follow(trim(5));
    expect(counted(recent, 5)).toEqual([]);
    expect(recent.last(table)).toBe(sequenceNumberOf(5));
  });

  it('is what was committed, whatever is trimmed in between', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: fc.integer({ min: 1, max: 400 }), bytes: fc.constantFrom(1, mebibyte / 64, 3 * mebibyte) }),
        fc.record({ trim: fc.integer({ min: 1, max: 400 }) }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        steps,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        (all, at, limit) => {
          const recent = createRecentRecords();
          let [last, trimmed] = [0, 0];
          for (const step of all) {
            if ('add' in step) {
              recent.follow(commit(last + 1, last + step.add, step.bytes));
              last += step.add;
            } else if (trimmed + step.trim <= last) {
              trimmed += step.trim;
              recent.follow(trim(trimmed));
            }
          }
          const after = Math.floor(at * last);
          const found = counted(recent, after, limit);
          const expected = Array.from({ length: Math.min(limit, last - after) }, (_, index) => after + 1 + index);
          if (found !== undefined) expect(found).toEqual(expected);
          else expect(after).toBeLessThan(last || 1);
        },
      ),
    );
  });
});
