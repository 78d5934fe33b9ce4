/** Brings what is new of the candles of a lane, in one row. */
import {
  type CandleColumns,
  type CandleJob,
  checkCandles,
  columnsOf,
  cutColumns,
  emptyColumns,
  findRevisions,
  type Lane,
  type LaneMember,
  metricNames,
  openTimeOf,
  periodOf,
  type QuarantinedCandle,
  type Revision,
  rowsOf,
  type Span,
  seriesKeyOf,
  spanOfPeriod,
  valueColumns,
} from '@nightdesk/core';
import { walkCandles } from '../shared/walk-candles.ts';
import { type Trouble, troubleOf, unlistedCause } from './failures.ts';
import {
  type CandleRecord,
  closedToMs,
  isCandleRecord,
  type Member,
  notSetAside,
  openBefore,
  overlapCandles,
  readMembers,
} from './lane-state.ts';
import { type CollectRound, type CollectVenue, hasTime, inLanes } from './round.ts';
import { tellQuarantined, tellRevised } from './tell-candles.ts';
import { clearFailure, isRareLane, noteTroubles } from './troubles.ts';

export type CollectJob = Extract<CandleJob, { job: 'collect' }>;

/** Candles of one row, which holds 400 KB; packed, one takes less than 60 bytes at the worst. */
const rowCandlesMax = 6_000;
const membersAtOnce = 8;
/** Long enough for a period to be sealed that could not be when it was over, also of a venue that is turned off for a while. */
const keptAfterPeriodMs = 14 * 86_400_000;

/** What became of one series in this run. */
type MemberResult =
  | { kind: 'asked'; member: Member; untilMs: number; news: News; trouble?: Trouble }
  | { kind: 'trouble'; member: Member; trouble: Trouble }
  /** It rests after a failure, there was nothing to ask for, or no time. */
  | { kind: 'left'; member: Member };

interface News {
  /** New or others than before. */
  candles: CandleColumns;
  revisions: Revision[];
  quarantined: QuarantinedCandle[];
}

/**
 * Safe to repeat: whoever comes second finds what the first has brought, and has nothing to add. Rows are named by when they were
 * made, not by when that was planned: a run that comes late brings candles that had not opened by then.
 *
 * @throws the first error that is none of the venue, after what all others brought is stored: a defect holds up its own series only
 */
export async function collectLane({ lane, plannedAtMs }: CollectJob, round: CollectRound): Promise<void> {
  const startedMs = round.clock.nowMs();
  const { series, records, openVenue, config } = round;
  const all = (await records.of(lane.venue, plannedAtMs)).filter(isCandleRecord);
  const ofLane = all.filter((record) => record.lane === lane.number && record.series.timeframe === lane.part);
  const collected = ofLane.filter(({ status }) => status === 'collected');
  if (collected.length === 0) return;
  const venue = await openVenue(lane.venue, config, 'live');
  const reach = await reachOf(collected, venue, round);
  const [{ members, last }, incidents] = await Promise.all([
    readMembers(lane, collected, { terms: { nowMs: startedMs, reach }, round }),
    series.incidents(lane.venue, { fromMs: startedMs, toMs: startedMs + 1 }),
  ]);
  const run: Run = { venue, candlesMax: Math.floor(rowCandlesMax / members.length), round };
  // Those that are furthest behind come first: where there is never time for all, each has its turn.
  const inTurn = members.toSorted((left, right) => left.untilMs - right.untilMs);
  const errors: unknown[] = [];
  const results = await inLanes(inTurn, membersAtOnce, (member) =>
    collectMember(member, run).catch((error: unknown): MemberResult => {
      errors.push(error);
      round.telemetry.failure(`${seriesKeyOf(member.record.series)} could not be collected`, error);
      return { kind: 'left', member };
    }),
  );
  // Told first: whoever does this again after a crash finds the row, and nothing that is new.
  await tellNews(results, round);
  // Clocks of sandboxes differ a little, and the newest row is to be the last.
  const rowAtMs = Math.max(startedMs, (last?.plannedAtMs ?? 0) + 1);
  await writeRow(results, { lane, plannedAtMs: rowAtMs }, round);
  const isRare = isRareLane(lane, round);
  await noteTroubles(lane.venue, results.map(troubleIn), { round, isDown: incidents.length > 0, isRare });
  await goOn(results, { lane, startedMs }, round);
  reportLag(results, Math.max(0, startedMs - plannedAtMs), round);
  if (errors.length > 0) throw errors[0];
}

