import { describe, expect, it } from 'vitest';
import { decimal, zero } from '../../../local/simulators/engine/decimal.ts';
import { type StoreRecord, storedOrder } from '../../../local/simulators/engine/store.ts';
import { isOpen, type Order, type OrderRequest, type Side } from '../../../local/simulators/engine/types.ts';
import fc from '../../support/property.ts';
import { type Bench, createBench, instrument } from './support.ts';

const hundredths = (min: number, max: number) => fc.integer({ min, max }).map((value) => (value / 100).toFixed(2));
const account = fc.constantFrom('ann', 'bob', 'cat');
const side = fc.constantFrom<Side>('buy', 'sell');
const price = hundredths(9_000, 11_000);
// Up to nearly all that an account has, so that what is not set aside is missed.
const quantity = fc.integer({ min: 1, max: 900_000 }).map((value) => (value / 1000).toFixed(3));

const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('limit' as const), account, side, quantity, price }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('trailing' as const),
      ...{ account, side, quantity },
      offset: hundredths(10, 500),
      unit: fc.constantFrom('price' as const, 'share' as const),
      activation: fc.option(price),
      limit: fc.option(hundredths(0, 200)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      account,
      side,
      quantity,
      low: price,
      stopFirst: fc.boolean(),
      high: price,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('amend' as const), pick: fc.nat(), quantity, price: fc.option(price) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reduce' as const), pick: fc.nat(), quantity }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fill' as const), pick: fc.nat(), share: hundredths(1, 100) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('house' as const), side, price, quantity }) },
);
const commands = fc.array(command, { maxLength: 50, size: 'max' });
type Command = typeof command extends fc.Arbitrary<infer Item> ? Item : never;

let nextId = 1;

function base(given: { account: string; side: Side; quantity: string }): OrderRequest {
  return {
    accountId: given.account,
    instrumentId: instrument.id,
    clientOrderId: `p${nextId++}`,
    side: given.side,
    execution: 'market',
    timeInForce: 'good-till-canceled',
    quantity: decimal(given.quantity),
    attributes: {},
  };
}

function placeTrailing({ engine }: Bench, given: Extract<Command, { kind: 'trailing' }>): void {
  const { offset, unit, activation, limit } = given;
  const amount = unit === 'share' ? decimal(offset).div(decimal('100')) : decimal(offset);
  const when = given.side === 'sell' ? ('at-or-below' as const) : ('at-or-above' as const);
  const trailing = {
    offset: { amount, unit },
    ...(activation !== null && { activation: { price: decimal(activation), when: 'at-or-above' as const } }),
    ...(limit !== null && { limit: { amount: decimal(limit), unit: 'price' as const } }),
  };
  const execution = limit === null ? 'market' : 'limit';
  engine.place({ ...base(given), execution, trigger: { price: zero, when, trailing } });
}

function placeList({ engine }: Bench, given: Extract<Command, { kind: 'list' }>): void {
  const [target, stop] = given.side === 'sell' ? [given.high, given.low] : [given.low, given.high];
  const when = given.side === 'sell' ? ('at-or-below' as const) : ('at-or-above' as const);
  const limit: OrderRequest = { ...base(given), execution: 'limit', price: decimal(target), postOnly: true };
  const waiting: OrderRequest = { ...base(given), trigger: { price: decimal(stop), when } };
  engine.lists.place(given.stopFirst ? [waiting, limit] : [limit, waiting], `l${nextId++}`);
}

function change({ engine }: Bench, given: Extract<Command, { pick: number }>): void {
  const open = [...engine.orders.all()].filter(isOpen);
  const order = open[given.pick % Math.max(open.length, 1)];
  if (order === undefined) return;
  if (given.kind === 'cancel') engine.cancel(order.id);
  else if (given.kind === 'fill') engine.fillShare(order.id, decimal(given.share));
  else {
    const asked = decimal(given.quantity);
    if (asked.lte(order.executed)) {
      expect(() => engine.amend(order.id, { quantity: asked })).toThrow();
      return;
    }
    if (given.kind === 'reduce') {
      if (asked.lt(order.quantity)) engine.reduce(order.id, asked);
    } else if (order.list === undefined) {
      const priced = given.price !== null && order.price !== undefined ? { price: decimal(given.price) } : {};
      engine.amend(order.id, { quantity: asked, ...priced });
    }
  }
}

