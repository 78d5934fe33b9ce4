/** What faults make of candles and of pages of trades. Which candles are struck depends on seed, symbol and time alone. */
import type { Candle } from '../engine/candles.ts';
import { createRandom, hashUnit, seedOf } from '../engine/random.ts';
import type { FaultBoard, FaultSubject } from '../fault-board.ts';
import type { Fault } from '../faults.ts';

const historyKinds = ['missing-candles', 'bad-candle', 'revised-candle'] as const;
type HistoryFault = Extract<Fault, { kind: (typeof historyKinds)[number] }>;

export interface CandleSubject extends FaultSubject {
  symbol: string;
  /** Of the market, so that markets of one name at two venues are struck differently. */
  seed: number;
}

/** How late the venue is with what it shows of candles; 0 where no fault says otherwise. */
export function staleMs(board: FaultBoard, subject: FaultSubject): number {
  return board.strike(['stale-last'], subject).reduce((most, { lagMs }) => Math.max(most, lagMs), 0);
}

/** Candles left out, spoiled or changed by the faults that strike this request. */
export function disturbCandles(board: FaultBoard, subject: CandleSubject, candles: readonly Candle[]): Candle[] {
  const { method, path, symbol } = subject;
  return applyFaults(board.strike(historyKinds, { method, path, symbol }), subject, candles);
}

/** The same as `disturbCandles` would make of them now, without being an occasion. */
export function shownCandles(board: FaultBoard, subject: CandleSubject, candles: readonly Candle[]): Candle[] {
  return applyFaults(board.waiting(historyKinds, subject), subject, candles);
}

function applyFaults(faults: readonly HistoryFault[], subject: CandleSubject, candles: readonly Candle[]): Candle[] {
  let shown = [...candles];
  for (const fault of faults) {
    const seed = seedOf(subject.seed ^ fault.seed, `${fault.kind} ${subject.symbol}`);
    shown = shown.flatMap((candle) => (isStruck(fault, seed, candle) ? spoil(fault, candle) : [candle]));
  }
  return shown;
}

/** Only closed candles with trades in them: what is missing or wrong is always something that was. */
function isStruck({ share, from, to }: HistoryFault, seed: number, candle: Candle): boolean {
  if (candle.tradeCount === 0 || !candle.closed) return false;
  if (from !== undefined && candle.openMs < from) return false;
  if (to !== undefined && candle.openMs >= to) return false;
  return hashUnit(seed, candle.openMs / 1_000) < share;
}

/** How far a candle is moved that comes again with other values, or is revised. */
const revision = { price: 1.001, volume: 1.25 };

function spoil(fault: HistoryFault, candle: Candle): Candle[] {
  if (fault.kind === 'missing-candles') return [];
  if (fault.kind === 'revised-candle') return [revised(candle)];
  const { high, low } = candle;
  if (fault.what === 'high-below-low')
    return [{ ...candle, high: low, low: high === low ? high * revision.price : high }];
  if (fault.what === 'zero-price') return [{ ...candle, low: 0 }];
  if (fault.what === 'negative-volume') return [{ ...candle, baseVolume: -candle.baseVolume }];
  if (fault.what === 'misaligned') return [{ ...candle, openMs: candle.openMs + misalignedMs }];
  return [candle, revised(candle)];
}

const misalignedMs = 17_000;

function revised(candle: Candle): Candle {
  return {
    ...candle,
    high: candle.high * revision.price,
    baseVolume: candle.baseVolume * revision.volume,
    quoteVolume: candle.quoteVolume * revision.volume,
  };
}

/** A page out of order, with some of it twice, or with less in it than was asked for. */
export function disturbPage<Row>(board: FaultBoard, subject: FaultSubject, rows: readonly Row[]): Row[] {
  let page = [...rows];
  for (const fault of board.strike(['disordered-page', 'short-page'], subject)) {
    if (fault.kind === 'disordered-page') page = disorder(page, fault.seed);
    else page = shorten(page, fault);
  }
  return page;
}

function shorten<Row>(page: readonly Row[], { share, lose }: Extract<Fault, { kind: 'short-page' }>): Row[] {
  if (page.length === 0) return [];
  const kept = Math.max(1, Math.floor(page.length * share));
  return lose === 'newest' ? page.slice(0, kept) : page.slice(-kept);
}

/** A tenth of the rows comes twice. */
const repeatedShare = 0.1;

function disorder<Row>(page: readonly Row[], seed: number): Row[] {
  const random = createRandom(seed, page.length);
  const rows = page.flatMap((row) => (random() < repeatedShare ? [row, row] : [row]));
  for (let index = rows.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    const [left, right] = [rows[index], rows[other]];
    if (left === undefined || right === undefined) continue;
    rows[index] = right;
    rows[other] = left;
  }
  return rows;
}
