/** What a paper account can be asked to do: place, cancel, amend. Pure; paper-news.ts lets it catch up with the market. */
import type { VenueOrderId } from '../ids.ts';
import { compare, isPositive, zeroAmount, zeroNotional } from '../money.ts';
import { hasTrigger } from '../orders/plan-orders-terms.ts';
import type { OrderBook } from '../ports/market-data.ts';
import type { Cause, MarketSettings, OrderChange, OrderRequest } from '../ports/venue.ts';
import { type PaperAccount, type PaperOrder, replaceOrder } from './paper-account.ts';
import { positionIn } from './paper-funds.ts';
import {
  amountAhead,
  endFinished,
  endIdle,
  levelsTaken,
  mayRest,
  type PaperContext,
  takeFromBook,
  totalOf,
} from './paper-matching.ts';
import { amendmentRefusal, type Placement, placementRefusal } from './paper-refusals.ts';
import { startTrail } from './paper-triggers.ts';

export type PaperOutcome =
  | { kind: 'accepted'; account: PaperAccount; order: PaperOrder }
  | { kind: 'rejected'; evidence: Cause };

const rejected = (evidence: Cause): PaperOutcome => ({ kind: 'rejected', evidence });

/** Takes an order as a venue would: checks it, trades what crosses the book, and keeps what may rest. */
export function placePaperOrder(account: PaperAccount, request: OrderRequest, placement: Placement): PaperOutcome {
  const refusal = placementRefusal(account, request, placement);
  if (refusal !== undefined) return rejected(refusal);
  const { book, context } = placement;
  const { side, price } = request;
  const order: PaperOrder = {
    request,
    // The id of the intent is unique, and so are then the ids of the trades, over all accounts at the venue.
    venueOrderId: `paper-${request.clientOrderId}` as VenueOrderId,
    ...{ status: 'open', filled: zeroAmount, cost: zeroNotional, fills: [], fillCount: 0 },
    ...{ placedAtMs: context.nowMs, working: !hasTrigger(request) },
    queueAhead: price === undefined ? zeroAmount : amountAhead(side, price, book),
  };
  const started = order.working ? killUnfillable(order, book) : startTrail(order, book);
  const listed = { ...account, orders: [...account.orders, started] };
  if (started.working && started.status === 'open') return work({ account: listed, order: started }, placement);
  return { kind: 'accepted', account: listed, order: started };
}

/** Fill or kill: all of it at once, or nothing. */
function killUnfillable(order: PaperOrder, book: OrderBook): PaperOrder {
  const { side, price: limit, amount: wanted, timeInForce } = order.request;
  if (timeInForce !== 'FOK') return order;
  const isFillable = compare(totalOf(levelsTaken({ side, limit, wanted }, book)), wanted) >= 0;
  return isFillable ? order : { ...order, status: 'expired' };
}

function work(matched: { account: PaperAccount; order: PaperOrder }, { book, context }: Placement): PaperOutcome {
  const taken = takeFromBook(matched, book, context);
  const order = endImmediate(endIdle(taken.order, taken.account, context.market));
  return { kind: 'accepted', account: endFinished(replaceOrder(taken.account, order), context), order };
}

/** What does not rest ends with what it could trade. */
const endImmediate = (order: PaperOrder): PaperOrder =>
  order.status !== 'open' || mayRest(order.request) ? order : { ...order, status: 'expired' };

/** Ends an open order. */
export function cancelPaperOrder(
  account: PaperAccount,
  order: PaperOrder,
): { account: PaperAccount; order: PaperOrder } {
  const canceled: PaperOrder = { ...order, status: 'canceled' };
  return { account: replaceOrder(account, canceled), order: canceled };
}

/** Changes an open order in place; it goes behind what is there at a new price, or where its amount grew. */
export function amendPaperOrder(
  account: PaperAccount,
  order: PaperOrder,
  { change, ...placement }: Placement & { change: OrderChange },
): PaperOutcome {
  const before = order.request;
  const request = { ...before, ...change };
  if (change.triggerPrice !== undefined && (order.working || before.triggerPrice === undefined)) {
    return rejected({ code: 'invalid_order', message: 'the order has no trigger that waits' });
  }
  const others = account.orders.filter(({ venueOrderId }) => venueOrderId !== order.venueOrderId);
  const refusal = amendmentRefusal({ ...account, orders: others }, request, { ...placement, filled: order.filled });
  if (refusal !== undefined) return rejected(refusal);
  const { price: limit, side, amount } = request;
  const { book } = placement;
  const grows = compare(amount, before.amount) > 0;
  const moves = limit !== undefined && before.price !== undefined && compare(limit, before.price) !== 0;
  const requeued = limit !== undefined && (grows || moves);
  const amended = { ...order, request, ...(requeued && { queueAhead: amountAhead(side, limit, book) }) };
  const kept = replaceOrder(account, amended);
  const crosses = order.working && moves && levelsTaken({ side, limit, wanted: amount }, book).length > 0;
  if (crosses) return work({ account: kept, order: amended }, placement);
  return { kind: 'accepted', account: kept, order: amended };
}

/** Sets how a contract is traded. `undefined` where it is spot, which has neither leverage nor margin mode. */
export function preparePaperMarket(
  account: PaperAccount,
  { leverage, marginMode }: MarketSettings,
  { market }: Pick<PaperContext, 'market'>,
): PaperAccount | undefined {
  if (leverage === undefined && marginMode === undefined) return account;
  if (market.kind === 'spot' || (leverage !== undefined && !isPositive(leverage))) return undefined;
  const before = positionIn(account, market.symbol);
  if (leverage === before.leverage && (marginMode ?? before.marginMode) === before.marginMode) return account;
  const next = { ...before, ...(leverage !== undefined && { leverage }), ...(marginMode && { marginMode }) };
  return { ...account, positions: { ...account.positions, [market.symbol]: next } };
}
