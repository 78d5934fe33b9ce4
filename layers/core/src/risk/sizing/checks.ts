/** What goes into a size has to make sense, or there is none: a wrong number here is a wrong order later. */
import { isDecimal, isPositive } from '../../money.ts';

/** A figure that no size can be made of; says which one and what it has to be. */
export class SizingError extends RangeError {
  override readonly name = 'SizingError';
  readonly field: string;

  constructor(field: string, fix: string) {
    super(`${field} ${fix}`);
    this.field = field;
  }
}

/** A decimal above zero. @throws SizingError */
export function checkPositive<T extends string>(field: string, text: T): T {
  if (!isDecimal(text) || !isPositive(text)) throw new SizingError(field, `must be a decimal above zero, got ${text}`);
  return text;
}

/** A number above zero that is one. @throws SizingError */
export function checkAboveZero(field: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) throw new SizingError(field, `must be above zero, got ${value}`);
  return value;
}

/** @throws SizingError */
export function checkWithin(field: string, value: number, [least, most]: [number, number]): number {
  if (!(value >= least && value <= most)) throw new SizingError(field, `must be ${least} to ${most}, got ${value}`);
  return value;
}

/** Decimal places of statistics that meet money. */
const factorPlaces = 12;
const factorScale = 10 ** factorPlaces;
/** Above this a number has no twelve places left that mean anything. */
const factorMax = 1_000;

/** A statistic as a decimal, rounded down, so that what it is multiplied with is never more than meant; at most 1000. */
export function factorOf(value: number): string {
  return (Math.floor(Math.min(value, factorMax) * factorScale) / factorScale).toFixed(factorPlaces);
}
