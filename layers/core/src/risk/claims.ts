/**
 * What an intent claims of the risk rows: of every counter that it adds to, no more than the least of its limits. Pure; which
 * of them has no room is told here, and made sure of by the transaction.
 */
import { type LimitText, limitAmount } from '../config/limit-amount.ts';
import { add, compare, isNegative, isPositive, type Notional, roundToStep, scaleBy, zeroNotional } from '../money.ts';
import type { Intent } from '../orders/order.ts';
import { type CounterClaim, counterNames, counterOf, type RowClaim, sourceRow } from './counters.ts';
import type { Denial, DenialCode } from './denials.ts';
import { accountExposure, deskExposure, exposureStep, mayOpen } from './exposure.ts';
import { freshFigures } from './fresh-figures.ts';
import type { GateContext, Judgement } from './gate.ts';
import type { RiskRows, RiskState, SourceState } from './risk-state.ts';
import { passingSwitches } from './switches.ts';

/** The rows, once the switches have let pass. */
export interface JudgedRows {
  account: RiskState;
  all: RiskState;
  source: RiskRows['source'];
}

/** The claims of an intent that nothing else speaks against, or why the rows have no room for them. */
export function claimRows(intent: Intent, context: GateContext, rows: JudgedRows): Judgement {
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
  const claims: CounterClaim[] = [
    reservedBy,
    ...(exposure === undefined ? [] : [counted]),
    // What adds nothing is not measured: what was sold on spot would be kept by a position that has grown beyond its limit.
    ...(exposure === undefined || !isPositive(exposure.notional) ? [] : accountExposure(exposure, exposure.notional)),
  ];
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
  if (exposure === undefined || !isPositive(exposure.notional)) {
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

/** A share of equity may have more digits than the table can compare: it is cut to the step of the counters. */
const mostOf = (limit: LimitText, equity: Notional): Notional =>
  limit.endsWith('%') ? roundToStep(limitAmount(limit, equity), exposureStep, 'down') : limitAmount(limit, equity);

/** Puts the least of its limits on every counter, and finds the first that has no room. */
function bound(
  claims: readonly CounterClaim[],
  bounds: readonly Bound[],
  { row, figures }: BoundSources,
): Bounds | Denial {
  const claimed = new Set(claims.map(({ counter }) => counter));
  const limited = bounds.filter(
    (each): each is Bound & { limit: LimitText } => each.limit !== undefined && claimed.has(each.counter),
  );
  const isPinned = limited.some(({ limit }) => limit.endsWith('%'));
  const known = isPinned ? figures() : undefined;
  if (known !== undefined && 'code' in known) return known;
  const equity = known === undefined || isNegative(known.equity) ? zeroNotional : known.equity;
  const amounts = limited.map((each) => ({ ...each, most: mostOf(each.limit, equity) }));
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
    const whose = row.account === '*' ? 'the row of all accounts' : "the account's row";
    const message = `${now} (${counter}) is no figure to compare with: ${whose} was lost and made anew`;
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

/** How the row counts one more order: in the minute that it is at, or in a new one; and how many there were in it. */
function nextMinute({ minute: counted }: SourceState = {}, nowMs: number) {
  const minute = Math.floor(nowMs / minuteMs);
  // A clock that is behind another counts where the other does.
  return counted !== undefined && counted.minute >= minute
    ? { minute: counted.minute, isNew: false, orders: counted.orders }
    : { minute, isNew: true, orders: 0 };
}

function minuteDenial({ limits, nowMs }: GateContext, rows: JudgedRows): Denial | undefined {
  const rates = [
    ["the account's", rows.account, limits.account.ordersPerMinuteMax],
    ["the source's", rows.source, limits.source?.ordersPerMinuteMax],
  ] as const;
  for (const [whose, row, most] of rates) {
    const { orders } = nextMinute(row, nowMs);
    if (most === undefined || orders < most) continue;
    return {
      code: 'order_rate_limit',
      message: `${orders} of ${whose} ${most} orders a minute were placed in this one`,
    };
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
  const judgedByLoss = mayOpen(intent) && (dailyLossMax !== undefined || drawdownMax !== undefined);
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
