import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type BookSide, BookTracker, type VenueBook } from '../../../layers/exchange/src/streams/book-tracker.ts';

/** A side as ccxt has it: an array that is cut on request. */
class Side extends Array<readonly [number, number]> {
  depth = Number.MAX_SAFE_INTEGER;
  limit(): void {
    this.length = Math.min(this.length, this.depth);
  }
}

const side = (prices: readonly number[]): BookSide => Side.from(prices, (price) => [price, 1] as const) as Side;

const book = (bids: readonly number[], asks: readonly number[], more: object = {}): VenueBook => ({
  bids: side(bids),
  asks: side(asks),
  ...more,
});

const descending = (from: number, count: number): number[] => Array.from({ length: count }, (_, place) => from - place);
const ascending = (from: number, count: number): number[] => Array.from({ length: count }, (_, place) => from + place);

describe('a book whose updates are numbered one by one', () => {
  const update = (u: number, type = 'delta') => ({ type, data: { u } });
  const good = book([99], [100]);

  it('begins with a snapshot, and goes on as long as no number is missing', () => {
    const tracker = new BookTracker({ rule: 'counted', depth: 1 });
    expect(tracker.check(good, update(7))).toBe('skipped');
    expect(tracker.check(good, update(8, 'snapshot'))).toBeUndefined();
    expect(tracker.check(good, update(9))).toBeUndefined();
    expect(tracker.sequence).toBe(9);
  });

  it.each([
    ['a number is missing', 11, '11 came'],
    ['a number comes again', 9, '9 came'],
  ])('is lost when %s', (_, number, came) => {
    const tracker = new BookTracker({ rule: 'counted', depth: 1 });
    tracker.check(good, update(9, 'snapshot'));
    expect(tracker.check(good, update(number))).toEqual({
      ...{ incident: 'gap', reason: `update 10 was expected, and ${came}` },
    });
  });

  it('takes nothing of the old book after it was lost, until there is a new one', () => {
    const tracker = new BookTracker({ rule: 'counted', depth: 1 });
    tracker.check(good, update(9, 'snapshot'));
    tracker.await();
    expect(tracker.check(good, update(10))).toBe('skipped');
    expect(tracker.check(good, update(11))).toBe('skipped');
    expect(tracker.check(good, update(11, 'snapshot'))).toBeUndefined();
    expect(tracker.check(good, update(12))).toBeUndefined();
  });

  it('begins anew where the venue has started to count from one', () => {
    const tracker = new BookTracker({ rule: 'counted', depth: 1 });
    tracker.check(good, update(9, 'snapshot'));
    expect(tracker.check(good, update(1, 'snapshot'))).toBeUndefined();
    expect(tracker.sequence).toBe(1);
  });

  it('is lost where the count starts from one without the whole book, which ccxt would apply to the old one', () => {
    const tracker = new BookTracker({ rule: 'counted', depth: 1 });
    tracker.check(good, update(9, 'snapshot'));
    expect(tracker.check(good, update(1))).toEqual({ incident: 'gap', reason: 'update 10 was expected, and 1 came' });
    tracker.await();
    expect(tracker.check(good, update(1))).toBe('skipped');
  });
});

