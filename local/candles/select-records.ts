/** Which of the collected series are meant. */
import {
  askedFromMs,
  type CandleSeries,
  derivableFrom,
  type Series,
  type SeriesKind,
  type SeriesRecord,
  type SeriesStore,
  type Span,
  seriesKeyOf,
  type VenueId,
} from '@nightdesk/core';
import { CandlesError } from './candles-error.ts';

export interface Selection {
  venue?: string | undefined;
  symbols?: readonly string[] | undefined;
  timeframe?: string | undefined;
  kind?: SeriesKind;
}

export type CandleRecord = SeriesRecord & { series: CandleSeries };

/** Most names in one message. */
const namesMax = 20;

/** By key. @throws CandlesError where something is named that there is nothing of, with what there is */
export async function selectRecords(store: SeriesStore, selection: Selection): Promise<SeriesRecord[]> {
  const { venue, symbols = [], timeframe, kind } = selection;
  const venues = await store.venues();
  if (venue !== undefined && !venues.includes(venue as VenueId)) {
    throw new CandlesError(`nothing is collected of ${venue}: ${thereIs(venues)}`);
  }
  const wanted = venue === undefined ? venues : [venue as VenueId];
  const all = (await Promise.all(wanted.map((each) => store.list(each)))).flat();
  const ofKind = all.filter(({ series }) => kind === undefined || series.kind === kind);
  for (const symbol of symbols) {
    if (ofKind.some(({ series }) => series.symbol === symbol)) continue;
    const known = [...new Set(ofKind.map(({ series }) => series.symbol))];
    throw new CandlesError(`${symbol} was never collected${venue ? ` at ${venue}` : ''}: ${thereIs(known)}`);
  }
  return ofKind
    .filter(({ series }) => symbols.length === 0 || symbols.includes(series.symbol))
    .filter(({ series }) => timeframe === undefined || (series.kind === 'candles' && series.timeframe === timeframe))
    .sort((left, right) => (seriesKeyOf(left.series) < seriesKeyOf(right.series) ? -1 : 1));
}

export const isCandles = (record: SeriesRecord): record is CandleRecord => record.series.kind === 'candles';

/** Those of candles alone, by the words of the command line. @throws CandlesError as `selectRecords` */
export async function selectCandles(
  store: SeriesStore,
  {
    venue,
    symbol,
    timeframe,
  }: { venue?: string | undefined; symbol?: readonly string[] | undefined; timeframe?: string | undefined },
): Promise<CandleRecord[]> {
  return (await selectRecords(store, { venue, symbols: symbol, timeframe, kind: 'candles' })).filter(isCandles);
}

export interface ReadableSeries {
  series: CandleSeries;
  /** The stored one: the series itself, or what it is made of. */
  record: CandleRecord;
}

/** Candles in a timeframe that is stored or can be made, of each market that is meant. @throws CandlesError as `selectRecords` */
export async function selectReadable(
  store: SeriesStore,
  selection: Selection & { timeframe: string },
): Promise<ReadableSeries[]> {
  const { timeframe, ...markets } = selection;
  const records = (await selectRecords(store, { ...markets, kind: 'candles' })).filter(isCandles);
  const byMarket = Map.groupBy(records, ({ series }) => `${series.venue} ${series.symbol}`);
  return [...byMarket].flatMap(([market, those]) => {
    const stored = those.map(({ series }) => series.timeframe);
    const from = stored.includes(timeframe) ? timeframe : derivableFrom(timeframe, stored);
    const record = those.find(({ series }) => series.timeframe === from);
    if (record !== undefined) return [{ record, series: { ...record.series, timeframe } }];
    if (byMarket.size > 1) return [];
    throw new CandlesError(`${timeframe} candles of ${market} cannot be made of what is stored: ${thereIs(stored)}`);
  });
}

/** From the first candle that was ever asked for until now. */
export function wholeSpan(record: SeriesRecord, nowMs: number): Span {
  return { fromMs: Math.max(record.listedFromMs ?? 0, askedFromMs(record)), toMs: nowMs };
}

export const nameOf = (series: Series): string =>
  `${series.venue} ${series.symbol} ${series.kind === 'candles' ? series.timeframe : series.kind}`;

function thereIs(names: readonly string[]): string {
  if (names.length === 0) return 'there is nothing yet; config/collection.yaml says what is collected';
  const more = names.length - namesMax;
  return `there is ${names.slice(0, namesMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
