/** Changes that are decided but not yet committed, readable as if they were. */
import type { ReadRow } from './database.ts';

export interface Changes {
  readonly read: ReadRow;
  put(key: string, value: unknown): void;
  delete(key: string): void;
  /** Every changed row; `undefined` is a deletion. */
  readonly rows: ReadonlyMap<string, unknown>;
  /** Takes over the changes of a layer that was put on top of this one. */
  absorb(layer: Changes): void;
}

/**
 * A layer of changes over what `below` reads. Dropping the layer undoes it, absorbing it keeps it.
 * Values are kept by reference and must not be changed afterwards.
 */
export function layChanges(below: ReadRow): Changes {
  const rows = new Map<string, unknown>();
  return {
    rows,
    read: (key) => (rows.has(key) ? rows.get(key) : below(key)),
    put: (key, value) => void rows.set(key, value),
    delete: (key) => void rows.set(key, undefined),
    absorb(layer) {
      for (const [key, value] of layer.rows) rows.set(key, value);
    },
  };
}
