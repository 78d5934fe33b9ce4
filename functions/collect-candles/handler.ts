import type { CandleJob, Delivery } from '@nightdesk/core';
import { NotYetError } from '../shared/lane-batch.ts';
import { backfill } from './backfill.ts';
import { collectLane } from './collect-lane.ts';
import { collectTicks } from './collect-ticks.ts';
import { fill } from './fill.ts';
import { rank } from './rank.ts';
import { type CollectDependencies, type CollectRound, hasTime } from './round.ts';
import { isTickPart, parseJob } from './schema.ts';
import { sealLane } from './seal-lane.ts';
import { SeriesRecords } from './series-records.ts';

export type { CollectDependencies } from './round.ts';

/**
 * Does one job of collecting. Each is safe to do twice, to be delivered late and to be killed: what a job has done is in the tables,
 * and what is left of it is sent as a job of its own before this one is over.
 *
 * @throws when the message must be delivered again
 */
export function createHandler(dependencies: CollectDependencies) {
  const { clock, series } = dependencies;
  const records = new SeriesRecords(series, clock.nowMs);
  return async (body: string, { deadlineMs }: Pick<Delivery, 'deadlineMs'>): Promise<void> => {
    const job = parseJob(body);
    const config = await dependencies.loadConfig();
    await perform(job, { ...dependencies, config, records, deadlineMs });
  };
}

/** Work for an exchange that was taken out of the configuration, or turned off, is nobody's any more. */
const isEnabled = (job: CandleJob, { config }: CollectRound): boolean => {
  const venue = 'lane' in job ? job.lane.venue : 'series' in job ? job.series.venue : job.venue;
  return config.exchanges[venue]?.enabled === true;
};

async function perform(job: CandleJob, round: CollectRound): Promise<void> {
  if (!isEnabled(job, round)) return;
  // Behind a long job of its lane. It would find no time to ask anything, and its lane's next turn may be a day away.
  if (!hasTime(round)) throw new NotYetError(`there is no time left for the job ${job.job}`);
  switch (job.job) {
    case 'collect':
      return isTickPart(job.lane.part) ? collectTicks(job, round) : collectLane(job, round);
    case 'seal':
      return sealLane(job, round);
    case 'fill':
      return fill(job, round);
    case 'backfill':
      return backfill(job, round);
    case 'rank':
      return rank(job, round);
  }
}
