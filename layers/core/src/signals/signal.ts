/** A signal after parsing: what a source asked for, in Nightdesk's words, with nothing left to guess. */
import { type AccountId, type IntentId, intentIdOf, type SignalId, type SourceId, type VenueId } from '../ids.ts';
import type { Amount, Notional } from '../money.ts';
import type { ExitPlan } from '../orders/exits.ts';
import type { MarginMode, OrderChange, OrderTerms } from '../ports/venue.ts';

/** Percents are decimals: `2.5` is 2.5 %. */
export type SignalSize =
  | { base: Amount }
  | { quote: Notional }
  | { contracts: Amount }
  | { percentEquity: string }
  | { percentPosition: string }
  /** Share of the equity that is lost when the stop-loss is reached. */
  | { riskPercent: string };

/** `amend` comes from the desk's own API only. */
export const signalActions = ['buy', 'sell', 'close', 'cancel', 'amend'] as const;
export type SignalAction = (typeof signalActions)[number];
/** The position that a signal wants to see, whatever it is now. */
export type SignalTarget = 'long' | 'short' | 'flat';

/** What is written for a symbol where all of the account is meant. */
export const everySymbol = '*';

export interface Signal extends OrderTerms {
  signalId: SignalId;
  source: SourceId;
  accounts: AccountId[];
  venue: VenueId;
  /** Unified symbol, resolved against the venue's markets; `everySymbol` for a cancel of all that an account has. */
  symbol: string;
  /** Exactly one of `action` and `target` is there. */
  action?: SignalAction;
  target?: SignalTarget;
  /** Absent on a cancel, and where all of a position is meant. */
  size?: SignalSize;
  leverage?: string;
  marginMode?: MarginMode;
  exitPlan?: ExitPlan;
  /** Which order a cancel or an amendment means; absent on a cancel is all of the symbol. */
  orderId?: IntentId;
  /** Of an amendment. */
  change?: OrderChange;
  /** From 0 to 1, as the sender gave it. */
  confidence?: string;
  comment?: string;
  /** The sender's own time; UTC epoch milliseconds. Absent when it sent none. */
  sentAtMs?: number;
  /** No order is placed later than this; UTC epoch milliseconds. */
  expiresAtMs: number;
  receivedAtMs: number;
}

/** One leg of a signal: one account, one intent. What travels on the queue. */
export interface SignalMessage {
  signal: Signal;
  account: AccountId;
  /** Index of the account among the signal's. */
  leg: number;
  /** FIFO message group: orders of one lane reach the venue in the order their signals were received. */
  lane: string;
  /** Accounts that handed the leg on because their venues did not answer, in that order. */
  tried?: readonly AccountId[];
}

/** The one order that a leg becomes with the account that has it now. */
export const orderIdOf = ({ signal, account, tried = [] }: SignalMessage): IntentId =>
  intentIdOf(signal.signalId, account, tried[0]);

/** The row of a signal that was accepted. */
export interface SignalRecord {
  signal: Signal;
  /** Which rule makes it known again: the sender's id, the sender's time, or an identical body in a window. */
  duplicateRule: DuplicateRule;
}

export type DuplicateRule = 'id' | 'time' | 'window' | 'none';
