/** What a period is after its venue was asked: candles, why others are missing, and what is to be told of it. Decides, and does nothing. */
import {
  type CandleBlock,
  type CandleColumns,
  type CandleSeries,
  checkCandles,
  completeColumns,
  cutColumns,
  emptyColumns,
  findGaps,
  findRevisions,
  firstOpenFrom,
  type Gap,
  indexFrom,
  judgeGaps,
  markQuarantined,
  mergeColumns,
  nextOpenTime,
  type Outlier,
  type Period,
  type QuarantinedCandle,
  quarantineOutliers,
  type Revision,
  type Span,
  spanOfPeriod,
  type VenueIncident,
} from '@nightdesk/core';
import type { Told } from './ask-span.ts';

export interface PeriodFacts {
  series: CandleSeries;
  period: Period;
  /** As it is stored; `undefined` where it never was. */
  before: CandleBlock | undefined;
  /** What the lane has brought; and of which span, where that is an answer to go by. */
  recent?: { candles: CandleColumns; asked?: Span };
  told: Told;
  /** Made of trades, and the spans of which every trade was told. */
  rebuilt?: { candles: CandleColumns; covered: readonly Span[] };
  outliersOf?(candles: CandleColumns): Outlier[];
  /** Open times of candles that are in quarantine. */
  quarantinedMs: readonly number[];
  incidents: readonly VenueIncident[];
  /** None is expected before. */
  listedFromMs?: number;
  /** Nobody has asked for candles from before; what the venue tells of them all the same is kept. */
  wantedFromMs: number;
  nowMs: number;
}

export interface MergedPeriod {
  block: CandleBlock;
  revisions: Revision[];
  quarantined: QuarantinedCandle[];
  /** Open times of candles that are good now. */
  releasedMs: number[];
  /** Made of trades now, and not before. */
  rebuilt: Span[];
  /** Gaps of which it is known only now why they are. */
  closed: Gap[];
}

export function mergePeriod(facts: PeriodFacts): MergedPeriod {
  const { series, period, before, told, nowMs } = facts;
  const { timeframe } = series;
  const whole = spanOfPeriod(period);
  const known = knownColumns(facts);
  const checked = checkCandles(told.candles, { series, nowMs });
  const fresh = cutColumns(checked.candles, whole);
  // What was made of trades is no word of the venue, which so has changed nothing.
  const wasRebuilt = (openMs: number) => (before?.rebuilt ?? []).some((span) => isWithin(openMs, span));
  const revisions = findRevisions(known, fresh).filter(({ openMs }) => !wasRebuilt(openMs));
  const merged = mergeColumns(known, completeColumns(known, fresh));
  const judged = quarantineOutliers(merged, facts.outliersOf?.(merged) ?? [], { series, nowMs });
  const made = facts.rebuilt === undefined ? judged.candles : addMissing(judged.candles, facts.rebuilt.candles, whole);
  const rebuiltMs = rebuiltOpens({ facts, made, fresh, others: judged.candles });
  const rebuilt = spansOf(rebuiltMs, timeframe);
  const inPeriod = checked.quarantined.filter(({ openMs }) => isWithin(openMs, whole));
  const quarantined = [...inPeriod, ...judged.quarantined].filter(
    ({ openMs }) => !facts.quarantinedMs.includes(openMs),
  );
  const gaps = gapsOf(made, [...facts.quarantinedMs, ...quarantined.map(({ openMs }) => openMs)], facts);
  return {
    block: {
      ...{ period, candles: made, gaps, rebuilt, version: before?.version ?? 0 },
      revised: (before?.revised ?? 0) + revisions.length,
      checkedToMs: Math.max(before?.checkedToMs ?? whole.fromMs, Math.min(told.toMs, whole.toMs)),
    },
    revisions,
    quarantined,
    // What was made of trades does not show that the venue's own is good now.
    releasedMs: facts.quarantinedMs.filter((openMs) => has(made, openMs) && !rebuiltMs.includes(openMs)),
    rebuilt: rebuilt.filter(({ fromMs }) => !wasRebuilt(fromMs)),
    closed: gaps.filter((gap) => isClosed(gap) && !(before?.gaps ?? []).some((old) => isSame(old, gap))),
  };
}

const isWithin = (atMs: number, { fromMs, toMs }: Span): boolean => atMs >= fromMs && atMs < toMs;
const has = (columns: CandleColumns, openMs: number): boolean => columns.openMs[indexFrom(columns, openMs)] === openMs;
const isClosed = ({ kind }: Gap): boolean => kind === 'no-trades' || kind === 'outage';
const isSame = (left: Gap, right: Gap): boolean =>
  left.kind === right.kind && left.fromMs <= right.fromMs && left.toMs >= right.toMs;

