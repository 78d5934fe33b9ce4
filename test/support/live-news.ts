/** What accounts' streams tell, for tests of what hands it on. */
import {
  type AccountId,
  amount,
  type Fill,
  type LiveOrder,
  type OrderNews,
  price,
  type VenueOrder,
  type VenueOrderId,
} from '@nightdesk/core';
import { binance, startMs } from './live-quotes.ts';

export const main = 'main' as AccountId;

export const fillOf = (number: number): Fill => ({
  ...{ tradeId: `t-${number}`, amount: amount('0.1'), price: price('90000'), atMs: startMs - 30 },
});

/** As the venue shows it when `filled` tenths of it are filled. */
export function shownOrder(filled: number, fields: Partial<VenueOrder> = {}): VenueOrder {
  return {
    ...{ venueOrderId: 'v-1' as VenueOrderId, clientOrderId: 'nd0001', status: filled < 10 ? 'open' : 'filled' },
    ...{ amount: amount('1'), filled: amount(String(filled / 10)), price: price('90000') },
    fills: Array.from({ length: filled }, (_, index) => fillOf(index)),
    ...fields,
  };
}

export const liveOrder = (filled: number, fields: Partial<LiveOrder> = {}): LiveOrder => ({
  ...{ symbol: 'BTC/USDT', kind: 'spot', order: shownOrder(filled), receivedMs: startMs },
  ...fields,
});

export const newsOf = (filled: number, fields: Partial<OrderNews> = {}): OrderNews => ({
  ...{ account: main, venue: binance, ...liveOrder(filled) },
  ...fields,
});
