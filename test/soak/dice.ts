/** Chance from a seed. */
import { createRandom } from '@nightdesk/local/simulators/engine/random.ts';

export interface Dice {
  /** From 0 to 1. */
  next(): number;
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** One of the keys, in proportion to their weights. */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key;
}

/** @param stream tells apart what is decided from the same seed without disturbing each other */
export function createDice(seed: number, stream: number): Dice {
  const next = createRandom(seed, stream);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new RangeError('there is nothing to pick from');
    return item;
  };
  return {
    ...{ next, pick },
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    weighted(weights) {
      const keys = Object.keys(weights) as (keyof typeof weights)[];
      let left = next() * keys.reduce((sum, key) => sum + weights[key], 0);
      for (const key of keys) {
        left -= weights[key];
        if (left < 0) return key;
      }
      return pick(keys);
    },
  };
}
