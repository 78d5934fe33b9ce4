/** `npm run candles -- quality`: what was kept out, and what was changed. */
import { parseArgs } from 'node:util';
import { periodOf, type QuarantinedCandle } from '@nightdesk/core';
import {
  type Command,
  commonHelp,
  commonOptions,
  grouped,
  marketOptions,
  minuteOf,
  spanOf,
  spanOptions,
} from '../command.ts';
import type { Collected } from '../open-store.ts';
import { type CandleRecord, nameOf, selectCandles, wholeSpan } from '../select-records.ts';

const help = `Tells of candles that make no sense (they are not stored), of those that their venue changed afterwards, and of those that
were made of trades, since the venue had none.

  npm run candles -- quality
  npm run candles -- quality --venue binance --symbol BTC/USDT --from 2026-11-01

  --venue, --symbol, --timeframe    only these (--symbol may be given several times)
  --from, --to                      default: from the first candle that was ever asked for until now
${commonHelp}

Exit code 0: nothing is quarantined. 1: something is.`;

interface Quality {
  quarantined: QuarantinedCandle[];
  /** By period, where there are any. */
  revised: { period: string; candles: number }[];
  rebuilt: { fromMs: number; toMs: number }[];
}

export const quality: Command = {
  summary: 'quarantined candles, outliers, revisions',
  help,
  async run(args, { open, json, print, clock }) {
    const timeframe = { timeframe: { type: 'string' } } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { ...commonOptions, ...marketOptions, ...spanOptions, ...timeframe },
    });
    const collected = await open();
    const records = await selectCandles(collected.series, values);
    let isClean = true;
    for (const record of records) {
      const span = spanOf(values, wholeSpan(record, clock.nowMs()));
      const told = await readQuality(collected, record, span);
      isClean &&= told.quarantined.length === 0;
      if (json) print(JSON.stringify({ series: record.series, ...told }));
      else print(describeQuality(record, told));
    }
    if (records.length === 0 && !json) print('there is no such series');
    return isClean ? 0 : 1;
  },
};

async function readQuality(
  { candles }: Collected,
  { series }: CandleRecord,
  span: { fromMs: number; toMs: number },
): Promise<Quality> {
  const { timeframe } = series;
  const quarantined = await candles.readQuarantine(series, span);
  const quality: Quality = { quarantined, revised: [], rebuilt: [] };
  const periods = { from: periodOf(timeframe, span.fromMs), to: periodOf(timeframe, span.toMs - 1) };
  for await (const { period, revised, rebuilt } of candles.readBlocks(series, periods)) {
    if (revised > 0) quality.revised.push({ period, candles: revised });
    quality.rebuilt.push(...rebuilt);
  }
  return quality;
}

function describeQuality({ series }: CandleRecord, { quarantined, revised, rebuilt }: Quality): string {
  const lines = [
    ...quarantined.map(({ openMs, reason, message }) => `quarantined  ${minuteOf(openMs)}  ${reason}: ${message}`),
    ...revised.map(
      ({ period, candles }) => `revised      ${period}  ${grouped(candles)} candles were changed by the venue`,
    ),
    ...rebuilt.map(({ fromMs, toMs }) => `of trades    ${minuteOf(fromMs)} to ${minuteOf(toMs)}`),
  ];
  return [nameOf(series), ...(lines.length === 0 ? ['nothing to tell'] : lines).map((line) => `  ${line}`)].join('\n');
}
