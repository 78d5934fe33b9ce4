/** Top of the book and day statistics of a market, without waking it. */
import { visibleQuantity } from '../engine/book.ts';
import { type DayStatistics, dayStatistics } from '../engine/candles.ts';
import { approximate, type Decimal, decimalOfStatistic } from '../engine/decimal.ts';
import type { SeededVenue } from '../engine/seeded-venue.ts';
import type { Instrument } from '../engine/types.ts';

/** Day statistics of thousands of symbols are only worked out anew after this long. */
const statisticsMs = 60_000;

interface CachedStatistics {
  atMs: number;
  day: DayStatistics;
}

const statisticsCache = new WeakMap<SeededVenue, Map<string, CachedStatistics>>();

/** The 24 hours up to about now. */
export function recentDay(market: SeededVenue, instrumentId: string, nowMs: number): DayStatistics {
  const cache = statisticsCache.get(market) ?? new Map<string, CachedStatistics>();
  statisticsCache.set(market, cache);
  const cached = cache.get(instrumentId);
  if (cached !== undefined && Math.abs(nowMs - cached.atMs) < statisticsMs) return cached.day;
  const day = dayStatistics(market.candleSource(instrumentId), nowMs);
  cache.set(instrumentId, { atMs: nowMs, day });
  return day;
}

/** A statistic's price, on the instrument's tick. */
export function onTick(instrument: Instrument, value: number): Decimal {
  const tick = approximate(instrument.tickSize);
  return decimalOfStatistic(Math.round(value / tick) * tick, 8);
}

export interface TopOfBook {
  bid: Decimal;
  bidQuantity: Decimal;
  ask: Decimal;
  askQuantity: Decimal;
  last: Decimal;
  lastQuantity: Decimal;
}

/** From the book when the market is awake, from the price path when it sleeps, where `quantity` stands for all amounts. */
export function topOfBook(
  market: SeededVenue,
  instrument: Instrument,
  { nowMs, quantity }: { nowMs: number; quantity: Decimal },
): TopOfBook {
  const awake = market.awake(instrument.id);
  const bid = awake?.book.best('buy');
  const ask = awake?.book.best('sell');
  const lastTrade = awake?.tape.recent(1)[0];
  if (bid !== undefined && ask !== undefined && lastTrade !== undefined) {
    return {
      bid: bid.price,
      bidQuantity: visibleQuantity(bid),
      ask: ask.price,
      askQuantity: visibleQuantity(ask),
      last: lastTrade.price,
      lastQuantity: lastTrade.quantity,
    };
  }
  const mid = market.candleSource(instrument.id).path(nowMs);
  const tick = approximate(instrument.tickSize);
  return {
    bid: onTick(instrument, Math.max(Math.floor(mid / tick) * tick - tick, tick)),
    bidQuantity: quantity,
    ask: onTick(instrument, Math.ceil(mid / tick) * tick + tick),
    askQuantity: quantity,
    last: onTick(instrument, mid),
    lastQuantity: quantity,
  };
}
