/** How Kraken's REST answers write prices and amounts. */
import type { DayStatistics } from '../engine/candles.ts';
import type { Decimal } from '../engine/decimal.ts';
import { lotDecimals, type PairSpec } from './catalog.ts';

/** Prices have at least five decimals in market data, whatever the tick. */
const priceDecimalsMin = 5;

export function priceText(spec: PairSpec, price: Decimal): string {
  return price.toFixed(Math.max(spec.priceDecimals, priceDecimalsMin), 0);
}

export function amountText(amount: Decimal): string {
  return amount.toFixed(lotDecimals, 0);
}

/** Mean price of what was traded. */
export function vwapOf(figures: Pick<DayStatistics, 'open' | 'quoteVolume' | 'baseVolume'>): number {
  return figures.baseVolume > 0 ? figures.quoteVolume / figures.baseVolume : figures.open;
}
