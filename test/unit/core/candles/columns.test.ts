import { columnsOf, cutColumns, emptyColumns, mergeColumns, rowOf, rowsOf } from '@nightdesk/core';
import { expect, it } from 'vitest';

const row = (openMs: number, close = 1) => ({ openMs, open: 1, high: 2, low: 0.5, close, volume: 3 });

it('tells candles as rows, without what the venue does not tell', () => {
  expect(rowsOf(columnsOf([row(0), { ...row(1), quoteVolume: 4, trades: 5 }]))).toEqual([
    row(0),
    { ...row(1), quoteVolume: 4, trades: 5 },
  ]);
});

it('has no row beyond the last candle', () => {
  expect(() => rowOf(columnsOf([row(0)]), 1)).toThrow(new RangeError('there is no candle 1 of 1'));
});

it('cuts a span out, whose end is not part of it', () => {
  expect(rowsOf(cutColumns(columnsOf([row(0), row(1), row(2)]), { fromMs: 1, toMs: 2 }))).toEqual([row(1)]);
});

it.each([
  ['nothing with nothing', [], [], []],
  ['what is newer alone', [], [row(1)], [row(1)]],
  ['what is older alone', [row(1)], [], [row(1)]],
  ['those that lie between each other', [row(0), row(2)], [row(1), row(3)], [row(0), row(1), row(2), row(3)]],
  ['the newer of two', [row(0), row(1, 7)], [row(1, 9)], [row(0), row(1, 9)]],
])('puts together %s', (_, older, newer, both) => {
  expect(rowsOf(mergeColumns(columnsOf(older), columnsOf(newer)))).toEqual(both);
  expect(rowsOf(emptyColumns)).toEqual([]);
});
