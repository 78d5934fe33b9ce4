/** The trades of a market's past, made minute by minute when they are asked for. */
import { decimal } from './decimal.ts';
import { dayMs, type MarketPast, minuteLevel, type Piece } from './market-past.ts';
import { factorAt } from './price-path.ts';
import { hashUnit } from './random.ts';
import { balance } from './split-piece.ts';
import type { Trade } from './types.ts';

/** One trade, its price in ticks and its amount in units of volume. */
export interface PastTrade {
  readonly id: number;
  readonly atMs: number;
  readonly ticks: number;
  readonly volume: number;
  readonly takerSide: 'buy' | 'sell';
}

/** The prices of a piece on the market's ticks, after shifts: outwards for the extremes, so that a longer piece's are those of its parts. */
export function ticksOf(past: MarketPast, piece: Piece, factor: number) {
  const scale = factor / past.tickSize;
  return {
    open: Math.max(1, Math.round(piece.open * scale)),
    high: Math.max(1, Math.ceil(piece.high * scale)),
    low: Math.max(1, Math.floor(piece.low * scale)),
    close: Math.max(1, Math.round(piece.close * scale)),
  };
}

/** All trades of a minute, oldest first. Their prices and amounts make its candle. */
export function tradesOfMinute(past: MarketPast, minute: Piece): PastTrade[] {
  const { trades: count } = minute;
  const shifts = past.shifts();
  const extremes = past.extremesOf(minute);
  const times = Array.from({ length: count }, (_, index) => past.timeOfTrade(minute, index));
  const firstFactor = factorAt(shifts, minute.startMs);
  const plain = times.map((atMs, index) => ticksAt(past, minute, { index, atMs, extremes, factor: firstFactor }));
  const volumes = splitVolume(past, minute, { plain, extremes, factor: firstFactor });
  return times.map((atMs, index) => {
    const factor = factorAt(shifts, atMs);
    const ticks =
      factor === firstFactor ? (plain[index] ?? 1) : ticksAt(past, minute, { index, atMs, extremes, factor });
    const takerSide = hashUnit(past.seed ^ 0x4cf5ad43, atMs) < 0.5 ? 'buy' : 'sell';
    return { id: minute.firstTradeId + index, atMs, ticks, volume: volumes[index] ?? 0, takerSide };
  });
}

interface Place {
  index: number;
  atMs: number;
  extremes: { high: number; low: number };
  factor: number;
}

function ticksAt(past: MarketPast, minute: Piece, { index, atMs, extremes, factor }: Place): number {
  const { open, high, low, close } = ticksOf(past, minute, factor);
  if (index === 0) return open;
  if (index === minute.trades - 1) return close;
  if (index === extremes.high) return high;
  if (index === extremes.low) return low;
  return Math.min(high, Math.max(low, Math.round((past.priceAt(minute, atMs) * factor) / past.tickSize)));
}

/** Amounts that add up to the minute's, at a mean price that is the minute's too. */
function splitVolume(
  past: MarketPast,
  minute: Piece,
  { plain, extremes, factor }: { plain: readonly number[]; extremes: Place['extremes']; factor: number },
): number[] {
  const raw = plain.map((_, index) => 0.2 + hashUnit(past.seed ^ 0x7ed55d16, minute.startMs + index));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  const wanted = ((minute.open + minute.close) / 2 / past.tickSize) * factor;
  const inOrder = [extremes.high, ...[...plain.keys()].filter((index) => !isExtreme(index, extremes)), extremes.low];
  const shares = balance(
    inOrder.map((index) => (raw[index] ?? 0) / sum),
    inOrder.map((index) => plain[index] ?? 0),
    wanted,
  );
  const shareOf = new Map(inOrder.map((index, place) => [index, shares[place] ?? 0]));
  let [upTo, given] = [0, 0];
  return plain.map((_, index) => {
    upTo = index === plain.length - 1 ? 1 : upTo + (shareOf.get(index) ?? 0);
    const volume = Math.round(minute.volume * upTo) - given;
    given += volume;
    return volume;
  });
}

