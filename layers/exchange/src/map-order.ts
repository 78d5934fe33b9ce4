/** ccxt's orders and trades in Nightdesk's words. */
import {
  type Amount,
  amount,
  compare,
  type Fee,
  type Fill,
  isPositive,
  type Notional,
  notional,
  price,
  type VenueOrder,
  type VenueOrderId,
  zeroAmount,
} from '@nightdesk/core';
import { Fields, UnparsableAnswerError } from './fields.ts';

/** https://docs.ccxt.com/#/?id=order-status; `canceling` is not canceled yet. */
const statuses: Readonly<Record<string, VenueOrder['status']>> = {
  open: 'open',
  canceling: 'open',
  closed: 'filled',
  canceled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
};

/** @throws UnparsableAnswerError when id, status or filled quantity is missing, or a number makes no sense. */
export function mapOrder(value: unknown): VenueOrder {
  const fields = new Fields('order', value);
  const venueOrderId = fields.text('id') as VenueOrderId;
  const clientOrderId = fields.optionalText('clientOrderId');
  const filled = quantity(fields, 'filled');
  const cost = costOf(fields, filled);
  const placedAtMs = fields.optionalTimeMs('lastUpdateTimestamp') ?? fields.optionalTimeMs('timestamp');
  return {
    venueOrderId,
    ...(clientOrderId !== undefined && { clientOrderId }),
    status: statusOf(fields, filled),
    filled,
    ...(cost !== undefined && { cost }),
    fills: mapFills(fields.list('trades'), placedAtMs),
  };
}

function statusOf(fields: Fields, filled: Amount): VenueOrder['status'] {
  const status = statuses[fields.text('status')];
  if (status === undefined) throw new UnparsableAnswerError('order', 'status', 'no status known here');
  if (status !== 'filled') return status;
  // `closed` only says that nothing more will happen. Short of the whole, the rest was canceled.
  const size = fields.optionalDecimal('amount');
  return size !== undefined && compare(filled, size) < 0 ? 'canceled' : 'filled';
}

function quantity(fields: Fields, name: string): Amount {
  const text = fields.decimal(name);
  if (compare(text, zeroAmount) < 0) throw new UnparsableAnswerError('order', name, 'less than zero');
  return amount(text);
}

/** Fills that cost nothing are a cost that was left out. */
function costOf(fields: Fields, filled: Amount): Notional | undefined {
  const text = fields.optionalDecimal('cost');
  if (text === undefined) return undefined;
  return isPositive(text) || !isPositive(filled) ? notional(text) : undefined;
}

/**
 * Maps trades to fills. One without id or time is left out, since it could not be told apart from the next.
 *
 * @param orderAtMs stands in for a trade's own time where the venue reports trades inside their order.
 * @throws UnparsableAnswerError when a number makes no sense.
 */
export function mapFills(trades: readonly unknown[], orderAtMs?: number): Fill[] {
  return trades.flatMap((value) => {
    const trade = new Fields('trade', value);
    const tradeId = trade.optionalText('id');
    const atMs = trade.optionalTimeMs('timestamp') ?? orderAtMs;
    if (tradeId === undefined || atMs === undefined) return [];
    const fee = feeOf(trade);
    const size = amount(trade.decimal('amount'));
    return [{ tradeId, amount: size, price: price(trade.decimal('price')), ...(fee && { fee }), atMs }];
  });
}

function feeOf(trade: Fields): Fee | undefined {
  const [listed] = trade.list('fees');
  const fee = trade.optionalFields('fee') ?? (listed === undefined ? undefined : new Fields('fee', listed));
  const asset = fee?.optionalText('currency');
  const paid = fee?.optionalDecimal('cost');
  return asset === undefined || paid === undefined ? undefined : { asset, amount: amount(paid) };
}
