/**
 * The gate every intent passes before it is recorded. Pure: the caller brings the figures, and a figure that is missing
 * denies. Switches and reservations are compared by the very transaction that records the intent, because only there
 * nothing can come in between; `reservationDenial` is the same comparison in words, and tells why it failed.
 */
import type { AccountConfig } from '../config/desk-config.ts';
import { add, compare, isNegative, type Notional } from '../money.ts';

export const switchStates = ['active', 'reducing', 'halted'] as const;
/** `reducing` lets only pass what shrinks a position; `halted` lets nothing pass. */
export type SwitchState = (typeof switchStates)[number];

/** What a switch says that nobody has set yet: it was made on first use, of an account that cannot lose money. */
export const firstUse = { state: 'active', reason: 'first use', by: 'nightdesk' } as const;

/** An account's row, or that of all accounts (`*`). */
export interface RiskState {
  account: string;
  state: SwitchState;
  /** Why and by whom it was set last. */
  reason: string;
  by: string;
  /** Quote currency in orders that are not final. */
  reserved: Notional;
  /** Counts the changes of the switch: the sequence of its last journal event. */
  version: number;
  journalHash: string;
  updatedAtMs: number;
}

export interface RiskLimits {
  orderNotionalMax: Notional;
  openNotionalMax: Notional;
}

/** Limits together with the quote currencies they are in. */
export interface AccountLimits extends RiskLimits {
  quotes: readonly string[];
}

export const denialCodes = [
  'live_trading_off',
  'exchange_disabled',
  'quote_without_limit',
  'switch_not_set',
  'switch_not_active',
  'order_notional_limit',
  'open_notional_limit',
] as const;
export type DenialCode = (typeof denialCodes)[number];

/** A refusal, with the figures that were compared in its message. */
export interface Denial {
  code: DenialCode;
  message: string;
}

/** What can be told without reading a table. */
export interface StandingFigures {
  mode: AccountConfig['mode'];
  exchangeEnabled: boolean;
  /** The stage's setting. */
  liveTrading: boolean;
}

/** May this account place any order at all? `undefined` lets it pass. */
export function standingDenial({ mode, exchangeEnabled, liveTrading }: StandingFigures): Denial | undefined {
  if (mode === 'live' && !liveTrading) {
    return { code: 'live_trading_off', message: 'the account is live and this stage has live trading off' };
  }
  return exchangeEnabled
    ? undefined
    : { code: 'exchange_disabled', message: 'the exchange is disabled in exchanges.yaml' };
}

/** Can the account's limits be compared with orders in this quote currency? `undefined` says that they can. */
export function quoteDenial(quote: string, { quotes }: AccountLimits): Denial | undefined {
  if (quotes.includes(quote)) return undefined;
  const message = `the account's limits are in ${quotes.join(', ')}, and this market is in ${quote}`;
  return { code: 'quote_without_limit', message };
}

/** What the transaction that records an intent compares. */
export interface ReservationFigures {
  /** Row of the account and of `*`; `undefined` where there is none. */
  accountRow: RiskState | undefined;
  globalRow: RiskState | undefined;
  limits: RiskLimits;
  /** What this order would reserve. */
  notional: Notional;
  /** It can only make a position smaller: it counts against no limit, and a switch that is `reducing` lets it pass. */
  reduces?: boolean;
}

/** What a switch has to say for an order to pass. */
export const passingSwitches = ({ reduceOnly }: { reduceOnly?: boolean }): readonly SwitchState[] =>
  reduceOnly === true ? ['active', 'reducing'] : ['active'];

/** May this order be reserved? `undefined` lets it pass. */
export function reservationDenial(figures: ReservationFigures): Denial | undefined {
  const { accountRow, globalRow, limits, notional, reduces = false } = figures;
  const allowed = passingSwitches({ reduceOnly: reduces });
  const switched =
    switchDenial('the switch of all accounts', globalRow, allowed) ??
    switchDenial("the account's switch", accountRow, allowed);
  if (switched !== undefined || accountRow === undefined || reduces) return switched;
  if (isNegative(accountRow.reserved)) {
    const message = `${accountRow.reserved} in open orders is no figure to compare with: the account's row was lost and made anew`;
    return { code: 'open_notional_limit', message };
  }
  if (compare(notional, limits.orderNotionalMax) > 0) {
    return {
      code: 'order_notional_limit',
      message: `the order is worth ${notional}, above ${limits.orderNotionalMax}`,
    };
  }
  if (compare(add(accountRow.reserved, notional), limits.openNotionalMax) > 0) {
    const message = `${accountRow.reserved} in open orders and ${notional} more would be above ${limits.openNotionalMax}`;
    return { code: 'open_notional_limit', message };
  }
  return undefined;
}

function switchDenial(name: string, row: RiskState | undefined, allowed: readonly SwitchState[]): Denial | undefined {
  if (row === undefined) return { code: 'switch_not_set', message: `${name} was never set to active` };
  if (allowed.includes(row.state)) return undefined;
  return { code: 'switch_not_active', message: `${name} is ${row.state}: ${row.reason}` };
}
