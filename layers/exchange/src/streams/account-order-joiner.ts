/**
 * Makes one piece of news of what a venue tells apart: an order, and the executions behind it. Pure; whoever feeds it decides when a
 * message has been read whole, and takes out what came of it.
 */
import {
  type Amount,
  add,
  amountUnitOf,
  compare,
  type Fill,
  type LiveOrder,
  type Market,
  maximum,
  type Notional,
  notionalOf,
  type VenueOrder,
  type VenueOrderId,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';
import { Fields } from '../fields.ts';
import { mapFills, mapOrder } from '../map-order.ts';

/** Orders that are remembered, so that executions are told together with what is known of their order. */
const ordersMax = 2_000;
/** Executions of one order that are remembered to tell a repeated one from a new one. */
const fillsMax = 5_000;
/** Executions told with an order, the latest: all of them may be more than a message holds, and who missed some asks the venue. */
const fillsToldMax = 50;

/** What is known of one order. */
interface Known {
  readonly venueOrderId: VenueOrderId;
  readonly market: Market;
  clientOrderId: string | undefined;
  /** As the venue told it last. Absent while only executions have come. */
  order: VenueOrder | undefined;
  readonly fills: Map<string, Fill>;
  filled: Amount;
  cost: Notional;
  /** There were more executions than are remembered, so their sum says nothing any more. */
  isOverfull: boolean;
  /** What was told last: the same is not told again. */
  told: string | undefined;
}

export class OrderJoiner {
  readonly #known = new Map<string, Known>();
  /** Of which something came since the last `take`, in the order in which it came. */
  readonly #touched = new Set<Known>();
  readonly #isCostExact: (market: Market) => boolean;

  /** @param isCostExact whether orders tell what they cost, rather than an average that it is made of */
  constructor(isCostExact: (market: Market) => boolean) {
    this.#isCostExact = isCostExact;
  }

  /**
   * @param value ccxt's order. Trades in it are left aside: of many venues they are the order's own figures in the shape of a trade.
   * @throws UnparsableAnswerError when it cannot be read
   */
  takeOrder(value: unknown, market: Market): void {
    const told = mapOrder({ ...(value as object), trades: [] }, market);
    const known = this.#of(told.venueOrderId, market);
    known.clientOrderId = told.clientOrderId ?? known.clientOrderId;
    // What overtook a newer word is not the order's state any more.
    if (known.order !== undefined && isOlder(told, known.order)) return;
    known.order = told;
    this.#touched.add(known);
  }

  /**
   * @param value ccxt's trade. One without its own id or time, or its order's id, is left out: it could not be told from the next.
   * @throws UnparsableAnswerError when it cannot be read
   */
  takeTrade(value: unknown, market: Market): void {
    const fields = new Fields('trade', value);
    const orderId = fields.optionalText('order');
    const [fill] = mapFills([value], market);
    if (orderId === undefined || fill === undefined) return;
    const known = this.#of(orderId as VenueOrderId, market);
    known.clientOrderId ??= fields.optionalText('clientOrderId');
    if (known.isOverfull || known.fills.has(fill.tradeId)) return;
    this.#touched.add(known);
    if (known.fills.size === fillsMax) {
      known.isOverfull = true;
      return;
    }
    known.fills.set(fill.tradeId, fill);
    known.filled = add(known.filled, fill.amount);
    known.cost = add(known.cost, notionalOf(fill.amount, fill.price));
  }

  /** What is new since the last time, each order once. */
  take(receivedMs: number): LiveOrder[] {
    const news: LiveOrder[] = [];
    for (const known of this.#touched) {
      const order = orderOf(known, this.#isCostExact(known.market));
      const text = JSON.stringify(order);
      if (text === known.told) continue;
      known.told = text;
      news.push({ symbol: known.market.symbol, kind: known.market.kind, order, receivedMs });
    }
    this.#touched.clear();
    return news;
  }

  /** Forgets the order that was heard of least lately, once there are too many. */
  #of(venueOrderId: VenueOrderId, market: Market): Known {
    // Numbers of orders are often counted for each market.
    const key = `${market.symbol} ${venueOrderId}`;
    const known = this.#known.get(key) ?? begin(venueOrderId, market);
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size > ordersMax) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return known;
  }
}

const begin = (venueOrderId: VenueOrderId, market: Market): Known => ({
  ...{ venueOrderId, market, clientOrderId: undefined, order: undefined, fills: new Map() },
  ...{ filled: zeroAmount, cost: zeroNotional, isOverfull: false, told: undefined },
});

/** An order does not become open again, and nothing of it is taken back. */
function isOlder(told: VenueOrder, known: VenueOrder): boolean {
  const change = compare(told.filled, known.filled);
  return change < 0 || (change === 0 && told.status === 'open' && known.status !== 'open');
}

/**
 * The order with its executions. Where these have overtaken it, they say how much is filled and what it cost: never less than the
 * venue has told in either way, and never more.
 */
function orderOf(known: Known, isCostExact: boolean): VenueOrder {
  const { venueOrderId, clientOrderId, market, order } = known;
  const fills = [...known.fills.values()].slice(-fillsToldMax);
  const summed = known.isOverfull ? zeroAmount : known.filled;
  const filled = maximum(order?.filled ?? zeroAmount, summed);
  const byFills = amountUnitOf(market) === 'base' && compare(summed, filled) === 0 ? known.cost : undefined;
  const byOrder = order !== undefined && compare(order.filled, filled) === 0 ? order.cost : undefined;
  const cost = isCostExact ? (byOrder ?? byFills) : (byFills ?? byOrder);
  const { cost: _told, ...rest } = order ?? { venueOrderId, status: 'open' as const };
  return {
    ...rest,
    ...(clientOrderId !== undefined && { clientOrderId }),
    ...{ filled, fills },
    ...(cost !== undefined && { cost }),
  };
}
