/** The difference stream of one book: which levels changed since the last message, and between which update ids. */
import { every, type VenueClock } from '../clock.ts';
import type { Decimal } from '../engine/decimal.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { Side } from '../engine/types.ts';
import type { BookHistory } from '../shared/book-history.ts';
import { levelUpdate } from './market-view.ts';

export interface DepthStreamOptions {
  market: MarketState;
  symbol: string;
  books: BookHistory;
  clock: VenueClock;
  periodMs: number;
  nowMs(): number;
}

/**
 * Publishes `depthUpdate` events whose `U` always follows the last event's `u`. Amounts are those at the time of `u`,
 * so an event applied on a REST snapshot with `U` ≤ `lastUpdateId` + 1 ≤ `u` gives the book at `u`.
 */
export function startDepthStream(options: DepthStreamOptions, publish: (event: unknown) => void): () => void {
  const { market, symbol } = options;
  const changed: Record<Side, Map<string, Decimal>> = { buy: new Map(), sell: new Map() };
  let lastId = market.book.updateId;
  const stopListening = market.book.onLevelChange((side, price) => changed[side].set(price.toFixed(), price));
  const takeChanges = (side: Side) => {
    const updates = [...changed[side].values()].map((price) => levelUpdate(market, side, price));
    changed[side].clear();
    return updates;
  };
  const stopTicking = every(options.clock, options.periodMs, () => {
    const finalId = market.book.updateId;
    if (finalId === lastId) return;
    const E = Math.floor(options.nowMs());
    const event = {
      e: 'depthUpdate',
      E,
      s: symbol,
      U: lastId + 1,
      u: finalId,
      b: takeChanges('buy'),
      a: takeChanges('sell'),
    };
    lastId = finalId;
    options.books.note(market, { sequence: finalId, atMs: E });
    publish(event);
  });
  return () => {
    stopListening();
    stopTicking();
  };
}
