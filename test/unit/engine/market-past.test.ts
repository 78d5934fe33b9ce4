import { describe, expect, it } from 'vitest';
import { type Candle, candleOf } from '../../../local/simulators/engine/candles.ts';
import { decimal } from '../../../local/simulators/engine/decimal.ts';
import { MarketPast, type PastTerms } from '../../../local/simulators/engine/market-past.ts';
import { asTrade, tradesFrom, tradesFromId, tradesUntil } from '../../../local/simulators/engine/past-trades.ts';
import fc from '../../support/property.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 21, 12, 34, 56, 789);
const listedAtMs = Date.UTC(2022, 3, 5, 7, 13);

const markets: Readonly<Record<string, Partial<PastTerms>>> = {
  'a liquid market': {},
  'a thin market': { tradedShare: 0.2, quoteVolumePerMinute: 4_000 },
  'a market with hardly any trade': { tradedShare: 0.01, quoteVolumePerMinute: 500 },
  'a market of coarse ticks': { basePrice: 0.0000092, tickSize: decimal('0.00000001'), quoteVolumePerMinute: 1e6 },
  'a stable coin': { basePrice: 0.9998, volatility: 0.01, tickSize: decimal('0.0001') },
  'a market whose price was moved': {
    shifts: () => [
      { sinceMs: Date.UTC(2026, 10, 20, 8, 0, 20), factor: 0.9 },
      { sinceMs: Date.UTC(2026, 10, 21, 3, 0, 0, 1), factor: 1.3 },
    ],
  },
};

function pastOf(terms: Partial<PastTerms>, seed = 7): MarketPast {
  const standard = { basePrice: 95_000, volatility: 1, tickSize: decimal('0.01'), quoteVolumePerMinute: 1_800_000 };
  return new MarketPast({ ...standard, name: 'X', listedAtMs, ...terms, seed });
}

const candle = (past: MarketPast, openMs: number, lengthMs: number, atMs = nowMs): Candle =>
  candleOf(past, { openMs, endMs: openMs + lengthMs }, atMs);

/** What the parts of a candle make, quiet ones left out, as whoever has only these would see it. */
function combine(parts: readonly Candle[]) {
  const traded = parts.filter(({ tradeCount }) => tradeCount > 0);
  const sum = (pick: (part: Candle) => number) => traded.reduce((total, part) => total + pick(part), 0);
  return {
    open: traded[0]?.open,
    high: Math.max(...traded.map(({ high }) => high)),
    low: Math.min(...traded.map(({ low }) => low)),
    close: traded.at(-1)?.close,
    tradeCount: sum((part) => part.tradeCount),
    baseVolume: sum((part) => part.baseVolume),
    quoteVolume: sum((part) => part.quoteVolume),
    takerBuyBaseVolume: sum((part) => part.takerBuyBaseVolume),
  };
}

function expectSame(whole: Candle, parts: readonly Candle[]): void {
  const { baseVolume, quoteVolume, takerBuyBaseVolume, ...exact } = combine(parts);
  if (whole.tradeCount === 0) {
    expect(exact.tradeCount).toBe(0);
    return;
  }
  expect(whole).toMatchObject(exact);
  expect(whole.baseVolume / baseVolume).toBeCloseTo(1, 10);
  expect(whole.quoteVolume / quoteVolume).toBeCloseTo(1, 7);
  expect(whole.takerBuyBaseVolume / takerBuyBaseVolume).toBeCloseTo(1, 10);
}

