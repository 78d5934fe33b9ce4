/**
 * Money: decimal strings at every border, big.js in strict mode inside. Strict mode refuses numbers, so a float
 * can never enter a calculation by accident.
 */
import BigConstructor from 'big.js';
import type { Brand } from './brand.ts';

const Big = BigConstructor();
Big.strict = true;
/** Decimal places kept by a division, the only inexact operation. Venues use 18 at most. */
Big.DP = 28;
/** A division is cut, never rounded up: a quotient must not reach the next step by rounding. */
Big.RM = Big.roundDown;

/** A quantity of the base currency, or of contracts; decimal string, plain notation. */
export type Amount = Brand<string, 'Amount'>;
/** Quote currency per unit of base currency; decimal string, plain notation. */
export type Price = Brand<string, 'Price'>;
/** An amount of quote currency: amount × price; decimal string, plain notation. */
export type Notional = Brand<string, 'Notional'>;
export type Decimal = Amount | Price | Notional;

/** Longest decimal accepted from outside. Beyond this it is an attack or a defect, never a quantity. */
const decimalLengthMax = 40;
/** Longest decimal that calculations make of those: a product has twice the digits, a quotient `Big.DP` more. */
const resultLengthMax = 160;
const decimalPattern = /^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/;
/**
 * A decimal that is zero or more and has no exponent, as nearly all are that venues send. Those are checked, spelled anew and
 * compared as texts, ten times faster than by calculating.
 */
const simplePattern = /^\d+(?:\.\d+)?$/;
/** A digit above zero before any exponent. */
const nonZeroPattern = /^-?[0.]*[1-9]/;

/** True for a finite decimal literal of sane length: `0.10`, `-3`, `1e-8`; not ``, `NaN`, ` 1`, `1,000`, `0x10`. */
export function isDecimal(text: string): boolean {
  return text.length <= decimalLengthMax && decimalPattern.test(text);
}

/** True for a decimal that stays one of sane length when it is written out: `1e-8`; not `1e99`, which no quantity is. */
export const isQuantity = (text: string): boolean => isDecimal(text) && isDecimal(fromOutside(text));

const notDecimal = (text: string) =>
  new RangeError(`not a decimal number: ${JSON.stringify(text.slice(0, decimalLengthMax))}`);

function requireDecimal(text: string): string {
  if (text.length > resultLengthMax || !decimalPattern.test(text)) throw notDecimal(text);
  return text;
}

const big = (text: string): BigConstructor => new Big(requireDecimal(text));

/** The one spelling of a decimal: no exponent, no trailing zeros, no leading plus. */
function plain(value: BigConstructor): string {
  return value.eq(new Big('0')) ? '0' : value.toFixed();
}

function fromOutside(text: string): string {
  if (!isDecimal(text)) throw notDecimal(text);
  return simplePattern.test(text) ? respell(text) : plain(big(text));
}

/** A simple decimal without the zeros that change nothing. */
function respell(text: string): string {
  const point = text.indexOf('.');
  const whole = (point < 0 ? text : text.slice(0, point)).replace(/^0+(?=\d)/, '');
  const part = point < 0 ? '' : text.slice(point + 1).replace(/0+$/, '');
  return part === '' ? whole : `${whole}.${part}`;
}

/** @throws RangeError when `text` is not a decimal. */
export const amount = (text: string): Amount => fromOutside(text) as Amount;
/** @throws RangeError when `text` is not a decimal. */
export const price = (text: string): Price => fromOutside(text) as Price;
/** @throws RangeError when `text` is not a decimal. */
export const notional = (text: string): Notional => fromOutside(text) as Notional;

export const zeroAmount: Amount = amount('0');
export const zeroNotional: Notional = notional('0');

export function compare(left: string, right: string): -1 | 0 | 1 {
  const short = left.length <= resultLengthMax && right.length <= resultLengthMax;
  return short && simplePattern.test(left) && simplePattern.test(right)
    ? comparePlain(respell(left), respell(right))
    : big(left).cmp(big(right));
}

