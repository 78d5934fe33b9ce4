/** Which of the orders that rest at a venue have to be asked about singly: one list shows of many that nothing has changed. */
import {
  compare,
  isFullLookDue,
  isInDoubt,
  type Market,
  type OpenOrder,
  type Order,
  type VenueOrderId,
} from '@nightdesk/core';
import { placeOf } from '../shared/order-context.ts';
import type { AccountRound } from './run.ts';

/** A single order costs one question either way, and the question about it alone tells more. */
const listedMin = 2;
/** Markets of one kind that are asked for one by one; beyond it the venue is asked for all of the kind. */
const marketsMax = 8;

type Listed = ReadonlyMap<VenueOrderId, OpenOrder>;

/** Splits open orders into those that a list shows as they are known, and those to be asked about. */
export async function siftOpen(
  orders: readonly Order[],
  round: AccountRound,
): Promise<{ unchanged: Order[]; changed: Order[] }> {
  const nowMs = round.ports.clock.nowMs();
  // Venues keep orders with a trigger in lists of their own.
  const isListable = (order: Order) => !isInDoubt(order) && order.triggerPrice === undefined && order.type === 'limit';
  const listable = orders.filter(
    (order) => isListable(order) && !isFullLookDue(order, nowMs) && !isOverdue(order, nowMs),
  );
  const listed = await listOpen(listable, round);
  const unchanged = listable.filter((order) => isSame(order, listed));
  const same = new Set(unchanged);
  return { unchanged, changed: orders.filter((order) => !same.has(order)) };
}

const isOverdue = ({ goodTillMs }: Order, nowMs: number): boolean => goodTillMs !== undefined && goodTillMs <= nowMs;

async function listOpen(orders: readonly Order[], round: AccountRound): Promise<Listed> {
  const { account } = round;
  const here = orders.filter(({ venue }) => venue === account.venue);
  const bySymbol = [...Map.groupBy(here, ({ symbol }) => symbol)].filter(([, { length }]) => length >= listedMin);
  const found = await Promise.all(bySymbol.map(([symbol]) => placeOf(symbol, round).catch(() => undefined)));
  const places = found.filter((place) => place !== undefined);
  const [venue] = places.map((place) => place.venue);
  if (venue === undefined) return new Map();
  const byKind = Map.groupBy(places, ({ market: { kind } }) => kind);
  const questions = [...byKind].flatMap<Market | Market['kind']>(([kind, { length }]) =>
    length > marketsMax ? [kind] : places.map(({ market }) => market).filter((market) => market.kind === kind),
  );
  const answers = await Promise.all(
    questions.map((question) =>
      venue.fetchOpenOrders(question).catch((error: unknown) => {
        // The orders are asked about one by one instead.
        round.telemetry.failure('open orders could not be listed', error);
        return [];
      }),
    ),
  );
  return new Map(answers.flat().map((order) => [order.venueOrderId, order]));
}

function isSame({ venueOrderId, symbol, filled, amount, price }: Order, listed: Listed): boolean {
  const seen = venueOrderId === undefined ? undefined : listed.get(venueOrderId);
  if (seen === undefined || seen.status !== 'open' || seen.symbol !== symbol) return false;
  return isEqual(seen.filled, filled) && isEqual(seen.amount, amount) && isEqual(seen.price, price);
}

/** What the venue does not tell is taken for unchanged. */
const isEqual = (seen: string | undefined, known: string | undefined): boolean =>
  seen === undefined || (known !== undefined && compare(seen, known) === 0);
