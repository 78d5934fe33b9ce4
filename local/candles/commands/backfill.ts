/** `npm run candles -- backfill`: has the desk fetch a range of the past, and shows how far it is. */
import { parseArgs } from 'node:util';
import {
  type Backfill,
  type CandleSeries,
  countOpens,
  firstOpenFrom,
  isTimeframe,
  isUnderWay,
  keptRecord,
  openTimeOf,
  type SeriesRecord,
  type SeriesStore,
  type Span,
  type VenueId,
  VersionConflictError,
} from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { readDeskConfig } from '@nightdesk/infra/config/read-desk-config.ts';
import { CandlesError } from '../candles-error.ts';
import {
  type Command,
  type CommandContext,
  commonHelp,
  commonOptions,
  grouped,
  minuteOf,
  required,
  timeOf,
} from '../command.ts';
import { durationText } from '../describe.ts';
import { createProgress } from '../progress.ts';
import { nameOf } from '../select-records.ts';

const help = `Has the desk fetch the candles of a range, within the venue's request limits, and shows how far it is. It goes on when this is
stopped; the same command shows how far it is by then. What is stored already is fetched anew, and what the venue has changed is told.

  npm run candles -- backfill --venue binance --symbol BTC/USDT --timeframe 1m --from 2022-01-01
  npm run candles -- backfill --venue binance --symbol BTC/USDT      shows one that is under way

  --timeframe            default: 1m
  --from, --to           UTC; without --to up to now
  --detach               does not wait for it
${commonHelp}

Exit code 0: done, or under way with --detach or Ctrl-C. 1: ended, and the venue had less. 2: it could not be asked for.`;

const options = {
  ...commonOptions,
  venue: { type: 'string' },
  symbol: { type: 'string' },
  timeframe: { type: 'string', default: '1m' },
  from: { type: 'string' },
  to: { type: 'string' },
  detach: { type: 'boolean', default: false },
} as const;

/** How often somebody else may write the record at the same moment. */
const savesMax = 8;
const pollMs = 500;

export const backfill: Command = {
  summary: 'fetches a range of the past, with progress',
  help,
  handlesInterrupt: true,
  async run(args, context) {
    const { values } = parseArgs({ args: [...args], options });
    const { timeframe } = values;
    if (!isTimeframe(timeframe)) throw new CandlesError(`--timeframe ${timeframe}: such are 1m, 4h, 1d, 1w and 1M`);
    const venue = required('--venue', values.venue) as VenueId;
    const series: CandleSeries = { kind: 'candles', venue, symbol: required('--symbol', values.symbol), timeframe };
    const collected = await context.open();
    const jobs = await collected.openJobs();
    const asked =
      values.from === undefined ? undefined : spanAsked(series, { from: values.from, to: values.to }, context);
    if (asked !== undefined) requireVenue(venue);
    const begun = await begin(collected.series, series, { asked, nowMs: context.clock.nowMs() });
    if (begun.isNew) await jobs.send([{ job: 'backfill', series, doneToMs: begun.backfill.doneToMs }]);
    if (!context.json) context.print(describeStart(series, begun));
    if (values.detach) {
      if (context.json) context.print(JSON.stringify({ series, backfill: begun.backfill }));
      return 0;
    }
    return watch(collected.series, { series, begun: begun.backfill }, context);
  },
};

function spanAsked(
  series: CandleSeries,
  text: { from: string; to: string | undefined },
  { clock }: CommandContext,
): Span {
  const { timeframe } = series;
  const closedToMs = openTimeOf(timeframe, clock.nowMs());
  const fromMs = firstOpenFrom(timeframe, timeOf('--from', text.from));
  const toMs = Math.min(
    closedToMs,
    text.to === undefined ? closedToMs : firstOpenFrom(timeframe, timeOf('--to', text.to)),
  );
  if (fromMs < toMs) return { fromMs, toMs };
  throw new CandlesError(`there is no closed candle from ${minuteOf(fromMs)} to ${minuteOf(toMs)}`);
}

/** The desk leaves work alone that is of no exchange of its configuration. */
function requireVenue(venue: VenueId): void {
  const { exchanges } = readDeskConfig(paths.config);
  if (exchanges[venue]?.enabled) return;
  const enabled = Object.keys(exchanges).filter((name) => exchanges[name]?.enabled);
  throw new CandlesError(`${venue} is no enabled exchange of config/exchanges.yaml, which has ${enabled.join(', ')}`);
}

interface Begun {
  backfill: Backfill;
  /** False where it was under way already. */
  isNew: boolean;
}

/**
 * Writes what is wanted into the record, from which the planner goes on with it. What collection.yaml wants of the past gives way, and
 * is begun again by the planner afterwards.
 *
 * @throws CandlesError where somebody else's is under way, or none is and none was asked for
 */
