/** Where the random characters of ARNs and generated passwords come from. */
import { createHash, randomInt } from 'node:crypto';
import type { RandomInteger } from './generate-secret-string.ts';

/** Secure randomness, or with a seed the same numbers in every run, for tests. */
export function createRandomInteger(seed?: string): RandomInteger {
  if (seed === undefined) return (bound) => randomInt(bound);
  let counter = 0;
  return (bound) => createHash('sha256').update(`${seed} ${counter++}`).digest().readUInt32BE() % bound;
}
