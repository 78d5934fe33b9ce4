/** From what an order was to what it is: what people are told of it. */
import { add, averagePrice, compare, isPositive, notional, notionalOf, type Price, zeroAmount } from '../money.ts';
import type { OrderImage } from './images.ts';
import { type NoticeSeverity, noticeIdOf, type OrderNotice, type OrderNoticeKind, tidy } from './notice.ts';

const severities: Readonly<Record<OrderNoticeKind, NoticeSeverity>> = {
  'order.accepted': 'info',
  'order.partially_filled': 'info',
  'order.filled': 'info',
  'order.canceled': 'info',
  'order.expired': 'info',
  'order.rejected': 'warning',
  'order.denied': 'warning',
  // Until the venue tells, nobody knows what is at stake.
  'order.unknown': 'critical',
  'order.not_placed': 'warning',
  'protection.failed': 'critical',
  'protection.restored': 'info',
};

/** States that are news as such. Of the others, `open` is news where nothing is filled, and the rest never. */
const kindsOfStates: ReadonlyMap<string, OrderNoticeKind> = new Map([
  ['filled', 'order.filled'],
  ['canceled', 'order.canceled'],
  ['expired', 'order.expired'],
  ['rejected', 'order.rejected'],
  ['denied', 'order.denied'],
  ['unknown', 'order.unknown'],
  ['not_placed', 'order.not_placed'],
]);

/** States in which there is nothing that anybody is told. What is in these need not be looked at. */
export const quietStates: readonly string[] = ['waiting', 'intended', 'no_order'];

/**
 * What one change of an order is worth telling: at most one notice for the order and one for its protection.
 *
 * @param before absent where the order was just recorded
 */
export function noticesOfOrder(before: OrderImage | undefined, after: OrderImage): OrderNotice[] {
  // No write lowers a version, so this is no change but an old record, or a repair by hand.
  if (before !== undefined && after.version <= before.version) return [];
  const kinds = [orderKind(before, after), protectionKind(before?.exits, after.exits)];
  return kinds.flatMap((kind) => (kind === undefined ? [] : [noticeOf(kind, after)]));
}

function orderKind(before: OrderImage | undefined, after: OrderImage): OrderNoticeKind | undefined {
  const ofState = kindsOfStates.get(after.state);
  const hasNewState = before?.state !== after.state;
  if (hasNewState && ofState !== undefined) return ofState;
  // Also after the end of an order: fills may become known late.
  if (compare(after.filled, before?.filled ?? zeroAmount) > 0) {
    return after.state === 'filled' ? 'order.filled' : 'order.partially_filled';
  }
  return hasNewState && after.state === 'open' ? 'order.accepted' : undefined;
}

/** A failure is told again where its cause has become another one. */
function protectionKind(before: OrderImage['exits'], after: OrderImage['exits']): OrderNoticeKind | undefined {
  const hadFailed = before?.state === 'failed';
  if (after?.state !== 'failed') return hadFailed ? 'protection.restored' : undefined;
  return hadFailed && before.cause?.code === after.cause?.code ? undefined : 'protection.failed';
}

function noticeOf(kind: OrderNoticeKind, order: OrderImage): OrderNotice {
  const { orderId, signalId, source, account, venue, symbol, state, version, updatedAtMs, filled } = order;
  const { type, role, side, amount, price, cost, failedOverTo, exits } = order;
  const ofProtection = kind === 'protection.failed' || kind === 'protection.restored';
  const cause = ofProtection ? exits?.cause : order.cause;
  const average = averageOf(order);
  return {
    id: noticeIdOf(`order#${orderId}`, version, kind),
    kind,
    // An order that went to another account instead is as good as on its way.
    severity: kind === 'order.denied' && failedOverTo !== undefined ? 'info' : severities[kind],
    atMs: updatedAtMs,
    ...{ account, version, orderId, signalId, source, venue, symbol, state, filled },
    ...(type !== undefined && { type }),
    ...(role !== undefined && { role }),
    ...(side !== undefined && { side }),
    ...(amount !== undefined && { amount }),
    ...(price !== undefined && { price }),
    ...(average !== undefined && { averagePrice: average }),
    ...(cost !== undefined && { cost }),
    ...(cause !== undefined && { cause: { code: cause.code, message: tidy(cause.message) } }),
    ...(failedOverTo !== undefined && { failedOverTo }),
    // Without exits there is nothing to protect.
    ...(ofProtection && { protection: exits?.state ?? 'done' }),
  };
}

/**
 * From the fills, where they are all known. The cost over the amount is a price only where amounts are in the base
 * currency; unified names of contracts, whose amounts need not be, carry what they settle in behind a colon.
 */
function averageOf({ symbol, filled, cost, fills }: OrderImage): Price | undefined {
  if (!isPositive(filled)) return undefined;
  const known = fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);
  if (compare(known, filled) === 0) {
    const worth = fills.reduce((sum, fill) => add(sum, notionalOf(fill.amount, fill.price)), notional('0'));
    return averagePrice(worth, filled);
  }
  return cost === undefined || symbol.includes(':') ? undefined : averagePrice(cost, filled);
}
