import {
  confirmAfterMs,
  type LiveBook,
  type LiveQuote,
  QuoteGate,
  quoteBurstMax,
  quoteOf,
  quotesPerSecondMax,
  rewriteEveryMs,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const symbol = 'BTC/USDT';
const origin = { venue: 'fake' as VenueId, connection: 'fake#markets#0' };
const gateOf = (quoteEveryMs = 1_000, depth = 2) => new QuoteGate({ ...origin, symbol, depth, quoteEveryMs });

/** A book whose best bid is this, told at this time. */
const bookAt = (bid: number, atMs: number, change: Partial<LiveBook> = {}): LiveBook => {
  return { ...{ symbol, receivedMs: atMs, sequence: atMs }, bids: [[bid, 1]], asks: [[bid + 1, 2]], ...change };
};

/** Past the write that confirms the first one, so that only news is left. */
function confirmed(quoteEveryMs = 1_000): QuoteGate {
  const gate = gateOf(quoteEveryMs);
  gate.update(bookAt(1, 0), 0);
  gate.take(0);
  gate.take(confirmAfterMs);
  return gate;
}

describe('when a quote is written', () => {
  it('at once at first, then as often as is allowed, with the newest book', () => {
    const gate = gateOf();
    expect([gate.nextDueMs, gate.take(0), gate.isWritten]).toEqual([undefined, undefined, false]);
    expect(gate.update(bookAt(100, 0), 0)).toBe('due');
    expect(gate.take(0)).toEqual(quoteOf(bookAt(100, 0), 2, origin));
    // A small burst.
    expect(gate.update(bookAt(101, 10), 10)).toBe('due');
    expect(gate.take(10)?.bid).toBe(101);
    expect(gate.update(bookAt(102, 20), 20)).toBe('held');
    expect(gate.update(bookAt(103, 30), 30)).toBe('held');
    expect(gate.nextDueMs).toBe(1_000);
    expect(gate.take(999)).toBeUndefined();
    expect(gate.take(1_000)).toEqual(quoteOf(bookAt(103, 30), 2, origin));
    expect([gate.conflated, gate.isWritten]).toEqual([1, true]);
  });

  it('waits until it is taken, and what comes meanwhile replaces it', () => {
    const gate = gateOf();
    expect(gate.update(bookAt(100, 0), 0)).toBe('due');
    expect(gate.update(bookAt(101, 1), 1)).toBe('due');
    expect(gate.take(5)?.bid).toBe(101);
    expect(gate.conflated).toBe(1);
  });

  it('not where nothing of it has changed', () => {
    const gate = confirmed();
    expect(gate.update(bookAt(1, 9_000), 9_000)).toBe('unchanged');
    const deeper: LiveBook['bids'] = [
      [1, 1],
      [0.9, 1],
      [0.8, 5],
    ];
    expect(gate.update(bookAt(1, 9_001, { bids: deeper }), 9_001)).toBe('due');
    gate.take(9_001);
    // Only what is below the depth of the quote.
    expect(gate.update(bookAt(1, 9_002, { bids: [...deeper.slice(0, 2), [0.7, 1]] }), 9_002)).toBe('unchanged');
    expect(gate.nextDueMs).toBe(9_001 + rewriteEveryMs);
  });

  it.each<[string, Partial<LiveBook>]>([
    ['the size of the best bid', { bids: [[1, 7]] }],
    ['the price of the best ask', { asks: [[3, 2]] }],
    ['a level more', { asks: [...bookAt(1, 0).asks, [9, 1]] }],
    ['a side that is empty now', { asks: [] }],
  ])('where %s has changed', (_, change) => {
    expect(confirmed().update(bookAt(1, 9_000, change), 9_000)).toBe('due');
  });

  it('not where what had changed is as it was before it could be written', () => {
    const gate = confirmed();
    for (const at of [9_000, 9_001]) {
      gate.update(bookAt(at, at), at);
      gate.take(at);
    }
    expect(gate.update(bookAt(5, 9_002), 9_002)).toBe('held');
    expect(gate.update(bookAt(9_001, 9_003), 9_003)).toBe('unchanged');
    expect(gate.take(20_000)).toBeUndefined();
    expect(gate.conflated).toBe(1);
  });

  it('keeps no part of a book that changes afterwards', () => {
    const gate = gateOf();
    const bids: [number, number][] = [[100, 1]];
    gate.update(bookAt(100, 0, { bids }), 0);
    for (const level of bids) level[1] = 77;
    expect(gate.take(0)?.bids).toEqual([[100, 1]]);
  });

  it.each<[string, Partial<LiveBook>]>([
    ['crossed', { asks: [[1, 1]] }],
    ['empty', { bids: [], asks: [] }],
  ])('never one that is %s, nor what it replaced', (_, change) => {
    const gate = gateOf();
    gate.update(bookAt(1, 0), 0);
    expect(gate.update(bookAt(1, 1, change), 1)).toBe('unusable');
    expect([gate.take(1), gate.take(1_000_000), gate.nextDueMs]).toEqual([undefined, undefined, undefined]);
    expect(gate.lost()).toBe(false);
  });

  it('not once it is lost, and again when it is back, though it is the same', () => {
    const gate = confirmed();
    expect(gate.update(bookAt(2, 9_000), 9_000)).toBe('due');
    expect(gate.lost()).toBe(true);
    expect([gate.lost(), gate.isWritten, gate.nextDueMs, gate.take(99_000)]).toEqual([
      ...[false, false, undefined, undefined],
    ]);
    expect(gate.update(bookAt(1, 100_000), 100_000)).toBe('due');
    expect(gate.take(100_000)?.bid).toBe(1);
  });

  it('with the latest price, which is news by itself', () => {
    const gate = confirmed();
    expect(gate.tell(1.5, 9_000)).toBe('due');
    expect(gate.take(9_000)).toMatchObject({ bid: 1, last: 1.5 });
    expect(gate.tell(1.5, 9_001)).toBe('unchanged');
    expect(gate.tell(undefined, 20_000)).toBe('due');
    expect(gate.take(20_000)).not.toHaveProperty('last');
    const early = gateOf();
    expect(early.tell(3, 0)).toBe('unchanged');
    early.update(bookAt(1, 1), 1);
    expect(early.take(1)?.last).toBe(3);
  });

  it('again where it could not be written, with what is newest by then', () => {
    const gate = confirmed();
    gate.update(bookAt(2, 9_000), 9_000);
    gate.take(9_000);
    gate.failed();
    expect(gate.update(bookAt(2, 9_001), 9_001)).toBe('due');
    expect(gate.take(9_001)?.bid).toBe(2);
    gate.failed();
    expect(gate.nextDueMs).toBe(10_000);
    expect(gate.take(10_000)?.sequence).toBe(9_001);
    gate.lost();
    gate.failed();
    expect(gate.nextDueMs).toBeUndefined();
  });

  it('once more after the first time, as another task may still have had a write under way, then as often as rows end', () => {
    const gate = gateOf();
    gate.update(bookAt(1, 0), 0);
    gate.take(0);
    expect(gate.nextDueMs).toBe(confirmAfterMs);
    expect(gate.take(confirmAfterMs - 1)).toBeUndefined();
    expect(gate.take(confirmAfterMs)).toEqual(quoteOf(bookAt(1, 0), 2, origin));
    expect(gate.nextDueMs).toBe(confirmAfterMs + rewriteEveryMs);
    expect(gate.take(confirmAfterMs + rewriteEveryMs)?.receivedMs).toBe(0);
    // And once nobody else writes it, whether or not anything was written meanwhile.
    gate.confirm(400_000);
    expect(gate.nextDueMs).toBe(400_000 + confirmAfterMs);
    gate.update(bookAt(2, 401_000), 401_000);
    expect([gate.take(401_000)?.bid, gate.nextDueMs]).toEqual([2, 400_000 + confirmAfterMs]);
    expect([gate.take(405_000)?.bid, gate.nextDueMs]).toEqual([2, 405_000 + rewriteEveryMs]);
    // Never more often than is allowed, whatever is due.
    const slow = gateOf(10_000);
    slow.update(bookAt(1, 0), 0);
    slow.take(0);
    slow.update(bookAt(2, 1), 1);
    slow.take(1);
    expect(slow.nextDueMs).toBe(10_000);
  });
});

describe('a quote that is asked for', () => {
  const polled = () => {
    const gate = new QuoteGate({ ...origin, symbol, depth: 2, quoteEveryMs: 1_000, isPolled: true });
    gate.update(bookAt(1, 50_000), 0);
    gate.take(0);
    return gate;
  };

  it.each([
    ['a little later', 53_999, 'unchanged'],
    ['4 s later', 54_000, 'due'],
    ['by a clock that was set back', 20_000, 'due'],
  ])('is written again though it is as it was, where it came %s (%i)', (_, receivedMs, decision) => {
    const gate = polled();
    expect(gate.update(bookAt(1, receivedMs), 1_500)).toBe(decision);
    expect(gate.take(1_500)?.receivedMs).toBe(decision === 'due' ? receivedMs : undefined);
  });

  it('is not, where it is streamed, whose connection vouches for it', () => {
    expect(confirmed().update(bookAt(1, 60_000), 60_000)).toBe('unchanged');
    // Nor while nothing is there.
    const gate = polled();
    gate.lost();
    expect(gate.tell(5, 10_000)).toBe('unchanged');
  });
});

describe('however updates come', () => {
  const steps = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 700 }), bid: fc.integer({ min: 1, max: 3 }), isLost: fc.nat(20) }),
    { minLength: 1, maxLength: 120 },
  );

  it('no second has more writes than are allowed, and the last book is written in the end', () => {
    fc.assert(
      fc.property(fc.constantFrom(200, 334, 500, 1_000, 10_000), steps, (quoteEveryMs, updates) => {
        const gate = gateOf(quoteEveryMs);
        const writes: { atMs: number; quote: LiveQuote }[] = [];
        let [nowMs, newest, readable] = [0, 0, 0];
        const write = (atMs: number) => {
          const quote = gate.take(atMs);
          if (quote === undefined) return;
          writes.push({ atMs, quote });
          readable = quote.bid ?? 0;
          // What is written is what the venue has at that very moment.
          expect(quote.bid).toBe(newest);
        };
        const passTo = (untilMs: number) => {
          for (let dueMs = gate.nextDueMs; dueMs !== undefined && dueMs <= untilMs; dueMs = gate.nextDueMs) {
            write(Math.max(dueMs, nowMs));
          }
          nowMs = untilMs;
        };
        for (const { afterMs, bid, isLost } of updates) {
          passTo(nowMs + afterMs);
          if (isLost === 0) {
            gate.lost();
            [newest, readable] = [0, 0];
            continue;
          }
          newest = bid;
          if (gate.update(bookAt(bid, nowMs), nowMs) === 'due') write(nowMs);
        }
        passTo(nowMs + 2 * quoteEveryMs);
        expect(readable).toBe(newest);
        for (const { atMs } of writes) {
          const second = writes.filter((each) => each.atMs >= atMs && each.atMs < atMs + 1_000).length;
          expect(second).toBeLessThanOrEqual(Math.min(quotesPerSecondMax, quoteBurstMax + 1_000 / quoteEveryMs));
        }
        const spanMs = nowMs - (writes[0]?.atMs ?? nowMs);
        expect(writes.length).toBeLessThanOrEqual(spanMs / quoteEveryMs + quoteBurstMax);
      }),
    );
  });
});
