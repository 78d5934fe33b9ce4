/** ccxt's candles in Nightdesk's words. */
import {
  type Amount,
  amount,
  amountUnitOf,
  type Candle,
  isQuantity,
  type Market,
  type Notional,
  notional,
  notionalOf,
  type Price,
  price,
} from '@nightdesk/core';
import { fromContracts } from './contract-amounts.ts';
import { Fields, listOf } from './fields.ts';
import type { CandleRow, RowPlace } from './traits/candle-traits.ts';

/** What ccxt makes of a candle; behind it the venue's own row, which `ObservedClient` adds. */
const places = { openTimeMs: 0, open: 1, high: 2, low: 3, close: 4, volume: 5, row: 6 } as const;
const prices = ['open', 'high', 'low', 'close'] as const;

/**
 * In order of their open times. What makes no sense is handed on, so that one bad candle hides none of the others: whoever
 * stores candles checks them. A candle that is there twice with the same values is there once; a row without any price is how
 * venues say that nothing was traded, and is no candle.
 *
 * @throws UnparsableAnswerError when it is no list of candles with times
 */
export function mapCandles(value: unknown, market: Market, row: CandleRow = {}): Candle[] {
  const candles = listOf('candles', value)
    .map((candle) => listOf('candle', candle))
    .filter((candle) => prices.some((name) => !isAbsent(candle[places[name]])))
    .map((candle) => mapCandle(candle, market, row))
    .sort((left, right) => left.openTimeMs - right.openTimeMs);
  return candles.filter((candle, index) => !isRepeated(candles, candle, index));
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

/** Of those with one open time, which stand side by side. */
function isRepeated(candles: readonly Candle[], candle: Candle, index: number): boolean {
  for (let before = index - 1; candles[before]?.openTimeMs === candle.openTimeMs; before -= 1) {
    if (JSON.stringify(candles[before]) === JSON.stringify(candle)) return true;
  }
  return false;
}

function mapCandle(candle: readonly unknown[], market: Market, row: CandleRow): Candle {
  const own = candle[places.row];
  const at = (place: RowPlace | undefined): string | undefined =>
    place === undefined ? undefined : decimalOf((own as Record<RowPlace, unknown> | undefined)?.[place]);
  const volume = volumeOf(
    row.volume?.at === undefined ? decimalOf(candle[places.volume]) : at(row.volume.at),
    market,
    row,
  );
  const quoteVolume = quoteVolumeOf(at(row.quoteVolume), at(row.averagePrice), volume);
  const trades = Number(at(row.trades) ?? Number.NaN);
  return {
    openTimeMs: new Fields('candle', { openTimeMs: candle[places.openTimeMs] }).timeMs('openTimeMs'),
    ...{ open: priceOf(candle[places.open]), high: priceOf(candle[places.high]) },
    ...{ low: priceOf(candle[places.low]), close: priceOf(candle[places.close]) },
    ...(volume !== undefined && { volume }),
    ...(quoteVolume !== undefined && { quoteVolume }),
    ...(Number.isSafeInteger(trades) && { trades }),
  };
}

/** A decimal of any sign; what is none is not there. */
function decimalOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && isQuantity(text) ? text : undefined;
}

/** As sent where it is no number: that is for whoever checks the candle to refuse. */
function priceOf(value: unknown): Price {
  const text = decimalOf(value);
  return text === undefined ? (String(value ?? '') as Price) : price(text);
}

/** In the unit of the market's amounts, or nothing where the venue counts in another or nobody knows in which. */
function volumeOf(counted: string | undefined, market: Market, row: CandleRow): Amount | undefined {
  const unit = row.volume?.unit ?? (isSameEitherWay(market) ? 'base' : undefined);
  if (counted === undefined || unit === undefined) return undefined;
  if (unit === 'contracts') return fromContracts(counted, market);
  return amountUnitOf(market) === 'base' ? amount(counted) : undefined;
}

/** Where ccxt's volume is one of base asset whichever of the two the venue counts. */
const isSameEitherWay = ({ kind, contractType, contractSize }: Market): boolean =>
  kind === 'spot' || (contractType === 'linear' && contractSize === '1');

function quoteVolumeOf(
  told: string | undefined,
  averagePrice: string | undefined,
  volume: Amount | undefined,
): Notional | undefined {
  if (told !== undefined) return notional(told);
  return averagePrice === undefined || volume === undefined ? undefined : notionalOf(volume, price(averagePrice));
}
