/** What `PUT /risk/{account}/switch` answers: a contract between the function, the API's clients and `npm run halt`. */
import type { AccountId, IntentId } from '../../ids.ts';
import type { RiskState } from '../risk-state.ts';

/**
 * - `canceled`: what was left of it is gone; `message` says what had been filled;
 * - `filled`: it had filled before it could be canceled;
 * - `not_open`: it had ended otherwise, or never was at the venue;
 * - `unknown`: its venue was asked, and has not told; `pending`: there was no time to ask, or for the answer. Both are tracked;
 * - `failed`: it could not be asked for; `message` says why. It is tried again every minute.
 */
export const cancelResults = ['canceled', 'filled', 'not_open', 'unknown', 'pending', 'failed'] as const;
export type CancelResult = (typeof cancelResults)[number];

export interface CanceledOrder {
  account: AccountId;
  orderId: IntentId;
  symbol: string;
  outcome: CancelResult;
  message?: string;
}

/** What became of everything that was open. */
export interface CancelReport {
  orders: CanceledOrder[];
  /** Exits that go on protecting their position. */
  keptExits: number;
  /** Accounts whose open orders could not be listed, or not all of them. */
  failures: { account: AccountId; message: string }[];
  /** From the call to the switch being in force. */
  inForceAfterMs: number;
  /** From the call to the last answer of a venue; absent where none was asked. */
  lastAnswerAfterMs?: number;
}

/** The report is there where cancels were asked for. */
export type SwitchAnswer = Pick<RiskState, 'account' | 'state' | 'reason' | 'by' | 'updatedAtMs'> &
  Partial<CancelReport>;

/** True for an order that may still be open. */
export const mayBeOpen = ({ outcome }: Pick<CanceledOrder, 'outcome'>): boolean =>
  outcome === 'unknown' || outcome === 'pending' || outcome === 'failed';
