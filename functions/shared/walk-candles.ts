/**
 * Reads candles of any span page by page: forward in time, each part of the span settled once. Venues answer in pages that are
 * short, overlap, or begin later than asked; what they say is told apart from what they do not tell.
 */
import {
  type Candle,
  type CandleQuery,
  countOpens,
  firstOpenFrom,
  type HistoryTerms,
  type Market,
  nextOpenTime,
  openTimeOf,
  type Span,
  timeframeMs,
  type VenuePort,
} from '@nightdesk/core';

export interface CandleWalk {
  /** The venue's own, e.g. `1m`. */
  timeframe: string;
  /** Open times wanted. It may end in the future: the venue then tells what it has. */
  span: Span;
  /** Questions that the walk may take; what is left is not walked. @default 10000 */
  questionsMax?: number;
  /**
   * Asks once more behind an answer that is shorter than it could be, so that a venue's short page hides nothing. Whoever comes
   * back soon, and completes the past later, need not: where a market is quiet it would double the questions.
   *
   * @default true
   */
  verifiesEnd?: boolean;
}

/** What is known now of one part of the span. Pages follow each other without a break, from the beginning of the span on. */
export interface CandlePage {
  span: Span;
  /**
   * All that the venue has in the span, in order of open times and otherwise as it sent them (`MarketDataPort.fetchCandles`).
   */
  candles: Candle[];
  /** False where the venue does not tell of this span, so that no candle does not mean that there was none. */
  isTold: boolean;
  /** How many questions it took. */
  questions: number;
}

/** What a walk asks of a venue. */
export type CandleSource = Pick<VenuePort, 'fetchCandles' | 'historyOf' | 'capabilities'>;

const questionsMaxDefault = 10_000;
/** Candles asked for at once where nobody knows how many a venue gives: all known give that many. */
const pageSizeDefault = 100;

/**
 * Walks a span forward. It ends where the span does, or earlier when `questionsMax` is used up; then the last page ends before
 * the span does. Whoever has no time left may stop between two pages and go on from the end of the last one.
 *
 * @throws VenueError when the venue does not answer; the pages before are good.
 */
export async function* walkCandles(
  venue: CandleSource,
  market: Market,
  walk: CandleWalk,
): AsyncGenerator<CandlePage, void, undefined> {
  const walker = new Walker(venue, market, walk);
  for (let place = walker.start(); place.fromMs < walk.span.toMs && walker.mayAsk(); ) {
    const step = await walker.step(place);
    for (const page of step.pages) yield page;
    place = step.next;
  }
}

interface Place {
  /** The first open time that is not settled. */
  fromMs: number;
  /** A candle before it that the next answer should begin with: then nothing between the two can have been left out. */
  anchorMs?: number;
}

interface Step {
  pages: CandlePage[];
  next: Place;
}

/** What of an answer is within the span. */
interface Answer {
  candles: Candle[];
  /** There may be more. */
  isFull: boolean;
  /** It also tells what comes behind the span. */
  goesBeyond: boolean;
  /** How many candles would have fitted between its first and its last one; they may not all be there. */
  reach: number;
}

class Walker {
  readonly #venue: CandleSource;
  readonly #market: Market;
  readonly #walk: CandleWalk;
  readonly #terms: HistoryTerms;
  readonly #pageSize: number;
  readonly #questionsMax: number;
  #asked = 0;
  /** Questions that the pages have told of. */
  #told = 0;
  /** The venue has shown a candle from before the place it is at: it tells of the past there. */
  #hasSeen = false;
  #days: Days | undefined;

  constructor(venue: CandleSource, market: Market, walk: CandleWalk) {
    this.#venue = venue;
    this.#market = market;
    this.#walk = walk;
    this.#terms = venue.historyOf(market).candles;
    const { pageSize = pageSizeDefault, reach } = this.#terms;
    this.#pageSize = typeof reach === 'object' ? Math.max(pageSize, reach.latest) : pageSize;
    this.#questionsMax = walk.questionsMax ?? questionsMaxDefault;
  }