function run(bench: Bench, given: Command): void {
  const { engine } = bench;
  if (given.kind === 'limit') engine.place({ ...base(given), execution: 'limit', price: decimal(given.price) });
  else if (given.kind === 'trailing') placeTrailing(bench, given);
  else if (given.kind === 'list') placeList(bench, given);
  else if (given.kind === 'house') {
    const appetite = { side: given.side, limitPrice: decimal(given.price), quantity: decimal(given.quantity) };
    engine.takeForHouse(instrument.id, appetite);
  } else change(bench, given);
}

function startBench(options: Parameters<typeof createBench>[0] = {}): Bench {
  const bench = createBench(options);
  bench.place('bob', 'sell 1 @ 100');
  bench.place('cat', 'buy 1 @ 100');
  return bench;
}

/** The orders of each list. */
function lists({ engine }: Bench): Readonly<Order>[][] {
  return [...engine.lists.ids()].map((id) => [...engine.lists.of(id)]);
}

describe('any sequence with trailing stops, lists, amendments and forced fills', () => {
  it('keeps the sum of every asset, and locks exactly what open orders reserve', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = startBench();
        for (const given of list) {
          run(bench, given);
          expect(bench.engine.ledger.total('AAA').toFixed()).toBe('3000');
          expect(bench.engine.ledger.total('BBB').toFixed()).toBe('300000');
        }
        for (const name of ['ann', 'bob', 'cat']) {
          for (const [direction, asset] of [
            ['buy', 'BBB'],
            ['sell', 'AAA'],
          ] as const) {
            const open = bench.engine.orders.openOf(name).filter((order) => order.side === direction);
            const reserved = open.reduce((total, order) => total.plus(order.reserved), zero);
            expect(bench.engine.ledger.entry(name, asset).locked.toFixed()).toBe(reserved.toFixed());
          }
        }
      }),
    );
  });

  it('never fills more than was asked, and never lowers a quantity below what is filled', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = startBench();
        for (const given of list) run(bench, given);
        for (const order of bench.engine.orders.all()) {
          const filled = order.fills.reduce((total, fill) => total.plus(fill.quantity), zero);
          expect(filled.toFixed()).toBe(order.executed.toFixed());
          expect(order.executed.lte(order.quantity)).toBe(true);
          if (!isOpen(order)) expect(order.reserved.toFixed()).toBe('0');
        }
      }),
    );
  });

  it('never trades both orders of a list, nor leaves one open once the other has gone ahead', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = startBench();
        for (const given of list) run(bench, given);
        for (const orders of lists(bench)) {
          const traded = orders.filter(({ executed }) => executed.gt(zero));
          expect(traded.length).toBeLessThanOrEqual(1);
          const gone = orders.some((order) => order.executed.gt(zero) || !isOpen(order));
          if (gone) expect(orders.filter(isOpen).length).toBeLessThanOrEqual(traded.length);
        }
      }),
    );
  });

  it('comes back from its store as it was', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const log: StoreRecord[] = [];
        const store = {
          load: () => ({
            orders: [...new Map(log.flatMap(({ orders }) => orders).map((order) => [order.id, order])).values()],
            balances: log.flatMap(({ balances }) => balances),
          }),
          append: (record: StoreRecord) => void log.push(JSON.parse(JSON.stringify(record)) as StoreRecord),
          clear() {},
          close() {},
        };
        const before = startBench({ store });
        for (const given of list) run(before, given);
        const after = createBench({ store, funded: false });
        const text = (bench: Bench) => JSON.stringify([...bench.engine.orders.all()].map(storedOrder).map(sorted));
        expect(text(after)).toBe(text(before));
        const ids = (bench: Bench) => lists(bench).map((orders) => orders.map(({ id }) => id));
        expect(ids(after)).toEqual(ids(before));
      }),
      { numRuns: 50 },
    );
  });
});

/** By the names of its fields, whatever order they came in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}
