import { type Decimal, decimal } from '../../../local/simulators/engine/decimal.ts';
import { MatchingEngine } from '../../../local/simulators/engine/matching-engine.ts';
import { type EngineStore, memoryStore } from '../../../local/simulators/engine/store.ts';
import type { EngineEvent, Instrument, OrderRequest, PlaceResult } from '../../../local/simulators/engine/types.ts';

export const instrument: Instrument = {
  id: 'AAABBB',
  base: 'AAA',
  quote: 'BBB',
  tickSize: decimal('0.01'),
  stepSize: decimal('0.001'),
  basePrice: 100,
  volatility: 1,
  levelNotional: 1000,
};

export interface Bench {
  engine: MatchingEngine;
  events: EngineEvent[];
  /** Moves the clock. */
  advance(byMs: number): void;
  place(accountId: string, order: string, extra?: Partial<OrderRequest>): PlaceResult;
}

let nextClientId = 1;

/** An engine with rich accounts `ann`, `bob` and `cat`, and orders written as `buy 2 @ 100` or `sell 1 market`. */
export function createBench(options: { store?: EngineStore; feeRate?: Decimal; funded?: boolean } = {}): Bench {
  let nowMs = 1_000_000;
  const events: EngineEvent[] = [];
  const engine = new MatchingEngine({
    instruments: new Map([[instrument.id, instrument]]),
    nowMs: () => nowMs,
    feeRate: options.feeRate ?? decimal('0.001'),
    store: options.store ?? memoryStore,
    onEvent: (event) => void events.push(event),
  });
  if (options.funded !== false) {
    for (const account of ['ann', 'bob', 'cat']) {
      engine.transfers.grant(account, 'AAA', decimal('1000'));
      engine.transfers.grant(account, 'BBB', decimal('100000'));
    }
  }
  return {
    engine,
    events,
    advance: (byMs) => {
      nowMs += byMs;
    },
    place: (accountId, order, extra = {}) => engine.place({ ...parse(order), accountId, ...extra }),
  };
}

function parse(text: string): OrderRequest {
  const match = /^(buy|sell) ([\d.]+) (?:@ ([\d.]+)|market)$/.exec(text);
  if (match === null) throw new Error(`cannot read order "${text}"`);
  const [, side, quantity = '', price] = match;
  return {
    accountId: '',
    instrumentId: instrument.id,
    clientOrderId: `c${nextClientId++}`,
    side: side === 'buy' ? 'buy' : 'sell',
    execution: price === undefined ? 'market' : 'limit',
    timeInForce: 'good-till-canceled',
    ...(price !== undefined && { price: decimal(price) }),
    quantity: decimal(quantity),
    attributes: {},
  };
}

/** @throws Error when the order was refused. */
export function accepted(result: PlaceResult) {
  if (!result.ok) throw new Error(`order refused: ${result.reason}`);
  return result.order;
}
