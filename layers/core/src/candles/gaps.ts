/** Which candles are missing, and what is known of why. */
import type { Gap, VenueIncident } from './candle-block.ts';
import { type CandleColumns, cutColumns } from './columns.ts';
import { firstOpenFrom, isAligned, nextOpenTime, openTimeOf, type Span, timeframeMs } from './timeframe.ts';

/**
 * How many answers must show a gap as empty before it is believed: venues leave candles out of a page now and then. The venue's
 * trades count as much as all of them, as they are told by another road.
 */
export const emptyAnswersMin = 2;

export interface GapQuery {
  timeframe: string;
  /** The candles that open within it are expected. */
  span: Span;
}

/**
 * Every span of the timeframe's calendar without a candle, oldest first. A gap ends where the next candle opens, which may be
 * behind the end of the span, as the last week of a year ends in the next one.
 *
 * @param known gaps in order and without overlap: what is known of those that still stand is kept, however they were split or
 *   shrunk since; what is missing beside them is `open` and was never asked for
 * @throws TypeError for what is no timeframe
 */
export function findGaps(columns: CandleColumns, query: GapQuery, known: readonly Gap[] = []): Gap[] {
  return joinGaps(withKnown(missingSpans(columns, query), known));
}

function missingSpans(columns: CandleColumns, { timeframe, span }: GapQuery): Span[] {
  const missing: Span[] = [];
  const lengthMs = timeframeMs(timeframe);
  const next = (openMs: number) => (lengthMs === undefined ? nextOpenTime(timeframe, openMs) : openMs + lengthMs);
  let expectedMs = firstOpenFrom(timeframe, span.fromMs);
  for (const openMs of cutColumns(columns, span).openMs) {
    if (openMs !== expectedMs) {
      // A candle between two open times is none of this timeframe.
      if (!isAligned(timeframe, openMs)) continue;
      missing.push({ fromMs: expectedMs, toMs: openMs });
    }
    expectedMs = next(openMs);
  }
  const endMs = firstOpenFrom(timeframe, span.toMs);
  if (expectedMs < endMs) missing.push({ fromMs: expectedMs, toMs: endMs });
  return missing;
}

/** Both lists are in order, so one pass over both is enough. */
function withKnown(spans: readonly Span[], known: readonly Gap[]): Gap[] {
  const gaps: Gap[] = [];
  let first = 0;
  for (const { fromMs, toMs } of spans) {
    let atMs = fromMs;
    while ((known[first]?.toMs ?? Number.POSITIVE_INFINITY) <= fromMs) first += 1;
    for (let index = first; index < known.length; index += 1) {
      const gap = known[index] as Gap;
      if (gap.fromMs >= toMs) break;
      if (gap.fromMs > atMs) gaps.push({ fromMs: atMs, toMs: gap.fromMs, kind: 'open', attempts: 0 });
      const piece = { ...gap, fromMs: Math.max(atMs, gap.fromMs), toMs: Math.min(gap.toMs, toMs) };
      gaps.push(piece);
      atMs = piece.toMs;
    }
    if (atMs < toMs) gaps.push({ fromMs: atMs, toMs, kind: 'open', attempts: 0 });
  }
  return gaps;
}

/** Makes one gap of neighbours of which the same is known. */
export function joinGaps(gaps: readonly Gap[]): Gap[] {
  const joined: Gap[] = [];
  for (const gap of gaps) {
    const last = joined.at(-1);
    if (last !== undefined && last.toMs === gap.fromMs && isKnownAlike(last, gap)) last.toMs = gap.toMs;
    else joined.push({ ...gap });
  }
  return joined;
}

const isKnownAlike = (left: Gap, right: Gap): boolean =>
  left.kind === right.kind &&
  left.attempts === right.attempts &&
  left.checkedAtMs === right.checkedAtMs &&
  left.by === right.by &&
  left.incident?.fromMs === right.incident?.fromMs &&
  left.incident?.toMs === right.incident?.toMs;

/** What the venue was asked, and what else is known of that time. */
export interface GapCheck {
  timeframe: string;
  /** When it was asked; UTC epoch milliseconds. */
  checkedAtMs: number;
  /** `trades`: its trades were asked for too, and there are none. */
  by: 'candles' | 'trades';
  /** Of the venue, oldest first. */
  incidents: readonly VenueIncident[];
}

