import { describe, expect, it } from 'vitest';
import { type Decimal, decimal, zero } from '../../../local/simulators/engine/decimal.ts';
import { unrealizedAt } from '../../../local/simulators/engine/positions.ts';
import { type StoreRecord, storedPosition } from '../../../local/simulators/engine/store.ts';
import { type Exits, isOpen, type PositionSlot, type Side } from '../../../local/simulators/engine/types.ts';
import fc from '../../support/property.ts';
import { createPositionBench, deposit, type PositionBench, perpetual } from './position-support.ts';

const customers = ['ann', 'bob', 'cat'];
const price = fc.integer({ min: 9_000, max: 11_000 }).map((value) => (value / 100).toFixed(2));

const distance = fc.integer({ min: 1, max: 500 }).map((value) => (value / 100).toFixed(2));

const placement = fc.record({
  kind: fc.constant('place' as const),
  account: fc.constantFrom(...customers),
  side: fc.constantFrom<Side>('buy', 'sell'),
  // In eighths, since exits can hand a position back and forth in the smallest quantity that somebody holds: thousandths of
  // thirty coins make a sequence that takes minutes.
  quantity: fc.integer({ min: 1, max: 240 }).map((value) => (value / 8).toFixed(3)),
  price: fc.option(price, { freq: 4 }),
  reduceOnly: fc.boolean(),
  slot: fc.constantFrom<PositionSlot>('net', 'net', 'long', 'short'),
  /** Distances of the exits from the order's price. */
  exits: fc.option(
    fc.record({ takeProfit: distance, stopLoss: distance, scope: fc.constantFrom('position', 'fill') }),
    {
      freq: 3,
    },
  ),
});
const command = fc.oneof(
  { weight: 8, arbitrary: placement },
  fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() }),
  fc.record({ kind: fc.constant('amend' as const), pick: fc.nat(), price }),
  fc.record({ kind: fc.constant('house' as const), side: fc.constantFrom<Side>('buy', 'sell'), limitPrice: price }),
  fc.record({ kind: fc.constant('mark' as const), price }),
  fc.record({ kind: fc.constant('trail' as const), account: fc.constantFrom(...customers), distance }),
  fc.record({ kind: fc.constant('fill' as const), pick: fc.nat() }),
  fc.record({
    kind: fc.constant('leverage' as const),
    account: fc.constantFrom(...customers),
    leverage: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({ kind: fc.constant('fund' as const), rate: fc.constantFrom('0.0001', '-0.00037', '0.00500001') }),
);
const commands = fc.array(command, { maxLength: 50, size: 'max' });
type Command = typeof command extends fc.Arbitrary<infer Item> ? Item : never;

function run(bench: PositionBench, given: Command): void {
  const { engine } = bench;
  const open = [...engine.orders.all()].filter(isOpen);
  if (given.kind === 'place') place(bench, given);
  else if (given.kind === 'house') {
    engine.takeForHouse(perpetual.id, { side: given.side, limitPrice: decimal(given.limitPrice) });
  } else if (given.kind === 'mark') bench.mark(given.price);
  else if (given.kind === 'fund') engine.perpetuals.fund(perpetual.id, decimal(given.rate));
  else if (given.kind === 'trail') trail(bench, given);
  else if (given.kind === 'leverage') {
    engine.perpetuals.setLeverage(given.account, perpetual.id, decimal(String(given.leverage)));
  } else {
    const order = open[given.pick % Math.max(open.length, 1)];
    if (order !== undefined && given.kind === 'cancel') engine.cancel(order.id);
    if (order !== undefined && given.kind === 'fill') engine.fillShare(order.id, decimal('0.5'));
    if (order !== undefined && given.kind === 'amend') engine.amend(order.id, { price: decimal(given.price) });
  }
}

function place(bench: PositionBench, given: Extract<Command, { kind: 'place' }>): void {
  const { account, side, quantity, reduceOnly, slot } = given;
  bench.place(account, `${side} ${quantity} ${given.price === null ? 'market' : `@ ${given.price}`}`, {
    reduceOnly,
    slot,
    ...(!reduceOnly && exitsOf(given)),
  });
}

function trail({ engine, position }: PositionBench, given: Extract<Command, { kind: 'trail' }>): void {
  const { account, distance } = given;
  const size = position(account)?.size ?? zero;
  if (size.eq(zero)) return;
  const when = size.gt(zero) ? ('at-or-below' as const) : ('at-or-above' as const);
  const trailing = { offset: { amount: decimal(distance), unit: 'price' as const } };
  const key = { accountId: account, instrumentId: perpetual.id, slot: 'net' as const };
  engine.perpetuals.setExits(key, { trailingStop: { trigger: { price: zero, when, trailing } }, scope: 'position' });
}

/** Exits on the sides of the price where they belong, as every venue demands. */
function exitsOf({ side, price: text, exits }: Extract<Command, { kind: 'place' }>): { exits?: Exits } {
  if (exits === null || text === null) return {};
  const [up, down] = side === 'buy' ? [exits.takeProfit, exits.stopLoss] : [exits.stopLoss, exits.takeProfit];
  const above = { trigger: { price: decimal(text).plus(decimal(up)), when: 'at-or-above' as const } };
  const below = { trigger: { price: decimal(text).minus(decimal(down)), when: 'at-or-below' as const } };
  const [takeProfit, stopLoss] = side === 'buy' ? [above, below] : [below, above];
  return { exits: { takeProfit, stopLoss, scope: exits.scope === 'fill' ? 'fill' : 'position' } };
}

const sum = (values: Iterable<Decimal>): Decimal => [...values].reduce((total, value) => total.plus(value), zero);

function walletOf({ engine }: PositionBench, account: string): Decimal {
  const { free, locked } = engine.ledger.entry(account, 'BBB');
  return free.plus(locked);
}

/** Worked out from the trades alone: what came in, what went out, and what is left of the coins. */
function fromTrades({ engine }: PositionBench, account: string) {
  let cash = zero;
  let size = zero;
  let fees = zero;
  for (const order of engine.orders.of(account)) {
    for (const { quantity, quote, commission } of order.fills) {
      const sign = decimal(order.side === 'buy' ? '1' : '-1');
      cash = cash.minus(quote.times(sign));
      size = size.plus(quantity.times(sign));
      fees = fees.plus(commission);
    }
  }
  const funding = sum(
    engine.bookings
      .of(account)
      .filter(({ kind }) => kind === 'funding')
      .map(({ amount }) => amount),
  );
  return { cash, size, fees, funding };
}

describe('any sequence of commands on a perpetual', () => {
  it('keeps equity = deposits + realized P&L − fees ± funding + unrealized P&L, to the last decimal', () => {
    fc.assert(
      fc.property(commands, price, (list, finalMark) => {
        const bench = createPositionBench();
        const mark = decimal(finalMark);
        for (const given of list) run(bench, given);
        for (const account of customers) {
          const positions = bench.engine.positions.of(account);
          const realized = sum(positions.map((position) => position.realized));
          const unrealized = sum(positions.map((position) => unrealizedAt(position, mark)));
          const { cash, size, fees, funding } = fromTrades(bench, account);
          expect(walletOf(bench, account).toFixed()).toBe(
            decimal(deposit).plus(realized).minus(fees).plus(funding).toFixed(),
          );
          expect(realized.plus(unrealized).toFixed()).toBe(cash.plus(size.times(mark)).toFixed());
          expect(sum(positions.map((position) => position.size)).toFixed()).toBe(size.toFixed());
        }
      }),
    );
  });

  it('wins for one what it loses for others, the fees aside', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = createPositionBench();
        for (const given of list) run(bench, given);
        const everybody = [...customers, '@house', '@fees'];
        const wallets = sum(everybody.map((account) => walletOf(bench, account)));
        const entryValues = sum(bench.engine.positions.all().map(({ entryValue }) => entryValue));
        expect(wallets.minus(entryValues).toFixed()).toBe('300000');
        expect(sum(bench.engine.positions.all().map(({ size }) => size)).toFixed()).toBe('0');
      }),
    );
  });

  it('locks exactly what positions and open orders need', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = createPositionBench();
        for (const given of list) run(bench, given);
        const { engine } = bench;
        for (const account of customers) {
          const margins = sum(engine.positions.of(account).map(({ margin }) => margin));
          const reserves = sum(engine.orders.openOf(account).map(({ reserved }) => reserved));
          expect(engine.ledger.entry(account, 'BBB').locked.toFixed()).toBe(margins.plus(reserves).toFixed());
        }
      }),
    );
  });

  it('never lets reduce-only orders exceed what they reduce, nor outlive it', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const bench = createPositionBench();
        for (const given of list) run(bench, given);
        for (const order of bench.engine.orders.all()) {
          if (order.reduceOnly !== true) continue;
          const opened = order.fills.filter(({ closed, quantity }) => closed?.eq(quantity) !== true);
          expect(opened).toEqual([]);
          if (!isOpen(order)) continue;
          const position = bench.position(order.accountId, order.slot);
          expect(order.quantity.minus(order.executed).lte(position?.size.abs() ?? zero)).toBe(true);
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
            positions: log.flatMap(({ positions = [] }) => positions),
            bookings: log.flatMap(({ bookings = [] }) => bookings),
            settings: log.flatMap(({ settings = [] }) => settings),
          }),
          append: (record: StoreRecord) => void log.push(JSON.parse(JSON.stringify(record)) as StoreRecord),
          clear() {},
          close() {},
        };
        const before = createPositionBench({ store });
        for (const given of list) run(before, given);
        const after = createPositionBench({ store, funded: false });
        expect(after.engine.positions.all().map(storedPosition)).toEqual(
          before.engine.positions.all().map(storedPosition),
        );
        for (const account of [...customers, '@house', '@fees']) {
          expect(after.engine.ledger.entry(account, 'BBB')).toEqual(before.engine.ledger.entry(account, 'BBB'));
          expect(after.engine.bookings.of(account)).toEqual(before.engine.bookings.of(account));
          expect(after.engine.positions.settings.leverage(account, perpetual.id)).toEqual(
            before.engine.positions.settings.leverage(account, perpetual.id),
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});
