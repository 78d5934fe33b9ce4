/** Trades of several files as one list, every trade once. */
import type { FundingPoint, PublicTrade } from '@nightdesk/core';

/**
 * Every trade once, in order of time; those of one time in the order of their files. Files may overlap, as those of a run that was
 * repeated do.
 *
 * - A trade with an id is the same wherever the id comes again.
 * - Trades without one are told apart by nothing but their values, and a market may well trade the same amount at the same price
 *   twice in a millisecond. A file holds all that the venue has of a time, or what it holds is in another file again, so of trades
 *   that are equal there are as many as the file with most of them has: neither the sum of all files, nor one.
 */
export function mergeTrades(files: readonly (readonly PublicTrade[])[]): PublicTrade[] {
  const ids = new Set<string>();
  const countByValues = new Map<string, number>();
  const merged: PublicTrade[] = [];
  for (const trades of files) {
    const countHere = new Map<string, number>();
    for (const trade of trades) {
      if (trade.tradeId !== undefined) {
        if (ids.has(trade.tradeId)) continue;
        ids.add(trade.tradeId);
      } else {
        const values = valuesOf(trade);
        const count = (countHere.get(values) ?? 0) + 1;
        countHere.set(values, count);
        if (count <= (countByValues.get(values) ?? 0)) continue;
        countByValues.set(values, count);
      }
      merged.push(trade);
    }
  }
  return merged.sort((left, right) => left.atMs - right.atMs);
}

const valuesOf = ({ atMs, price, amount, side }: PublicTrade): string => `${atMs} ${price} ${amount} ${side ?? ''}`;

/** Both together, in order of time; of those of one time the newer. */
export function mergeFunding(older: readonly FundingPoint[], newer: readonly FundingPoint[]): FundingPoint[] {
  const byTime = new Map([...older, ...newer].map((point) => [point.atMs, point]));
  return [...byTime.values()].sort((left, right) => left.atMs - right.atMs);
}
