/**
 * BitMEX's units. Money is told in whole minor units (satoshi, millionths of a tether), sizes in contracts; both become
 * decimals here, by arithmetic on texts.
 */
import type { MarketInterface } from 'ccxt';
import { Precise } from 'ccxt';

/** Decimal places of the currencies that contracts are settled in. `GET /wallet/assets` tells those of all others. */
export const settlementScales: Readonly<Record<string, number>> = { XBt: 8, USDt: 6 };

/** `fromMinorUnits('150', 8)` is `0.0000015`. */
export function fromMinorUnits(units: string, scale: number): string {
  return Precise.stringMul(units, `1e-${scale}`) ?? '0';
}

export const absolute = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Precise.stringAbs(text);

export interface ContractTerms {
  isInverse: boolean;
  isQuanto: boolean;
  settlCurrency: string | undefined;
  multiplier: string | undefined;
  underlyingToPositionMultiplier: string | undefined;
  underlyingToSettleMultiplier: string | undefined;
  quoteToSettleMultiplier: string | undefined;
}

/**
 * What one contract stands for, as ccxt counts it: units of the base currency (linear), of the quote currency (inverse),
 * or of the settlement currency per unit of price (quanto, where nothing else would give an order's cost).
 *
 * @param terms fields of the instrument
 * @returns `undefined` when they do not say
 */
export function contractSizeOf(terms: ContractTerms): string | undefined {
  const { multiplier, underlyingToPositionMultiplier, underlyingToSettleMultiplier, quoteToSettleMultiplier } = terms;
  if (terms.isInverse) return ratio(multiplier, underlyingToSettleMultiplier);
  if (terms.isQuanto) {
    const scale = settlementScales[terms.settlCurrency ?? ''];
    return multiplier === undefined || scale === undefined ? undefined : fromMinorUnits(multiplier, scale);
  }
  if (underlyingToPositionMultiplier !== undefined) return ratio('1', underlyingToPositionMultiplier);
  return ratio(multiplier, quoteToSettleMultiplier ?? underlyingToSettleMultiplier);
}

function ratio(numerator: string | undefined, denominator: string | undefined): string | undefined {
  if (numerator === undefined || denominator === undefined || Precise.stringEq(denominator, '0')) return undefined;
  return absolute(Precise.stringDiv(numerator, denominator));
}

/**
 * BitMEX counts spot orders too in units of its own; ccxt counts them in the base currency.
 *
 * @param market in ccxt's form, its `info` the instrument
 * @returns units per whole of the base currency on spot, and one for contracts, which both count alike; `undefined` for a
 *   market that is not known, of which nobody could say what its units are
 */
export function unitsPerAmount(market: Pick<MarketInterface, 'spot' | 'contract' | 'info'>): string | undefined {
  if (market.contract === true) return '1';
  const units: unknown = market.spot === true ? market.info?.underlyingToPositionMultiplier : undefined;
  return units === undefined || units === null ? undefined : String(units);
}
