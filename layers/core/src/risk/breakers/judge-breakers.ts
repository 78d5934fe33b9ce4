/**
 * Breakers: what stops trading by itself. Pure; the states are kept with the books, and what a trip asks for is done by
 * whoever looks. A breaker only ever tightens: it trips once, and what it has tightened stays until a person sets the switch.
 */
import { type BreakerAction, type BreakerName, type BreakersConfig, breakerActions } from '../../config/risk-config.ts';
import type { BooksEvent } from '../../ports/stores.ts';
import type { BreakerFigures } from './breaker-figures.ts';
import type { Reading } from './breaker-readings.ts';
import { type BreakerSettings, breakerSettings, readBreaker } from './breaker-rules.ts';
import type { BreakerState, BreakerStates } from './breaker-state.ts';

/** How long a figure may be missing before that is told: a venue that restarts, or a desk that has just begun, is no news. */
export const blindMsMax = 300_000;

export interface BreakerTrip {
  name: BreakerName;
  /** What the account's switch is to be tightened to; nothing on `alarm`. */
  action: BreakerAction;
  /** Whether the account's open orders are to be canceled, too. */
  cancelOrders: boolean;
  message: string;
}

/** A breaker that cannot see for longer than `blindMsMax`. */
export interface BlindBreaker {
  name: BreakerName;
  /** What is missing. */
  message: string;
}

export interface BreakerJudgement {
  /** For the next look. */
  states: BreakerStates;
  /** What tripped at this look. */
  trips: BreakerTrip[];
  /** All that are blind for too long, at every look: for a metric that alarms. */
  blind: BlindBreaker[];
  /** For the journal. */
  events: BooksEvent[];
}

/** Also the order in which they are judged. */
export const breakerNames = [
  'dailyLoss',
  'drawdown',
  'drift',
  'rejects',
  'latency',
  'priceJump',
  'venueHealth',
  'protection',
  'outsider',
] as const satisfies readonly BreakerName[];

/** Judges every breaker by the figures of one look, after `easeBreakers`. Equal figures judged again trip nothing more. */
export function judgeBreakers(
  config: BreakersConfig,
  states: BreakerStates,
  figures: BreakerFigures,
): BreakerJudgement {
  const judgement: BreakerJudgement = { states: {}, trips: [], blind: [], events: [] };
  for (const name of breakerNames) judgeOne(name, [config, states, figures], judgement);
  return judgement;
}

function judgeOne<Name extends BreakerName>(
  name: Name,
  [config, states, figures]: [BreakersConfig, BreakerStates, BreakerFigures],
  judgement: BreakerJudgement,
): void {
  const settings: BreakerSettings[Name] | undefined = breakerSettings(config)[name];
  const state = states[name];
  const { nowMs } = figures;
  const tell = (type: string, data: Record<string, unknown> = {}): void => {
    judgement.events.push({ type, atMs: nowMs, data: { breaker: name, ...data } });
  };
  if (settings === undefined) {
    // What it has tightened stays as it is: only a person loosens.
    if (state !== undefined) tell('breaker.removed');
    return;
  }
  const reading = readBreaker(name, settings, [figures, state]);
  const { action, cancelOrders } = settings;
  const { next, step } = stateAfter(reading, { state, action, cancelOrders, nowMs });
  if (next !== undefined) judgement.states[name] = next;
  if (reading.kind === 'blind' && next?.blind?.isTold === true) {
    judgement.blind.push({ name, message: reading.message });
    if (state?.blind?.isTold !== true) tell('breaker.blind', { message: reading.message });
  }
  if (reading.kind !== 'told') return;
  const { value, message } = reading;
  if (state?.blind?.isTold === true) tell('breaker.sighted', { value });
  if (step === 'armed') tell('breaker.armed', { value });
  if (step !== 'tripped') return;
  judgement.trips.push({ name, action, cancelOrders, message });
  tell('breaker.tripped', { action, cancelOrders, value, message });
}

interface StateTerms {
  state: BreakerState | undefined;
  action: BreakerAction;
  cancelOrders: boolean;
  nowMs: number;
}

interface Step {
  /** Absent is simply armed. */
  next: BreakerState | undefined;
  step: 'none' | 'tripped' | 'armed';
}

function stateAfter(reading: Reading, terms: StateTerms): Step {
  const { state, nowMs } = terms;
  if (reading.kind === 'silent') return { next: state, step: 'none' };
  if (reading.kind === 'blind') {
    const sinceMs = state?.blind?.sinceMs ?? nowMs;
    const known = state ?? { state: 'armed', value: '0', atMs: nowMs };
    return { next: { ...known, blind: { sinceMs, isTold: nowMs - sinceMs >= blindMsMax } }, step: 'none' };
  }
  const { value, subjects } = reading;
  if (mayTrip(reading, terms)) return { next: trippedState(reading, terms), step: 'tripped' };
  const about = isFilled(subjects) ? { subjects } : {};
  const isCalmed = state?.state === 'eased' && reading.isCalm;
  if (state === undefined || state.state === 'armed' || isCalmed) {
    const next = isFilled(subjects) ? ({ state: 'armed', value, atMs: nowMs, subjects } as const) : undefined;
    return { next, step: isCalmed ? 'armed' : 'none' };
  }
  const { blind: _seesAgain, subjects: _before, ...kept } = state;
  return { next: { ...kept, ...about, ...(state.state === 'tripped' && { latest: value }) }, step: 'none' };
}

const isFilled = (subjects: BreakerState['subjects']): boolean => Object.keys(subjects ?? {}).length > 0;

const severityOf = (action: BreakerAction | undefined): number =>
  action === undefined ? -1 : breakerActions.indexOf(action);

function mayTrip({ isOver, isWorse }: Extract<Reading, { kind: 'told' }>, { state, action }: StateTerms): boolean {
  if (state === undefined || state.state === 'armed') return isOver;
  // Whoever configures a stricter action while the figure is beyond its limit wants it done now.
  if (isOver && severityOf(action) > severityOf(state.action)) return true;
  return state.state === 'eased' && isWorse;
}

/** A breaker that only alarms keeps nobody from trading, so there is nothing that a person would have to let go on. */
const trippedState = (
  { value, message, subjects }: Extract<Reading, { kind: 'told' }>,
  { action, cancelOrders, nowMs }: StateTerms,
): BreakerState => ({
  state: action === 'alarm' ? 'eased' : 'tripped',
  value,
  atMs: nowMs,
  message,
  action,
  ...(isFilled(subjects) && { subjects }),
  ...(cancelOrders && { isCanceling: true }),
});
