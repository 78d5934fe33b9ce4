/** Figures that limits are measured by, unless they are missing or old. */
import type { AccountLimits } from '../config/risk-config.ts';
import type { Denial } from './denials.ts';
import type { AccountFigures, DeskFigures } from './risk-state.ts';

export interface FreshnessTerms {
  /** Whose limits they are. */
  account: AccountLimits;
  nowMs: number;
  /** Whose equity, in words. */
  of: string;
}

/** The figures, or why they cannot be used. */
export function freshFigures<Figures extends AccountFigures | DeskFigures>(
  figures: Figures | undefined,
  { account: { figuresAgeSecondsMax }, nowMs, of }: FreshnessTerms,
): Figures | Denial {
  if (figures === undefined) {
    const message = `the equity of ${of} is not known: it was not reconciled yet (GET /reconciliation)`;
    return { code: 'figures_missing', message };
  }
  const ageSeconds = Math.floor((nowMs - figures.atMs) / 1_000);
  if (ageSeconds <= figuresAgeSecondsMax) return figures;
  const message = `the equity of ${of} is ${ageSeconds} s old, and ${figuresAgeSecondsMax} s is the most (GET /reconciliation)`;
  return { code: 'figures_stale', message };
}
