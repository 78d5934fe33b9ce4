/**
 * Looks for an order of ours at a venue. Found is one answer that shows it. Absent is every answer there is: by id, open
 * orders, past orders, trades; a question without a complete answer leaves it unknown.
 */
import type { Cause, Fill, FindOutcome, Market, OrderReference, VenueOrder } from '@nightdesk/core';
import { isPositive } from '@nightdesk/core';
import { Fields, listOf, UnparsableAnswerError } from './fields.ts';
import { bareTradeIds, mapFills, mapOrder } from './map-order.ts';
import { Candidates, predatedMsMax } from './order-candidates.ts';
import type { VenueTraits } from './traits/index.ts';
import { type CallParameters, offers } from './venue-client.ts';
import { sendWithinMs, type VenueSession } from './venue-session.ts';

/** Pages of one list that are read before the search is given up as unknown. */
const pagesMax = 5;
/** Orders known only by their trades that are asked for one by one. */
const unlistedOrdersMax = 10;

type Page = (sinceMs: number, limit: number, until: CallParameters) => Promise<unknown>;

/** An order, and the ids of trades that it names without telling more of them. */
interface Sighting {
  order: VenueOrder;
  tradeIds: readonly string[];
}

/** What one question ended in. `no` is the venue's word that this answer does not show the order. */
type Reply = ({ kind: 'found' } & Sighting) | { kind: 'no' } | { kind: 'unknown'; cause: Cause };

const no: Reply = { kind: 'no' };
const unknown = (code: string, message: string) => ({ kind: 'unknown' as const, cause: { code, message } });

