/** Asks again for what a block lacks. */
import { type CandleJob, noteUnfilled, type Period, type SeriesRecord } from '@nightdesk/core';
import { completePeriod } from './complete-period.ts';
import { troubleOf, unlistedCause } from './failures.ts';
import { isCandleRecord } from './lane-state.ts';
import type { CollectRound } from './round.ts';
import { type Attempt, clearFailure, noteTroubles } from './troubles.ts';

type FillJob = Extract<CandleJob, { job: 'fill' }>;

/** Questions for trades of what is missing: nothing else waits for it. */
const tradeQuestionsMax = 60;

/** Safe to repeat. A period without gaps is asked for all the same: whoever sends the job wants to know. */
export async function fill({ series, period }: FillJob, round: CollectRound): Promise<void> {
  const record = await round.records.get(series);
  if (record === undefined || !isCandleRecord(record)) return;
  const attempt: Attempt = { record, isAnswered: false };
  try {
    const market = await round.findMarket(series.venue, series.symbol);
    if (market === undefined) {
      attempt.trouble = { kind: 'refused', cause: unlistedCause(series.venue, series.symbol) };
    } else {
      const venue = await round.openVenue(series.venue, round.config, 'patient');
      const source = { venue, market, series };
      const task = { source, record, period, questionsMax: tradeQuestionsMax, isChecked: true };
      const outcome = await completePeriod(task, round);
      if (outcome.kind === 'trouble') attempt.trouble = outcome.trouble;
      else await clearFailure(outcome.record ?? record, round);
    }
  } catch (error) {
    attempt.trouble = troubleOf(error);
  }
  if (attempt.trouble?.kind === 'refused') await noteRefusal(record, period, round);
  // One series says nothing of its venue: the planner hands the period out again when its pause is over.
  if (attempt.trouble !== undefined) await noteTroubles(series.venue, [attempt], { round, isDown: true });
}

/** That it has something against the question is an answer, too: else it would be asked for ever. */
async function noteRefusal(record: SeriesRecord, period: Period, { records, clock }: CollectRound): Promise<void> {
  await records.change(record, (current) => {
    const { unfilled: before = [], ...rest } = current;
    if (!before.some((each) => each.period === period)) return undefined;
    const unfilled = noteUnfilled(current, period, { isOpen: true, askedAtMs: clock.nowMs() });
    return { ...rest, ...(unfilled && { unfilled }) };
  });
}
