/** Feather: the file format of Apache Arrow, which pandas and freqtrade read as it is. */
import { setImmediate } from 'node:timers/promises';
import { type CandleColumns, emptyColumns } from '@nightdesk/core';
import {
  type Data,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampMillisecond,
} from 'apache-arrow';
import { createBatches } from './batches.ts';
import type { CandleWriter } from './candle-formats.ts';
import type { NewFile } from './new-file.ts';

type Columns = { date: TimestampMillisecond } & Record<(typeof values)[number], Float64>;

const values = ['open', 'high', 'low', 'close', 'volume'] as const;

/** `date` in UTC and five numbers are the columns that freqtrade expects (its `candle_columns.py`). */
const schema = new Schema<Columns>([
  new Field('date', new TimestampMillisecond('UTC'), false),
  ...values.map((name) => new Field(name, new Float64(), name === 'volume')),
]);

/** Candles of one batch; a reader makes one table of all of them. */
const batchRows = 65_536;

export function openFeather(file: NewFile): CandleWriter {
  const writer = new RecordBatchFileWriter<Columns>();
  const bytes = writer[Symbol.asyncIterator]();
  let coming = bytes.next();

  /** Writes what is ready: the writer keeps all that nobody takes, and tells nobody when it has no more for now. */
  async function drain(): Promise<void> {
    for (;;) {
      const piece = await Promise.race([coming, setImmediate(undefined)]);
      if (piece === undefined || piece.done) return;
      await file.write(piece.value);
      coming = bytes.next();
    }
  }

  async function writeBatch(columns: CandleColumns): Promise<void> {
    writer.write(batchOf(columns));
    await drain();
  }

  const batches = createBatches(batchRows, writeBatch);
  return {
    write: batches.add,
    async end() {
      await batches.finish();
      // A file without candles has a batch as well: the writer takes its schema from it.
      if (file.size === 0) await writeBatch(emptyColumns);
      writer.close();
      await drain();
    },
  };
}

function batchOf(columns: CandleColumns): RecordBatch<Columns> {
  const { length } = columns.openMs;
  const data = [BigInt64Array.from(columns.openMs, BigInt), ...values.map((name) => columns[name].slice())];
  const children = schema.fields.map(({ type }, index): Data => {
    return makeData({ type, length, nullCount: 0, data: data[index] } as Parameters<typeof makeData>[0]);
  });
  const struct = makeData({ type: new Struct<Columns>(schema.fields), length, nullCount: 0, children });
  return new RecordBatch<Columns>(schema, struct);
}
