/** Fetches the past of a simulated market by the command that a person would use, and finds out what it took. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Backfill, questionShare } from '@nightdesk/core';
import type { CandleDesk } from './candle-desk.ts';
import { cpuMsOfAll } from './process-cpu.ts';
import { requestTotals } from './simulated-venue.ts';

const dayMs = 86_400_000;
const windowMs = 60_000;
/** Clocks may differ by as much, and nobody can say in which window a request is counted. */
const borderMs = 1_000;
const dayCandles = 1_440;
const collector = 'collect-candles';

export interface BackfillCost {
  candles: number;
  requests: number;
  /** As the venue counts it. */
  weight: number;
  /** From being asked for until all of it is stored. */
  tookMs: number;
  /** Of the processes of the function; absent where the system does not tell. */
  cpuMs?: number;
}

/** @param days how many, from 2022 on */
export async function backfill(
  { desk, command }: CandleDesk,
  { symbol, days }: { symbol: string; days: number },
): Promise<BackfillCost> {
  const fromMs = Date.UTC(2022, 0);
  const pids = () =>
    desk.cloud
      .sandboxes()
      .filter(({ functionName }) => functionName.endsWith(collector))
      .map(({ pid }) => pid);
  const before = { venue: await requestTotals(desk.simulatorUrl), cpuMs: cpuMsOfAll(pids()) ?? 0 };
  const [told] = (await command(
    ...['backfill', '--venue', 'binance', '--symbol', symbol, '--timeframe', '1m'],
    ...['--from', new Date(fromMs).toISOString(), '--to', new Date(fromMs + days * dayMs).toISOString()],
  )) as [{ backfill: Backfill }];
  const { candles, startedAtMs, endedAtMs, requests } = told.backfill;
  if (endedAtMs === undefined || candles !== days * dayCandles) {
    throw new Error(`the backfill of ${days} days brought ${candles} candles: ${JSON.stringify(told.backfill)}`);
  }
  const [venue, cpuMs] = [await requestTotals(desk.simulatorUrl), cpuMsOfAll(pids())];
  return {
    ...{ candles, requests, weight: venue.weight - before.venue.weight, tookMs: endedAtMs - startedAtMs },
    ...(cpuMs !== undefined && { cpuMs: cpuMs - before.cpuMs }),
  };
}

/**
 * Waits until the venue counts anew, twice: the start of a desk uses much of a window, and what fetches the past leaves as much of the
 * next to those who did.
 */
export const afterStart = (): Promise<void> => sleep(2 * windowMs - (Date.now() % windowMs) + borderMs);

/**
 * Part of what all questions of the desk may use of a limit that was used while it took its time. What the limit keeps for orders nobody
 * else may use.
 *
 * @param weightPerMinute of the venue
 */
export function rateShare(
  { weight, tookMs }: Pick<BackfillCost, 'weight' | 'tookMs'>,
  weightPerMinute: number,
): number {
  return weight / ((weightPerMinute * questionShare * tookMs) / windowMs);
}
