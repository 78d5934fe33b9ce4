import { add, type Notional, zeroNotional } from '../money.ts';

/** `undefined` where a part is not known: a sum without it would pass for the whole. */
export function sumOf(parts: readonly (Notional | undefined)[]): Notional | undefined {
  let sum = zeroNotional;
  for (const part of parts) {
    if (part === undefined) return undefined;
    sum = add(sum, part);
  }
  return sum;
}
