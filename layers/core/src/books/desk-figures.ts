/** What all accounts of one mode are worth together, from what each was found to be worth. */
import type { AccountConfig } from '../config/desk-config.ts';
import { add } from '../money.ts';
import type { AccountFigures, DeskFigures } from '../risk/risk-state.ts';

type Mode = AccountConfig['mode'];

export interface FiguresOfAccount {
  mode: Mode;
  /** Absent where the account was never reconciled. */
  figures: AccountFigures | undefined;
  /** How old they may be. */
  ageMsMax: number;
}

/**
 * The sums by mode, each as old as its oldest part. Figures that are too old are left out, so that limits which are shares of
 * equity become smaller rather than rest on what may be gone; a mode without any fresh figures has none.
 */
export function deskFiguresOf(
  accounts: readonly FiguresOfAccount[],
  nowMs: number,
): Partial<Record<Mode, DeskFigures>> {
  const sums: Partial<Record<Mode, DeskFigures>> = {};
  for (const { mode, figures, ageMsMax } of accounts) {
    if (figures === undefined || nowMs - figures.atMs > ageMsMax) continue;
    const { atMs, equity } = figures;
    const sum = sums[mode];
    sums[mode] =
      sum === undefined ? { atMs, equity } : { atMs: Math.min(sum.atMs, atMs), equity: add(sum.equity, equity) };
  }
  return sums;
}
