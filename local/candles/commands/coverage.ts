/** `npm run candles -- coverage`: what is missing, and why. */
import { parseArgs } from 'node:util';
import { type CountedSeries, countOpens, countSeries, type Gap, type GapKind } from '@nightdesk/core';
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
import { durationText, percentText } from '../describe.ts';
import { type CandleRecord, nameOf, selectCandles, wholeSpan } from '../select-records.ts';

const help = `Counts the candles of each series against its timeframe's calendar, and tells why the missing ones are missing.

  npm run candles -- coverage --venue binance --symbol BTC/USDT
  npm run candles -- coverage --from 2026-11-01 --to 2026-11-21    of all series

  --venue, --symbol, --timeframe    only these (--symbol may be given several times)
  --from, --to                      default: from the first candle that was ever asked for until now
  --all                             every gap, and not only the 20 longest of each series
${commonHelp}

Exit code 0: all is there, or shown not to exist. 1: something is not found out yet, or quarantined.`;

const gapsShown = 20;
/** As the alarm `candles-late` has it. */
const lateMs = 15 * 60_000;

export const kindTexts: Readonly<Record<GapKind, string>> = {
  open: 'not found out yet',
  'no-trades': 'no trades',
  outage: 'outage',
  quarantined: 'quarantined',
};

export const coverage: Command = {
  summary: 'what is missing of each series, and why',
  help,
  async run(args, { open, json, print, clock }) {
    const timeframe = { timeframe: { type: 'string' }, all: { type: 'boolean', default: false } } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { ...commonOptions, ...marketOptions, ...spanOptions, ...timeframe },
    });
    const collected = await open();
    const records = await selectCandles(collected.series, values);
    let isWhole = true;
    for (const record of records) {
      const nowMs = clock.nowMs();
      const span = spanOf(values, wholeSpan(record, nowMs));
      const told = await countSeries(collected.reader, record, { span, nowMs });
      isWhole &&= told.gaps.every((gap) => isSettled(gap, nowMs));
      if (json) print(JSON.stringify({ series: record.series, ...told }));
      else print(describeCoverage(record, told, values.all ? Number.POSITIVE_INFINITY : gapsShown));
    }
    if (records.length === 0 && !json) print('there is no such series');
    return isWhole ? 0 : 1;
  },
};

/** What closed just now is not asked for yet. */
const isSettled = ({ kind, fromMs }: Gap, nowMs: number): boolean =>
  kind === 'no-trades' || kind === 'outage' || (kind === 'open' && fromMs > nowMs - lateMs);

export function describeCoverage({ series, totals }: CandleRecord, told: CountedSeries, gapsMax: number): string {
  const { span, expected, present, missing, presentShare = 0, coveredShare = 0, ageMs } = told.coverage;
  const { timeframe } = series;
  const head = `${nameOf(series)}  ${minuteOf(span.fromMs)} to ${minuteOf(span.toMs)} UTC`;
  if (expected === 0) return `${head}\n  no candle is expected there`;
  const counts = [
    `${grouped(present)} of ${grouped(expected)} candles, ${percentText(presentShare)}; ${percentText(coveredShare)} with those that are shown not to exist`,
    `missing: ${grouped(missing.noTrades)} no trades, ${grouped(missing.outage)} in outages, ${grouped(missing.open)} not found out yet, ${grouped(missing.quarantined)} quarantined`,
    `made of trades: ${grouped(totals.rebuilt)}; changed by the venue afterwards: ${grouped(totals.revised)}`,
    ...(ageMs === undefined ? [] : [`the last one closed ${durationText(Math.max(0, ageMs))} ago`]),
  ];
  const byLength = told.gaps.toSorted((left, right) => countOpens(timeframe, right) - countOpens(timeframe, left));
  const shown = new Set(byLength.slice(0, gapsMax));
  const gaps = told.gaps.filter((gap) => shown.has(gap)).map((gap) => describeGap(gap, timeframe));
  const more = told.gaps.length - shown.size;
  const rest = more > 0 ? [`${grouped(more)} shorter gaps are not shown (--all)`] : [];
  return [head, ...[...counts, ...gaps, ...rest].map((line) => `  ${line}`)].join('\n');
}

function describeGap({ kind, attempts, by, incident, ...span }: Gap, timeframe: string): string {
  const count = countOpens(timeframe, span);
  const asked = `asked ${attempts === 1 ? 'once' : `${attempts} times`}${by === 'trades' ? ', and for trades' : ''}`;
  const down = incident ? `, the venue was down ${minuteOf(incident.fromMs)} to ${minuteOf(incident.toMs)}` : '';
  const many = `${grouped(count)} candle${count === 1 ? '' : 's'}`;
  return `${minuteOf(span.fromMs)} to ${minuteOf(span.toMs)}  ${many}  ${kindTexts[kind]} (${asked}${down})`;
}
