/**
 * Looks for an order of ours at a venue. Found is one answer that shows it. Absent is every answer there is: by id, open
 * orders, past orders, trades; a question without a complete answer leaves it unknown.
 */
import type { Cause, Fill, FindOutcome, Market, OrderReference, VenueOrder } from '@nightdesk/core';
import { compare, isPositive } from '@nightdesk/core';
import { Fields, listOf, UnparsableAnswerError } from './fields.ts';
import { mapFills, mapOrder } from './map-order.ts';
import type { VenueTraits } from './traits/index.ts';
import { offers } from './venue-client.ts';
import type { VenueSession } from './venue-session.ts';

/** Pages of one list that are read before the search is given up as unknown. */
const pagesMax = 5;
/** Orders known only by their trades that are asked for one by one. */
const unlistedOrdersMax = 10;
/** A venue may date an order this long before it was placed: clocks differ, and some venues cut times to seconds. */
const predatedMsMax = 60_000;

type Page = (sinceMs: number, limit: number) => Promise<unknown>;

/** What one question ended in. `no` is the venue's word that this answer does not show the order. */
type Reply = { kind: 'found'; order: VenueOrder } | { kind: 'no' } | { kind: 'unknown'; cause: Cause };

const no: Reply = { kind: 'no' };
const unknown = (code: string, message: string) => ({ kind: 'unknown' as const, cause: { code, message } });

interface OrderSearchInput {
  session: VenueSession;
  traits: VenueTraits;
  reference: OrderReference;
  market: Market;
}

export class OrderSearch {
  readonly #session: VenueSession;
  readonly #traits: VenueTraits;
  readonly #reference: OrderReference;
  readonly #market: Market;
  readonly #sinceMs: number;
  /** Set by an order that carries no id of ours or anybody's, and that fits. */
  #unattributed = false;
  /** Ids of the orders that were looked at and are not ours. */
  readonly #others = new Set<string>();

  constructor({ session, traits, reference, market }: OrderSearchInput) {
    this.#session = session;
    this.#traits = traits;
    this.#reference = reference;
    this.#market = market;
    this.#sinceMs = reference.sinceMs - predatedMsMax;
  }

