import {
  type AccountId,
  type BreakersConfig,
  coordinationKeys,
  type OrdersQuery,
  riskSchema,
  type VenueId,
} from '@nightdesk/core';
import { collectStoredFigures } from '@nightdesk/functions/shared/breaker-figures.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { anOrder } from '../../support/breakers.ts';
import { createManualClock } from '../../support/clocks.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../../support/memory-coordination.ts';

const account = { id: 'main' as AccountId, venue: 'fake' as VenueId };
const breakersOf = (breakers: Record<string, unknown>): BreakersConfig =>
  riskSchema.parse({ default: { orderNotionalMax: '1000', openNotionalMax: '1000' }, breakers }).breakers;
const all = breakersOf({ rejects: { minutes: 20 }, venueHealth: {}, protection: {} });
const bareOrder = anOrder({ exits: { state: 'failed', steps: [] } });

let coordination: MemoryCoordination;
let queries: OrdersQuery[];
let failures: string[];
const clock = createManualClock();

beforeEach(() => {
  coordination = createMemoryCoordination();
  queries = [];
  failures = [];
});

const collect = (about: Parameters<typeof collectStoredFigures>[1], broken: readonly string[] = []) =>
  collectStoredFigures(account, about, {
    orders: {
      async list(query) {
        if (broken.includes('list')) throw new Error('the table does not answer');
        queries.push(query);
        return { orders: [anOrder({ state: 'rejected', attemptedAtMs: 5 })] };
      },
      async listOpen() {
        if (broken.includes('listOpen')) throw new Error('the table does not answer');
        return [bareOrder];
      },
    },
    coordination,
    clock,
    onFailure: (message) => void failures.push(message),
  });

describe('figures from the stores', () => {
  const sample = { atMs: 1, status: 'ok', latencyMs: 30 };
  const bare = [{ orderId: bareOrder.orderId, symbol: 'BTC/USDT' }];

  it('are those of the configured breakers, of no more orders than they look back to', async () => {
    coordination.rows.set(coordinationKeys.health('fake'), { samples: JSON.stringify([sample]) });
    const placements = [{ atMs: 5, isRefused: true }];
    expect(await collect({ breakers: all })).toEqual({ placements, probes: [sample], unprotected: bare });
    expect(queries).toMatchObject([{ account: 'main', sinceMs: clock.nowMs() - 20 * 60_000 }]);
  });

  it('are asked for by no breaker that is not configured', async () => {
    expect(await collect({ breakers: breakersOf({ outsider: {} }) })).toEqual({});
    expect([queries.length, coordination.changes]).toEqual([0, 0]);
    expect(await collect({ breakers: breakersOf({ latency: { milliseconds: 9 } }) })).toEqual({ probes: [] });
  });

  it('are not read again where the open orders are known', async () => {
    const known = await collect({ breakers: breakersOf({ protection: {} }), open: [] }, ['listOpen']);
    expect(known).toEqual({ unprotected: [] });
  });

  it('leave out what a store did not tell, and say so', async () => {
    coordination.failure = new Error('the table does not answer');
    expect(await collect({ breakers: all }, ['list'])).toEqual({ unprotected: bare });
    expect(failures.sort()).toEqual(
      ['health of the venue', 'recent orders'].map((what) => expect.stringContaining(`the ${what} of main`)),
    );
    expect(await collect({ breakers: breakersOf({ protection: {} }) }, ['listOpen'])).toEqual({});
  });
});
