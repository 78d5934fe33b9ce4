/** Events of series whose words are candles, gaps and spans. Each lists the first few and counts them all. */
import {
  type CandleRow,
  type CandleSeries,
  type Gap,
  metricNames,
  type QuarantinedCandle,
  type Revision,
  type Span,
} from '@nightdesk/core';
import type { CollectRound } from './round.ts';
import { listedMax, tell } from './tell.ts';

/** The journal holds whole numbers only; a float's text gives the same float back. */
const textsOf = ({ openMs: _, ...values }: CandleRow): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

export async function tellRevised(
  series: CandleSeries,
  revisions: readonly Revision[],
  round: CollectRound,
): Promise<void> {
  if (revisions.length === 0) return;
  const candles = revisions
    .slice(0, listedMax)
    .map(({ openMs, before, after, changed }) => ({ openMs, changed, before: textsOf(before), after: textsOf(after) }));
  await tell(series, { type: 'candles.revised', data: { count: revisions.length, candles } }, round);
  round.telemetry.count(metricNames.candlesRevised, revisions.length, series.venue);
}

export async function tellQuarantined(
  series: CandleSeries,
  quarantined: readonly QuarantinedCandle[],
  round: CollectRound,
): Promise<void> {
  if (quarantined.length === 0) return;
  const candles = quarantined.slice(0, listedMax).map(({ openMs, reason, message, values }) => ({
    ...{ openMs, reason, message },
    values: values.map((value) => (value === null ? null : String(value))),
  }));
  await tell(series, { type: 'candles.quarantined', data: { count: quarantined.length, candles } }, round);
  round.telemetry.count(metricNames.candlesQuarantined, quarantined.length, series.venue);
}

export async function tellRebuilt(series: CandleSeries, spans: readonly Span[], round: CollectRound): Promise<void> {
  if (spans.length === 0) return;
  const data = { count: spans.length, spans: spans.slice(0, listedMax) };
  await tell(series, { type: 'candles.rebuilt', data }, round);
}

/** Of gaps that were open, or not known, before. */
export async function tellClosed(series: CandleSeries, gaps: readonly Gap[], round: CollectRound): Promise<void> {
  if (gaps.length === 0) return;
  const data = { count: gaps.length, gaps: gaps.slice(0, listedMax) };
  await tell(series, { type: 'gap.closed', data }, round);
}
