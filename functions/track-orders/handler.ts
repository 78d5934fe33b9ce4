import { accountOf, lookPauseMs, metricNames, type Order } from '@nightdesk/core';
import type { LookOutcome, Run, TrackOrdersDependencies } from './run.ts';
import { trackAccount } from './track-account.ts';

export type { TrackOrdersDependencies } from './run.ts';

export interface TrackingSummary {
  looked: number;
  /** Orders whose state the venue still has not told. */
  unknown: number;
  /** Orders that could not be asked about, or that are open and that the venue did not show. */
  failed: number;
}

/** @param deadlineMs when the run must have ended; UTC epoch milliseconds */
export type Track = (deadlineMs: number) => Promise<TrackingSummary>;

/** Rounds of one run, and the shortest pause between two. */
const roundsMax = 30;
const roundPauseMsMin = 1_000;

/**
 * Brings every order that is due for a look up to date with its venue, once. One account or order that fails leaves the others
 * alone.
 */
export function createHandler(dependencies: TrackOrdersDependencies): Track {
  return async (deadlineMs) => {
    const run = await beginRun(dependencies, deadlineMs);
    await trackRound(run);
    return sumUp(run);
  };
}

/** The same again and again until the deadline, as long as some order is to be looked at before it. */
export function createAdaptiveHandler(dependencies: TrackOrdersDependencies): Track {
  const { clock } = dependencies.ports;
  return async (deadlineMs) => {
    const run = await beginRun(dependencies, deadlineMs);
    for (let round = 0; round < roundsMax; round++) {
      const orders = await trackRound(run);
      const nextMs = nextLookMs(orders, run);
      const nowMs = clock.nowMs();
      const wakesMs = Math.max(nextMs, nowMs + roundPauseMsMin);
      if (wakesMs >= deadlineMs) break;
      await clock.sleep(wakesMs - nowMs);
    }
    return sumUp(run);
  };
}

async function beginRun(dependencies: TrackOrdersDependencies, deadlineMs: number): Promise<Run> {
  const config = await dependencies.loadConfig();
  return { ...dependencies, config, deadlineMs, lookedAtMs: new Map(), outcomes: new Map(), recentIds: new Map() };
}

async function trackRound(run: Run): Promise<Order[]> {
  const { config } = run;
  const accounts = Object.keys(config.accounts).map((id) => accountOf(config, id));
  const known = accounts.filter((account) => account !== undefined);
  const orders = await Promise.all(known.map((account) => trackAccount({ ...run, account })));
  return orders.flat();
}

/** When the first of the orders is to be looked at again; never where there is none. */
function nextLookMs(orders: readonly Order[], { ports, lookedAtMs }: Run): number {
  const nowMs = ports.clock.nowMs();
  const timesMs = orders.flatMap((order) => {
    const lookedMs = lookedAtMs.get(order.orderId);
    return lookedMs === undefined ? [] : [lookedMs + lookPauseMs(order, nowMs)];
  });
  return timesMs.reduce((first, timeMs) => Math.min(first, timeMs), Number.POSITIVE_INFINITY);
}

function sumUp({ outcomes, telemetry }: Run): TrackingSummary {
  const found = [...outcomes.values()];
  const countOf = (wanted: LookOutcome) => found.filter((outcome) => outcome === wanted).length;
  const summary = { looked: found.length, unknown: countOf('unknown'), failed: countOf('failed') };
  telemetry.count(metricNames.ordersUnknown, summary.unknown + summary.failed);
  if (summary.looked > 0) telemetry.info('orders tracked', { ...summary });
  return summary;
}
