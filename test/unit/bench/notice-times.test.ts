import { describe, expect, it } from 'vitest';
import { fillsTold } from '../../../bench/notice-times.ts';
import type { ReceivedNotice } from '../../../bench/processes/receive-notices.ts';

const notice = (orderId: string, changes: Partial<ReceivedNotice> = {}): ReceivedNotice => ({
  ...{ orderId, kind: 'order.filled', atMs: 1_000, arrivedAtMs: 1_040.5, isSigned: true, bytes: 600 },
  ...changes,
});
const orders = (...orderIds: string[]): ReadonlySet<string> => new Set(orderIds);

describe('what a receiver shows of fills', () => {
  it('tells how long each took, from its record to its arrival', () => {
    const received = [notice('a'), notice('b', { arrivedAtMs: 1_100 })];
    expect(fillsTold(received, orders('a', 'b'))).toEqual({
      ...{ latenciesMs: [40.5, 100], lost: 0, repeated: 0, unsigned: 0, bytes: 600 },
    });
  });

  it('leaves notices of other orders and of other kinds out', () => {
    const received = [notice('a'), notice('other'), notice('a', { kind: 'order.accepted', arrivedAtMs: 1_001 })];
    expect(fillsTold(received, orders('a'))).toMatchObject({ latenciesMs: [40.5], repeated: 0 });
  });

  it('counts what was not told, and takes the first of what was told twice', () => {
    const received = [notice('a', { arrivedAtMs: 1_300 }), notice('a')];
    expect(fillsTold(received, orders('a', 'b'))).toMatchObject({ latenciesMs: [40.5], lost: 1, repeated: 1 });
  });

  it('does not believe a notice without a valid signature', () => {
    const received = [notice('a', { isSigned: false })];
    expect(fillsTold(received, orders('a'))).toMatchObject({ latenciesMs: [], lost: 1, unsigned: 1, bytes: 0 });
  });
});