describe.each(Object.entries(markets))('the past of %s', (_, terms) => {
  const past = pastOf(terms);
  const minutesOf = (openMs: number, lengthMs: number, atMs = nowMs) =>
    Array.from({ length: lengthMs / minuteMs }, (_, index) => candle(past, openMs + index * minuteMs, minuteMs, atMs));

  it('has long candles that are made of the short ones, to the last digit of their prices and counts', () => {
    const lengths = [3, 5, 15, 30, 60, 120, 240, 360, 480, 720, 1440].map((minutes) => minutes * minuteMs);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1600 }), fc.constantFrom(...lengths), (day, lengthMs) => {
        const atMs = listedAtMs + day * dayMs + ((day * 7_919) % 1440) * minuteMs;
        const openMs = Math.floor(atMs / lengthMs) * lengthMs;
        expectSame(candle(past, openMs, lengthMs), minutesOf(openMs, lengthMs));
      }),
      { numRuns: 40 },
    );
    const moved = Date.UTC(2026, 10, 20);
    expectSame(candle(past, moved, dayMs), minutesOf(moved, dayMs));
    expectSame(
      candle(past, moved - 3 * dayMs, 4 * dayMs),
      [3, 2, 1, 0].map((back) => candle(past, moved - back * dayMs, dayMs)),
    );
  });

  it('has minutes whose trades make exactly their candle', () => {
    for (let index = 0; index < 400; index++) {
      const openMs = Date.UTC(2026, 10, 20, 7, 45) + index * 3 * minuteMs;
      const trades = tradesFrom(past, { fromMs: openMs, toMs: openMs + minuteMs, limit: 10_000 });
      const whole = candle(past, openMs, minuteMs);
      expect(trades.length).toBe(whole.tradeCount);
      if (trades.length === 0) continue;
      const made = trades.map((trade) => asTrade(past, 'X', trade));
      const prices = made.map(({ price }) => Number(price.toFixed()));
      expect({ open: prices[0], high: Math.max(...prices), low: Math.min(...prices), close: prices.at(-1) }).toEqual({
        open: whole.open,
        high: whole.high,
        low: whole.low,
        close: whole.close,
      });
      const total = (pick: (trade: (typeof made)[number]) => (typeof made)[number]['price']) =>
        Number(made.reduce((sum, trade) => sum.plus(pick(trade)), decimal('0')).toFixed());
      expect(total(({ quantity }) => quantity)).toBe(whole.baseVolume);
      expect(total(({ quote }) => quote) / whole.quoteVolume).toBeCloseTo(1, 6);
      expect(made.every(({ quantity }) => quantity.gt(decimal('0')))).toBe(true);
      expect(trades[0]?.id).toBe(whole.firstTradeId);
      const times = trades.map(({ atMs }) => atMs);
      expect(times).toEqual([...new Set(times)].sort((left, right) => left - right));
    }
  });

  it('has candles that make sense: a low that is lowest, a high that is highest, a mean price in between', () => {
    for (const one of minutesOf(Date.UTC(2025, 1, 3), dayMs)) {
      expect(one.low).toBeLessThanOrEqual(Math.min(one.open, one.close));
      expect(one.high).toBeGreaterThanOrEqual(Math.max(one.open, one.close));
      expect(one.low).toBeGreaterThan(0);
      if (one.tradeCount === 0) {
        expect([one.baseVolume, one.high - one.low]).toEqual([0, 0]);
        continue;
      }
      const mean = one.quoteVolume / one.baseVolume;
      expect(mean).toBeGreaterThanOrEqual(one.low * (1 - 1e-9));
      expect(mean).toBeLessThanOrEqual(one.high * (1 + 1e-9));
    }
  });

  it('is never changed by time, and a candle that is forming grows into the one that it will be', () => {
    const openMs = Math.floor(nowMs / hourMs) * hourMs;
    const later = candle(past, openMs, hourMs, nowMs + 5 * dayMs);
    expect(candle(past, openMs, hourMs, openMs + hourMs)).toEqual(later);
    const forming = candle(past, openMs, hourMs, nowMs);
    expect(forming.closed).toBe(false);
    expect(forming.tradeCount).toBeLessThanOrEqual(later.tradeCount);
    expect(forming.high).toBeLessThanOrEqual(later.high);
    const trades = tradesFrom(past, { fromMs: openMs, toMs: nowMs + 1, limit: 10_000 });
    expect(trades.length).toBe(forming.tradeCount);
  });

  it('numbers its trades without a hole from the first one on, and finds them by number', () => {
    const first = tradesFrom(past, { fromMs: 0, toMs: nowMs, limit: 3_000 });
    expect(first.map(({ id }) => id)).toEqual(Array.from({ length: first.length }, (_, index) => index + 1));
    const latest = tradesUntil(past, { toMs: nowMs + 1, limit: 500 });
    const ids = latest.map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => (ids[0] ?? 0) + index));
    const [start = 0] = ids;
    expect(tradesFromId(past, { id: start + 7, toMs: nowMs + 1, limit: 100 })).toEqual(latest.slice(7, 107));
    expect(tradesFromId(past, { id: 1, toMs: nowMs, limit: 10 })).toEqual(first.slice(0, 10));
    expect(tradesFromId(past, { id: (ids.at(-1) ?? 0) + 1, toMs: nowMs + 1, limit: 10 })).toEqual([]);
  });

  it('begins with the listing', () => {
    const [first] = tradesFrom(past, { fromMs: 0, toMs: nowMs, limit: 1 });
    expect(first?.atMs).toBeGreaterThanOrEqual(listedAtMs);
    expect(tradesUntil(past, { toMs: listedAtMs, limit: 5 })).toEqual([]);
    expect(candle(past, listedAtMs - minuteMs, minuteMs).tradeCount).toBe(0);
  });

  it('leads the price of the market through every minute: never below its low, never above its high', () => {
    for (let index = 0; index < 200; index++) {
      const openMs = Date.UTC(2026, 10, 21, 9) + index * minuteMs;
      const one = candle(past, openMs, minuteMs);
      for (const offsetMs of [0, 13_000, 31_500, 59_999]) {
        const price = past.path(openMs + offsetMs);
        expect(price).toBeGreaterThanOrEqual(one.low - past.tickSize);
        expect(price).toBeLessThanOrEqual(one.high + past.tickSize);
      }
    }
  });
});

