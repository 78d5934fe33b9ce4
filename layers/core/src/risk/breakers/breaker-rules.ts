/**
 * What each breaker reads out of its figure, and what a figure that is missing means to it:
 *
 * | breaker | figure | missing | trips again after a person let it go on |
 * |---|---|---|---|
 * | `dailyLoss`, `drawdown`, `drift` | an amount, at or beyond its limit | blind | worse by a tenth of the limit |
 * | `rejects` | share of the placements answered in `minutes`, of at least `ordersMin` | blind | those answered since are beyond the limit |
 * | `latency` | the fastest of the last `minutes` probes | blind; silent where the venue answers none, which is `venueHealth`'s | worse by a tenth of the limit |
 * | `priceJump` | the largest change since the look before | blind; silent where there is no look before | worse by a tenth of the limit |
 * | `venueHealth` | how long probes have failed, or reconciliation has met no answer | blind where probes are missing | as long again |
 * | `protection`, `outsider` | orders, differences | blind | another order, another difference |
 *
 * A blind one neither trips nor is calmed. Nothing of the account is judged at a look that its venue did not answer.
 */
import { type LimitText, limitAmount } from '../../config/limit-amount.ts';
import type { BreakerName, BreakersConfig } from '../../config/risk-config.ts';
import { probeAgeMsMax } from '../../health/venue-health.ts';
import {
  add,
  compare,
  isNegative,
  isPositive,
  type Notional,
  notional,
  shareOf,
  subtract,
  zeroNotional,
} from '../../money.ts';
import type { BreakerFigures, Placement, PricePair } from './breaker-figures.ts';
import { blind, level, minuteMs, type Reading, silent, subjects } from './breaker-readings.ts';
import type { BreakerState } from './breaker-state.ts';

/** What is configured of each breaker, as its rule wants it. */
export type BreakerSettings = { [Name in BreakerName]: NonNullable<BreakersConfig[Name]> };
/** The same of those that are configured. */
export const breakerSettings = (
  config: BreakersConfig,
): { [Name in BreakerName]?: BreakerSettings[Name] | undefined } => config;

type Settings<Name extends BreakerName> = BreakerSettings[Name];
type Rule<Name extends BreakerName> = (
  settings: Settings<Name>,
  figures: BreakerFigures,
  state: BreakerState | undefined,
) => Reading;

/** Reads a configured breaker. */
export function readBreaker<Name extends BreakerName>(
  name: Name,
  settings: Settings<Name>,
  [figures, state]: [BreakerFigures, BreakerState | undefined],
): Reading {
  const rule: Rule<Name> = rules[name];
  return rule(settings, figures, state);
}

const rules: { [Name in BreakerName]: Rule<Name> } = {
  dailyLoss: ({ limit }, { isAnswered, marks }, state) => {
    if (!isAnswered) return silent;
    if (marks === undefined) return blind('the equity is not known');
    return loss({ lost: marks.dailyLoss, equity: marks.equity, limit, since: 'since the day began' }, state);
  },
  drawdown: ({ limit }, { isAnswered, marks }, state) => {
    if (!isAnswered) return silent;
    if (marks === undefined) return blind('the equity is not known');
    return loss({ lost: marks.drawdown, equity: marks.equity, limit, since: 'since the highest equity' }, state);
  },
  drift: readDrift,
  rejects: readRejects,
  latency: readLatency,
  priceJump: readPriceJump,
  venueHealth: readVenueHealth,
  protection: ({ minutes }, { nowMs, unprotected }, state) => {
    if (unprotected === undefined) return blind('the open orders are not known');
    const named = unprotected.map(({ orderId, symbol }) => ({ id: orderId, message: `${symbol} (order ${orderId})` }));
    const text = (about: string) => `for ${minutes} min or longer without the stop or targets wanted: ${about}`;
    return subjects(named, { minutes, nowMs, state, text });
  },
  outsider: (_settings, { isAnswered, nowMs, outsiders }, state) => {
    if (!isAnswered) return silent;
    if (outsiders === undefined) return blind('the differences are not known');
    return subjects(outsiders, { minutes: 0, nowMs, state, text: (about) => `somebody else has the key: ${about}` });
  },
};

interface Loss {
  lost: Notional;
  equity: Notional;
  limit: LimitText;
  since: string;
}

/** A share is one of the equity before the loss, as at the gate. */
function loss({ lost, equity, limit, since }: Loss, state: BreakerState | undefined): Reading {
  const most = amountOf(limit, add(equity, lost));
  return level(
    { value: lost, limit: most, message: `${lost} was lost ${since}, and ${most} (${limit}) is the most` },
    state,
  );
}

/** A share of nothing, or of debts, is nothing; one of what is not known is not known. */
const amountOf = (limit: LimitText, base: Notional | undefined): Notional | undefined =>
  limitAmount(limit, base !== undefined && isNegative(base) ? zeroNotional : base);

function readDrift(
  { limit }: Settings<'drift'>,
  { isAnswered, drift, marks }: BreakerFigures,
  state: BreakerState | undefined,
): Reading {
  if (!isAnswered) return silent;
  if (drift === undefined) return blind('the differences are not known');
  const { worth, unvalued } = drift;
  const most = amountOf(limit, marks?.equity);
  const message = `what nothing explains is worth ${worth}, and ${most} (${limit}) is the most`;
  const reading = level({ value: worth, limit: most, message }, state);
  // What can be valued may be enough to trip; it is never enough to say that all is well.
  if (unvalued.length === 0 || (reading.kind === 'told' && reading.isOver)) return reading;
  return blind(`nothing tells what the drift of ${unvalued.join(', ')} is worth`);
}

/**
 * A share cannot grow beyond the whole, so after a person let trading go on, only what was answered since counts; the breaker
 * is armed again when its span of time no longer reaches back before that.
 */
