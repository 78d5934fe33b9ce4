/** What the sandboxes of all functions share of a venue: its limits, the turn of each key, how far clocks are off. */
import { randomUUID } from 'node:crypto';
import {
  createCoordinationTable,
  createDynamoDbClient,
  readEnvironment,
  systemClock,
  type Telemetry,
} from '@nightdesk/aws';
import {
  type AccountId,
  type Clock,
  type CoordinationStore,
  coordinationKeys,
  environmentNames,
  healthOf,
  metricNames,
  NonceLane,
  type RequestBudget,
  type RequestLimit,
  SharedBudget,
  type VenueId,
} from '@nightdesk/core';
import type { VenueFleet } from '@nightdesk/exchange';

export interface VenueFleetsOptions {
  store: CoordinationStore;
  /** Tells addresses apart that requests leave from. */
  egressName: string;
  clock: Clock;
  telemetry: Telemetry;
}

/** One venue as seen with one account's keys, or with none. */
export interface PreparedFleet extends VenueFleet {
  /** @param options whether what is sent can wait, and leaves room for what cannot */
  openBudget(limits: readonly RequestLimit[], options?: { isPaced?: boolean }): RequestBudget;
  /** Begins to fetch what an order takes of the limits. */
  prepare(): void;
}

export type FleetOf = (venue: VenueId, account?: AccountId) => PreparedFleet;

export function createVenueFleets({ store, egressName, clock, telemetry }: VenueFleetsOptions): FleetOf {
  return (venue, account) => {
    let budget: RequestBudget | undefined;
    const onFailure = (error: unknown) =>
      telemetry.failure(`what sandboxes share of ${venue} cannot be reached`, error);
    return {
      readAheadMs: () =>
        store
          .change(coordinationKeys.health(venue), (row) => ({ result: healthOf(row, clock.nowMs()).aheadMs }))
          .catch((error: unknown) => {
            onFailure(error);
            return undefined;
          }),
      openBudget(limits, { isPaced = false } = {}) {
        budget = new SharedBudget({
          ...{ store, clock, onFailure, isPaced },
          // Limits of a key count nothing where there is none.
          limits: limits.filter(({ scope }) => scope === 'egress' || account !== undefined),
          keyOf: ({ scope, name }) =>
            scope === 'key' && account !== undefined
              ? coordinationKeys.keyLimit(venue, account, name)
              : coordinationKeys.egressLimit(venue, egressName, name),
          onUse: (_limit, used) => telemetry.percent(metricNames.requestLimitUsed, used * 100, venue),
          onRefusal({ reason }) {
            telemetry.count(metricNames.rateLimitAnswers, 1, venue);
            telemetry.info('the venue was asked too much', { venue, account, reason });
          },
        });
        return budget;
      },
      ...(account !== undefined && {
        // An account may have two of them here, for its two keys or while a new one takes over: each is its own owner.
        openLane() {
          const key = coordinationKeys.keyLease(account);
          return new NonceLane({ ...{ key, store, clock, onFailure }, owner: randomUUID() });
        },
      }),
      prepare: () => budget?.prepare(),
    };
  };
}

/**
 * The fleets of a function, from its environment.
 *
 * @param store the rows, where the function has them at hand: a second client would have connections of its own to open
 * @throws EnvironmentError at cold start when a variable is missing
 */
export function openVenueFleets(telemetry: Telemetry, store: CoordinationStore = openRows()): FleetOf {
  const { egressName } = readEnvironment({ egressName: environmentNames.egressName });
  return createVenueFleets({ store, egressName, clock: systemClock, telemetry });
}

function openRows(): CoordinationStore {
  const { coordinationTable } = readEnvironment({ coordinationTable: environmentNames.coordinationTable });
  return createCoordinationTable(createDynamoDbClient(), coordinationTable);
}
