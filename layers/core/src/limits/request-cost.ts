/** What a request costs against one limit. */
import type { RequestCost, RequestLimit } from '../ports/request-budget.ts';

/**
 * Questions may use this part of a limit, so that an order finds room however much is asked. Limits that count orders only
 * are theirs alone.
 */
export const questionShare = 0.8;

/** Sums of fractions come out a little off; this much is no unit. */
export const unitTolerance = 1e-9;

/** Units that the venue counts for a request; 0 where the limit does not concern it. */
export function unitsOf({ scope, counts, unitsPerWeight }: RequestLimit, cost: RequestCost): number {
  if (scope === 'key' && !cost.signed) return 0;
  if (counts === 'orders' && !cost.order) return 0;
  if (counts === 'unsigned' && cost.signed) return 0;
  return unitsPerWeight === undefined ? 1 : cost.weight * unitsPerWeight;
}

/** Units of `unitsMax` that a request of this kind may bring the use up to. */
export const capOf = ({ counts }: RequestLimit, unitsMax: number, order: boolean): number =>
  order || counts === 'orders' ? unitsMax : unitsMax * questionShare;
