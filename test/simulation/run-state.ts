import type { Dice } from './dice.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What everything in one run shares. */
export interface Run {
  time: VirtualTime;
  dice: Dice;
  faults: FaultPlan;
  trace: Trace;
  /** Notes that something is so that must never be so; the first one ends the run. */
  violate(violation: string): void;
  /** Looks at every invariant; called after each effect. */
  check(): void;
}
