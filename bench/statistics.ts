/** What is told of many measured times. All values are milliseconds. */
export interface Distribution {
  count: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** @throws RangeError for no values: a distribution of nothing would look like a very fast one */
export function distributionOf(values: readonly number[]): Distribution {
  if (values.length === 0) throw new RangeError('there is nothing to tell the distribution of');
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number): number => rounded(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

export const medianOf = (values: readonly number[]): number => distributionOf(values).p50;

/** To hundredths: the clocks are no better. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;
