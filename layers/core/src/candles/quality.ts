/** Which of the candles that a venue sent can be stored. */
import type { Candle } from '../ports/market-data.ts';
import type { QuarantinedCandle, QuarantineReason } from './candle-block.ts';
import { type CandleColumns, type CandleRow, columnsOf } from './columns.ts';
import type { CandleSeries } from './series.ts';
import { isAligned, nextOpenTime } from './timeframe.ts';

/** A venue's clock may be this far ahead: what opens within this time is still forming, not of the future. */
export const clockLeadMaxMs = 60_000;

export interface CandleCheck {
  series: CandleSeries;
  nowMs: number;
}

export interface CheckedCandles {
  candles: CandleColumns;
  /** By open time. */
  quarantined: QuarantinedCandle[];
}

/** What is wrong with a candle. */
export interface CandleFault {
  reason: QuarantineReason;
  message: string;
}

/**
 * Takes what can be stored, in whatever order it came. A candle that has not closed yet is left out without a word. What makes no
 * sense is quarantined, for the first thing that is wrong with it.
 *
 * Of two candles with one open time, equal ones are one, and one that only tells less is passed over. Where they contradict each
 * other the one is kept that is the later state of the candle: while it forms its volume and its range only grow. So the larger
 * volume goes before, then the wider range, then the one that was sent last; the other one is quarantined.
 */
export function checkCandles(candles: readonly Candle[], check: CandleCheck): CheckedCandles {
  const quarantined: QuarantinedCandle[] = [];
  const kept = new Map<number, Numbers>();
  for (const numbers of candles.map(numbersOf)) {
    const verdict = judge(numbers, check);
    if (verdict === 'forming') continue;
    if (verdict !== 'fine') {
      quarantined.push(quarantinedOf(numbers, verdict, check));
      continue;
    }
    const other = kept.get(numbers.openMs);
    const { winner, loser } = other === undefined ? { winner: numbers } : chooseOf(other, numbers);
    kept.set(numbers.openMs, winner);
    if (loser !== undefined) quarantined.push(quarantinedOf(loser, duplicateOf(winner), check));
  }
  const inOrder = [...kept.values()].sort((a, b) => a.openMs - b.openMs);
  return {
    // What was found fine tells everything that a row must have.
    candles: columnsOf(inOrder as CandleRow[]),
    quarantined: quarantined.sort((a, b) => a.openMs - b.openMs),
  };
}

const prices = ['open', 'high', 'low', 'close'] as const;
const counts = ['volume', 'quoteVolume', 'trades'] as const;
type Field = (typeof prices)[number] | (typeof counts)[number];

/** As sent; `undefined` is what was not told, `NaN` what is no number. */
type Numbers = { openMs: number } & Record<Field, number | undefined>;

/** What crosses a border may be anything, whatever its type says. */
function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  // An empty text would be zero. Adding zero makes one zero of both.
  return value === '' ? Number.NaN : Number(value) + 0;
}

const numbersOf = (candle: Candle): Numbers => ({
  openMs: candle.openTimeMs,
  ...{ open: numberOf(candle.open), high: numberOf(candle.high), low: numberOf(candle.low) },
  ...{ close: numberOf(candle.close), volume: numberOf(candle.volume) },
  ...{ quoteVolume: numberOf(candle.quoteVolume), trades: numberOf(candle.trades) },
});

/** Times come first: what is wrong with a candle that still forms may right itself. */
function judge(numbers: Numbers, { series: { timeframe }, nowMs }: CandleCheck): CandleFault | 'forming' | 'fine' {
  const { openMs } = numbers;
  if (!Number.isSafeInteger(openMs) || Math.abs(openMs) > timeMax || !isAligned(timeframe, openMs)) {
    return { reason: 'misaligned', message: `opens at ${timeText(openMs)}, when no ${timeframe} candle opens` };
  }
  if (openMs > nowMs + clockLeadMaxMs) {
    return { reason: 'in_future', message: `opens at ${timeText(openMs)}, and it is ${timeText(nowMs)}` };
  }
  if (nextOpenTime(timeframe, openMs) > nowMs) return 'forming';
  return valueFault(numbers) ?? 'fine';
}

/** Dates end a little behind it, at 8,640,000,000,000,000. */
const timeMax = 8_600_000_000_000_000;
const timeText = (atMs: number): string =>
  Number.isSafeInteger(atMs) && Math.abs(atMs) <= timeMax ? new Date(atMs).toISOString() : String(atMs);

function valueFault(numbers: Numbers): CandleFault | undefined {
  for (const name of prices) {
    const value = numbers[name];
    if (value === undefined || !Number.isFinite(value)) return faultOf('inconsistent', `has no ${name}`);
    if (value <= 0) return faultOf('price_not_positive', `its ${name} is ${value}`);
  }
  for (const name of counts) {
    const value = numbers[name];
    if (value === undefined) continue;
    if (!Number.isFinite(value)) return faultOf('inconsistent', `its ${name} is no number`);
    if (value < 0) return faultOf('volume_negative', `its ${name} is ${value}`);
  }
  const { open, high, low, close } = numbers as Record<(typeof prices)[number], number>;
  // The nearest floats of two decimals are never in the other order than the decimals.
  if (high < low) return faultOf('inconsistent', `its high of ${high} is below its low of ${low}`);
  for (const [name, value] of [
    ['open', open],
    ['close', close],
  ] as const) {
    if (value > high) return faultOf('inconsistent', `its ${name} of ${value} is above its high of ${high}`);
    if (value < low) return faultOf('inconsistent', `its ${name} of ${value} is below its low of ${low}`);
  }
  return undefined;
}

const faultOf = (reason: QuarantineReason, message: string): CandleFault => ({ reason, message });

/** Both are fine by themselves. */
function chooseOf(first: Numbers, second: Numbers): { winner: Numbers; loser?: Numbers } {
  const differ = [...prices, ...counts].some(
    (name) => first[name] !== undefined && second[name] !== undefined && first[name] !== second[name],
  );
  if (!differ) {
    // Each may tell what the other does not.
    const told = (name: (typeof counts)[number]) => first[name] ?? second[name];
    return {
      winner: { ...first, volume: told('volume'), quoteVolume: told('quoteVolume'), trades: told('trades') },
    };
  }
  const isFirst = laterState(first, second) > 0;
  return isFirst ? { winner: first, loser: second } : { winner: second, loser: first };
}

/** Above zero where the first is the later state of the candle. */
function laterState(first: Numbers, second: Numbers): number {
  const rangeOf = ({ high, low }: Numbers) => (high as number) - (low as number);
  return (first.volume ?? 0) - (second.volume ?? 0) || rangeOf(first) - rangeOf(second);
}

const duplicateOf = (winner: Numbers): CandleFault => ({
  reason: 'duplicate',
  message: `was sent with other values too; kept are ${[...prices, 'volume' as const].map((name) => `${name} ${winner[name] ?? 'unknown'}`).join(', ')}`,
});

function quarantinedOf(numbers: Numbers, fault: CandleFault, { series, nowMs }: CandleCheck): QuarantinedCandle {
  const { openMs } = numbers;
  const told = (value: number | undefined) => (value === undefined || !Number.isFinite(value) ? null : value);
  const values = [openMs, ...prices.map((name) => numbers[name]), numbers.volume].map(told);
  // A row is found by its time, so one without any gets the first there is.
  return { series, openMs: told(openMs) ?? 0, ...fault, values, atMs: nowMs };
}
