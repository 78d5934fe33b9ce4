/** What a person's switch means to breakers, and what breakers still want of a switch. */
import type { BreakersConfig } from '../../config/risk-config.ts';
import type { BooksEvent } from '../../ports/stores.ts';
import type { RiskState } from '../risk-state.ts';
import { firstUse, isStricter } from '../switches.ts';
import type { BreakerStates } from './breaker-state.ts';
import { type BreakerTrip, breakerNames } from './judge-breakers.ts';

/** A switch that a breaker has set, or that was made on first use, is no person's word. */
const isPersons = ({ by }: RiskState): boolean => !by.startsWith('breaker:') && by !== firstUse.by;

const isAfter = (row: RiskState, atMs: number): boolean => isPersons(row) && row.updatedAtMs > atMs;

/**
 * Eases every breaker that tripped before a person set the account's switch to `active`; to be called before the look's
 * `judgeBreakers`, which arms it again, or trips it again when its figure has become worse than the person could know.
 *
 * @param row the account's own, not that of all accounts
 */
export function easeBreakers(
  states: BreakerStates,
  row: RiskState | undefined,
): { states: BreakerStates; events: BooksEvent[] } {
  const eased = { ...states };
  const events: BooksEvent[] = [];
  for (const breaker of breakerNames) {
    const state = states[breaker];
    if (state?.state !== 'tripped' || row?.state !== 'active' || !isAfter(row, state.atMs)) continue;
    const { latest, ...kept } = state;
    const value = latest ?? state.value;
    const { by, reason, updatedAtMs: atMs } = row;
    eased[breaker] = { ...kept, state: 'eased', value, atMs };
    events.push({ type: 'breaker.eased', atMs, data: { breaker, by, reason, value } });
  }
  return { states: eased, events };
}

/**
 * Trips whose switch was never set, because whoever was to set it died before it could. They are to be carried out as if they
 * were new, which is safe to do again; they are not told again. What a person has set since stands.
 *
 * @param states as they were kept at the end of the look before
 */
export function standingTrips(
  config: BreakersConfig,
  states: BreakerStates,
  row: RiskState | undefined,
): BreakerTrip[] {
  return breakerNames.flatMap((name) => {
    const state = states[name];
    const { action = 'alarm', message = '' } = state ?? {};
    if (state?.state !== 'tripped' || action === 'alarm') return [];
    if (row !== undefined && (!isStricter(action, row.state) || isAfter(row, state.atMs))) return [];
    return [{ name, action, cancelOrders: config[name]?.cancelOrders ?? false, message }];
  });
}
