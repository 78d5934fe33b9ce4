/** An order: an intent and everything the venue has said about it since. */
import type { AccountId, IntentId, SignalId, SourceId, VenueId, VenueOrderId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { Side } from '../ports/market-data.ts';
import type { Cause, Fill, TimeInForce } from '../ports/venue.ts';

/**
 * - `intended`: recorded, and the venue may or may not have been called;
 * - `unknown`: the call ended without the venue's word; only the venue can tell;
 * - `open`: the venue has it, with some of it perhaps filled;
 * - `filled`, `canceled`, `expired`, `rejected`: the venue's last word, `filled` quantity included;
 * - `not_placed`: the venue showed that it never had it;
 * - `denied`: refused by Nightdesk itself before any call.
 */
export const orderStates = [
  'intended',
  'unknown',
  'open',
  'filled',
  'canceled',
  'expired',
  'rejected',
  'not_placed',
  'denied',
] as const;
export type OrderState = (typeof orderStates)[number];

export const finalStates: ReadonlySet<OrderState> = new Set([
  'filled',
  'canceled',
  'expired',
  'rejected',
  'not_placed',
  'denied',
]);

/** What Nightdesk decided to place: fixed when it is recorded, never changed after. */
export interface Intent {
  orderId: IntentId;
  signalId: SignalId;
  source: SourceId;
  account: AccountId;
  venue: VenueId;
  symbol: string;
  side: Side;
  type: 'market' | 'limit';
  amount: Amount;
  price?: Price;
  timeInForce?: TimeInForce;
  /** What risk has reserved for it, in quote currency. */
  reserved: Notional;
  /** When the signal was received; UTC epoch milliseconds. */
  receivedAtMs: number;
}

/** What stands in for an intent when there was nothing that could be placed. */
export type DeniedIntent = Pick<
  Intent,
  'orderId' | 'signalId' | 'source' | 'account' | 'venue' | 'symbol' | 'side' | 'type' | 'receivedAtMs'
>;

export interface Order extends Omit<Intent, 'amount' | 'reserved'> {
  /** Absent only on a denied order whose size was never determined. */
  amount?: Amount;
  /** Still reserved; zero once the order is final. */
  reserved: Notional;
  state: OrderState;
  /** Counts the events that made this order, which is also the sequence of its last journal event. */
  version: number;
  /** Hash of its last journal event. */
  journalHash: string;
  /** How often the venue was called to place it, and when the last such call began. */
  attempts: number;
  attemptedAtMs: number;
  venueOrderId?: VenueOrderId;
  filled: Amount;
  cost?: Notional;
  /** By trade id, in the order they became known. */
  fills: Fill[];
  /** Why it is unknown, rejected, not placed or denied. */
  cause?: Cause;
  /** On a denied order: the account that has the leg now, because the venue of this one did not answer. */
  failedOverTo?: AccountId;
  createdAtMs: number;
  updatedAtMs: number;
}
