/** What is told of many measured values, in their unit. */
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

/** Of values that each belong to something. */
export interface NamedDistribution extends Distribution {
  /** Whose value is the largest; the first of those that share it. */
  maxName: string;
}

/** @throws RangeError for no values */
export function namedDistributionOf(values: readonly (readonly [name: string, value: number])[]): NamedDistribution {
  const distribution = distributionOf(values.map(([, value]) => value));
  const [maxName] = values.reduce((largest, entry) => (entry[1] > largest[1] ? entry : largest));
  return { ...distribution, maxName };
}

/** At most `count` of them, evenly spread over the whole list, the first and the last included. */
export function spreadOver<Value>(values: readonly Value[], count: number): Value[] {
  if (values.length <= count) return [...values];
  const step = (values.length - 1) / Math.max(1, count - 1);
  const chosen = new Set(Array.from({ length: count }, (_, index) => Math.round(index * step)));
  return values.filter((_, index) => chosen.has(index));
}

export const medianOf = (values: readonly number[]): number => distributionOf(values).p50;

/** To hundredths: the clocks are no better. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;
