/** Spans of time in which a venue as a whole does not do its work, whichever call meets it. */
import type { VenueId } from '@nightdesk/core';
import type { Dice } from './dice.ts';

/** What becomes of every call then. */
export type OutageKind =
  /** It does not get there. */
  | 'silent'
  /** It takes effect, and its answer is lost. */
  | 'answers_lost'
  /** It takes effect, and its answer comes late. */
  | 'answers_late'
  /** Orders pass as ever, and there are no prices. */
  | 'no_prices';

export interface Outage {
  venue: VenueId;
  kind: OutageKind;
  /** UTC epoch milliseconds; `untilMs` excluded. */
  fromMs: number;
  untilMs: number;
  /** From a call to the moment at which it is given up, or answered after all. */
  answerMs: number;
}

const outagesPerVenueMax = 3;
const lastsMs = { min: 2_000, max: 60_000 } as const;
/** A refused connection tells at once, one that hangs as late as clients wait. */
const answerMsChoices = [0, 1_800, 5_000] as const;
const kinds: readonly [OutageKind, ...OutageKind[]] = ['silent', 'silent', 'answers_lost', 'answers_late', 'no_prices'];

/** Outages that begin between `fromMs` and `untilMs`; none lasts longer than that. */
export function drawOutages(
  dice: Dice,
  venues: readonly VenueId[],
  span: { fromMs: number; untilMs: number },
): Outage[] {
  return venues.flatMap((venue) =>
    Array.from({ length: dice.between(0, outagesPerVenueMax) }, () => {
      const fromMs = dice.between(span.fromMs, span.untilMs);
      const untilMs = Math.min(fromMs + dice.between(lastsMs.min, lastsMs.max), span.untilMs);
      return { venue, kind: dice.pick(kinds), fromMs, untilMs, answerMs: dice.pick(answerMsChoices) };
    }),
  );
}

/** The outage of a venue at a moment, the one that began first if there are two. */
export const outageAt = (outages: readonly Outage[], venue: VenueId, nowMs: number): Outage | undefined =>
  outages.find((outage) => outage.venue === venue && outage.fromMs <= nowMs && nowMs < outage.untilMs);
