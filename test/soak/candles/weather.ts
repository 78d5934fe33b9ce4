/** What goes wrong at venues while candles are collected. */
import { createDice } from '../dice.ts';
import { type CollectedVenue, control, type RunningVenue } from './venues.ts';

/** Where the simulators of each protocol show candles. */
const candlePaths: Record<CollectedVenue, string> = {
  binance: '/api/v3/klines',
  binanceus: '/api/v3/klines',
  kraken: '/0/public/OHLC',
  bybit: '/v5/market/kline',
  bybiteu: '/v5/market/kline',
};

const minuteMs = 60_000;

/** Of the span, when a venue that tells half a day of candles may tell wrong ones of it: while it is still told when the day is sealed. */
const lateShare = { low: 0.86, high: 0.95 };

/**
 * Faults of answers that last for the whole of a span, and outages and spoiled candles that last for a part of it. All of it ends with
 * the span: what a venue tells in the end is the truth, but for candles that its own lists leave out for good.
 */
export async function spoil(
  venues: readonly RunningVenue[],
  { fromMs, toMs, seed }: { fromMs: number; toMs: number; seed: number },
): Promise<void> {
  const lengthMs = Math.floor(toMs - fromMs);
  for (const [index, { name, url }] of venues.entries()) {
    const dice = createDice(seed, index + 1);
    const match = { method: 'GET', path: candlePaths[name] } as const;
    const during = { match, forMs: lengthMs };
    const part = () => {
      const beginsAtMs = Math.floor(fromMs + dice.next() * lengthMs * 0.8);
      return { match, beginsAtMs, forMs: Math.floor(dice.between(2, 6) * minuteMs) };
    };
    // What it tells of an hour last is the truth as far as anybody can know.
    const latePart = () => {
      const beginsAtMs = Math.floor(fromMs + dice.between(lateShare.low, lateShare.high) * lengthMs);
      return { match, beginsAtMs, forMs: Math.floor(dice.between(2, 6) * minuteMs) };
    };
    const faults = [
      { kind: 'short-page', share: 0.5, probability: 0.05, seed: seed + index, ...during },
      { kind: 'disordered-page', probability: 0.05, seed: seed + index + 10, ...during },
      { kind: 'stale-last', probability: 0.05, seed: seed + index + 20, ...during },
      { kind: 'drop-answer', probability: 0.01, seed: seed + index + 30, ...during },
      { kind: 'garbage', probability: 0.01, seed: seed + index + 40, ...during },
      { kind: 'error-before', probability: 0.01, seed: seed + index + 50, ...during },
      { kind: 'missing-candles', share: 0.1, ...part() },
      { kind: 'bad-candle', what: 'high-below-low', share: 0.1, ...part() },
      { kind: 'bad-candle', what: 'misaligned', share: 0.1, ...part() },
      { kind: 'bad-candle', what: 'duplicate', share: 0.1, ...part() },
      { kind: 'revised-candle', share: 0.05, ...(name === 'kraken' ? latePart() : part()) },
      { kind: 'outage', ...part() },
      // A venue that says once that it was asked too much, without having been.
      { kind: 'rate-limit', status: 429, retryAfterSeconds: 2, count: 1, ...part() },
    ];
    await control(url, 'POST', 'faults', faults);
  }
}

export interface RequestCount {
  requests: number;
  /** Answers by which the venue itself said that it was asked too much; those that a fault gave are not among them. */
  rateLimited: number;
}

interface Requests {
  endpoints: Record<string, Record<string, number>>;
  rateLimitAnswers: number;
}

export async function countRequests({ url }: RunningVenue): Promise<RequestCount> {
  const { endpoints, rateLimitAnswers: rateLimited } = await control<Requests>(url, 'GET', 'requests');
  const requests = Object.values(endpoints).flatMap((outcomes) => Object.values(outcomes));
  return { requests: requests.reduce((sum, count) => sum + count, 0), rateLimited };
}
