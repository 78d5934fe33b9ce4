/** Which of the desk's orders a venue speaks of. */
import type { Clock, ConfiguredAccount, IntentId, Order, OrderNews, OrdersStore } from '@nightdesk/core';

/** How orders of an account are known at its venue. */
export type ClientOrderIdOf = (account: ConfiguredAccount, orderId: IntentId, symbol: string) => string;

export interface FinderDependencies {
  orders: Pick<OrdersStore, 'get' | 'listOpen' | 'list'>;
  clock: Pick<Clock, 'nowMs'>;
  clientOrderIdOf: ClientOrderIdOf;
}

/**
 * `others`: it is none of the desk's; `absent`: no order of the desk is known that it could be, and one may be any moment;
 * `contradicts`: an order of the desk is meant, and the news cannot be of it.
 */
export type FoundOrder =
  | { kind: 'found'; order: Order }
  | { kind: 'others' }
  | { kind: 'absent' }
  | { kind: 'contradicts'; reason: string };

/** @param isLast nothing is waited for any more: what is absent now is somebody else's */
export type FindOrder = (news: OrderNews, account: ConfiguredAccount, isLast: boolean) => Promise<FoundOrder>;

/** Open orders of one account that are looked through. */
const openMax = 5_000;
/** Lately recorded orders of one market that are looked through, open or not. */
const recentMax = 100;
/** What is remembered of the venue's ids: an order has many news, and its id is looked up for the first of them. */
const rememberedMax = 10_000;
/** For so long an order counts as somebody else's without being looked for again. */
const othersMs = 10 * 60_000;

/**
 * An order is recorded before its venue hears of it, so where a venue has ids as they were given, one strongly consistent look
 * says whether it is the desk's. Elsewhere it is told by what its id would be there, or by the venue's own id, which is known
 * as soon as the venue's answer is recorded.
 */
export function createOrderFinder(dependencies: FinderDependencies): FindOrder {
  const { orders, clock } = dependencies;
  const ours = new Memory<IntentId>();
  const others = new Memory<number>();
  const found = (order: Order, news: OrderNews): FoundOrder => {
    const reason = contradictionOf(order, news);
    if (reason !== undefined) return { kind: 'contradicts', reason };
    ours.set(placeOf(news), order.orderId);
    return { kind: 'found', order };
  };
  return async (news, account, isLast) => {
    const place = placeOf(news);
    const knownId = ours.get(place);
    const known = knownId && (await orders.get(knownId));
    if (known) return found(known, news);
    if ((others.get(place) ?? 0) > clock.nowMs()) return { kind: 'others' };
    const carriesOurIds = isAsGiven(news, account, dependencies);
    const named = carriesOurIds ? await orders.get(news.order.clientOrderId as IntentId) : undefined;
    if (named !== undefined) return found(named, news);
    const listed = await findListed(news, account, { ...dependencies, isLast });
    if (listed !== undefined) return found((await orders.get(listed.orderId)) ?? listed, news);
    if (!carriesOurIds && !isLast) return { kind: 'absent' };
    others.set(place, clock.nowMs() + othersMs);
    return { kind: 'others' };
  };
}

/** Some venues count orders by market. */
const placeOf = ({ account, symbol, order }: OrderNews): string => `${account} ${symbol} ${order.venueOrderId}`;

const isAsGiven = (
  { symbol, order: { clientOrderId } }: OrderNews,
  account: ConfiguredAccount,
  { clientOrderIdOf }: FinderDependencies,
): boolean =>
  clientOrderId !== undefined && clientOrderIdOf(account, clientOrderId as IntentId, symbol) === clientOrderId;

/** What is open, and where nothing is waited for any more also what has ended here and may be alive there. */
async function findListed(
  news: OrderNews,
  account: ConfiguredAccount,
  { orders, clock, clientOrderIdOf, isLast }: FinderDependencies & { isLast: boolean },
): Promise<Order | undefined> {
  const { symbol, venue, order: seen } = news;
  const isMeant = (order: Order): boolean => {
    if (order.symbol !== symbol || order.venue !== venue) return false;
    if (order.venueOrderId !== undefined) return order.venueOrderId === seen.venueOrderId;
    return seen.clientOrderId !== undefined && clientOrderIdOf(account, order.orderId, symbol) === seen.clientOrderId;
  };
  const open = (await orders.listOpen(account.id, openMax)).find(isMeant);
  if (open !== undefined || !isLast) return open;
  const query = { account: account.id, symbol, limit: recentMax, nowMs: clock.nowMs() };
  return (await orders.list(query)).orders.find(isMeant);
}

function contradictionOf(order: Order, { account, venue, symbol, order: seen }: OrderNews): string | undefined {
  const { orderId, venueOrderId } = order;
  if (order.account !== account || order.venue !== venue || order.symbol !== symbol) {
    return `${orderId} is an order of ${order.account} in ${order.symbol} at ${order.venue}, and ${venue} tells of it in ${symbol} of ${account}`;
  }
  if (venueOrderId === undefined || venueOrderId === seen.venueOrderId) return undefined;
  return `${orderId} is ${venueOrderId} at ${venue}, which tells of ${seen.venueOrderId} under the same id of ours`;
}

/** The newest entries, so many that a sandbox which lives long stays small. */
class Memory<Value> {
  readonly #entries = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= rememberedMax) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
