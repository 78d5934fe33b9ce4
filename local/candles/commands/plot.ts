/** `npm run candles -- plot`: a chart with volume, and what is missing marked. */
import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import { type CandleColumns, countOpens, emptyColumns, isTimeframe, mergeColumns, type Span } from '@nightdesk/core';
import { CandlesError } from '../candles-error.ts';
import { type Command, commonHelp, commonOptions, grouped, required, spanOf, spanOptions } from '../command.ts';
import { requireFree, writeNewFile } from '../export/new-file.ts';
import type { Collected } from '../open-store.ts';
import { chartCandles } from '../plot/chart-candles.ts';
import { renderHtml } from '../plot/render-html.ts';
import { renderPng } from '../plot/render-png.ts';
import { type ReadableSeries, selectReadable } from '../select-records.ts';

const help = `Draws candles, with volume below and what is missing marked by why it is.

  npm run candles -- plot --venue binance --symbol BTC/USDT --out btc.png
  npm run candles -- plot --venue binance --symbol BTC/USDT --from 2026-11-01 --to 2026-11-21 --out btc.html    zooms, in one file

  --timeframe            default: the shortest with which the chart is readable
  --from, --to           default: the last day
  --width, --height      of a PNG, in pixels (default 1600 and 900)
  --force                replaces a file that is there
${commonHelp}`;

const options = {
  ...commonOptions,
  ...spanOptions,
  venue: { type: 'string' },
  symbol: { type: 'string' },
  timeframe: { type: 'string' },
  out: { type: 'string' },
  force: { type: 'boolean', default: false },
  width: { type: 'string', default: '1600' },
  height: { type: 'string', default: '900' },
} as const;

const dayMs = 86_400_000;
/** With more, a candle is narrower than can be seen. */
const candlesMax = { '.png': 1_000, '.html': 50_000 } as const;
const candlesReadable = { '.png': 400, '.html': 2_000 } as const;
const usualTimeframes = ['1m', '5m', '15m', '30m', '1h', '4h', '12h', '1d', '1w', '1M'] as const;
type Ending = keyof typeof candlesMax;

export const plot: Command = {
  summary: 'a chart, as PNG or HTML',
  help,
  async run(args, { open, json, print, clock }) {
    const { values } = parseArgs({ args: [...args], options });
    const out = required('--out', values.out);
    const ending = endingOf(out);
    const size = { width: pixelsOf('--width', values.width), height: pixelsOf('--height', values.height) };
    const market = { venue: required('--venue', values.venue), symbols: [required('--symbol', values.symbol)] };
    const nowMs = clock.nowMs();
    const span = spanOf(values, { fromMs: nowMs - dayMs, toMs: nowMs });
    const timeframe = values.timeframe ?? readableTimeframe(span, candlesReadable[ending]);
    requireFew(timeframe, span, ending);
    requireFree(out, { force: values.force });
    const collected = await open();
    const [readable] = await selectReadable(collected.series, { ...market, timeframe });
    if (readable === undefined) throw new CandlesError(`there are no candles of ${values.symbol}`);
    const chart = await readChart(collected, readable, { span, nowMs });
    if (chart.present === 0) throw new CandlesError('there is no candle in that span: coverage tells what there is');
    const drawn = ending === '.png' ? renderPng(chart, size) : Buffer.from(renderHtml(chart));
    const bytes = await writeNewFile(out, drawn, { force: values.force });
    const told = { path: out, timeframe, candles: chart.present, expected: chart.opensMs.length, bytes };
    print(
      json
        ? JSON.stringify(told)
        : `${out}: ${grouped(told.candles)} of ${grouped(told.expected)} ${timeframe} candles`,
    );
    return 0;
  },
};

function endingOf(out: string): Ending {
  const ending = extname(out).toLowerCase();
  if (ending === '.png' || ending === '.html') return ending;
  throw new CandlesError(`--out ${out}: must end in .png or .html`);
}

function pixelsOf(option: string, text: string): number {
  const pixels = Number(text);
  if (Number.isInteger(pixels) && pixels >= 400 && pixels <= 8_000) return pixels;
  throw new CandlesError(`${option} ${text}: must be a whole number from 400 to 8000`);
}

const readableTimeframe = (span: Span, most: number): string =>
  usualTimeframes.find((timeframe) => countOpens(timeframe, span) <= most) ?? '1M';

function requireFew(timeframe: string, span: Span, ending: Ending): void {
  if (!isTimeframe(timeframe)) throw new CandlesError(`--timeframe ${timeframe}: such are 1m, 4h, 1d, 1w and 1M`);
  const count = countOpens(timeframe, span);
  if (count <= candlesMax[ending]) return;
  const longer = readableTimeframe(span, candlesReadable[ending]);
  const most = `a ${ending.slice(1).toUpperCase()} shows ${grouped(candlesMax[ending])} candles at most`;
  throw new CandlesError(`${most}, and these are ${grouped(count)}: take --timeframe ${longer}, or a shorter span`);
}

async function readChart(
  { reader }: Collected,
  { series, record }: ReadableSeries,
  { span, nowMs }: { span: Span; nowMs: number },
) {
  let candles: CandleColumns = emptyColumns;
  for await (const columns of reader.read(series, span)) candles = mergeColumns(candles, columns);
  const stored = record.series;
  const gaps = await reader.gapsIn(stored, span, nowMs);
  const derived = stored.timeframe === series.timeframe ? {} : { derivedFrom: stored.timeframe };
  return chartCandles({ series, span, ...derived }, candles, gaps);
}
