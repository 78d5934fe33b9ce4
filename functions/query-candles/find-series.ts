/** Which stored series answers a question about candles. */
import { type CandleSeries, derivableFrom, RequestError, type SeriesStore } from '@nightdesk/core';

/** Most names in one message. */
const namesMax = 20;

export interface FoundSeries {
  /** The timeframe that is stored, where the one asked for is made of it. */
  derivedFrom?: string;
}

type Stores = Pick<SeriesStore, 'get' | 'list' | 'venues'>;

/** @throws RequestError `not_found` naming the parameter that has no candles, and what could be asked for instead */
export async function findSeries(series: CandleSeries, store: Stores): Promise<FoundSeries> {
  if ((await store.get(series)) !== undefined) return {};
  const { venue, symbol } = series;
  const records = await store.list(venue);
  const collected = records.map((record) => record.series).filter((each) => each.kind === 'candles');
  const ofSymbol = await requireCollected({ venue, symbol }, collected, store);
  const timeframes = ofSymbol.map(({ timeframe }) => timeframe);
  const derivedFrom = derivableFrom(series.timeframe, timeframes);
  if (derivedFrom !== undefined) return { derivedFrom };
  const message = `cannot be made of what is stored, which is ${listed(timeframes)}: only a multiple of it can`;
  throw notFound('timeframe', message);
}

/**
 * Those of the collected series that were asked for.
 *
 * @param collected of the venue that was asked for, or of all
 * @throws RequestError `not_found` where there is none, naming the parameter that nothing fits
 */
export async function requireCollected(
  asked: Partial<Pick<CandleSeries, 'venue' | 'symbol' | 'timeframe'>>,
  collected: readonly CandleSeries[],
  store: Pick<Stores, 'venues'>,
): Promise<CandleSeries[]> {
  const { venue, symbol, timeframe } = asked;
  if (venue !== undefined && collected.length === 0) {
    throw notFound('venue', `no candles are collected of it; they are of ${listed(await store.venues())}`);
  }
  const ofSymbol = collected.filter((series) => symbol === undefined || series.symbol === symbol);
  if (symbol !== undefined && ofSymbol.length === 0) {
    const symbols = [...new Set(collected.map((series) => series.symbol))];
    const where = venue === undefined ? '' : ` at ${venue}`;
    throw notFound('symbol', `was never collected${where}; collected are ${listed(likeFirst(symbols, symbol))}`);
  }
  const ofTimeframe = ofSymbol.filter((series) => timeframe === undefined || series.timeframe === timeframe);
  if (timeframe !== undefined && ofTimeframe.length === 0) {
    const timeframes = [...new Set(ofSymbol.map((series) => series.timeframe))];
    throw notFound('timeframe', `is not stored; stored are ${listed(timeframes)}`);
  }
  return ofTimeframe;
}

const notFound = (path: string, message: string): RequestError =>
  new RequestError('not_found', 'there are no such candles', [{ path, message }]);

/** Those of the same base or quote asset before others: what was meant is mostly among them. */
function likeFirst(symbols: readonly string[], symbol: string): string[] {
  const assets = symbol.toUpperCase().split(/[^A-Z0-9]+/);
  const unlike = (name: string) => Number(!name.split(/[/:]/).some((asset) => asset === assets[0]));
  return symbols.toSorted((left, right) => unlike(left) - unlike(right) || (left < right ? -1 : 1));
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'nothing yet: config/collection.yaml says what is collected';
  const more = names.length - namesMax;
  return `${names.slice(0, namesMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
