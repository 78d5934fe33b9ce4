/** A picture, drawn without a browser and with a font that comes along: it looks the same on a machine that has none. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { init } from 'echarts';
import type { ChartCandles } from './chart-candles.ts';
import { chartOption } from './chart-option.ts';

const fontFamily = 'DejaVu Sans';
const fontsDirectory = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => join(fontsDirectory, file));

export interface PictureSize {
  /** Pixels. */
  width: number;
  height: number;
}

export function renderPng(chart: ChartCandles, { width, height }: PictureSize): Buffer {
  const picture = init(null, null, { renderer: 'svg', ssr: true, width, height });
  picture.setOption(chartOption(chart, { isInteractive: false, fontFamily }));
  const svg = picture.renderToSVGString();
  picture.dispose();
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: fontFamily };
  return new Resvg(svg, { font, fitTo: { mode: 'width', value: width } }).render().asPng();
}