  start(): Place {
    return { fromMs: firstOpenFrom(this.#walk.timeframe, this.#walk.span.fromMs) };
  }

  mayAsk(): boolean {
    return this.#asked < this.#questionsMax;
  }

  async step(place: Place): Promise<Step> {
    const { fromMs, anchorMs } = place;
    const askedMs = anchorMs ?? fromMs;
    const limit = this.#limitTo(askedMs, this.#walk.span.toMs);
    const answer = await this.#ask({ sinceMs: askedMs, limit });
    const candles = answer.candles.filter(({ openTimeMs }) => openTimeMs >= fromMs);
    const isAnchored = candles.length < answer.candles.length;
    const endMs = this.#endOf(askedMs, limit);
    if (candles.length > 0) return this.#settle(candles, answer, { place, isAnchored, endMs });
    // That it repeats what it told last may be a page cut short.
    if (anchorMs !== undefined && this.#walk.verifiesEnd !== false) return { pages: [], next: { fromMs } };
    return this.#settleEmpty(fromMs, answer, endMs);
  }

  async #settle(
    candles: Candle[],
    answer: Answer,
    { place: { fromMs, anchorMs }, isAnchored, endMs }: { place: Place; isAnchored: boolean; endMs: number },
  ): Promise<Step> {
    const { timeframe } = this.#walk;
    const firstMs = Math.max(fromMs, openTimeOf(timeframe, candles[0]?.openTimeMs ?? fromMs));
    const isTrusted = !answer.isFull && anchorMs === undefined && this.#walk.verifiesEnd === false;
    const before =
      firstMs > fromMs && !isAnchored ? await this.#judgeBefore({ fromMs, toMs: firstMs }, answer, isTrusted) : 'told';
    if (typeof before === 'object') {
      return this.#settle(before.candles, before, { place: { fromMs }, isAnchored: false, endMs: firstMs });
    }
    this.#hasSeen = true;
    const lastMs = candles.at(-1)?.openTimeMs ?? fromMs;
    const isEnd = !answer.isFull && this.#walk.verifiesEnd === false;
    const settledMs = answer.goesBeyond ? this.#walk.span.toMs : isEnd ? endMs : 0;
    const nextMs = Math.max(this.#clip(firstOpenFrom(timeframe, lastMs + 1)), settledMs);
    const untold = before === 'untold' ? [this.#page({ fromMs, toMs: firstMs }, [], false)] : [];
    const page = this.#page({ fromMs: before === 'untold' ? firstMs : fromMs, toMs: nextMs }, candles, true);
    return { pages: [...untold, page], next: { fromMs: nextMs, ...(answer.isFull && { anchorMs: lastMs }) } };
  }

  /**
   * An answer begins later than asked: because there is nothing before, because the venue tells only the latest, or because it
   * gives the end of what was asked for rather than its beginning. The candles, where it gives them when asked again; a short answer is trusted by who does not verify ends.
   */
  async #judgeBefore(gap: Span, answer: Answer, isTrusted: boolean): Promise<'told' | 'untold' | Answer> {
    const { reach } = this.#terms;
    if (typeof reach === 'object') return isTheWhole(answer, reach) ? 'told' : 'untold';
    if (!this.mayAsk()) return reach === 'all' ? 'told' : 'untold';
    if (reach === undefined) {
      // Where it shows a candle from before, it would have shown one from within.
      const { candles } = await this.#ask({ sinceMs: this.#earlier(gap.fromMs), limit: this.#pageSize });
      return candles.some(({ openTimeMs }) => openTimeMs < gap.fromMs) ? 'told' : 'untold';
    }
    if (isTrusted) return 'told';
    const again = await this.#ask({ sinceMs: gap.fromMs, limit: this.#limitTo(gap.fromMs, gap.toMs) });
    const candles = again.candles.filter(({ openTimeMs }) => openTimeMs < gap.toMs);
    return candles.length > 0 ? { ...again, candles, goesBeyond: false } : 'told';
  }

  async #settleEmpty(fromMs: number, answer: Answer, endMs: number): Promise<Step> {
    const { reach } = this.#terms;
    const { goesBeyond } = answer;
    const isAll = typeof reach === 'object' ? isTheWhole(answer, reach) : reach === 'all';
    // Candles from behind the span can be the latest there are. None at all are what a venue has that has shown some before.
    const isTold = isAll || (!goesBeyond && (reach !== undefined || this.#hasSeen));
    const isToTheEnd = goesBeyond || typeof reach === 'object';
    const nextMs = isToTheEnd ? this.#walk.span.toMs : await this.#skipTo(endMs);
    return { pages: [this.#page({ fromMs, toMs: nextMs }, [], isTold)], next: { fromMs: nextMs } };
  }

  /** Where there is much left to ask for, days are asked for first: those without a candle need not be asked about. */
  async #skipTo(atMs: number): Promise<number> {
    const { timeframe, span } = this.#walk;
    const lengthMs = timeframeMs(timeframe) ?? dayMs;
    const hasDays = this.#terms.reach === 'all' && this.#venue.capabilities.timeframes.includes('1d');
    if (!hasDays || lengthMs >= dayMs || span.toMs - atMs <= 2 * this.#pageSize * lengthMs) return atMs;
    if (this.#days === undefined || atMs >= this.#days.toMs) this.#days = await this.#readDays(atMs);
    const { opensMs, toMs } = this.#days;
    const dayWithCandlesMs = opensMs.find((openMs) => openMs + dayMs > atMs) ?? toMs;
    return this.#clip(firstOpenFrom(timeframe, Math.max(atMs, dayWithCandlesMs)));
  }

  /** Until the first day with candles is known. Some venues begin their days at other hours than UTC does. */
  async #readDays(atMs: number): Promise<Days> {
    let toMs = Math.max(0, atMs - dayMs);
    while (this.mayAsk()) {
      const { candles } = await this.#ask({ sinceMs: toMs, limit: this.#pageSize }, '1d');
      const lastMs = candles.at(-1)?.openTimeMs;
      if (lastMs === undefined) return { opensMs: [], toMs: toMs + this.#pageSize * dayMs };
      toMs = lastMs + dayMs;
      if (toMs > atMs) return { opensMs: candles.map(({ openTimeMs }) => openTimeMs), toMs };
    }
    return { opensMs: [], toMs: atMs };
  }

  async #ask(query: Omit<CandleQuery, 'timeframe'>, timeframe = this.#walk.timeframe): Promise<Answer> {
    this.#asked += 1;
    const told = await this.#venue.fetchCandles(this.#market, { timeframe, ...query });
    const { sinceMs = 0, limit } = query;
    const candles = told
      .filter(({ openTimeMs }) => openTimeMs >= sinceMs && openTimeMs < this.#walk.span.toMs)
      .sort((left, right) => left.openTimeMs - right.openTimeMs);
    const goesBeyond = told.some(({ openTimeMs }) => openTimeMs >= this.#walk.span.toMs);
    return { candles, isFull: told.length >= limit, goesBeyond, reach: reachOf(told, timeframe) };
  }

  #page(span: Span, candles: Candle[], isTold: boolean): CandlePage {
    const questions = this.#asked - this.#told;
    this.#told = this.#asked;
    return { span, candles, isTold, questions };
  }

  #limitTo(fromMs: number, toMs: number): number {
    if (typeof this.#terms.reach === 'object') return this.#pageSize;
    return Math.min(this.#pageSize, countOpens(this.#walk.timeframe, { fromMs, toMs }));
  }

  /** Until when an answer that brings nothing speaks. */
  #endOf(askedMs: number, limit: number): number {
    const { spanMsMax = Number.POSITIVE_INFINITY } = this.#terms;
    const lengthMs = timeframeMs(this.#walk.timeframe);
    let endMs = askedMs;
    if (lengthMs !== undefined) endMs += limit * lengthMs;
    else for (let count = 0; count < limit; count += 1) endMs = nextOpenTime(this.#walk.timeframe, endMs);
    const spokenMs = Math.min(endMs, askedMs + spanMsMax);
    return this.#clip(
      Math.max(nextOpenTime(this.#walk.timeframe, askedMs), openTimeOf(this.#walk.timeframe, spokenMs)),
    );
  }

  /** A page's width before a time. */
  #earlier(atMs: number): number {
    const lengthMs = timeframeMs(this.#walk.timeframe) ?? monthMsMax;
    return Math.max(0, openTimeOf(this.#walk.timeframe, atMs - this.#pageSize * lengthMs));
  }

  #clip(atMs: number): number {
    return Math.min(atMs, this.#walk.span.toMs);
  }
}

/** Of the latest candles some may be missing, the first of them too: only an answer much shorter tells of a young market. */
const isTheWhole = (answer: Answer, { latest }: { latest: number }): boolean => answer.reach < 0.9 * latest;

function reachOf(told: readonly Candle[], timeframe: string): number {
  const opensMs = told.map(({ openTimeMs }) => openTimeMs);
  const spanMs = opensMs.length === 0 ? 0 : Math.max(...opensMs) - Math.min(...opensMs);
  return Math.max(told.length, 1 + spanMs / (timeframeMs(timeframe) ?? monthMsMax));
}

const dayMs = 86_400_000;
const monthMsMax = 31 * dayMs;

/** Days of which the venue has candles, until a time. */
interface Days {
  opensMs: readonly number[];
  toMs: number;
}
