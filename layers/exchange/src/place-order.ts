/** Places one order and says what is certain about it. */
import type { Cause, FindOutcome, Market, OrderRequest, PlaceOutcome, VenueOrder } from '@nightdesk/core';
import { compare } from '@nightdesk/core';
import { toContracts } from './contract-amounts.ts';
import { UnparsableAnswerError } from './fields.ts';
import { mapOrder } from './map-order.ts';
import type { VenueTraits } from './traits/index.ts';
import type { CallParameters, VenueClient } from './venue-client.ts';
import { sendWithinMs, type VenueSession } from './venue-session.ts';

/** Looks for the order just placed; needed where a venue answers with no more than an id, or says "duplicate". */
type Find = (venueOrderId?: VenueOrder['venueOrderId']) => Promise<FindOutcome>;

interface Placement {
  request: OrderRequest;
  market: Market;
  traits: VenueTraits;
  find: Find;
}

export async function placeOrder(session: VenueSession, placement: Placement): Promise<PlaceOutcome> {
  const { request, market, traits, find } = placement;
  if (!market.active) {
    const message = `not sent: ${market.symbol} was not trading at the last refresh of the venue's markets`;
    return { kind: 'rejected', evidence: { code: 'market_unavailable', message } };
  }
  const buysAtMarket = request.type === 'market' && request.side === 'buy';
  if (traits.countsMarketBuysInQuote && market.kind === 'spot' && buysAtMarket) {
    const message = `not sent: ${market.venue} takes orders to buy at market by what they cost; give a limit price`;
    return { kind: 'rejected', evidence: { code: 'not_supported', message } };
  }
  const lastSendMs = session.nowMs() + sendWithinMs.order;
  const result = await session.call('order', () => {
    const client = session.use(market);
    const contracts = refuseRounding(client, request, market);
    const { symbol, type, side, price } = request;
    const parameters = parametersOf(placement, session.venueTimeMs(lastSendMs));
    return client.createOrder(symbol, type, side, contracts, type === 'limit' ? price : undefined, parameters);
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

/** An amount or price between the venue's steps. */
class InvalidOrder extends Error {
  override readonly name = 'InvalidOrder';
}

/**
 * ccxt rounds to the venue's steps, partly in floating point. An order is placed as it was decided, or not at all.
 *
 * @returns the amount as ccxt wants it.
 * @throws InvalidOrder when ccxt would send another number.
 */
function refuseRounding(client: VenueClient, { symbol, type, amount, price }: OrderRequest, market: Market): string {
  const contracts = toContracts(amount, market);
  if (contracts === undefined || !isSame(client.amountToPrecision(symbol, contracts), contracts)) {
    throw new InvalidOrder(`not sent: the venue's steps allow no amount of ${amount}`);
  }
  if (type === 'limit' && price !== undefined && !isSame(client.priceToPrecision(symbol, price), price)) {
    throw new InvalidOrder(`not sent: the venue's steps allow no price of ${price}`);
  }
  return contracts;
}

const isSame = (sent: unknown, wanted: string): boolean => typeof sent === 'string' && compare(sent, wanted) === 0;

/** A market order has no time in force: venues fill it at once, and some refuse the word. */
function parametersOf({ request, market, traits }: Placement, lastSendMs: number): CallParameters {
  const { clientOrderId, type, timeInForce } = request;
  const id = traits.clientOrderIdFor(clientOrderId, market);
  const parameters = {
    ...(traits.carriesClientOrderId && { [traits.clientOrderIdParameter]: id }),
    ...traits.orderParameters?.(lastSendMs),
  };
  if (type === 'market' || timeInForce === undefined) return parameters;
  return timeInForce === 'PO' ? { ...parameters, postOnly: true } : { ...parameters, timeInForce };
}
