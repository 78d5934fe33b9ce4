/** A chart of candles in the terms of ECharts: prices above, volume below, and behind both what is missing. */
import type { GapKind } from '@nightdesk/core';
import type { EChartsOption } from 'echarts';
import type { ChartCandles } from './chart-candles.ts';

const [rising, falling, ink, faint] = ['#1a936f', '#d64550', '#1f2933', '#e4e7eb'];

/** Told apart also by those who see no red and green. Opaque, so that neighbours may overlap without a seam. */
export const gapColors: Readonly<Record<GapKind, string>> = {
  open: '#fadb94',
  'no-trades': '#ccd2d8',
  outage: '#eaa6d3',
  quarantined: '#aebff0',
};
const gapNames: Readonly<Record<GapKind, string>> = {
  open: 'not found out yet',
  'no-trades': 'no trades',
  outage: 'outage',
  quarantined: 'quarantined',
};
/** Where only some of a candle's minutes are missing, its mark is a foot that grows with them. */
const footMin = 0.04;

export interface ChartStyle {
  /** Zooms and answers the mouse; otherwise it is a picture. */
  isInteractive: boolean;
  fontFamily: string;
}

export function chartOption(chart: ChartCandles, { isInteractive, fontFamily }: ChartStyle): EChartsOption {
  const labels = chart.opensMs.map((openMs) => timeLabel(openMs, chart));
  const kinds = (Object.keys(gapColors) as GapKind[]).filter((kind) => chart.missing[kind].some((share) => share > 0));
  const [left, right] = [24, labelsPixels(chart)];
  const bottom = isInteractive ? 84 : 44;
  const axis = { type: 'category' as const, data: labels, axisTick: { show: false }, splitLine: { show: false } };
  const hidden = { ...axis, axisLabel: { show: false }, axisLine: { show: false }, axisPointer: { show: false } };
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily, color: ink, fontSize: 13 },
    title: {
      ...{ text: titleOf(chart), subtext: subtitleOf(chart), left, top: 14, itemGap: 8 },
      textStyle: { fontFamily, fontSize: 20, color: ink, fontWeight: 'bold' },
      subtextStyle: { fontFamily, fontSize: 13, color: '#52606d' },
    },
    legend: {
      // Letters are measured without the font, and come out narrower than they are.
      ...{ right, top: 22, itemWidth: 16, itemHeight: 12, itemGap: 34, selectedMode: false },
      textStyle: { fontFamily, fontSize: 13, color: ink },
      data: kinds.map((kind) => ({ name: gapNames[kind], icon: 'rect' })),
    },
    // What is missing lies behind both of the others.
    grid: [
      { left, right, top: 84, bottom },
      { left, right, top: 84, bottom: isInteractive ? '34%' : '30%' },
      { left, right, top: isInteractive ? '70%' : '75%', bottom },
    ],
    xAxis: [
      { ...hidden, gridIndex: 0 },
      { ...hidden, gridIndex: 1, axisPointer: { show: isInteractive, label: { show: false } } },
      {
        ...{ ...axis, gridIndex: 2, axisLine: { lineStyle: { color: '#9aa5b1' } } },
        axisLabel: {
          ...{ fontFamily, color: ink, fontSize: 13, margin: 10, hideOverlap: true },
          ...(!isInteractive && roundTimes(chart)),
        },
      },
    ],
    yAxis: [
      { gridIndex: 0, min: 0, max: 1, show: false },
      { name: 'price', gridIndex: 1, scale: true, splitNumber: priceSteps, ...valueAxis(fontFamily) },
      { name: 'volume', gridIndex: 2, splitNumber: volumeSteps, min: 0, ...valueAxis(fontFamily) },
    ],
    ...(isInteractive && interaction(fontFamily)),
    series: [...kinds.map((kind) => gapSeries(chart, kind)), ...candleSeries(chart)],
  };
}

/** Of a digit of an axis' labels. */
const digitPixels = 8.3;
const labelsPixelsMin = 96;

/** What the labels beside the axes need: volumes of cheap coins are billions, and their prices have many zeros. */
export function labelsPixels({ prices, volumes }: Pick<ChartCandles, 'prices' | 'volumes'>): number {
  const most = volumes.reduce<number>((highest, volume = 0) => Math.max(highest, volume), 0);
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const price of prices) {
    if (price === undefined) continue;
    [low, high] = [Math.min(low, price[2]), Math.max(high, price[3])];
  }
  const range = high - low;
  const priceLength = lengthOfLabel(high, range > 0 ? range / priceSteps : high);
  const length = Math.max(priceLength, lengthOfLabel(most * volumeRoom, most / volumeSteps));
  return Math.max(labelsPixelsMin, Math.ceil(length * digitPixels) + digitPixels * 2);
}

