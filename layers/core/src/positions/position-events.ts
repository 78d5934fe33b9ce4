/** Positions and their journal: each change of an order that filled something is one event of its position's stream. */
import { genesisHash, type JournalEvent, seal, streams } from '../journal/chain.ts';
import { applyFills, type PositionRow } from './ledger.ts';
import type { PositionDelta } from './position-delta.ts';

export const positionFilled = 'position.filled';

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
