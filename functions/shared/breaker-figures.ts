/** The figures of breakers that are in stores: how orders were answered, how the venue is, and which positions are bare. */
import {
  type BreakerFigures,
  type BreakersConfig,
  type Clock,
  type ConfiguredAccount,
  type CoordinationStore,
  coordinationKeys,
  type OrdersStore,
  placementsOf,
  probesOf,
  unprotectedOf,
} from '@nightdesk/core';

/** Newest orders of an account that are looked at; one that records more in the span of time is judged by these. */
const placementsMax = 200;
const minuteMs = 60_000;
/** As many as reconciliation lists. */
const openMax = 5_000;

export interface StoredFiguresDependencies {
  orders: Pick<OrdersStore, 'list' | 'listOpen'>;
  coordination: Pick<CoordinationStore, 'change'>;
  clock: Clock;
  /** Told where a store did not answer; the figure is then missing, which is what the breaker goes by. */
  onFailure(message: string, error: unknown): void;
}

export type StoredFigures = Pick<BreakerFigures, 'placements' | 'probes' | 'unprotected'>;

/**
 * Collects what the account's breakers need, and nothing for those that are not configured. A store that fails costs its own
 * figure only: the other breakers still see theirs.
 *
 * @param open the account's orders of `OrdersStore.listOpen`, where they were read already
 */
export async function collectStoredFigures(
  { id, venue }: Pick<ConfiguredAccount, 'id' | 'venue'>,
  { breakers, open }: { breakers: BreakersConfig; open?: Awaited<ReturnType<OrdersStore['listOpen']>> },
  { orders, coordination, clock, onFailure }: StoredFiguresDependencies,
): Promise<StoredFigures> {
  const attempt = async <Figure>(what: string, read: () => Promise<Figure>): Promise<Figure | undefined> => {
    try {
      return await read();
    } catch (error) {
      onFailure(`${what} of ${id} could not be read for its breakers`, error);
      return undefined;
    }
  };
  const minutes = breakers.rejects?.minutes ?? 0;
  const usesHealth = breakers.latency !== undefined || breakers.venueHealth !== undefined;
  const [placements, probes, unprotected] = await Promise.all([
    breakers.rejects &&
      attempt('the recent orders', async () => {
        const nowMs = clock.nowMs();
        const sinceMs = nowMs - minutes * minuteMs;
        const page = await orders.list({ account: id, sinceMs, limit: placementsMax, nowMs });
        return placementsOf(page.orders);
      }),
    usesHealth
      ? attempt('the health of the venue', () =>
          coordination.change(coordinationKeys.health(venue), (row) => ({ result: probesOf(row) })),
        )
      : undefined,
    breakers.protection &&
      attempt('the open orders', async () => unprotectedOf(open ?? (await orders.listOpen(id, openMax)))),
  ]);
  return {
    ...(placements !== undefined && { placements }),
    ...(probes !== undefined && { probes }),
    ...(unprotected !== undefined && { unprotected }),
  };
}
