/** What all accounts of one mode are worth together, from what each was found to be worth. */
import type { AccountConfig } from '../config/desk-config.ts';
import { add, zeroNotional } from '../money.ts';
import type { AccountFigures, DeskFigures } from '../risk/risk-state.ts';

type Mode = AccountConfig['mode'];

export interface FiguresOfAccount {
  mode: Mode;
  /** Absent where the account was never reconciled. */
  figures: AccountFigures | undefined;
  /** How old they may be. */
  ageMsMax: number;
}

/** How far apart the sums are. */
const sumsApartMs = 60_000;

/**
 * The sums by mode, each as old as its oldest part. Figures that are too old are left out, so that limits which are shares of
 * equity become smaller rather than rest on what may be gone; a mode without any fresh figures has none.
 *
 * Too old is also what would be so before the next sum, for whichever account of the mode wants them newest: an exchange that
 * does not answer must not have orders denied at all others. Two minutes are always good enough, since looks are a minute apart.
 */
export function deskFiguresOf(
  accounts: readonly FiguresOfAccount[],
  nowMs: number,
): Partial<Record<Mode, DeskFigures>> {
  const modes = [...Map.groupBy(accounts, ({ mode }) => mode)];
  return Object.fromEntries(
    modes.flatMap(([mode, alike]) => {
      const strictestMs = Math.min(...alike.map(({ ageMsMax }) => ageMsMax));
      const sharedMsMax = Math.max(strictestMs - sumsApartMs, 2 * sumsApartMs);
      const fresh = alike.flatMap(({ figures, ageMsMax }) =>
        figures !== undefined && nowMs - figures.atMs <= Math.min(ageMsMax, sharedMsMax) ? [figures] : [],
      );
      if (fresh.length === 0) return [];
      const atMs = Math.min(...fresh.map((figures) => figures.atMs));
      return [[mode, { atMs, equity: fresh.reduce((sum, { equity }) => add(sum, equity), zeroNotional) }]];
    }),
  );
}
