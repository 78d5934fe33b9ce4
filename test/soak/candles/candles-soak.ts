/** Collects candles at simulated venues for a while of the desk's own time, over a midnight, and judges what came of it. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '@nightdesk/core';
import { createSettableClock } from '../../../local/simulators/settable-clock.ts';
import { fivePublicVenues } from '../../support/public-venues.ts';
import { type CollectingDesk, openCollectingDesk } from './collecting-desk.ts';
import { judgeCandles, type Verdict } from './judge-candles.ts';
import { createSteadyTime } from './steady-time.ts';
import { type CollectedVenue, type RunningVenue, startVenue } from './venues.ts';
import { countRequests, type RequestCount, spoil } from './weather.ts';

export interface CandlesSoakOptions {
  /** Of the desk's own time, before midnight. */
  minutes: number;
  /** Of each venue. */
  symbols: number;
  every: string;
  /** How many times faster than the machine's time passes. */
  factor: number;
  seed: number;
  venues?: readonly CollectedVenue[];
  log(message: string): void;
}

export interface CandlesSoakReport extends CandlesSoakOptions {
  seconds: number;
  verdict: Verdict;
  /** Series of which the day was not complete when it was judged. */
  incomplete: string[];
  requests: Record<string, RequestCount>;
  /** Deliveries that failed and were made again. */
  failures: string[];
  told: Record<string, number>;
}

const minuteMs = 60_000;
const day = '2026-11-21';
const midnightMs = Date.parse(day) + 1_440 * minuteMs;
/** Series times speed that one process completes without keeping its questions to the venues waiting. */
const sealedPerFactor = 15_000;
/** After midnight days are made complete: within an hour and a bit, and what venues left out is asked for again after a while. */
const afterMs = 150 * minuteMs;

export async function runCandlesSoak(options: CandlesSoakOptions): Promise<CandlesSoakReport> {
  const { minutes, symbols, every, factor, seed, log } = options;
  const begunAt = performance.now();
  const startMs = midnightMs - minutes * minuteMs;
  const steady = createSteadyTime();
  const time = createSettableClock(steady.nowMs);
  time.set({ atMs: startMs });
  const clock: Clock = {
    nowMs: () => Math.floor(time.nowMs()),
    sleep: (delayMs) => new Promise((resolve) => time.after(delayMs, resolve)),
  };
  const names = options.venues ?? fivePublicVenues;
  const venues = await Promise.all(names.map((name) => startVenue(name, { clock: time, seed, symbolsCount: symbols })));
  let progress: ReturnType<typeof setInterval> | undefined;
  try {
    const desk = await openCollectingDesk({ venues, symbolsCount: symbols, every, clock });
    // What has to be started takes its time, which is not to be hours.
    time.set({ speed: factor });
    const beginsMs = clock.nowMs();
    await spoil(venues, { fromMs: beginsMs + minuteMs, toMs: midnightMs - minuteMs, seed });
    progress = setInterval(() => log(progressOf(desk, clock.nowMs())), 10_000);
    await desk.runTo(midnightMs);
    // Completing a day takes more computing than its collection did, and what waits for a processor is late by as many times.
    time.set({ speed: Math.min(factor, sealedPerFactor / (symbols * venues.length)) });
    await desk.runTo(midnightMs + afterMs, async () => (await desk.incompleteIn(day)).length === 0);
    const incomplete = await desk.incompleteIn(day);
    const span = { fromMs: Math.ceil(beginsMs / minuteMs) * minuteMs + 2 * minuteMs, toMs: midnightMs };
    clearInterval(progress);
    const verdict = await judgeCandles(desk, venues, { span, nowMs: clock.nowMs(), log });
    const requests = await Promise.all(venues.map(async (venue) => [venue.name, await countRequests(venue)] as const));
    return {
      ...options,
      ...{ seconds: Math.round((performance.now() - begunAt) / 1_000), verdict, incomplete },
      ...{ requests: Object.fromEntries(requests), failures: desk.failures, told: toldBy(desk) },
    };
  } finally {
    clearInterval(progress);
    await Promise.all(venues.map((venue: RunningVenue) => venue.close()));
    steady.close();
  }
}

const progressOf = ({ jobsDone, failures }: CollectingDesk, nowMs: number): string =>
  `${new Date(nowMs).toISOString().slice(5, 16)}  ${jobsDone.count} jobs done, ${failures.length} made again`;

/** Events of the journal, by type. */
function toldBy({ tables }: CollectingDesk): Record<string, number> {
  const told: Record<string, number> = {};
  for (const events of tables.journal.values()) for (const { type } of events) told[type] = (told[type] ?? 0) + 1;
  return told;
}

/** What must not be: empty where everything holds. */
export function violationsOf({ verdict, requests, incomplete }: CandlesSoakReport): string[] {
  const { traded, collected, quiet, quietKnown, duplicates, misaligned, wrong } = verdict;
  const limited = Object.entries(requests).filter(([, { rateLimited }]) => rateLimited > 0);
  return [
    ...(collected < traded ? [`${traded - collected} of ${traded} candles are missing or differ`] : []),
    ...(quietKnown < quiet ? [`${quiet - quietKnown} of ${quiet} quiet minutes are not known as such`] : []),
    ...(duplicates > 0 ? [`${duplicates} candles are there twice`] : []),
    ...(misaligned > 0 ? [`${misaligned} candles are misaligned`] : []),
    ...(wrong > 0 ? [`${wrong} candles are wrong`] : []),
    ...limited.map(([name, { rateLimited }]) => `${name} said ${rateLimited} times that it was asked too much`),
    ...(incomplete.length > 0 ? [`${incomplete.length} series are not complete: ${incomplete[0]}`] : []),
    ...verdict.violations,
  ];
}
