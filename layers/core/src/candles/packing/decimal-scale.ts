/** Floats that stand for short decimals, as the whole numbers that they are of a unit. */

/** 10^22 is the highest power of ten that a float holds exactly, so that division by it gives the float nearest to a decimal. */
export const decimalsMax = 22;
export const powersOfTen: readonly number[] = Array.from({ length: decimalsMax + 1 }, (_, power) =>
  Number(`1e${power}`),
);
/** Differences of two such numbers, and their sign, are whole numbers too. */
export const integerMax = 2 ** 50;
/** Highest whole number that stands for a value: one more is a whole number, too. */
export const wholeMax = 2 ** 53 - 2;

/** Whole numbers of `unit / 10^decimals` each. */
export interface Scaled {
  decimals: number;
  unit: number;
  /** By column; `NaN` stays what it is. */
  integers: Float64Array[];
}

/**
 * The fewest decimals, and the largest unit, by which all values are whole numbers, so that `integer * unit / 10^decimals` is
 * the very same float.
 *
 * @param highest whole number either way, before the unit
 * @returns `undefined` where there are none: long decimals, infinities, negative zeros, or numbers of too many digits
 */
export function scaleOf(columns: readonly Float64Array[], highest: number): Scaled | undefined {
  let decimals = 0;
  for (const values of columns) {
    for (const value of values) {
      decimals = decimalsOf(value, decimals);
      if (decimals > decimalsMax) return undefined;
    }
  }
  const integers = columns.map((values) => values.map((value) => wholeOf(value, decimals) ?? Number.POSITIVE_INFINITY));
  // What is whole with fewer decimals need not be with more, where it is large.
  if (integers.some((values) => values.some((value) => Math.abs(value) > highest))) return undefined;
  const unit = commonUnit(integers);
  return {
    decimals,
    unit,
    integers: unit === 1 ? integers : integers.map((values) => values.map((value) => value / unit)),
  };
}

/**
 * How many decimals a value has, or `decimalsMin` if it has fewer. More than `decimalsMax` for what is no short decimal.
 */
export function decimalsOf(value: number, decimalsMin: number): number {
  let decimals = decimalsMin;
  while (decimals <= decimalsMax && wholeOf(value, decimals) === undefined) decimals += 1;
  return decimals;
}

/** The float nearest to the decimal of so many places that is nearest to a value; the value itself where it has too many digits. */
export function roundTo(value: number, decimals: number): number {
  const power = powersOfTen[decimals] ?? Number.POSITIVE_INFINITY;
  const integer = Math.round(value * power);
  return Math.abs(integer) <= integerMax ? integer / power : value;
}

/** @returns `undefined` for what is none; unknown stays unknown */
function wholeOf(value: number, decimals: number): number | undefined {
  if (Number.isNaN(value)) return value;
  const power = powersOfTen[decimals] as number;
  const nearest = Math.round(value * power);
  // Of 16 digits and more the product may be off by one.
  for (const integer of [nearest, nearest - 1, nearest + 1]) {
    if (Math.abs(integer) <= wholeMax && integer / power === value && !Object.is(integer, -0)) return integer;
  }
  return undefined;
}

/** The largest number by which all can be divided. */
function commonUnit(columns: readonly Float64Array[]): number {
  let unit = 0;
  for (const values of columns) {
    for (const value of values) {
      if (Number.isNaN(value)) continue;
      unit = greatestDivisor(unit, Math.abs(value));
      if (unit === 1) return 1;
    }
  }
  return unit === 0 ? 1 : unit;
}

export function greatestDivisor(left: number, right: number): number {
  let [larger, smaller] = [left, right];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
