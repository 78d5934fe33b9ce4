import { describe, expect, it } from 'vitest';
import { crosses } from '../../../local/simulators/engine/book.ts';
import { decimal, zero } from '../../../local/simulators/engine/decimal.ts';
import {
  restoredOrder,
  type StoredOrder,
  type StoreRecord,
  storedOrder,
} from '../../../local/simulators/engine/store.ts';
import { isOpen, type OrderRequest, type Side } from '../../../local/simulators/engine/types.ts';
import fc from '../../support/property.ts';
import { type Bench, createBench } from './support.ts';

const hundredths = (min: number, max: number) => fc.integer({ min, max }).map((value) => (value / 100).toFixed(2));

const placement = fc.record({
  kind: fc.constant('place' as const),
  account: fc.constantFrom('ann', 'bob', 'cat'),
  side: fc.constantFrom<Side>('buy', 'sell'),
  quantity: fc.integer({ min: 1, max: 40_000 }).map((value) => (value / 1000).toFixed(3)),
  price: fc.option(hundredths(9_000, 11_000), { freq: 5 }),
  timeInForce: fc.constantFrom<OrderRequest['timeInForce']>(
    'good-till-canceled',
    'immediate-or-cancel',
    'fill-or-kill',
  ),
  iceberg: fc.boolean(),
  trigger: fc.option(hundredths(9_000, 11_000), { freq: 4 }),
});
const cancellation = fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() });
const house = fc.record({
  kind: fc.constant('house' as const),
  side: fc.constantFrom<Side>('buy', 'sell'),
  limitPrice: hundredths(9_000, 11_000),
});
const commands = fc.array(fc.oneof({ weight: 8, arbitrary: placement }, cancellation, house), {
  maxLength: 60,
  size: 'max',
});

type Command = typeof commands extends fc.Arbitrary<(infer Item)[]> ? Item : never;

function run(bench: Bench, command: Command): void {
  const { engine } = bench;
  if (command.kind === 'house') {
    engine.takeForHouse('AAABBB', { side: command.side, limitPrice: decimal(command.limitPrice) });
  } else if (command.kind === 'cancel') {
    const open = [...engine.orders.all()].filter(isOpen);
    const order = open[command.pick % Math.max(open.length, 1)];
    if (order !== undefined) engine.cancel(order.id);
  } else {
    const { account, side, quantity, price, timeInForce, iceberg, trigger } = command;
    bench.place(account, `${side} ${quantity} ${price === null ? 'market' : `@ ${price}`}`, {
      timeInForce,
      ...(iceberg && price !== null && { displayQuantity: decimal('1') }),
      ...(trigger !== null && { trigger: { price: decimal(trigger), when: 'at-or-above' as const } }),
    });
  }
}

describe('any sequence of commands', () => {
  it('keeps the sum of every asset, fees included', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = createBench();
        for (const command of list) {
          run(bench, command);
          expect(bench.engine.ledger.total('AAA').toFixed()).toBe('3000');
          expect(bench.engine.ledger.total('BBB').toFixed()).toBe('300000');
        }
      }),
    );
  });

  it('never fills more than was asked, and locks exactly what open orders reserve', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = createBench();
        for (const command of list) run(bench, command);
        const { orders, ledger } = bench.engine;
        for (const order of orders.all()) {
          const sum = order.fills.reduce((total, fill) => total.plus(fill.quantity), zero);
          expect(sum.toFixed()).toBe(order.executed.toFixed());
          expect(order.executed.lte(order.quantity)).toBe(true);
          if (!isOpen(order)) expect(order.reserved.toFixed()).toBe('0');
        }
        for (const account of ['ann', 'bob', 'cat']) {
          for (const [side, asset] of [
            ['buy', 'BBB'],
            ['sell', 'AAA'],
          ] as const) {
            const reserved = orders.openOf(account).filter((order) => order.side === side);
            const expected = reserved.reduce((total, order) => total.plus(order.reserved), zero);
            expect(ledger.entry(account, asset).locked.toFixed()).toBe(expected.toFixed());
          }
        }
      }),
    );
  });

  it('never leaves a crossed book, and keeps levels best first and queues in order of arrival', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = createBench();
        for (const command of list) {
          if (command.kind === 'place' && command.iceberg) continue;
          run(bench, command);
          const { book } = bench.engine.market('AAABBB');
          const [bid, ask] = [book.best('buy'), book.best('sell')];
          if (bid !== undefined && ask !== undefined) expect(crosses('sell', ask.price, bid.price)).toBe(false);
          for (const side of ['buy', 'sell'] as const) {
            const levels = book.levels(side);
            levels.slice(1).forEach((level, index) => {
              const better = levels[index]?.price ?? zero;
              expect(side === 'buy' ? better.gt(level.price) : better.lt(level.price)).toBe(true);
            });
            for (const { queue } of levels) {
              const arrivals = queue.map(({ order }) => order).filter((order) => order?.trigger === undefined);
              const ids = arrivals.map((order) => order?.id ?? 0);
              expect(ids).toEqual(ids.toSorted((left, right) => left - right));
            }
          }
        }
      }),
    );
  });

  it('comes back from its store as it was', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const log: StoreRecord[] = [];
        const store = {
          load: () => ({ orders: [...latestOrders(log).values()], balances: log.flatMap(({ balances }) => balances) }),
          append: (record: StoreRecord) => void log.push(structuredClone(record)),
          clear() {},
          close() {},
        };
        const before = createBench({ store });
        for (const command of list) run(before, command);
        const after = createBench({ store, funded: false });
        expect([...after.engine.orders.all()].map(storedOrder)).toEqual(
          [...before.engine.orders.all()].map(storedOrder),
        );
        for (const account of ['ann', 'bob', 'cat', '@house', '@fees']) {
          for (const asset of ['AAA', 'BBB']) {
            expect(after.engine.ledger.entry(account, asset)).toEqual(before.engine.ledger.entry(account, asset));
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

function latestOrders(log: readonly StoreRecord[]): Map<number, StoredOrder> {
  return new Map(log.flatMap(({ orders }) => orders).map((order) => [order.id, storedOrder(restoredOrder(order))]));
}
