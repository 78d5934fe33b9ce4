import { type CandleJob, isTimeframe, seriesKinds, spanOfPeriod } from '@nightdesk/core';
import * as z from 'zod';

const timeMs = z.int().min(0);
const venue = z.string().min(1);
const timeframe = z.string().refine(isTimeframe, 'must be a timeframe');
const lane = z.strictObject({ venue, part: z.string().min(1), number: z.int().min(0) });
const series = z.strictObject({ kind: z.literal('candles'), venue, symbol: z.string().min(1), timeframe });
const period = z.string().refine(isPeriod, 'must be a day, a month or a year');

const jobSchema = z.discriminatedUnion('job', [
  z.strictObject({ job: z.literal('collect'), lane, plannedAtMs: timeMs }),
  z.strictObject({ job: z.literal('seal'), lane, period, after: z.string().min(1).optional() }),
  z.strictObject({ job: z.literal('fill'), series, period }),
  z.strictObject({ job: z.literal('backfill'), series, doneToMs: timeMs, turnMs: timeMs.optional() }),
  z.strictObject({ job: z.literal('rank'), venue, plannedAtMs: timeMs }),
]);

function isPeriod(text: string): boolean {
  try {
    spanOfPeriod(text);
    return true;
  } catch {
    return false;
  }
}

/** A message that is no job this version of the desk knows. */
export class UnknownJobError extends Error {
  override readonly name = 'UnknownJobError';
}

/** True for parts of lanes that hold something else than candles. */
export const isTickPart = (part: string): part is 'trades' | 'funding' =>
  part !== 'candles' && seriesKinds.some((kind) => kind === part);

/** @throws UnknownJobError naming the job and what is wrong with it; it then ends in the dead-letter queue to be looked at */
export function parseJob(body: string): CandleJob {
  const parsed = jobSchema.safeParse(readJson(body));
  if (parsed.success) return parsed.data as CandleJob;
  const { job } = z.looseObject({ job: z.unknown() }).safeParse(readJson(body)).data ?? {};
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the message'}: ${message}`);
  throw new UnknownJobError(`the job ${JSON.stringify(job) ?? 'without a name'} cannot be done: ${wrong.join('; ')}`);
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
