/** How a piece of a market's past is split into shorter ones that add up to it. */
import type { MarketPast, Piece } from './market-past.ts';
import { hashUnit } from './random.ts';

const branchings = [6, 4, 4, 3, 5] as const;
export const minuteMs = 60_000;
/** How far a piece reaches beyond its open and close at least and at most, in swings of its level. */
export const wickMin = 0.8;
export const wickMax = 1.2;
/** A minute in which somebody trades has at least these: the first, the dearest, the cheapest and the last one. */
const tradesPerMinuteMin = 4;
/** In swings of the piece that is split. Parts stay so far from its extremes that their own wicks fit in. */
const padding = wickMax / 2;
/** What the first and the last part at least leave open to the other end; never more than wick less padding. */
const margin = 0.2;
const noise = 0.5;

/** What a number is drawn for, so that no two are drawn with the same seed. */
const purposes = {
  traded: 0x9e3779b1,
  price: 0x85ebca77,
  up: 0xc2b2ae3d,
  down: 0x27d4eb2f,
  weight: 0x165667b1,
  extreme: 0x2127599b,
};

type Draw = (purpose: keyof typeof purposes, index: number) => number;

/** Parts that begin where the one before ends. Prices, volume and counts add up to those of the piece. */
export function splitPiece(past: MarketPast, piece: Piece): Piece[] {
  const count = branchings[piece.level] ?? 1;
  const lengthMs = (piece.endMs - piece.startMs) / count;
  const level = piece.level + 1;
  const base = (past.seed ^ Math.imul(level, 0x7feb352d)) | 0;
  const firstIndex = piece.startMs / lengthMs;
  const draw: Draw = (purpose, index) => hashUnit(base ^ purposes[purpose], firstIndex + index);
  const minutes = Array.from({ length: count }, (_, index) => {
    const startMs = piece.startMs + index * lengthMs;
    return Math.min(lengthMs / minuteMs, past.minutesListed(startMs, startMs + lengthMs));
  });
  const traded = splitTraded(piece, minutes, draw);
  const busy = traded.flatMap((amount, index) => (amount > 0 ? [index] : []));
  const bounds = splitPrices(piece, busy, { draw, swing: past.swingOf(piece.level) });
  const shares = splitWeight(piece, busy, { draw, bounds, traded });
  return assemble(piece, { busy, bounds, shares, traded, minutes, lengthMs, draw, swing: past.swingOf(level) });
}

/** How many minutes of each part somebody trades in. */
function splitTraded(piece: Piece, minutes: readonly number[], draw: Draw): number[] {
  let left = piece.tradedMinutes;
  let room = piece.minutes;
  if (left === room) return [...minutes];
  return minutes.map((here, index) => {
    const expected = room === 0 ? 0 : (left * here) / room;
    const unit = draw('traded', index);
    const about =
      here === 1 ? Math.floor(expected + unit) : Math.round(expected + (2 * unit - 1) * Math.sqrt(expected));
    room -= here;
    const amount = Math.min(here, left, Math.max(about, left - room, 0));
    left -= amount;
    return amount;
  });
}

/** Where each busy part begins, and where the last ends. */
function splitPrices(piece: Piece, busy: readonly number[], options: { draw: Draw; swing: number }): number[] {
  const { draw, swing } = options;
  const { open, close } = piece;
  const count = busy.length;
  const [lowest, highest] = [piece.low + padding * swing, piece.high - padding * swing];
  const bounds = busy.map((index, place) => {
    if (place === 0) return open;
    const between = open + ((close - open) * place) / count;
    if (count === 2) return open + (close - open) * (0.3 + 0.4 * draw('price', index));
    return Math.min(highest, Math.max(lowest, between + noise * swing * (2 * draw('price', index) - 1)));
  });
  bounds.push(close);
  if (count < 3) return bounds;
  // The first part's mean price must lie on one side of the whole's and the last part's on the other, for the weights.
  const [second = open, last = close] = [bounds[1], bounds[count - 1]];
  if (close >= open) {
    bounds[1] = Math.min(second, close - margin * swing);
    bounds[count - 1] = Math.max(last, open + margin * swing);
  } else {
    bounds[1] = Math.max(second, close + margin * swing);
    bounds[count - 1] = Math.min(last, open - margin * swing);
  }
  return bounds;
}

