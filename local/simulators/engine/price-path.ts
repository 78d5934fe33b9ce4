/** The seeded market's mid price as a pure function of time, so that a dormant symbol costs nothing and restarts agree. */
import { hashUnit, seedOf } from './random.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Layers of movement, from weeks to a second: `swing` is the largest relative move of the layer. */
const layers = [
  { periodMs: 21 * dayMs, swing: 0.12 },
  { periodMs: 5 * dayMs, swing: 0.06 },
  { periodMs: dayMs, swing: 0.025 },
  { periodMs: 4 * hourMs, swing: 0.012 },
  { periodMs: 40 * minuteMs, swing: 0.006 },
  { periodMs: 6 * minuteMs, swing: 0.0025 },
  { periodMs: minuteMs, swing: 0.001 },
  { periodMs: 10 * secondMs, swing: 0.0004 },
  { periodMs: secondMs, swing: 0.0001 },
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

/** Sum of smooth noise over all layers, as a factor on the base price. */
export function createPricePath(options: PricePathOptions): PricePath {
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
function smoothNoise(seed: number, position: number): number {
  const left = Math.floor(position);
  const fraction = position - left;
  const weight = fraction * fraction * (3 - 2 * fraction);
  const from = hashUnit(seed, left);
  const to = hashUnit(seed, left + 1);
  return 2 * (from + (to - from) * weight) - 1;
}

/** Jumps of prices on request: each multiplies a price from its time on, so that what was before stays as it was. */
export class PriceShifts {
  readonly #shifts = new Map<string, { sinceMs: number; factor: number }[]>();

  add(name: string, shift: { sinceMs: number; factor: number }): void {
    this.#shifts.set(name, [...(this.#shifts.get(name) ?? []), shift]);
  }

  factorAt(name: string, atMs: number): number {
    const shifts = this.#shifts.get(name);
    if (shifts === undefined) return 1;
    return shifts.reduce((product, { sinceMs, factor }) => (atMs >= sinceMs ? product * factor : product), 1);
  }

  clear(): void {
    this.#shifts.clear();
  }
}
