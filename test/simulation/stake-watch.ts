/** What is at stake: the counters of the risk rows are what orders and positions add up to, and no intent takes them beyond a limit. */
import {
  type AccountId,
  add,
  compare,
  counterOf,
  countsAsOpen,
  limitAmount,
  type Notional,
  notional,
  type Order,
  outstandingOf,
  type RiskState,
} from '@nightdesk/core';
import type { Desk } from './desk.ts';
import { accountIds } from './settings.ts';

const zero = notional('0');
const sum = (amounts: readonly Notional[]): Notional =>
  amounts.filter((amount) => amount !== zero).reduce((total, each) => add(total, each), zero);

/** Looks again only when something has changed: rows are replaced, never changed in place. */
export class StakeWatch {
  readonly #desk: Desk;
  #rows: readonly unknown[] = [];
  #found: string | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** @returns what is wrong, or `undefined` */
  findViolation(): string | undefined {
    const { orders, positions, risk } = this.#desk.tables;
    const rows = [...orders.values(), ...positions.values(), ...risk.values()];
    const isSame = rows.length === this.#rows.length && rows.every((row, index) => row === this.#rows[index]);
    if (!isSame) this.#found = findStakeViolation(this.#desk);
    this.#rows = rows;
    return this.#found;
  }
}

function stakeOf({ tables }: Desk, isPart: (of: { account: AccountId; venue: string }) => boolean): Notional {
  const orders = [...tables.orders.values()].filter(isPart).map(outstandingOf);
  const positions = [...tables.positions.values()].filter(isPart).map(({ exposure }) => exposure?.notional ?? zero);
  return sum([...orders, ...positions]);
}

function findStakeViolation(desk: Desk): string | undefined {
  const { tables, settings } = desk;
  const differs = (what: string, row: RiskState | undefined, counter: string, total: string) => {
    const counted = row === undefined ? '0' : counterOf(row, counter);
    return compare(counted, total) === 0 ? undefined : `${what} counts ${counted} as ${counter}; there are ${total}`;
  };
  for (const account of accountIds(settings.accounts)) {
    const row = tables.risk.get(account);
    const open = [...tables.orders.values()].filter((order) => order.account === account && countsAsOpen(order));
    const violation =
      differs(
        account,
        row,
        'exposure',
        stakeOf(desk, (of) => of.account === account),
      ) ?? differs(account, row, 'orders', String(open.length));
    if (violation !== undefined) return violation;
  }
  const all = tables.risk.get('*');
  for (const venue of settings.venues) {
    const violation = differs(
      'the desk',
      all,
      `sandbox:venue#${venue}`,
      stakeOf(desk, (of) => of.venue === venue),
    );
    if (violation !== undefined) return violation;
  }
  return differs(
    'the desk',
    all,
    'sandbox:exposure',
    stakeOf(desk, () => true),
  );
}

/** An intent that has just been recorded left every counter that it added to within its limit. */
export function findLimitViolation({ tables, settings }: Desk, order: Order): string | undefined {
  if (order.exposure === undefined || compare(order.exposure.notional, zero) === 0) return undefined;
  const [own, all] = [tables.risk.get(order.account), tables.risk.get('*')];
  const { exposureMax, venueExposureMax, openOrdersMax } = settings;
  const bounds = [
    [own, 'exposure', limitAmount(exposureMax, undefined)],
    [own, 'orders', String(openOrdersMax)],
    [all, `sandbox:venue#${order.venue}`, limitAmount(venueExposureMax, undefined)],
  ] as const;
  const broken = bounds.find(([row, counter, most]) => row && most && compare(counterOf(row, counter), most) > 0);
  return (
    broken && `${order.orderId} was recorded, and ${broken[1]} is ${broken[0]?.counters[broken[1]]}, above ${broken[2]}`
  );
}
