import { type CandleRow, columnsOf, completeColumns, findRevisions, rowsOf } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const row = (openMs: number, values: Partial<CandleRow> = {}): CandleRow => ({
  ...{ openMs, open: 10, high: 12, low: 9, close: 11, volume: 5 },
  ...values,
});

describe('revisions', () => {
  it.each<[string, Partial<CandleRow>, Partial<CandleRow>, string[]]>([
    ['none of equal candles', {}, {}, []],
    ['the slightest difference', { close: 0.1 + 0.2 }, { close: 0.3 }, ['close']],
    ['every value that changed', {}, { open: 10.5, volume: 6 }, ['open', 'volume']],
    ['none where a value is told now', { volume: undefined }, { volume: 5, trades: 3 }, []],
    ['none where it is not told any more', { trades: 3 }, {}, []],
    ['a change beside what is told now', {}, { low: 8, quoteVolume: 55 }, ['low']],
  ])('are found: %s', (_, before, after, changed) => {
    const found = findRevisions(columnsOf([row(1, before)]), columnsOf([row(1, after)]));
    const expected = { openMs: 1, before: row(1, before), after: row(1, after), changed };
    expect(found).toEqual(changed.length === 0 ? [] : [expected]);
  });

  it('are of candles that both have, oldest first', () => {
    const before = columnsOf([row(1), row(2), row(4), row(5), row(8)]);
    const after = columnsOf([row(0), row(2, { close: 10 }), row(3), row(5), row(6), row(8, { high: 13 })]);
    expect(findRevisions(before, after).map(({ openMs, changed }) => [openMs, changed])).toEqual([
      [2, ['close']],
      [8, ['high']],
    ]);
    expect(findRevisions(before, columnsOf([]))).toEqual([]);
  });
});

describe('completing', () => {
  it('takes what is newer, and of the older what only they tell', () => {
    const older = columnsOf([row(1, { trades: 7, volume: 4 }), row(2, { quoteVolume: 50 })]);
    const newer = columnsOf([row(1, { close: 10 }), row(2, { volume: undefined }), row(3, { volume: undefined })]);
    expect(rowsOf(completeColumns(older, newer))).toEqual(
      [row(1, { close: 10, trades: 7 }), row(2, { quoteVolume: 50 }), row(3, { volume: undefined })].map((each) =>
        JSON.parse(JSON.stringify(each)),
      ),
    );
  });
});
