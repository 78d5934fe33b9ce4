/** What the API shows of a series' coverage. */
import { type CandleSeries, countOpens, type Gap, type SeriesRecord, type SeriesTotals } from '@nightdesk/core';
import type { CandleRecord, SeriesCoverage } from './coverage.ts';

/** Gaps of one series in one answer. */
const gapsMax = 200;

export function coverageView({ record, untilMs, counted }: SeriesCoverage, nowMs: number) {
  const { series, status, sinceMs, listedFromMs, failure, backfill, sealed, totals } = record;
  const { kind: _kind, ...named } = series;
  return {
    ...{ ...named, status, sinceMs },
    ...(listedFromMs !== undefined && { listedFromMs }),
    ...(counted ? countedView(counted, series) : totalsView(totals)),
    ...(untilMs !== undefined && { untilMs, ageSeconds: ageSeconds(untilMs, nowMs) }),
    ...(failure && { failure }),
    ...(backfill && { backfill }),
    ...(sealed !== undefined && { sealed }),
    totals,
  };
}

/** How long ago the last candle closed that was asked for. */
const ageSeconds = (untilMs: number, nowMs: number): number => Math.max(0, Math.round((nowMs - untilMs) / 1_000));

function countedView({ coverage, gaps: known }: NonNullable<SeriesCoverage['counted']>, series: CandleSeries) {
  const { span, expected, present, missing, presentShare, coveredShare, gaps: count, longestGap } = coverage;
  const gaps = known.slice(0, gapsMax);
  const nextGap = known[gapsMax];
  return {
    ...{ from: span.fromMs, to: span.toMs, expected, present, missing },
    ...(presentShare !== undefined && { presentShare, coveredShare }),
    ...{ gapCount: count, ...(longestGap && { longestGap: gapView(longestGap, series) }) },
    gaps: gaps.map((gap) => gapView(gap, series)),
    // Whoever asks again from there gets the others.
    ...(nextGap && { moreGapsFrom: nextGap.fromMs }),
  };
}

function gapView({ fromMs, toMs, kind, attempts, checkedAtMs, by, incident }: Gap, { timeframe }: CandleSeries) {
  return {
    ...{ from: fromMs, to: toMs, kind, candles: countOpens(timeframe, { fromMs, toMs }), attempts },
    ...(checkedAtMs !== undefined && { checkedAtMs }),
    ...(by && { by }),
    ...(incident && { incident: { from: incident.fromMs, to: incident.toMs } }),
  };
}

/** As of the last sealed period, which is all that the record knows. */
function totalsView({ candles, missing }: SeriesTotals) {
  const expected = candles + missing.open + missing.noTrades + missing.outage + missing.quarantined;
  return {
    ...{ expected, present: candles, missing },
    ...(expected > 0 && { presentShare: candles / expected }),
    ...(expected > 0 && { coveredShare: (candles + missing.noTrades + missing.outage) / expected }),
  };
}

/** Of all series that were asked for, whether this answer tells of them or a later one. */
export function totalsOf(records: readonly CandleRecord[]) {
  const sum = (value: (totals: SeriesTotals) => number) =>
    records.reduce((total, { totals }: SeriesRecord) => total + value(totals), 0);
  return {
    series: records.length,
    failing: records.filter(({ failure }) => failure !== undefined).length,
    candles: sum(({ candles }) => candles),
    ...{ hotBytes: sum(({ hotBytes }) => hotBytes), coldBytes: sum(({ coldBytes }) => coldBytes) },
    missing: {
      open: sum(({ missing }) => missing.open),
      noTrades: sum(({ missing }) => missing.noTrades),
      outage: sum(({ missing }) => missing.outage),
      quarantined: sum(({ missing }) => missing.quarantined),
    },
    ...{ rebuilt: sum(({ rebuilt }) => rebuilt), revised: sum(({ revised }) => revised) },
    quarantined: sum(({ quarantined }) => quarantined),
  };
}
