/**
 * What can wait leaves the request limits of a venue to what cannot. Whoever had to wait for its turn says so in a row that all
 * functions see; those who fetch the past then use no more than `yieldingShare` of each limit, until for a while nobody has waited.
 * They are paced all the time (`layers/core/src/limits/pace.ts`), so that those who look after accounts find room at any moment.
 * Orders have a part of each limit to themselves all the time (`questionShare`).
 */
import type { Telemetry } from '@nightdesk/aws';
import {
  type Clock,
  type CoordinationStore,
  coordinationKeys,
  LocalBudget,
  type RequestBudget,
  type RequestLimit,
  type VenueId,
} from '@nightdesk/core';
import type { FleetOf } from '../shared/venue-fleets.ts';

/**
 * Part of each limit that one invocation uses of the past while others wait: together a quarter, of five at once. Where it is less
 * than one request, one goes in each window all the same: a period takes several answers, and none of them is waited for longer
 * than some seconds, so with fewer nothing would ever be had as a whole.
 */
export const yieldingShare = 0.05;
/** A request that got its turn sooner than this did not wait. */
const waitingMs = 250;
/** For so long after somebody has waited the past is held back. */
export const yieldMs = 10_000;
/** It is said again no sooner than this, and looked for as often. */
const tellAgainMs = 2_000;
const lookAgainMs = 1_000;

export interface YieldingOptions {
  store: CoordinationStore;
  clock: Clock;
  telemetry: Telemetry;
}

/** Fleets of those who are waited for: they say when they had to wait. */
export function announcingFleets(fleetOf: FleetOf, options: YieldingOptions): FleetOf {
  return (venue, account) => {
    const fleet = fleetOf(venue, account);
    return { ...fleet, openBudget: (limits) => announcing(fleet.openBudget(limits), venue, options) };
  };
}

/** Fleets of those who can wait. */
export function yieldingFleets(fleetOf: FleetOf, options: YieldingOptions): FleetOf {
  return (venue, account) => {
    const fleet = fleetOf(venue, account);
    return {
      ...fleet,
      openBudget: (limits) => yielding(fleet.openBudget(limits, { isPaced: true }), { venue, limits }, options),
    };
  };
}

function announcing(
  budget: RequestBudget,
  venue: VenueId,
  { store, clock, telemetry }: YieldingOptions,
): RequestBudget {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const tell = async () => {
    const nowMs = clock.nowMs();
    if (nowMs - toldAtMs < tellAgainMs) return;
    toldAtMs = nowMs;
    const row = { untilMs: nowMs + yieldMs };
    await store
      .change(coordinationKeys.waiting(venue), () => ({ row, expiresAtMs: nowMs + yieldMs, result: undefined }))
      .catch((error: unknown) => telemetry.failure(`that ${venue} is waited for could not be told`, error));
  };
  return delegating(budget, async (cost, delayMsMax) => {
    const startedMs = clock.nowMs();
    const answer = await budget.take(cost, delayMsMax);
    // Who waited once will wait again, and then those who can wait have made room.
    if (answer.kind === 'exhausted' || clock.nowMs() - startedMs >= waitingMs) await tell();
    return answer;
  });
}

function yielding(
  budget: RequestBudget,
  { venue, limits }: { venue: VenueId; limits: readonly RequestLimit[] },
  { store, clock, telemetry }: YieldingOptions,
): RequestBudget {
  const own = new LocalBudget({ limits, clock, share: yieldingShare, oncePerWindow: true });
  let [lookedAtMs, yieldUntilMs] = [Number.NEGATIVE_INFINITY, 0];
  const look = async () => {
    const nowMs = clock.nowMs();
    if (nowMs - lookedAtMs < lookAgainMs) return;
    lookedAtMs = nowMs;
    yieldUntilMs = await store
      .change(coordinationKeys.waiting(venue), (row) => ({ result: Number(row?.untilMs ?? 0) }))
      .catch((error: unknown) => {
        telemetry.failure(`whether ${venue} is waited for could not be read`, error);
        return nowMs + lookAgainMs;
      });
  };
  return delegating(budget, async (cost, delayMsMax) => {
    const endsAtMs = clock.nowMs() + delayMsMax;
    await look();
    if (clock.nowMs() < yieldUntilMs) {
      const answer = await own.take(cost, endsAtMs - clock.nowMs());
      if (answer.kind !== 'granted') return answer;
    }
    return budget.take(cost, Math.max(0, endsAtMs - clock.nowMs()));
  });
}

const delegating = (budget: RequestBudget, take: RequestBudget['take']): RequestBudget => ({
  take,
  prepare: () => budget.prepare(),
  refused: (refusal) => budget.refused(refusal),
  answered: () => budget.answered(),
});
