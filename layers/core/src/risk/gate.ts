/**
 * The gate every intent passes before it is recorded. Pure: the caller brings the figures, and a figure that is missing
 * denies. What others may change meanwhile is not only looked at but claimed, by the very transaction that records the
 * intent (`counters.ts`): there nothing can come in between.
 *
 * An order that can only shrink a position passes all but the switches and what is told without a table: nobody is to be kept
 * in a position by a limit.
 */
import type { AccountConfig } from '../config/desk-config.ts';
import {
  type AccountLimits,
  type DeskLimits,
  type LimitText,
  limitAmount,
  type SourceLimits,
} from '../config/risk-config.ts';
import { add, compare, isNegative, type Notional, notional, scaleBy } from '../money.ts';
import type { Intent } from '../orders/order.ts';
import { type CounterClaim, counterNames, counterOf, type RowClaim, sourceRow } from './counters.ts';
import type { Denial, DenialCode } from './denials.ts';
import { accountExposure, deskExposure } from './exposure.ts';
import { type MarketFigures, marketDenial } from './market-check.ts';
import type { AccountFigures, DeskFigures, RiskRows, RiskState } from './risk-state.ts';
import { passingSwitches, switchesDenial } from './switches.ts';

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

const refuse = (code: DenialCode, message: string): Judgement => ({ kind: 'denied', denial: { code, message } });