/** Of whole parts the longer is greater; of texts as long, and of fractions, the one that sorts later. */
function comparePlain(left: string, right: string): -1 | 0 | 1 {
  const wholeDigits = (text: string): number => (text.includes('.') ? text.indexOf('.') : text.length);
  const longer = wholeDigits(left) - wholeDigits(right);
  if (longer !== 0) return longer > 0 ? 1 : -1;
  if (left === right) return 0;
  return left > right ? 1 : -1;
}

export const isPositive = (value: string): boolean => nonZeroPattern.test(requireDecimal(value)) && value[0] !== '-';
export const isNegative = (value: string): boolean => nonZeroPattern.test(requireDecimal(value)) && value[0] === '-';

export const add = <T extends Decimal>(left: T, right: T): T => plain(big(left).plus(big(right))) as T;
export const subtract = <T extends Decimal>(left: T, right: T): T => plain(big(left).minus(big(right))) as T;
/** Without its sign. */
export const absolute = <T extends Decimal>(value: T): T => (isNegative(value) ? subtract('0' as T, value) : value);
export const maximum = <T extends Decimal>(left: T, right: T): T => (compare(left, right) >= 0 ? left : right);
export const minimum = <T extends Decimal>(left: T, right: T): T => (compare(left, right) <= 0 ? left : right);

/** `value` × `factor`, exact: a share of a quantity, or what a number of units makes. */
export const scaleBy = <T extends Decimal>(value: T, factor: string): T => plain(big(value).times(big(factor))) as T;

/**
 * `value` ÷ `divisor`, cut after 28 places.
 *
 * @throws RangeError when the divisor is not above zero.
 */
export function divideBy<T extends Decimal>(value: T, divisor: string): T {
  if (!isPositive(divisor)) throw new RangeError(`divisor must be above zero, got ${divisor}`);
  return plain(big(value).div(big(divisor))) as T;
}

/** `value` × `part` / `whole`, cut at 28 places. @throws RangeError when `whole` is not above zero */
export const shareOf = <T extends Decimal>(value: T, part: string, whole: string): T =>
  divideBy(scaleBy(value, part), whole);

/** amount × price, exact. */
export const notionalOf = (size: Amount, at: Price): Notional => plain(big(size).times(big(at))) as Notional;

/** How much base a quote amount buys, rounded down to 28 places; round it to the venue's step afterwards. */
export function amountFor(quote: Notional, at: Price): Amount {
  if (!isPositive(at)) throw new RangeError(`price must be above zero, got ${at}`);
  return plain(big(quote).div(big(at))) as Amount;
}

/** Average price of `quote` spent on `size`, half-even at 18 places: a statistic for people, never an input to a check. */
export function averagePrice(quote: Notional, size: Amount): Price {
  return plain(big(quote).div(big(size)).round(18, Big.roundHalfEven)) as Price;
}

/**
 * The multiple of `step` next to `value`: towards zero (`down`), away from zero (`up`), or nearest with ties to even.
 *
 * @throws RangeError when the step is not above zero.
 */
export function roundToStep<T extends Decimal>(value: T, step: string, mode: 'down' | 'up' | 'halfEven'): T {
  if (!isPositive(step)) throw new RangeError(`step must be above zero, got ${step}`);
  const exact = big(value);
  const quotient = exact.div(big(step));
  const below = quotient.round(0, Big.roundDown).times(big(step));
  if (below.eq(exact) || mode === 'down') return plain(below) as T;
  // Not a multiple, so the next one away from zero is a whole step further, even where the division was cut.
  if (mode === 'up') return plain(exact.gt(new Big('0')) ? below.plus(big(step)) : below.minus(big(step))) as T;
  return plain(quotient.round(0, Big.roundHalfEven).times(big(step))) as T;
}
