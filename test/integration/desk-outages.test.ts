/** The venue is slow, gone or refuses: what it took is found, what it never had is recorded as not placed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';
import { lanes, placing, trade } from '../support/desk-trading.ts';

/** Fewer than elsewhere: each lost order takes the venue's settling time, and its lane waits behind it. */
const signalCount = 8;

/** One for each test, as they do little but wait and so can do it at the same time. Started in turn, which takes the processors. */
const desks: Desk[] = [];
let taken = 0;

beforeAll(async () => {
  for (let started = 0; started < 4; started += 1) desks.push(await startDesk());
});

afterAll(() => Promise.all(desks.map((desk) => desk.close())));

/** A desk that no other test has. */
function takeDesk(): Desk {
  const desk = desks[taken];
  taken += 1;
  if (desk === undefined) throw new Error('a desk must be started for every test');
  return desk;
}

describe.concurrent('the orders of a venue in trouble', () => {
  it('finds the orders that a venue answers about only after the timeout', async () => {
    const desk = takeDesk();
    await desk.setFaults({ kind: 'delay', when: 'after', delayMs: 7_000, match: placing, every: 2 });
    expect(await trade(desk, signalCount)).toEqual({ filled: 7, open: 1 });
  }, 240_000);

  it('records as not placed what the venue drops or answers with 503', async () => {
    const desk = takeDesk();
    const kinds = ['drop-request', 'error-before'] as const;
    await desk.setFaults(
      ...kinds.map((kind, lane) => ({ kind, match: { ...placing, symbol: lanes[lane] }, every: 2 })),
    );
    const states = await trade(desk, signalCount);
    expect(states).toMatchObject({ not_placed: kinds.length });
    expect(await desk.simulatorOrders()).toHaveLength(signalCount - kinds.length);
  }, 240_000);

  it('sends nothing more to a venue that was asked too much, and says of each order that it is not there', async () => {
    const desk = takeDesk();
    await desk.setFaults({ kind: 'rate-limit', match: placing, count: 1, retryAfterSeconds: 5 });
    const { not_placed: refused = 0, rejected: unsent = 0, ...placed } = await trade(desk, signalCount);
    // What was refused may have been under way with others; what came later was never sent.
    expect(refused).toBe(1);
    const count = Object.values(placed).reduce((sum, number) => sum + number, 0);
    expect(refused + unsent + count).toBe(signalCount);
    expect(await desk.simulatorOrders()).toHaveLength(count);
  }, 240_000);

  it('places what it can when a venue that refused connections is back', async () => {
    const desk = takeDesk();
    await desk.setFaults({ kind: 'refuse-connections', forMs: 3_000 });
    const { not_placed: given = 0, ...placed } = await trade(desk, signalCount);
    // A limit order asks for no price first, so the desk may have begun to place it before it knew.
    expect(given).toBeLessThanOrEqual(1);
    expect(placed).toMatchObject({ filled: 7 });
  }, 240_000);
});
