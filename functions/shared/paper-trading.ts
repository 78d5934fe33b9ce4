/** Placing, finding, changing and ending the orders of a paper account. */
import {
  type AmendOutcome,
  amendPaperOrder,
  type CancelOutcome,
  type Cause,
  type Clock,
  cancelPaperOrder,
  type FindOutcome,
  type Market,
  type OrderBook,
  type OrderChange,
  type OrderReference,
  type OrderRequest,
  openOrdersOf,
  type PaperAccount,
  type PaperOrder,
  type PaperOutcome,
  type PlaceOutcome,
  placePaperOrder,
  showPaperOrder,
  VenueError,
  type VenueOrder,
} from '@nightdesk/core';
import type { Caught, TakeTurn } from './paper-turns.ts';

export interface PaperTrading {
  takeTurn: TakeTurn;
  /** How long a request is under way before it meets the market, milliseconds. */
  latencyMs: number;
  clock: Clock;
  /** An order with all of its fills, also one that has ended. */
  find(clientOrderId: string): Promise<PaperOrder | undefined>;
}

/** Placing an order twice leaves the first, whatever has become of it meanwhile. */
export async function placeOnPaper(
  request: OrderRequest,
  market: Market,
  trading: PaperTrading,
): Promise<PlaceOutcome> {
  try {
    await travel(trading);
    const outcome = await trading.takeTurn({
      ...{ markets: [market], places: true, clientOrderId: request.clientOrderId },
      work: (caught) => place(caught, request, market),
    });
    if (outcome.kind === 'rejected') return outcome;
    return { kind: 'accepted', order: await show(outcome.order, trading) };
  } catch (error) {
    const cause = causeOf(error);
    return error instanceof VenueError ? { kind: 'rejected', evidence: cause } : { kind: 'unknown', cause };
  }
}

function place(caught: Caught, request: OrderRequest, market: Market): { account: PaperAccount; result: PaperOutcome } {
  const { account, known, contextOf } = caught;
  if (known !== undefined) return { account, result: { kind: 'accepted', account, order: known } };
  const result = placePaperOrder(account, request, { book: bookOf(market, caught), context: contextOf(market) });
  return { account: result.kind === 'accepted' ? result.account : account, result };
}

export async function findOnPaper(
  reference: OrderReference,
  market: Market,
  trading: PaperTrading,
): Promise<FindOutcome> {
  try {
    const known = await findIn(market, reference, trading);
    if (known === undefined) return { kind: 'absent', evidence: notFound };
    if (known.status !== 'open') return { kind: 'found', order: showPaperOrder(known) };
    await trading.takeTurn({ markets: [market], work: ({ account }) => ({ account, result: undefined }) });
    return { kind: 'found', order: await show(known, trading) };
  } catch (error) {
    return { kind: 'unknown', cause: causeOf(error) };
  }
}

export async function cancelOnPaper(
  reference: OrderReference,
  market: Market,
  trading: PaperTrading,
): Promise<CancelOutcome> {
  try {
    await travel(trading);
    const known = await findIn(market, reference, trading);
    if (known === undefined) return { kind: 'not_open', evidence: notFound };
    if (known.status !== 'open') return notOpen(showPaperOrder(known));
    const isCanceled = await trading.takeTurn({
      markets: [market],
      work({ account }) {
        const open = findOpen(account, known);
        if (open === undefined) return { account, result: false };
        return { account: cancelPaperOrder(account, open).account, result: true };
      },
    });
    const order = await show(known, trading);
    return isCanceled ? { kind: 'canceled', order } : notOpen(order);
  } catch (error) {
    return { kind: 'unknown', cause: causeOf(error) };
  }
}

const notOpen = (order: VenueOrder): CancelOutcome => ({ kind: 'not_open', order, evidence: endedAs(order) });

export async function amendOnPaper(
  reference: OrderReference,
  { change, market }: { change: OrderChange; market: Market },
  trading: PaperTrading,
): Promise<AmendOutcome> {
  try {
    await travel(trading);
    const known = await findIn(market, reference, trading);
    if (known === undefined) return { kind: 'not_amended', evidence: notFound };
    const notAmended = (order: VenueOrder, evidence = endedAs(order)): AmendOutcome => ({
      ...{ kind: 'not_amended', order, evidence },
    });
    if (known.status !== 'open') return notAmended(showPaperOrder(known));
    const outcome = await trading.takeTurn({
      ...{ markets: [market], places: true },
      work: (caught) => amend(caught, known, { change, market }),
    });
    const order = await show(known, trading);
    if (outcome?.kind === 'accepted') return { kind: 'amended', order };
    return notAmended(order, outcome?.evidence);
  } catch (error) {
    return { kind: 'unknown', cause: causeOf(error) };
  }
}

function amend(
  caught: Caught,
  known: PaperOrder,
  { change, market }: { change: OrderChange; market: Market },
): { account: PaperAccount; result: PaperOutcome | undefined } {
  const { account, contextOf } = caught;
  const open = findOpen(account, known);
  if (open === undefined) return { account, result: undefined };
  const context = contextOf(market);
  const result = amendPaperOrder(account, open, { change, book: bookOf(market, caught), context });
  return { account: result.kind === 'accepted' ? result.account : account, result };
}

/** A request is under way before it meets the market: it meets the one of then. */
const travel = async ({ latencyMs, clock }: PaperTrading): Promise<void> =>
  latencyMs > 0 ? clock.sleep(latencyMs) : undefined;

async function findIn(
  { symbol }: Market,
  { clientOrderId }: OrderReference,
  { find }: PaperTrading,
): Promise<PaperOrder | undefined> {
  const order = await find(clientOrderId);
  return order?.request.symbol === symbol ? order : undefined;
}

/** As it is after a turn. */
const show = async (order: PaperOrder, { find }: PaperTrading): Promise<VenueOrder> =>
  showPaperOrder((await find(order.request.clientOrderId)) ?? order);

const findOpen = (account: PaperAccount, { venueOrderId }: PaperOrder): PaperOrder | undefined =>
  openOrdersOf(account).find((order) => order.venueOrderId === venueOrderId);

/** @throws TypeError where none was read, which is a defect */
function bookOf({ symbol }: Market, { news }: Caught): OrderBook {
  const book = news.get(symbol)?.book;
  if (book === undefined) throw new TypeError(`no book of ${symbol} was read`);
  return book;
}

const notFound: Cause = { code: 'order_not_found', message: 'the paper account has no order with this id' };

const endedAs = ({ status }: Pick<VenueOrder, 'status'>): Cause => ({
  code: 'order_not_open',
  message: `the order is ${status}`,
});

export const causeOf = (error: unknown): Cause =>
  error instanceof VenueError
    ? { code: error.code ?? 'not_sent', message: error.message }
    : { code: 'store_failed', message: 'the paper account could not be read or written' };
