/**
 * Reads trades and funding payments of any span page by page: forward in time, each once. A page of a venue may end in the
 * middle of a millisecond; what is told as settled never does, so that a time is all it takes to go on later.
 */
import type {
  FundingPoint,
  HistoryTerms,
  Market,
  MarketDataPort,
  PublicTrade,
  Span,
  TradeQuery,
} from '@nightdesk/core';

export interface TickWalk {
  /**
   * Times wanted. It should end a few seconds ago, since venues tell of a trade a moment after its time.
   */
  span: Span;
  /**
   * The last one that is had from before the span. With it the venue can be asked to go on from there, or at least be seen to,
   * where it tells only the latest.
   */
  after?: { atMs: number; id?: string | undefined };
  /** Questions that the walk may take; what is left is not walked. @default 10000 */
  questionsMax?: number;
  /**
   * Takes nothing but an answer without any for the end, so that a venue's short page hides nothing. Whoever comes back soon
   * need not: what a short page has left out comes with the next one.
   *
   * @default true
   */
  verifiesEnd?: boolean;
}

/** What is known now of one part of the span. Pages follow each other without a break, from the beginning of the span on. */
export interface TickPage<Entry> {
  span: Span;
  /** In order of time. */
  entries: Entry[];
  /** False where there may have been more that the venue does not tell. */
  isTold: boolean;
  /** How many questions it took. */
  questions: number;
}

/**
 * Walks the trades of a span forward. It ends where the span does, or earlier when `questionsMax` is used up; then the last page
 * ends before the span does. Whoever has no time left may stop between two pages and go on from the end of the last one.
 *
 * @throws VenueError when the venue does not answer; the pages before are good.
 */
export const walkTrades = (
  venue: Pick<MarketDataPort, 'fetchTrades' | 'historyOf'>,
  market: Market,
  walk: TickWalk,
): AsyncGenerator<TickPage<PublicTrade>, void, undefined> =>
  walkTicks(walk, {
    terms: venue.historyOf(market).trades,
    ask: (query) => venue.fetchTrades(market, query),
    idOf: ({ tradeId }) => tradeId,
    keyOf: ({ tradeId, side, price, amount }) => tradeId ?? `${side} ${amount} at ${price}`,
  });

/** Walks the payments that a perpetual has made in a span, as `walkTrades` does. @throws VenueError */
export const walkFunding = (
  venue: Pick<MarketDataPort, 'fetchFundingHistory' | 'historyOf'>,
  market: Market,
  walk: TickWalk,
): AsyncGenerator<TickPage<FundingPoint>, void, undefined> =>
  walkTicks(walk, {
    terms: venue.historyOf(market).funding,
    ask: (query) => venue.fetchFundingHistory(market, query),
    idOf: () => undefined,
    keyOf: ({ atMs }) => String(atMs),
  });

const questionsMaxDefault = 10_000;
/** Asked for at once where nobody knows how many a venue gives. */
const pageSizeDefault = 500;

interface Source<Entry> {
  terms: HistoryTerms;
  ask(query: TradeQuery): Promise<Entry[]>;
  idOf(entry: Entry): string | undefined;
  /** Alike for what is the same, of one millisecond. */
  keyOf(entry: Entry): string;
}

interface Place<Entry> {
  /** Everything before it is settled. */
  fromMs: number;
  /** What is known already of this very millisecond; there may be more. */
  held: Entry[];
  /** From before it: the one to go on behind. */
  lastId?: string | undefined;
  /** Something was at this time, and must be told again by a venue that has left nothing out since. */
  anchorMs?: number | undefined;
  /** It was told again, with nothing behind it. */
  isContinued?: boolean;
}

interface Step<Entry> {
  pages: Omit<TickPage<Entry>, 'questions'>[];
  next: Place<Entry>;
}

