/** What Kraken checks of an order before the matching engine sees it. */
import { type Decimal, zero } from '../engine/decimal.ts';
import type { OrderRequest } from '../engine/types.ts';
import type { PairSpec } from './catalog.ts';
import { costMinimumNotMet, marketMode, minimumNotMet } from './errors.ts';

/** @throws KrakenError when the pair takes no such order now. */
export function checkMarketMode(spec: PairSpec, request: OrderRequest): void {
  const { status } = spec;
  if (status === 'online') return;
  if (status === 'post_only' && request.postOnly === true) return;
  if (status === 'limit_only' && request.execution === 'limit') return;
  throw marketMode(status);
}

/** @throws KrakenError when the order is too small; one without a price is valued at the last. */
export function checkMinimums(spec: PairSpec, request: OrderRequest, lastPrice: Decimal): void {
  const { trigger } = request;
  const triggerPrice = trigger?.trailing === undefined ? trigger?.price : undefined;
  const price = request.price ?? triggerPrice ?? lastPrice;
  const quantity = request.quantity ?? (request.quoteQuantity ?? zero).div(price);
  if (quantity.lt(spec.orderMin)) throw minimumNotMet();
  if (quantity.times(price).lt(spec.costMin)) throw costMinimumNotMet();
}
