import { columnsOf, findOutliers, quarantineOutliers, rowsOf, type VenueId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

/** Candles with these closes, one each minute; nothing where there is no close. */
const closes = (...values: (number | undefined)[]) =>
  columnsOf(
    values.flatMap((close, index) =>
      close === undefined
        ? []
        : [{ openMs: index * 60_000, open: close, high: close, low: close, close, volume: index }],
    ),
  );

describe('outliers', () => {
  it.each<[string, number, (number | undefined)[], number | undefined]>([
    ['nothing near the others', 105, [100, 101], undefined],
    ['nothing at the border', 120, [100, 100], undefined],
    ['what is above two others', 121, [100, 100], 100],
    ['what is below them', 79, [100, 100], 100],
    ['what is far from the middle of two', 130, [100, 104], 102],
    ['what is far from the median of three, of which one is wrong', 150, [100, 300, 101], 101],
    ['nothing that agrees with most, where one other is wrong', 100, [101, 300, 99], undefined],
    ['nothing against a single one', 500, [100], undefined],
    ['nothing where a second one has no candle', 500, [100, undefined], undefined],
    ['nothing where two others contradict each other', 100, [100, 200], undefined],
    ['nothing where nobody else has any', 100, [], undefined],
  ])('are found: %s', (_, close, others, median) => {
    const found = findOutliers(
      closes(close),
      others.map((other) => closes(other)),
      20,
    );
    const count = others.filter((other) => other !== undefined).length;
    expect(found).toEqual(median === undefined ? [] : [{ openMs: 0, close, median, others: count }]);
  });

  it('are compared at the same minute, whatever others lack', () => {
    const own = closes(undefined, 100, 100, 900, undefined, 100);
    const others = [closes(100, undefined, 100, 100, 100, 500), closes(100, 100, 100, 100, undefined, 500)];
    expect(findOutliers(own, others, 20).map(({ openMs, median }) => [openMs / 60_000, median])).toEqual([
      [3, 100],
      [5, 500],
    ]);
  });

  it('are taken out of the candles, and quarantined with their figures', () => {
    const series = { kind: 'candles', venue: 'kraken' as VenueId, symbol: 'BTC/USD', timeframe: '1m' } as const;
    const own = closes(100, 900, 101);
    const outliers = findOutliers(own, [closes(100, 100, 100), closes(100, 100, 100)], 20);
    const { candles, quarantined } = quarantineOutliers(own, outliers, { series, nowMs: 7 });
    expect(rowsOf(candles)).toEqual(rowsOf(closes(100, undefined, 101)));
    const message = 'its close of 900 is far from 100, the median of 2 other venues';
    expect(quarantined).toEqual([
      { series, openMs: 60_000, reason: 'outlier', message, values: [60_000, 900, 900, 900, 900, 1], atMs: 7 },
    ]);
    const { volume: _, ...silent } = own;
    const untold = { ...silent, volume: own.volume.map(() => Number.NaN) };
    expect(quarantineOutliers(untold, outliers, { series, nowMs: 7 }).quarantined[0]?.values.at(-1)).toBeNull();
  });

  it('leave all candles as they are where there are none', () => {
    const own = closes(100, 101);
    const series = { kind: 'candles', venue: 'kraken' as VenueId, symbol: 'BTC/USD', timeframe: '1m' } as const;
    expect(quarantineOutliers(own, [], { series, nowMs: 7 })).toEqual({ candles: own, quarantined: [] });
  });
});
