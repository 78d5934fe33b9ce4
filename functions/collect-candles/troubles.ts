/** Tells the trouble of one series from that of its venue, and writes each where it belongs. */
import {
  durationMs,
  isTimeframe,
  type Lane,
  nextOpenTime,
  openTimeOf,
  type SeriesRecord,
  type VenueId,
} from '@nightdesk/core';
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
 * @param attempts of every series of the lane, also of those that were not asked now
 * @param options.isDown an incident lasted when this began
 * @param options.isRare the next turn is far off, so whatever stood in the way is noted: the planner comes back when the pause is over
 */
export async function noteTroubles(
  venue: VenueId,
  attempts: readonly Attempt[],
  { round, isDown, isRare = false }: { round: CollectRound; isDown: boolean; isRare?: boolean },
): Promise<void> {
  const { series, clock, telemetry } = round;
  const isAnswered = attempts.some((attempt) => attempt.isAnswered);
  if (isDown && isAnswered) {
    await series.closeIncident(venue, clock.nowMs());
    telemetry.info('the venue tells candles again', { venue });
  }
  const troubled = attempts.filter(({ trouble }) => trouble !== undefined && trouble.kind !== 'not_asked');
  const outages = troubled.filter(({ trouble }) => trouble?.kind === 'outage');
  const isVenue = isDown || speaksOfVenue(attempts, outages);
  if (!isAnswered && outages.length > 0 && outages.length === troubled.length && isVenue) {
    const { code = '', message = '' } = outages[0]?.trouble?.cause ?? {};
    if (!isDown) await series.openIncident(venue, { fromMs: clock.nowMs(), code, message });
    telemetry.info('the venue tells no candles', { venue, code, message });
    if (!isRare) return;
  }
  for (const { record, trouble } of isRare ? attempts : troubled)
    if (trouble !== undefined) await noteFailure(record, trouble, round);
}

/**
 * One that fails, while the others were not asked, may do so by itself; so does one that is tried again after the others were answered
 * without it. Of a lane in which nobody else is well, one is all that can tell.
 */
function speaksOfVenue(attempts: readonly Attempt[], outages: readonly Attempt[]): boolean {
  const isWell = ({ record }: Attempt) => record.failure === undefined;
  const count = outages.filter(isWell).length;
  return count > 1 || (count === 1 && attempts.filter(isWell).length === 1);
}

/** A lane that has its turns at least so often need not be come back to in between. */
const oftenMs = 10 * 60_000;

/** Whether it may be long until a lane has its next turn: where its candles are long, or few turns are wanted of its venue. */
export function isRareLane({ part, venue }: Lane, { config, clock }: Pick<CollectRound, 'config' | 'clock'>): boolean {
  if (part === 'funding') return true;
  const nowMs = clock.nowMs();
  if (isTimeframe(part) && nextOpenTime(part, nowMs) - openTimeOf(part, nowMs) > oftenMs) return true;
  return config.collection.collections.some(
    ({ venues, every }) => venues.some((name) => name === venue) && durationMs(every) > oftenMs,
  );
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