function knownColumns({ before, recent, period }: PeriodFacts): CandleColumns {
  const stored = before?.candles;
  if (recent === undefined) return stored ?? emptyColumns;
  const lane = cutColumns(recent.candles, spanOfPeriod(period));
  if (before === undefined || stored === undefined) return lane;
  // Written after the period was over, so what the venue changed since its rows is in it, and was told.
  const isLater = before.checkedToMs >= spanOfPeriod(period).toMs;
  return isLater ? mergeColumns(lane, stored) : mergeColumns(stored, lane);
}

/** Only where there is none. */
const addMissing = (columns: CandleColumns, others: CandleColumns, span: Span): CandleColumns =>
  mergeColumns(cutColumns(others, span), columns);

interface Made {
  facts: PeriodFacts;
  made: CandleColumns;
  /** What the venue told now. */
  fresh: CandleColumns;
  /** What there was without trades. */
  others: CandleColumns;
}

/** Open times of candles that are made of trades, and not told by the venue by now. */
function rebuiltOpens({ facts: { before }, made, fresh, others }: Made): number[] {
  const wereMs = [...made.openMs].filter(
    (openMs) => (before?.rebuilt ?? []).some((span) => isWithin(openMs, span)) && !has(fresh, openMs),
  );
  const areMs = [...made.openMs].filter((openMs) => !has(others, openMs));
  return [...new Set([...wereMs, ...areMs])].sort((a, b) => a - b);
}

function spansOf(opensMs: readonly number[], timeframe: string): Span[] {
  const spans: Span[] = [];
  for (const openMs of opensMs) {
    const toMs = nextOpenTime(timeframe, openMs);
    const last = spans.at(-1);
    if (last?.toMs === openMs) last.toMs = toMs;
    else spans.push({ fromMs: openMs, toMs });
  }
  return spans;
}

/** Where candles are expected from on: what was before collecting began is none of it where the venue does not tell it. */
export function expectedFromMs({ period, told, listedFromMs, wantedFromMs }: PeriodFacts): number {
  const { fromMs, toMs } = spanOfPeriod(period);
  const head = told.untold.find((span) => span.fromMs <= fromMs);
  const toldFromMs = head === undefined ? fromMs : Math.max(fromMs, Math.min(head.toMs, wantedFromMs));
  return Math.max(toldFromMs, Math.min(listedFromMs ?? fromMs, toMs));
}

function gapsOf(candles: CandleColumns, quarantinedMs: readonly number[], facts: PeriodFacts): Gap[] {
  const { series, period, before, told } = facts;
  const { timeframe } = series;
  const whole = spanOfPeriod(period);
  const toMs = Math.min(whole.toMs, Math.max(before?.checkedToMs ?? whole.fromMs, told.toMs));
  const fromMs = expectedFromMs(facts);
  if (fromMs >= toMs) return [];
  const found = findGaps(candles, { timeframe, span: { fromMs, toMs } }, before?.gaps);
  const judged = found
    .flatMap((gap) => splitAt(gap, firstOpenFrom(timeframe, told.toMs)))
    .flatMap((gap) => judge(gap, facts));
  return markQuarantined(judged, quarantinedMs, timeframe);
}

const splitAt = (gap: Gap, atMs: number): Gap[] =>
  gap.fromMs < atMs && gap.toMs > atMs
    ? [
        { ...gap, toMs: atMs },
        { ...gap, fromMs: atMs },
      ]
    : [gap];

/** As often as the venue's answers have shown it to be one: what its lane asked for when it was new counts, too. */
function judge(gap: Gap, facts: PeriodFacts): Gap[] {
  const { series, told, rebuilt, recent, incidents, nowMs } = facts;
  const covers = (span: Span | undefined) => span !== undefined && span.fromMs <= gap.fromMs && span.toMs >= gap.toMs;
  const isAsked =
    gap.fromMs < told.toMs && !told.untold.some((span) => span.fromMs < gap.toMs && span.toMs > gap.fromMs);
  const isTraded = rebuilt?.covered.some(covers) ?? false;
  if (!isAsked && !isTraded) return [gap];
  const check = {
    timeframe: series.timeframe,
    checkedAtMs: nowMs,
    by: isTraded ? 'trades' : 'candles',
    incidents,
  } as const;
  const answers = told.answers + (gap.attempts === 0 && covers(recent?.asked) ? 1 : 0);
  let gaps: Gap[] = [gap];
  for (let answer = 0; answer < Math.max(answers, 1); answer += 1) gaps = judgeGaps(gaps, check);
  return gaps;
}