describe('a book that begins with an answer over HTTP', () => {
  const chained = () => new BookTracker({ rule: 'chained', depth: 3 });
  const at = (nonce: number) => book(descending(99, 5), ascending(100, 5), { nonce });

  it('counts no update before the answer, and none after it was lost before the next', () => {
    const tracker = chained();
    expect(tracker.check(at(4), { u: 4 })).toBe('skipped');
    expect(tracker.check(at(5), undefined)).toBeUndefined();
    expect(tracker.check(at(6), { u: 6 })).toBeUndefined();
    expect(tracker.sequence).toBe(6);
    tracker.await();
    expect(tracker.check(at(7), { u: 7 })).toBe('skipped');
    expect(tracker.check(at(9), undefined)).toBeUndefined();
  });

  it('is lost when an older answer takes it back', () => {
    const tracker = chained();
    tracker.check(at(5), undefined);
    expect(tracker.check(at(3), undefined)).toEqual(expect.objectContaining({ incident: 'gap' }));
  });

  it.each([
    ['of spot', { U: 9, u: 10 }, 'update 6 was expected, and 9 came'],
    ['of futures', { U: 9, u: 10, pu: 8 }, 'an update after 5 was expected, and one after 8 came'],
    ['that is none', undefined, 'the update does not follow the one before it'],
  ])('says what was expected instead of a message %s', (_, message, expectation) => {
    const tracker = chained();
    tracker.check(at(5), undefined);
    expect(tracker.expectation(message)).toBe(expectation);
  });

  it('is thin when fewer levels are left than are published of what was known', () => {
    const tracker = chained();
    tracker.check(at(5), undefined);
    tracker.knows({ bid: 95, ask: 104 });
    expect(tracker.check(at(6), { u: 6 })).toBeUndefined();
    const risen = book(descending(102, 5), ascending(103, 5), { nonce: 7 });
    expect(tracker.check(risen, { u: 7 })).toEqual({
      ...{ incident: 'thin', reason: 'fewer than 3 levels are left of what was known' },
    });
    const fallen = book(descending(96, 5), ascending(97, 5), { nonce: 8 });
    expect(tracker.check(fallen, { u: 8 })).toEqual(expect.objectContaining({ incident: 'thin' }));
    expect(tracker.check(book([99], ascending(100, 5), { nonce: 9 }), { u: 9 })).toEqual(
      expect.objectContaining({ incident: 'thin' }),
    );
  });

  it('may have few levels where that is all there is', () => {
    const tracker = chained();
    tracker.knows({ bid: -Infinity, ask: Infinity });
    expect(tracker.check(book([99], [100], { nonce: 5 }), undefined)).toBeUndefined();
  });
});

describe('a book with checksums', () => {
  const tracker = () => new BookTracker({ rule: 'summed', depth: 1, decimals: { price: 1, amount: 2 } });
  const good = book([99.5], [100]);
  /** Ask 100.0 and 1.00, bid 99.5 and 1.00. */
  const checksum = crc32('1000100' + '995100');

  it('is lost when it is another than the venue has', () => {
    const followed = tracker();
    expect(followed.check(good, { type: 'update', data: [{ checksum }] })).toBe('skipped');
    expect(followed.check(good, { type: 'snapshot', data: [{ checksum }] })).toBeUndefined();
    expect(followed.check(good, { type: 'update', data: [{ checksum: 1 }] })).toEqual({
      ...{ incident: 'checksum', reason: `the checksum ${checksum} was computed, and 1 came` },
    });
    expect(followed.sequence).toBe(1);
  });
});

describe('any book', () => {
  it('is lost when it is crossed', () => {
    const tracker = new BookTracker({ rule: 'trusted', depth: 1 });
    expect(tracker.check(book([100], [100]), {})).toEqual({
      ...{ incident: 'crossed', reason: 'the best bid 100 is not below the best ask 100' },
    });
    expect(tracker.check(book([], [100]), {})).toBeUndefined();
  });

  it('has the venue’s number where it tells one, and counts updates where not', () => {
    const tracker = new BookTracker({ rule: 'trusted', depth: 1 });
    tracker.check(book([99], [100], { nonce: 12 }), {});
    expect(tracker.sequence).toBe(12);
    tracker.check(book([99], [100]), {});
    expect(tracker.sequence).toBe(2);
  });

  it('is cut when venues tell of levels far away for ever, and known no further from then on', () => {
    const tracker = new BookTracker({ rule: 'trusted', depth: 5 });
    const long = book(descending(5_000, 2_500), ascending(5_001, 10));
    expect(tracker.check(long, {})).toBeUndefined();
    expect(long.bids.length).toBe(1_000);
    expect(long.asks.length).toBe(10);
    const fallen = book(descending(4_003, 500), ascending(5_001, 10));
    expect(tracker.check(fallen, {})).toEqual(expect.objectContaining({ incident: 'thin' }));
  });
});