/**
 * Concludes from an answer of the venue, in which nothing of these gaps was, why there is nothing: `outage` for the candles during
 * which the venue was down, `no-trades` for all others. A gap that an incident covers in part is split.
 *
 * It stays `open` until `emptyAnswersMin` answers have shown it empty, or trades have; so does what was not closed yet when the venue
 * was asked. What is `quarantined` stays so: there the venue has candles. An outage stays one, even when its incident is
 * not among those given any more.
 *
 * @param gaps those that the venue was asked for, and only those
 */
export function judgeGaps(gaps: readonly Gap[], check: GapCheck): Gap[] {
  const closedToMs = openTimeOf(check.timeframe, check.checkedAtMs);
  const judged = gaps.flatMap((gap) => {
    if (gap.fromMs >= closedToMs) return [gap];
    const rest = gap.toMs > closedToMs ? [{ ...gap, fromMs: closedToMs }] : [];
    return [...judgeGap({ ...gap, toMs: Math.min(gap.toMs, closedToMs) }, check), ...rest];
  });
  return joinGaps(judged);
}

function judgeGap(gap: Gap, check: GapCheck): Gap[] {
  const asked = { ...gap, attempts: gap.attempts + 1, checkedAtMs: check.checkedAtMs };
  const by = gap.by === 'trades' ? gap.by : check.by;
  const isBelieved = asked.attempts >= emptyAnswersMin || by === 'trades';
  if (gap.kind === 'quarantined' || (gap.kind === 'open' && !isBelieved)) return [asked];
  const pieces: Gap[] = [];
  const elsewhere: Gap = gap.kind === 'outage' ? { ...asked, by } : { ...asked, by, kind: 'no-trades' };
  let atMs = gap.fromMs;
  for (const { fromMs, toMs } of outagesIn(gap, check)) {
    const startMs = Math.max(atMs, openTimeOf(check.timeframe, fromMs));
    const endMs = Math.min(gap.toMs, firstOpenFrom(check.timeframe, toMs));
    if (startMs >= endMs) continue;
    if (startMs > atMs) pieces.push({ ...elsewhere, fromMs: atMs, toMs: startMs });
    pieces.push({ ...asked, by, kind: 'outage', incident: { fromMs, toMs }, fromMs: startMs, toMs: endMs });
    atMs = endMs;
  }
  if (atMs < gap.toMs) pieces.push({ ...elsewhere, fromMs: atMs });
  return pieces;
}

/** An incident that lasts is known to have lasted until the venue was asked. */
const outagesIn = (gap: Span, { incidents, checkedAtMs }: GapCheck): Span[] =>
  incidents
    .map(({ fromMs, toMs = checkedAtMs }) => ({ fromMs, toMs }))
    .filter(({ fromMs, toMs }) => fromMs < toMs && fromMs < gap.toMs && toMs > gap.fromMs);

/**
 * Says of what was quarantined that it is missing for that reason.
 *
 * @param openTimesMs of quarantined candles; those that no gap holds, and those that are no open times, are passed over
 */
export function markQuarantined(gaps: readonly Gap[], openTimesMs: readonly number[], timeframe: string): Gap[] {
  const opens = [...new Set(openTimesMs)].filter((openMs) => isAligned(timeframe, openMs)).sort((a, b) => a - b);
  const marked = gaps.flatMap((gap) => {
    const pieces: Gap[] = [];
    let atMs = gap.fromMs;
    for (const openMs of opens.filter((each) => each >= gap.fromMs && each < gap.toMs)) {
      const toMs = nextOpenTime(timeframe, openMs);
      // What its kind was concluded from before is not true of this one.
      const { by: _, incident: __, ...asked } = gap;
      if (openMs > atMs) pieces.push({ ...gap, fromMs: atMs, toMs: openMs });
      pieces.push({ ...asked, fromMs: openMs, toMs, kind: 'quarantined' });
      atMs = toMs;
    }
    return atMs < gap.toMs ? [...pieces, { ...gap, fromMs: atMs }] : pieces;
  });
  return joinGaps(marked);
}
