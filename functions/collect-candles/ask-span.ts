/** Asks a venue for all candles of a span: pages side by side, and again for what the answers lack. */
import {
  type Candle,
  type CandleSeries,
  checkCandles,
  countOpens,
  findGaps,
  firstOpenFrom,
  type Gap,
  type Market,
  nextOpenTime,
  type Span,
  timeframeMs,
} from '@nightdesk/core';
import { walkCandles } from '../shared/walk-candles.ts';
import { type Trouble, troubleOf } from './failures.ts';
import { type CollectRound, type CollectVenue, hasTime, inLanes } from './round.ts';

/** Whom to ask for what. */
export interface Source {
  venue: CollectVenue;
  market: Market;
  series: CandleSeries;
}

export interface Told {
  /** In the order of the answers. */
  candles: Candle[];
  /** Parts of the span of which the venue tells nothing at all. */
  untold: Span[];
  /** Everything before it was asked for. The end of the span, unless something stood in the way. */
  toMs: number;
  questions: number;
  /** How many answers have shown what is missing to be missing. */
  answers: number;
  trouble?: Trouble;
}

const pageSizeDefault = 500;
/** Pages asked for at once: enough to use a request limit whole over a slow connection. */
const pagesAtOnce = 12;
/** How often what is missing is asked for again: as long as that brings something, and so often at most. */
const againMax = 3;

/** Never throws for what the venue does: what was told before is good. */
export async function askSpan(source: Source, span: Span, round: CollectRound): Promise<Told> {
  const first = await askPages(source, piecesOf(source, span), round);
  const told: Told = { ...first, answers: 1 };
  for (let again = 0; again < againMax && told.trouble === undefined && hasTime(round); again += 1) {
    const before = missingOf(source, { told, span }, round);
    if (before.length === 0) break;
    const more = await askPages(source, windowsOf(source, before), round);
    told.questions += more.questions;
    // What is not answered now was answered before; it is left as it is.
    if (more.trouble !== undefined) break;
    told.answers += 1;
    told.candles.push(...more.candles);
    const after = missingOf(source, { told, span }, round);
    if (countOf(source, after) === countOf(source, before)) break;
  }
  return told;
}

const countOf = ({ series }: Source, gaps: readonly Span[]): number =>
  gaps.reduce((sum, gap) => sum + countOpens(series.timeframe, gap), 0);

function missingOf(
  { series }: Source,
  { told, span }: { told: Told; span: Span },
  { clock }: Pick<CollectRound, 'clock'>,
): Gap[] {
  const { candles, untold, toMs } = told;
  const { timeframe } = series;
  const good = checkCandles(candles, { series, nowMs: clock.nowMs() });
  const gaps = findGaps(good.candles, { timeframe, span: { fromMs: span.fromMs, toMs } });
  return gaps.filter((gap) => !untold.some((each) => each.fromMs <= gap.fromMs && each.toMs >= gap.toMs));
}

const pageSizeOf = ({ venue, market }: Source): number => venue.historyOf(market).candles.pageSize ?? pageSizeDefault;

/** A page each, where any time can be asked for; where only the latest are told, it is one question for all. */
function piecesOf(source: Source, span: Span): Span[] {
  const { reach } = source.venue.historyOf(source.market).candles;
  if (typeof reach === 'object' || timeframeMs(source.series.timeframe) === undefined) return [span];
  const pieces: Span[] = [];
  for (let fromMs = firstOpenFrom(source.series.timeframe, span.fromMs); fromMs < span.toMs; ) {
    const toMs = Math.min(pageAfter(source, fromMs), span.toMs);
    pieces.push({ fromMs, toMs });
    fromMs = toMs;
  }
  return pieces;
}

function pageAfter(source: Source, fromMs: number): number {
  const { timeframe } = source.series;
  const lengthMs = timeframeMs(timeframe);
  const { spanMsMax = Number.POSITIVE_INFINITY } = source.venue.historyOf(source.market).candles;
  if (lengthMs === undefined) return nextOpenTime(timeframe, fromMs);
  const pageMs = pageSizeOf(source) * lengthMs;
  return fromMs + Math.max(lengthMs, Math.min(pageMs, Math.floor(spanMsMax / lengthMs) * lengthMs));
}

/** As few pages as cover what is missing. */
function windowsOf(source: Source, gaps: readonly Span[]): Span[] {
  const windows: Span[] = [];
  for (const gap of gaps) {
    const last = windows.at(-1);
    const isNear = last !== undefined && gap.toMs <= pageAfter(source, last.fromMs);
    if (isNear) last.toMs = gap.toMs;
    else windows.push(...piecesOf(source, gap));
  }
  return windows;
}

async function askPages(source: Source, pieces: readonly Span[], round: CollectRound): Promise<Omit<Told, 'answers'>> {
  let isStopped = false;
  const results = await inLanes(pieces, pagesAtOnce, async (piece) => {
    if (isStopped || !hasTime(round)) return undefined;
    const result = await askPiece(source, piece);
    isStopped ||= result.trouble !== undefined;
    return result;
  });
  const told: Omit<Told, 'answers'> = { candles: [], untold: [], toMs: pieces[0]?.fromMs ?? 0, questions: 0 };
  for (const [index, result] of results.entries()) {
    const piece = pieces[index];
    if (result === undefined || piece === undefined) break;
    told.candles.push(...result.candles);
    told.untold.push(...result.untold);
    told.questions += result.questions;
    told.toMs = result.toMs;
    if (result.trouble !== undefined) told.trouble = result.trouble;
    if (result.toMs < piece.toMs) break;
  }
  return told;
}

async function askPiece({ venue, market, series }: Source, span: Span): Promise<Omit<Told, 'answers'>> {
  const told: Omit<Told, 'answers'> = { candles: [], untold: [], toMs: span.fromMs, questions: 0 };
  try {
    // An answer that lacks something is asked for again as a whole, so a short page need not be verified here.
    for await (const page of walkCandles(venue, market, { timeframe: series.timeframe, span, verifiesEnd: false })) {
      told.candles.push(...page.candles);
      told.questions += page.questions;
      told.toMs = page.span.toMs;
      if (!page.isTold) told.untold.push(page.span);
    }
    return told;
  } catch (error) {
    return { ...told, trouble: troubleOf(error) };
  }
}
