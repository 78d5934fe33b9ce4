/** Changes one resting order in place and says what is certain about it. */
import type {
  AmendOutcome,
  Cause,
  FindOutcome,
  Market,
  OrderChange,
  OrderReference,
  VenueOrder,
  VenueOrderId,
} from '@nightdesk/core';
import { compare } from '@nightdesk/core';
import type { VenueContext } from './ask-venue.ts';
import { abilitiesOf } from './order-abilities.ts';
import { refuseRounding } from './order-terms.ts';
import type { AmendTraits } from './traits/order-traits.ts';
import { sendWithinMs } from './venue-session.ts';

/** Looks at the order: before, as it may be changed already or have ended, and after, to see what became of it. */
type Find = (venueOrderId?: VenueOrderId) => Promise<FindOutcome>;

interface Amendment {
  reference: OrderReference;
  change: OrderChange;
  market: Market;
  find: Find;
}

/**
 * The venue's own answer to an amendment rarely shows the order, so what counts is how the order looks afterwards. A change
 * that is there already is not asked for again.
 */
export async function amendOrder(context: VenueContext, amendment: Amendment): Promise<AmendOutcome> {
  const { change, market, find, reference } = amendment;
  const { amends } = context.traits;
  if (amends === undefined || !abilitiesOf(context, market).amends) {
    return notSent(`${market.venue} changes no orders in place; cancel it and place another`);
  }
  if (change.triggerPrice !== undefined && amends.triggerParameters === undefined) {
    return notSent(`${market.venue} changes no trigger in place; cancel the order and place another`);
  }
  const before = await find(reference.venueOrderId);
  if (before.kind === 'unknown') return before;
  if (before.kind === 'absent') return { kind: 'not_amended', evidence: before.evidence };
  const { order } = before;
  if (shows(order, change)) return { kind: 'amended', order };
  if (order.status !== 'open') return { kind: 'not_amended', order, evidence: endedAs(order) };
  return send(context, { ...amendment, amends, order });
}

const notSent = (why: string): AmendOutcome => ({
  kind: 'not_amended',
  evidence: { code: 'not_supported', message: `not sent: ${why}` },
});

async function send(
  { session, traits }: VenueContext,
  { reference, change, market, find, amends, order }: Amendment & { amends: AmendTraits; order: VenueOrder },
): Promise<AmendOutcome> {
  const lastSendMs = session.nowMs() + sendWithinMs.order;
  const result = await session.call('order', () => {
    const client = session.use(market);
    const { price, triggerPrice } = change;
    const whole = amends.wholeTerms ? { amount: order.amount, price: order.price } : {};
    const amount = change.amount ?? whole.amount;
    const contracts = refuseRounding(client, { amount, prices: [price, triggerPrice] }, market);
    const limit = price ?? whole.price;
    const parameters = {
      ...(triggerPrice !== undefined && amends.triggerParameters?.(triggerPrice)),
      ...traits.orderParameters?.(session.venueTimeMs(lastSendMs)),
    };
    const type = limit === undefined ? 'market' : 'limit';
    return client.editOrder(order.venueOrderId, market.symbol, type, reference.side, contracts, limit, parameters);
  });
  const failure = result.kind === 'failed' ? result.failure : undefined;
  const isWord = failure === undefined || failure.meaning === 'rejected' || failure.className === 'OrderNotFound';
  if (!isWord) return { kind: 'unknown', cause: failure.cause };
  return afterwards(await find(order.venueOrderId), change, failure?.cause);
}

/** @param refusal the venue's, absent where it took the change */
function afterwards(after: FindOutcome, change: OrderChange, refusal: Cause | undefined): AmendOutcome {
  if (after.kind === 'unknown') return after;
  if (after.kind === 'absent') return { kind: 'not_amended', evidence: refusal ?? after.evidence };
  const { order } = after;
  if (shows(order, change)) return { kind: 'amended', order };
  if (order.status !== 'open') return { kind: 'not_amended', order, evidence: refusal ?? endedAs(order) };
  return refusal === undefined
    ? { kind: 'unknown', cause: pending }
    : { kind: 'not_amended', order, evidence: refusal };
}

const pending: Cause = {
  code: 'amend_pending',
  message: 'the venue took the change and still shows the order as it was',
};

const endedAs = ({ status }: VenueOrder): Cause => ({
  code: 'order_not_open',
  message: `the venue shows the order as ${status}`,
});

/** Whether all that was to change is as wanted. What the venue does not tell is not shown. */
function shows(order: VenueOrder, change: OrderChange): boolean {
  const isShown = (shown: string | undefined, wanted: string | undefined): boolean =>
    wanted === undefined || (shown !== undefined && compare(shown, wanted) === 0);
  return (
    isShown(order.amount, change.amount) &&
    isShown(order.price, change.price) &&
    isShown(order.triggerPrice, change.triggerPrice)
  );
}
