/** Names of the files in the archive: Hive's `key=value` folders, of which readers make columns. */
import {
  type CandleSeries,
  firstDayOf,
  type Period,
  periodOf,
  type Series,
  type Span,
  type TickSeries,
} from '@nightdesk/core';

const timeDigits = 15;
/** As it is escaped. */
const slash = '%2F';

/**
 * A symbol as the value of a folder: `BTC/USDT:USDT` is `BTC-USDT_USDT`. What no folder may be called, and what not every reader
 * spells alike, is escaped as in an address; so is a `-` or `_` that would stand for another `/` or `:`, since no two symbols may
 * share a folder. The symbol itself is in the file.
 */
export function symbolFolder(symbol: string): string {
  const escaped = encodeURIComponent(symbol).replaceAll('*', '%2A').replaceAll('_', '%5F');
  const slashAt = escaped.indexOf(slash);
  const base = (slashAt < 0 ? escaped : escaped.slice(0, slashAt)).replaceAll('-', '%2D');
  return slashAt < 0 ? base : `${base}-${escaped.slice(slashAt + slash.length).replace('%3A', '_')}`;
}

const marketFolder = ({ venue, symbol }: Pick<Series, 'venue' | 'symbol'>): string =>
  `venue=${venue}/symbol=${symbolFolder(symbol)}/`;

/** What the names of all candles of a series begin with. */
export const candleFolder = (series: CandleSeries): string =>
  `candles/${marketFolder(series)}timeframe=${series.timeframe}/`;

export const candleFile = (series: CandleSeries, period: Period): string =>
  `${candleFolder(series)}date=${firstDayOf(period)}/candles.parquet`;

/** @returns `undefined` for what is not called as a file of candles is */
export function periodOfFile(series: CandleSeries, key: string): Period | undefined {
  const [, day] = /\/date=(\d{4}-\d{2}-\d{2})\/candles\.parquet$/.exec(key) ?? [];
  if (day === undefined) return undefined;
  const period = periodOf(series.timeframe, Date.parse(day));
  return candleFile(series, period) === key ? period : undefined;
}

/** All trades of a day (`YYYY-MM-DD`), once it is compacted. */
export const tradeFile = (series: TickSeries, day: string): string =>
  `trades/${marketFolder(series)}date=${day}/trades.parquet`;

/** What the names of a day's trades begin with that are not compacted. */
export const incomingFolder = (series: TickSeries, day: string): string =>
  `incoming/trades/${marketFolder(series)}date=${day}/`;

/** In order of their names they are in order of time. */
export function incomingFile(series: TickSeries, day: string, { fromMs, toMs }: Span): string {
  const padded = (atMs: number) => String(atMs).padStart(timeDigits, '0');
  return `${incomingFolder(series, day)}${padded(fromMs)}-${padded(toMs)}.parquet`;
}

/** @param month `YYYY-MM` */
export const fundingFile = (series: TickSeries, month: string): string =>
  `funding/${marketFolder(series)}date=${month}-01/funding.parquet`;
