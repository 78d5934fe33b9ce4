/**
 * What the counters of the risk rows have to be: what the orders that are not final and the positions add up to. Rows count as
 * things happen and are never read for it, so a row that was lost begins at zero; from here it gets what it should say.
 */
import { add, compare, type Notional, subtract, zeroNotional } from '../money.ts';
import type { Order } from '../orders/order.ts';
import type { PositionRow } from '../positions/ledger.ts';
import { counterNames, counterOf } from './counters.ts';
import { type CounterChange, counterChanges, revaluation } from './exposure.ts';
import type { RiskState } from './risk-state.ts';

type Row = CounterChange['row'];

/** By row and counter; what is not there is zero. */
export type CounterTotals = ReadonlyMap<Row, ReadonlyMap<string, Notional>>;

/** A row as far as it counts, whether or not it has a switch. */
export type CountedRow = Pick<RiskState, 'reserved' | 'counters'> & { account: Row };

/** A counter that says something else than it has to. */
export interface CounterDifference {
  row: Row;
  counter: string;
  /** What it says, and what it has to say. */
  is: string;
  wanted: string;
  /** What has to be added to it. */
  by: string;
}

/**
 * What the counters have to be of each account's row, and of `*`, where all accounts of a mode are counted together.
 *
 * @param orders all that are not final; final ones add nothing
 */
export function countersOf(
  orders: Iterable<Order>,
  positions: Iterable<Pick<PositionRow, 'account' | 'venue' | 'exposure'>>,
): CounterTotals {
  const totals = new Map<Row, Map<string, Notional>>();
  const count = (changes: readonly CounterChange[]) => {
    for (const { row, changes: ofRow } of changes) {
      const counters = totals.get(row) ?? new Map<string, Notional>();
      totals.set(row, counters);
      for (const { counter, by } of ofRow)
        counters.set(counter, add(counters.get(counter) ?? zeroNotional, by as Notional));
    }
  };
  // Each is counted by the very functions that count as things happen: an order from one that was never placed, a position from none.
  for (const order of orders) count(counterChanges({ ...order, state: 'not_placed', reserved: zeroNotional }, order));
  for (const position of positions) count(revaluation(position, { before: undefined, after: position }));
  return totals;
}

/** Every counter of the rows that is not what it has to be, by row and name; a row that is not there says zero. */
export function counterDifferences(rows: Iterable<CountedRow>, wanted: CounterTotals): CounterDifference[] {
  const known = new Map([...rows].map((row) => [row.account, row]));
  const names = [...new Set([...known.keys(), ...wanted.keys()])].sort();
  return names.flatMap((row) => differencesOf(row, known.get(row), wanted.get(row)));
}

const noCounters = { reserved: zeroNotional, counters: {} };

function differencesOf(
  row: Row,
  counted: Pick<CountedRow, 'reserved' | 'counters'> = noCounters,
  wanted: ReadonlyMap<string, Notional> = new Map(),
): CounterDifference[] {
  const names = new Set<string>([counterNames.reserved, ...Object.keys(counted.counters), ...wanted.keys()]);
  const all = [...names].sort().map((counter) => {
    const [is, total] = [counterOf(counted, counter), wanted.get(counter) ?? zeroNotional];
    return { row, counter, is, wanted: total, by: subtract(total, is as Notional) };
  });
  return all.filter(({ by }) => compare(by, '0') !== 0);
}
