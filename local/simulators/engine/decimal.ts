/** Exact decimal arithmetic for amounts and prices of the simulated venues. */
import Big from 'big.js';

/** An own constructor, so that settings made elsewhere in the process cannot change rounding here. */
const StrictBig = Big();
StrictBig.strict = true;
StrictBig.DP = 20;
StrictBig.RM = 0;

export type Decimal = Big;

/** Decimal places in which venues keep balances, fees and quote amounts. */
export const balanceDecimals = 8;

const roundDown = 0;
const roundUp = 3;

export function isDecimal(value: object): value is Decimal {
  return value instanceof StrictBig;
}

/** @throws Error when the text is not a plain decimal number. */
export function decimal(text: string): Decimal {
  return new StrictBig(text);
}

export const zero = decimal('0');

/** Turns a statistic (never money that somebody holds) into a decimal with a fixed number of places. */
export function decimalOfStatistic(value: number, places: number): Decimal {
  return decimal(value.toFixed(places));
}

/** The nearest float, for statistics and the seeded market only. */
export function approximate(value: Decimal): number {
  return Number(value.toFixed());
}

export function smaller(left: Decimal, right: Decimal): Decimal {
  return left.lt(right) ? left : right;
}

/** Rounds down to the eight places in which balances are kept. */
export function floorBalance(value: Decimal): Decimal {
  return value.round(balanceDecimals, roundDown);
}

/** Rounds up to the eight places in which balances are kept: what a reservation must at least be. */
export function ceilBalance(value: Decimal): Decimal {
  return value.round(balanceDecimals, roundUp);
}

/** Largest multiple of `step` that is not above `value`. */
export function floorToStep(value: Decimal, step: Decimal): Decimal {
  return value.div(step).round(0, roundDown).times(step);
}

export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return value.mod(step).eq(zero);
}

/** Eight fixed decimals: how the wire formats show prices and amounts. */
export function fixed(value: Decimal): string {
  return value.toFixed(balanceDecimals, roundDown);
}
