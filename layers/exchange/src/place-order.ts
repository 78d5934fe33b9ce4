/** Places one order and says what is certain about it. */
import type {
  Cause,
  FindOutcome,
  Market,
  OrderAbilities,
  OrderRequest,
  PlaceOutcome,
  VenueOrder,
} from '@nightdesk/core';
import { UnparsableAnswerError } from './fields.ts';
import { mapOrder } from './map-order.ts';
import { InvalidOrder, limitOf, refuseRounding, termParameters } from './order-terms.ts';
import type { VenueTraits } from './traits/index.ts';
import type { CallParameters } from './venue-client.ts';
import { sendWithinMs, type VenueSession } from './venue-session.ts';

/** Looks for the order just placed; needed where a venue answers with no more than an id, or says "duplicate". */
type Find = (venueOrderId?: VenueOrder['venueOrderId']) => Promise<FindOutcome>;

interface Placement {
  request: OrderRequest;
  market: Market;
  traits: VenueTraits;
  abilities: OrderAbilities;
  find: Find;
}

export async function placeOrder(session: VenueSession, placement: Placement): Promise<PlaceOutcome> {
  const { request, market, traits } = placement;
  if (!market.active) {
    return notSent('market_unavailable', `${market.symbol} was not trading at the last refresh of the venue's markets`);
  }
  const buysAtMarket = limitOf(request) === undefined && request.side === 'buy';
  if (traits.countsMarketBuysInQuote && market.kind === 'spot' && buysAtMarket) {
    const why = `${market.venue} takes orders to buy at market by what they cost; give a limit price`;
    return notSent('not_supported', why);
  }
  const terms = termParameters(request, session.client, placement);
  if (typeof terms.refused === 'string') return notSent('not_supported', terms.refused);
  return send(session, placement, terms);
}

const notSent = (code: string, why: string): PlaceOutcome => ({
  kind: 'rejected',
  evidence: { code, message: `not sent: ${why}` },
});

async function send(session: VenueSession, placement: Placement, terms: object): Promise<PlaceOutcome> {
  const { request, market, find } = placement;
  const lastSendMs = session.nowMs() + sendWithinMs.order;
  const result = await session.call('order', () => {
    const client = session.use(market);
    const { symbol, side, amount, displayAmount, triggerPrice, trail } = request;
    const price = limitOf(request);
    const distance = trail !== undefined && 'distance' in trail ? trail.distance : undefined;
    const quantities = { amount, displayAmount, prices: [price, triggerPrice, distance] };
    const contracts = refuseRounding(client, quantities, market);
    if (contracts === undefined) throw new InvalidOrder('not sent: the order has no amount');
    const parameters = { ...idParameters(placement, session.venueTimeMs(lastSendMs)), ...terms };
    return client.createOrder(symbol, price === undefined ? 'market' : 'limit', side, contracts, price, parameters);
  });
  if (result.kind === 'answered') return readAnswer(result.value, placement);
  const { meaning, cause } = result.failure;
  if (meaning === 'rejected') return { kind: 'rejected', evidence: cause };
  return meaning === 'duplicate' ? fromSearch(await find(), cause) : { kind: 'unknown', cause };
}

/** The venue answered without an error, so it has the order; the question is only in what state. */
async function readAnswer(answer: unknown, { request, market, find }: Placement): Promise<PlaceOutcome> {
  try {
    const { clientOrderId: _, ...order } = mapOrder(answer, market);
    // The answer is to this request, so the order is ours even where the venue does not repeat our id.
    return { kind: 'accepted', order: { ...order, clientOrderId: request.clientOrderId } };
  } catch (error) {
    if (!(error instanceof UnparsableAnswerError)) throw error;
    const id = (answer as { id?: unknown } | null | undefined)?.id;
    const cause = { code: 'unparsable_answer', message: error.message };
    if (typeof id !== 'string' || id === '') return { kind: 'unknown', cause };
    return fromSearch(await find(id as VenueOrder['venueOrderId']), cause);
  }
}

const fromSearch = (found: FindOutcome, cause: Cause): PlaceOutcome =>
  found.kind === 'found' ? { kind: 'accepted', order: found.order } : { kind: 'unknown', cause };

function idParameters({ request, market, traits }: Placement, lastSendMs: number): CallParameters {
  const id = traits.clientOrderIdFor(request.clientOrderId, market);
  return {
    ...(traits.carriesClientOrderId && { [traits.clientOrderIdParameter]: id }),
    ...traits.orderParameters?.(lastSendMs),
  };
}