/** Judges an intent by the rows as they were read. What it claims is refused by the table where they have changed since. */
export function judgeIntent(intent: Intent, context: GateContext, rows: RiskRows): Judgement {
  const { account, all } = rows;
  const switched = switchesDenial(rows, intent);
  if (switched !== undefined) return { kind: 'denied', denial: switched };
  // Both are there, or the switches would have denied.
  if (account === undefined || all === undefined) return refuse('switch_not_set', 'the switches were never set');
  const states = passingSwitches(intent);
  if (intent.reduceOnly === true) {
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
    lossDenial(account, context) ??
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
  const most = limitAmount(limit, isNegative(base) ? notional('0') : base) ?? notional('0');
  if (compare(loss, most) < 0 || compare(loss, '0') === 0) return undefined;
  return { code, message: `${loss} was lost ${what}, and ${most} (${limit}) is the most` };
}

interface FreshnessTerms {
  account: AccountLimits;
  nowMs: number;
  of: string;
}

/** The figures, or why they cannot be used. */
function freshFigures<Figures extends AccountFigures | DeskFigures>(
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

interface JudgedRows {
  account: RiskState;
  all: RiskState;
  source: RiskRows['source'];
}

/** The claims of an intent that nothing else speaks against, or why the rows have no room for them. */
function claimRows(intent: Intent, context: GateContext, rows: JudgedRows): Judgement {
  const own = ownBounds(intent, context, rows.account);
  if ('code' in own) return { kind: 'denied', denial: own };
  const desk = deskBounds(intent, context, rows.all);
  if ('code' in desk) return { kind: 'denied', denial: desk };
  const full = own.full ?? desk.full ?? minuteDenial(context, rows);
  if (full !== undefined) return { kind: 'denied', denial: full };
  return { kind: 'passes', claims: claimsOf(intent, { own, desk, context, rows }) };
}

interface Bounds {
  counters: CounterClaim[];
  /** Whether what the limits were taken from must still be the same. */
  isPinned: boolean;
  /** Which of the counters has no room, if one has none. */
  full: Denial | undefined;
}

interface Bound {
  counter: string;
  limit: LimitText | undefined;
  code: DenialCode;
  what: string;
}

function ownBounds(intent: Intent, { limits: { account }, nowMs }: GateContext, row: RiskState): Bounds | Denial {
  const { openNotionalMax, openOrdersMax, exposureMax, assetExposureMax, leverageMax } = account;
  const { exposure } = intent;
  const asset = exposure?.asset ?? '';
  const reservedBy = { counter: counterNames.reserved, by: intent.reserved };
  const counted = { counter: counterNames.orders, by: '1' };
  const claims: CounterClaim[] =
    exposure === undefined ? [reservedBy] : [reservedBy, counted, ...accountExposure(exposure, exposure.notional)];
  const bounds: Bound[] = [
    {
      ...{ counter: counterNames.reserved, limit: openNotionalMax as string as LimitText },
      ...{ code: 'open_notional_limit', what: 'in open orders' },
    },
    {
      ...{ counter: counterNames.orders, limit: openOrdersMax && (String(openOrdersMax) as LimitText) },
      ...{ code: 'open_orders_limit', what: 'open orders' },
    } as Bound,
    {
      counter: counterNames.exposure,
      limit: exposureMax,
      code: 'exposure_limit',
      what: 'in positions and open orders',
    },
    {
      ...{ counter: counterNames.exposure, limit: leverageMax && percentOf(leverageMax) },
      ...{ code: 'leverage_limit', what: 'in positions and open orders' },
    } as Bound,
    {
      ...{ counter: counterNames.asset(asset), limit: assetExposureMax },
      ...{ code: 'asset_exposure_limit', what: `in positions and open orders of ${asset}` },
    },
  ];
  return bound(claims, bounds, {
    row,
    figures: () => freshFigures(row.figures, { account, nowMs, of: 'the account' }),
  });
}

const percentOf = (multiple: string): LimitText => `${scaleBy(multiple as Notional, '100')}%` as string as LimitText;

function deskBounds(intent: Intent, { limits, nowMs }: GateContext, row: RiskState): Bounds | Denial {
  const { exposure, venue } = intent;
  if (exposure === undefined || compare(exposure.notional, '0') === 0) {
    return { counters: [], isPinned: false, full: undefined };
  }
  const { mode, asset } = exposure;
  const { exposureMax, venueExposureMax, assetExposureMax } = limits.desk;
  const bounds: Bound[] = [
    {
      ...{ counter: counterNames.deskExposure(mode), limit: exposureMax },
      ...{ code: 'desk_exposure_limit', what: `in positions and open orders of all ${mode} accounts` },
    },
    {
      ...{ counter: counterNames.deskVenue(mode, venue), limit: venueExposureMax },
      ...{ code: 'venue_exposure_limit', what: `in positions and open orders at ${venue}` },
    },
    {
      ...{ counter: counterNames.deskAsset(mode, asset), limit: assetExposureMax },
      ...{
        code: 'desk_asset_exposure_limit',
        what: `in positions and open orders of ${asset} of all ${mode} accounts`,
      },
    },
  ];
  const { account } = limits;
  return bound(deskExposure({ ...exposure, venue }, exposure.notional), bounds, {
    row,
    figures: () => freshFigures(row.deskFigures?.[mode], { account, nowMs, of: `all ${mode} accounts` }),
  });
}

interface BoundSources {
  row: RiskState;
  /** Asked for only where a limit is a share of equity. */
  figures(): { equity: Notional } | Denial;
}

/** Puts the least of its limits on every counter, and finds the first that has no room. */
function bound(
  claims: readonly CounterClaim[],
  bounds: readonly Bound[],
  { row, figures }: BoundSources,
): Bounds | Denial {
  const limited = bounds.filter((each): each is Bound & { limit: LimitText } => each.limit !== undefined);
  const isPinned = limited.some(({ limit }) => limit.endsWith('%'));
  const known = isPinned ? figures() : undefined;
  if (known !== undefined && 'code' in known) return known;
  const equity = known && (isNegative(known.equity) ? notional('0') : known.equity);
  const amounts = limited.map((each) => ({ ...each, most: limitAmount(each.limit, equity) ?? notional('0') }));
  const counters = claims.map((claim) => {
    const [first, ...others] = amounts.filter(({ counter }) => counter === claim.counter).map(({ most }) => most);
    if (first === undefined) return claim;
    return { ...claim, atMost: others.reduce((least, most) => (compare(most, least) < 0 ? most : least), first) };
  });
  const full = claims.map((claim) => fullOf(claim, row, amounts)).find((denial) => denial !== undefined);
  return { counters, isPinned, full };
}

function fullOf(
  { counter, by }: CounterClaim,
  row: RiskState,
  amounts: readonly (Bound & { limit: LimitText; most: Notional })[],
): Denial | undefined {
  const now = counterOf(row, counter);
  if (isNegative(now)) {
    const message = `${now} (${counter}) is no figure to compare with: the account's row was lost and made anew`;
    return { code: 'open_notional_limit', message };
  }
  const full = amounts.find(
    (each) => each.counter === counter && compare(add(now as Notional, by as Notional), each.most) > 0,
  );
  if (full === undefined) return undefined;
  const share = full.limit.endsWith('%') ? ` (${full.limit})` : '';
  return { code: full.code, message: `${now} ${full.what} and ${by} more would be above ${full.most}${share}` };
}

const minuteMs = 60_000;

/** How the row counts one more order: in the minute that it is at, or in a new one. */
function nextMinute(row: Pick<RiskState, 'minute'> | undefined, nowMs: number): { minute: number; isNew: boolean } {
  const minute = Math.floor(nowMs / minuteMs);
  // A clock that is behind another counts where the other does.
  const counted = row?.minute?.minute;
  return counted !== undefined && counted >= minute ? { minute: counted, isNew: false } : { minute, isNew: true };
}

function minuteDenial({ limits, nowMs }: GateContext, rows: JudgedRows): Denial | undefined {
  const rates = [
    ["the account's", rows.account, limits.account.ordersPerMinuteMax],
    ["the source's", rows.source, limits.source?.ordersPerMinuteMax],
  ] as const;
  for (const [whose, row, most] of rates) {
    const sent = nextMinute(row, nowMs).isNew ? 0 : (row?.minute?.orders ?? 0);
    if (most === undefined || sent < most) continue;
    return { code: 'order_rate_limit', message: `${sent} of ${whose} ${most} orders a minute were placed in this one` };
  }
  return undefined;
}

interface Claimed {
  own: Bounds;
  desk: Bounds;
  context: GateContext;
  rows: JudgedRows;
}

function claimsOf(intent: Intent, { own, desk, context, rows }: Claimed): RowClaim[] {
  const { limits, nowMs } = context;
  const states = passingSwitches(intent);
  const rateOf = (row: Pick<RiskState, 'minute'> | undefined, ordersMax: number | undefined) =>
    ordersMax === undefined ? {} : { minute: { ...nextMinute(row, nowMs), ordersMax } };
  const { dailyLossMax, drawdownMax } = limits.account;
  const judgedByLoss = dailyLossMax !== undefined || drawdownMax !== undefined;
  const sourceMax = limits.source?.ordersPerMinuteMax;
  return [
    {
      ...{ row: intent.account, states, counters: own.counters },
      ...((own.isPinned || judgedByLoss) && { figuresVersion: rows.account.figuresVersion }),
      ...rateOf(rows.account, limits.account.ordersPerMinuteMax),
    },
    {
      ...{ row: '*' as const, states, counters: desk.counters },
      ...(desk.isPinned && { figuresVersion: rows.all.figuresVersion }),
    },
    ...(sourceMax === undefined
      ? []
      : [{ row: sourceRow(intent.source), counters: [], ...rateOf(rows.source, sourceMax) }]),
  ];
}
