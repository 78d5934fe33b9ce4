/** What a person's switch means to breakers, and what breakers still want of a switch. */
import type { BreakerName, BreakersConfig } from '../../config/risk-config.ts';
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
    // Whoever lets trading go on wants nothing more canceled.
    const { latest, isCanceling: _ended, ...kept } = state;
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

export interface StandingCancel {
  name: BreakerName;
  message: string;
  /** Orders recorded later have passed the switch as the breaker set it, and stay; UTC epoch milliseconds. */
  untilMs: number;
}

/**
 * What breakers want canceled of which no look has found yet that it is asked for, because whoever was to ask may have died on
 * the way. To be asked for again at every look, until there is nothing left; then `endCancels`.
 *
 * @param states after `easeBreakers`
 */
export function standingCancel(states: BreakerStates, row: RiskState | undefined): StandingCancel | undefined {
  const found = breakerNames.flatMap((name) => {
    const { isCanceling, message = '', atMs = 0 } = states[name] ?? {};
    return isCanceling === true ? [{ name, message, untilMs: atMs }] : [];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const setAtMs = row?.by.startsWith('breaker:') === true ? row.updatedAtMs : 0;
  return { ...first, untilMs: Math.max(setAtMs, ...found.map(({ untilMs }) => untilMs)) };
}

/** The states once all that was to be canceled is asked for. */
export function endCancels(states: BreakerStates): BreakerStates {
  const ended: BreakerStates = {};
  for (const name of breakerNames) {
    const state = states[name];
    if (state === undefined) continue;
    const { isCanceling: _ended, ...kept } = state;
    ended[name] = kept;
  }
  return ended;
}
