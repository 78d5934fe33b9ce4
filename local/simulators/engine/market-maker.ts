/** Brings a market to life: quotes around the seeded price path and trades now and then. */
import type { Resting } from './book.ts';
import { approximate, type Decimal, decimal, decimalOfStatistic, floorToStep, zero } from './decimal.ts';
import type { MarketState } from './market-state.ts';
import type { MatchingEngine } from './matching-engine.ts';
import type { PricePath } from './price-path.ts';
import { createRandom, hashUnit, type RandomSource, seedOf } from './random.ts';
import { opposite, type Side } from './types.ts';

const levelsPerSide = 25;
/** Distance of two levels and half the spread, relative to the price. */
const levelDistance = 0.0001;
const halfSpread = 0.00001;
const tradesPerTickMax = 3;
/** Largest part of a level that one of the market's own trades takes. */
const tradeShareMax = 0.08;
/** A dormant market shows this many trades of its past when it wakes. */
const pastTrades = 120;
const pastTradeSpacingMs = 1_500;

/** The first levels grow with their distance from the best, those behind them no more. */
const growingLevels = 4;
/** Kept of a market: far more than two ladders, whatever its price does meanwhile. */
const gridLevelsMax = 400;

interface GridLevel {
  readonly price: Decimal;
  readonly text: string;
  /** By rank: how far from the best the level is. */
  readonly quantities: Decimal[];
}

export interface MarketMakerOptions {
  engine: MatchingEngine;
  seed: number;
  tickMs: number;
}

export class MarketMaker {
  readonly #options: MarketMakerOptions;
  readonly #quotes: Record<Side, Map<string, Resting>> = { buy: new Map(), sell: new Map() };
  readonly #market: MarketState;
  readonly #path: PricePath;
  readonly #seed: number;
  /** Levels of the grid by their number: dividing exactly costs more than all else that a tick does. */
  readonly #grid = new Map<number, GridLevel>();
  #tickIndex = 0;

  constructor(options: MarketMakerOptions, market: MarketState, path: PricePath) {
    this.#options = options;
    this.#market = market;
    this.#path = path;
    this.#seed = seedOf(options.seed, `${market.instrument.id}/quotes`);
  }

  /** Brings the market to the tick that `nowMs` falls into. Ticks in which nobody looked are skipped. */
  advance(nowMs: number): void {
    const tickIndex = Math.floor(nowMs / this.#options.tickMs);
    if (tickIndex <= this.#tickIndex) return;
    const first = this.#tickIndex === 0;
    this.#tickIndex = tickIndex;
    if (first) this.#rememberPast(nowMs);
    this.#requote(nowMs);
    this.#options.engine.advanceSlices(this.#market.instrument.id);
    this.#tradeSome(createRandom(this.#seed, tickIndex));
  }

  /** Quotes again at once when others have taken most of a side, so that market orders always find somebody. */
  refill(nowMs: number): void {
    for (const side of ['buy', 'sell'] as const) {
      if (this.#quotes[side].size === 0 || this.#market.book.levels(side).length < levelsPerSide / 2) {
        this.#requote(nowMs);
        return;
      }
    }
  }

  /** Moves to the price of a time at once, and trades there, so that everybody sees it. */
  jump(nowMs: number): void {
    this.#requote(nowMs);
    const { instrument, book } = this.#market;
    const best = book.best('sell');
    if (best === undefined) return;
    this.#options.engine.takeForHouse(instrument.id, {
      side: 'buy',
      limitPrice: best.price,
      quantity: instrument.stepSize,
    });
  }

  #requote(nowMs: number): void {
    const { instrument, book } = this.#market;
    const mid = this.#path(nowMs);
    const wanted = { buy: this.#ladder('buy', mid), sell: this.#ladder('sell', mid) };
    for (const side of ['buy', 'sell'] as const) {
      for (const [price, quote] of this.#quotes[side]) {
        // A quote that has been eaten into is replaced, which also restores its size.
        if (wanted[side].get(price)?.eq(quote.remaining) === true) continue;
        book.remove(quote);
        this.#quotes[side].delete(price);
      }
    }
    for (const side of ['buy', 'sell'] as const) {
      const best = wanted[side].keys().next().value;
      // Whoever rests at a price that the market has moved through is filled first.
      if (best === undefined) continue;
      const appetite = { side, limitPrice: decimal(best), holdsTriggers: true };
      this.#options.engine.takeForHouse(instrument.id, appetite);
    }
    for (const side of ['buy', 'sell'] as const) {
      for (const [price, quantity] of wanted[side]) {
        if (!this.#quotes[side].has(price)) this.#addQuote(side, price, quantity);
      }
    }
    this.#options.engine.fireTriggers(instrument.id);
  }

  #addQuote(side: Side, price: string, quantity: Decimal): void {
    const resting: Resting = {
      side,
      price: decimal(price),
      remaining: quantity,
      visible: quantity,
      displayQuantity: undefined,
      order: undefined,
    };
    this.#quotes[side].set(price, resting);
    this.#market.book.add(resting);
  }

