/** Where a period is kept: in the table while it is young, in a file for good. */
import {
  type CandleBlock,
  type CandleColumns,
  type CandleSeries,
  emptyColumns,
  indexFrom,
  type Period,
  periodOf,
  spanOfPeriod,
  valueColumns,
} from '@nightdesk/core';
import type { CollectRound } from './round.ts';

const dayMs = 86_400_000;
/** Periods before the one that gets too old now, which are looked at in case that it was not their turn when it was. */
const laggardsMax = 3;

/** Before it periods are in files alone. */
export const hotFromMs = ({ clock, config }: Pick<CollectRound, 'clock' | 'config'>): number =>
  clock.nowMs() - config.collection.hotDays * dayMs;

const isHot = (period: Period, round: CollectRound): boolean => spanOfPeriod(period).toMs > hotFromMs(round);

/** A period as a whole, wherever its parts are; `undefined` where nothing of it is stored. */
export async function loadPeriod(
  series: CandleSeries,
  period: Period,
  { candles, cold }: CollectRound,
): Promise<CandleBlock | undefined> {
  const block = await candles.readBlock(series, period);
  if (block !== undefined && block.candles.openMs.length > 0) return block;
  const file = await cold.readCandles(series, period);
  if (file === undefined) return block;
  if (block !== undefined) return { ...block, candles: file };
  const { toMs } = spanOfPeriod(period);
  return { period, candles: file, gaps: [], rebuilt: [], revised: 0, checkedToMs: toMs, version: 0 };
}

/**
 * The file comes first: whoever finds it, and no block, has all candles. Of a period that is too old for the table, the block keeps
 * what no file says, and is not there where nothing is missing.
 *
 * @throws VersionConflictError when somebody else wrote the block since it was read
 */
export async function writePeriod(
  series: CandleSeries,
  block: CandleBlock,
  round: CollectRound,
): Promise<{ hotBytes: number; coldBytes: number }> {
  const hasFile = block.checkedToMs >= spanOfPeriod(block.period).toMs && (await isFiled(series, block, round));
  if (!hasFile || isHot(block.period, round)) {
    const { bytes } = await round.candles.writeBlock(series, block);
    return { hotBytes: bytes, coldBytes: hasFile ? await writeFile(series, block, round) : 0 };
  }
  const coldBytes = await writeFile(series, block, round);
  return { hotBytes: await writeRest(series, block, round), coldBytes };
}

/** No file is made of nothing, but one that is there must not go on telling of candles that were all set aside since. */
const isFiled = async (series: CandleSeries, { period, candles }: CandleBlock, { cold }: CollectRound) =>
  candles.openMs.length > 0 || (await cold.readCandles(series, period)) !== undefined;

const writeFile = async (series: CandleSeries, { period, candles }: CandleBlock, { cold }: CollectRound) =>
  (await cold.writeCandles(series, period, candles)).bytes;

const hasMore = ({ gaps, rebuilt, revised }: CandleBlock): boolean =>
  gaps.length > 0 || rebuilt.length > 0 || revised > 0;

async function writeRest(series: CandleSeries, block: CandleBlock, { candles }: CollectRound): Promise<number> {
  if (hasMore(block)) return (await candles.writeBlock(series, { ...block, candles: emptyColumns })).bytes;
  if (block.version > 0) await candles.deleteBlocks(series, [block.period]);
  return 0;
}

/** Whether each of the candles is there, bit by bit. */
function holds(file: CandleColumns, candles: CandleColumns): boolean {
  const names = ['openMs', ...valueColumns] as const;
  return candles.openMs.every((openMs, index) => {
    const at = indexFrom(file, openMs);
    return names.every((name) => Object.is(file[name][at], candles[name][index]));
  });
}

/**
 * Takes what has become too old out of the table, when its file has it. Where the file lacks something, it is written first.
 *
 * @returns how many periods went
 */
export async function expireHot(series: CandleSeries, round: CollectRound): Promise<number> {
  const { candles, cold } = round;
  let gone = 0;
  let atMs = spanOfPeriod(periodOf(series.timeframe, hotFromMs(round))).fromMs - 1;
  for (let count = 0; count < laggardsMax; count += 1) {
    const period = periodOf(series.timeframe, atMs);
    const block = await candles.readBlock(series, period);
    if (block === undefined || block.candles.openMs.length === 0) break;
    if (block.checkedToMs < spanOfPeriod(period).toMs) break;
    const file: CandleColumns | undefined = await cold.readCandles(series, period);
    // Of two that wrote the period at once, the one whose block is older may have written its file last; or one died in between.
    if (file === undefined || !holds(file, block.candles)) await writeFile(series, block, round);
    await writeRest(series, block, round);
    gone += 1;
    atMs = spanOfPeriod(period).fromMs - 1;
  }
  return gone;
}
