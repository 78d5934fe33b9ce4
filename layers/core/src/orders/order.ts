/** An order: an intent and everything the venue has said about it since. */
import type { AccountId, IntentId, SignalId, SourceId, VenueId, VenueOrderId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { Side } from '../ports/market-data.ts';
import type { Cause, Fill, MarginMode, OrderChange, OrderTerms } from '../ports/venue.ts';
import type { IntentExposure } from '../risk/exposure.ts';
import type { ExitPlan, Exits } from './exits.ts';

/**
 * - `waiting`: recorded and kept by Nightdesk until its trigger is reached; the venue knows nothing of it;
 * - `intended`: recorded, and the venue may or may not have been called;
 * - `unknown`: the call ended without the venue's word; only the venue can tell;
 * - `open`: the venue has it, with some of it perhaps filled;
 * - `filled`, `canceled`, `expired`, `rejected`: the venue's last word, `filled` quantity included;
 * - `not_placed`: the venue showed that it never had it;
 * - `denied`: refused by Nightdesk itself before any call;
 * - `no_order`: nothing had to be ordered, and the cause says what was done instead, or why nothing was.
 */
export const orderStates = [
  'waiting',
  'intended',
  'unknown',
  'open',
  'filled',
  'canceled',
  'expired',
  'rejected',
  'not_placed',
  'denied',
  'no_order',
] as const;
export type OrderState = (typeof orderStates)[number];

export const finalStates: ReadonlySet<OrderState> = new Set([
  'filled',
  'canceled',
  'expired',
  'rejected',
  'not_placed',
  'denied',
  'no_order',
]);

/**
 * What an order is for: `entry` is what the signal asked for; `reduce` closes what stands in the way of it; `take_profit`
 * and `stop_loss` protect the position of the order `parentId`; `close` gives that position up where it cannot be protected.
 */
export const orderRoles = ['entry', 'reduce', 'take_profit', 'stop_loss', 'close'] as const;
export type OrderRole = (typeof orderRoles)[number];

const giveWay = 'it is amended: order ';

/** By these words a cancel for the sake of a replacement is told from all others. */
export const giveWayReasonOf = (replacementId: IntentId): string => `${giveWay}${replacementId} takes its place`;

export const isGiveWayReason = (reason: string): boolean => reason.startsWith(giveWay);

/** What Nightdesk decided to place. What it is to be is fixed when it is recorded, but for what an amendment changes. */
export interface Intent extends OrderTerms {
  orderId: IntentId;
  signalId: SignalId;
  source: SourceId;
  account: AccountId;
  venue: VenueId;
  symbol: string;
  side: Side;
  amount: Amount;
  /** Absent is `entry`. */
  role?: OrderRole;
  /** On an exit: the order whose position it ends. */
  parentId?: IntentId;
  /** On what takes the place of a canceled order: that order. */
  replaces?: IntentId;
  /** `emulated`: Nightdesk watches the trigger, because the venue cannot. Absent is the venue's own kind of order. */
  handling?: 'emulated';
  leverage?: string;
  marginMode?: MarginMode;
  /** What is to protect the position that it opens. */
  exitPlan?: ExitPlan;
  /** What risk has reserved for it, in the owner's currency. */
  reserved: Notional;
  /** What it may put at stake; absent on orders of builds that did not count it. */
  exposure?: IntentExposure;
  /** When the signal was received; UTC epoch milliseconds. */
  receivedAtMs: number;
}

/** What stands in for an intent when there was nothing that could be placed. */
export type DeniedIntent = Pick<
  Intent,
  'orderId' | 'signalId' | 'source' | 'account' | 'venue' | 'symbol' | 'type' | 'receivedAtMs' | 'role' | 'parentId'
> & { side?: Side };

export interface Order extends Omit<Intent, 'amount' | 'reserved' | 'side'> {
  /** Absent only where there was no order: the signal named none, and its size was never determined. */
  side?: Side;
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
  /** Since when it is to be canceled, as soon as the venue has it, and why. */
  cancel?: { requestedAtMs: number; reason: string };
  /** Since when it is canceled or expired, while fills are still asked for that its venue may tell late; UTC epoch milliseconds. */
  settling?: { sinceMs: number };
  /** A change that the venue was asked for and has not confirmed. */
  amendment?: { requestedAtMs: number; change: OrderChange };
  /** Best price seen by a trailing stop that Nightdesk keeps. */
  trailedTo?: Price;
  /** The venue never told all of its trades: `fills` are fewer than `filled`, and stay so. */
  tradesGivenUp?: boolean;
  /** What became of its exit plan; absent without one. */
  exits?: Exits;
  /** Why it is unknown, rejected, not placed, denied or no order, or was canceled by Nightdesk. */
  cause?: Cause;
  /** On a denied order: the account that has the leg now, because the venue of this one did not answer. */
  failedOverTo?: AccountId;
  createdAtMs: number;
  updatedAtMs: number;
}
