/** What an order must set aside, and how the coins move when it trades. */
import type { OrderBook } from './book.ts';
import { ceilBalance, type Decimal, floorBalance, floorToStep, smaller, zero } from './decimal.ts';
import { feeAccountId, houseAccountId, type Ledger } from './ledger.ts';
import { type Instrument, type Order, type OrderRequest, opposite, type Side } from './types.ts';

/** The amounts with which an order starts. */
export interface OrderFunds {
  /** Amount in the base asset, estimated from the book when the order names a quote amount only. */
  quantity: Decimal;
  reserveAsset: string;
  reserve: Decimal;
}

/** How much to lock for an order; `undefined` when the book cannot fill any of a market order. */
export function fundsFor(request: OrderRequest, instrument: Instrument, book: OrderBook): OrderFunds | undefined {
  const reserveAsset = reserveAssetOf(request.side, instrument);
  const limitPrice = request.price ?? request.trigger?.price;
  if (limitPrice !== undefined) {
    const quantity =
      request.quantity ?? floorToStep((request.quoteQuantity ?? zero).div(limitPrice), instrument.stepSize);
    return {
      quantity,
      reserveAsset,
      reserve: request.side === 'sell' ? quantity : ceilBalance(limitPrice.times(quantity)),
    };
  }
  const estimate = book.estimate(opposite(request.side), {
    quantity: request.quantity,
    quoteQuantity: request.quoteQuantity,
  });
  const quantity = request.quantity ?? floorToStep(estimate.quantity, instrument.stepSize);
  if (estimate.quantity.lte(zero) || quantity.lte(zero)) return undefined;
  if (request.side === 'sell') return { quantity, reserveAsset, reserve: quantity };
  return { quantity, reserveAsset, reserve: request.quoteQuantity ?? ceilBalance(estimate.quote) };
}

export function reserveAssetOf(side: Side, instrument: Instrument): string {
  return side === 'buy' ? instrument.quote : instrument.base;
}

/** Gives back up to `amount` of what an order has locked. */
export function releaseReserve(
  ledger: Ledger,
  order: Order,
  { instrument, amount }: { instrument: Instrument; amount: Decimal },
): void {
  const released = smaller(order.reserved, amount);
  if (released.lte(zero)) return;
  ledger.unlock(order.accountId, reserveAssetOf(order.side, instrument), released);
  order.reserved = order.reserved.minus(released);
}

export interface SideOfTrade {
  /** Absent for the market maker, who reserves nothing and pays no fee. */
  order: Order | undefined;
  side: Side;
  instrument: Instrument;
  price: Decimal;
  quantity: Decimal;
  quote: Decimal;
  feeRate: Decimal;
}

/** Moves the coins of one side of a trade; the fee is taken from what is received. */
export function settleSide(ledger: Ledger, trade: SideOfTrade): { commission: Decimal; commissionAsset: string } {
  const { order, side, instrument } = trade;
  const accountId = order?.accountId ?? houseAccountId;
  if (order !== undefined) {
    const reservePrice = order.price ?? trade.price;
    const amount = side === 'sell' ? trade.quantity : ceilBalance(reservePrice.times(trade.quantity));
    releaseReserve(ledger, order, { instrument, amount });
  }
  const [given, received] = side === 'buy' ? [trade.quote, trade.quantity] : [trade.quantity, trade.quote];
  const commissionAsset = side === 'buy' ? instrument.base : instrument.quote;
  const commission = order === undefined ? zero : floorBalance(received.times(trade.feeRate));
  ledger.credit(accountId, reserveAssetOf(side, instrument), given.neg());
  ledger.credit(accountId, commissionAsset, received.minus(commission));
  if (commission.gt(zero)) ledger.credit(feeAccountId, commissionAsset, commission);
  return { commission, commissionAsset };
}

/** Most that a buy without a limit can still pay for at a price. */
export function affordableQuantity(
  ledger: Ledger,
  order: Order,
  market: { instrument: Instrument; price: Decimal },
): Decimal {
  const funds = ledger.free(order.accountId, market.instrument.quote).plus(order.reserved);
  return floorToStep(funds.div(market.price), market.instrument.stepSize);
}
