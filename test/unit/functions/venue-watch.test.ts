import {
  amount,
  type Clock,
  coordinationKeys,
  type FindOutcome,
  type OrderReference,
  type OrderRequest,
  outageMs,
  type PlaceOutcome,
  price,
  VenueError,
  type VenueId,
  type VenuePort,
  type VenueProbe,
} from '@nightdesk/core';
import { createVenueWatch } from '@nightdesk/functions/shared/venue-watch.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../../support/memory-coordination.ts';

const venue = 'kraken' as VenueId;
const request: OrderRequest = {
  ...{ clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', type: 'market', amount: amount('1') },
};
const reference: OrderReference = { ...request, sinceMs: 0 };
const lost: PlaceOutcome = { kind: 'unknown', cause: { code: 'timeout', message: 'no answer' } };
const rejected: PlaceOutcome = { kind: 'rejected', evidence: { code: 'insufficient_funds', message: 'too little' } };

let nowMs: number;
let wake: (() => void)[];
let coordination: MemoryCoordination;
let probes: number;
let probe: VenueProbe;

beforeEach(() => {
  nowMs = 1_000_000;
  wake = [];
  coordination = createMemoryCoordination();
  probes = 0;
  probe = { status: 'ok', latencyMs: 5 };
});

const clock: Clock = { nowMs: () => nowMs, sleep: () => new Promise((resolve) => wake.push(resolve)) };
const sandbox = () => createVenueWatch({ coordination, clock });
const settle = () => new Promise((resolve) => setImmediate(resolve));

function port(answers: Partial<VenuePort>): VenuePort {
  const all = {
    probe: async () => {
      probes += 1;
      return probe;
    },
    fetchPrice: async () => price('100'),
    placeOrder: async () => rejected,
    findOrder: async (): Promise<FindOutcome> => ({ kind: 'unknown', cause: { code: 'network', message: 'refused' } }),
    ...answers,
  };
  // Only these are called; the rest of a venue is not watched.
  return all as unknown as VenuePort;
}

const unreachable: VenueProbe = { status: 'unreachable', latencyMs: 9, cause: { code: 'network', message: 'refused' } };
const throwing = (code?: string) => async () => {
  throw new VenueError(venue, 'no price', code === undefined ? {} : { code });
};

describe('a venue that left a call without an answer', () => {
  it.each<[string, Partial<VenuePort>, (watched: VenuePort) => Promise<unknown>]>([
    ['an order', { placeOrder: async () => lost }, (watched) => watched.placeOrder(request, btcUsdt)],
    ['a search', {}, (watched) => watched.findOrder(reference, btcUsdt)],
    ['a price', { fetchPrice: throwing('timeout') }, (watched) => watched.fetchPrice(btcUsdt, 'buy')],
  ])('is failing for every sandbox once it gives no sign of life either: %s', async (_, answers, call) => {
    probe = unreachable;
    const first = sandbox();
    await call(first.watch(venue, port(answers))).catch(() => undefined);
    await settle();
    expect(await first.isFailing(venue)).toBe(true);
    expect(await sandbox().isFailing(venue)).toBe(true);
    expect(coordination.rows.get(coordinationKeys.health(venue))).toMatchObject({ outageReason: 'network: refused' });
    nowMs += outageMs;
    expect(await first.isFailing(venue)).toBe(false);
  });

  it('is not failing while it gives a sign of life, until it left three calls in a row without', async () => {
    const watch = sandbox();
    const watched = watch.watch(venue, port({ placeOrder: async () => lost }));
    for (const failing of [false, false, true]) {
      await watched.placeOrder(request, btcUsdt);
      await settle();
      nowMs += 1_001;
      expect(await watch.isFailing(venue)).toBe(failing);
    }
    expect(probes).toBe(2);
  });

  it('is not failing when such calls are so far apart that they tell nothing of each other', async () => {
    const watch = sandbox();
    const watched = watch.watch(venue, port({ placeOrder: async () => lost }));
    for (let call = 0; call < 4; call++) {
      await watched.placeOrder(request, btcUsdt);
      await settle();
      nowMs += outageMs;
    }
    expect(await watch.isFailing(venue)).toBe(false);
  });

  it('starts anew after a call that was answered, whatever the answer', async () => {
    const watch = sandbox();
    let answer: PlaceOutcome = lost;
    const watched = watch.watch(venue, port({ placeOrder: async () => answer }));
    for (const next of [lost, lost, rejected, lost, lost]) {
      answer = next;
      await watched.placeOrder(request, btcUsdt);
      await settle();
    }
    expect(await watch.isFailing(venue)).toBe(false);
  });

  it('is asked for a sign of life once at a time, and also while a call hangs', async () => {
    probe = { status: 'maintenance', latencyMs: 1 };
    const watch = sandbox();
    const hanging = new Promise<PlaceOutcome>(() => undefined);
    const watched = watch.watch(venue, port({ placeOrder: () => hanging }));
    void watched.placeOrder(request, btcUsdt);
    void watched.placeOrder(request, btcUsdt);
    expect(probes).toBe(0);
    for (const resolve of wake) resolve();
    await settle();
    expect(probes).toBe(1);
    expect(await watch.isFailing(venue)).toBe(true);
  });
});

describe('a probe that was under way when its sandbox was frozen', () => {
  it.each<[number, boolean]>([
    [2_000, true],
    [600_000, false],
  ])('and that ended %i ms later: does it count? %s', async (laterMs, counts) => {
    const watch = sandbox();
    const watched = watch.watch(
      venue,
      port({ placeOrder: async () => lost, probe: () => new Promise(() => undefined) }),
    );
    await watched.placeOrder(request, btcUsdt);
    nowMs += laterMs;
    for (const resolve of wake) resolve();
    await settle();
    expect(await watch.isFailing(venue)).toBe(counts);
  });
});

describe('a venue that answers', () => {
  it.each<[string, (watched: VenuePort) => Promise<unknown>]>([
    ['with a rejection', (watched) => watched.placeOrder(request, btcUsdt)],
    ['with a price', (watched) => watched.fetchPrice(btcUsdt, 'buy')],
  ])('%s is left alone', async (_, call) => {
    const watch = sandbox();
    await call(watch.watch(venue, port({})));
    for (const resolve of wake) resolve();
    await settle();
    expect([probes, await watch.isFailing(venue)]).toEqual([0, false]);
  });

  it('with something else than a price is left alone', async () => {
    const watched = sandbox().watch(venue, port({ fetchPrice: throwing() }));
    await expect(watched.fetchPrice(btcUsdt, 'buy')).rejects.toThrow('no price');
    expect(probes).toBe(0);
  });
});

describe('the shared row', () => {
  it('is read once a second', async () => {
    const watch = sandbox();
    for (let call = 0; call < 5; call++) await watch.isFailing(venue);
    expect(coordination.changes).toBe(1);
    nowMs += 1_000;
    await watch.isFailing(venue);
    expect(coordination.changes).toBe(2);
  });

  it('that cannot be read or written keeps no order from its venue', async () => {
    coordination.failure = new Error('throttled');
    probe = unreachable;
    const watch = sandbox();
    expect(await watch.isFailing(venue)).toBe(false);
    expect(await watch.watch(venue, port({ placeOrder: async () => lost })).placeOrder(request, btcUsdt)).toBe(lost);
    await settle();
    expect(await watch.isFailing(venue)).toBe(false);
  });
});
