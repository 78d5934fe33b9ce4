/**
 * The past of a market as a tree: a day is split into four-hour pieces, these into hours, quarters of an hour, five minutes
 * and minutes. Each split is a pure function of the seed, and its parts add up to the whole, so that a candle of any length
 * costs as little as one of a minute and nothing has to be kept.
 */
import type { Decimal } from './decimal.ts';
import { createDayPrices, factorAt, type PricePath, type PriceShift, smoothNoise } from './price-path.ts';
import { hashUnit, seedOf } from './random.ts';
import { minuteMs, splitPiece, wickMax, wickMin } from './split-piece.ts';

export const dayMs = 1440 * minuteMs;
/** Lengths of the pieces, longest first. */
export const pieceLengthsMs = [dayMs, 240 * minuteMs, 60 * minuteMs, 15 * minuteMs, 5 * minuteMs, minuteMs] as const;
export const minuteLevel = pieceLengthsMs.length - 1;

/** How far a day moves, relative to its price; each further level of the tree moves half as far. */
const daySwing = 0.025;
/** How far the price trembles within seconds. */
const trembleSwing = 0.0001;
const trembleMs = 1_000;
/** Trades in a minute of a market where somebody trades in each, and of one where not. */
const busyTradesPerMinute = 30;
const thinTradesPerMinute = 8;
/** Trades of a day vary by up to this share of the mean. */
const tradesJitter = 0.3;
/** Units of volume in a day lie about here, if eight decimals allow: fine enough for exact sums, coarse enough for floats. */
const dayUnitsDecimals = 13;
const volumePlacesMax = 8;
const fallbackListedAtMs = Date.UTC(2018, 0, 1);

export interface Piece {
  readonly level: number;
  readonly startMs: number;
  /** First millisecond of the next one. */
  readonly endMs: number;
  /** Prices before they are put on a tick. Where nobody trades all four are the price of the last trade before. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Minutes since the listing. */
  readonly minutes: number;
  /** Minutes in which somebody trades. */
  readonly tradedMinutes: number;
  readonly trades: number;
  /** Id of the first trade, as if there were one. */
  readonly firstTradeId: number;
  /** In units, `10 ** volumePlaces` to one of the base asset. Its mean price is that between open and close. */
  readonly volume: number;
}

export interface PastTerms {
  seed: number;
  /** Markets of one name follow the same price. */
  name: string;
  basePrice: number;
  volatility: number;
  tickSize: Decimal;
  /** Mean turnover per minute in the quote asset. */
  quoteVolumePerMinute: number;
  /** @default 2018 */
  listedAtMs?: number | undefined;
  /** Share of the minutes in which somebody trades. @default 1 */
  tradedShare?: number | undefined;
  /** @default none */
  shifts?(): readonly PriceShift[];
}

interface Split {
  startMs: number;
  parts: readonly Piece[];
}

export class MarketPast {
  readonly listedAtMs: number;
  readonly tradedShare: number;
  readonly volumePlaces: number;
  readonly tickSize: number;
  /** A whole number where ticks are below 1. */
  readonly ticksPerOne: number;
  readonly volatility: number;
  readonly seed: number;
  readonly #terms: PastTerms;
  readonly #dayPrice: PricePath;
  readonly #swings: readonly number[];
  readonly #tradesPerDay: number;
  /** The last split of each level, for whoever walks from one minute to the next. */
  readonly #lastSplits: (Split | undefined)[] = [];
  #lastDay: Piece | undefined;

  constructor(terms: PastTerms) {
    this.#terms = terms;
    this.seed = seedOf(terms.seed, `${terms.name}/past`);
    this.listedAtMs = terms.listedAtMs ?? fallbackListedAtMs;
    this.tradedShare = terms.tradedShare ?? 1;
    this.tickSize = Number(terms.tickSize.toFixed());
    this.ticksPerOne = Math.round(1 / this.tickSize);
    this.volatility = terms.volatility;
    this.#dayPrice = createDayPrices(terms);
    this.#swings = pieceLengthsMs.map((_, level) => daySwing * terms.volatility * terms.basePrice * 0.5 ** level);
    const perMinute = this.tradedShare < 1 ? thinTradesPerMinute : busyTradesPerMinute;
    this.#tradesPerDay = Math.ceil((this.tradedShare * perMinute * dayMs) / minuteMs);
    const dayVolume = (terms.quoteVolumePerMinute * 1440) / terms.basePrice;
    this.volumePlaces = Math.max(0, Math.min(volumePlacesMax, dayUnitsDecimals - Math.floor(Math.log10(dayVolume))));
  }

  /** The price that the market maker quotes around, between the cheapest and the dearest trade of the minute. */
  readonly path: PricePath = (atMs) => this.priceAt(this.pieceAt(minuteLevel, atMs), atMs) * this.factorAt(atMs);

  factorAt(atMs: number): number {
    return factorAt(this.shifts(), atMs);
  }

  shifts(): readonly PriceShift[] {
    return this.#terms.shifts?.() ?? [];
  }

  /** How far a piece of a level moves beyond where it opens and closes. */
  swingOf(level: number): number {
    return this.#swings[level] ?? 0;
  }

  /** The piece of a level, or the quiet longer one that a time falls into. */
  pieceAt(level: number, atMs: number): Piece {
    let piece = this.day(Math.floor(atMs / dayMs) * dayMs);
    while (piece.level < level && piece.tradedMinutes > 0) {
      const parts = this.partsOf(piece);
      const lengthMs = pieceLengthsMs[piece.level + 1] ?? minuteMs;
      const part = parts[Math.floor((atMs - piece.startMs) / lengthMs)];
      if (part === undefined) break;
      piece = part;
    }
    return piece;
  }