async function begin(
  store: SeriesStore,
  series: CandleSeries,
  { asked, nowMs }: { asked: Span | undefined; nowMs: number },
): Promise<Begun> {
  for (let saves = 0; saves < savesMax; saves += 1) {
    const record = await store.get(series);
    const current = record?.backfill;
    if (asked === undefined) {
      if (current !== undefined) return { backfill: current, isNew: false };
      throw new CandlesError(`--from is missing: no backfill of ${nameOf(series)} is under way`);
    }
    if (isUnderWay(current) && current.askedBy === 'person') {
      // Without --to it is up to now, which is later each time.
      if (current.fromMs === asked.fromMs && current.toMs <= asked.toMs) return { backfill: current, isNew: false };
      const span = `${minuteOf(current.fromMs)} to ${minuteOf(current.toMs)}`;
      throw new CandlesError(`another backfill of ${nameOf(series)} is under way, of ${span}: it has to end first`);
    }
    const backfill: Backfill = {
      ...{ ...asked, doneToMs: asked.fromMs, startedAtMs: nowMs, candles: 0, requests: 0, askedBy: 'person' },
    };
    const known = record ?? keptRecord(await store.list(series.venue), series, nowMs);
    if (await saved(store, { ...known, backfill })) return { backfill, isNew: true };
  }
  throw new Error(`the record of ${nameOf(series)} was changed by others each of ${savesMax} times`);
}

async function saved(store: SeriesStore, record: SeriesRecord): Promise<boolean> {
  try {
    await store.save(record);
    return true;
  } catch (error) {
    if (error instanceof VersionConflictError) return false;
    throw error;
  }
}

function describeStart(series: CandleSeries, { backfill: { fromMs, toMs }, isNew }: Begun): string {
  const candles = grouped(countOpens(series.timeframe, { fromMs, toMs }));
  const what = `${nameOf(series)}, ${minuteOf(fromMs)} to ${minuteOf(toMs)} UTC, at most ${candles} candles`;
  return isNew ? `asked for ${what}` : `under way: ${what}`;
}

async function watch(
  store: SeriesStore,
  { series, begun }: { series: CandleSeries; begun: Backfill },
  { clock, signal, progress: stream, print, json }: CommandContext,
): Promise<number> {
  const total = countOpens(series.timeframe, begun);
  const progress = createProgress({ total, unit: 'candles', stream, nowMs: clock.nowMs });
  let backfill = begun;
  while (!signal.aborted) {
    const record = await store.get(series);
    const current = record?.backfill;
    if (record === undefined || current === undefined || current.startedAtMs !== begun.startedAtMs) {
      progress.stop();
      if (record === undefined || current?.askedBy !== 'history' || begun.askedBy === 'history') {
        throw new CandlesError('it was replaced by another backfill of the same series');
      }
      return tellFollowed(record, begun, { print, json });
    }
    backfill = current;
    const done = countOpens(series.timeframe, { fromMs: begun.fromMs, toMs: backfill.doneToMs });
    progress.update(done, backfill.cause && `stands still: ${backfill.cause.message}`);
    if (backfill.endedAtMs !== undefined) break;
    await clock.sleep(pollMs);
  }
  progress.stop();
  if (json) print(JSON.stringify({ series, backfill }));
  else print(describeEnd(backfill));
  return backfill.endedAtMs !== undefined && backfill.doneToMs < backfill.toMs ? 1 : 0;
}

/**
 * The planner goes on with the past that collection.yaml wants as soon as a person's backfill has ended, which may be between two
 * looks. Its figures are gone then; whether it brought everything can still be told.
 */
function tellFollowed(
  { series, sinceMs, historyFromMs = sinceMs, backfill: next }: SeriesRecord,
  begun: Backfill,
  { print, json }: Pick<CommandContext, 'print' | 'json'>,
): number {
  const isDone = historyFromMs <= begun.fromMs;
  const what = isDone ? 'done' : 'ended; coverage tells what it brought';
  if (json) print(JSON.stringify({ series, backfill: begun, isDone, next }));
  else print(`${what}. The desk goes on with the past that collection.yaml wants`);
  return isDone ? 0 : 1;
}

function describeEnd({ endedAtMs, startedAtMs, candles, requests, doneToMs, toMs, cause }: Backfill): string {
  if (endedAtMs === undefined) return 'it goes on; the same command shows how far it is';
  const took = `${grouped(requests)} requests in ${durationText(endedAtMs - startedAtMs)}`;
  const all = `${grouped(candles)} candles by ${took}`;
  if (doneToMs >= toMs) return `done: ${all}`;
  return `ended at ${minuteOf(doneToMs)}: ${all}${cause ? `. ${cause.message}` : ''}`;
}
