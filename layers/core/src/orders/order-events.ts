/** What can happen to an order. These are the events of an order's journal stream. */
import type { AccountId } from '../ids.ts';
import type { Price } from '../money.ts';
import type { Cause, OrderChange, VenueOrder } from '../ports/venue.ts';
import type { ExitStep, Exits } from './exits.ts';
import type { DeniedIntent, Intent } from './order.ts';

export interface At {
  /** When Nightdesk learned it; UTC epoch milliseconds. */
  atMs: number;
}

/** The first event of an order. */
export type FirstEvent =
  /** Recorded to be placed; with `handling: emulated` only once its trigger is reached. */
  | (At & { type: 'order.intended'; intent: Intent })
  | (At & { type: 'order.denied'; intent: DeniedIntent; cause: Cause; failedOverTo?: AccountId })
  /** The leg was carried out without an order. */
  | (At & { type: 'order.concluded'; intent: DeniedIntent; cause: Cause });

/** What the venue said. It stays true whoever writes first. */
export type VenueFact =
  /** The venue showed the order: its answer to placing it, or to a later question. */
  | (At & { type: 'order.observed'; order: VenueOrder })
  | (At & { type: 'order.rejected'; cause: Cause })
  | (At & { type: 'order.unknown'; cause: Cause })
  /** The venue has changed the order as it was asked to. */
  | (At & { type: 'order.amended'; change: OrderChange })
  /** The venue was asked once more, long enough after the order had ended: no fills of it are missing. */
  | (At & { type: 'order.settled' })
  /** The venue left the order as it was. */
  | (At & { type: 'order.amend_refused'; cause: Cause });

/** What Nightdesk decided, on the order as it was read. */
export type Decision =
  /** The venue is about to be called once more, after it showed (`cause`) that it does not have the order. */
  | (At & { type: 'order.attempted'; cause: Cause })
  /** The venue showed, after the settling time, that it does not have the order. */
  | (At & { type: 'order.absent'; cause: Cause })
  /** The price reached the trigger of a waiting order: the venue is about to be called. */
  | (At & { type: 'order.triggered'; price: Price })
  /** A waiting trailing stop follows a better price. */
  | (At & { type: 'order.trailed'; price: Price })
  /** The rest of the order is not wanted any more. */
  | (At & { type: 'order.cancel_requested'; reason: string })
  /** The venue is about to be asked to change the order. */
  | (At & { type: 'order.amend_requested'; change: OrderChange })
  /** The order has ended, and its trades were asked for long enough. */
  | (At & { type: 'order.trades_given_up' })
  /** An exit is about to be recorded, for this order's position. */
  | (At & { type: 'order.exit_planned'; step: ExitStep })
  | (At & { type: 'order.exits_changed'; change: Partial<Omit<Exits, 'steps' | 'cause'>> & { cause?: Cause | null } });

export type OrderEvent = FirstEvent | VenueFact | Decision;

/** True for what is written just before the venue is called to place an order that is recorded already. */
export const leadsToCall = ({ type }: OrderEvent): boolean => type === 'order.attempted' || type === 'order.triggered';
