/** Brings what is new of trades and of funding payments: files, and in the record of each series where the next run goes on. */
import {
  type CandleJob,
  type FundingPoint,
  type HistoryTerms,
  type Market,
  type PublicTrade,
  periodOf,
  periodsOf,
  type SeriesRecord,
  type Span,
  seriesKeyOf,
  type TickSeries,
} from '@nightdesk/core';
import { walkFunding, walkTrades } from '../shared/walk-ticks.ts';
import { type Trouble, troubleOf, unlistedCause } from './failures.ts';
import { type CollectRound, type CollectVenue, hasTime, inLanes } from './round.ts';
import { type Attempt, clearFailure, isRareLane, noteTroubles } from './troubles.ts';

type CollectJob = Extract<CandleJob, { job: 'collect' }>;
type TickRecord = SeriesRecord & { series: TickSeries };
type Cursor = NonNullable<SeriesRecord['cursor']>;

const membersAtOnce = 8;
/** Trades of one file of a run; what is beyond is the next file's. */
const tradesMax = 50_000;
/** Of one series in one invocation. */
const filesMax = 20;
/** Files of trades hold a day. */
const daily = '1m';
/** Files of funding hold a month. */
const monthly = '1h';

const isTick = (record: SeriesRecord): record is TickRecord => record.series.kind !== 'candles';

/** What some questions have brought, and behind what to ask next; without a cursor there was nothing new. */
interface Taken {
  cursor?: Cursor;
  /** There is more than this. */
  isFull: boolean;
  /** What stood in the way of the rest of it. */
  trouble?: Trouble;
}

type Take = (record: TickRecord, place: { market: Market; venue: CollectVenue }) => Promise<Taken>;

/**
 * Safe to repeat: what is written twice is one trade, or one payment, when it is read.
 *
 * @throws the first error that is none of the venue, after all others had their turn: a file that is damaged holds up its own series only
 */
export async function collectTicks({ lane, plannedAtMs }: CollectJob, round: CollectRound): Promise<void> {
  const { records, series, clock, openVenue, config } = round;
  const all = (await records.of(lane.venue, plannedAtMs)).filter(isTick);
  const members = all.filter((record) => record.lane === lane.number && record.series.kind === lane.part);
  const collected = members.filter(({ status }) => status === 'collected');
  if (collected.length === 0) return;
  const nowMs = clock.nowMs();
  const incidents = await series.incidents(lane.venue, { fromMs: nowMs, toMs: nowMs + 1 });
  const venue = await openVenue(lane.venue, config, 'live');
  const take = lane.part === 'trades' ? takeTrades(round) : takeFunding(round);
  // Each time another one is first, so that each has its turn where there is never time for all.
  const first = Math.floor(nowMs / 1_000) % collected.length;
  const inTurn = [...collected.slice(first), ...collected.slice(0, first)];
  const errors: unknown[] = [];
  const outcomes = await inLanes(inTurn, membersAtOnce, (record) =>
    collectMember(record, { venue, take }, round).catch((error: unknown) => {
      errors.push(error);
      round.telemetry.failure(`${seriesKeyOf(record.series)} could not be stored`, error);
    }),
  );
  const results = outcomes.filter((outcome) => outcome !== undefined);
  await noteTroubles(lane.venue, results, { round, isDown: incidents.length > 0, isRare: isRareLane(lane, round) });
  if (results.some(({ isFull }) => isFull)) {
    await round.jobs.send([{ job: 'collect', lane, plannedAtMs: plannedAtMs + 1 }]);
  }
  if (errors.length > 0) throw errors[0];
}

type Result = Attempt & { isFull: boolean };

async function collectMember(
  record: TickRecord,
  { venue, take }: { venue: CollectVenue; take: Take },
  round: CollectRound,
): Promise<Result> {
  const { clock, findMarket, records } = round;
  const { series, failure } = record;
  const idle = { record, isAnswered: false, isFull: false };
  if (failure !== undefined && failure.retryAtMs > clock.nowMs()) return idle;
  // What was not begun for want of time is as much left over as what was begun.
  if (!hasTime(round)) return { ...idle, isFull: true };
  let current: TickRecord | undefined = record;
  let isAnswered = false;
  try {
    const market = await findMarket(series.venue, series.symbol);
    if (market === undefined) throw unlisted(series);
    for (let file = 0; file < filesMax && current !== undefined; file += 1) {
      const taken: Taken = await take(current, { market, venue });
      isAnswered = true;
      const { cursor, trouble } = taken;
      if (cursor !== undefined) {
        const changed = await records.change(current, (known) => ({ ...known, cursor }));
        current = changed && isTick(changed) ? changed : undefined;
      }
      if (trouble !== undefined) return { record: current ?? record, isAnswered, isFull: false, trouble };
      if (cursor === undefined || !taken.isFull) break;
      if (!hasTime(round)) return { record, isAnswered, isFull: true };
    }
    await clearFailure(current ?? record, round);
    return { record, isAnswered, isFull: false };
  } catch (error) {
    const trouble = error instanceof UnlistedError ? error.trouble : troubleOf(error);
    return { record, isAnswered, isFull: false, trouble };
  }
}