async function* walkTicks<Entry extends { atMs: number }>(
  walk: TickWalk,
  source: Source<Entry>,
): AsyncGenerator<TickPage<Entry>, void, undefined> {
  const { span, after, questionsMax = questionsMaxDefault } = walk;
  let untold = 0;
  let place: Place<Entry> = { fromMs: span.fromMs, held: [], lastId: after?.id, anchorMs: after?.atMs };
  for (let asked = 0; asked < questionsMax && place.fromMs < span.toMs; asked += 1) {
    const step = await takeStep(place, walk, source);
    untold += 1;
    for (const page of step.pages) {
      yield { ...page, questions: untold };
      untold = 0;
    }
    place = step.next;
  }
}

async function takeStep<Entry extends { atMs: number }>(
  place: Place<Entry>,
  walk: TickWalk,
  source: Source<Entry>,
): Promise<Step<Entry>> {
  const { terms, ask } = source;
  const { fromMs, lastId, anchorMs = fromMs } = place;
  const limit = terms.pageSize ?? pageSizeDefault;
  const afterId = terms.goesOnById === true ? lastId : undefined;
  const needsAnchor = terms.reach !== 'all' && place.held.length === 0;
  const sinceMs = needsAnchor ? Math.min(anchorMs, fromMs) : fromMs;
  const told = await ask({ sinceMs, limit, ...(afterId !== undefined && { afterId }) });
  const answer = readAnswer(told, { place, toMs: walk.span.toMs }, source);
  const state = { ...answer, isFull: told.length >= limit, byId: afterId !== undefined, told: told.length };
  const holeToMs = state.byId ? undefined : holeBefore(state, place, terms);
  // What was known before may have filled a short page.
  const isFilled = told.length > 0 && sinceMs < fromMs && !state.hasNews && walk.verifiesEnd !== false;
  if (isFilled) return { pages: [], next: { ...place, anchorMs: undefined, isContinued: state.isContinued } };
  if (holeToMs === undefined) return settle(place, state, { walk, source });
  // Of the millisecond in which the answer begins, a part may be missing too.
  const behindMs = Math.min(holeToMs + 1, walk.span.toMs);
  const { entries } = state;
  const page = {
    span: { fromMs, toMs: behindMs },
    entries: entries.filter(({ atMs }) => atMs < behindMs),
    isTold: false,
  };
  const behind: Place<Entry> = {
    fromMs: behindMs,
    held: [],
    lastId: idOfLast(page.entries, source) ?? lastId,
    anchorMs: holeToMs,
  };
  const rest = entries.filter(({ atMs }) => atMs >= behindMs);
  const isUsedUp = rest.length === 0 && !state.goesBeyond && (state.isFull || walk.verifiesEnd !== false);
  if (behindMs >= walk.span.toMs || isUsedUp) return { pages: [page], next: behind };
  const step = settle(behind, { ...state, entries: rest, isContinued: true }, { walk, source });
  return { ...step, pages: [page, ...step.pages] };
}

/** What an answer says of the time from a place on. */
interface Answer<Entry> {
  /** Those behind the span too. */
  known: Entry[];
  /** Within the span, each once and in order, with what was known before. */
  entries: Entry[];
  /** It also tells what comes behind the span. */
  goesBeyond: boolean;
  hasNews: boolean;
  /** It tells again what was known: nothing between that and the rest of it was left out. */
  isContinued: boolean;
}

interface State<Entry> extends Answer<Entry> {
  /** There may be more. */
  isFull: boolean;
  byId: boolean;
  /** How many it told, wherever they are. */
  told: number;
}

function readAnswer<Entry extends { atMs: number }>(
  told: readonly Entry[],
  { place, toMs }: { place: Place<Entry>; toMs: number },
  { keyOf, idOf }: Source<Entry>,
): Answer<Entry> {
  const { fromMs, held, anchorMs } = place;
  const ids = new Set<string>();
  const fresh = told.filter((entry) => {
    const id = idOf(entry);
    const isRepeated = id !== undefined && ids.has(id);
    if (id !== undefined) ids.add(id);
    return entry.atMs >= fromMs && !isRepeated;
  });
  const repeated = fresh.filter(({ atMs }) => atMs === fromMs);
  const missing = withoutThose(held, repeated, keyOf);
  const known = [...missing, ...fresh].sort((left, right) => left.atMs - right.atMs);
  const entries = known.filter(({ atMs }) => atMs < toMs);
  return {
    known,
    entries,
    goesBeyond: known.length > entries.length,
    hasNews: known.length > held.length,
    isContinued:
      place.isContinued === true ||
      missing.length < held.length ||
      told.some(({ atMs }) => atMs === anchorMs && atMs < fromMs),
  };
}