interface WeightOptions {
  draw: Draw;
  bounds: readonly number[];
  traded: readonly number[];
}

/** Which share of the volume each busy part has: such that their mean prices make that of the whole. */
function splitWeight(piece: Piece, busy: readonly number[], { draw, bounds, traded }: WeightOptions): number[] {
  const raw = busy.map((index) => (traded[index] ?? 0) * (0.4 + 1.2 * draw('weight', index)));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  const means = busy.map((_, place) => ((bounds[place] ?? 0) + (bounds[place + 1] ?? 0)) / 2);
  const wanted = (piece.open + piece.close) / 2;
  return balance(
    raw.map((weight) => weight / sum),
    means,
    wanted,
  );
}

/** Moves weight to the first or last value, whichever lies on the other side, until the mean is the one that is wanted. */
export function balance(weights: readonly number[], values: readonly number[], wanted: number): number[] {
  const mean = weights.reduce((sum, weight, index) => sum + weight * (values[index] ?? 0), 0);
  if (Math.abs(mean - wanted) <= wanted * 1e-13) return [...weights];
  const helper = [0, values.length - 1].find((index) => ((values[index] ?? 0) - wanted) * (mean - wanted) < 0);
  if (helper === undefined) return [...weights];
  const share = (mean - wanted) / (mean - (values[helper] ?? 0));
  return weights.map((weight, index) => weight * (1 - share) + (index === helper ? share : 0));
}

interface Parts extends WeightOptions {
  busy: readonly number[];
  shares: readonly number[];
  minutes: readonly number[];
  lengthMs: number;
  swing: number;
}

/** Written with one literal and no spreading: this is what a page of candles mostly is. */
function assemble(piece: Piece, parts: Parts): Piece[] {
  const { busy, bounds, shares, traded, minutes, lengthMs, draw, swing } = parts;
  const highest = Math.floor(draw('extreme', 0) * busy.length);
  const lowest = Math.floor(draw('extreme', 1) * busy.length);
  const extra = piece.trades - tradesPerMinuteMin * piece.tradedMinutes;
  const wick = (purpose: 'up' | 'down', index: number) =>
    swing * (wickMin + (wickMax - wickMin) * draw(purpose, index));
  let [share, volumeSoFar, extraSoFar, place] = [0, 0, 0, 0];
  let [firstTradeId, price] = [piece.firstTradeId, piece.open];
  return minutes.map((here, index) => {
    const startMs = piece.startMs + index * lengthMs;
    const tradedMinutes = traded[index] ?? 0;
    let [open, high, low, close, trades, volume] = [price, price, price, price, 0, 0];
    const id = firstTradeId;
    if (tradedMinutes > 0) {
      open = bounds[place] ?? piece.open;
      close = bounds[place + 1] ?? piece.close;
      high = place === highest ? piece.high : Math.max(open, close) + wick('up', index);
      low = place === lowest ? piece.low : Math.min(open, close) - wick('down', index);
      share = place === busy.length - 1 ? 1 : share + (shares[place] ?? 0);
      // What is rounded is the sum up to here, so that the parts add up to the whole.
      const [volumeUpTo, extraUpTo] = [Math.round(piece.volume * share), Math.round(extra * share)];
      trades = tradesPerMinuteMin * tradedMinutes + extraUpTo - extraSoFar;
      volume = volumeUpTo - volumeSoFar;
      [volumeSoFar, extraSoFar, place] = [volumeUpTo, extraUpTo, place + 1];
      [firstTradeId, price] = [id + trades, close];
    }
    const [level, endMs] = [piece.level + 1, startMs + lengthMs];
    return {
      level,
      startMs,
      endMs,
      open,
      high,
      low,
      close,
      minutes: here,
      tradedMinutes,
      trades,
      firstTradeId: id,
      volume,
    };
  });
}
