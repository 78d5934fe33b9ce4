/** Candles of a longer timeframe from those of a shorter one, and candles from trades. */
import { type Amount, add, type Notional, notionalOf } from '../money.ts';
import type { PublicTrade } from '../ports/market-data.ts';
import { type CandleColumns, type CandleRow, columnsOf } from './columns.ts';
import { decimalsOf, roundTo } from './packing/decimal-scale.ts';
import { countOpens, nextOpenTime, openTimeOf, type Span, timeframeMs } from './timeframe.ts';

const dayMs = 86_400_000;
/** For comparing lengths only: months differ, and none is as long as five weeks. */
const monthMs = 30 * dayMs;
/** When the first week opened that begins on a Monday, after the epoch. */
const mondayMs = 4 * dayMs;

export interface Timeframes {
  /** What there is. */
  from: string;
  /** What is made of it. */
  to: string;
}

/** True where every candle of `to` is made of whole ones of `from`. @throws TypeError for what is no timeframe */
export function isDerivable({ from, to }: Timeframes): boolean {
  const [partMs, wholeMs] = [timeframeMs(from), timeframeMs(to)];
  if (partMs === undefined) return wholeMs === undefined && countOf(to) % countOf(from) === 0;
  // Months and years begin on any day of the week, and weeks not on the days that fixed lengths are counted from.
  if (from.endsWith('w')) return to.endsWith('w') && countOf(to) % countOf(from) === 0;
  if (wholeMs === undefined) return dayMs % partMs === 0;
  return wholeMs % partMs === 0 && (!to.endsWith('w') || mondayMs % partMs === 0);
}

const countOf = (timeframe: string): number => Number(timeframe.slice(0, -1));

/**
 * The shortest of the stored timeframes of which another can be made; it itself does not count.
 *
 * @returns `undefined` where there is none
 * @throws TypeError for what is no timeframe
 */
export function derivableFrom(timeframe: string, stored: readonly string[]): string | undefined {
  const lengthOf = (each: string) => timeframeMs(each) ?? countOf(each) * monthMs;
  return stored
    .filter((from) => from !== timeframe && isDerivable({ from, to: timeframe }))
    .toSorted((left, right) => lengthOf(left) - lengthOf(right))[0];
}

export interface DerivedCandles {
  candles: CandleColumns;
  /** Of how many candles each was made. */
  parts: Float64Array;
  /** Of how many it would be made if none was missing. */
  partsWanted: Float64Array;
}

/**
 * The open of the first, the highest high, the lowest low, the close of the last, and sums of the rest; a sum of which a part is
 * unknown is unknown. A candle is there where at least one of its parts is. Sums of short decimals are the floats nearest to the
 * decimal sum, so that they equal what a venue sends for the same candle.
 *
 * @throws RangeError where `to` is no multiple of `from`; @throws TypeError for what is no timeframe
 */
export function deriveCandles(columns: CandleColumns, timeframes: Timeframes): DerivedCandles {
  const { from, to } = timeframes;
  if (!isDerivable(timeframes))
    throw new RangeError(`${to} candles cannot be made of ${from} candles: they are no multiple`);
  const starts = startsOf(columns.openMs, to);
  const count = starts.length - 1;
  const make = (value: (start: number, end: number) => number) =>
    Float64Array.from({ length: count }, (_, index) => value(starts[index] as number, starts[index + 1] as number));
  const { openMs, open, high, low, close, volume, quoteVolume, trades } = columns;
  const opens = make((start) => openTimeOf(to, openMs[start] as number));
  const candles = {
    openMs: opens,
    open: make((start) => open[start] as number),
    high: make((start, end) => extremeOf(high, { start, end, isHigher: true })),
    low: make((start, end) => extremeOf(low, { start, end, isHigher: false })),
    close: make((_, end) => close[end - 1] as number),
    volume: make((start, end) => sumOf(volume, start, end)),
    quoteVolume: make((start, end) => sumOf(quoteVolume, start, end)),
    trades: make((start, end) => sumOf(trades, start, end)),
  };
  const wanted = (openAt: number) => countOpens(from, { fromMs: openAt, toMs: nextOpenTime(to, openAt) });
  return { candles, parts: make((start, end) => end - start), partsWanted: opens.map(wanted) };
}

