/** What exported files are called. */
import { join } from 'node:path';
import { symbolFolder } from '@nightdesk/aws/candles/cold-names.ts';
import { partOf, type Series } from '@nightdesk/core';

/** `binance/BTC-USDT-1m.csv`: the market is spelled as in the desk's cold files. */
export const ownFileName = (series: Series, extension: string): string =>
  join(series.venue, `${symbolFolder(series.symbol)}-${inFileName(partOf(series))}.${extension}`);

/**
 * Where freqtrade looks for candles below its data folder: `binance/BTC_USDT-1m.feather`, and
 * `binance/futures/BTC_USDT_USDT-1m-futures.feather` for contracts, which have a `:` in their symbols.
 * As its `idatahandler.py` (`_pair_data_filename`) and `misc.py` (`pair_to_filename`) have it.
 */
export function freqtradeFileName(
  { venue, symbol, timeframe }: FreqtradeSeries,
  extension: 'feather' | 'json',
): string {
  const pair = symbol.replace(/[/ .@$+:]/g, '_');
  const name = `${pair}-${inFileName(timeframe)}`;
  if (!symbol.includes(':')) return join(venue, `${name}.${extension}`);
  return join(venue, 'futures', `${name}-futures.${extension}`);
}

export interface FreqtradeSeries {
  venue: string;
  symbol: string;
  timeframe: string;
}

/** `1M` and `1m` are one name on some file systems. */
const inFileName = (part: string): string => part.replace('M', 'Mo');
