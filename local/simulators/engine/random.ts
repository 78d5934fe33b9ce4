/** Randomness without state: the same seed and the same keys always give the same number. */

/** A 32-bit seed from a name, by FNV-1a. */
export function seedOf(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  return mix(hash);
}

/** Spreads every input bit over the whole word (the 32-bit finalizer of MurmurHash3). */
function mix(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in [0, 1) that depends on nothing but its arguments; `index` may exceed 32 bits. */
export function hashUnit(seed: number, index: number): number {
  const low = index >>> 0;
  const high = Math.floor(index / 2 ** 32) >>> 0;
  return mix(Math.imul(low, 0x9e3779b1) ^ mix(seed ^ Math.imul(high, 0x85ebca77))) / 2 ** 32;
}

/** A sequence of numbers in [0, 1). */
export type RandomSource = () => number;

export function createRandom(seed: number, stream = 0): RandomSource {
  let index = 0;
  const base = mix(seed ^ Math.imul(stream >>> 0, 0x27d4eb2f)) ^ mix(Math.floor(stream / 2 ** 32) + 1);
  return () => hashUnit(base, index++);
}
