/** What `GET /pnl` answers with: every account for itself, and what those of one mode make together. */
import type { Books } from '../books/books.ts';
import type { AccountConfig } from '../config/desk-config.ts';
import type { AccountId } from '../ids.ts';
import type { Notional } from '../money.ts';
import type { EquityDay } from '../ports/stores.ts';
import type { PositionRow } from '../positions/ledger.ts';
import { type AccountPnl, pnlOf } from './pnl.ts';
import { sumOf } from './sum-of.ts';

/** What the stores know of an account. */
export interface PnlFigures {
  account: AccountId;
  mode: AccountConfig['mode'];
  positions: readonly PositionRow[];
  /** Absent before the account was reconciled. */
  books?: Books | undefined;
  /** Newest first. */
  days: readonly EquityDay[];
}

const summed = ['equity', 'dayStart', 'transfers', 'dailyPnl', 'dailyLoss', 'drawdown', 'net'] as const;

/**
 * Sums over the accounts of one mode. One is absent where an account does not have it, or has it in another currency. Losses and
 * drawdowns are added up, so that what one account gained does not hide what another lost.
 */
export interface ModePnl extends Partial<Record<(typeof summed)[number], Notional>> {
  accountCount: number;
  currency?: string;
}

export interface PnlView {
  accounts: (AccountPnl & { mode: AccountConfig['mode'] })[];
  /** Play money is never added to real money. Only modes that an account is in are there. */
  modes: Partial<Record<AccountConfig['mode'], ModePnl>>;
}

export function pnlView(figures: readonly PnlFigures[]): PnlView {
  const accounts = figures.map(({ account, mode, positions, books, days }) => ({
    mode,
    ...pnlOf(account, positions, { books, days }),
  }));
  const modes = [...Map.groupBy(accounts, ({ mode }) => mode)].map(([mode, members]) => [mode, modePnl(members)]);
  return { accounts, modes: Object.fromEntries(modes) };
}

function modePnl(accounts: readonly AccountPnl[]): ModePnl {
  const accountCount = accounts.length;
  const [currency, ...others] = new Set(accounts.map((account) => account.currency));
  if (currency === undefined || others.length > 0) return { accountCount };
  const sums: ModePnl = { accountCount, currency };
  for (const figure of summed) {
    const sum = sumOf(accounts.map((account) => account[figure]));
    if (sum !== undefined) sums[figure] = sum;
  }
  return sums;
}
