import { laneMs, NonceLane, type NonceLaneOptions } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { createMemoryCoordination, type MemoryCoordination } from '../../support/memory-coordination.ts';

const key = 'lease#key#main';
let clock: ManualClock;
let store: MemoryCoordination;
beforeEach(() => {
  clock = createManualClock();
  store = createMemoryCoordination();
});

const open = (owner: string, options: Partial<NonceLaneOptions> = {}) =>
  new NonceLane({ key, owner, store, clock, ...options });
/** As ccxt counts: milliseconds. */
const now = () => clock.nowMs();
/** Waits for other requests of its process for as long as they take. */
const patient = () => ({
  ...clock,
  sleep: (delayMs: number) => (delayMs <= 100 ? clock.sleep(delayMs) : new Promise<void>(() => {})),
});
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Enters, takes one nonce and leaves. */
async function use(lane: NonceLane, delayMsMax = 5_000): Promise<number | undefined> {
  const leave = await lane.enter(delayMsMax, now);
  if (leave === undefined) return undefined;
  const nonce = lane.next(now());
  leave();
  await settle();
  return nonce;
}

describe('the lane of a key', () => {
  it('counts as the venue does, and up where that stands still', async () => {
    const lane = open('a');
    expect(await use(lane)).toBe(now());
    expect(await use(lane)).toBe(now() + 1);
    clock.advance(10);
    expect(await use(lane)).toBe(now());
  });

  it('is handed on to another process, which goes on above', async () => {
    const [one, other] = [open('a'), open('b')];
    const first = await use(one);
    expect(await use(other)).toBeGreaterThan(first ?? Number.NaN);
    expect(await use(one)).toBe(now() + 2);
  });

  it('is for one process at a time', async () => {
    const [one, other] = [open('a'), open('b')];
    const leave = await one.enter(1_000, now);
    expect(leave).toBeDefined();
    expect(await other.enter(200, now)).toBeUndefined();
    leave?.();
    await settle();
    expect(await use(other)).toBeDefined();
  });

  it('passes to another when its holder crashed, above every nonce that one may have used', async () => {
    const [crashed, other] = [open('a'), open('b')];
    await crashed.enter(1_000, now);
    const startMs = now();
    for (let count = 0; count < 50; count += 1) crashed.next(now());
    const nonce = await use(other);
    expect(now()).toBeGreaterThanOrEqual(startMs + laneMs);
    expect(nonce).toBeGreaterThan(crashed.next(startMs + laneMs));
  });

  it('is not kept by a crashed holder beyond its lease where the clock was set back since', async () => {
    await open('a').enter(1_000, now);
    clock.advance(-3_600_000);
    expect(await use(open('b'), 2_000)).toBeDefined();
  });

  it('starts above the nonces of a host whose clock is ahead', async () => {
    const ahead = open('a');
    const leave = await ahead.enter(1_000, () => now() + 60_000);
    const nonce = ahead.next(now() + 60_000);
    leave?.();
    await settle();
    expect(await use(open('b'))).toBe(nonce + 1);
  });

  it('lets requests of one process go in the order they came, and keeps the lease meanwhile', async () => {
    const lane = open('a', { clock: patient() });
    const order: string[] = [];
    const enter = async (name: string) => {
      const leave = await lane.enter(5_000, now);
      order.push(name);
      leave?.();
    };
    await Promise.all(['first', 'second', 'third'].map(enter));
    await settle();
    expect(order).toEqual(['first', 'second', 'third']);
    expect(store.changes).toBe(2);
  });

  it('waits for a request that does not end only so long', async () => {
    const lane = open('a');
    await lane.enter(5_000, now);
    const startMs = now();
    expect(await lane.enter(5_000, now)).toBeDefined();
    expect(now() - startMs).toBe(laneMs);
  });

  it('is handed on half a lease before its end when another wants it', async () => {
    const one = open('a', { clock: patient() });
    const first = await one.enter(5_000, now);
    clock.advance(laneMs / 2 - 100);
    // Wants it, and falls asleep.
    void open('b', { clock: { ...clock, sleep: () => new Promise(() => {}) } }).enter(5_000, now);
    await settle();
    clock.advance(100);
    const restsFromMs = now();
    const second = one.enter(5_000, now);
    first?.();
    expect(await second).toBeDefined();
    expect(now()).toBeGreaterThan(restsFromMs);
  });

  it('is left to another that wants it by a process that has just had it', async () => {
    const one = open('a');
    const leave = await one.enter(5_000, now);
    void open('b', { clock: { ...clock, sleep: () => new Promise(() => {}) } }).enter(5_000, now);
    await settle();
    leave?.();
    await settle();
    const leftAtMs = now();
    expect(await one.enter(5_000, now)).toBeDefined();
    expect(now() - leftAtMs).toBeGreaterThanOrEqual(100);
  });

  it('is not waited for without an end, even where time stands still', async () => {
    await open('a').enter(1_000, now);
    expect(await open('b', { clock: { ...clock, sleep: async () => {} } }).enter(1_000, now)).toBeUndefined();
  });

  it('is renewed before its nonces run out', async () => {
    const lane = open('a');
    const first = await lane.enter(5_000, now);
    for (let count = 0; count < 2 * laneMs - 5; count += 1) lane.next(now());
    const before = store.changes;
    const second = lane.enter(5_000, now);
    first?.();
    expect(await second).toBeDefined();
    expect(store.changes).toBe(before + 1);
  });

  it('uses no nonce beyond its lease for a venue that counts in finer units', async () => {
    const lane = open('a');
    const leave = await lane.enter(1_000, () => now() * 1_000);
    clock.advance(500);
    expect(lane.next(now() * 1_000)).toBe((now() - 500) * 1_000 + 2 * laneMs);
    leave?.();
  });
});

describe('the lane of a key without its row', () => {
  beforeEach(() => {
    store.failure = new Error('the table does not answer');
  });

  it('goes on in the order of this process, and says why', async () => {
    const failures: unknown[] = [];
    const lane = open('a', { onFailure: (error) => failures.push(error) });
    expect(await use(lane)).toBe(now());
    expect(await use(lane)).toBe(now() + 1);
    expect(failures).toEqual([store.failure, store.failure]);
  });

  it('says nothing where nobody listens', async () => {
    expect(await use(open('a'))).toBe(now());
  });

  it('says so when it cannot give the lane back, too', async () => {
    store.failure = undefined;
    const failures: unknown[] = [];
    const lanes = [open('a', { onFailure: (error) => failures.push(error) }), open('a')];
    for (const lane of lanes) {
      const leave = await lane.enter(1_000, now);
      store.failure = new Error('gone');
      leave?.();
      await settle();
      store.failure = undefined;
    }
    expect(failures).toHaveLength(1);
  });

  it('gives back nothing that another holds by now', async () => {
    store.failure = undefined;
    const [slow, other] = [open('a'), open('b')];
    const leave = await slow.enter(1_000, now);
    clock.advance(laneMs + 1);
    const leaveOther = await other.enter(1_000, now);
    leave?.();
    await settle();
    expect(store.rows.get(key)?.owner).toBe('b');
    leaveOther?.();
  });
});
