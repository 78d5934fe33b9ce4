/** Whether an order can be carried out, and what it must set aside. Changes nothing. */
import { crosses } from './book.ts';
import type { Bookkeeping, OrderFunds } from './bookkeeping.ts';
import { zero } from './decimal.ts';
import { fires, type MarketState } from './market-state.ts';
import type { OrderIndex } from './order-index.ts';
import { withTrailing } from './trailing.ts';
import { type Instrument, isOpen, type OrderRequest, opposite, type RejectReason } from './types.ts';

export interface AdmissionOptions {
  orders: OrderIndex;
  nowMs(): number;
  bookkeepingOf(instrument: Instrument): Bookkeeping;
}

export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** What a new order must set aside, or why it is refused. */
  judge(given: OrderRequest, market: MarketState): RejectReason | OrderFunds {
    const earlier = this.#options.orders.byClientOrderId(given);
    if (earlier !== undefined && isOpen(earlier)) return 'duplicate-client-order-id';
    const request = withTrailing(given, market, this.#options.nowMs());
    return request === undefined ? 'no-liquidity' : this.judgeTerms(request, market);
  }

  /** The same for terms whatever their id. */
  judgeTerms(request: OrderRequest, market: MarketState): RejectReason | OrderFunds {
    if (request.trigger !== undefined && fires(request.trigger, market)) return 'would-trigger';
    const makerSide = opposite(request.side);
    const best = market.book.best(makerSide);
    const takesNow = request.trigger === undefined && request.price !== undefined && best !== undefined;
    if (request.postOnly === true && request.acceptsFirst !== true && takesNow) {
      if (crosses(makerSide, best.price, request.price)) return 'would-take';
    }
    const unfunded = { quantity: request.quantity ?? zero, reserve: zero };
    if (request.trigger !== undefined && request.reservesWhenTriggered === true) return unfunded;
    const funds = this.#options.bookkeepingOf(market.instrument).fundsFor(request, market);
    return funds === 'no-liquidity' && request.acceptsFirst === true ? unfunded : funds;
  }
}
