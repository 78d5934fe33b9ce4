/** One history of an order at its venue, told by polling and by a stream at once, in any order, more than once and in part. */
import {
  type Amount,
  add,
  amount,
  compare,
  type Fill,
  type Notional,
  notional,
  notionalOf,
  type OrdersStore,
  type PositionDelta,
  price,
  recordSeen,
  subtract,
  type VenueOrder,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { NewsDesk, newsOf, venueIdOf } from '../../support/order-news.ts';
import { intent, observed } from '../../support/orders.ts';
import fc from '../../support/property.ts';

type Ending = 'filled' | 'canceled' | 'expired';

interface History {
  sizes: number[];
  ending: Ending;
}

/** Which state of the history is told, by whom, and what of it. */
interface Telling {
  state: number;
  by: 'stream' | 'poll';
  /** Trades that come along: those that are new with this state, all, or none. */
  trades: 'newest' | 'all' | 'none';
  tellsFees: boolean;
  tellsCost: boolean;
  /** How many turns of the event loop each step of it takes. */
  turns: number;
}

const historyOf: fc.Arbitrary<History> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
  ending: fc.constantFrom<Ending>('filled', 'canceled', 'expired'),
});
const telling: fc.Arbitrary<Telling> = fc.record({
  state: fc.nat(5),
  by: fc.constantFrom('stream' as const, 'poll' as const),
  trades: fc.constantFrom('newest' as const, 'all' as const, 'none' as const),
  tellsFees: fc.boolean(),
  tellsCost: fc.boolean(),
  turns: fc.nat(3),
});

const tenth = (size: number): Amount => amount(String(size / 10));
const tradeOf = (size: number, index: number): Fill => ({
  ...{ tradeId: `t${index}`, amount: tenth(size), price: price(String(100 + index)), atMs: 2_000 + index },
  fee: { asset: 'USDT', amount: amount('0.01') },
});
const sum = (sizes: readonly Amount[]): Amount => sizes.reduce((total, size) => add(total, size), zeroAmount);
const costOf = (fills: readonly Fill[]): Notional =>
  fills.reduce((total, fill) => add(total, notionalOf(fill.amount, fill.price)), zeroNotional);

/** Every state that the venue's order was in: open, after each fill, and ended. */
function statesOf({ sizes, ending }: History, size: Amount) {
  const trades = sizes.map(tradeOf);
  const states = trades.map((_, index) => ({
    trades: trades.slice(0, index + 1),
    status: 'open' as VenueOrder['status'],
  }));
  const all = [{ trades: [], status: 'open' as VenueOrder['status'] }, ...states];
  const last = all.at(-1)?.trades ?? [];
  const left = subtract(size, sum(last.map((trade) => trade.amount)));
  const rest: Fill = { ...tradeOf(1, 9), amount: left };
  const end = ending === 'filled' ? { trades: [...last, rest], status: ending } : { trades: last, status: ending };
  return [...all, end];
}

function toldOf({ trades, tellsFees, tellsCost }: Telling, state: { trades: Fill[]; status: VenueOrder['status'] }) {
  const along = { newest: state.trades.slice(-1), all: state.trades, none: [] }[trades];
  return {
    ...{ status: state.status, filled: sum(state.trades.map((trade) => trade.amount)) },
    fills: along.map(({ fee, ...trade }) => (tellsFees && fee ? { ...trade, fee } : trade)),
    ...(tellsCost && { cost: costOf(state.trades) }),
  };
}

/** The store, slow by so many turns at each step: what runs beside it comes in between. */
function slowly(orders: OrdersStore, turns: number): OrdersStore {
  const wait = async () => {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
  };
  return {
    ...orders,
    get: (orderId) => wait().then(() => orders.get(orderId)),
    apply: (order, event) => wait().then(() => orders.apply(order, event)),
  };
}

const size = amount('4');

/** Tells all of it at once; what conflicts too often comes again. @returns the desk */
async function tellAll(history: History, tellings: readonly Telling[]) {
  const desk = new NewsDesk();
  await desk.lab.record({ amount: size }, observed('open', '0'));
  const states = statesOf(history, size);
  const { orders } = desk.lab.ports();
  const tell = async (each: Telling): Promise<void> => {
    const state = states[Math.min(each.state, states.length - 1)];
    if (state === undefined) return;
    const told = toldOf(each, state);
    const seen: VenueOrder = { ...told, ...{ venueOrderId: venueIdOf('v1'), clientOrderId: intent.orderId } };
    if (each.by === 'stream') {
      for (let left = 1, tries = 0; left > 0 && tries < 10; tries++)
        left = await desk.deliver(newsOf({}, { order: seen }));
      return;
    }
    const ports = { ...desk.lab.ports(), orders: slowly(orders, each.turns) };
    const known = await ports.orders.get(intent.orderId);
    if (known !== undefined) await recordSeen(known, seen, ports);
  };
  await Promise.all(tellings.map(tell));
  // What tracking finds in the end: the whole truth.
  const end: Telling = { state: 99, by: 'poll', trades: 'all', tellsFees: true, tellsCost: true, turns: 0 };
  await tell(end);
  return { desk, truth: states.at(-1) };
}

describe('an order that is polled and streamed at once', () => {
  it('ends as it ended at the venue, with no fill lost, none twice, and each fee once', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf, fc.array(telling, { maxLength: 12 }), async (history, tellings) => {
        const { desk, truth = { trades: [], status: 'open' } } = await tellAll(history, tellings);
        const order = desk.lab.stored();
        const filled = sum(truth.trades.map((trade) => trade.amount));
        const byId = (left: Fill, right: Fill) => (left.tradeId < right.tradeId ? -1 : 1);
        expect({ state: order.state, filled: order.filled, fills: order.fills.toSorted(byId) }).toEqual({
          ...{ state: truth.status, filled },
          fills: truth.trades.toSorted(byId),
        });
        const position = desk.lab.tables.positions.get('main BTC/USDT');
        expect(position?.quantity ?? '0').toBe(filled);
        const fees = notional(String(truth.trades.length / 100));
        expect(compare(position?.fees.USDT ?? '0', fees)).toBe(0);
        if (position !== undefined && position.unpriced === '0') {
          expect([position.cost, order.cost]).toEqual([costOf(truth.trades), costOf(truth.trades)]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('only ever grows, whoever tells', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf, fc.array(telling, { maxLength: 12 }), async (history, tellings) => {
        const { desk } = await tellAll(history, tellings);
        const fills = (desk.lab.tables.journal.get('position#main#BTC/USDT') ?? []).map(
          ({ data }) => (data as { delta: PositionDelta }).delta,
        );
        expect(fills.every(({ quantity }) => compare(quantity, '0') >= 0)).toBe(true);
        expect(fills.every(({ quantity, cost = '1' }) => quantity === '0' || compare(cost, '0') > 0)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
