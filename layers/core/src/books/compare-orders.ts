/** Open orders, both ways: those that nobody here placed, and those of the desk that the venue does not have. */

import { subtract } from '../money.ts';
import { finalStates, type Order } from '../orders/order.ts';
import { needsTracking } from '../orders/tracked.ts';
import type { Difference } from './books.ts';
import { announce, type BooksDraft, isFull, settle } from './books-draft.ts';
import { isMissedFill, isMissing } from './look-at-orders.ts';
import { countLook, type Seen } from './look-count.ts';
import type { OrderOwners } from './order-owners.ts';
import type { DeskView, ReconcileContext, VenueView } from './reconcile-types.ts';

interface Context extends Pick<ReconcileContext, 'nowMs'> {
  desk: DeskView;
  owners: OrderOwners;
}

export function compareOrders(draft: BooksDraft, venue: VenueView, context: Context): void {
  const { desk } = context;
  takeLooks(draft, context);
  const seen = [...foreignOrders(venue, context), ...lostOrders(desk, venue)];
  for (const one of seen) {
    if (draft.standing.has(one.id)) continue;
    const prior = draft.before?.differences.find(({ id, state }) => id === one.id && state === 'suspected');
    const difference = countLook(one, prior, { nowMs: context.nowMs, beforeMs: draft.before?.checkedAtMs });
    if (difference.state === 'suspected' || isFull(draft)) {
      draft.suspected.push({ ...difference, state: 'suspected' });
      continue;
    }
    announce(draft, difference, true);
    draft.standing.set(difference.id, difference);
  }
  settleGone(draft, new Set(seen.map(({ id }) => id)));
  for (const { kind, subject } of [...draft.standing.values(), ...draft.suspected]) {
    if (kind === 'lost_order') {
      draft.actions.push({
        kind: 'look_at_order',
        orderId: subject,
        reason: 'only one of the desk and the venue has it',
      });
    }
  }
}

/** What looking at an order has brought is booked by now: the venue's own word, so that one look is enough. */
function takeLooks(draft: BooksDraft, { desk, nowMs }: Context): void {
  for (const { before, after, isHiding } of desk.looks) {
    const wasTracked = needsTracking(before) && isHiding !== true;
    if (finalStates.has(before.state) && !finalStates.has(after.state)) {
      const message = `order ${before.orderId} was ${before.state} here, and is open at the venue: it is followed again`;
      tellOnce(draft, after, { kind: 'lost_order', message });
    }
    if (!isMissedFill(before, after, { nowMs, wasTracked })) continue;
    const amount = subtract(after.filled, before.filled);
    const message = `${amount} of order ${after.orderId} was filled unnoticed, and is booked now`;
    tellOnce(draft, after, { kind: 'missed_fill', message });
  }
}

/** The version says which change of the order it is about. */
function tellOnce(draft: BooksDraft, { orderId, version }: Order, what: Pick<Difference, 'kind' | 'message'>): void {
  const { nowMs } = draft;
  const id = `${what.kind}:${orderId}:${version}`;
  const at = { firstSeenMs: nowMs, confirmedAtMs: nowMs, looks: 1, state: 'confirmed' as const };
  announce(draft, { id, subject: orderId, ...what, ...at }, false);
}

const foreignOrders = ({ openOrders }: VenueView, { owners }: Context): Seen[] =>
  openOrders
    .filter((open) => owners.ownerOf({ ...open, isWhole: true }).kind === 'outsider')
    .map(({ symbol, side, amount, venueOrderId }) => ({
      ...{
        id: `outsider_order:${symbol}:${venueOrderId}`,
        kind: 'outsider_order',
        subject: venueOrderId,
        isQuiet: true,
      },
      message: `an order that this desk did not place is open: ${side} ${amount} of ${symbol} (order ${venueOrderId} at the venue)`,
    }));

/** Open before and after the venue was asked, and neither in its list nor shown when it was asked about alone. */
function lostOrders({ before, after, looks }: DeskView, { openOrders }: VenueView): Seen[] {
  const shown = new Set(looks.filter(({ isShown }) => isShown).map((look) => look.after.orderId));
  const now = new Map(after.orders.map((order) => [order.orderId, order]));
  return before.orders
    .filter(({ orderId, version }) => now.get(orderId)?.version === version && !shown.has(orderId))
    .filter((order) => isMissing(order, openOrders))
    .map(({ orderId, symbol }) => ({
      ...{ id: `lost_order:${orderId}`, kind: 'lost_order', subject: orderId, isQuiet: true },
      message: `order ${orderId} is open in ${symbol} here, and the venue does not show it`,
    }));
}

function settleGone(draft: BooksDraft, present: ReadonlySet<string>): void {
  for (const difference of [...draft.standing.values()]) {
    const isOrder = difference.kind === 'outsider_order' || difference.kind === 'lost_order';
    if (isOrder && !present.has(difference.id) && !isFull(draft)) {
      settle(draft, difference, difference.kind === 'lost_order' ? 'both agree on it' : 'it is not open any more');
    }
  }
}
