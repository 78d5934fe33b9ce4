/** Packs candles that were really traded, where the recordings are there. */
import {
  type CandleColumns,
  cutColumns,
  packColumns,
  packMembers,
  periodOf,
  spanOfPeriod,
  unpackColumns,
  unpackMembers,
  valueColumns,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { hasRecordings, readLiquid, readThin, withoutRecordings } from '../../../../bench/recorded-candles.ts';

const bytesOf = (columns: CandleColumns): Buffer =>
  Buffer.concat((['openMs', ...valueColumns] as const).map((name) => Buffer.from(columns[name].slice().buffer)));
const daysOf = (candles: CandleColumns): CandleColumns[] =>
  [...new Set(Array.from(candles.openMs, (openMs) => periodOf('1m', openMs)))].map((day) =>
    cutColumns(candles, spanOfPeriod(day)),
  );

describe.skipIf(!hasRecordings)(`recorded candles${hasRecordings ? '' : ` (${withoutRecordings})`}`, () => {
  it.each([
    ['a BTC perpetual', readLiquid, 45_031, 7.1],
    ['a thin market', readThin, 13_681, 8],
  ])('of %s come back bit by bit from so few bytes each', (_, read, count, bytesMax) => {
    const candles = read();
    expect(candles.openMs).toHaveLength(count);
    let packedBytes = 0;
    for (const day of daysOf(candles)) {
      const packed = packColumns(day);
      packedBytes += packed.length;
      expect(bytesOf(unpackColumns(packed)).equals(bytesOf(day))).toBe(true);
    }
    expect(packedBytes / count).toBeLessThan(bytesMax);
  });

  it('come back bit by bit from a row of a lane', () => {
    const members = daysOf(readLiquid()).map((day, index) => {
      const part = cutColumns(day, { fromMs: day.openMs[0] ?? 0, toMs: (day.openMs[0] ?? 0) + 300_000 });
      return { symbol: `C${index}/USDT`, candles: part, untilMs: (part.openMs.at(-1) ?? 0) + 60_000 };
    });
    const back = unpackMembers(packMembers(members));
    expect(back.map(({ symbol, untilMs }) => ({ symbol, untilMs }))).toEqual(
      members.map(({ symbol, untilMs }) => ({ symbol, untilMs })),
    );
    back.forEach(({ candles }, index) => {
      expect(bytesOf(candles).equals(bytesOf(members[index]?.candles as CandleColumns))).toBe(true);
    });
  });
});
