/** The part of verification that rebuilds positions from their events and compares them with their table. */
import type { FundingPayment } from '../ports/account.ts';
import { positionFunded, recordFunding } from '../positions/funding.ts';
import type { PositionRow } from '../positions/ledger.ts';
import type { PositionDelta } from '../positions/position-delta.ts';
import { applyDelta, positionFilled, withoutValuation } from '../positions/position-events.ts';
import { canonicalJson } from './canonical-json.ts';
import { type JournalEvent, type Misfit, streams } from './chain.ts';

export interface PositionAudit {
  /** Takes the next event of the journal, whatever its stream; each stream's in sequence and together. */
  follow(event: JournalEvent): Misfit | undefined;
  /** Once there are no more events. */
  end(): Misfit | undefined;
}

/** @param startedAtMs a position made later than this may be missing from `rows` */
export function auditPositions(rows: readonly PositionRow[], startedAtMs: number): PositionAudit {
  const shown = new Map(rows.map((row) => [streams.position(row.account, row.symbol), row]));
  let rebuilt: PositionRow | undefined;
  return {
    follow(event) {
      if (event.type !== positionFilled && event.type !== positionFunded) return undefined;
      const { stream, sequence } = event;
      const row = shown.get(stream);
      const misfit = (reason: string): Misfit => ({ stream, sequence, reason });
      if (sequence === 1 && row === undefined && event.atMs < startedAtMs) {
        return misfit('the journal has this position, the positions table has not');
      }
      const next = replay(sequence === 1 ? undefined : rebuilt, event);
      if ('reason' in next) return misfit(next.reason);
      rebuilt = next;
      if (row?.version !== sequence) return undefined;
      shown.delete(stream);
      const same = canonicalJson(withoutValuation(row)) === canonicalJson(withoutValuation(rebuilt));
      return same ? undefined : misfit('the positions table does not show what the journal leads to');
    },
    end() {
      const [left] = shown;
      if (left === undefined) return undefined;
      const reason = 'the positions table knows of this event, the journal has it not';
      return { stream: left[0], sequence: left[1].version, reason };
    },
  };
}

function replay(before: PositionRow | undefined, event: JournalEvent): PositionRow | { reason: string } {
  try {
    // The hash has shown that this is what was sealed, so it has the shape of a position's event.
    const applied = event.type === positionFunded ? replayFunding(before, event) : replayFills(before, event);
    if (applied?.journalEvent.hash === event.hash) return applied.position;
    return { reason: 'replaying it does not give this event' };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

function replayFills(before: PositionRow | undefined, { data, atMs }: JournalEvent) {
  const { delta } = data as { delta: PositionDelta };
  return applyDelta(before, delta, atMs);
}

/** Payments are counted to a position that is there. */
function replayFunding(before: PositionRow | undefined, { data, atMs }: JournalEvent) {
  const { payments } = data as { payments: FundingPayment[] };
  return before && recordFunding(before, payments, atMs);
}