class UnlistedError extends Error {
  override readonly name = 'UnlistedError';
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.cause.message);
    this.trouble = trouble;
  }
}

const unlisted = ({ venue, symbol }: TickSeries): UnlistedError =>
  new UnlistedError({ kind: 'refused', cause: unlistedCause(venue, symbol) });

/** Venues tell of a trade a moment after its time. */
const settleMs = 3_000;

/** From behind the last one on. */
const walkOf = ({ cursor, sinceMs }: TickRecord, nowMs: number) => ({
  span: { fromMs: cursor === undefined ? sinceMs : cursor.atMs + 1, toMs: nowMs - settleMs },
  ...(cursor && { after: cursor }),
  verifiesEnd: false,
});

/** The trades of one file: until it is full, the venue has no more for now, or something stands in the way of the rest. */
function takeTrades(round: CollectRound): Take {
  return async (record, { market, venue }) => {
    const { series } = record;
    const walk = walkOf(record, round.clock.nowMs());
    const trades: PublicTrade[] = [];
    let [toMs, isFull, isTold, trouble] = [walk.span.fromMs, false, true, undefined as Trouble | undefined];
    try {
      for await (const page of walkTrades(venue, market, walk)) {
        trades.push(...page.entries);
        toMs = page.span.toMs;
        isTold &&= page.isTold;
        if (!page.isTold) tellHole(record, page.span, round);
        isFull = toMs < walk.span.toMs && (trades.length >= tradesMax || !hasTime(round));
        if (isFull) break;
      }
    } catch (error) {
      // Pages that were told before are good: whoever asked for them again would come no further the next time.
      if (toMs === walk.span.fromMs) throw error;
      trouble = troubleOf(error);
    }
    const last = trades.at(-1);
    if (last === undefined) {
      const cursor = isTold ? behindQuiet(record, venue.historyOf(market).trades, toMs) : undefined;
      return { isFull: isFull && cursor !== undefined, ...(cursor && { cursor }), ...(trouble && { trouble }) };
    }
    await round.cold.writeTrades(series, { fromMs: walk.span.fromMs, toMs }, trades);
    await compactLate(series, { fromMs: trades[0]?.atMs ?? last.atMs, toMs: last.atMs + 1 }, round);
    return {
      cursor: { atMs: last.atMs, ...(last.tradeId !== undefined && { id: last.tradeId }) },
      isFull,
      ...(trouble && { trouble }),
    };
  };
}

/**
 * Where to go on in a market in which nothing was traded up to a time. A venue that is asked for a window at a time would be asked for
 * more of them by every run; the last window is asked for again all the same, since a trade may be told late.
 *
 * @returns nothing where all of it is one question anyway
 */
function behindQuiet(
  { cursor, sinceMs }: TickRecord,
  { reach, spanMsMax, goesOnById }: HistoryTerms,
  toMs: number,
): Cursor | undefined {
  const isOneQuestion = spanMsMax === undefined || (goesOnById === true && cursor?.id !== undefined);
  if (reach !== 'all' || isOneQuestion) return undefined;
  const atMs = toMs - spanMsMax - 1;
  return atMs > (cursor?.atMs ?? sinceMs) ? { atMs } : undefined;
}

/**
 * A day is made one file when it is over, however far its trades have come: what is brought later, after an outage, joins it here.
 * That is before the cursor moves, so that a run that is killed does it again.
 */
async function compactLate(series: TickSeries, span: Span, { cold, records, clock }: CollectRound): Promise<void> {
  const today = periodOf(daily, clock.nowMs());
  const past = periodsOf(daily, span).filter((day) => day < today);
  if (past.length === 0) return;
  // It may have been sealed a moment ago.
  const { sealed = '' } = (await records.get(series)) ?? {};
  for (const day of past.filter((each) => each <= sealed)) await cold.compactTrades(series, day);
}

/** More was traded between two runs than the venue tells at once. */
function tellHole({ series, cursor }: TickRecord, { fromMs, toMs }: Span, { telemetry }: CollectRound): void {
  // Before the first run nobody has promised anything.
  if (cursor === undefined) return;
  telemetry.info('the venue does not tell all trades', { venue: series.venue, symbol: series.symbol, fromMs, toMs });
}

function takeFunding(round: CollectRound): Take {
  return async (record, { market, venue }) => {
    const points: FundingPoint[] = [];
    let trouble: Trouble | undefined;
    try {
      for await (const page of walkFunding(venue, market, walkOf(record, round.clock.nowMs()))) {
        points.push(...page.entries);
        if (!hasTime(round)) break;
      }
    } catch (error) {
      // As with trades: what was told before is good.
      if (points.length === 0) throw error;
      trouble = troubleOf(error);
    }
    for (const [month, ofMonth] of byMonth(points)) await round.cold.writeFunding(record.series, month, ofMonth);
    const last = points.at(-1);
    if (last === undefined) return { isFull: false };
    return { cursor: { atMs: last.atMs }, isFull: !hasTime(round), ...(trouble && { trouble }) };
  };
}

const byMonth = (points: readonly FundingPoint[]): Map<string, FundingPoint[]> =>
  Map.groupBy(points, ({ atMs }) => periodOf(monthly, atMs));
