/** The venue is slow, gone or refuses: what it took is found, what it never had is recorded as not placed. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';
import { lanes, placing, trade } from '../support/desk-trading.ts';

/** Fewer than elsewhere: each lost order takes the venue's settling time, and its lane waits behind it. */
const signalCount = 8;

let desk: Desk;

beforeEach(async () => {
  desk = await startDesk();
});

afterEach(() => desk.close());

it('finds the orders that a venue answers about only after the timeout', async () => {
  await desk.setFaults({ kind: 'delay', when: 'after', delayMs: 7_000, match: placing, every: 2 });
  expect(await trade(desk, signalCount)).toEqual({ filled: 7, open: 1 });
}, 90_000);

it('records as not placed what the venue drops, answers with 503, or with too many requests', async () => {
  const kinds = ['drop-request', 'error-before', 'rate-limit'] as const;
  await desk.setFaults(...kinds.map((kind, lane) => ({ kind, match: { ...placing, symbol: lanes[lane] }, every: 2 })));
  const states = await trade(desk, signalCount);
  expect(states).toMatchObject({ not_placed: kinds.length });
  expect(await desk.simulatorOrders()).toHaveLength(signalCount - kinds.length);
}, 90_000);

it('places what it can when a venue that refused connections is back', async () => {
  await desk.setFaults({ kind: 'refuse-connections', forMs: 3_000 });
  const { not_placed: given = 0, ...placed } = await trade(desk, signalCount);
  // A limit order asks for no price first, so the desk may have begun to place it before it knew.
  expect(given).toBeLessThanOrEqual(1);
  expect(placed).toMatchObject({ filled: 7 });
}, 90_000);