interface Run {
  venue: CollectVenue;
  /** Of one series in one row. */
  candlesMax: number;
  round: CollectRound;
}

/** How much of the past the venue tells of candles as long as the lane's; the markets of a lane are alike. */
async function reachOf(members: readonly CandleRecord[], venue: CollectVenue, round: CollectRound) {
  for (const { series } of members) {
    const market = await round.findMarket(series.venue, series.symbol);
    if (market !== undefined) return venue.historyOf(market).candles.reach;
  }
  return undefined;
}

async function collectMember(member: Member, run: Run): Promise<MemberResult> {
  const { round } = run;
  const { failure, series } = member.record;
  const nowMs = round.clock.nowMs();
  const toMs = closedToMs(series.timeframe, nowMs);
  const isResting = failure !== undefined && failure.retryAtMs > nowMs;
  if (isResting || toMs <= member.untilMs || !hasTime(round)) return { kind: 'left', member };
  try {
    const market = await round.findMarket(series.venue, series.symbol);
    if (market === undefined) {
      const cause = unlistedCause(series.venue, series.symbol);
      return { kind: 'trouble', member, trouble: { kind: 'refused', cause } };
    }
    return await askFor(member, { ...run, market, toMs });
  } catch (error) {
    return { kind: 'trouble', member, trouble: troubleOf(error) };
  }
}

async function askFor(
  member: Member,
  { venue, candlesMax, round, market, toMs }: Run & { market: Parameters<typeof walkCandles>[1]; toMs: number },
): Promise<MemberResult> {
  const { series } = member.record;
  const { timeframe } = series;
  const overlapMs = Math.min(
    openBefore(timeframe, member.untilMs, overlapCandles),
    member.lookBackMs ?? Number.POSITIVE_INFINITY,
  );
  // What was before the series began is nobody's to collect.
  const fromMs = Math.min(member.untilMs, Math.max(overlapMs, openTimeOf(timeframe, member.record.sinceMs)));
  const walk = { timeframe, span: { fromMs, toMs }, verifiesEnd: false };
  const told: Parameters<typeof checkCandles>[0][number][] = [];
  const newOpens = () => told.map(({ openTimeMs }) => openTimeMs).filter((openMs) => openMs >= member.untilMs);
  let [askedToMs, trouble] = [fromMs, undefined as Trouble | undefined];
  try {
    for await (const page of walkCandles(venue, market, walk)) {
      told.push(...page.candles);
      askedToMs = page.span.toMs;
      if (newOpens().length >= candlesMax || !hasTime(round)) break;
    }
  } catch (error) {
    trouble = troubleOf(error);
    if (askedToMs <= member.untilMs) return { kind: 'trouble', member, trouble };
  }
  // A page may hold more than fits into the row: what is behind is asked for again by the next run.
  const untilMs = newOpens()[candlesMax] ?? askedToMs;
  const checked = checkCandles(told, { series, nowMs: round.clock.nowMs() });
  const span = { fromMs, toMs: untilMs };
  const quarantined = await notSetAside(checked.quarantined, member, { span, round });
  const news = newsOf({ ...checked, quarantined }, member, { ...span, candlesMax });
  return { kind: 'asked', member, untilMs: Math.max(untilMs, member.untilMs), news, ...(trouble && { trouble }) };
}

/** What was asked for again and is as it was before is left out; the newest go first where that is still too much for a row. */
function newsOf(
  { candles, quarantined }: ReturnType<typeof checkCandles>,
  { known }: Member,
  { candlesMax, ...span }: Span & { candlesMax: number },
): News {
  const fresh = cutColumns(candles, span);
  const revisions = findRevisions(cutColumns(known, span), fresh);
  const before = new Map(rowsOf(known).map((row) => [row.openMs, row]));
  const rows = rowsOf(fresh).filter((row) => {
    const old = before.get(row.openMs);
    return old === undefined || valueColumns.some((name) => row[name] !== undefined && row[name] !== old[name]);
  });
  const kept = rows.slice(-candlesMax);
  const firstMs = rows.length > kept.length ? (kept[0]?.openMs ?? span.toMs) : span.fromMs;
  // What is not stored now is not told either, but when it is found again.
  return {
    candles: columnsOf(kept),
    revisions: revisions.filter(({ openMs }) => openMs >= firstMs),
    quarantined,
  };
}

