/** `npm run candles -- export`: files that research tools read. */
import { parseArgs } from 'node:util';
import { type SeriesKind, type Span, seriesKinds } from '@nightdesk/core';
import { CandlesError } from '../candles-error.ts';
import {
  type Command,
  type CommandContext,
  commonHelp,
  commonOptions,
  grouped,
  marketOptions,
  required,
  spanOf,
  spanOptions,
} from '../command.ts';
import { bytesText, durationText } from '../describe.ts';
import { type Exported, exportCandleSeries, exportTicks } from '../export/export-series.ts';
import { isSingleFile, type TargetFormat, targetFormats, targetOf } from '../export/target.ts';
import type { Collected } from '../open-store.ts';
import { nameOf, selectReadable, selectRecords, wholeSpan } from '../select-records.ts';

const help = `Writes candles, trades or funding to files. A file is there as a whole or not at all.

  npm run candles -- export --venue binance --symbol BTC/USDT --timeframe 1h --format csv --out btc.csv
  npm run candles -- export --venue binance --format parquet --out research/           a file for each market
  npm run candles -- export --venue binance --format freqtrade --out user_data/data    as freqtrade has it
  npm run candles -- export --venue binance --kind trades --symbol BTC/USDT --format parquet --out trades.parquet

  --format csv|json|parquet|freqtrade
  --out                  a file (with the format's ending, for one market) or a folder
  --timeframe            default: 1m; any that is stored or can be made of one that is
  --from, --to           default: from the first candle that was ever asked for until now
  --kind                 candles (default), trades or funding
  --freqtrade-format     feather (default) or json
  --force                replaces files that are there
${commonHelp}`;

const options = {
  ...commonOptions,
  ...marketOptions,
  ...spanOptions,
  timeframe: { type: 'string', default: '1m' },
  format: { type: 'string' },
  out: { type: 'string' },
  kind: { type: 'string', default: 'candles' },
  'freqtrade-format': { type: 'string', default: 'feather' },
  force: { type: 'boolean', default: false },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options }).values;
type Values = ReturnType<typeof parse>;

export const exportCandles: Command = {
  summary: 'CSV, JSON, Parquet, and what freqtrade reads',
  help,
  handlesInterrupt: true,
  async run(args, context) {
    const values = parse(args);
    const kind = oneOf('--kind', values.kind, seriesKinds);
    const format = formatOf(values, kind);
    const out = required('--out', values.out);
    const collected = await context.open();
    const tasks = await tasksOf(values, { kind, format, out }, { collected, context });
    if (tasks.length === 0) throw new CandlesError(`there is no ${kind} of that to export`);
    if (isSingleFile(out, format) && tasks.length > 1) {
      throw new CandlesError(
        `--out ${out} is one file, and these are ${tasks.length} markets: name a folder, or one --symbol`,
      );
    }
    for (const task of tasks) {
      const startedAtMs = context.clock.nowMs();
      const exported = await task();
      const tookMs = context.clock.nowMs() - startedAtMs;
      if (context.json) context.print(JSON.stringify({ ...exported, tookMs }));
      else context.print(describe(exported, tookMs));
    }
    return 0;
  },
};

function oneOf<Value extends string>(option: string, text: string, values: readonly Value[]): Value {
  const value = values.find((each) => each === text);
  if (value === undefined) throw new CandlesError(`${option} ${text}: must be one of ${values.join(', ')}`);
  return value;
}

function formatOf(values: Values, kind: SeriesKind): TargetFormat {
  const format = oneOf('--format', required('--format', values.format), ['csv', 'json', 'parquet', 'freqtrade']);
  if (format !== 'freqtrade') return format;
  if (kind !== 'candles')
    throw new CandlesError(`--format freqtrade is for candles: ${kind} go to csv, json or parquet`);
  return targetFormats[oneOf('--freqtrade-format', values['freqtrade-format'], ['feather', 'json'])];
}

interface Wanted {
  kind: SeriesKind;
  format: TargetFormat;
  out: string;
}

/** One for each file. */
async function tasksOf(
  values: Values,
  { kind, format, out }: Wanted,
  { collected, context }: { collected: Collected; context: CommandContext },
): Promise<(() => Promise<Exported>)[]> {
  const markets = { venue: values.venue, symbols: values.symbol };
  const common = { format, force: values.force, context };
  const spanIn = (usual: Span) => spanOf(values, usual);
  if (kind === 'candles') {
    const readable = await selectReadable(collected.series, { ...markets, timeframe: values.timeframe });
    return readable.map(({ series, record }) => () => {
      const span = spanIn(wholeSpan(record, context.clock.nowMs()));
      return exportCandleSeries(collected.reader, { ...common, series, span, path: targetOf(out, format, series) });
    });
  }
  const records = await selectRecords(collected.series, { ...markets, kind });
  return records.map((record) => () => {
    const { series } = record;
    if (series.kind === 'candles') throw new Error(`${nameOf(series)} was selected among ${kind}`);
    const span = spanIn(wholeSpan(record, context.clock.nowMs()));
    return exportTicks(collected.cold, { ...common, series, span, path: targetOf(out, format, series) });
  });
}

function describe({ path, rows, bytes, series }: Exported, tookMs: number): string {
  const what = series.kind === 'candles' ? 'candles' : series.kind;
  if (rows === 0) return `${nameOf(series)}: there are no ${what} in that span, so there is no file`;
  const each = `, ${(bytes / rows).toFixed(1)} bytes each`;
  return `${path}: ${grouped(rows)} ${what}, ${bytesText(bytes)}${each}, in ${durationText(tookMs)}`;
}
