/** Tells the trouble of one series from that of its venue, and writes each where it belongs. */
import type { SeriesRecord, VenueId } from '@nightdesk/core';
import { failureOf, type Trouble } from './failures.ts';
import type { CollectRound } from './round.ts';

export interface Attempt {
  record: SeriesRecord;
  /** The venue told something of it. */
  isAnswered: boolean;
  trouble?: Trouble;
}

/**
 * Where nobody of a lane was answered, the venue is down: that is written once, as an incident, and explains gaps. Otherwise what
 * fails rests by itself, so that it holds nobody up.
 *
 * @param isDown an incident lasted when this began
 */
export async function noteTroubles(
  venue: VenueId,
  attempts: readonly Attempt[],
  { round, isDown }: { round: CollectRound; isDown: boolean },
): Promise<void> {
  const { series, clock, telemetry } = round;
  const isAnswered = attempts.some((attempt) => attempt.isAnswered);
  if (isDown && isAnswered) {
    await series.closeIncident(venue, clock.nowMs());
    telemetry.info('the venue tells candles again', { venue });
  }
  const troubled = attempts.filter(({ trouble }) => trouble !== undefined && trouble.kind !== 'not_asked');
  const outages = troubled.filter(({ trouble }) => trouble?.kind === 'outage');
  if (!isAnswered && outages.length > 0 && outages.length === troubled.length) {
    const { code = '', message = '' } = outages[0]?.trouble?.cause ?? {};
    if (!isDown) await series.openIncident(venue, { fromMs: clock.nowMs(), code, message });
    telemetry.info('the venue tells no candles', { venue, code, message });
    return;
  }
  for (const { record, trouble } of troubled) if (trouble !== undefined) await noteFailure(record, trouble, round);
}

async function noteFailure(record: SeriesRecord, trouble: Trouble, round: CollectRound): Promise<void> {
  const { series } = record;
  const { code, message } = trouble.cause;
  round.telemetry.info('a series could not be collected', {
    venue: series.venue,
    symbol: series.symbol,
    code,
    message,
  });
  await round.records.change(record, (current) => ({
    ...current,
    failure: failureOf(trouble.cause, current.failure, round.clock.nowMs()),
  }));
}

/** It was answered: what was before is over. */
export async function clearFailure(record: SeriesRecord, { records }: CollectRound): Promise<void> {
  if (record.failure === undefined) return;
  await records.change(record, ({ failure, ...current }) => (failure === undefined ? undefined : current));
}