describe('the past of a market', () => {
  it('is the same for the same seed, whatever was asked before, and another for another seed', () => {
    const openMs = Date.UTC(2024, 5, 5, 5, 5);
    const fresh = pastOf({ tradedShare: 0.5 });
    const used = pastOf({ tradedShare: 0.5 });
    for (let back = 0; back < 50; back++) candle(used, openMs - back * 37 * hourMs, hourMs);
    expect(candle(used, openMs, minuteMs)).toEqual(candle(fresh, openMs, minuteMs));
    expect(candle(pastOf({ tradedShare: 0.5 }, 8), openMs, minuteMs)).not.toEqual(candle(fresh, openMs, minuteMs));
  });

  it('leaves about as many minutes without a trade as it was told to', () => {
    const past = pastOf({ tradedShare: 0.3 });
    let traded = 0;
    for (let openMs = Date.UTC(2025, 0, 1); openMs < Date.UTC(2025, 0, 11); openMs += minuteMs) {
      if (candle(past, openMs, minuteMs).tradeCount > 0) traded += 1;
    }
    expect(traded / 14_400).toBeGreaterThan(0.22);
    expect(traded / 14_400).toBeLessThan(0.38);
  });

  it('goes on in a quiet minute with the price of the last trade before it', () => {
    const past = pastOf({ tradedShare: 0.3 });
    let quiet = 0;
    let last = candle(past, Date.UTC(2025, 0, 1), minuteMs).close;
    for (let openMs = Date.UTC(2025, 0, 1) + minuteMs; openMs < Date.UTC(2025, 0, 3); openMs += minuteMs) {
      const one = candle(past, openMs, minuteMs);
      if (one.tradeCount === 0) {
        quiet += 1;
        expect(one.open).toBe(last);
      }
      last = one.close;
    }
    expect(quiet).toBeGreaterThan(500);
  });
});
