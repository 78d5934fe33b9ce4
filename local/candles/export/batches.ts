/** Makes few large pieces of many small ones. */
import { type CandleColumns, sliceColumns } from '@nightdesk/core';

export interface Batches {
  /** @param columns behind all that were added before */
  add(columns: CandleColumns): Promise<void>;
  /** Takes what is left. */
  finish(): Promise<void>;
}

const names = ['openMs', 'open', 'high', 'low', 'close', 'volume', 'quoteVolume', 'trades'] as const;

/** @param take gets `size` candles at a time, and fewer at the end; never none. It may keep them until it resolves. */
export function createBatches(size: number, take: (columns: CandleColumns) => Promise<void>): Batches {
  const batch = Object.fromEntries(names.map((name) => [name, new Float64Array(size)])) as CandleColumns;
  let count = 0;
  async function flush(): Promise<void> {
    if (count > 0) await take(sliceColumns(batch, 0, count));
    count = 0;
  }
  return {
    async add(columns) {
      for (let at = 0; at < columns.openMs.length; ) {
        const piece = sliceColumns(columns, at, at + size - count);
        for (const name of names) batch[name].set(piece[name], count);
        count += piece.openMs.length;
        at += piece.openMs.length;
        if (count === size) await flush();
      }
    },
    finish: flush,
  };
}
