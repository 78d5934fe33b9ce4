/** What the API shows of switches, limits and their use. The figures are those that the gate goes by, see docs/risk.md. */
import {
  type AccountConfig,
  type AccountFigures,
  type AccountLimits,
  add,
  type Books,
  type BreakersConfig,
  counterNames,
  counterOf,
  type DeskFigures,
  type DeskLimits,
  divideBy,
  isPositive,
  type LimitText,
  limitAmount,
  maximum,
  type Notional,
  type RiskState,
  roundToStep,
  type SourceLimits,
  type SourceState,
  zeroNotional,
} from '@nightdesk/core';
import { breakersView } from './books-views.ts';

type Mode = AccountConfig['mode'];
const minuteMs = 60_000;

/** How much of a limit is used. */
export interface Use {
  used: string;
  /** In the owner's currency; absent without a limit, and where it is a share of an equity that is not known. */
  max?: string;
  /** As it is configured, where that is a share. */
  limit?: string;
}

function useOf(used: string, limit?: LimitText | string | number, base?: Notional): Use {
  if (limit === undefined) return { used };
  const text = String(limit) as LimitText;
  const max = limitAmount(text, base && maximum(base, zeroNotional));
  return { used, ...(max !== undefined && { max }), ...(text.endsWith('%') && { limit: text }) };
}

const switchOf = (account: string, row: RiskState | undefined) => {
  if (row === undefined) return { account, state: 'not_set' as const };
  const { state, reason, by, updatedAtMs } = row;
  return { account, state, reason, by, updatedAtMs };
};

const aged = <Figures extends { atMs: number }>(figures: Figures, nowMs: number) => ({
  ...figures,
  ageSeconds: Math.max(0, Math.floor((nowMs - figures.atMs) / 1_000)),
});

export interface AccountRiskInput {
  account: string;
  row: RiskState | undefined;
  limits: AccountLimits;
  breakers: BreakersConfig;
  books: Books | undefined;
  nowMs: number;
}

export function accountRiskView({ account, row, limits, breakers, books, nowMs }: AccountRiskInput) {
  return {
    ...switchOf(account, row),
    limits,
    ...(row && { reserved: row.reserved, use: accountUse(row, limits, nowMs) }),
    ...(row?.figures && { figures: aged(row.figures, nowMs) }),
    breakers: breakersView(breakers, books?.breakers ?? {}),
  };
}

function accountUse(row: RiskState, limits: AccountLimits, nowMs: number) {
  const { figures } = row;
  const exposure = counterOf(row, counterNames.exposure);
  return {
    openNotional: useOf(row.reserved, limits.openNotionalMax),
    openOrders: useOf(counterOf(row, counterNames.orders), limits.openOrdersMax),
    exposure: useOf(exposure, limits.exposureMax, figures?.equity),
    assets: byPrefix(row, counterNames.asset(''), (used) => useOf(used, limits.assetExposureMax, figures?.equity)),
    ...(limits.ordersPerMinuteMax !== undefined && {
      ordersThisMinute: useOf(ordersThisMinute(row, nowMs), limits.ordersPerMinuteMax),
    }),
    ...leverageUse(exposure as Notional, limits, figures),
    ...lossUse(limits, figures),
  };
}

/** As multiples of equity, in hundredths; a multiple of nothing is none. */
function leverageUse(exposure: Notional, { leverageMax }: AccountLimits, figures: AccountFigures | undefined) {
  if (figures === undefined || !isPositive(figures.equity)) return {};
  return { leverage: useOf(roundToStep(divideBy(exposure, figures.equity), '0.01', 'up'), leverageMax) };
}

/** Shares of a loss are of the equity before it. */
function lossUse({ dailyLossMax, drawdownMax }: AccountLimits, figures: AccountFigures | undefined) {
  if (figures === undefined) return {};
  const { equity, dailyLoss, drawdown } = figures;
  return {
    dailyLoss: useOf(dailyLoss, dailyLossMax, add(equity, dailyLoss)),
    drawdown: useOf(drawdown, drawdownMax, add(equity, drawdown)),
  };
}

export interface DeskRiskInput {
  row: RiskState | undefined;
  limits: DeskLimits;
  /** Of the accounts that are configured. */
  modes: readonly Mode[];
  nowMs: number;
}

/** The switch of all accounts, and what those of each mode have at stake together. */
export function deskRiskView({ row, limits, modes, nowMs }: DeskRiskInput) {
  const view = { ...switchOf('*', row), limits };
  if (row === undefined) return view;
  const byMode = [...new Set(modes)].map((mode) => [mode, modeRisk(mode, row, { limits, nowMs })]);
  return { ...view, modes: Object.fromEntries(byMode) };
}

function modeRisk(mode: Mode, row: RiskState, { limits, nowMs }: { limits: DeskLimits; nowMs: number }) {
  const figures: DeskFigures | undefined = row.deskFigures?.[mode];
  const equity = figures?.equity;
  return {
    ...(figures && { figures: aged(figures, nowMs) }),
    exposure: useOf(counterOf(row, counterNames.deskExposure(mode)), limits.exposureMax, equity),
    venues: byPrefix(row, `${mode}:venue#`, (used) => useOf(used, limits.venueExposureMax, equity)),
    assets: byPrefix(row, `${mode}:asset#`, (used) => useOf(used, limits.assetExposureMax, equity)),
  };
}

/** Uses of the counters whose name begins so, by the rest of it; what is back at zero is left out. */
function byPrefix(row: RiskState, prefix: string, use: (used: string) => Use): Record<string, Use> {
  const found = Object.entries(row.counters).filter(
    ([name, used]) => name.startsWith(prefix) && !/^-?[0.]+$/.test(used),
  );
  return Object.fromEntries(found.map(([name, used]) => [name.slice(prefix.length), use(used)]));
}

/** Where the row counts an earlier minute there was none in this one. */
function ordersThisMinute({ minute }: SourceState, nowMs: number): string {
  const now = Math.floor(nowMs / minuteMs);
  return String(minute !== undefined && minute.minute >= now ? minute.orders : 0);
}

export function sourceRiskView(
  source: string,
  limits: SourceLimits,
  { row, nowMs }: { row: SourceState; nowMs: number },
) {
  const { ordersPerMinuteMax } = limits;
  const use = { ordersThisMinute: useOf(ordersThisMinute(row, nowMs), ordersPerMinuteMax) };
  return { source, limits, ...(ordersPerMinuteMax !== undefined && { use }) };
}
