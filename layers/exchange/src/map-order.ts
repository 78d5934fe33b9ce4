/** ccxt's orders and trades in Nightdesk's words. */
import {
  type Amount,
  amount,
  amountUnitOf,
  compare,
  type Fee,
  type Fill,
  isPositive,
  type Market,
  type Notional,
  notional,
  type OpenOrder,
  type VenueOrder,
  type VenueOrderId,
} from '@nightdesk/core';
import { type ContractTerms, fromContracts } from './contract-amounts.ts';
import { Fields, present, UnparsableAnswerError } from './fields.ts';

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
export function mapOrder(value: unknown, market: ContractTerms): VenueOrder {
  const fields = new Fields('order', value);
  const venueOrderId = fields.text('id') as VenueOrderId;
  const clientOrderId = fields.optionalText('clientOrderId');
  const filled = fromContracts(fields.quantity('filled'), market);
  const cost = costOf(fields, filled, market);
  const placedAtMs = fields.optionalTimeMs('lastUpdateTimestamp') ?? fields.optionalTimeMs('timestamp');
  return {
    venueOrderId,
    ...(clientOrderId !== undefined && { clientOrderId }),
    status: statusOf(fields, filled, market),
    filled,
    ...termsOf(fields, market),
    ...(cost !== undefined && { cost }),
    fills: mapFills(fields.list('trades'), market, placedAtMs),
  };
}

/** @throws UnparsableAnswerError as `mapOrder`, and when side or amount are missing. */
export function mapOpenOrder(value: unknown, market: Market): OpenOrder {
  const fields = new Fields('order', value);
  return {
    ...mapOrder(value, market),
    symbol: market.symbol,
    side: fields.word('side', ['buy', 'sell']),
    amount: fromContracts(fields.quantity('amount'), market),
    ...present({ placedAtMs: fields.optionalTimeMs('timestamp') }),
  };
}

/**
 * What the order is by now. ccxt calls the price at which an order at market was filled its price, too, and writes the
 * trail of some venues' trailing stops there.
 */
function termsOf(fields: Fields, market: ContractTerms): Pick<VenueOrder, 'amount' | 'price' | 'triggerPrice'> {
  const size = fields.optionalQuantity('amount');
  const type = fields.optionalText('type')?.toLowerCase() ?? 'limit';
  const triggers = ['triggerPrice', 'stopLossPrice', 'takeProfitPrice'] as const;
  return present({
    amount: size === undefined || !isPositive(size) ? undefined : fromContracts(size, market),
    price: type.includes('limit') && !fields.isOffset('price') ? fields.optionalPrice('price') : undefined,
    triggerPrice: triggers.map((name) => fields.optionalPrice(name)).find((trigger) => trigger !== undefined),
  });
}

function statusOf(fields: Fields, filled: Amount, market: ContractTerms): VenueOrder['status'] {
  const status = statuses[fields.text('status')];
  if (status === undefined) throw new UnparsableAnswerError('order', 'status', 'no status known here');
  if (status !== 'filled') return status;
  // `closed` only says that nothing more will happen. Short of the whole, the rest was canceled.
  const size = fields.optionalDecimal('amount');
  return size !== undefined && compare(filled, fromContracts(size, market)) < 0 ? 'canceled' : 'filled';
}

/** Fills that cost nothing are a cost that was left out. What inverse contracts cost is told in base asset. */
function costOf(fields: Fields, filled: Amount, market: ContractTerms): Notional | undefined {
  const text = fields.optionalDecimal('cost');
  if (text === undefined || amountUnitOf(market) !== 'base') return undefined;
  return isPositive(text) || !isPositive(filled) ? notional(text) : undefined;
}

/**
 * Maps trades to fills. One without id or time is left out, since it could not be told apart from the next, and so is one
 * of which only the id is told.
 *
 * @param orderAtMs stands in for a trade's own time where the venue reports trades inside their order.
 * @throws UnparsableAnswerError when a number makes no sense.
 */
export function mapFills(trades: readonly unknown[], market: ContractTerms, orderAtMs?: number): Fill[] {
  return trades.flatMap((value) => {
    if (isBareTradeId(value)) return [];
    const trade = new Fields('trade', value);
    const tradeId = trade.optionalText('id');
    const atMs = trade.optionalTimeMs('timestamp') ?? orderAtMs;
    if (tradeId === undefined || atMs === undefined) return [];
    const fee = feeOf(trade);
    const size = fromContracts(trade.quantity('amount'), market);
    return [{ tradeId, amount: size, price: trade.price('price'), ...(fee && { fee }), atMs }];
  });
}

/** Ids of trades that an order names without telling more of them, as Kraken's do. */
export function bareTradeIds(order: unknown): string[] {
  const trades = new Fields('order', order).list('trades').filter(isBareTradeId);
  return trades.flatMap((trade) => new Fields('trade', trade).optionalText('id') ?? []);
}

function isBareTradeId(value: unknown): boolean {
  const trade = new Fields('trade', value);
  return trade.optionalDecimal('amount') === undefined && trade.optionalDecimal('price') === undefined;
}

/** What a trade cost beside its price; absent where the venue does not tell. */
export function feeOf(trade: Fields): Fee | undefined {
  const [listed] = trade.list('fees');
  const fee = trade.optionalFields('fee') ?? (listed === undefined ? undefined : new Fields('fee', listed));
  const asset = fee?.optionalText('currency');
  const paid = fee?.optionalDecimal('cost');
  return asset === undefined || paid === undefined ? undefined : { asset, amount: amount(paid) };
}
