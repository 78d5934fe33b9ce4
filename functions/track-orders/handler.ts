import { accountOf, lookPauseMs, metricNames, needsTracking, type Order } from '@nightdesk/core';
import type { AccountRound, LookOutcome, Run, TrackOrdersDependencies } from './run.ts';
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
const roundsMax = 60;
const roundPauseMsMin = 1_000;
/** How long a round asks about resting orders before triggers and exits have their turn again. */
const restingMsMax = 10_000;

/** Brings every order that is due for a look up to date with its venue, once. */
export const createHandler = (dependencies: TrackOrdersDependencies): Track =>
  createTrack(dependencies, { work: trackAccount, restingMsMax: Number.POSITIVE_INFINITY });

/**
 * The same again and again until the deadline, as long as some order is to be looked at before it. Each account at its own pace:
 * one whose venue takes its time to answer does not hold up the others.
 */
export const createAdaptiveHandler = (dependencies: TrackOrdersDependencies): Track =>
  createTrack(dependencies, { work: trackInRounds, restingMsMax });

async function trackInRounds(round: AccountRound): Promise<void> {
  const { clock } = round.ports;
  for (let count = 0; count < roundsMax; count++) {
    const orders = await trackAccount(round);
    const nowMs = clock.nowMs();
    const wakesMs = Math.max(nextLookMs(orders, round), nowMs + roundPauseMsMin);
    if (wakesMs >= round.deadlineMs) return;
    await clock.sleep(wakesMs - nowMs);
  }
}

interface Tracking {
  work(round: AccountRound): Promise<unknown>;
  restingMsMax: number;
}

/** One account or order that fails leaves the others alone. */
function createTrack(dependencies: TrackOrdersDependencies, { work, restingMsMax: lastsMsMax }: Tracking): Track {
  return async (deadlineMs) => {
    const run = { ...(await beginRun(dependencies, deadlineMs)), restingMsMax: lastsMsMax };
    const { config } = run;
    const accounts = Object.keys(config.accounts).map((id) => accountOf(config, id));
    const known = accounts.filter((account) => account !== undefined);
    const results = await Promise.allSettled(known.map((account) => work({ ...run, account })));
    const summary = sumUp(run);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return summary;
  };
}

async function beginRun(dependencies: TrackOrdersDependencies, deadlineMs: number): Promise<Omit<Run, 'restingMsMax'>> {
  const config = await dependencies.loadConfig();
  return { ...dependencies, config, deadlineMs, lookedAtMs: new Map(), outcomes: new Map() };
}

/** When the first of the orders is to be looked at again; never where there is none. */
function nextLookMs(orders: readonly Order[], { ports, lookedAtMs }: Run): number {
  const nowMs = ports.clock.nowMs();
  const timesMs = orders.flatMap((order) => {
    const lookedMs = lookedAtMs.get(order.orderId);
    return lookedMs === undefined || !needsTracking(order) ? [] : [lookedMs + lookPauseMs(order, nowMs)];
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
