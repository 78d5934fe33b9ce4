/** Does the market let an order be judged, and is the order near it? */
import type { AccountLimits } from '../config/risk-config.ts';
import { compare, type Notional, type Price, shareOf, subtract } from '../money.ts';
import type { Intent } from '../orders/order.ts';
import type { Ticker } from '../ports/market-data.ts';
import type { Denial } from './denials.ts';

/** What the market showed, and when it was asked; `ticker` is absent where it did not answer. */
export interface MarketFigures {
  ticker?: Pick<Ticker, 'bid' | 'ask' | 'atMs'> | undefined;
  askedAtMs: number;
}

/** True where orders of the account are measured by the book. */
export const needsMarket = ({ priceDeviationMax }: AccountLimits): boolean => priceDeviationMax !== undefined;

interface MarketContext {
  limits: { account: AccountLimits };
  market?: MarketFigures;
  nowMs: number;
}

/** What of an order is measured by the book; one without a side was never an order, and trades nowhere. */
export type PricedOrder = Pick<Intent, 'symbol' | 'price' | 'type'> & { side?: Intent['side'] };

/** May an order of this price go to this market? `undefined` lets it pass. */
export function marketDenial(intent: PricedOrder, { limits, market, nowMs }: MarketContext): Denial | undefined {
  const { priceDeviationMax, priceAgeSecondsMax } = limits.account;
  if (priceDeviationMax === undefined) return undefined;
  const { bid, ask, atMs } = market?.ticker ?? {};
  if (market === undefined || bid === undefined || ask === undefined) {
    const message = `the book of ${intent.symbol} shows no bid and ask to compare the order with`;
    return { code: 'market_data_missing', message };
  }
  if (compare(bid, ask) >= 0) {
    const message = `the book of ${intent.symbol} has a bid of ${bid} and an ask of ${ask}, which no market shows at one moment`;
    return { code: 'market_data_missing', message };
  }
  const ageSeconds = Math.floor((nowMs - Math.min(atMs ?? market.askedAtMs, market.askedAtMs)) / 1_000);
  if (ageSeconds > priceAgeSecondsMax) {
    const message = `the price of ${intent.symbol} is ${ageSeconds} s old, and ${priceAgeSecondsMax} s is the most`;
    return { code: 'market_data_stale', message };
  }
  return spreadDenial({ bid, ask }, priceDeviationMax) ?? priceDenial(intent, { bid, ask }, priceDeviationMax);
}

interface Best {
  bid: Price;
  ask: Price;
}

type Percent = `${string}%`;

const partOf = (price: Price, percent: Percent): Price => shareOf(price, percent.slice(0, -1), '100');

/** A book that is wide open has no price that an order at market could be near. */
function spreadDenial({ bid, ask }: Best, most: Percent): Denial | undefined {
  const spread = subtract(ask, bid);
  if (compare(spread, partOf(ask, most)) <= 0) return undefined;
  return {
    code: 'price_deviation',
    message: `the best bid ${bid} and the best ask ${ask} are further apart than ${most}`,
  };
}

/** A limit that trades through the book by more than the collar: a slip of the pen. One that waits away from it harms nobody. */
function priceDenial({ side, price, type }: PricedOrder, { bid, ask }: Best, most: Percent): Denial | undefined {
  // Until its trigger is reached nobody knows where the book will be.
  if (price === undefined || type !== 'limit') return undefined;
  const best = side === 'buy' ? ask : bid;
  const beyond = side === 'buy' ? subtract(price, best) : subtract(best, price);
  if (compare(beyond, partOf(best, most)) <= 0) return undefined;
  const words = side === 'buy' ? `above the best ask ${best}` : `below the best bid ${best}`;
  return { code: 'price_deviation', message: `the limit ${price as string as Notional} is more than ${most} ${words}` };
}
