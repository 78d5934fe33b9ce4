/** Positions and their journal: each change of an order that filled something is one event of its position's stream. */
import { genesisHash, type JournalEvent, seal, streams } from '../journal/chain.ts';
import type { Order } from '../orders/order.ts';
import { type CounterChange, counterChanges, positionExposure } from '../risk/exposure.ts';
import { applyFills, type PositionRow } from './ledger.ts';
import type { PositionDelta } from './position-delta.ts';

export const positionFilled = 'position.filled';

/** What a fill changes beside its order. */
export interface BookedFills extends AppliedFills {
  /** On the risk rows; everything that the order changed there is in it. */
  counters: CounterChange[];
}

/** What an order's change that filled something, or made a fee known, writes with it. */
export function bookFills(
  orders: { before: Order; after: Order },
  delta: PositionDelta,
  position: { before: PositionRow | undefined; atMs: number },
): BookedFills {
  const applied = applyDelta(position.before, delta, position.atMs);
  const exposure = positionExposure(position.before, applied.position, orders.after);
  const after = exposure === undefined ? applied.position : { ...applied.position, exposure };
  const counters = counterChanges(orders.before, orders.after, { before: position.before, after });
  return { ...applied, position: after, counters };
}

/** A position as its journal has it: without what it counts for at the prices of the moment. */
export function withoutValuation({ exposure: _exposure, valuations: _valuations, ...row }: PositionRow): PositionRow {
  return row;
}

export interface AppliedFills {
  position: PositionRow;
  journalEvent: JournalEvent;
}

/** A position after a change of an order together with the journal event that says so. */
export function applyDelta(before: PositionRow | undefined, delta: PositionDelta, atMs: number): AppliedFills {
  const sequence = (before?.version ?? 0) + 1;
  const stream = streams.position(delta.account, delta.symbol);
  const entry = { stream, sequence, type: positionFilled, atMs, data: { delta } };
  const journalEvent = seal(entry, before?.journalHash ?? genesisHash);
  const position = applyFills(before, delta);
  return {
    position: { ...position, version: sequence, journalHash: journalEvent.hash, updatedAtMs: atMs },
    journalEvent,
  };
}
