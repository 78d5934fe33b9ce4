/** Where the seeded market stands from day to day, and what moves it on request. */
import { hashUnit, seedOf } from './random.ts';

const dayMs = 24 * 3_600_000;

/** Layers of movement, from weeks to a day: `swing` is the largest relative move of the layer. */
const layers = [
  { periodMs: 21 * dayMs, swing: 0.12 },
  { periodMs: 5 * dayMs, swing: 0.06 },
  { periodMs: dayMs, swing: 0.025 },
] as const;

/** Mid price at a time in UTC epoch milliseconds. A float: it steers the market and is never anybody's money. */
export type PricePath = (atMs: number) => number;

export interface PricePathOptions {
  seed: number;
  name: string;
  basePrice: number;
  /** Scales every move; 1 is a liquid coin, 0.02 a stable coin. */
  volatility: number;
}

/** Price at the beginning of each day: sum of smooth noise over all layers, as a factor on the base price. */
export function createDayPrices(options: PricePathOptions): PricePath {
  const seeds = layers.map((_, index) => seedOf(options.seed, `${options.name}/${index}`));
  return (atMs) => {
    let exponent = 0;
    for (const [index, layer] of layers.entries()) {
      exponent += layer.swing * smoothNoise(seeds[index] ?? 0, atMs / layer.periodMs);
    }
    return options.basePrice * Math.exp(exponent * options.volatility);
  };
}

/** Noise in [-1, 1] that is smooth between whole positions. */
export function smoothNoise(seed: number, position: number): number {
  const left = Math.floor(position);
  const fraction = position - left;
  const weight = fraction * fraction * (3 - 2 * fraction);
  const from = hashUnit(seed, left);
  const to = hashUnit(seed, left + 1);
  return 2 * (from + (to - from) * weight) - 1;
}

/** A price multiplied from a time on. */
export interface PriceShift {
  readonly sinceMs: number;
  readonly factor: number;
}

/** By what a price is multiplied at a time. */
export function factorAt(shifts: readonly PriceShift[], atMs: number): number {
  let product = 1;
  for (const { sinceMs, factor } of shifts) if (atMs >= sinceMs) product *= factor;
  return product;
}

/** Jumps of prices on request: each multiplies a price from its time on, so that what was before stays as it was. */
export class PriceShifts {
  readonly #shifts = new Map<string, PriceShift[]>();

  add(name: string, shift: PriceShift): void {
    this.#shifts.set(name, [...this.of(name), shift]);
  }

  of(name: string): readonly PriceShift[] {
    return this.#shifts.get(name) ?? [];
  }

  clear(): void {
    this.#shifts.clear();
  }
}
