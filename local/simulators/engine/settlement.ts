/** Orders that change coins for coins: what they must set aside, and how the coins move when they trade. */
import type { Bookkeeping, OrderFunds, Paid, SideOfTrade } from './bookkeeping.ts';
import { ceilBalance, type Decimal, floorBalance, floorToStep, smaller, zero } from './decimal.ts';
import { feeAccountId, houseAccountId, type Ledger } from './ledger.ts';
import type { MarketState } from './market-state.ts';
import { type Instrument, type Order, type OrderRequest, opposite, type RejectReason, type Side } from './types.ts';

export class CoinBook implements Bookkeeping {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  fundsFor(request: OrderRequest, market: MarketState): OrderFunds | RejectReason {
    const funds = wantedFunds(request, market);
    if (funds === undefined) return 'no-liquidity';
    const free = this.#ledger.free(request.accountId, givenAsset(request.side, market.instrument));
    return free.lt(funds.reserve) ? 'insufficient-balance' : funds;
  }

  reserveAsset(request: OrderRequest, instrument: Instrument): string {
    return givenAsset(request.side, instrument);
  }

  /** A buy without a limit trades as long as it can be paid for. */
  tradable(order: Order, { instrument, price }: { instrument: Instrument; price: Decimal }): Decimal | undefined {
    if (order.side === 'sell' || order.price !== undefined) return undefined;
    const funds = this.#ledger.free(order.accountId, instrument.quote).plus(order.reserved);
    return floorToStep(funds.div(price), instrument.stepSize);
  }

  /** The fee is taken from what is received. */
  settle(trade: SideOfTrade): Paid {
    const { order, side, instrument } = trade;
    const accountId = order?.accountId ?? houseAccountId;
    if (order !== undefined) {
      const reservePrice = order.price ?? trade.price;
      const amount = side === 'sell' ? trade.quantity : ceilBalance(reservePrice.times(trade.quantity));
      this.release(order, instrument, amount);
    }
    const [given, received] = side === 'buy' ? [trade.quote, trade.quantity] : [trade.quantity, trade.quote];
    const commissionAsset = side === 'buy' ? instrument.base : instrument.quote;
    const commission = order === undefined ? zero : floorBalance(received.times(trade.feeRate));
    this.#ledger.credit(accountId, givenAsset(side, instrument), given.neg());
    this.#ledger.credit(accountId, commissionAsset, received.minus(commission));
    if (commission.gt(zero)) this.#ledger.credit(feeAccountId, commissionAsset, commission);
    return { commission, commissionAsset };
  }

  release(order: Order, instrument: Instrument, amount: Decimal): void {
    const released = smaller(order.reserved, amount);
    if (released.lte(zero)) return;
    this.#ledger.unlock(order.accountId, givenAsset(order.side, instrument), released);
    order.reserved = order.reserved.minus(released);
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
