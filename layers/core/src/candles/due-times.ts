/** When work on lanes is due. All of it follows from the time and the lane, so a planner needs to remember nothing but when it last ran. */
import { type Lane, laneKeyOf } from './series.ts';
import { firstOpenFrom, openTimeOf, type Period, spanOfPeriod } from './timeframe.ts';

const minuteMs = 60_000;

/** How long after a candle closed a venue is asked for it at the earliest, where the next chance would be long after. */
export const settleMs = 10_000;
/** How long after the end of a period it is sealed at the earliest: what venues add or change late is there then. */
export const sealGraceMs = 10 * minuteMs;
/** The lanes of a venue are sealed one after the other within this time, so that they do not use up its request limit at once. */
const sealSpreadMs = 60 * minuteMs;
/** Work that did not succeed is handed out again after this time, longer than what a queue takes for the same message. */
export const repeatMs = 10 * minuteMs;

/** Funding is paid at full hours, at the most often at every one of them (venues known so far). */
const fundingTimeframe = '1h';

/**
 * A place from 0 up to 1 for each lane: multiples of the golden ratio lie apart from each other however many there are, and
 * do not move when there are more.
 */
export function spreadOf(lane: Lane): number {
  // FNV-1a of what all lanes of one kind share, so that kinds do not begin together.
  const shared = laneKeyOf({ ...lane, number: 0 });
  let hash = 0x811c9dc5;
  for (let index = 0; index < shared.length; index += 1) {
    hash = Math.imul(hash ^ shared.charCodeAt(index), 0x01000193);
  }
  return ((hash >>> 0) / 2 ** 32 + lane.number * ((Math.sqrt(5) - 1) / 2)) % 1;
}

/** The last time of a lane's turn: every `everyMs`, a multiple of a minute, each lane at a minute of its own. */
function lastTurn(lane: Lane, everyMs: number, atMs: number): number {
  const phaseMs = Math.floor(spreadOf(lane) * (everyMs / minuteMs)) * minuteMs;
  return Math.floor((atMs - phaseMs) / everyMs) * everyMs + phaseMs;
}

/**
 * The last time at which a lane was due: a turn of it at which a candle had closed since the turn before. Trades are due at every
 * turn, funding where an hour has passed.
 */
export function lastCollectMs(lane: Lane, everyMs: number, nowMs: number): number {
  const turnMs = lastTurn(lane, everyMs, nowMs);
  if (lane.part === 'trades') return turnMs;
  const timeframe = lane.part === 'funding' ? fundingTimeframe : lane.part;
  const settledMs = openTimeOf(timeframe, turnMs - settleMs) + settleMs;
  // The first turn from then on.
  return lastTurn(lane, everyMs, settledMs - 1) + everyMs;
}

/** The timeframe whose periods a part is stored by; `undefined` for funding, of which nothing has to be sealed. */
export function sealedBy(part: string): string | undefined {
  if (part === 'funding') return undefined;
  // A file for each day, as of candles shorter than an hour.
  return part === 'trades' ? '1m' : part;
}

/** When the last candle of a period has closed, which may be behind its end. */
export const endOfPeriodMs = (timeframe: string, period: Period): number =>
  firstOpenFrom(timeframe, spanOfPeriod(period).toMs);

/** The last time at which sealing a period was due; `undefined` before the first, and where there is nothing to be sealed. */
export function lastSealMs(lane: Lane, period: Period, nowMs: number): number | undefined {
  const timeframe = sealedBy(lane.part);
  if (timeframe === undefined) return undefined;
  const waitMs = Math.floor((spreadOf(lane) * sealSpreadMs) / minuteMs) * minuteMs;
  return lastRepeatMs(endOfPeriodMs(timeframe, period) + sealGraceMs + waitMs, nowMs);
}

/** The last time at which what is due from a time on was handed out; `undefined` before. */
export const lastRepeatMs = (fromMs: number, nowMs: number): number | undefined =>
  nowMs < fromMs ? undefined : fromMs + Math.floor((nowMs - fromMs) / repeatMs) * repeatMs;