  async run(): Promise<FindOutcome> {
    const questions = [
      () => this.#byId(),
      () => this.#amongOpenOrders(),
      () => this.#amongPastOrders(),
      () => this.#amongTrades(),
    ];
    for (const question of questions) {
      const reply = await question();
      if (reply.kind === 'unknown') return reply;
      if (reply.kind === 'found') return { kind: 'found', order: await this.#withFills(reply.order) };
    }
    if (this.#unattributed) return unknown('unattributed_order', 'an order without an id of ours may be this one');
    const message = 'neither its id nor open orders, past orders and trades show the order';
    return { kind: 'absent', evidence: { code: 'order_not_found', message } };
  }

  async #byId(): Promise<Reply> {
    const { client } = this.#session;
    const { venueOrderId, clientOrderId, symbol } = this.#reference;
    const ours = venueOrderId === undefined;
    if (!offers(client, 'fetchOrder') || (ours && !this.#traits.findsByClientOrderId)) return no;
    const result = await this.#call(() =>
      ours ? client.fetchOrder(clientOrderId, symbol, { clientOrderId }) : client.fetchOrder(venueOrderId, symbol),
    );
    if (result.kind === 'answered') return readReply(() => this.#confirm(mapOrder(result.value)));
    return result.failure.className === 'OrderNotFound' ? no : { kind: 'unknown', cause: result.failure.cause };
  }

  /** A venue that did not understand which order was meant may show another. */
  #confirm(order: VenueOrder): Reply {
    const { venueOrderId, clientOrderId } = this.#reference;
    const known =
      venueOrderId === undefined ? order.clientOrderId === clientOrderId : order.venueOrderId === venueOrderId;
    return known
      ? { kind: 'found', order }
      : unknown('unparsable_answer', 'the venue shows another order than asked for');
  }

  async #amongOpenOrders(): Promise<Reply> {
    const { client } = this.#session;
    if (!offers(client, 'fetchOpenOrders')) return no;
    const result = await this.#call(() => client.fetchOpenOrders(this.#reference.symbol));
    if (result.kind === 'failed') return { kind: 'unknown', cause: result.failure.cause };
    return readReply(() => {
      const orders = listOf('orders', result.value);
      const reply = this.#pick(orders);
      const complete = this.#traits.listsAllOpenOrders || orders.length < this.#traits.pageSize;
      return reply.kind === 'found' || complete
        ? reply
        : unknown('incomplete_answer', 'more orders are open than listed');
    });
  }

  async #amongPastOrders(): Promise<Reply> {
    const { client } = this.#session;
    const apart = ['fetchClosedOrders', 'fetchCanceledOrders'] as const;
    const lists = offers(client, 'fetchOrders')
      ? (['fetchOrders'] as const)
      : apart.filter((method) => offers(client, method));
    if (lists.length === 0) return unknown('cannot_ask', 'the venue has no list of past orders');
    for (const method of lists) {
      const page: Page = (sinceMs, limit) => client[method](this.#reference.symbol, sinceMs, limit);
      const reply = await this.#throughPages(page, (orders) => this.#pick(orders));
      if (reply.kind !== 'no') return reply;
    }
    return no;
  }

  /**
   * A trade on our side of an order not seen so far may be ours: then the order exists and is not listed yet. More
   * often the order is an older one that traded since, so the venue is asked whose it is.
   */
  async #amongTrades(): Promise<Reply> {
    const { client } = this.#session;
    const { symbol, side } = this.#reference;
    if (!offers(client, 'fetchMyTrades')) return no;
    const unseen = new Set<string>();
    const page: Page = (sinceMs, limit) => client.fetchMyTrades(symbol, sinceMs, limit);
    const reply = await this.#throughPages(page, (trades) => {
      for (const value of trades) {
        const trade = new Fields('trade', value);
        if (trade.text('side') === side) unseen.add(trade.text('order'));
      }
      return no;
    });
    if (reply.kind !== 'no') return reply;
    return this.#amongOrders([...unseen].filter((id) => !this.#others.has(id)));
  }

  async #amongOrders(ids: readonly string[]): Promise<Reply> {
    const { client } = this.#session;
    if (ids.length > unlistedOrdersMax || (ids.length > 0 && !offers(client, 'fetchOrder'))) {
      return unknown('unattributed_trade', `there are trades of ${ids.length} orders that the venue does not list`);
    }
    for (const id of ids) {
      const result = await this.#call(() => client.fetchOrder(id, this.#reference.symbol));
      if (result.kind === 'failed') return { kind: 'unknown', cause: result.failure.cause };
      const reply = readReply(() => this.#pick([result.value]));
      if (reply.kind !== 'no') return reply;
    }
    return no;
  }

  async #throughPages(page: Page, look: (entries: readonly unknown[]) => Reply): Promise<Reply> {
    const limit = this.#traits.pageSize;
    let sinceMs = this.#sinceMs;
    for (let turn = 0; turn < pagesMax; turn += 1) {
      const from = sinceMs;
      const result = await this.#call(() => page(from, limit));
      if (result.kind === 'failed') return { kind: 'unknown', cause: result.failure.cause };
      let entries: readonly unknown[] = [];
      const reply = readReply(() => {
        entries = listOf('answer', result.value);
        return look(entries);
      });
      if (reply.kind !== 'no' || entries.length < limit) return reply;
      const lastMs = latestMs(entries);
      if (lastMs === undefined || lastMs <= sinceMs) break;
      sinceMs = lastMs;
    }
    return unknown('incomplete_answer', `more entries since the order than ${pagesMax} pages of ${limit} hold`);
  }

  #pick(orders: readonly unknown[]): Reply {
    const { clientOrderId, venueOrderId } = this.#reference;
    for (const value of orders) {
      const fields = new Fields('order', value);
      const id = fields.optionalText('id');
      if (fields.optionalText('clientOrderId') === clientOrderId || (id !== undefined && id === venueOrderId)) {
        return { kind: 'found', order: mapOrder(value) };
      }
      if (id !== undefined) this.#others.add(id);
      this.#unattributed ||= venueOrderId === undefined && this.#mayBeOurs(fields);
    }
    return no;
  }

  /** Some venues leave our id out of their lists; then side, amount and time are all there is to go by. */
  #mayBeOurs(order: Fields): boolean {
    const { side, amount } = this.#reference;
    const size = order.optionalDecimal('amount');
    return (
      order.optionalText('clientOrderId') === undefined &&
      (order.optionalText('side') ?? side) === side &&
      (size === undefined || compare(size, amount) === 0) &&
      (order.optionalTimeMs('timestamp') ?? this.#sinceMs) >= this.#sinceMs
    );
  }

  /** Fills are an addition: an order is found with or without them. */
  async #withFills(order: VenueOrder): Promise<VenueOrder> {
    const { client } = this.#session;
    if (order.fills.length > 0 || !isPositive(order.filled)) return order;
    const { symbol } = this.#reference;
    // ccxt can ask for one order's trades on spot markets only.
    const ofOrder = offers(client, 'fetchOrderTrades') && this.#market.kind === 'spot';
    if (!ofOrder && !offers(client, 'fetchMyTrades')) return order;
    const result = await this.#call(() =>
      ofOrder
        ? client.fetchOrderTrades(order.venueOrderId, symbol)
        : client.fetchMyTrades(symbol, this.#sinceMs, this.#traits.pageSize),
    );
    return result.kind === 'answered' ? { ...order, fills: fillsOf(result.value, order) } : order;
  }

  #call(action: () => Promise<unknown>) {
    return this.#session.call('question', () => {
      this.#session.use(this.#market);
      return action();
    });
  }
}

function fillsOf(answer: unknown, order: VenueOrder): Fill[] {
  try {
    const trades = listOf('trades', answer);
    return mapFills(trades.filter((trade) => new Fields('trade', trade).optionalText('order') === order.venueOrderId));
  } catch (error) {
    if (error instanceof UnparsableAnswerError) return [];
    throw error;
  }
}

function readReply(read: () => Reply): Reply {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnparsableAnswerError) return unknown('unparsable_answer', error.message);
    throw error;
  }
}

function latestMs(entries: readonly unknown[]): number | undefined {
  const times = entries.flatMap((entry) => new Fields('entry', entry).optionalTimeMs('timestamp') ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}
