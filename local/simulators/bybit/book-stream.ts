/** The topic of one book: a snapshot, then what changed among its best levels. */
import { every, type VenueClock } from '../clock.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { SymbolSpec } from './catalog.ts';
import { levelsView } from './market-view.ts';
import type { Publish } from './public-streams.ts';

export interface BookStreamOptions {
  topic: string;
  spec: SymbolSpec;
  market: MarketState;
  clock: VenueClock;
  /** Levels per side. */
  depth: number;
  periodMs: number;
  nowMs(): number;
}

type Levels = Map<string, string>;

/**
 * `u` grows by one from message to message; `seq` is the state of the book, and the same as that of the REST book. A
 * level that is no longer among the best is sent with an amount of zero, so that the client keeps as many as it asked for.
 */
export function startBookStream(options: BookStreamOptions, publish: Publish): () => void {
  const { topic, spec, market, depth } = options;
  let updateId = market.book.updateId;
  let sequence = updateId;
  let [bids, asks] = bestLevels(market, depth);
  const send = (type: 'snapshot' | 'delta', b: Iterable<[string, string]>, a: Iterable<[string, string]>) => {
    const ts = options.nowMs();
    const data = { s: spec.symbol, b: [...b], a: [...a], u: updateId, seq: sequence };
    publish({ topic, type, ts, data, cts: ts });
  };
  send('snapshot', bids, asks);
  return every(options.clock, options.periodMs, () => {
    if (market.book.updateId === sequence) return;
    sequence = market.book.updateId;
    const [nextBids, nextAsks] = bestLevels(market, depth);
    const [b, a] = [changes(bids, nextBids), changes(asks, nextAsks)];
    [bids, asks] = [nextBids, nextAsks];
    if (b.length + a.length === 0) return;
    updateId += 1;
    send('delta', b, a);
  });
}

function bestLevels(market: MarketState, depth: number): [Levels, Levels] {
  const best = (side: 'buy' | 'sell') => new Map(levelsView(market.book.levels(side), depth));
  return [best('buy'), best('sell')];
}

function changes(before: Levels, after: Levels): [string, string][] {
  const gone = [...before.keys()].filter((price) => !after.has(price)).map((price): [string, string] => [price, '0']);
  return [...gone, ...[...after].filter(([price, quantity]) => before.get(price) !== quantity)];
}
