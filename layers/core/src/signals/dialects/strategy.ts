/** What one order of a chart's strategy comes to, told by the positions before and after it. */
import { invalid } from './field-reader.ts';

export interface StrategyOrder {
  /** `buy` or `sell`. */
  action: string;
  /** `long`, `short` or `flat`: after the order, and before it. */
  position: string | undefined;
  previous: string | undefined;
}

/**
 * - `flat`: the position is left, whatever is left of it;
 * - `reverse`: from one side to the other;
 * - `reduce`: part of the position is left;
 * - `order`: the position is opened or added to, or nothing is said of it.
 */
export type StrategyStep = 'flat' | 'reverse' | 'reduce' | 'order';

/** @throws RequestError when the order cannot lead to the position that is said to follow from it */
export function readStrategy({ action, position, previous }: StrategyOrder, path: string): StrategyStep {
  if (position === undefined) return 'order';
  if (position === 'flat') return 'flat';
  if (position !== 'long' && position !== 'short') throw invalid(path, 'must be long, short or flat');
  const opposed = (position === 'long') !== (action === 'buy');
  const reversed = previous !== undefined && previous !== 'flat' && previous !== position;
  if (reversed && opposed) throw invalid(path, `is ${position}, where the order leads the other way`);
  if (reversed) return 'reverse';
  return opposed ? 'reduce' : 'order';
}
