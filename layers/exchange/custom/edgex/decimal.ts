/** Exact decimals for what is signed: the hash of an order holds whole units, and a float would sign another order. */

/** `digits` × 10^-`scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

const decimalPattern = /^(\d+)(?:\.(\d+))?$/;

/** @throws RangeError when the text is no plain decimal of zero or more. */
export function parseDecimal(text: string): Decimal {
  const [, whole, fraction = ''] = decimalPattern.exec(text) ?? [];
  if (whole === undefined) throw new RangeError('no plain decimal number of zero or more');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

export const multiply = (left: Decimal, right: Decimal): Decimal => ({
  digits: left.digits * right.digits,
  scale: left.scale + right.scale,
});

/**
 * A decimal in whole units.
 *
 * @param unitsPerOne what edgeX calls the resolution of an asset.
 * @param rounding of what is finer than a unit; `exact` refuses it.
 * @throws RangeError when `exact` would have to round.
 */
export function toUnits(decimal: Decimal, unitsPerOne: bigint, rounding: 'exact' | 'up' | 'down'): bigint {
  const scaled = decimal.digits * unitsPerOne;
  const divisor = 10n ** BigInt(decimal.scale);
  const units = scaled / divisor;
  if (units * divisor === scaled || rounding === 'down') return units;
  if (rounding === 'exact') throw new RangeError('finer than the unit of its asset');
  return units + 1n;
}

/**
 * The decimal that a number of units stands for, without trailing zeros.
 *
 * @throws RangeError when a unit is no power of ten of the asset.
 */
export function fromUnits(units: bigint, unitsPerOne: bigint): string {
  const places = String(unitsPerOne).length - 1;
  if (10n ** BigInt(places) !== unitsPerOne) throw new RangeError('a resolution that is no power of ten');
  const digits = String(units).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
