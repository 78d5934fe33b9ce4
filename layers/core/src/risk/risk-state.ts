/** A row of the risk table: a switch, what is at stake by now, and what reconciliation found the account to be worth. */
import type { AccountConfig } from '../config/desk-config.ts';
import type { Notional } from '../money.ts';
import type { SwitchState } from './switches.ts';

/** What reconciliation found an account to be worth, in the owner's currency. */
export interface AccountFigures {
  /** When the venue told; UTC epoch milliseconds. */
  atMs: number;
  equity: Notional;
  /** Lost since the day began, and since the highest equity; deposits and withdrawals taken out, zero where there is none. */
  dailyLoss: Notional;
  drawdown: Notional;
}

/** The same of all accounts of one mode whose figures are fresh. */
export interface DeskFigures {
  /** Of the oldest of them. */
  atMs: number;
  equity: Notional;
}

/** An account's row, that of all accounts (`*`), or that of a source (`source#<id>`), which has no switch. */
export interface RiskState {
  account: string;
  state: SwitchState;
  /** Why and by whom it was set last. */
  reason: string;
  by: string;
  /** In the owner's currency, in orders that are not final. */
  reserved: Notional;
  /** What is at stake, by the names of `counters.ts`; what is not there is zero. */
  counters: Readonly<Record<string, string>>;
  /** The minute of the clock in which an order was recorded last, and how many there were in it. */
  minute?: { minute: number; orders: number };
  /** On an account's row, once it was reconciled. */
  figures?: AccountFigures;
  /** On `*`: by mode. */
  deskFigures?: Partial<Record<AccountConfig['mode'], DeskFigures>>;
  /** Counts the changes of either, so that an intent can be bound to those that it was judged by. */
  figuresVersion: number;
  /** Counts the changes of the switch: the sequence of its last journal event. */
  version: number;
  journalHash: string;
  updatedAtMs: number;
}

/** The rows that an intent is judged by. */
export interface RiskRows {
  account: RiskState | undefined;
  /** Of all accounts. */
  all: RiskState | undefined;
  /** Absent where the source has no limits, or sent no order yet. */
  source?: SourceState | undefined;
}

/** What a source has done. */
export type SourceState = Pick<RiskState, 'minute'>;