  partsOf(piece: Piece): readonly Piece[] {
    const last = this.#lastSplits[piece.level];
    if (last?.startMs === piece.startMs) return last.parts;
    const parts = splitPiece(this, piece);
    this.#lastSplits[piece.level] = { startMs: piece.startMs, parts };
    return parts;
  }

  day(startMs: number): Piece {
    if (this.#lastDay?.startMs !== startMs) this.#lastDay = this.#makeDay(startMs);
    return this.#lastDay;
  }

  #makeDay(startMs: number): Piece {
    const endMs = startMs + dayMs;
    const index = startMs / dayMs;
    const [open, close] = [this.#dayPrice(startMs), this.#dayPrice(endMs)];
    const minutes = this.minutesListed(startMs, endMs);
    if (minutes === 0) {
      const flat = { open: close, high: close, low: close, close };
      return { level: 0, startMs, endMs, ...flat, minutes, tradedMinutes: 0, trades: 0, firstTradeId: 1, volume: 0 };
    }
    const unit = (purpose: string) => hashUnit(seedOf(this.seed, purpose), index);
    const wick = (purpose: string) => this.swingOf(0) * (wickMin + (wickMax - wickMin) * unit(purpose));
    const turnover = this.#terms.quoteVolumePerMinute * minutes * this.tradedShare * (0.6 + 0.8 * unit('volume'));
    const wanted = Math.round(minutes * this.tradedShare * (0.8 + 0.4 * unit('traded')));
    return {
      ...{ level: 0, startMs, endMs, open, close, minutes },
      high: Math.max(open, close) + wick('up'),
      low: Math.min(open, close) - wick('down'),
      tradedMinutes: this.tradedShare < 1 ? Math.min(minutes, Math.max(1, wanted)) : minutes,
      trades: this.#tradesBefore(index + 1) - this.#tradesBefore(index),
      firstTradeId: this.#tradesBefore(index) + 1,
      volume: Math.round((turnover / ((open + close) / 2)) * 10 ** this.volumePlaces),
    };
  }

  /** The day in which the trade with an id was made. */
  dayOfTrade(id: number): Piece {
    const first = Math.floor(this.listedAtMs / dayMs);
    const about = first + Math.floor(Math.max(0, id - 1) / this.#tradesPerDay);
    let day = this.day(Math.max(first, about - 1) * dayMs);
    // The count of trades of a day varies by less than a day's.
    for (let step = 0; step < 3 && day.firstTradeId + day.trades <= id; step++) day = this.day(day.endMs);
    return day;
  }

  minutesListed(startMs: number, endMs: number): number {
    return Math.max(0, Math.ceil((endMs - Math.max(startMs, this.listedAtMs)) / minuteMs));
  }

  /** When a trade of a minute is made. */
  timeOfTrade(minute: Piece, index: number): number {
    const unit = hashUnit(this.seed ^ 0x51ed270b, minute.startMs + index);
    return minute.startMs + Math.floor(((index + unit) * minuteMs) / minute.trades);
  }

  /** Which trades of a minute are the dearest and the cheapest: two different ones, neither the first nor the last. */
  extremesOf(minute: Piece): { high: number; low: number } {
    const inner = minute.trades - 2;
    const unit = hashUnit(this.seed ^ 0x2545f491, minute.startMs);
    const high = Math.floor(unit * inner);
    const low = (high + 1 + Math.floor(hashUnit(this.seed ^ 0x6c078965, minute.startMs) * (inner - 1))) % inner;
    return { high: high + 1, low: low + 1 };
  }

  /** The price within a minute, before shifts: it runs through the first, dearest, cheapest and last trade. */
  priceAt(piece: Piece, atMs: number): number {
    if (piece.tradedMinutes === 0) return piece.close;
    const { high, low } = this.extremesOf(piece);
    const [first, second] = high < low ? [high, low] : [low, high];
    const [firstPrice, secondPrice] = high < low ? [piece.high, piece.low] : [piece.low, piece.high];
    const anchors = [
      { atMs: this.timeOfTrade(piece, 0), price: piece.open },
      { atMs: this.timeOfTrade(piece, first), price: firstPrice },
      { atMs: this.timeOfTrade(piece, second), price: secondPrice },
      { atMs: this.timeOfTrade(piece, piece.trades - 1), price: piece.close },
    ];
    let from = { atMs: piece.startMs, price: piece.open };
    let price = piece.close;
    for (const anchor of anchors) {
      if (atMs < anchor.atMs) {
        price = from.price + ((anchor.price - from.price) * (atMs - from.atMs)) / (anchor.atMs - from.atMs);
        break;
      }
      from = anchor;
    }
    const tremble = trembleSwing * this.volatility * smoothNoise(this.seed ^ 0x1b873593, atMs / trembleMs);
    return Math.min(piece.high, Math.max(piece.low, price * (1 + tremble)));
  }

  /** Trades from the listing to the beginning of a day, counted without counting: the jitter of all days between cancels out. */
  #tradesBefore(dayIndex: number): number {
    const listedIndex = Math.floor(this.listedAtMs / dayMs);
    const jitter = (index: number) =>
      Math.floor(hashUnit(this.seed ^ 0x3c6ef372, index) * tradesJitter * this.#tradesPerDay);
    return (dayIndex - listedIndex) * this.#tradesPerDay + jitter(dayIndex) - jitter(listedIndex);
  }
}
