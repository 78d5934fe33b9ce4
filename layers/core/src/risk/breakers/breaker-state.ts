/** What a breaker remembers, so that it trips once and does not flap. */
import type { BreakerAction, BreakerName } from '../../config/risk-config.ts';

export interface BreakerState {
  /**
   * - `armed`: trips when its figure is beyond its limit; only kept where there is something to remember beside that;
   * - `tripped`: waits for a person, whatever the figure does;
   * - `eased`: trading goes on while the figure is still beyond its limit, because a person wants it to or because the breaker
   *   only alarms; it trips again when the figure has become worse by a tenth of the limit, and is armed again when it is back
   *   below nine tenths of it. What "worse" is for figures that cannot grow is said in `breaker-rules.ts`.
   */
  state: 'armed' | 'tripped' | 'eased';
  /** The figure when that began, a decimal. */
  value: string;
  /** On `tripped`: the figure at the last look, which is what a person who lets trading go on has seen. */
  latest?: string;
  /** When that began; UTC epoch milliseconds. */
  atMs: number;
  /** What it said when it tripped. */
  message?: string;
  /** What it did when it tripped. */
  action?: BreakerAction;
  /** Open orders are to be canceled, and no look has found yet that this is asked for of all of them. */
  isCanceling?: true;
  /** What it is about by id (orders, differences), and when a look showed each first. */
  subjects?: Readonly<Record<string, number>>;
  /** Since when its figure has been missing, and whether that was told. */
  blind?: { sinceMs: number; isTold: boolean };
}

/** Only those that are not simply armed are there. */
export type BreakerStates = Partial<Record<BreakerName, BreakerState>>;