function readRejects(
  { share, ordersMin, minutes }: Settings<'rejects'>,
  { nowMs, placements }: BreakerFigures,
  state: BreakerState | undefined,
): Reading {
  if (placements === undefined) return blind('the recent orders are not known');
  const startMs = nowMs - minutes * minuteMs;
  const most = notional(share.slice(0, -1));
  const all = refusedShare(placements, startMs);
  const isOver = isBeyond(all, { ordersMin, most });
  const fresh = refusedShare(placements, Math.max(startMs, state?.atMs ?? startMs));
  const message = `the exchange refused ${all.refused} of ${all.orders} orders in ${minutes} min, and ${share} is the most`;
  const isCalm = startMs >= (state?.atMs ?? startMs) && !isOver;
  return { kind: 'told', value: all.percent, isOver, isWorse: isBeyond(fresh, { ordersMin, most }), isCalm, message };
}

interface RefusedShare {
  refused: number;
  orders: number;
  percent: Notional;
}

const isBeyond = (
  { orders, percent }: RefusedShare,
  { ordersMin, most }: { ordersMin: number; most: Notional },
): boolean => orders >= ordersMin && compare(percent, most) >= 0;

function refusedShare(placements: readonly Placement[], afterMs: number): RefusedShare {
  const recent = placements.filter(({ atMs }) => atMs > afterMs);
  const refused = recent.filter(({ isRefused }) => isRefused).length;
  const percent = recent.length === 0 ? zeroNotional : shareOf(notional(String(refused)), '100', String(recent.length));
  return { refused, orders: recent.length, percent };
}

/** Probes are made every minute, so the last ones are as many as the minutes. Those that failed were neither fast nor slow. */
function readLatency(
  { milliseconds, minutes }: Settings<'latency'>,
  { nowMs, probes }: BreakerFigures,
  state: BreakerState | undefined,
): Reading {
  const [oldest, ...others] = probes?.slice(-minutes) ?? [];
  const isComplete = others.length === minutes - 1;
  const reachMs = minutes * minuteMs + probeAgeMsMax;
  if (oldest === undefined || !isComplete || nowMs - oldest.atMs > reachMs) {
    return blind(`the venue was not probed in each of the last ${minutes} min`);
  }
  const times = [oldest, ...others].filter(({ status }) => status === 'ok').map(({ latencyMs }) => latencyMs);
  if (times.length === 0) return silent;
  const fastest = notional(String(Math.round(Math.min(...times))));
  const message = `the exchange took ${fastest} ms or longer to answer for ${minutes} min, and ${milliseconds} ms is the most`;
  return level({ value: fastest, limit: notional(String(milliseconds)), message }, state);
}

function readPriceJump(
  { percent }: Settings<'priceJump'>,
  { isAnswered, prices }: BreakerFigures,
  state: BreakerState | undefined,
): Reading {
  if (!isAnswered) return silent;
  if (prices === undefined) return blind('the prices are not known');
  const most = notional(percent.slice(0, -1));
  const jumps = prices.flatMap((pair) => jumpOf(pair) ?? []);
  const missing = prices.filter(({ present }) => present === undefined).map(({ symbol }) => symbol);
  const [largest] = jumps.toSorted((left, right) => compare(right.change, left.change));
  const value = largest?.change ?? zeroNotional;
  const message = `the price of ${largest?.symbol} changed by ${value} % from ${largest?.previous} to ${largest?.present}, and ${percent} is the most`;
  const reading = level({ value, limit: most, message }, state);
  // What can be seen may be enough to trip; it is never enough to say that all is well.
  if (missing.length === 0 || (reading.kind === 'told' && reading.isOver)) return reading;
  return blind(`there is no price of ${missing.join(', ')}`);
}

interface Jump extends PricePair {
  /** Percent, without its sign. */
  change: Notional;
}

function jumpOf({ symbol, previous, present }: PricePair): Jump | undefined {
  if (previous === undefined || present === undefined || !isPositive(previous)) return undefined;
  const [from, to] = [notional(previous), notional(present)];
  const apart = compare(to, from) >= 0 ? subtract(to, from) : subtract(from, to);
  return { symbol, previous, present, change: shareOf(apart, '100', from) };
}

/**
 * The longer of two silences: that of the probes from the first that failed, and that of the account's own questions. A person
 * who lets trading go on gives the venue as long again.
 */
function readVenueHealth(
  { minutes }: Settings<'venueHealth'>,
  { nowMs, probes, silentSinceMs }: BreakerFigures,
  state: BreakerState | undefined,
): Reading {
  const newest = probes?.at(-1);
  const isProbed = newest !== undefined && nowMs - newest.atMs <= probeAgeMsMax;
  if (!isProbed && silentSinceMs === undefined) return blind('the venue was not probed of late');
  const answered = probes?.findLastIndex(({ status }) => status === 'ok') ?? -1;
  const failedSinceMs = isProbed ? probes?.[answered + 1]?.atMs : undefined;
  const sinceMs = Math.min(failedSinceMs ?? nowMs, silentSinceMs ?? nowMs);
  const elapsedMs = Math.max(0, nowMs - sinceMs);
  const isLong = (ms: number): boolean => ms >= minutes * minuteMs;
  return {
    kind: 'told',
    value: String(Math.floor(elapsedMs / minuteMs)),
    isOver: isLong(elapsedMs),
    isWorse: isLong(nowMs - Math.max(sinceMs, state?.atMs ?? sinceMs)),
    isCalm: elapsedMs < minutes * minuteMs * 0.9,
    message: `the exchange has not answered for ${Math.floor(elapsedMs / minuteMs)} min, and ${minutes} min is the most`,
  };
}
