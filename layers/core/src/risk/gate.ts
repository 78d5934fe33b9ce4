/**
 * The gate every intent passes before it is recorded. Pure: the caller brings the figures, and a figure that is missing
 * denies. What others may change meanwhile is not only looked at but claimed, by the very transaction that records the
 * intent (`counters.ts`): there nothing can come in between.
 *
 * An order that can only shrink a position passes all but the switches and what is told without a table: nobody is to be kept
 * in a position by a limit.
 */
import type { AccountConfig } from '../config/desk-config.ts';
import { type LimitText, limitAmount } from '../config/limit-amount.ts';
import type { AccountLimits, DeskLimits, SourceLimits } from '../config/risk-config.ts';
import { add, compare, isNegative, type Notional, zeroNotional } from '../money.ts';
import type { Intent } from '../orders/order.ts';
import { claimRows } from './claims.ts';
import type { RowClaim } from './counters.ts';
import type { Denial, DenialCode } from './denials.ts';
import { mayOpen } from './exposure.ts';
import { freshFigures } from './fresh-figures.ts';
import { type MarketFigures, marketDenial } from './market-check.ts';
import type { RiskRows, RiskState } from './risk-state.ts';
import { passingSwitches, passSwitches } from './switches.ts';

/** What can be told without reading a table. */
export interface StandingFigures {
  mode: AccountConfig['mode'];
  exchangeEnabled: boolean;
  /** The stage's setting. */
  liveTrading: boolean;
}

/** May this account place any order at all? `undefined` lets it pass. */
export function standingDenial({ mode, exchangeEnabled, liveTrading }: StandingFigures): Denial | undefined {
  if (mode === 'live' && !liveTrading) {
    return { code: 'live_trading_off', message: 'the account is live and this stage has live trading off' };
  }
  return exchangeEnabled
    ? undefined
    : { code: 'exchange_disabled', message: 'the exchange is disabled in exchanges.yaml' };
}

/** The limits that apply to one leg. */
export interface GateLimits {
  account: AccountLimits;
  desk: DeskLimits;
  source?: SourceLimits | undefined;
}

/** May this symbol be traded? `undefined` lets it pass. */
export function symbolDenial(symbol: string, { account, source }: GateLimits): Denial | undefined {
  const lists = [
    ['account', account.symbols],
    ['source', source?.symbols],
  ] as const;
  const refusing = lists.find(([, symbols]) => symbols !== undefined && !symbols.includes(symbol));
  return refusing && { code: 'symbol_not_allowed', message: `${symbol} is not among the ${refusing[0]}'s symbols` };
}

/** What an intent is judged by, beside the rows. */
export interface GateContext {
  limits: GateLimits;
  /** What the market showed; absent where nothing of it is looked at. */
  market?: MarketFigures;
  /** Why the account's funds do not suffice; absent where they do, or are not looked at. */
  fundsDenial?: Denial;
  nowMs: number;
}

export type Judgement = { kind: 'denied'; denial: Denial } | { kind: 'passes'; claims: readonly RowClaim[] };

/** Judges an intent by the rows as they were read. What it claims is refused by the table where they have changed since. */
export function judgeIntent(intent: Intent, context: GateContext, rows: RiskRows): Judgement {
  const passed = passSwitches(rows, intent);
  if ('code' in passed) return { kind: 'denied', denial: passed };
  const { account, all } = passed;
  const states = passingSwitches(intent);
  // An exit ends what its entry holds, also where the venue keeps no orders that only reduce.
  if (intent.reduceOnly === true || intent.parentId !== undefined) {
    return {
      kind: 'passes',
      claims: [
        { row: intent.account, states, counters: [] },
        { row: '*', states, counters: [] },
      ],
    };
  }
  const denial =
    symbolDenial(intent.symbol, context.limits) ??
    sizeDenial(intent, context.limits) ??
    marketDenial(intent, context) ??
    (mayOpen(intent) ? lossDenial(account, context) : undefined) ??
    context.fundsDenial;
  if (denial !== undefined) return { kind: 'denied', denial };
  return claimRows(intent, context, { account, all, source: rows.source });
}

function sizeDenial({ reserved, leverage }: Intent, { account, source }: GateLimits): Denial | undefined {
  const bounds = [account.orderNotionalMax, ...(source?.orderNotionalMax ? [source.orderNotionalMax] : [])];
  const bound = bounds.find((most) => compare(reserved, most) > 0);
  if (bound !== undefined) {
    return { code: 'order_notional_limit', message: `the order is worth ${reserved}, above ${bound}` };
  }
  const { leverageMax } = account;
  if (leverageMax === undefined || leverage === undefined || compare(leverage, leverageMax) <= 0) return undefined;
  return { code: 'leverage_limit', message: `the order's leverage is ${leverage}, above ${leverageMax}` };
}

/** Losses that are too large deny; so does not knowing them, where there is a limit. */
function lossDenial(row: RiskState, { limits: { account }, nowMs }: GateContext): Denial | undefined {
  const { dailyLossMax, drawdownMax } = account;
  if (dailyLossMax === undefined && drawdownMax === undefined) return undefined;
  const figures = freshFigures(row.figures, { account, nowMs, of: 'the account' });
  if ('code' in figures) return figures;
  const { dailyLoss, drawdown, equity } = figures;
  return (
    beyond(dailyLoss, { limit: dailyLossMax, base: add(equity, dailyLoss), code: 'daily_loss_limit', what: 'today' }) ??
    beyond(drawdown, {
      ...{ limit: drawdownMax, base: add(equity, drawdown), code: 'drawdown_limit' },
      what: 'since the highest equity',
    })
  );
}

interface LossLimit {
  limit: LimitText | undefined;
  /** What a share is a share of: the equity before the loss. */
  base: Notional;
  code: DenialCode;
  what: string;
}

function beyond(loss: Notional, { limit, base, code, what }: LossLimit): Denial | undefined {
  if (limit === undefined) return undefined;
  const most = limitAmount(limit, isNegative(base) ? zeroNotional : base);
  if (compare(loss, most) < 0 || compare(loss, '0') === 0) return undefined;
  return { code, message: `${loss} was lost ${what}, and ${most} (${limit}) is the most` };
}
