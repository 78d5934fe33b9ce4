import { decimal } from '../../../local/simulators/engine/decimal.ts';
import { MatchingEngine } from '../../../local/simulators/engine/matching-engine.ts';
import { type EngineStore, memoryStore } from '../../../local/simulators/engine/store.ts';
import type {
  EngineEvent,
  Instrument,
  OrderRequest,
  PlaceResult,
  PositionSlot,
} from '../../../local/simulators/engine/types.ts';

export const perpetual: Instrument = {
  id: 'AAABBB',
  base: 'AAA',
  quote: 'BBB',
  tickSize: decimal('0.01'),
  stepSize: decimal('0.001'),
  basePrice: 100,
  volatility: 1,
  levelNotional: 1000,
  fees: { maker: decimal('0.0002'), taker: decimal('0.00055') },
  perpetual: { leverageMax: decimal('50'), maintenanceRate: decimal('0.01') },
};

export interface PositionBench {
  engine: MatchingEngine;
  events: EngineEvent[];
  /** The mark price from now on. */
  mark(price: string): void;
  /** An order written as `buy 2 @ 100` or `sell 1 market`. */
  place(accountId: string, order: string, extra?: Partial<OrderRequest>): PlaceResult;
  position(accountId: string, slot?: PositionSlot): ReturnType<MatchingEngine['positions']['find']>;
}

export const deposit = '100000';

/** An engine with one perpetual and the accounts `ann`, `bob` and `cat`. */
export function createPositionBench(options: { store?: EngineStore; funded?: boolean } = {}): PositionBench {
  let markPrice = decimal('100');
  let nowMs = 1_000_000;
  let nextClientId = 1;
  const events: EngineEvent[] = [];
  const engine = new MatchingEngine({
    instruments: new Map([[perpetual.id, perpetual]]),
    nowMs: () => nowMs++,
    feeRate: decimal('0'),
    store: options.store ?? memoryStore,
    onEvent: (event) => void events.push(event),
    markPrice: () => markPrice,
  });
  if (options.funded !== false) {
    for (const account of ['ann', 'bob', 'cat']) engine.transfers.grant(account, 'BBB', decimal(deposit));
  }
  return {
    engine,
    events,
    mark(price) {
      markPrice = decimal(price);
    },
    place: (accountId, order, extra = {}) =>
      engine.place({ ...parse(order), accountId, clientOrderId: `c${nextClientId++}`, ...extra }),
    position: (accountId, slot = 'net') => engine.positions.find({ accountId, instrumentId: perpetual.id, slot }),
  };
}

function parse(text: string): Omit<OrderRequest, 'accountId' | 'clientOrderId'> {
  const match = /^(buy|sell) ([\d.]+) (?:@ ([\d.]+)|market)$/.exec(text);
  if (match === null) throw new Error(`cannot read order "${text}"`);
  const [, side, quantity = '', price] = match;
  return {
    instrumentId: perpetual.id,
    side: side === 'buy' ? 'buy' : 'sell',
    execution: price === undefined ? 'market' : 'limit',
    timeInForce: 'good-till-canceled',
    ...(price !== undefined && { price: decimal(price) }),
    quantity: decimal(quantity),
    attributes: {},
  };
}
