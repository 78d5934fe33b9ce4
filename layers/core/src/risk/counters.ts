/**
 * What is at stake, as numbers that the transaction itself adds to and compares. Pure: the same claims are applied here and,
 * as conditions of the table, by the repository.
 */
import type { AccountConfig } from '../config/desk-config.ts';
import type { AccountId, SourceId, VenueId } from '../ids.ts';
import { add, compare, isNegative, type Notional } from '../money.ts';
import type { RiskState, SourceState } from './risk-state.ts';
import type { SwitchState } from './switches.ts';

type Mode = AccountConfig['mode'];

/** Names of counters. All are in the owner's currency but `orders`, a number of orders. */
export const counterNames = {
  /** In orders that are not final. */
  reserved: 'reserved',
  /** Orders that are not final, and can open a position. */
  orders: 'orders',
  /** In positions and in what open orders may add to them. */
  exposure: 'exposure',
  asset: (asset: string): string => `asset#${asset}`,
  /** Over all accounts of a mode. */
  deskExposure: (mode: Mode): string => `${mode}:exposure`,
  deskVenue: (mode: Mode, venue: VenueId): string => `${mode}:venue#${venue}`,
  deskAsset: (mode: Mode, asset: string): string => `${mode}:asset#${asset}`,
} as const;

export const sourceRow = (source: SourceId): string => `source#${source}`;

export interface CounterClaim {
  counter: string;
  /** Added, if that makes it no more than `atMost`. */
  by: string;
  atMost?: string;
}

/** What an intent asks of one row. It is granted whole or not at all. */
export interface RowClaim {
  row: AccountId | '*' | ReturnType<typeof sourceRow>;
  /** What the switch must say; absent where the row has none. */
  states?: readonly SwitchState[];
  /** The figures must still be these; absent where none were looked at. */
  figuresVersion?: number;
  counters: readonly CounterClaim[];
  /** One more order in this minute of the clock; `isNew` where the row does not count it yet. */
  minute?: { minute: number; isNew: boolean; ordersMax?: number };
}

/** What a counter of a row says: zero where it was never counted. */
export const counterOf = (row: Pick<RiskState, 'reserved' | 'counters'>, counter: string): string =>
  counter === counterNames.reserved ? row.reserved : (row.counters[counter] ?? '0');

/**
 * The row with the claim granted; `undefined` where it is not. A counter below zero grants nothing: the row was lost, and the
 * orders that were counted in it have made a new one.
 */
export function grant(row: RiskState, claim: RowClaim): RiskState | undefined {
  const { states, figuresVersion, counters, minute } = claim;
  if (states !== undefined && !states.includes(row.state)) return undefined;
  if (figuresVersion !== undefined && row.figuresVersion !== figuresVersion) return undefined;
  const fits = counters.every(({ counter, by, atMost }) => {
    const now = counterOf(row, counter);
    return !isNegative(now) && (atMost === undefined || compare(add(now as Notional, by as Notional), atMost) <= 0);
  });
  if (!fits) return undefined;
  const counted = minute === undefined ? row : countMinute(row, minute);
  return counted && addToCounters(counted, counters);
}

/** One more order in the minute; `undefined` where that is too many, or the row counts another minute by now. */
export function countMinute<Row extends SourceState>(
  row: Row,
  { minute, isNew, ordersMax = Number.POSITIVE_INFINITY }: NonNullable<RowClaim['minute']>,
): Row | undefined {
  if (isNew) {
    const isLater = row.minute === undefined || row.minute.minute < minute;
    return isLater && ordersMax >= 1 ? { ...row, minute: { minute, orders: 1 } } : undefined;
  }
  if (row.minute?.minute !== minute || row.minute.orders >= ordersMax) return undefined;
  return { ...row, minute: { minute, orders: row.minute.orders + 1 } };
}

/** The row with its counters changed, without a condition: what has happened has happened. */
export function addToCounters(row: RiskState, changes: readonly Pick<CounterClaim, 'counter' | 'by'>[]): RiskState {
  let { reserved } = row;
  const counters = { ...row.counters };
  for (const { counter, by } of changes) {
    if (counter === counterNames.reserved) reserved = add(reserved, by as Notional);
    else counters[counter] = add((counters[counter] ?? '0') as Notional, by as Notional);
  }
  return { ...row, reserved, counters };
}
