import type { CoordinationRow, CoordinationStore } from '@nightdesk/core';

export interface MemoryCoordination extends CoordinationStore {
  readonly rows: Map<string, CoordinationRow>;
  /** Fails every change while it is set. */
  failure: Error | undefined;
  /** Changes so far, those that failed included. */
  changes: number;
}

/** Rows that only this process sees. */
export function createMemoryCoordination(): MemoryCoordination {
  const rows = new Map<string, CoordinationRow>();
  return {
    rows,
    failure: undefined,
    changes: 0,
    async change(key, decide) {
      this.changes += 1;
      if (this.failure !== undefined) throw this.failure;
      const { row, result } = decide(rows.get(key));
      if (row !== undefined) rows.set(key, row);
      return result;
    },
  };
}