/** Index of the first part of each derived candle, and behind the last, how many parts there are. */
function startsOf(openMs: Float64Array, to: string): number[] {
  const starts: number[] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < openMs.length; index += 1) {
    const atMs = openMs[index] as number;
    if (atMs < endMs) continue;
    starts.push(index);
    endMs = nextOpenTime(to, openTimeOf(to, atMs));
  }
  return [...starts, openMs.length];
}

interface Range {
  start: number;
  end: number;
  isHigher: boolean;
}

function extremeOf(values: Float64Array, { start, end, isHigher }: Range): number {
  let extreme = values[start] as number;
  for (let index = start + 1; index < end; index += 1) {
    const value = values[index] as number;
    if (isHigher ? value > extreme : value < extreme) extreme = value;
  }
  return extreme;
}

/**
 * Adds floats, and what each addition cut off (A. Neumaier, 1974), so that the sum is off by less than a unit of the decimals that
 * they have, and can be rounded to those.
 */
function sumOf(values: Float64Array, start: number, end: number): number {
  let [sum, cutOff, decimals] = [0, 0, 0];
  for (let index = start; index < end; index += 1) {
    const value = values[index] as number;
    const next = sum + value;
    cutOff += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
    decimals = decimalsOf(value, decimals);
  }
  return roundTo(sum + cutOff, decimals);
}

/** Where trades are counted in contracts, price times amount is no quote volume. */
export interface TradesSpan extends Span {
  /** As `amountUnitOf` the market; quote volume is told for `base` only. */
  amountUnit?: 'base' | 'contracts';
}

/**
 * Candles of the trades within a span; where nothing was traded there is none. How many trades there were is not told: many
 * venues publish what one order took as one trade, and count each order that it met in their own candles.
 *
 * @param trades in any order; those with one id count once, and of the same millisecond the first goes before
 * @throws TypeError for what is no timeframe; @throws RangeError for a price or an amount that is no decimal
 */
export function candlesOfTrades(trades: readonly PublicTrade[], timeframe: string, span: TradesSpan): CandleColumns {
  const rows = new Map<number, TradedCandle>();
  for (const trade of inOrder(trades, span)) {
    const openMs = openTimeOf(timeframe, trade.atMs);
    const row = rows.get(openMs);
    if (row === undefined) rows.set(openMs, startOf(trade, openMs));
    else addTrade(row, trade);
  }
  const hasTurnover = span.amountUnit === 'base';
  return columnsOf([...rows.values()].map((row) => rowOfTrades(row, hasTurnover)));
}

function inOrder(trades: readonly PublicTrade[], { fromMs, toMs }: Span): PublicTrade[] {
  const seen = new Set<string>();
  const within = trades.filter(({ atMs, tradeId }) => {
    if (atMs < fromMs || atMs >= toMs || (tradeId !== undefined && seen.has(tradeId))) return false;
    if (tradeId !== undefined) seen.add(tradeId);
    return true;
  });
  return within.sort((left, right) => left.atMs - right.atMs);
}

interface TradedCandle extends Pick<CandleRow, 'openMs' | 'open' | 'high' | 'low' | 'close'> {
  /** Exact sums. */
  amount: Amount;
  turnover: Notional;
}

function startOf({ price, amount }: PublicTrade, openMs: number): TradedCandle {
  const value = Number(price);
  return { openMs, open: value, high: value, low: value, close: value, amount, turnover: notionalOf(amount, price) };
}

function addTrade(row: TradedCandle, { price, amount }: PublicTrade): void {
  const value = Number(price);
  row.high = Math.max(row.high, value);
  row.low = Math.min(row.low, value);
  row.close = value;
  row.amount = add(row.amount, amount);
  row.turnover = add(row.turnover, notionalOf(amount, price));
}

const rowOfTrades = ({ amount, turnover, ...prices }: TradedCandle, hasTurnover: boolean): CandleRow => ({
  ...prices,
  volume: Number(amount),
  ...(hasTurnover && { quoteVolume: Number(turnover) }),
});
