/** A page that zooms, in one file that needs no network: the library is inside. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ChartCandles } from './chart-candles.ts';
import { chartOption } from './chart-option.ts';

/** Nothing in a script may look like its end to a browser. */
const embedded = (text: string): string => text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[mark] ?? mark);

export function renderHtml(chart: ChartCandles): string {
  const library = readFileSync(createRequire(import.meta.url).resolve('echarts/dist/echarts.min.js'), 'utf8');
  const option = chartOption(chart, { isInteractive: true, fontFamily: 'system-ui, sans-serif' });
  const { venue, symbol, timeframe } = chart.series;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${symbol} · ${venue} · ${timeframe}`)}</title>
<style>html, body, #chart { height: 100%; margin: 0; }</style>
</head>
<body>
<div id="chart"></div>
<script>${embedded(library)}</script>
<script>
const chart = echarts.init(document.getElementById('chart'));
chart.setOption(${JSON.stringify(option).replaceAll('<', '\\u003c')});
addEventListener('resize', () => chart.resize());
</script>
</body>
</html>
`;
}
