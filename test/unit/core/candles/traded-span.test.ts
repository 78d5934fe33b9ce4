import { firstCandleMs, tradedSpan } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const nowMs = Date.UTC(2026, 10, 21, 12);
const [earlyMs, lateMs] = [Date.parse('0001-01-01T00:00:00Z'), 8.64e15];

describe('the part of a span in which candles may be', () => {
  it.each([
    ['all of one that is over', [nowMs - 5, nowMs - 3], [nowMs - 5, nowMs - 3]],
    ['up to now of one that is not', [nowMs - 5, lateMs], [nowMs - 5, nowMs]],
    ['from the first on of one that begins before', [earlyMs, nowMs - 1], [firstCandleMs, nowMs - 1]],
    ['nothing of one that is to come', [nowMs + 5, lateMs], [nowMs, nowMs]],
    ['nothing of one that is before', [earlyMs, firstCandleMs - 1], [firstCandleMs - 1, firstCandleMs - 1]],
  ] as const)('is %s', (_what, [fromMs, toMs], expected) => {
    const traded = tradedSpan({ fromMs, toMs }, nowMs);
    expect([traded.fromMs, traded.toMs]).toEqual(expected);
  });
});
