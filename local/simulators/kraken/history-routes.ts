/** Candles and trades over REST. */
import type { Candle } from '../engine/candles.ts';
import { asTrade, tradesFrom, tradesUntil } from '../engine/past-trades.ts';
import { disturbPage } from '../shared/candle-faults.ts';
import { answerCandles } from '../shared/candle-pages.ts';
import { lotDecimals, type PairSpec } from './catalog.ts';
import { type Call, type PublicRoute, readCount, requiredPair } from './context.ts';
import { invalidArguments } from './errors.ts';
import { amountText, priceText, vwapOf } from './market-text.ts';

const tradesCountMax = 1000;
const candlesMax = 720;
const minuteMs = 60_000;

/** Minutes of the candles that Kraken has. Its weeks begin with the epoch, on Thursdays. */
export const candleMinutes: readonly number[] = [1, 5, 15, 30, 60, 240, 1440, 10_080, 21_600];

export const historyRoutes: readonly PublicRoute[] = [
  { name: 'Trades', handle: trades },
  { name: 'OHLC', handle: candles },
];

/** `since` is in nanoseconds; one in seconds is understood as well. */
function readSinceMs(call: Call): number | undefined {
  const text = call.params.text('since');
  if (text === undefined) return undefined;
  if (!/^\d{1,20}(\.\d{1,9})?$/.test(text)) throw invalidArguments('since');
  const isNanoseconds = text.length > 14;
  return isNanoseconds ? Number(text.slice(0, -6)) : Number(text) * 1000;
}

/** Those after `since`, oldest first; without it the last ones. `last` is where the next page begins. */
function trades(call: Call): unknown {
  const spec = requiredPair(call);
  const sinceMs = readSinceMs(call);
  const limit = readCount(call, { standard: tradesCountMax, max: tradesCountMax });
  const past = call.venue.market.candleSource(spec.id);
  const toMs = Math.floor(call.nowMs) + 1;
  const known =
    sinceMs === undefined
      ? tradesUntil(past, { toMs, limit })
      : tradesFrom(past, { fromMs: Math.floor(sinceMs) + 1, toMs, limit });
  const found = disturbPage(call.venue.faults, { method: 'GET', path: call.path, symbol: spec.altname }, known);
  const lastMs = found.reduce((last, { atMs }) => Math.max(last, atMs), sinceMs ?? 0);
  return {
    [spec.id]: found.map((one) => {
      const { price, quantity, atMs, takerSide, id } = asTrade(past, spec.id, one);
      return [priceText(spec, price), amountText(quantity), atMs / 1000, takerSide === 'buy' ? 'b' : 's', 'l', '', id];
    }),
    last: lastMs === 0 ? '0' : `${Math.floor(lastMs)}000000`,
  };
}

/**
 * The last 720, whatever `since` says; of these the ones after it, and in any case the one that is still forming.
 * A recorded answer shows that minutes in which nobody traded are there, with a volume and a mean price of 0.
 */
function candles(call: Call): unknown {
  const spec = requiredPair(call);
  const minutes = call.params.integer('interval') ?? 1;
  const sinceMs = (call.params.integer('since') ?? 0) * 1000;
  if (!candleMinutes.includes(minutes)) throw invalidArguments('interval');
  const lengthMs = minutes * minuteMs;
  const nowMs = Math.floor(call.nowMs);
  const currentMs = Math.floor(nowMs / lengthMs) * lengthMs;
  const startMs = Math.max(0, currentMs - (candlesMax - 1) * lengthMs, Math.min(sinceMs + 1, currentMs));
  const question = {
    past: call.venue.market.candleSource(spec.id),
    ...{ symbol: spec.altname, path: call.path, startMs, endMs: nowMs, limit: candlesMax, prefer: 'oldest' as const },
    spanAt: (atMs: number) => {
      const openMs = Math.floor(atMs / lengthMs) * lengthMs;
      return { openMs, endMs: openMs + lengthMs };
    },
  };
  const rows = answerCandles(call.venue, question, nowMs).map((candle) => candleRow(spec, candle));
  return { [spec.id]: rows, last: (currentMs - lengthMs) / 1000 };
}

function candleRow(spec: PairSpec, candle: Candle): unknown[] {
  const { open, high, low, close, tradeCount } = candle;
  const mean = tradeCount === 0 ? 0 : vwapOf(candle);
  const prices = [open, high, low, close, mean].map((value) => value.toFixed(spec.priceDecimals));
  return [candle.openMs / 1000, ...prices, candle.baseVolume.toFixed(lotDecimals), tradeCount];
}
