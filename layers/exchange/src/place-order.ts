/** Places one order and says what is certain about it. */
import type { Cause, FindOutcome, Market, OrderRequest, PlaceOutcome, VenueOrder } from '@nightdesk/core';
import { compare } from '@nightdesk/core';
import { UnparsableAnswerError } from './fields.ts';
import { mapOrder } from './map-order.ts';
import type { VenueClient } from './venue-client.ts';
import type { VenueSession } from './venue-session.ts';

/** Looks for the order just placed; needed where a venue answers with no more than an id, or says "duplicate". */
type Find = (venueOrderId?: VenueOrder['venueOrderId']) => Promise<FindOutcome>;

export async function placeOrder(
  session: VenueSession,
  { request, market, find }: { request: OrderRequest; market: Market; find: Find },
): Promise<PlaceOutcome> {
  const { client } = session;
  const result = await session.call('order', () => {
    session.use(market);
    refuseRounding(client, request);
    const { symbol, type, side, amount, price } = request;
    return client.createOrder(symbol, type, side, amount, type === 'limit' ? price : undefined, parametersOf(request));
  });
  if (result.kind === 'answered') return readAnswer(result.value, find);
  const { meaning, cause } = result.failure;
  if (meaning === 'rejected') return { kind: 'rejected', evidence: cause };
  return meaning === 'duplicate' ? fromSearch(await find(), cause) : { kind: 'unknown', cause };
}

/** The venue answered without an error, so it has the order; the question is only in what state. */
async function readAnswer(answer: unknown, find: Find): Promise<PlaceOutcome> {
  try {
    return { kind: 'accepted', order: mapOrder(answer) };
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
 * @throws InvalidOrder when ccxt would send another number.
 */
function refuseRounding(client: VenueClient, { symbol, type, amount, price }: OrderRequest): void {
  if (!isSame(client.amountToPrecision(symbol, amount), amount)) {
    throw new InvalidOrder(`not sent: the venue's steps allow no amount of ${amount}`);
  }
  if (type === 'limit' && price !== undefined && !isSame(client.priceToPrecision(symbol, price), price)) {
    throw new InvalidOrder(`not sent: the venue's steps allow no price of ${price}`);
  }
}

const isSame = (sent: unknown, wanted: string): boolean => typeof sent === 'string' && compare(sent, wanted) === 0;

/** A market order has no time in force: venues fill it at once, and some refuse the word. */
function parametersOf({ clientOrderId, type, timeInForce }: OrderRequest): Record<string, unknown> {
  if (type === 'market' || timeInForce === undefined) return { clientOrderId };
  return timeInForce === 'PO' ? { clientOrderId, postOnly: true } : { clientOrderId, timeInForce };
}
