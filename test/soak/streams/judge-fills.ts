/** Every fill at the venues against the desk's orders: each there once, and nothing else. */
import { compare, type Fill, type Order } from '@nightdesk/core';
import { judgeOrders, type Paired, pairOrders } from '../judge-orders.ts';
import type { SoakDesk } from '../soak-desk.ts';
import { readVenueOrders, type VenueFill } from '../venue-truth.ts';
import type { StreamingDesk } from './streaming-desk.ts';
import type { Trading } from './trade.ts';

export interface FillsVerdict {
  orders: number;
  fills: number;
  violations: string[];
}

const control =
  (streaming: StreamingDesk): SoakDesk['control'] =>
  (venue, method, path, body) =>
    streaming.control(venue, method, path.replace('/__sim/', ''), body);

export async function judgeFills(streaming: StreamingDesk, { signals }: Trading): Promise<FillsVerdict> {
  const orders = await streaming.desk.records.orders();
  const { pairs, violations } = pairOrders(orders, await readVenueOrders({ control: control(streaming) }));
  const told = [...violations, ...judgeOrders(pairs)].map(({ what, orderId = '' }) => `${orderId} ${what}`.trim());
  const bySignal = new Set<string>(orders.map(({ signalId }) => signalId));
  const missing = signals.filter(({ signalId }) => !bySignal.has(signalId));
  return {
    orders: orders.length,
    fills: pairs.reduce((sum, { atVenue }) => sum + (atVenue?.fills.length ?? 0), 0),
    violations: [
      ...told,
      ...pairs.flatMap(differencesOf),
      ...missing.map(({ signalId }) => `the signal ${signalId} has no order`),
    ],
  };
}

function differencesOf({ order, atVenue }: Paired): string[] {
  const [here, there] = [order.fills, atVenue?.fills ?? []];
  const name = `${order.orderId} at ${order.venue}`;
  const found: string[] = [];
  if (new Set(here.map(({ tradeId }) => tradeId)).size < here.length) found.push(`${name} has a fill twice`);
  if (here.length !== there.length) found.push(`${name} has ${here.length} fills, and ${there.length} at the venue`);
  const missing = there.filter((fill) => !here.some((own) => isSame(own, fill)));
  return [...found, ...missing.map(({ tradeId, qty, price }) => `${name} lacks ${tradeId}: ${qty} at ${price}`)];
}

/** Venues give trades ids of several kinds, so they are told apart by what was traded. */
const isSame = (own: Fill, { qty, price }: VenueFill): boolean =>
  compare(own.amount, qty as Fill['amount']) === 0 && Number(own.price) === Number(price);

/** Milliseconds from each fill at its venue to the desk's order having it, of orders that one fill has filled. */
export function delaysOf(orders: readonly Order[], pairs: readonly Paired[]): number[] {
  const known = new Map(pairs.map(({ order, atVenue }) => [order.orderId, atVenue]));
  return orders.flatMap(({ orderId, state, updatedAtMs }) => {
    const fills = known.get(orderId)?.fills ?? [];
    const [fill] = fills;
    return state === 'filled' && fill !== undefined && fills.length === 1 ? [updatedAtMs - fill.atMs] : [];
  });
}