/** Two alike stand for two of them. */
function withoutThose<Entry>(held: readonly Entry[], told: readonly Entry[], keyOf: (entry: Entry) => string): Entry[] {
  const counts = new Map<string, number>();
  for (const key of told.map(keyOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return held.filter((entry) => {
    const count = counts.get(keyOf(entry)) ?? 0;
    counts.set(keyOf(entry), count - 1);
    return count <= 0;
  });
}

/**
 * When the first one came that an answer tells, where there may have been others before it: the venue told the latest instead of
 * those asked for.
 */
function holeBefore<Entry extends { atMs: number }>(
  { known, isContinued, isFull }: State<Entry>,
  { fromMs, held, anchorMs }: Place<Entry>,
  { reach }: HistoryTerms,
): number | undefined {
  const firstMs = known[held.length > 0 && !isContinued ? held.length : 0]?.atMs;
  if (firstMs === undefined || isContinued) return undefined;
  if (reach === 'all') return held.length > 0 && firstMs > fromMs ? firstMs : undefined;
  // What was known before would be told again.
  const isKnown = held.length > 0 || anchorMs !== undefined;
  return reach === undefined || isFull || isKnown ? firstMs : undefined;
}

function settle<Entry extends { atMs: number }>(
  place: Place<Entry>,
  state: State<Entry>,
  { walk: { span, verifiesEnd }, source }: { walk: TickWalk; source: Source<Entry> },
): Step<Entry> {
  const { entries, goesBeyond, isFull, isContinued, byId, told } = state;
  const { terms } = source;
  const { fromMs } = place;
  const lastMs = entries.at(-1)?.atMs;
  const lastId = idOfLast(entries, source);
  const isSame = told === 0 || lastId === place.lastId;
  const isEnd = goesBeyond || lastMs === undefined || (!isFull && verifiesEnd === false) || (byId && isSame);
  if (isEnd) {
    const windowMs = byId || terms.spanMsMax === undefined ? Number.POSITIVE_INFINITY : terms.spanMsMax;
    const spokenMs = goesBeyond ? span.toMs : Math.min(span.toMs, fromMs + windowMs);
    const isTold = terms.reach !== undefined || isContinued;
    return settleTo(Math.max(spokenMs, (lastMs ?? 0) + 1), { entries, isTold }, { place, source });
  }
  if (lastMs > fromMs) {
    const step = settleTo(lastMs, { entries, isTold: true }, { place, source });
    const held = entries.filter(({ atMs }) => atMs === lastMs);
    return { ...step, next: { ...step.next, held, lastId: byId ? lastId : step.next.lastId } };
  }
  // Within one millisecond, only a venue that goes on by ids can be asked for the rest of it.
  if (byId && lastId !== undefined) return { pages: [], next: { ...place, held: entries, lastId } };
  return settleTo(fromMs + 1, { entries, isTold: !isFull }, { place, source });
}

function settleTo<Entry extends { atMs: number }>(
  toMs: number,
  { entries, isTold }: { entries: readonly Entry[]; isTold: boolean },
  { place, source }: { place: Place<Entry>; source: Source<Entry> },
): Step<Entry> {
  const settled = entries.filter(({ atMs }) => atMs < toMs);
  const next: Place<Entry> = {
    fromMs: toMs,
    held: [],
    lastId: idOfLast(settled, source) ?? place.lastId,
    anchorMs: settled.at(-1)?.atMs ?? place.anchorMs,
  };
  return { pages: [{ span: { fromMs: place.fromMs, toMs }, entries: settled, isTold }], next };
}

const idOfLast = <Entry>(entries: readonly Entry[], { idOf }: Source<Entry>): string | undefined => {
  const last = entries.at(-1);
  return last === undefined ? undefined : idOf(last);
};
