/** How much to add to what is held already, so that all of it together moves no more than was meant. */
import { type Notional, type Price, scaleBy } from '../../money.ts';
import { capped, type Size, type SizeCaps } from './caps.ts';
import { checkAboveZero, checkPositive, checkWithin, factorOf, SizingError } from './checks.ts';

export interface PortfolioTerms {
  equity: Notional;
  entry: Price;
  side: 'long' | 'short';
  /** Volatility wanted of the equity by all positions together. */
  target: number;
  /** Of the asset that is added, over the same time as the target. */
  realized: number;
  /** What is held: worth as a share of the equity, below zero where it is short, and volatility. */
  held: readonly { share: number; volatility: number }[];
  /** Of what is held, in its order, and of what is added, which comes last. */
  correlations: readonly (readonly number[])[];
}

/**
 * Correlation-adjusted: the largest position with which the volatility of the portfolio, `√(w′ Σ w)`, is at most the target. It
 * is nothing where what is held is beyond the target already, even for what would lower it: that is a hedge, not a size.
 *
 * Source: H. Markowitz, Portfolio Selection, Journal of Finance 7 (1952), 77–91.
 *
 * @throws SizingError
 */
export function sizeByCorrelation(terms: PortfolioTerms, caps: SizeCaps = {}): Size {
  const { equity, entry, side, held, correlations } = terms;
  const target = checkAboveZero('target', terms.target);
  const realized = checkAboveZero('realized', terms.realized);
  checkCorrelations(correlations, held.length + 1);
  const moves = held.map(({ share, volatility }, index) => {
    if (!Number.isFinite(share)) throw new SizingError(`held[${index}].share`, `must be a number, got ${share}`);
    return share * checkAboveZero(`held[${index}].volatility`, volatility);
  });
  const added = correlations[held.length];
  const variance = sumOf(
    moves,
    (move, row) => move * sumOf(moves, (other, column) => other * at(correlations[row], column)),
  );
  const shared = (side === 'long' ? 1 : -1) * sumOf(moves, (move, column) => move * at(added, column));
  const room = target ** 2 - variance;
  // The larger root of `x² + 2 shared x - room`, of the volatility that the position itself has.
  const factor = room <= 0 ? 0 : (Math.sqrt(shared ** 2 + room) - shared) / realized;
  return capped(scaleBy(checkPositive('equity', equity), factorOf(factor)), { equity, entry }, caps);
}

const sumOf = (values: readonly number[], term: (value: number, index: number) => number): number =>
  values.reduce((total, value, index) => total + term(value, index), 0);

const at = (row: readonly number[] | undefined, column: number): number => Number(row?.[column]);

/** Of sums of products that cancel each other out. */
const tolerance = 1e-9;

/** Symmetric, with ones along the middle, and such as real returns can have: no portfolio's variance is below zero. */
function checkCorrelations(matrix: readonly (readonly number[])[], size: number): void {
  if (matrix.length !== size || matrix.some((row) => row.length !== size)) {
    throw new SizingError('correlations', `must be ${size} rows of ${size}: what is held, and what is added`);
  }
  for (const [row, values] of matrix.entries()) {
    for (const [column, value] of values.entries()) {
      const field = `correlations[${row}][${column}]`;
      checkWithin(field, value, [-1, 1]);
      if (row === column && value !== 1) throw new SizingError(field, `must be 1, got ${value}`);
      if (value !== at(matrix[column], row)) throw new SizingError(field, 'must be the same the other way round');
    }
  }
  if (!isSemidefinite(matrix)) {
    throw new SizingError('correlations', 'contradict each other: no returns have them all at once');
  }
}

/** By its Cholesky decomposition, which such a matrix has and others do not. */
function isSemidefinite(matrix: readonly (readonly number[])[]): boolean {
  const lower: number[][] = [];
  for (const [row, values] of matrix.entries()) {
    const made: number[] = [];
    for (let column = 0; column <= row; column++) {
      const rest =
        at(values, column) - sumOf(made.slice(0, column), (value, index) => value * at(lower[column] ?? made, index));
      if (column < row) {
        const pivot = at(lower[column], column);
        // What moves exactly with others adds nothing of its own; then nothing may be left over either.
        if (pivot <= tolerance && Math.abs(rest) > Math.sqrt(tolerance)) return false;
        made.push(pivot <= tolerance ? 0 : rest / pivot);
      } else {
        if (rest < -tolerance) return false;
        made.push(Math.sqrt(Math.max(0, rest)));
      }
    }
    lower.push(made);
  }
  return true;
}