const isExtreme = (index: number, { high, low }: Place['extremes']): boolean => index === high || index === low;

/** The minutes of a time in which somebody traded, oldest first. */
export function* tradedMinutes(past: MarketPast, span: { fromMs: number; toMs: number }): Generator<Piece> {
  const fromMs = Math.max(span.fromMs, past.listedAtMs);
  for (let atMs = Math.floor(fromMs / dayMs) * dayMs; atMs < span.toMs; atMs += dayMs) {
    yield* minutesWithin(past, past.day(atMs), { ...span, isBackwards: false });
  }
}

/** The same, newest first. */
export function* tradedMinutesBackwards(past: MarketPast, span: { fromMs: number; toMs: number }): Generator<Piece> {
  const fromMs = Math.max(span.fromMs, past.listedAtMs);
  for (let atMs = Math.floor((span.toMs - 1) / dayMs) * dayMs; atMs + dayMs > fromMs; atMs -= dayMs) {
    yield* minutesWithin(past, past.day(atMs), { ...span, isBackwards: true });
  }
}

function* minutesWithin(
  past: MarketPast,
  piece: Piece,
  span: { fromMs: number; toMs: number; isBackwards: boolean },
): Generator<Piece> {
  if (piece.tradedMinutes === 0 || piece.endMs <= span.fromMs || piece.startMs >= span.toMs) return;
  if (piece.level === minuteLevel) {
    yield piece;
    return;
  }
  const parts = past.partsOf(piece);
  for (const part of span.isBackwards ? parts.toReversed() : parts) yield* minutesWithin(past, part, span);
}

/** The first trades within a time, oldest first. */
export function tradesFrom(past: MarketPast, range: { fromMs: number; toMs: number; limit: number }): PastTrade[] {
  const found: PastTrade[] = [];
  for (const minute of tradedMinutes(past, range)) {
    for (const trade of tradesOfMinute(past, minute)) {
      if (trade.atMs < range.fromMs || trade.atMs >= range.toMs) continue;
      found.push(trade);
      if (found.length === range.limit) return found;
    }
  }
  return found;
}

/** The last trades before a time, oldest first. */
export function tradesUntil(past: MarketPast, range: { fromMs?: number; toMs: number; limit: number }): PastTrade[] {
  const fromMs = range.fromMs ?? past.listedAtMs;
  let found: PastTrade[] = [];
  for (const minute of tradedMinutesBackwards(past, { fromMs, toMs: range.toMs })) {
    const within = tradesOfMinute(past, minute).filter(({ atMs }) => atMs >= fromMs && atMs < range.toMs);
    found = [...within, ...found];
    if (found.length >= range.limit) break;
  }
  return found.slice(-range.limit);
}

/** The trades from an id on that were made before a time, oldest first. */
export function tradesFromId(past: MarketPast, range: { id: number; toMs: number; limit: number }): PastTrade[] {
  let piece = past.dayOfTrade(Math.max(1, range.id));
  while (piece.level < minuteLevel) {
    const part = past.partsOf(piece).findLast(({ trades, firstTradeId }) => trades > 0 && firstTradeId <= range.id);
    if (part === undefined) break;
    piece = part;
  }
  // An id of yesterday's last minute may begin a page that goes on today.
  const found = tradesFrom(past, { fromMs: piece.startMs, toMs: range.toMs, limit: range.limit + piece.trades });
  return found.filter(({ id }) => id >= range.id).slice(0, range.limit);
}

/** The trade in the engine's words. */
export function asTrade(past: MarketPast, instrumentId: string, trade: PastTrade): Trade {
  const { id, atMs, takerSide } = trade;
  const price = decimal((trade.ticks * past.tickSize).toFixed(8));
  const quantity = decimal((trade.volume / 10 ** past.volumePlaces).toFixed(past.volumePlaces));
  return { id, instrumentId, price, quantity, quote: price.times(quantity), atMs, takerSide };
}
