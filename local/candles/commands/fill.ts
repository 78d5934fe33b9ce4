/** `npm run candles -- fill`: has gaps asked for anew. */
import { parseArgs } from 'node:util';
import { type CandleJob, countOpens, type Gap, periodOf } from '@nightdesk/core';
import {
  type Command,
  commonHelp,
  commonOptions,
  grouped,
  marketOptions,
  required,
  spanOf,
  spanOptions,
} from '../command.ts';
import { nameOf, selectCandles, wholeSpan } from '../select-records.ts';

const help = `Has the venue asked again for what is missing of periods that are over. The desk does so by itself for a while; this is for
later, or for gaps that were believed to be empty.

  npm run candles -- fill --venue binance --symbol BTC/USDT
  npm run candles -- fill --venue binance --symbol BTC/USDT --from 2026-11-01 --to 2026-11-08 --all

  --timeframe            only this one of the market
  --from, --to           default: from the first candle that was ever asked for until now
  --all                  also gaps that are known to be outages or without trades
${commonHelp}

What was asked for is not asked for again within five minutes. coverage tells what came of it.`;

const options = {
  ...commonOptions,
  ...marketOptions,
  ...spanOptions,
  timeframe: { type: 'string' },
  all: { type: 'boolean', default: false },
} as const;

export const fill: Command = {
  summary: 'asks gaps anew',
  help,
  async run(args, { open, json, print, clock }) {
    const { values } = parseArgs({ args: [...args], options });
    const collected = await open();
    const jobs = await collected.openJobs();
    const venue = required('--venue', values.venue);
    const records = await selectCandles(collected.series, { ...values, venue });
    for (const record of records) {
      const { series } = record;
      const span = spanOf(values, wholeSpan(record, clock.nowMs()));
      const periods = { from: periodOf(series.timeframe, span.fromMs), to: periodOf(series.timeframe, span.toMs - 1) };
      const isMeant = ({ kind, fromMs, toMs }: Gap) =>
        (values.all || kind === 'open' || kind === 'quarantined') && fromMs < span.toMs && toMs > span.fromMs;
      const work: CandleJob[] = [];
      let missing = 0;
      for await (const { period, gaps } of collected.candles.readBlocks(series, periods)) {
        const meant = gaps.filter(isMeant);
        if (meant.length > 0) work.push({ job: 'fill', series, period });
        missing += meant.reduce((sum, gap) => sum + countOpens(series.timeframe, gap), 0);
      }
      await jobs.send(work);
      if (json) print(JSON.stringify({ series, periods: work.length, candles: missing }));
      else print(`${nameOf(series)}: ${describe(work.length, missing)}`);
    }
    if (records.length === 0 && !json) print('there is no such series');
    return 0;
  },
};

const describe = (periods: number, candles: number): string =>
  periods === 0
    ? 'nothing to ask for'
    : `asked for ${grouped(candles)} candles in ${grouped(periods)} period${periods === 1 ? '' : 's'}`;