  /** Wanted amounts by price, best first. Levels lie on a fixed grid, so most of them stay when the price moves. */
  #ladder(side: Side, mid: number): Map<string, Decimal> {
    const { tickSize, basePrice } = this.#market.instrument;
    const ticksPerLevel = Math.max(1, Math.round((basePrice * levelDistance) / approximate(tickSize)));
    const levelSize = tickSize.times(decimal(String(ticksPerLevel)));
    const touch = side === 'buy' ? mid * (1 - halfSpread) : mid * (1 + halfSpread);
    const grid = touch / approximate(levelSize);
    const firstIndex = side === 'buy' ? Math.floor(grid) : Math.floor(grid) + 1;
    const ladder = new Map<string, Decimal>();
    for (let offset = 0; offset < levelsPerSide; offset++) {
      const index = side === 'buy' ? firstIndex - offset : firstIndex + offset;
      if (index <= 0) break;
      const level = this.#gridLevel(index, levelSize);
      const rank = Math.min(offset, growingLevels);
      level.quantities[rank] ??= this.#levelQuantity(level.price, index, rank);
      ladder.set(level.text, level.quantities[rank]);
    }
    return ladder;
  }

  #gridLevel(index: number, levelSize: Decimal): GridLevel {
    const known = this.#grid.get(index);
    if (known !== undefined) return known;
    if (this.#grid.size >= gridLevelsMax) this.#grid.clear();
    const price = levelSize.times(decimal(String(index)));
    const level = { price, text: price.toFixed(), quantities: [] };
    this.#grid.set(index, level);
    return level;
  }

  #levelQuantity(price: Decimal, index: number, rank: number): Decimal {
    const { stepSize, levelNotional } = this.#market.instrument;
    const size = (0.5 + hashUnit(this.#seed, index)) * (1 + rank / 2);
    const quantity = floorToStep(decimalOfStatistic(levelNotional * size, 8).div(price), stepSize);
    return quantity.gt(zero) ? quantity : stepSize;
  }

  #tradeSome(random: RandomSource): void {
    const { instrument, book } = this.#market;
    const count = Math.floor(random() * (tradesPerTickMax + 1));
    for (let trade = 0; trade < count; trade++) {
      const side: Side = random() < 0.5 ? 'buy' : 'sell';
      const best = book.best(opposite(side));
      if (best === undefined) continue;
      const share = decimalOfStatistic(instrument.levelNotional * tradeShareMax * random(), 8);
      const quantity = floorToStep(share.div(best.price), instrument.stepSize);
      if (quantity.lte(zero)) continue;
      this.#options.engine.takeForHouse(instrument.id, { side, limitPrice: best.price, quantity });
    }
  }

  /** A past for the tape, on the price path, so that a market nobody has watched yet has a last price. */
  #rememberPast(nowMs: number): void {
    const { instrument, tape } = this.#market;
    const ticks = approximate(instrument.tickSize);
    for (let index = pastTrades; index > 0; index--) {
      const atMs = Math.floor(nowMs) - index * pastTradeSpacingMs;
      const unit = hashUnit(this.#seed, atMs);
      const price = instrument.tickSize.times(decimal(String(Math.max(1, Math.round(this.#path(atMs) / ticks)))));
      const share = decimalOfStatistic(instrument.levelNotional * tradeShareMax * unit, 8);
      const floor = floorToStep(share.div(price), instrument.stepSize);
      const quantity = floor.gt(zero) ? floor : instrument.stepSize;
      tape.append({
        id: tape.takeTradeId(),
        instrumentId: instrument.id,
        price,
        quantity,
        quote: price.times(quantity),
        atMs,
        takerSide: unit < 0.5 ? 'buy' : 'sell',
      });
    }
  }
}