/** An axis ends at the next round number. */
const volumeRoom = 1.5;
const [priceSteps, volumeSteps] = [8, 3];

/** Characters of the longest label up to a value, in steps of a round number near to one. */
function lengthOfLabel(highest: number, step: number): number {
  const decimals = step > 0 ? Math.max(0, Math.ceil(-Math.log10(step))) : 0;
  return Math.ceil(highest).toLocaleString('en').length + (decimals > 0 ? decimals + 1 : 0);
}

const valueAxis = (fontFamily: string) => ({
  ...{ type: 'value' as const, position: 'right' as const, nameGap: 14 },
  nameTextStyle: { fontFamily, color: '#7b8794', fontSize: 13, align: 'left' as const, padding: [0, 0, 0, 8] },
  splitLine: { lineStyle: { color: faint } },
  axisLabel: { fontFamily, color: ink, fontSize: 13 },
});

function gapSeries({ missing, prices }: ChartCandles, kind: GapKind) {
  return {
    ...{ name: gapNames[kind], type: 'bar' as const, stack: 'missing', xAxisIndex: 0, yAxisIndex: 0, z: 0 },
    ...{ barWidth: '112%', silent: true, itemStyle: { color: gapColors[kind] } },
    data: missing[kind].map((share, index) => {
      if (share === 0) return '-';
      return prices[index] === undefined ? share : Math.max(footMin, share);
    }),
  };
}

const missingPrice = ['-', '-', '-', '-'];

function candleSeries({ prices, volumes }: ChartCandles) {
  return [
    {
      ...{ name: 'price', type: 'candlestick' as const, xAxisIndex: 1, yAxisIndex: 1, z: 3 },
      itemStyle: { color: rising, color0: falling, borderColor: rising, borderColor0: falling, borderColorDoji: ink },
      data: prices.map((price) => (price === undefined ? missingPrice : [...price])),
    },
    {
      ...{ name: 'volume', type: 'bar' as const, xAxisIndex: 2, yAxisIndex: 2, z: 3, barCategoryGap: '30%' },
      data: volumes.map((volume, index) => {
        const [open = 0, close = 0] = prices[index] ?? [];
        return { value: volume ?? '-', itemStyle: { color: close >= open ? rising : falling, opacity: 0.6 } };
      }),
    },
  ];
}

const interaction = (fontFamily: string) => ({
  tooltip: { trigger: 'axis' as const, axisPointer: { type: 'cross' as const }, textStyle: { fontFamily } },
  axisPointer: { link: [{ xAxisIndex: [1, 2] }] },
  dataZoom: [
    { type: 'inside' as const, xAxisIndex: [0, 1, 2] },
    { type: 'slider' as const, xAxisIndex: [0, 1, 2], bottom: 16, height: 28, showDataShadow: false },
  ],
});

const titleOf = ({ series }: ChartCandles): string => `${series.symbol}  ·  ${series.venue}  ·  ${series.timeframe}`;

function subtitleOf({ span, present, opensMs, derivedFrom }: ChartCandles): string {
  const times = `${minuteOf(span.fromMs)} to ${minuteOf(span.toMs)} UTC`;
  const counts = `${present.toLocaleString('en')} of ${opensMs.length.toLocaleString('en')} candles`;
  return `${times}   ·   ${counts}${derivedFrom === undefined ? '' : `, made of ${derivedFrom}`}`;
}

const minuteOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
/** From which the marks of a time axis are chosen. */
const markStepsMs = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * hourMs),
  ...[1, 2, 5, 10, 20, 50, 100].map((days) => days * dayMs),
];
const marksMax = 16;

/** Marks at times that people count by; a day is named where it begins. For pictures only: a page gets no functions. */
function roundTimes({ opensMs, span }: ChartCandles) {
  const stepMs = markStepsMs.find((each) => (span.toMs - span.fromMs) / each <= marksMax);
  if (stepMs === undefined) return {};
  const isRound = (index: number) => (opensMs[index] ?? 1) % stepMs === 0;
  const formatter = (_label: string, index: number) => {
    const openMs = opensMs[index] ?? 0;
    return openMs % dayMs === 0 ? minuteOf(openMs).slice(stepMs < dayMs ? 5 : 0, 10) : minuteOf(openMs).slice(11);
  };
  return { interval: isRound, formatter };
}

/** As much of the time as tells the candles apart. */
function timeLabel(openMs: number, { span, opensMs }: ChartCandles): string {
  const minute = minuteOf(openMs);
  const isDaily = opensMs.length > 1 && (opensMs[1] as number) - (opensMs[0] as number) >= dayMs;
  if (isDaily) return minute.slice(0, 10);
  const isOneDay = span.toMs - span.fromMs <= dayMs;
  return isOneDay ? minute.slice(11) : minute.slice(5);
}
