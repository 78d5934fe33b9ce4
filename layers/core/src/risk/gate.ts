/**
 * The gate every intent passes before it is recorded. Pure: the caller brings the figures, and a figure that is missing
 * denies. The limits on reservations and the switches are checked a second time by the transaction that records the
 * intent, because only there nothing can come in between.
 */
import type { AccountConfig } from '../config/desk-config.ts';
import { add, compare, type Notional } from '../money.ts';

export const switchStates = ['active', 'reducing', 'halted'] as const;
/** `reducing` lets only pass what shrinks a position; `halted` lets nothing pass. */
export type SwitchState = (typeof switchStates)[number];

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

export const denialCodes = [
  'live_trading_off',
  'exchange_disabled',
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

export interface GateFigures {
  mode: AccountConfig['mode'];
  exchangeEnabled: boolean;
  /** The stage's setting. */
  liveTrading: boolean;
  /** Row of the account and of `*`; `undefined` where there is none. */
  accountSwitch: RiskState | undefined;
  globalSwitch: RiskState | undefined;
  limits: RiskLimits;
  /** What this order would reserve. */
  notional: Notional;
}

/** `undefined` lets the order pass. */
export function denialOf(figures: GateFigures): Denial | undefined {
  if (figures.mode === 'live' && !figures.liveTrading) {
    return { code: 'live_trading_off', message: 'the account is live and this stage has live trading off' };
  }
  if (!figures.exchangeEnabled)
    return { code: 'exchange_disabled', message: 'the exchange is disabled in exchanges.yaml' };
  return (
    switchDenial('*', figures.globalSwitch) ?? switchDenial('account', figures.accountSwitch) ?? limitDenial(figures)
  );
}

function switchDenial(which: string, row: RiskState | undefined): Denial | undefined {
  const name = which === '*' ? 'the switch of all accounts' : "the account's switch";
  if (row === undefined) return { code: 'switch_not_set', message: `${name} was never set to active` };
  if (row.state === 'active') return undefined;
  return { code: 'switch_not_active', message: `${name} is ${row.state}: ${row.reason}` };
}

function limitDenial({ limits, notional, accountSwitch }: GateFigures): Denial | undefined {
  if (compare(notional, limits.orderNotionalMax) > 0) {
    return { code: 'order_notional_limit', message: `order of ${notional} is above ${limits.orderNotionalMax}` };
  }
  const reserved = accountSwitch?.reserved;
  if (reserved === undefined || compare(add(reserved, notional), limits.openNotionalMax) > 0) {
    const message = `${reserved ?? 'an unknown amount'} in open orders and ${notional} more is above ${limits.openNotionalMax}`;
    return { code: 'open_notional_limit', message };
  }
  return undefined;
}
