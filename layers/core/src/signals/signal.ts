/** A signal after parsing: what a source asked for, in Nightdesk's words, with nothing left to guess. */
import { type AccountId, type IntentId, intentIdOf, type SignalId, type SourceId, type VenueId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { Side } from '../ports/market-data.ts';
import type { TimeInForce } from '../ports/venue.ts';

/** Exactly one of the two. */
export type SignalSize = { base: Amount } | { quote: Notional };

export interface Signal {
  signalId: SignalId;
  source: SourceId;
  accounts: AccountId[];
  venue: VenueId;
  /** Unified symbol, resolved against the venue's markets. */
  symbol: string;
  action: Side;
  size: SignalSize;
  type: 'market' | 'limit';
  price?: Price;
  timeInForce?: TimeInForce;
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
