/** The real candles of a thin market: what is missing of them, found here and counted in another way. */
import { columnsOf, countOpens, coverageOf, findGaps } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { hasRecordings, recording, skippedWithout } from '../../../support/recorded-payloads.ts';

const minuteMs = 60_000;

describe.skipIf(!hasRecordings)(`a thin market of November 2017${skippedWithout}`, () => {
  const recorded = hasRecordings
    ? (recording('candles/unittest-btc-1m-2018.json') as [number, number, number, number, number, number][])
    : [];
  const columns = columnsOf(
    recorded.map(([openMs, open, high, low, close, volume]) => ({ openMs, open, high, low, close, volume })),
  );
  const fromMs = columns.openMs[0] ?? 0;
  const toMs = (columns.openMs.at(-1) ?? 0) + minuteMs;
  const gaps = findGaps(columns, { timeframe: '1m', span: { fromMs, toMs } });

  it('lacks exactly the minutes that a set of all minutes lacks', () => {
    const present = new Set(recorded.map(([openMs]) => openMs));
    const missing = new Set<number>();
    let runs = 0;
    for (let openMs = fromMs; openMs < toMs; openMs += minuteMs) {
      if (present.has(openMs)) continue;
      if (!missing.has(openMs - minuteMs)) runs += 1;
      missing.add(openMs);
    }
    const found = gaps.flatMap((gap) =>
      Array.from({ length: countOpens('1m', gap) }, (_, index) => gap.fromMs + index * minuteMs),
    );
    expect(found).toEqual([...missing]);
    expect(gaps).toHaveLength(runs);
  });

  it('lacks 717 minutes of 14398 in 538 gaps, as counted by hand', () => {
    const coverage = coverageOf(columns, { timeframe: '1m', span: { fromMs, toMs }, nowMs: toMs });
    expect([gaps.length, coverage.gaps, coverage.missing.open]).toEqual([538, 538, 717]);
    expect([coverage.expected, coverage.present]).toEqual([14_398, 13_681]);
    expect([coverage.firstMs, coverage.lastMs, coverage.ageMs]).toEqual([1_509_836_520_000, 1_510_700_340_000, 0]);
  });
});
