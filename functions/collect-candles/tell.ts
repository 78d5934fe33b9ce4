/** What became of candles, for the journal: one chain of events per series. */
import {
  canonicalJson,
  chainStart,
  type Series,
  seal,
  seriesKeyOf,
  streams,
  VersionConflictError,
} from '@nightdesk/core';
import type { CollectRound } from './round.ts';

export type SeriesEventType =
  /** The venue changed candles after they were stored: `{ count, candles: [{ openMs, before, after }] }`. */
  | 'candles.revised'
  /** Candles make no sense and were set aside: `{ count, candles: [{ openMs, reason, message }] }`. */
  | 'candles.quarantined'
  /** Candles were made of trades: `{ spans }`. */
  | 'candles.rebuilt'
  /** It was found out why candles are missing: `{ gaps }`. */
  | 'gap.closed'
  /** Longer candles made of these are not those that the venue shows: `{ timeframe, count, candles }`. */
  | 'derived.mismatch';

/** Candles, gaps and spans that an event lists; it counts them all. */
export const listedMax = 20;
/** How often an event is sealed anew because somebody else told one first. */
const conflictsMax = 4;

/**
 * Told once: what was told last of the series is not told again, so that a job may be done twice.
 *
 * @throws VersionConflictError when others keep coming first
 */
export async function tell(
  series: Series,
  { type, data: told }: { type: SeriesEventType; data: unknown },
  { journal, clock, telemetry }: Pick<CollectRound, 'journal' | 'clock' | 'telemetry'>,
): Promise<void> {
  const key = seriesKeyOf(series);
  const stream = streams.series(key);
  const event = { type, data: withTexts(told) };
  for (let conflict = 0; conflict <= conflictsMax; conflict += 1) {
    const last = await journal.last(stream);
    if (last?.type === event.type && canonicalJson(last.data) === canonicalJson(event.data)) return;
    const { sequence, hash } = last ?? chainStart;
    const sealed = seal({ stream, sequence: sequence + 1, atMs: clock.nowMs(), ...event }, hash);
    if (await journal.append(sealed)) {
      telemetry.info(event.type, { series: key });
      return;
    }
  }
  throw new VersionConflictError(`the stream ${stream}`);
}

/** The journal knows whole numbers only: prices and volumes of candles, which are floats, are told as texts, and what is none as `null`. */
function withTexts(data: unknown): unknown {
  if (typeof data === 'number') return Number.isNaN(data) ? null : Number.isSafeInteger(data) ? data : String(data);
  if (Array.isArray(data)) return data.map(withTexts);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) => (value === undefined ? [] : [[name, withTexts(value)]])),
  );
}