const troubleIn = (result: MemberResult) => ({
  record: result.member.record,
  isAnswered: result.kind === 'asked',
  ...(result.kind !== 'left' && result.trouble !== undefined && { trouble: result.trouble }),
});

/** One row for all, and none where nothing has changed. Also those without news keep their place in it. */
async function writeRow(
  results: readonly MemberResult[],
  { lane, plannedAtMs }: Pick<CollectJob, 'lane' | 'plannedAtMs'>,
  { candles, telemetry }: CollectRound,
): Promise<void> {
  const asked = results.filter((result) => result.kind === 'asked');
  await candles.quarantine(asked.flatMap(({ news }) => news.quarantined));
  if (asked.every(({ member, untilMs, news }) => untilMs === member.untilMs && news.candles.openMs.length === 0)) {
    return;
  }
  const members: LaneMember[] = results.map((result) => ({
    symbol: result.member.record.series.symbol,
    ...(result.kind === 'asked'
      ? { candles: result.news.candles, untilMs: result.untilMs }
      : { candles: emptyColumns, untilMs: result.member.untilMs }),
  }));
  const newestMs = Math.max(...members.map(({ untilMs }) => untilMs));
  const expiresAtMs = spanOfPeriod(periodOf(lane.part, newestMs)).toMs + keptAfterPeriodMs;
  await candles.writeLane(lane, { plannedAtMs, members }, expiresAtMs);
  const stored = asked.reduce((sum, { news }) => sum + news.candles.openMs.length, 0);
  telemetry.count(metricNames.candlesCollected, stored, lane.venue);
}

async function tellNews(results: readonly MemberResult[], round: CollectRound): Promise<void> {
  for (const result of results) {
    if (result.kind !== 'asked') continue;
    const { record } = result.member;
    await tellRevised(record.series, result.news.revisions, round);
    await tellQuarantined(record.series, result.news.quarantined, round);
    if (result.trouble === undefined) await clearFailure(record, round);
  }
}

/**
 * What did not fit into the row, or the time, is the work of another job, of which only then this one is over. What has closed since
 * this one began is the next turn's.
 */
async function goOn(
  results: readonly MemberResult[],
  { lane, startedMs }: { lane: Lane; startedMs: number },
  { jobs, clock }: CollectRound,
): Promise<void> {
  const moved = results.filter((result) => result.kind === 'asked' && result.untilMs > result.member.untilMs);
  const isLeft = results.some((result) => {
    if (result.kind === 'left') return isDue(result.member, startedMs);
    const isCut = result.kind === 'asked' && result.trouble === undefined;
    return isCut && result.untilMs < closedToMs(lane.part, startedMs);
  });
  // Where nothing has moved, the next turn is soon enough.
  if (isLeft && moved.length > 0) await jobs.send([{ job: 'collect', lane, plannedAtMs: clock.nowMs() }]);
}

const isDue = ({ record: { failure, series }, untilMs }: Member, nowMs: number): boolean =>
  (failure === undefined || failure.retryAtMs <= nowMs) && untilMs < closedToMs(series.timeframe, nowMs);

/** Of series that fail by themselves another metric tells. */
function reportLag(results: readonly MemberResult[], waitedMs: number, { clock, telemetry }: CollectRound): void {
  const nowMs = clock.nowMs();
  const lagsMs = results
    .filter(({ member }) => member.record.failure === undefined)
    .map((result) => {
      const { timeframe } = result.member.record.series;
      const untilMs = result.kind === 'asked' ? result.untilMs : result.member.untilMs;
      return closedToMs(timeframe, nowMs) - untilMs;
    });
  telemetry.count(metricNames.laneLagSeconds, Math.floor(Math.max(waitedMs, 0, ...lagsMs) / 1_000));
}