function ambiguous(count: number): FindOutcome {
  const what = count === 1 ? 'an order without an id of ours' : `${count} orders without an id of ours`;
  return unknown('ambiguous_order', `${what} may be this one; compare them with the desk's orders at the venue`);
}

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
  /** Our id as the venue has it; absent where it takes none. */
  readonly #ourId: string | undefined;
  /** Narrows lists down to the order, where the venue can. */
  readonly #only: CallParameters | undefined;
  /** Orders that carry no id of ours or anybody's. */
  readonly #candidates: Candidates<Sighting>;
  /** Set by an order that carries somebody's id: the venue's lists have them. */
  #showsIds = false;
  /** Ids of the orders that were looked at and are not ours. */
  readonly #others = new Set<string>();

  constructor({ session, traits, reference, market }: OrderSearchInput) {
    this.#session = session;
    this.#traits = traits;
    this.#reference = reference;
    this.#market = market;
    this.#sinceMs = reference.sinceMs - predatedMsMax;
    this.#ourId = traits.carriesClientOrderId ? traits.clientOrderIdFor(reference.clientOrderId, market) : undefined;
    this.#candidates = new Candidates({
      ...{ reference, market, settlingMs: sendWithinMs.order + traits.acceptanceMs },
      aheadMs: -session.venueTimeMs(0),
    });
    this.#only = this.#ourId === undefined ? undefined : traits.listedBy?.(this.#ourId);
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
      if (reply.kind === 'found') return { kind: 'found', order: this.#asOurs(await this.#withFills(reply)) };
    }
    const verdict = this.#candidates.verdict();
    if (verdict.kind === 'one' && !this.#tellsOurs())
      return { kind: 'found', order: await this.#withFills(verdict.sighting) };
    if (verdict.kind !== 'none') return ambiguous(verdict.kind === 'one' ? 1 : verdict.count);
    const message = 'neither its id nor open orders, past orders and trades show the order';
    return { kind: 'absent', evidence: { code: 'order_not_found', message } };
  }

  /** Where ids of ours can be seen, an order without one is rather somebody's who gave it none. */
  #tellsOurs(): boolean {
    return this.#ourId !== undefined && (this.#traits.findsByClientOrderId || this.#showsIds);
  }

  async #byId(): Promise<Reply> {
    const { client } = this.#session;
    const { venueOrderId, symbol } = this.#reference;
    if (!offers(client, 'fetchOrder')) return no;
    const ourId = venueOrderId === undefined && this.#traits.findsByClientOrderId ? this.#ourId : undefined;
    const id = venueOrderId ?? ourId;
    if (id === undefined) return no;
    const parameters = ourId === undefined ? {} : { [this.#traits.clientOrderIdParameter]: ourId };
    const result = await this.#call(() => client.fetchOrder(id, symbol, parameters));
    if (result.kind === 'answered') return readReply(() => this.#confirm(this.#seen(result.value)));
    const { className, cause } = result.failure;
    const isMissing = className === 'OrderNotFound' || this.#traits.orderNotFound?.test(cause.message);
    return isMissing ? no : { kind: 'unknown', cause };
  }

  #seen(value: unknown): Sighting {
    return { order: mapOrder(value, this.#market), tradeIds: bareTradeIds(value) };
  }

  /** A venue that did not understand which order was meant may show another. */
  #confirm(sighting: Sighting): Reply {
    const { venueOrderId } = this.#reference;
    const { order } = sighting;
    const known =
      venueOrderId === undefined ? order.clientOrderId === this.#ourId : order.venueOrderId === venueOrderId;
    return known
      ? { kind: 'found', ...sighting }
      : unknown('unparsable_answer', 'the venue shows another order than asked for');
  }

  async #amongOpenOrders(): Promise<Reply> {
    const { client } = this.#session;
    if (!offers(client, 'fetchOpenOrders')) return no;
    const { symbol } = this.#reference;
    const result = await this.#call(() => client.fetchOpenOrders(symbol, undefined, undefined, this.#only ?? {}));
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
    const whole = (['fetchOrders', 'fetchCanceledAndClosedOrders'] as const).find((method) => offers(client, method));
    const apart = (['fetchClosedOrders', 'fetchCanceledOrders'] as const).filter((method) => offers(client, method));
    const lists = whole === undefined ? apart : [whole];
    if (lists.length === 0) return unknown('cannot_ask', 'the venue has no list of past orders');
    for (const method of lists) {
      const page: Page = (sinceMs, limit, until) =>
        client[method](this.#reference.symbol, sinceMs, limit, { ...this.#only, ...until });
      const reply = await this.#throughPages(page, (orders) => this.#pick(orders));
      if (reply.kind !== 'no') return reply;
    }
    return no;
  }

  /**
   * A trade on our side of an order not seen so far may be ours: then the order exists and is not listed yet. More
   * often the order is an older one that traded since, so the venue is asked whose it is. Where lists can be asked for our
   * id, they have answered already.
   */
  async #amongTrades(): Promise<Reply> {
    const { client } = this.#session;
    const { symbol, side } = this.#reference;
    if (this.#only !== undefined || !offers(client, 'fetchMyTrades')) return no;
    const unseen = new Set<string>();
    const page: Page = (sinceMs, limit, until) => client.fetchMyTrades(symbol, sinceMs, limit, until);
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

  /** Reads on from the latest entry, or back from the earliest, whichever end of the time since the order a page starts at. */
  async #throughPages(page: Page, look: (entries: readonly unknown[]) => Reply): Promise<Reply> {
    const { pageSize: limit, pageOrder } = this.#traits;
    let span: { sinceMs: number; until?: number } = { sinceMs: this.#sinceMs };
    for (let turn = 0; turn < pagesMax; turn += 1) {
      const { sinceMs, until } = span;
      const result = await this.#call(() => page(sinceMs, limit, until === undefined ? {} : { until }));
      if (result.kind === 'failed') return { kind: 'unknown', cause: result.failure.cause };
      let entries: readonly unknown[] = [];
      const reply = readReply(() => {
        entries = listOf('answer', result.value);
        return look(entries);
      });
      if (reply.kind !== 'no' || entries.length < limit) return reply;
      const times = timesOf(entries);
      const next =
        pageOrder === 'oldest_first' ? { sinceMs: Math.max(...times) } : { sinceMs, until: Math.min(...times) };
      const isFurther = next.sinceMs > sinceMs || (next.until ?? 0) < (until ?? Number.POSITIVE_INFINITY);
      if (pageOrder === 'unknown' || times.length === 0 || !isFurther) break;
      span = next;
    }
    return unknown('incomplete_answer', `more entries since the order than ${pagesMax} pages of ${limit} hold`);
  }

  #pick(orders: readonly unknown[]): Reply {
    const { venueOrderId } = this.#reference;
    for (const value of orders) {
      const fields = new Fields('order', value);
      const id = fields.optionalText('id');
      const carried = fields.optionalText('clientOrderId');
      if ((carried !== undefined && carried === this.#ourId) || (id !== undefined && id === venueOrderId)) {
        return { kind: 'found', ...this.#seen(value) };
      }
      if (id !== undefined) this.#others.add(id);
      this.#showsIds ||= carried !== undefined;
      if (venueOrderId === undefined) this.#consider(value, fields);
    }
    return no;
  }

  /** Some venues leave our id out of their lists, or take none; then side, amount, price and time are all there is to go by. */
  #consider(value: unknown, fields: Fields): void {
    // Where none of ours is sent, an id that an order shows is not ours, and says nothing of whose order it is.
    if (this.#ourId !== undefined && fields.optionalText('clientOrderId') !== undefined) return;
    this.#candidates.consider(fields, () => this.#seen(value));
  }

  /** Fills are an addition: an order is found with or without them. */
  async #withFills({ order, tradeIds }: Sighting): Promise<VenueOrder> {
    const { client } = this.#session;
    if (order.fills.length > 0 || !isPositive(order.filled)) return order;
    const { symbol } = this.#reference;
    // ccxt can ask for one order's trades on spot markets only.
    const canAsk = tradeIds.length > 0 ? Boolean(client.has.fetchOrderTrades) : offers(client, 'fetchOrderTrades');
    const ofOrder = canAsk && this.#market.kind === 'spot';
    if (!ofOrder && !offers(client, 'fetchMyTrades')) return order;
    const named = tradeIds.length > 0 ? { trades: tradeIds } : {};
    const result = await this.#call(() =>
      ofOrder
        ? client.fetchOrderTrades(order.venueOrderId, symbol, undefined, undefined, named)
        : // All of the market may be more than a page since an order that has rested for long.
          client.fetchMyTrades(symbol, this.#sinceMs, this.#traits.pageSize, this.#only ?? {}),
    );
    return result.kind === 'answered' ? { ...order, fills: this.#fillsOf(result.value, order) } : order;
  }

  #fillsOf(answer: unknown, order: VenueOrder): Fill[] {
    try {
      const trades = listOf('trades', answer);
      const ofOrder = trades.filter((trade) => new Fields('trade', trade).optionalText('order') === order.venueOrderId);
      return mapFills(ofOrder, this.#market);
    } catch (error) {
      if (error instanceof UnparsableAnswerError) return [];
      throw error;
    }
  }

  /** The order under our own id, however the venue writes that. */
  #asOurs(order: VenueOrder): VenueOrder {
    const isOurs = order.clientOrderId !== undefined && order.clientOrderId === this.#ourId;
    return isOurs ? { ...order, clientOrderId: this.#reference.clientOrderId } : order;
  }

  #call(action: () => Promise<unknown>) {
    return this.#session.call('question', () => {
      this.#session.use(this.#market);
      return action();
    });
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

const timesOf = (entries: readonly unknown[]): number[] =>
  entries.flatMap((entry) => new Fields('entry', entry).optionalTimeMs('timestamp') ?? []);
