import { expect, it } from 'vitest';
import { decimal, zero } from '../../../local/simulators/engine/decimal.ts';
import { type StoreRecord, storedTransfer } from '../../../local/simulators/engine/store.ts';
import fc from '../../support/property.ts';
import { type Bench, createBench } from './support.ts';

const startAmount = decimal('1000');

const moves = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('begin' as const),
      direction: fc.constantFrom('in' as const, 'out' as const),
      units: fc.integer({ min: 1, max: 300 }),
      fee: fc.integer({ min: 0, max: 3 }),
      status: fc.constantFrom('pending' as const, 'done' as const),
    }),
    fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat({ max: 9 }),
      status: fc.constantFrom('done' as const, 'failed' as const),
    }),
    fc.record({ kind: fc.constant('switch' as const), seconds: fc.nat({ max: 60 }) }),
  ),
  { maxLength: 30 },
);
type Move = typeof moves extends fc.Arbitrary<infer List extends readonly unknown[]> ? List[number] : never;

function run({ engine }: Bench, move: Move): void {
  const { transfers, ledger, cancelTimers } = engine;
  if (move.kind === 'switch') cancelTimers.set('ann', move.seconds === 0 ? undefined : move.seconds * 1_000);
  else if (move.kind === 'end') {
    const pending = transfers.of('ann').filter(({ status }) => status === 'pending');
    const chosen = pending[move.which % Math.max(pending.length, 1)];
    if (chosen !== undefined) transfers.settle(chosen.id, move.status);
  } else {
    const { direction, status } = move;
    const [amount, fee] = [decimal(String(move.units)), direction === 'in' ? zero : decimal(String(move.fee))];
    if (direction === 'out' && ledger.free('ann', 'AAA').lt(amount.plus(fee))) return;
    transfers.begin({ accountId: 'ann', asset: 'AAA', direction, amount, fee, status });
  }
}

/** What a list of transfers says that an account has. */
const toldBy = ({ engine }: Bench) =>
  engine.transfers.of('ann').reduce((sum, { direction, status, amount, fee }) => {
    if (direction === 'in') return status === 'done' ? sum.plus(amount) : sum;
    return status === 'failed' ? sum : sum.minus(amount).minus(fee);
  }, startAmount);

it('keeps balances equal to what the list of transfers says, whatever ends how', () => {
  fc.assert(
    fc.property(moves, (list) => {
      const bench = createBench();
      for (const move of list) run(bench, move);
      expect(bench.engine.ledger.free('ann', 'AAA').toFixed()).toBe(toldBy(bench).toFixed());
    }),
  );
});

it('comes back from its store as it was, switches included', () => {
  fc.assert(
    fc.property(moves, (list) => {
      const log: StoreRecord[] = [];
      const store = {
        load: () => ({
          orders: [],
          balances: log.flatMap(({ balances }) => balances),
          transfers: log.flatMap(({ transfers = [] }) => transfers),
          timers: log.flatMap(({ timers = [] }) => timers),
        }),
        append: (record: StoreRecord) => void log.push(JSON.parse(JSON.stringify(record)) as StoreRecord),
        clear() {},
        close() {},
      };
      const before = createBench({ store });
      for (const move of list) run(before, move);
      const after = createBench({ store, funded: false });
      const told = ({ engine }: Bench) => [
        engine.transfers.of('ann').map(storedTransfer),
        engine.cancelTimers.of('ann'),
        engine.ledger.free('ann', 'AAA').toFixed(),
      ];
      expect(told(after)).toEqual(told(before));
    }),
  );
});

it('refuses to end what is not pending, and to send what is not there', () => {
  const { engine } = createBench();
  const terms = { accountId: 'ann', asset: 'AAA', fee: zero, status: 'done' } as const;
  const { id } = engine.transfers.begin({ ...terms, direction: 'in', amount: decimal('1') });
  expect(() => engine.transfers.settle(id, 'done')).toThrow('is not pending');
  expect(() => engine.transfers.begin({ ...terms, direction: 'out', amount: decimal('1002') })).toThrow('cannot give');
  expect(engine.transfers.of('ann')).toHaveLength(1);
  expect(engine.ledger.free('ann', 'AAA').toFixed()).toBe('1001');
});

it('ends all orders of the account whose time has come, waiting ones too, and nobody else’s', () => {
  const { engine, place } = createBench();
  place('ann', 'buy 1 @ 90');
  place('ann', 'sell 1 @ 110', { trigger: { price: decimal('80'), when: 'at-or-below' } });
  place('bob', 'buy 1 @ 90');
  engine.cancelTimers.set('ann', 5_000);
  engine.cancelTimers.fire(4_999);
  expect(engine.orders.openOf('ann')).toHaveLength(2);
  engine.cancelTimers.fire(5_000);
  expect(engine.orders.openOf('ann')).toEqual([]);
  expect(engine.orders.openOf('bob')).toHaveLength(1);
  expect(engine.cancelTimers.of('ann')).toBeUndefined();
});
