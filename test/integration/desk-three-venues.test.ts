/** One desk trades at three venues at once while each of them fails in its own words: what they have is what the desk says. */
import type { Order, OrderState, VenueId } from '@nightdesk/core';
import { compare } from '@nightdesk/core';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import { createDeskClient } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';

/** The account at each venue and the request there that places an order. */
const venues = {
  binance: { account: 'main', path: '/api/v3/order' },
  kraken: { account: 'second', path: '/0/private/AddOrder' },
  bybit: { account: 'third', path: '/v5/order/create' },
} as const;
type Venue = keyof typeof venues;
const names = Object.keys(venues) as Venue[];

const signalsPerVenue = 60;
/** Signals posted at once: more would meet the concurrency that the stage allows. */
const postedAtOnce = 12;
const symbols = ['BTC/USDT', 'ETH/USDT'];

/** Every venue's word for a state, by the field of the simulated venue's report that holds it. */
const states: Readonly<Record<string, OrderState>> = {
  ...{ NEW: 'open', New: 'open', open: 'open' },
  ...{ FILLED: 'filled', Filled: 'filled', closed: 'filled' },
};

/** What the simulated venues tell of an order; Bybit's shows it in Bybit's words. */
interface Reported {
  clientOrderId: string;
  orderId: string | number;
  status?: string;
  orderStatus?: string;
  executedQty?: string;
  cumExecQty?: string;
}

let configured: ConfiguredDesk;
beforeAll(async () => {
  const accounts = names.map((venue) => `${venues[venue].account}: { exchange: ${venue}, mode: sandbox }`);
  configured = await startConfiguredDesk(
    {
      exchanges: names.map((venue) => `${venue}: {}`).join('\n'),
      accounts: accounts.join('\n'),
      sources: `demo:\n  authentication: [token, signing]\n  accounts: [main, second, third]\n  defaultAccount: main\n`,
    },
    ['main', 'second', 'third'],
  );
});
afterAll(() => configured.close());

/** Market orders in both directions, and every eighth one resting. */
function signal(index: number) {
  const rests = index % 8 === 0;
  return {
    symbol: rests ? symbols[0] : symbols[index % symbols.length],
    action: rests || index % 3 === 0 ? 'buy' : 'sell',
    size: { base: '0.05' },
    // However long its turn takes to come on a busy machine.
    maxLagSeconds: 300,
    ...(rests && { type: 'limit', price: '40000', timeInForce: 'GTC' }),
  };
}

/** How the desk's order differs from what its venue has under its id. */
function difference({ venue, orderId, venueOrderId, state, filled }: Order, reported: readonly Reported[]): string[] {
  const { clientOrderIdFor } = traitsOf(venue);
  const [seen, ...more] = reported.filter(
    ({ clientOrderId }) => clientOrderId === clientOrderIdFor(orderId, { kind: 'spot' }),
  );
  const isPlaced = state === 'open' || state === 'filled';
  if (more.length > 0) return [`${orderId} is at ${venue} ${more.length + 1} times`];
  if (seen === undefined) return isPlaced ? [`${orderId} is ${state} and not at ${venue}`] : [];
  const there = states[seen.status ?? seen.orderStatus ?? ''];
  const same =
    state === there &&
    compare(filled, seen.executedQty ?? seen.cumExecQty ?? '') === 0 &&
    venueOrderId === String(seen.orderId);
  return same ? [] : [`${orderId} is ${state}, ${filled} filled, at ${venue} ${JSON.stringify(seen)}`];
}

it('doubles no order and loses none at three venues whose answers are lost, late, wrong or refusals', async () => {
  const { desk, post } = configured;
  const simulators = names.map((venue) => [venue, createDeskClient(desk.cloud.ready, venue)] as const);
  for (const [venue, simulator] of simulators) {
    const match = { method: 'POST', path: venues[venue].path };
    await simulator.setFaults(
      { kind: 'drop-answer', match, every: 7 },
      { kind: 'error-after', match, every: 11 },
      { kind: 'garbage', match, every: 13 },
      { kind: 'delay', when: 'after', delayMs: 400, match, every: 17 },
      { kind: 'rate-limit', match, every: 6, count: 1, retryAfterSeconds: 1 },
    );
  }
  const signals = Array.from({ length: signalsPerVenue }, (_, index) =>
    names.map((venue) => ({ venue, index })),
  ).flat();
  const answers: Awaited<ReturnType<typeof post>>[] = [];
  for (let start = 0; start < signals.length; start += postedAtOnce) {
    const batch = signals.slice(start, start + postedAtOnce);
    answers.push(...(await Promise.all(batch.map(({ venue, index }) => post(venues[venue].account, signal(index))))));
  }
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const orders = await desk.settle(answers.map(({ body }) => body.signalId ?? ''));
  expect(orders).toHaveLength(signals.length);

  for (const [venue, simulator] of simulators) {
    const reported = (await simulator.simulatorOrders()) as unknown as Reported[];
    const own = orders.filter((order) => order.venue === (venue as string as VenueId));
    expect(own.flatMap((order) => difference(order, reported))).toEqual([]);
    const placed = own.filter(({ state }) => state === 'open' || state === 'filled');
    // As many there as here, and each one here is there: the venue has none that the desk does not know of.
    expect(reported).toHaveLength(placed.length);
    // What was refused is not there, what came while the refusal stood was not sent, and of each it is recorded why.
    const unplaced = own.filter((order) => !placed.includes(order));
    const reasons = unplaced.map(({ state, cause }) => `${state} ${cause?.code}: ${cause?.message}`);
    expect(reasons.filter((reason) => !/^(not_placed|rejected|denied) (?!undefined)/.test(reason))).toEqual([]);
    expect(placed.length).toBeGreaterThan(signalsPerVenue / 2);
  }
  expect(await desk.records.verify()).toMatchObject({ kind: 'verified' });
  expect(await configured.told()).toEqual([]);
}, 240_000);
