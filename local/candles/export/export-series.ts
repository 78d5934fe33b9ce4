/** Reads a series piece by piece into a file, so that its length does not matter. */
import {
  type CandleReader,
  type CandleSeries,
  type ColdStore,
  countOpens,
  type Series,
  type Span,
  type TickSeries,
} from '@nightdesk/core';
import { CandlesError } from '../candles-error.ts';
import type { CommandContext } from '../command.ts';
import { createProgress } from '../progress.ts';
import { openCandleWriter } from './candle-formats.ts';
import { createNewFile, type NewFile } from './new-file.ts';
import type { TargetFormat } from './target.ts';
import { openFundingWriter, openTradeWriter, type TickFormat, tickFormats } from './tick-formats.ts';

export interface ExportRequest<Subject extends Series> {
  series: Subject;
  span: Span;
  format: TargetFormat;
  path: string;
  force: boolean;
  context: Pick<CommandContext, 'clock' | 'progress' | 'signal'>;
}

export interface Exported {
  series: Series;
  path: string;
  /** Of none there is no file. */
  rows: number;
  bytes: number;
}

/** @throws CandlesError when the file exists, or the person has stopped it; then nothing is left of it */
export function exportCandleSeries(reader: CandleReader, request: ExportRequest<CandleSeries>): Promise<Exported> {
  const { series, span, format, context } = request;
  return intoFile(request, async (file) => {
    const writer = openCandleWriter(format, file, { series, span });
    const total = countOpens(series.timeframe, span);
    const progress = createProgress({ total, unit: 'candles', stream: context.progress, nowMs: context.clock.nowMs });
    let rows = 0;
    try {
      for await (const columns of reader.read(series, span)) {
        stopIfAsked(context.signal);
        await writer.write(columns);
        rows += columns.openMs.length;
        progress.update(countOpens(series.timeframe, { fromMs: span.fromMs, toMs: (columns.openMs.at(-1) ?? 0) + 1 }));
      }
      await writer.end();
      progress.update(total);
      return rows;
    } finally {
      progress.stop();
    }
  });
}

/** @throws as `exportCandleSeries` */
export function exportTicks(cold: ColdStore, request: ExportRequest<TickSeries>): Promise<Exported> {
  const { series, span, context } = request;
  const format = tickFormatOf(request.format);
  return intoFile(request, async (file) => {
    let rows = 0;
    if (series.kind === 'funding') {
      const writer = openFundingWriter(format, file, { series, span });
      const points = await cold.readFunding(series, span);
      await writer.write(points);
      await writer.end();
      return points.length;
    }
    const writer = openTradeWriter(format, file, { series, span });
    for await (const trades of cold.readTrades(series, span)) {
      stopIfAsked(context.signal);
      await writer.write(trades);
      rows += trades.length;
    }
    await writer.end();
    return rows;
  });
}

function tickFormatOf(format: TargetFormat): TickFormat {
  const tickFormat = tickFormats.find((each) => each === format);
  if (tickFormat === undefined) throw new CandlesError(`${format} is for candles`);
  return tickFormat;
}

async function intoFile<Subject extends Series>(
  { series, path, force }: ExportRequest<Subject>,
  write: (file: NewFile) => Promise<number>,
): Promise<Exported> {
  const file = await createNewFile(path, { force });
  try {
    const rows = await write(file);
    // Not every reader opens a Parquet file without rows, and nobody misses one.
    if (rows === 0) await file.discard();
    else await file.finish();
    return { series, path, rows, bytes: file.size };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function stopIfAsked(signal: AbortSignal): void {
  if (signal.aborted) throw new CandlesError('stopped; nothing is left of the file that was being written');
}
