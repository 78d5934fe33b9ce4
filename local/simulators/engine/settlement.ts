/** Orders that change coins for coins: what they must set aside, and how the coins move when they trade. */
import type { Bookkeeping, OrderFunds, Paid, SideOfTrade } from './bookkeeping.ts';
import { ceilBalance, type Decimal, decimal, floorBalance, floorToStep, smaller, zero } from './decimal.ts';
import { feeAccountId, houseAccountId, type Ledger } from './ledger.ts';
import type { MarketState } from './market-state.ts';
import { type Instrument, type Order, type OrderRequest, opposite, type RejectReason, type Side } from './types.ts';

const one = decimal('1');

export class CoinBook implements Bookkeeping {
  readonly #ledger: Ledger;
  readonly #feeRate: Decimal;

  /** @param feeRate of instruments that have none of their own */
  constructor(ledger: Ledger, feeRate: Decimal) {
    this.#ledger = ledger;
    this.#feeRate = feeRate;
  }

  fundsFor(request: OrderRequest, market: MarketState): OrderFunds | RejectReason {
    const funds = wantedFunds(request, market);
    if (funds === undefined) return 'no-liquidity';
    const reserve = ceilBalance(funds.reserve.times(this.#factor(request, market.instrument)));
    const free = this.#ledger.free(request.accountId, givenAsset(request.side, market.instrument));
    return free.lt(reserve) ? 'insufficient-balance' : { ...funds, reserve };
  }

  reserveAsset(request: OrderRequest, instrument: Instrument): string {
    return givenAsset(request.side, instrument);
  }

  /** A buy without a limit trades as long as it can be paid for. */
  tradable(order: Order, { instrument, price }: { instrument: Instrument; price: Decimal }): Decimal | undefined {
    if (order.side === 'sell' || order.price !== undefined) return undefined;
    const funds = this.#ledger.free(order.accountId, instrument.quote).plus(order.reserved);
    return floorToStep(funds.div(price.times(this.#factor(order, instrument))), instrument.stepSize);
  }

  settle(trade: SideOfTrade): Paid {
    const { order, side, instrument } = trade;
    const accountId = order?.accountId ?? houseAccountId;
    if (order !== undefined) {
      const reservePrice = order.price ?? trade.price;
      const amount = side === 'sell' ? trade.quantity : floorBalance(reservePrice.times(trade.quantity));
      // Rounded down, so that many small trades never release what the last of them needs; the rest goes back at the end.
      this.release(order, instrument, floorBalance(amount.times(this.#factor(order, instrument))));
    }
    const [given, received] = side === 'buy' ? [trade.quote, trade.quantity] : [trade.quantity, trade.quote];
    const [givenName, receivedName] = [givenAsset(side, instrument), givenAsset(opposite(side), instrument)];
    const [base, commissionAsset] = order?.feeFrom === 'given' ? [given, givenName] : [received, receivedName];
    const commission = order === undefined ? zero : floorBalance(base.times(trade.feeRate));
    this.#ledger.credit(accountId, givenName, given.neg());
    this.#ledger.credit(accountId, receivedName, received);
    if (commission.gt(zero)) {
      this.#ledger.credit(accountId, commissionAsset, commission.neg());
      this.#ledger.credit(feeAccountId, commissionAsset, commission);
    }
    return { commission, commissionAsset };
  }

  release(order: Order, instrument: Instrument, amount: Decimal): void {
    const released = smaller(order.reserved, amount);
    if (released.lte(zero)) return;
    this.#ledger.unlock(order.accountId, givenAsset(order.side, instrument), released);
    order.reserved = order.reserved.minus(released);
  }

  /** What an order gives per unit that it trades: more than one where the fee comes on top. */
  #factor(request: OrderRequest, { fees }: Instrument): Decimal {
    return request.feeFrom === 'given' ? one.plus(fees?.taker ?? this.#feeRate) : one;
  }
}

/** What an order would lock; `undefined` when the book cannot fill any of a market order. */
function wantedFunds(request: OrderRequest, { instrument, book }: MarketState): OrderFunds | undefined {
  const limitPrice = request.price ?? request.trigger?.price;
  if (limitPrice !== undefined) {
    const quantity =
      request.quantity ?? floorToStep((request.quoteQuantity ?? zero).div(limitPrice), instrument.stepSize);
    return { quantity, reserve: request.side === 'sell' ? quantity : ceilBalance(limitPrice.times(quantity)) };
  }
  const estimate = book.estimate(opposite(request.side), {
    quantity: request.quantity,
    quoteQuantity: request.quoteQuantity,
  });
  const quantity = request.quantity ?? floorToStep(estimate.quantity, instrument.stepSize);
  if (estimate.quantity.lte(zero) || quantity.lte(zero)) return undefined;
  if (request.side === 'sell') return { quantity, reserve: quantity };
  return { quantity, reserve: request.quoteQuantity ?? ceilBalance(estimate.quote) };
}

function givenAsset(side: Side, instrument: Instrument): string {
  return side === 'buy' ? instrument.quote : instrument.base;
}
