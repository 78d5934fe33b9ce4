/** Candles and day statistics of the seeded market. A closed candle never changes. */
import { dayMs, type MarketPast, minuteLevel, type Piece } from './market-past.ts';
import { ticksOf, tradesOfMinute } from './past-trades.ts';
import { factorAt } from './price-path.ts';
import { hashUnit } from './random.ts';
import { minuteMs } from './split-piece.ts';

export interface Candle {
  openMs: number;
  /** Last millisecond of the candle, also while it is still open. */
  closeMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  baseVolume: number;
  quoteVolume: number;
  takerBuyBaseVolume: number;
  takerBuyQuoteVolume: number;
  /** 0 where nobody traded: then all prices are that of the last trade before. */
  tradeCount: number;
  /** Id of the first trade; of the next one where there is none. */
  firstTradeId: number;
  closed: boolean;
}

/** What candles are made from. */
export type CandleSource = MarketPast;

/** The candle that starts at `openMs` and ends before `endMs`, as far as it has got at `nowMs`. */
export function candleOf(past: CandleSource, span: { openMs: number; endMs: number }, nowMs: number): Candle {
  const { openMs, endMs } = span;
  const toMs = Math.min(endMs, Math.floor(nowMs) + 1);
  const sum = new CandleSum(past);
  for (let atMs = Math.floor(openMs / dayMs) * dayMs; atMs < toMs; atMs += dayMs) {
    addPiece(sum, past.day(atMs), { fromMs: openMs, toMs });
  }
  return sum.candle({ openMs, closeMs: endMs - 1, closed: nowMs >= endMs });
}

/** Whether a market was there for any part of a candle. */
export function isListedBy(past: CandleSource, endMs: number): boolean {
  return endMs > past.listedAtMs;
}

function addPiece(sum: CandleSum, piece: Piece, span: { fromMs: number; toMs: number }): void {
  if (piece.tradedMinutes === 0 || piece.endMs <= span.fromMs || piece.startMs >= span.toMs) return;
  const isWhole = piece.startMs >= span.fromMs && piece.endMs <= span.toMs;
  if (isWhole && !sum.isShiftedWithin(piece)) sum.addWhole(piece);
  else if (piece.level === minuteLevel) sum.addTrades(piece, span);
  else for (const part of sum.past.partsOf(piece)) addPiece(sum, part, span);
}

class CandleSum {
  readonly past: MarketPast;
  readonly #ticks = { open: 0, high: 0, low: Number.POSITIVE_INFINITY, close: 0 };
  /** In units. */
  #volume = 0;
  /** In ticks times units; so are those that buyers took. */
  #quote = 0;
  #buyVolume = 0;
  #buyQuote = 0;
  #trades = 0;
  #firstTradeId = 0;

  constructor(past: MarketPast) {
    this.past = past;
  }

  isShiftedWithin({ startMs, endMs }: Piece): boolean {
    return this.past.shifts().some(({ sinceMs }) => sinceMs > startMs && sinceMs < endMs);
  }

  addWhole(piece: Piece): void {
    const factor = factorAt(this.past.shifts(), piece.startMs);
    const mean = ((piece.open + piece.close) / 2 / this.past.tickSize) * factor;
    if (this.#trades === 0) this.#firstTradeId = piece.firstTradeId;
    this.#prices(ticksOf(this.past, piece, factor));
    this.#amounts({ volume: piece.volume, quote: piece.volume * mean, trades: piece.trades, atMs: piece.startMs });
  }

  addTrades(minute: Piece, span: { fromMs: number; toMs: number }): void {
    for (const { id, atMs, ticks, volume } of tradesOfMinute(this.past, minute)) {
      if (atMs < span.fromMs || atMs >= span.toMs) continue;
      if (this.#trades === 0) this.#firstTradeId = id;
      this.#prices({ open: ticks, high: ticks, low: ticks, close: ticks });
      this.#amounts({ volume, quote: volume * ticks, trades: 1, atMs });
    }
  }

  candle({ openMs, closeMs, closed }: Pick<Candle, 'openMs' | 'closeMs' | 'closed'>): Candle {
    const { past } = this;
    const unitsPerOne = 10 ** past.volumePlaces;
    const ticks = this.#trades === 0 ? this.#quietTicks(openMs) : this.#ticks;
    const quotePerUnit = past.tickSize / unitsPerOne;
    return {
      openMs,
      closeMs,
      open: priceOfTicks(past, ticks.open),
      high: priceOfTicks(past, ticks.high),
      low: priceOfTicks(past, ticks.low),
      close: priceOfTicks(past, ticks.close),
      baseVolume: this.#volume / unitsPerOne,
      quoteVolume: this.#quote * quotePerUnit,
      takerBuyBaseVolume: this.#buyVolume / unitsPerOne,
      takerBuyQuoteVolume: this.#buyQuote * quotePerUnit,
      tradeCount: this.#trades,
      firstTradeId: this.#firstTradeId,
      closed,
    };
  }

  #quietTicks(openMs: number) {
    const piece = this.past.pieceAt(minuteLevel, openMs);
    const { open } = ticksOf(this.past, piece, this.past.factorAt(openMs));
    return { open, high: open, low: open, close: open };
  }

  #prices({ open, high, low, close }: { open: number; high: number; low: number; close: number }): void {
    const ticks = this.#ticks;
    if (this.#trades === 0) ticks.open = open;
    if (high > ticks.high) ticks.high = high;
    if (low < ticks.low) ticks.low = low;
    ticks.close = close;
  }

  #amounts({ volume, quote, trades, atMs }: { volume: number; quote: number; trades: number; atMs: number }): void {
    // One share a day: what buyers took adds up like everything else.
    const buyShare = 0.4 + 0.2 * hashUnit(this.past.seed ^ 0x5bd1e995, Math.floor(atMs / dayMs));
    this.#volume += volume;
    this.#quote += quote;
    this.#buyVolume += volume * buyShare;
    this.#buyQuote += quote * buyShare;
    this.#trades += trades;
  }
}

/** The float that is nearest to the decimal price: division rounds correctly, multiplication by a tick such as 0.01 does not. */
export function priceOfTicks(past: MarketPast, ticks: number): number {
  return past.tickSize >= 1 ? ticks * past.tickSize : ticks / past.ticksPerOne;
}

export interface DayStatistics {
  open: number;
  high: number;
  low: number;
  baseVolume: number;
  quoteVolume: number;
  tradeCount: number;
}

/** The 24 hours before the minute of `nowMs`: whole minutes only, which need no trades to be made. */
export function dayStatistics(past: CandleSource, nowMs: number): DayStatistics {
  const endMs = Math.floor(nowMs / minuteMs) * minuteMs;
  return candleOf(past, { openMs: endMs - dayMs, endMs }, nowMs);
}
