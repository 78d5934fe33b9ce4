/**
 * How much of a window those may use who can wait, so that whoever cannot finds room whenever they come. Pure.
 *
 * A window that is used up at its beginning is closed to everybody until its end. What can wait is therefore let into it step
 * by step, all of it only in the last, and leaves there what others took of the window before. A bucket needs none of that: it
 * fills all the time, so who comes waits for a moment.
 */
import type { RequestLimit } from '../ports/request-budget.ts';

/** Of a window. One of a minute opens further every two and a half seconds, which is less than a question waits for its turn. */
export const paceSteps = 24;
/** Of a shorter window, others wait no longer for the next than for a step of this one. */
const pacedWindowMsMin = 10_000;
/** Part of what questions may use that is left to others who have taken nothing of the window before. */
export const reserveShare = 0.05;
/** What others took of the window before is left to them up to this part, so that one burst of theirs does not keep all else waiting. */
const reserveShareMax = 0.5;

/** What those who cannot wait have taken. */
export interface OthersUse {
  /** In this window so far. */
  units: number;
  /** In the window before. */
  before: number;
}

export const isPacedWindow = ({ windowMs }: RequestLimit): boolean => windowMs >= pacedWindowMsMin;

/** Units of a window that may be in use by its end. @param cap of all questions */
export const pacedUnitsMax = (cap: number, { units, before }: OthersUse): number =>
  cap - (before > 0 ? Math.min(Math.max(0, before - units), cap * reserveShareMax) : cap * reserveShare);

/** Units that may be in use so far into the window. */
export const pacedUnits = ({ windowMs }: RequestLimit, unitsMax: number, intoMs: number): number =>
  (unitsMax * Math.min(paceSteps, Math.floor((intoMs * paceSteps) / windowMs) + 1)) / paceSteps;

/** How far into the window so many units may be in use, in whole milliseconds; all of it where they may not at all. */
export const pacedFromMs = ({ windowMs }: RequestLimit, unitsMax: number, units: number): number =>
  units > unitsMax ? windowMs : Math.ceil(((Math.ceil((units * paceSteps) / unitsMax) - 1) * windowMs) / paceSteps);
