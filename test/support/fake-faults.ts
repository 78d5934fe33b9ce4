/** How a fake venue can be made to misbehave, call by call. */
import type { Amount, Cause, Market, OrderReference, OrderRequest, VenueProbe } from '@nightdesk/core';

/** How placing one order goes wrong. */
export type PlaceFault =
  /** The request never reaches the venue. */
  | { kind: 'fail_before_accept' }
  /** The venue takes the order and its answer is lost. */
  | { kind: 'lose_answer' }
  /** The answer is lost, and the venue acts on the request only `delayMs` later. */
  | { kind: 'delay_effect'; delayMs: number }
  | { kind: 'reject'; evidence: Cause }
  /** The order is taken, and only this much of what would fill does so; the rest waits for `fillRest`. */
  | { kind: 'partial_fill'; filled: Amount };

/** How looking for one order goes wrong: no answer, or an answer from a replica that has not heard of the order yet. */
export type FindFault = { kind: 'no_answer' } | { kind: 'absent' };

/**
 * How cancelling one order goes wrong: the request is lost, or its answer after the order was canceled, or a part of it was filled
 * just before, which is told only `delayMs` later.
 */
export type CancelFault =
  | { kind: 'lose_request' }
  | { kind: 'lose_answer' }
  | { kind: 'late_fill'; size: Amount; delayMs: number };

/** How changing one order goes wrong: the request is lost, or its answer after the order was changed. */
export type AmendFault = { kind: 'lose_request' } | { kind: 'lose_answer' };

/** What an account is asked besides its orders. */
export type AccountQuestion =
  | 'fetchBalances'
  | 'fetchPositions'
  | 'fetchOpenOrders'
  | 'fetchOwnTrades'
  | 'fetchTransfers'
  | 'fetchFundingPayments'
  | 'fetchTickers'
  | 'setDeadManSwitch';

/** Asked at every call; `undefined` lets it pass. */
export interface VenueFaults {
  amend?: (reference: OrderReference) => AmendFault | undefined;
  cancel?: (reference: OrderReference) => CancelFault | undefined;
  probe?: () => VenueProbe | undefined;
  place?: (request: OrderRequest) => PlaceFault | undefined;
  find?: (reference: OrderReference) => FindFault | undefined;
  fetchPrice?: (market: Market) => boolean;
  /** True lets the question go without an answer. */
  ask?: (question: AccountQuestion) => boolean;
}

/** A fault hook that uses up the given faults call by call and then lets everything pass. */
export function inTurn<Fault>(...faults: readonly (Fault | undefined)[]): () => Fault | undefined {
  const left = [...faults];
  return () => left.shift();
}
